//! Breaks with a bound, and agents who serve somebody at the desk.

use std::time::Duration;

use thirdring::call::command::{Actor, Answer, Done, Ticket};
use thirdring::queue::{AgentCommand, AgentState};
use thirdring::sip::Method;
use thirdring::switch::{AgentNow, BreakRule, Command, Input, News};

use crate::desk::{AGENT, CALLER, Desk};

const MEAL: &str = "用餐";
const VISITOR: &str = "接待来访";

/// A hotline whose breaks have to be allowed, but for a visitor's sake.
fn desk() -> Desk {
    let rule = |reason: &str, minutes, at_once| BreakRule {
        reason: reason.to_owned(),
        longest: Duration::from_mins(minutes),
        at_once,
    };
    Desk::with(|settings| {
        settings.desk.approve_breaks = true;
        settings.desk.breaks = vec![rule(MEAL, 45, false), rule(VISITOR, 15, true)];
    })
}

fn asks(desk: &mut Desk, by: Actor, command: AgentCommand) {
    let command = Command::Agent("1001".into(), command);
    desk.tells(Input::Command(Ticket(1), by, command));
    let answered: Answer = desk.answers.pop().expect("an answer").1;
    assert_eq!(answered, Ok(Done::Accepted));
}

fn wants(desk: &mut Desk, reason: &str) {
    let reason = reason.to_owned();
    let wish = AgentCommand::AskBreak { reason };
    asks(desk, Actor::Agent("1001".into()), wish);
}

/// What the desk was told of the agent last.
fn told(desk: &Desk) -> &AgentNow {
    let mut news = desk.news_told.iter().rev();
    let agents = news.find_map(|news| match news {
        News::Agent(now) => Some(now),
        News::Line(_) | News::Queue(_) | News::Ring { .. } | News::Attention { .. } => None,
    });
    agents.expect("news of the agent")
}

/// R274: a meal begins when it is allowed, and what is longer than it may be is shown and counted
/// until the agent is back.
#[test]
fn a_break_that_is_too_long_is_shown_and_counted() {
    let mut desk = desk();
    wants(&mut desk, MEAL);
    let asked = told(&desk).clone();
    assert_eq!(
        (asked.state, asked.asks_break.as_deref()),
        (AgentState::Ready, Some(MEAL))
    );
    assert!(asked.asked_break_at.is_some(), "{asked:?}");
    asks(
        &mut desk,
        Actor::User("lead".to_owned()),
        AgentCommand::AllowBreak,
    );
    let now = told(&desk).clone();
    assert_eq!(
        (now.state, now.reason.as_deref()),
        (AgentState::Break, Some(MEAL))
    );
    assert_eq!((&now.asks_break, now.asked_break_at), (&None, None));
    let bound = now.since.plus(Duration::from_mins(45));
    assert_eq!(now.break_until, Some(bound));
    desk.passes(Duration::from_mins(44));
    assert_eq!(desk.overdue_breaks(), 0);
    desk.passes(Duration::from_mins(2));
    assert_eq!(desk.overdue_breaks(), 1);
    asks(&mut desk, Actor::Agent("1001".into()), AgentCommand::Ready);
    assert_eq!((desk.overdue_breaks(), told(&desk).break_until), (0, None));
    // A reason that nobody thought of has no bound.
    wants(&mut desk, "看医生");
    asks(
        &mut desk,
        Actor::User("lead".to_owned()),
        AgentCommand::AllowBreak,
    );
    desk.passes(Duration::from_hours(3));
    assert_eq!(desk.overdue_breaks(), 0);
}

/// R278: who serves a visitor says so and is not rung, without anybody's word, from then on; the time
/// of it is kept, and it has a bound of its own.
#[test]
fn who_serves_a_visitor_is_not_rung() {
    let mut desk = desk();
    wants(&mut desk, VISITOR);
    let now = told(&desk).clone();
    assert_eq!(
        (now.state, now.reason.as_deref()),
        (AgentState::Break, Some(VISITOR))
    );
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    desk.passes(Duration::from_secs(5));
    assert!(desk.next_request(AGENT, &Method::INVITE).is_none());
    asks(&mut desk, Actor::Agent("1001".into()), AgentCommand::Ready);
    assert!(desk.next_request(AGENT, &Method::INVITE).is_some());
    desk.passes(Duration::from_mins(16));
    wants(&mut desk, VISITOR);
    desk.passes(Duration::from_mins(16));
    assert_eq!(desk.overdue_breaks(), 1);
}
