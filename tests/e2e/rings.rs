//! Answers in each of the rings 1 to 6 of the Chinese cadence, in real time, graded by every
//! profile: 48 lines, 48 calls, side by side.

use std::time::Duration;

use serde_json::Value;

use crate::sipp::{Sipp, play};
use crate::site::{Line, Site};

/// A profile, and what an answer in the middle of ring 1, 2, 3, 4, 5 and 6 is worth by it: at
/// 2.5, 7.5, 12.5, 17.5, 22.5 and 27.5 s.
const GRADES: [(&str, [&str; 6]); 8] = [
    (
        "within_3",
        [ON_TARGET, ON_TARGET, ON_TARGET, LATE, LATE, LATE],
    ),
    (
        "within_3_strict",
        [ON_TARGET, ON_TARGET, LATE, LATE, LATE, LATE],
    ),
    (
        "between_2_and_3",
        ["early", ON_TARGET, ON_TARGET, LATE, LATE, LATE],
    ),
    (
        "after_2_before_3",
        ["early", ON_TARGET, LATE, LATE, LATE, LATE],
    ),
    ("before_3", [ON_TARGET, ON_TARGET, LATE, LATE, LATE, LATE]),
    ("at_2", ["acceptable", ON_TARGET, LATE, LATE, LATE, LATE]),
    (
        "max_5",
        [ON_TARGET, ON_TARGET, ON_TARGET, ON_TARGET, ON_TARGET, LATE],
    ),
    (
        "immediate",
        [ON_TARGET, "acceptable", "acceptable", LATE, LATE, LATE],
    ),
];
const ON_TARGET: &str = "on_target";
const LATE: &str = "late";
const RINGS: std::ops::RangeInclusive<u8> = 1..=6;

/// R001, R002, R003, R004, R005, R006, R007: the ring of the answer, and its grade by each profile. R022: every line has its
/// own number, profile and agents.
#[test]
fn an_answer_in_each_ring_is_graded_by_each_profile() {
    let mut site = Site::new();
    for ring in RINGS {
        let contact = crate::loopback::sip(site.network().agent(ring));
        let keys = format!("contact = \"{contact}\"\nmax_calls = {}", GRADES.len());
        site = site.agent_with(ring, &keys);
    }
    for (number, profile, ring) in calls() {
        let line = Line::new(&format!("{profile}-{ring}"), &number, &[ring])
            .in_real_time()
            .with("profile", &format!("\"{profile}\""))
            .with("attempt_rings", "{ shared = 7, last = 8 }");
        site = site.line(&line);
    }
    let service = site.start();
    let network = service.network();

    let phones: Vec<_> = RINGS
        .map(|ring| {
            Sipp::new("agent", network.agent(ring))
                .with("ring_ms", ring_ms(ring))
                .calls(GRADES.len())
                .start(&service)
        })
        .collect();
    let trunk = Sipp::new("caller", network.trunk())
        .dial_each(calls().map(|(number, _, _)| number).collect())
        .start(&service);
    trunk.finish();
    for phone in phones {
        phone.finish();
    }

    let rows = service.ended_within(Duration::from_mins(1), calls().count());
    for (number, profile, ring) in calls() {
        let row = rows.iter().find(|row| row["dialled"] == *number).unwrap();
        let grades = GRADES.iter().find(|(name, _)| *name == profile).unwrap().1;
        let grade = grades[usize::from(ring) - 1];
        check(row, profile, ring, grade);
    }
    service.stop();
}

/// R010: a phone that is picked up at once talks with the caller when it has rung for the line's least
/// time; the row keeps both, when it was picked up and when the caller was connected.
#[test]
fn an_answer_in_a_hurry_waits_for_the_least_time_of_ringing() {
    let line = Line::new("hotline", "4001234567", &[1]).with("min_ring", "\"2s\"");
    let service = Site::new().agent(1).line(&line).start();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1)).with("ring_ms", 100);
    let caller = Sipp::new("caller", network.trunk()).dial("4001234567");
    let row = play(&service, phone, caller);
    assert_eq!(row["outcome"], "answered", "{row:#}");
    assert_eq!(row["profile"]["min_ring_ms"], 2_000, "{row:#}");
    let rang_ms = |value: &Value| value.as_u64().unwrap();
    let caller_ms = rang_ms(&row["caller_ring_ms"]);
    assert!(caller_ms >= 2_000, "{row:#}");
    assert!(
        rang_ms(&row["attempts"][0]["agent_ring_ms"]) <= caller_ms,
        "{row:#}"
    );
    service.stop();
}

fn check(row: &Value, profile: &str, ring: u8, grade: &str) {
    let told = format!("{profile}, ring {ring}: {row:#}");
    assert_eq!(row["outcome"], "answered", "{told}");
    assert_eq!(row["line"], format!("{profile}-{ring}"), "{told}");
    assert_eq!(row["profile"]["name"], profile, "{told}");
    assert_eq!(row["rings"], ring, "{told}");
    assert_eq!(row["grade"], grade, "{told}");
    assert_eq!(row["late_answer"], grade == LATE, "{told}");
    assert_eq!(row["ringback"], "network", "{told}");
    assert_eq!(row["cadence"]["on_ms"], 1000, "{told}");
    let measured = row["caller_ring_ms"].as_u64().unwrap();
    assert!(measured.abs_diff(ring_ms(ring)) < 1000, "{told}");
}

/// In the middle of a ring.
fn ring_ms(ring: u8) -> u64 {
    u64::from(ring) * 5000 - 2500
}

/// Number, profile and ring of each call.
fn calls() -> impl Iterator<Item = (String, &'static str, u8)> {
    let profiles = GRADES.iter().enumerate();
    profiles.flat_map(|(n, (profile, _))| {
        RINGS.map(move |ring| (format!("4000{n}{ring}"), *profile, ring))
    })
}
