//! Whom a matter goes to: up the chain, to the police, and how often from hand to hand.

use thirdring::call::QualityDesk;
use thirdring::call::doing::QualityOffer;
use thirdring::call::event::TransferTarget;
use thirdring::rules::{Rung, Stage, StageLimits, Team, Teams};
use thirdring::switch::EmergencyContact;

use super::*;

/// 1001 is led by 1002, and the manager of both is 1009.
fn led() -> Desk {
    floor_of(|settings| {
        let rung = |level, who: &str| Rung {
            level,
            who: who.to_owned(),
        };
        settings.desk.teams = Teams(vec![Team {
            name: "early".to_owned(),
            agents: vec!["1001".to_owned()],
            chain: vec![
                rung(Level::ShiftLeader, "1002"),
                rung(Level::Manager, "1009"),
            ],
        }]);
    })
}

fn to_manager(urgent: bool) -> CallCommand {
    CallCommand::Escalate(Escalation {
        level: Some(Level::Manager),
        urgent,
        reason: Some("a gas leak".to_owned()),
    })
}

/// R116, R275: the key asks the next one in the agent's chain, before anybody whom the line names.
#[test]
fn the_key_asks_the_next_one_in_the_chain() {
    let mut desk = led();
    let mut talk = desk.talk();
    desk.does(CallCommand::Escalate(Escalation::default()));
    desk.picks_up(SECOND);
    desk.none(LEADER, "INVITE");
    desk.ends(&mut talk, &[AGENT, SECOND]);
    let [escalated] = desk.first_row().desk.escalations.try_into().expect("one");
    assert_eq!(escalated.to, Some("1002".into()));
    assert_eq!(escalated.level, Some(Level::ShiftLeader));
    assert!(!escalated.urgent && escalated.skipped.is_empty());
}

/// R116: a level is skipped by what is urgent only, and whoever is skipped is told, on the row too.
#[test]
fn only_an_urgent_matter_skips_a_level_and_tells_it() {
    let mut desk = led();
    let mut talk = desk.talk();
    desk.attentions();
    let refused = desk.about_call(agent("1001"), to_manager(false));
    assert_eq!(refused, Err(Refused::SkipsLevel));
    assert_eq!(desk.attentions(), []);
    desk.none(LEADER, "INVITE");
    let nobody = CallCommand::Escalate(Escalation {
        level: Some(Level::Director),
        urgent: true,
        reason: None,
    });
    let refused = desk.about_call(agent("1001"), nobody);
    assert_eq!(refused, Err(Refused::NoSuchTarget));
    desk.does(to_manager(true));
    let told = Attention::Escalated {
        agent: "1001".into(),
        to: Some("1009".into()),
        level: Some(Level::Manager),
        urgent: true,
        skipped: vec!["1002".into()],
    };
    assert_eq!(desk.attentions(), [told]);
    desk.picks_up(LEADER);
    desk.ends(&mut talk, &[AGENT, LEADER]);
    let [escalated] = desk.first_row().desk.escalations.try_into().expect("one");
    assert_eq!(escalated.skipped, ["1002".into()]);
    assert_eq!(escalated.reason.as_deref(), Some("a gas leak"));
}

/// Police at a number, by no trunk of its own; nobody of the line may be passed on anywhere.
fn with_police() -> Desk {
    floor_of(|settings| {
        settings.desk.emergencies = vec![
            EmergencyContact {
                name: "police".to_owned(),
                to: PassTo::Number("110".to_owned()),
                trunks: Vec::new(),
            },
            EmergencyContact {
                name: "guard".to_owned(),
                to: PassTo::Agent("1002".into()),
                trunks: Vec::new(),
            },
        ];
        for line in &mut settings.lines {
            Arc::make_mut(line).transfer = thirdring::switch::TransferPolicy::default();
        }
        settings.outbound.clear();
    })
}

fn emergency(contact: &str) -> CallCommand {
    CallCommand::Emergency(contact.to_owned())
}

/// R281: one key puts the caller through to the police although neither line nor agent may call any
/// number outside; it is in the events, and the row is flagged.
#[test]
fn one_key_reaches_the_police_whatever_the_policies_say() {
    let mut desk = with_police();
    let mut talk = desk.talk();
    desk.passes(seconds(7));
    desk.attentions();
    let refused = desk.about_call(agent("1001"), emergency("coastguard"));
    assert_eq!(refused, Err(Refused::NoSuchTarget));
    // The control: another number is forbidden.
    desk.does(CallCommand::Transfer(PassTo::Number("114".to_owned())));
    desk.none(OUTSIDE, "INVITE");
    desk.does(emergency("police"));
    let told = Attention::Emergency {
        agent: "1001".into(),
        contact: "police".to_owned(),
    };
    assert_eq!(desk.attentions(), [told]);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    assert_eq!(invite.uri.user_unescaped().as_deref(), Some("110"));
    desk.picks_up_with(OUTSIDE, &invite);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[OUTSIDE]);
    let row = desk.first_row();
    assert!(row.was_emergency());
    let called: Vec<_> = row
        .desk
        .emergencies
        .iter()
        .map(|it| it.contact.as_str())
        .collect();
    assert_eq!(called, ["police"]);
    let decisions: Vec<_> = row
        .outbound
        .iter()
        .map(|it| (it.emergency, it.refused))
        .collect();
    assert_eq!(
        decisions,
        [(false, Some(OutboundRefusal::Prefix)), (true, None)]
    );
}

/// R281: a phone's own REFER to the police's number is told as the key is; to another number it is not.
#[test]
fn a_phone_that_passes_a_caller_on_to_the_police_is_told_as_the_key_is() {
    let mut desk = with_police();
    let mut talk = desk.talk();
    desk.attentions();
    for number in ["114", "110"] {
        desk.asks(&mut talk.agent, Method::REFER, AGENT, |refer| {
            let to = format!("<sip:{number}@192.0.2.1>");
            refer.headers.set("Refer-To", to);
            refer.headers.set("Contact", format!("<sip:x@{AGENT}>"));
        });
        desk.response(AGENT, 202);
    }
    let told = Attention::Emergency {
        agent: "1001".into(),
        contact: "police".to_owned(),
    };
    assert_eq!(desk.attentions(), [told]);
    desk.picks_up(OUTSIDE);
    let row = desk.first_row();
    let called = row.desk.emergencies.iter();
    let called: Vec<_> = called
        .map(|it| (it.by.0.as_str(), it.contact.as_str()))
        .collect();
    assert_eq!(called, [("1001", "police")]);
}

/// R281: a contact of our own is reached although the line passes nobody on; if nobody answers, the
/// caller is back with the agent.
#[test]
fn an_emergency_contact_that_does_not_answer_gives_the_caller_back() {
    let mut desk = with_police();
    let mut talk = desk.talk();
    desk.does(CallCommand::Transfer(PassTo::Agent("1009".into())));
    desk.none(LEADER, "INVITE");
    desk.does(emergency("guard"));
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.ends(&mut talk, &[AGENT]);
    let row = desk.first_row();
    let targets: Vec<_> = row
        .transfers
        .iter()
        .map(|it| (&it.target, it.result))
        .collect();
    let agent = |who: &str| TransferTarget::Agent(who.into());
    assert_eq!(
        targets,
        [
            (&agent("1009"), Some(TransferResult::Forbidden)),
            (&agent("1002"), Some(TransferResult::Refused)),
        ]
    );
    assert!(row.was_emergency());
}

/// Passes the caller on to `to`, who answers at `peer`; whoever had the call before goes.
fn goes_to(desk: &mut Desk, by: &str, to: &str, (from, peer): (SocketAddr, SocketAddr)) {
    let order = CallCommand::Transfer(PassTo::Agent(to.into()));
    assert_eq!(desk.about_call(agent(by), order), Ok(Done::Accepted));
    desk.picks_up(peer);
    desk.is_sent_away(from);
}

/// R119: how soon and how often a caller was passed on is on the row, and once more than the line has it
/// is flagged and told.
#[test]
fn who_is_passed_on_too_often_is_flagged() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.passes(seconds(5));
    // What nobody took is no passing on.
    desk.does(CallCommand::Transfer(PassTo::Number("139000".to_owned())));
    goes_to(&mut desk, "1001", "1002", (AGENT, SECOND));
    goes_to(&mut desk, "1002", "1009", (SECOND, LEADER));
    desk.attentions();
    assert!(!desk.first_row().desk.passed_on_often);
    goes_to(&mut desk, "1009", "1002", (LEADER, SECOND));
    let often: Vec<_> = desk
        .attentions()
        .into_iter()
        .filter(|what| matches!(what, Attention::PassedOnOften { transfers: 3 }))
        .collect();
    assert_eq!(often.len(), 1);
    goes_to(&mut desk, "1002", "1009", (SECOND, LEADER));
    desk.ends(&mut talk, &[LEADER]);
    let row = desk.first_row();
    assert!(row.desk.passed_on_often);
    assert_eq!((row.times_passed_on(), row.transfers.len()), (4, 5));
    let after_ms = row.passed_on_after_ms().expect("a time");
    assert!((5_000..6_000).contains(&after_ms), "{after_ms}");
}

/// R108: who complains is put through to quality management, or told its number; which, is on the row.
#[test]
fn quality_management_is_offered_and_what_was_done_is_kept() {
    let offer = CallCommand::OfferQuality;
    let quality = |number: Option<&str>| QualityDesk {
        name: "quality".to_owned(),
        number: number.map(str::to_owned),
        to: Some(PassTo::Agent("1002".into())),
    };
    let mut desk = floor_with(|line| line.manners.quality_desk = Some(quality(None)));
    let mut talk = desk.talk();
    let told = desk.about_call(agent("1001"), offer(QualityOffer::NumberTold));
    assert_eq!(told, Err(Refused::NoSuchTarget));
    desk.does(offer(QualityOffer::Transferred));
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[SECOND]);
    assert_eq!(
        desk.first_row().desk.quality,
        Some(QualityOffer::Transferred)
    );

    let mut desk = floor_with(|line| line.manners.quality_desk = Some(quality(Some("8008"))));
    let mut talk = desk.talk();
    desk.does(offer(QualityOffer::NumberTold));
    desk.none(SECOND, "INVITE");
    desk.ends(&mut talk, &[AGENT]);
    assert_eq!(
        desk.first_row().desk.quality,
        Some(QualityOffer::NumberTold)
    );

    let mut desk = floor();
    let mut talk = desk.talk();
    let nobody = desk.about_call(agent("1001"), offer(QualityOffer::Declined));
    assert_eq!(nobody, Err(Refused::NoSuchTarget));
    desk.ends(&mut talk, &[AGENT]);
    assert_eq!(desk.first_row().desk.quality, None);
}

/// R052: a talk that is longer than the line allows is flagged, for whoever checks the quality.
#[test]
fn a_long_talk_is_flagged() {
    for (limit, is_long) in [(Some(seconds(60)), true), (None, false)] {
        let mut desk = floor_with(|line| {
            line.manners.limits = StageLimits {
                talk: limit,
                hold: Some(seconds(5)),
                ..StageLimits::default()
            };
        });
        let mut talk = desk.talk();
        desk.does(CallCommand::PutOnHold { reason: None });
        desk.passes(seconds(10));
        desk.does(CallCommand::Retrieve);
        desk.passes(seconds(90));
        desk.ends(&mut talk, &[AGENT]);
        let row = desk.first_row();
        assert_eq!(row.talked_long(), is_long);
        assert!(row.stages_exceeded().contains(&Stage::Hold));
    }
}
