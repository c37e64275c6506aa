//! The machine's clock is set by an hour, forwards and back, during a call and between calls.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use thirdring::phone::{Access, Seen};

use crate::handset::Handset;
use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";
const HOUR_US: i64 = 3_600_000_000;

/// The clock that the service sees, beside the real one.
struct WallClock(PathBuf);

impl WallClock {
    fn set(&self, offset: &str) {
        // The service reads the file whenever it looks at the clock: it never sees half of it.
        let new = self.0.with_extension("new");
        std::fs::write(&new, offset).unwrap();
        std::fs::rename(new, &self.0).unwrap();
    }
}

/// A service that believes what this clock says, and has the monotonic clock as it is.
fn service(site: Site) -> (Service, WallClock) {
    let (folder, network) = site.write();
    let clock = WallClock(folder.path().join("clock"));
    clock.set("+0");
    let variables = vec![
        ("LD_PRELOAD", library().into_os_string()),
        ("FAKETIME_TIMESTAMP_FILE", clock.0.clone().into_os_string()),
        ("FAKETIME_NO_CACHE", "1".into()),
        ("DONT_FAKE_MONOTONIC", "1".into()),
    ];
    (Service::start_with(folder, network, variables), clock)
}

fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap();
    let mut folders = folders.map(|folder| folder.unwrap().path());
    let found = folders.find_map(|folder| {
        let library = folder.join("faketime/libfaketimeMT.so.1");
        Path::exists(&library).then_some(library)
    });
    found.expect("libfaketime: install it with `apt-get install libfaketime`")
}

fn us(row: &Value, what: &str) -> i64 {
    row[what]
        .as_i64()
        .unwrap_or_else(|| panic!("no {what} in {row:#}"))
}

/// A talk that lasts a second and a half, in the middle of which something happens. Its length, as
/// its caller knows it: at least, and at most.
fn talk(caller: &mut Peer, phone: &mut Handset, meanwhile: impl FnOnce()) -> (Duration, Duration) {
    caller.forget_dialog();
    let dialled = now();
    caller.dial(NUMBER, caller.plain());
    caller.talk();
    let talking = now();
    phone.sees("in a call", |seen| {
        matches!(seen, Seen::Event(thirdring::phone::Event::Answered))
    });
    meanwhile();
    until("the talk to be long enough to be measured", || {
        (talking.elapsed() >= Duration::from_millis(1500)).then_some(())
    });
    let least = talking.elapsed();
    caller.bye();
    (least, dialled.elapsed())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the caller measures by the real clock"
)]
fn now() -> Instant {
    Instant::now()
}

/// Threat: clock jump. Durations are those that the caller saw, registrations survive, and the
/// rows' dates show that the clock was seen to jump.
#[test]
fn a_clock_that_jumps_by_an_hour_changes_dates_and_nothing_else() {
    let password = "correct-horse-battery";
    let line = Line::new("hotline", NUMBER, &[1]);
    let site = Site::new().agent_with(1, &format!("password = \"{password}\""));
    let (service, clock) = service(site.line(&line));
    let network = service.network();
    let mut caller = Peer::deaf(network.trunk(), network);
    let server = network.signalling();
    let mut phone = Handset::agent(("1001", password), server, Access::Udp);

    let lengths = [
        talk(&mut caller, &mut phone, || clock.set("+3600")),
        talk(&mut caller, &mut phone, || {}),
        talk(&mut caller, &mut phone, || clock.set("+0")),
        talk(&mut caller, &mut phone, || clock.set("-3600")),
        talk(&mut caller, &mut phone, || {}),
    ];
    // Rows are listed by their dates.
    let mut rows = service.ended(lengths.len());
    rows.sort_by_key(|row| row["id"].as_str().map(str::to_owned));
    let jumps = [HOUR_US, 0, -HOUR_US, -HOUR_US, 0];
    let mut found = Vec::new();
    for jump in jumps {
        let index = rows.iter().position(|row| {
            let by = us(row, "ended_at") - us(row, "answered_at");
            (by - jump).abs() < HOUR_US / 2
        });
        found.push(rows.remove(index.expect("a row whose dates have jumped so")));
    }
    for row in &found {
        assert_eq!(row["outcome"], "answered");
        let talk_ms = Duration::from_millis(row["talk_ms"].as_u64().unwrap() + 1);
        assert!(
            lengths
                .iter()
                .any(|(least, most)| *least <= talk_ms
                    && talk_ms <= *most + Duration::from_millis(1)),
            "{talk_ms:?} of {lengths:?}"
        );
    }
    assert_eq!(phone.registrations(), 1, "nothing made it register again");
    assert!((service.metric("thirdring_registrations") - 1.0).abs() < 0.1);
    phone.stop();
    service.stop();
}
