//! What a process has used of the machine, as `/proc` tells it.

use std::fs;
use std::time::Duration;

/// A clock tick of `/proc/PID/stat` (its manual page is `proc_pid_stat(5)`): the kernel gives user space 100 a second on
/// every architecture that Rust runs on.
const TICK: Duration = Duration::from_millis(10);
/// The place of utime behind the process's name, which ends with the last parenthesis.
const UTIME: usize = 11;

/// A process's use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time since its start.
    pub cpu: Duration,
    /// Memory that it occupies, in KiB.
    pub memory_kib: u64,
}

/// What the process has used so far; `None` if there is no such process.
pub fn usage(pid: u32) -> Option<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(Usage {
        cpu: cpu_of(&stat)?,
        memory_kib: memory_of(&status)?,
    })
}

fn cpu_of(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_ascii_whitespace().skip(UTIME).take(2);
    let ticks: Vec<u32> = ticks.filter_map(|field| field.parse().ok()).collect();
    let [user, system] = ticks[..] else {
        return None;
    };
    Some(TICK * user.checked_add(system)?)
}

fn memory_of(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proc_says_is_read_whatever_the_process_is_called() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 7 7 20 0 9 0 1 2";
        assert_eq!(cpu_of(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu_of("42 (a) S"), None);
        assert_eq!(memory_of("Name:\ta\nVmRSS:\t   2048 kB\n"), Some(2048));
        assert_eq!(memory_of("Name:\ta\n"), None);
    }

    #[test]
    fn this_process_has_used_something_and_none_has_used_nothing() {
        assert!(usage(std::process::id()).is_some_and(|used| used.memory_kib > 100));
        assert_eq!(usage(u32::MAX), None);
    }
}
