//! RTCP with phones of others (RFC 3550 §6.4): what they report of us, and we of them, is on the row.

use serde_json::Value;

use crate::baresip::Baresip;
use crate::linphone::Linphone;
use crate::peer::Peer;
use crate::score::Score;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER};
use crate::tone::Law;

const PASSWORD: &str = "correct-horse-battery";
const ACCOUNT: (&str, &str) = ("1001", PASSWORD);
/// Packets of the caller's that never come, in the first second.
const LOST: u64 = 10;

fn service(digest: &str) -> Service {
    Site::new()
        .digest(digest)
        .agent_with(1, &format!("password = \"{PASSWORD}\""))
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start()
}

/// A caller of whose packets some are lost talks with the phone until its second report is there:
/// both report every 5 s, and only after our first one can it say when that came.
fn talk(service: &Service) -> Value {
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    let to = caller.talk();
    let tone = caller.voice.speak(to, Law::Pcma, CALLER_HZ);
    caller.voice.hears(AGENT_HZ);
    drop(tone);
    let lost = u32::try_from(20 * LOST).unwrap();
    let score = Score::new(1).tone(Law::Pcma, CALLER_HZ, 400, 20);
    let score = score.lost(lost, 20).tone(Law::Pcma, CALLER_HZ, 17_000, 20);
    score.perform(&caller.voice, to);
    caller.bye();
    service.only_call()
}

/// The figures of the agent's leg hold together with what was sent and lost.
fn check(row: &Value, slack: u64) {
    let legs = row["media"].as_array().unwrap().iter();
    let leg = legs.clone().find(|leg| leg["side"] == "agent").unwrap();
    let figure = |name: &str| {
        leg[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} in {leg}"))
    };
    let lost = figure("lost_at_peer");
    assert!(lost.abs_diff(LOST) <= slack, "{leg:#}");
    // Over loopback; a busy machine takes its time.
    assert!(figure("round_trip_us") < 500_000, "{leg:#}");
    assert!(figure("jitter_at_peer_us") < 500_000, "{leg:#}");
    assert!(
        (100..=450).contains(&figure("mos_at_peer_hundredths")),
        "{leg:#}"
    );
    assert_eq!(figure("lost"), 0, "{leg:#}");
    assert!(figure("received") > 500, "{leg:#}");
    assert!(figure("mos_hundredths") > 300, "{leg:#}");
    // The control: a caller who sends no reports has told us nothing of this.
    let caller = legs.clone().find(|leg| leg["side"] == "caller").unwrap();
    assert!(caller["lost_at_peer"].is_null(), "{caller:#}");
    assert!(caller["round_trip_us"].is_null(), "{caller:#}");
    assert_eq!(caller["lost"], LOST, "{caller:#}");
}

#[test]
fn baresip_reports_what_it_missed_and_how_far_it_is() {
    let service = service("md5");
    let phone = Baresip::start(&service, ACCOUNT, AGENT_HZ);
    let row = talk(&service);
    check(&row, 0);
    phone.leave();
    service.stop();
}

#[test]
fn linphone_reports_what_it_missed_and_how_far_it_is() {
    let service = service("sha256");
    let phone = Linphone::start(&service, service.network().agent(1), ACCOUNT, AGENT_HZ);
    let row = talk(&service);
    check(&row, 0);
    drop(phone);
    service.stop();
}
