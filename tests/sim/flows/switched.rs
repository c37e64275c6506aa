//! Lines that are switched to something else, and lines that lead in circles.

use super::*;

fn line_command(desk: &mut Desk, command: LineCommand) -> Result<Done, Refused> {
    let li = Actor::User("li".to_owned());
    let line = LineId::from("hotline");
    desk.tells(Input::Command(Ticket(1), li, Command::Line(line, command)));
    desk.answers.pop().expect("an answer").1
}

fn switch_to(to: Diversion) -> LineCommand {
    LineCommand::Switch {
        to,
        reason: Some("fire alarm".to_owned()),
    }
}

fn emergency() -> Desk {
    desk(|line| line.flow.emergency = vec![prompt("fault.wav")])
}

/// R279: by one command the line's callers hear an announcement; who, when and why is kept and on
/// each call; another command, and phones ring again.
#[test]
fn a_line_is_switched_to_an_announcement_and_back() {
    let mut desk = emergency();
    let unknown = Diversion::Announcement("unknown.wav".to_owned());
    let refused = line_command(&mut desk, switch_to(unknown));
    assert_eq!(refused, Err(Refused::NoSuchTarget));
    let fault = Diversion::Announcement("fault.wav".to_owned());
    let done = line_command(&mut desk, switch_to(fault.clone()));
    assert_eq!(done, Ok(Done::Accepted));
    is_picked_up(&mut desk);
    hears_prompt(&mut desk, "fault.wav");
    is_let_go(&mut desk);
    let met = |kind: &EventKind| {
        matches!(kind, EventKind::EmergencyMet(met)
            if met.by == "li" && met.reason.as_deref() == Some("fire alarm"))
    };
    assert!(desk.only_call().has(met));
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Announcement));
    desk.none(AGENT, "INVITE");
    let restore = LineCommand::Restore { reason: None };
    assert_eq!(line_command(&mut desk, restore.clone()), Ok(Done::Accepted));
    assert_eq!(line_command(&mut desk, restore), Err(Refused::WrongState));
    let turns: Vec<_> = desk.switches.iter().map(|turn| turn.to.clone()).collect();
    assert_eq!(turns, [Some(fault), None]);
    desk.nothing_is_left();
}

/// R279: over a restart the switch stays as it was.
#[test]
fn a_switch_outlasts_a_restart() {
    let mut before = emergency();
    let fault = Diversion::Announcement("fault.wav".to_owned());
    assert!(line_command(&mut before, switch_to(fault)).is_ok());
    let kept: Vec<LineSwitch> = before.switches.clone();
    let mut desk = emergency();
    desk.tells(Input::Switches(kept));
    is_picked_up(&mut desk);
    hears_prompt(&mut desk, "fault.wav");
    is_let_go(&mut desk);
    desk.nothing_is_left();
}

/// R279: what was kept is read late where the database is away at the start, and undoes nothing
/// that somebody has asked for meanwhile.
#[test]
fn a_switch_that_is_read_late_undoes_nothing() {
    let fault = || switch_to(Diversion::Announcement("fault.wav".to_owned()));
    let restore = || LineCommand::Restore { reason: None };
    let mut before = emergency();
    assert!(line_command(&mut before, fault()).is_ok());
    let asked: [&[LineCommand]; 3] = [&[], &[restore()], &[fault(), restore()]];
    for asked in asked {
        let mut desk = emergency();
        for command in asked {
            let done = line_command(&mut desk, command.clone());
            assert_eq!(done, Ok(Done::Accepted), "{asked:?}");
        }
        assert_eq!(desk.switches.len(), asked.len(), "each turn is kept");
        desk.tells(Input::Switches(before.switches.clone()));
        let is_switched = line_command(&mut desk, restore()).is_ok();
        assert_eq!(is_switched, asked.is_empty(), "{asked:?}");
    }
    let mut desk = emergency();
    desk.tells(Input::Switches(Vec::new()));
    let refused = line_command(&mut desk, restore());
    assert_eq!(refused, Err(Refused::WrongState));
}

/// R279: to another line's number, or to an outside one that the line's transfer policy allows, and
/// nowhere else. Where nobody answers there, the announcement has the last word.
#[test]
fn a_line_is_switched_to_another_number() {
    let mut desk = emergency();
    for forbidden in ["4001234567", "13800138000", "1001", ""] {
        let to = Diversion::Number(forbidden.to_owned());
        let refused = line_command(&mut desk, switch_to(to));
        assert_eq!(refused, Err(Refused::NoSuchTarget), "{forbidden}");
    }
    let to = Diversion::Number("01061234567".to_owned());
    assert!(line_command(&mut desk, switch_to(to)).is_ok());
    let invite = dials(&mut desk);
    let offered = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&offered, 486, "busy", OUTSIDE, |_| {});
    confirms(&mut desk, &invite);
    hears_prompt(&mut desk, "fault.wav");
    is_let_go(&mut desk);
    let decided = |kind: &EventKind| matches!(kind, EventKind::OutboundDecided { decision } if decision.refused.is_none());
    assert!(desk.only_call().has(decided));
    desk.none(AGENT, "INVITE");
    desk.nothing_is_left();

    let mut desk = emergency();
    let to = Diversion::Number("4007654321".to_owned());
    assert!(line_command(&mut desk, switch_to(to)).is_ok());
    let invite = dials(&mut desk);
    is_answered(&mut desk, OTHER, Duration::from_secs(1));
    let mut caller = confirms(&mut desk, &invite);
    leaves(&mut desk, &mut caller);
    let bye = desk.request(OTHER, &Method::BYE);
    desk.answers(&bye, 200, "agent", OTHER, |_| {});
    desk.nothing_is_left();
}

/// Lines that send their callers to each other do so a few times only.
#[test]
fn lines_that_lead_in_circles_let_the_caller_go() {
    let mut desk = Desk::with(|all| {
        settings(all, |line| {
            line.flow.calendar = Some("office".to_owned());
            line.flow.after_hours = Some([Step::Line(LineId::from("sales"))].into());
        });
        with_hours(all, "mon-fri 09:00-18:00");
        let sales = all.lines.last_mut().expect("sales");
        let mut changed = (**sales).clone();
        let line = Arc::make_mut(&mut changed.line);
        line.flow.calendar = Some("office".to_owned());
        line.flow.after_hours = Some([Step::Line(LineId::from("hotline"))].into());
        *sales = Arc::new(changed);
    });
    dials(&mut desk);
    desk.response(CALLER, 480);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::NoAgent));
    desk.passes(Duration::from_mins(1));
}
