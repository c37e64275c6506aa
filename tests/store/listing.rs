//! The log on the command line: the real program on a real configuration file.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use thirdring::call::EventKind;
use thirdring::call::event::{
    GapCause, HangupParty, LegQuality, Outcome, RecordingGap, Side, TransferKind, TransferResult,
    TransferTarget,
};

use thirdring::store::Store;

use crate::fixture::{Database, Story};

/// A folder with a configuration that names the database.
pub(crate) struct Site(tempfile::TempDir);

impl Site {
    pub(crate) fn new(database: &Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            r#"
            [database]
            url = "{}"
            [[sip.listener]]
            address = "127.0.0.1:0"
            [media]
            address = "127.0.0.1"
            allow_loopback = true
            [[trunk]]
            name = "carrier"
            addresses = ["127.0.0.1"]
            peers = ["127.0.0.1:5080"]
            [[agent]]
            extension = "1001"
            name = "Li"
            password = "0123456789abcdef"
            [[line]]
            name = "hotline"
            numbers = ["4001234567"]
            agents = ["1001"]
            purposes = [
                {{ code = "consultation", name = "咨询" }},
                {{ code = "complaint", name = "投诉" }},
            ]
            default_purpose = "consultation"
            "#,
            database.url
        );
        std::fs::write(folder.path().join("thirdring.toml"), config).unwrap();
        Self(folder)
    }

    /// Adds to the configuration.
    pub(crate) fn configure(&self, text: &str) {
        let file = self.0.path().join("thirdring.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, format!("{config}\n{text}")).unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        thirdring(self.0.path(), arguments)
    }

    /// What the program prints; it must succeed.
    pub(crate) fn print(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.print(arguments)).unwrap()
    }

    /// What the program complains of; it must exit with 1.
    fn complain(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

fn thirdring(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_thirdring"))
        .args(arguments)
        .current_dir(folder)
        .env("USER", "li")
        .output()
        .unwrap()
}

/// A call with one of everything.
fn transferred() -> Story {
    let gap = RecordingGap {
        channel: 1,
        from_ms: 1_500,
        length_ms: 40,
        concealed_ms: 0,
        cause: GapCause::Lost,
    };
    let notice = EventKind::NoticeStarted {
        file: "recording-notice.wav".to_owned(),
        sha256: "cd".repeat(32),
        length_ms: 3_200,
    };
    let heard = EventKind::NoticeEnded {
        heard_ms: 3_200,
        complete: true,
    };
    let quality = LegQuality {
        received: 500,
        sent: 501,
        lost: 2,
        jitter_us: 1_250,
        srtp_dropped: Some(3),
        codec: Some(thirdring::sdp::Codec::Pcma),
        round_trip_us: Some(42_100),
        lost_at_peer: Some(7),
        jitter_at_peer_us: Some(3_300),
        mos_hundredths: Some(433),
        mos_at_peer_hundredths: Some(402),
        silent_ms: 4_000,
    };
    let media = EventKind::MediaClosed {
        side: Side::Caller,
        quality,
    };
    let story = Story::new(1).arrived().purpose("consultation").ringing();
    let story = story.answered(16_000);
    let outside = story.party(2, "13900001111", None);
    let requested = EventKind::TransferRequested {
        transfer: 1,
        kind: TransferKind::Blind,
        by: "1001".into(),
        target: TransferTarget::Number(outside.id),
        consult: None,
    };
    let result = EventKind::TransferEnded {
        transfer: 1,
        result: TransferResult::Answered,
    };
    let mut story = story.then(16_500, notice).then(19_700, heard);
    story = story.then(21_000, requested);
    story.entries.last_mut().unwrap().parties.push(outside);
    let story = story
        .then(23_000, result)
        .hung_up(40_000, HangupParty::Caller);
    let story = story.ended(40_000, Outcome::Answered).then(40_001, media);
    story.sealed(40_200, vec![gap])
}

/// The list, and its filters.
fn assert_listed(site: &Site) {
    let table = site.print(&["calls"]);
    assert_eq!(table.matches("hotline").count(), 2, "{table}");
    for column in [
        "2026-11-21 16:00:01",
        "consultation",
        "~4",
        "late",
        "answered",
        "1001",
    ] {
        assert!(table.contains(column), "{column} is not in\n{table}");
    }
    for (arguments, count) in [
        (&["calls", "--json", "--outcome", "abandoned"][..], 1),
        (&["calls", "--json", "--grade", "late"], 1),
        (&["calls", "--json", "--purpose", "consultation"], 1),
        (&["calls", "--json", "--line", "front_desk"], 0),
        (
            &[
                "calls",
                "--json",
                "--from",
                "2026-11-21",
                "--to",
                "2026-11-21",
            ],
            2,
        ),
        (&["calls", "--json", "--from", "2026-11-21T16:01"], 1),
        (&["calls", "--json", "--to", "2026-11-21T08:01:00Z"], 1),
        (&["calls", "--json", "--limit", "1"], 1),
        (&["calls", "--json", "--category", "consultation"], 1),
        (&["calls", "--json", "--transferred"], 1),
        (&["calls", "--json", "--hangup-party", "caller"], 1),
        (&["calls", "--json", "--flags", "late,unclosed"], 1),
        (&["calls", "--json", "--number", "138 0000 5678"], 2),
        (&["calls", "--json", "--direction", "out"], 0),
        (&["calls", "--json", "--text", "nothing"], 0),
        (&["calls", "--json", "--sort", "talk", "--ascending"], 1),
    ] {
        let calls = site.json(arguments);
        assert_eq!(calls.as_array().unwrap().len(), count, "{arguments:?}");
    }
    let wrong = site.run(&["calls", "--grade", "good"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        String::from_utf8(wrong.stderr)
            .unwrap()
            .contains("`on_target`")
    );
}

/// The whole log as a sheet, which is audited (R081, R232).
async fn assert_taken_out(site: &Site, store: &Store) {
    let sheet = site.print(&["calls", "--csv"]);
    assert!(sheet.starts_with("\u{feff}id,arrived_at,"), "{sheet}");
    assert_eq!(sheet.lines().count(), 3, "{sheet}");
    let audited = store.audited(None, 10).await.unwrap();
    assert_eq!(
        (audited[0].action.as_str(), audited[0].actor.as_str()),
        ("calls.export", "li")
    );
}

pub(crate) async fn commands(database: Database) {
    let store = database.store().await;
    let call = transferred().store(&store).await.call.to_string();
    Story::new(90)
        .arrived()
        .ringing()
        .ended(6_000, Outcome::Abandoned)
        .store(&store)
        .await;
    let site = Site::new(&database);

    assert_listed(&site);
    assert_taken_out(&site, &store).await;

    // The purpose, and then everything about the call.
    let changed = [
        "calls",
        "purpose",
        &call,
        "complaint",
        "--reason",
        "asked again",
    ];
    assert!(site.print(&changed).contains("complaint (version 2)"));
    let refused = site.complain(&["calls", "purpose", &call, "weather"]);
    assert!(refused.contains("consultation, complaint"), "{refused}");
    let sheet = site.print(&["calls", "show", &call[..18]]);
    for fact in [
        "138****5678 王小明",
        "complaint (version 2, by li,",
        "asked again",
        "consultation (version 1, by system,",
        "~4 (16.0 s)",
        "late by profile within_3",
        "recording-notice.wav at 2026-11-21 16:00:17.500 +08:00, heard 3.2 s of 3.2 s, complete",
        "139****1111",
        "blind",
        "hang-up      caller",
        &"ab".repeat(32),
        "10.0 s, 320044 bytes, 1 gaps",
        "gap right at 1500 ms for 40 ms: lost",
        "caller: 500 packets received, 501 sent, 2 lost, jitter 1.2 ms",
        "PCMA, round trip 42.1 ms, MOS 4.33, at the peer 7 lost, jitter 3.3 ms, MOS 4.02, \
         silent for 4.0 s",
        "+21.000 s",
        "transfer requested",
    ] {
        assert!(sheet.contains(fact), "{fact} is not in\n{sheet}");
    }
    let detail = site.json(&["calls", "show", &call, "--json"]);
    assert_eq!(detail["purposes"][1]["code"], "complaint");
    assert_eq!(detail["transfers"][0]["result"], "answered");
    assert_eq!(detail["recording"]["sha256"], "ab".repeat(32));
    assert_eq!(detail["events"][0]["kind"], "arrived");

    // What is not there, and what is not clear.
    let nobody = site.complain(&["calls", "show", "ffff"]);
    assert!(nobody.contains("there is no call `ffff`"), "{nobody}");
    let several = site.complain(&["calls", "show", &call[..4]]);
    assert!(several.contains("several calls"), "{several}");
    assert!(
        site.print(&["rebuild"])
            .contains("2 calls read, 0 put right")
    );
}

pub(crate) async fn masked(database: Database) {
    let store = database.store().await;
    let story = transferred().store(&store).await;
    let call = story.call.to_string();
    let site = Site::new(&database);
    for arguments in [
        &["calls"][..],
        &["calls", "--json"],
        &["calls", "--csv"],
        &["calls", "show", &call],
        &["calls", "show", &call, "--json"],
    ] {
        let masked = site.print(arguments);
        for number in ["13800005678", "13900001111"] {
            assert!(!masked.contains(number), "{number} is in\n{masked}");
        }
        assert!(masked.contains("138****5678"), "{masked}");
        let shown = site.print(&[arguments, &["--numbers"]].concat());
        assert!(shown.contains("13800005678"), "{shown}");
    }
}
