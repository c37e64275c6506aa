#![expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]

use super::*;
use crate::id::CallId;
use crate::queue::AgentState;

const CALL: CallId = CallId(uuid::Uuid::from_u128(7));

struct Desk {
    agents: Agents,
    id: AgentId,
    now: Instant,
    asks_first: bool,
}

impl Desk {
    fn new() -> Self {
        let (mut agents, id, now) = (Agents::default(), AgentId::from("1001"), Instant::now());
        agents.add(id.clone(), 1, Reach::Reachable, now);
        Self {
            agents,
            id,
            now,
            asks_first: false,
        }
    }

    fn says(&mut self, command: AgentCommand) -> Result<AgentState, Unfit> {
        let phone = Some("192.0.2.101:5060".to_owned());
        self.agents
            .obey(&self.id, command, "1001", phone, self.asks_first, self.now)?;
        Ok(self.agents.state(&self.id))
    }

    fn asks_break(&mut self) -> Result<AgentState, Unfit> {
        let reason = "lunch".to_owned();
        self.says(AgentCommand::AskBreak { reason })
    }
}

#[test]
fn log_in_needs_a_phone_and_ties_agent_phone_and_shift() {
    let mut desk = Desk::new();
    desk.agents.begin_logged_out();
    assert_eq!(desk.agents.state(&desk.id), AgentState::Offline);
    assert_eq!(desk.says(AgentCommand::Ready), Err(Unfit::WrongState));
    desk.agents.set_reach(&desk.id, Reach::Absent);
    let log_in = || AgentCommand::LogIn {
        shift: Some("early".to_owned()),
    };
    assert_eq!(desk.says(log_in()), Err(Unfit::NoPhone));
    desk.agents.set_reach(&desk.id, Reach::Reachable);
    assert_eq!(desk.says(log_in()), Ok(AgentState::Ready));
    let standing = desk.agents.standing(&desk.id).unwrap();
    assert_eq!(standing.shift.as_deref(), Some("early"));
    assert_eq!(standing.phone.as_deref(), Some("192.0.2.101:5060"));
    assert_eq!(desk.says(AgentCommand::LogOut), Ok(AgentState::Offline));
    assert_eq!(desk.agents.standing(&desk.id).unwrap().shift, None);
}

#[test]
fn nobody_logs_out_in_a_call_and_busy_begins_after_it() {
    let mut desk = Desk::new();
    desk.agents.claim(&desk.id, CALL);
    desk.agents.answered(&desk.id, CALL, desk.now);
    assert_eq!(desk.says(AgentCommand::LogOut), Err(Unfit::InCall));
    let reason = None;
    assert_eq!(
        desk.says(AgentCommand::Busy { reason }),
        Ok(AgentState::Talking)
    );
    desk.agents.release(&desk.id, CALL, desk.now);
    assert_eq!(desk.agents.state(&desk.id), AgentState::Busy);
    assert!(!desk.agents.claim(&desk.id, CALL));
    assert!(desk.agents.claim_for_colleague(&desk.id, CALL));
}

#[test]
fn break_waits_for_the_word_where_somebody_has_to_allow_it() {
    let mut desk = Desk::new();
    assert_eq!(desk.asks_break(), Ok(AgentState::Break));
    assert!(!desk.agents.claim_for_colleague(&desk.id, CALL));
    assert_eq!(desk.says(AgentCommand::Ready), Ok(AgentState::Ready));

    desk.asks_first = true;
    assert_eq!(desk.says(AgentCommand::AllowBreak), Err(Unfit::WrongState));
    assert_eq!(desk.asks_break(), Ok(AgentState::Ready));
    assert_eq!(desk.says(AgentCommand::DenyBreak), Ok(AgentState::Ready));
    assert_eq!(desk.says(AgentCommand::AllowBreak), Err(Unfit::WrongState));
    assert_eq!(desk.asks_break(), Ok(AgentState::Ready));
    assert_eq!(desk.says(AgentCommand::AllowBreak), Ok(AgentState::Break));
}

/// R013, R265: who lets it ring so often in a row is taken out, with the reason, until somebody says
/// otherwise; an answer between counts anew.
#[test]
fn who_misses_three_in_a_row_is_taken_out() {
    let mut desk = Desk::new();
    for _ in 0..2 {
        assert!(!desk.agents.missed(&desk.id, Some(3)));
    }
    desk.agents.claim(&desk.id, CALL);
    desk.agents.answered(&desk.id, CALL, desk.now);
    desk.agents.release(&desk.id, CALL, desk.now);
    let outs = [0; 3].map(|_| desk.agents.missed(&desk.id, Some(3)));
    assert_eq!(outs, [false, false, true]);
    assert_eq!(desk.agents.state(&desk.id), AgentState::Absent);
    let told = desk.agents.take_changes().remove(0).1;
    assert_eq!(told.reason.as_deref(), Some(MISSED));
    assert_eq!(desk.says(AgentCommand::Ready), Ok(AgentState::Ready));
    assert!([0; 9].iter().all(|_| !desk.agents.missed(&desk.id, None)));
}

#[test]
fn work_after_a_call_is_extended_within_bounds_and_ended() {
    let mut desk = Desk::new();
    let more = |minutes| AgentCommand::ExtendWrapUp(Duration::from_mins(minutes));
    assert_eq!(desk.says(more(1)), Err(Unfit::WrongState));
    let until = desk.now + Duration::from_secs(30);
    desk.agents.wrap_up(&desk.id, CALL, desk.now, until);
    assert_eq!(desk.says(more(2)), Ok(AgentState::WrapUp));
    let longer = desk.agents.wrap_up_of(&desk.id).unwrap().until;
    assert_eq!(longer, until + Duration::from_mins(2));
    assert_eq!(desk.says(more(60)), Err(Unfit::TooLong));
    // However often, and however late: it is an hour from its beginning.
    desk.now += Duration::from_mins(2);
    assert_eq!(desk.says(more(57)), Ok(AgentState::WrapUp));
    desk.now += Duration::from_mins(55);
    assert_eq!(desk.says(more(1)), Err(Unfit::TooLong));
    assert_eq!(desk.says(AgentCommand::EndWrapUp), Ok(AgentState::Ready));
    assert_eq!(desk.says(AgentCommand::EndWrapUp), Err(Unfit::WrongState));
    assert_eq!(desk.agents.poll_timeout(), None);
}
