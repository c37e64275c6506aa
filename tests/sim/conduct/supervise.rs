//! Supervisors beside a call, and the key that asks for one.

use super::*;

/// R066: a supervisor hears both and nobody hears the supervisor; whispers to the agent only; speaks
/// with both; and leaves the call as it was.
#[test]
fn a_supervisor_listens_whispers_barges_and_leaves() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::RaiseHand(true));
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    let hands = |raised| Attention::Hand {
        agent: "1001".into(),
        raised,
    };
    assert_eq!(desk.attentions(), [hands(true), hands(false)]);
    let heard = |desk: &Desk| [0, 1, 2].map(|leg| desk.ears().hears(leg));
    assert_eq!(heard(&desk), [legs(&[1]), legs(&[0]), legs(&[0, 1])]);
    let turn = |mode| CallCommand::TurnSupervision(mode);
    let answer = desk.about_call(agent("1002"), turn(WHISPER));
    assert_eq!(answer, Err(Refused::NotYours));
    for by in [agent("1009"), user()] {
        let mode = if by == user() { BARGE } else { WHISPER };
        assert_eq!(desk.about_call(by, turn(mode)), Ok(Done::Accepted));
        let caller = if mode == BARGE {
            legs(&[1, 2])
        } else {
            legs(&[1])
        };
        assert_eq!(heard(&desk), [caller, legs(&[0, 2]), legs(&[0, 1])]);
    }
    assert_eq!(desk.supervise(LISTEN), Err(Refused::WrongState));
    let stop = desk.about_call(agent("1009"), CallCommand::StopSupervising);
    assert_eq!(stop, Ok(Done::Accepted));
    desk.is_sent_away(LEADER);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.ends(&mut talk, &[AGENT]);
    let supervision = desk.first_row().desk.supervisions.remove(0);
    assert_eq!(supervision.modes, [LISTEN, WHISPER, BARGE]);
    assert_eq!(supervision.by, "li");
    assert!(supervision.joined_at.is_some() && supervision.left_at.is_some());
}

/// R066: when the call has gone to somebody else, the hand is lowered, and it is whose it was.
#[test]
fn the_hand_that_is_lowered_is_whose_it_was() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::RaiseHand(true));
    desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    let hand = |raised| Attention::Hand {
        agent: "1001".into(),
        raised,
    };
    assert_eq!(desk.attentions(), [hand(true), hand(false)]);
    let raised = |agent: &str| Doing::HandRaised {
        by: agent.into(),
        raised: false,
    };
    assert!(desk.did(&raised("1001")) && !desk.did(&raised("1002")));
    desk.ends(&mut talk, &[SECOND]);
}

/// A supervisor who hangs up, or never answers, leaves no trace in the talk.
#[test]
fn a_supervisor_who_hangs_up_changes_nothing() {
    let mut desk = floor();
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(BARGE), Ok(Done::Accepted));
    let mut leader = desk.picks_up(LEADER);
    desk.asks(&mut leader, Method::BYE, LEADER, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    let invite = desk.request(LEADER, &Method::INVITE);
    desk.answers(&invite, 486, "busy", LEADER, |_| {});
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    // Rung when the caller hangs up.
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    let invite = desk.request(LEADER, &Method::INVITE);
    desk.answers(&invite, 180, "rings", LEADER, |_| {});
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    let cancel = desk.request(LEADER, &Method::CANCEL);
    desk.answers(&cancel, 200, "rings", LEADER, |_| {});
    desk.answers(&invite, 487, "rings", LEADER, |_| {});
    desk.is_sent_away(AGENT);
    desk.nothing_is_left();
    let never = desk.first_row().desk.supervisions.remove(1);
    assert_eq!(never.joined_at, None);
}

/// A supervisor takes the call over: the agent is free, and the caller hears the supervisor.
#[test]
fn a_supervisor_takes_over() {
    let mut desk = floor();
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(WHISPER), Ok(Done::Accepted));
    let early = desk.about_call(agent("1009"), CallCommand::TakeOver);
    assert_eq!(early, Err(Refused::WrongState));
    desk.picks_up(LEADER);
    let taken = desk.about_call(agent("1009"), CallCommand::TakeOver);
    assert_eq!(taken, Ok(Done::Accepted));
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    assert_eq!(desk.ears().hears(2), legs(&[0]));
    let answer = desk.about_call(agent("1001"), CallCommand::Mute(true));
    assert_eq!(answer, Err(Refused::NotYours));
    desk.ends(&mut talk, &[LEADER]);
    assert!(desk.first_row().desk.supervisions.remove(0).took_over);
}

/// R066: in a call that the agent has made, too, it is the agent who is whispered to and whose place
/// is taken; the customer stays.
#[test]
fn a_supervisor_stands_by_an_agent_who_has_called_out() {
    let mut desk = floor();
    let began = desk.ask(agent("1001"), dial("01061234567"));
    assert!(matches!(began, Ok(Done::Began(_))));
    desk.picks_up(AGENT);
    let mut customer = desk.picks_up(OUTSIDE);
    assert_eq!(desk.supervise(WHISPER), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    assert_eq!(desk.ears().hears(0), legs(&[1, 2]), "the agent");
    assert_eq!(desk.ears().hears(1), legs(&[0]), "the customer");
    let taken = desk.about_call(agent("1009"), CallCommand::TakeOver);
    assert_eq!(taken, Ok(Done::Accepted));
    desk.is_sent_away(AGENT);
    desk.none(OUTSIDE, "BYE");
    assert_eq!(desk.ears().hears(1), legs(&[2]));
    desk.asks(&mut customer, Method::BYE, OUTSIDE, |_| {});
    desk.is_sent_away(LEADER);
    desk.nothing_is_left();
    assert!(desk.first_row().desk.supervisions.remove(0).took_over);
}

/// An agent who hangs up while the supervisor speaks with the caller leaves the caller to the
/// supervisor.
#[test]
fn a_supervisor_who_speaks_goes_on_alone() {
    let mut desk = floor();
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(BARGE), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[LEADER]);
}

/// A supervisor stays beside a call that is held, asked about and passed on.
#[test]
fn a_supervisor_stays_through_everything() {
    let mut desk = floor();
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    desk.does(CallCommand::PutOnHold { reason: None });
    assert_eq!(desk.ears().hears(2), legs(&[1]));
    desk.does(CallCommand::Retrieve);
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    desk.picks_up(SECOND);
    assert_eq!(desk.ears().hears(2), legs(&[1, 3]));
    desk.does(CallCommand::CompleteConsult);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(2), legs(&[0, 3]));
    assert_eq!(desk.ears().hears(0), legs(&[3]));
    desk.ends(&mut talk, &[SECOND, LEADER]);
}

/// R218, R066: a supervisor is beside the talk, and not beside the survey after it.
#[test]
fn a_supervisor_leaves_before_the_survey() {
    let mut desk = floor_with(|line| {
        line.flow.survey = Some(SurveyRules {
            prompt: Prompt {
                name: "survey.wav".to_owned(),
                sha256: "0".repeat(64),
                length_ms: 3_000,
            },
            wrong: None,
            scores: "12345".to_owned(),
            refuse: None,
            wait: seconds(10),
            repeats: 1,
            thanks: None,
            after_hang_up: false,
        });
    });
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(BARGE), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    desk.does(CallCommand::Release);
    desk.is_sent_away(AGENT);
    desk.is_sent_away(LEADER);
    let ears = desk.ears();
    assert_eq!(ears.hears(0), says("survey.wav"));
    assert_eq!(ears.sums, BTreeMap::new(), "nobody is mixed to the caller");
    desk.ends(&mut talk, &[]);
    let supervision = desk.first_row().desk.supervisions.remove(0);
    assert!(supervision.left_at.is_some());
}

/// R067: one key: the shift leader is asked, while the caller waits, and it is on the row.
#[test]
fn one_key_asks_the_shift_leader() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.attentions();
    desk.does(CallCommand::Escalate(Escalation::default()));
    let escalated = Attention::Escalated {
        agent: "1001".into(),
        to: Some("1009".into()),
        level: Some(Level::ShiftLeader),
        urgent: false,
        skipped: Vec::new(),
    };
    assert_eq!(desk.attentions(), [escalated]);
    desk.picks_up(LEADER);
    desk.does(CallCommand::JoinThree);
    assert_eq!(desk.ears().hears(0), legs(&[1, 2]));
    desk.ends(&mut talk, &[AGENT, LEADER]);
    assert!(desk.first_row().desk.escalated);
    // A line without a leader tells the desk.
    let mut desk = floor_with(|line| line.manners.shift_leader = None);
    let mut talk = desk.talk();
    desk.does(CallCommand::Escalate(Escalation::default()));
    desk.none(LEADER, "INVITE");
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.ends(&mut talk, &[AGENT]);
}
