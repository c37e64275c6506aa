//! The runs as one table.

use super::Row;
use crate::cli::calls::table::plain_table;
use crate::cli::say;
use crate::load::Recordings;

/// So many failures are told in words.
const FAILURES: usize = 5;

pub(super) fn print(rows: &[Row]) -> anyhow::Result<()> {
    let mut table = plain_table(&[
        "calls",
        "answered",
        "cpu ms/call-s",
        "KiB/call",
        "sent",
        "lost",
        "twice",
        "reordered",
        "astray",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "recorded",
    ]);
    for row in rows {
        let (callers, agents) = (&row.callers.figures, &row.agents.figures);
        let ways = [&row.callers.delays, &row.agents.delays];
        let worst = |us: fn(&crate::load::Delays) -> u64| {
            let us = ways.iter().map(|delays| us(delays)).max().unwrap_or(0);
            format!("{}.{:02}", us / 1000, us % 1000 / 10)
        };
        table.add_row([
            row.calls.to_string(),
            row.answered.to_string(),
            figure(row.cpu_ms_per_call_second, 3),
            figure(row.memory_kib_per_call, 0),
            (callers.sent + agents.sent).to_string(),
            (callers.lost + agents.lost).to_string(),
            (callers.duplicated + agents.duplicated).to_string(),
            (callers.reordered + agents.reordered).to_string(),
            (callers.astray + agents.astray).to_string(),
            worst(|delays| delays.p50_us),
            worst(|delays| delays.p99_us),
            worst(|delays| delays.p999_us),
            row.recordings
                .as_ref()
                .map_or_else(|| "-".to_owned(), recorded),
        ]);
    }
    say(table)?;
    let failures = rows.iter().flat_map(|row| &row.failures);
    for failure in failures.clone().take(FAILURES) {
        say(failure)?;
    }
    let more = failures.count().saturating_sub(FAILURES);
    if more > 0 {
        say(format!("and {more} more"))?;
    }
    Ok(())
}

fn figure(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

/// The share of what was said that is there, of the side of which less is.
fn recorded(recordings: &Recordings) -> String {
    if recordings.are_complete() {
        return format!("whole ({})", recordings.files);
    }
    let permille = |kept: u64, spoke: u64| (kept * 1000).checked_div(spoke).unwrap_or(0).min(1000);
    let caller = permille(recordings.caller_kept_ms, recordings.caller_spoke_ms);
    let agent = permille(recordings.agent_kept_ms, recordings.agent_spoke_ms);
    let least = caller.min(agent);
    let (files, expected) = (recordings.files, recordings.expected);
    format!("{}.{} % in {files} of {expected}", least / 10, least % 10)
}
