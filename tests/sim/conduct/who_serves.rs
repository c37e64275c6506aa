//! Whose call it is: who has work after it, who can be asked, who takes no customer.

use super::*;

/// Who was only beside a call has no work after it; who takes the caller over has.
#[test]
fn only_who_serves_the_caller_has_work_after_the_call() {
    let with_work_after = |settings: &mut Settings| {
        for line in &mut settings.lines {
            Arc::make_mut(line).wrap_up = seconds(30);
        }
    };
    for (takes_over, worked_after) in [(false, "1001"), (true, "1009")] {
        let mut desk = floor_of(with_work_after);
        let mut talk = desk.talk();
        desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
        desk.picks_up(SECOND);
        desk.does(CallCommand::CancelConsult);
        desk.is_sent_away(SECOND);
        assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
        desk.picks_up(LEADER);
        let (command, leaves) = if takes_over {
            (CallCommand::TakeOver, AGENT)
        } else {
            (CallCommand::StopSupervising, LEADER)
        };
        let answer = desk.about_call(agent("1009"), command);
        assert_eq!(answer, Ok(Done::Accepted));
        desk.is_sent_away(leaves);
        let last = if takes_over { LEADER } else { AGENT };
        desk.ends(&mut talk, &[last]);
        let has_work = |who: &str| desk.states(who).contains(&AgentState::WrapUp);
        assert!(has_work("1001") && has_work(worked_after));
        assert_eq!(has_work("1009"), takes_over);
        assert!(!has_work("1002"));
    }
}

/// What is said already of a call that goes on needs no time after it.
#[test]
fn a_call_that_is_wrapped_up_before_its_end_leaves_no_work() {
    for is_said in [true, false] {
        let mut desk = floor_of(|settings| {
            for line in &mut settings.lines {
                Arc::make_mut(line).wrap_up = seconds(30);
            }
        });
        let mut talk = desk.talk();
        if is_said {
            let said = Command::WrappedUp(desk.first_call());
            assert_eq!(desk.ask(agent("1001"), said), Ok(Done::Accepted));
        }
        desk.ends(&mut talk, &[AGENT]);
        let has_work = desk.states("1001").contains(&AgentState::WrapUp);
        assert_eq!(has_work, !is_said);
        let late = desk.ask(agent("1001"), Command::WrappedUp(desk.first_call()));
        assert_eq!(late, Err(Refused::NoSuchCall));
    }
}

/// A question of a colleague's that nobody answers is no call that was missed.
#[test]
fn who_does_not_answer_a_colleague_stays_in_the_queue() {
    let mut desk = floor_of(|settings| settings.desk.most_missed = Some(1));
    let mut talk = desk.talk();
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 180, "rings", SECOND, |_| {});
    desk.passes(seconds(90));
    let cancel = desk.request(SECOND, &Method::CANCEL);
    desk.answers(&cancel, 200, "rings", SECOND, |_| {});
    desk.answers(&invite, 487, "rings", SECOND, |_| {});
    let states = desk.states("1002");
    assert_eq!(states.last(), Some(&AgentState::Ready), "{states:?}");
    desk.ends(&mut talk, &[AGENT]);
    // A caller whom the agent does not answer is.
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let rung = desk.request(AGENT, &Method::INVITE);
    desk.answers(&rung, 180, "rings", AGENT, |_| {});
    desk.passes(seconds(90));
    assert!(desk.states("1001").contains(&AgentState::Absent));
}

/// R067, R115: who takes no calls at the moment can be asked all the same; a trainee cannot, whom
/// the caller could be passed on to (R251).
#[test]
fn who_is_busy_can_be_asked() {
    let mut desk = floor_of(|settings| {
        for agent in &mut settings.agents {
            agent.is_trainee = agent.id.0 == "1002";
        }
    });
    let busy = AgentCommand::Busy { reason: None };
    let answer = desk.ask(user(), Command::Agent("1009".into(), busy));
    assert_eq!(answer, Ok(Done::Accepted));
    let mut talk = desk.talk();
    // Passed on without asking, the caller would be a disturbance.
    desk.does(CallCommand::Transfer(PassTo::Agent("1009".into())));
    desk.none(LEADER, "INVITE");
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    desk.none(SECOND, "INVITE");
    desk.does(CallCommand::Escalate(Escalation::default()));
    desk.picks_up(LEADER);
    assert_eq!(desk.ears().hears(1), legs(&[2]));
    desk.does(CallCommand::CompleteConsult);
    desk.is_sent_away(AGENT);
    desk.ends(&mut talk, &[LEADER]);
}

/// R251, X18: a trainee may listen, and has the customer neither by picking up nor from a colleague.
#[test]
fn a_trainee_listens_and_gets_no_customer() {
    let mut desk = floor_of(|settings| {
        let last = settings.agents.last_mut().expect("an agent");
        last.is_trainee = true;
    });
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(BARGE), Err(Refused::Forbidden));
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    for command in [CallCommand::TurnSupervision(BARGE), CallCommand::TakeOver] {
        let answer = desk.about_call(agent("1009"), command);
        assert_eq!(answer, Err(Refused::Forbidden));
    }
    let whisper = CallCommand::TurnSupervision(WHISPER);
    let answer = desk.about_call(agent("1009"), whisper);
    assert_eq!(answer, Ok(Done::Accepted));
    let stop = desk.about_call(agent("1009"), CallCommand::StopSupervising);
    assert_eq!(stop, Ok(Done::Accepted));
    desk.is_sent_away(LEADER);
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    let call = desk.first_call();
    let fetched = desk.ask(agent("1009"), Command::PickUp(call));
    assert_eq!(fetched, Err(Refused::Forbidden));
    desk.none(LEADER, "INVITE");
    desk.ends(&mut talk, &[]);
}
