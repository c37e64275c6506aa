//! Agents who leave their place: with leave and a substitute, or without a word (R265).

use std::time::Duration;

use thirdring::call::command::{Actor, Answer, Done, Refused, Ticket};
use thirdring::phone::Command as PhoneCommand;
use thirdring::queue::{AgentCommand, AgentState, LOST};
use thirdring::switch::{AgentNow, AgentSettings, Command, Input, KeepAlive, News, PhoneSettings};

use crate::desk::Desk;
use crate::office::Office;
use crate::world::at;

/// The phone of whoever stands in.
const OTHER: std::net::SocketAddr = at(102, 5060);

fn asks(desk: &mut Desk, by: Actor, command: AgentCommand) -> Answer {
    let command = Command::Agent("1001".into(), command);
    desk.tells(Input::Command(Ticket(1), by, command));
    desk.answers.pop().expect("an answer").1
}

/// What the desk was told of the agent last.
fn told(desk: &Desk) -> &AgentNow {
    let mut news = desk.news_told.iter().rev();
    let agents = news.find_map(|news| match news {
        News::Agent(now) if now.agent.0 == "1001" => Some(now),
        News::Agent(_)
        | News::Line(_)
        | News::Queue(_)
        | News::Ring { .. }
        | News::Attention { .. } => None,
    });
    agents.expect("news of the agent")
}

/// R265: who wants to leave the place names a colleague, is allowed it by somebody else, and is rung by
/// nobody until he says that he is back.
#[test]
fn who_leaves_has_leave_and_a_substitute() {
    let mut desk = Desk::with(|settings| {
        let mut other: AgentSettings = settings.agents[0].clone();
        other.id = "1002".into();
        if let Some(contact) = &mut other.contact {
            contact.address = OTHER;
        }
        settings.agents.push(other);
    });
    let own = || Actor::Agent("1001".into());
    let away = |substitute: &str| AgentCommand::AskAway {
        reason: "办事".to_owned(),
        substitute: substitute.into(),
    };
    for nobody in ["1001", "1009"] {
        let asked = asks(&mut desk, own(), away(nobody));
        assert_eq!(asked, Err(Refused::Unavailable), "{nobody}");
    }
    assert_eq!(asks(&mut desk, own(), away("1002")), Ok(Done::Accepted));
    let now = told(&desk);
    assert_eq!(now.state, AgentState::Ready);
    assert_eq!(now.asks_break.as_deref(), Some("办事"));
    assert_eq!(now.substitute, Some("1002".into()));
    let allows = || AgentCommand::AllowBreak;
    let himself = asks(&mut desk, own(), allows());
    assert_eq!(himself, Err(Refused::Forbidden));
    let lead = Actor::User("lead".to_owned());
    assert_eq!(asks(&mut desk, lead, allows()), Ok(Done::Accepted));
    let now = told(&desk);
    assert_eq!(now.state, AgentState::Away);
    assert_eq!(now.reason.as_deref(), Some("办事"));
    assert_eq!(now.substitute, Some("1002".into()));
    assert_eq!(now.asks_break, None);
    let ready = asks(&mut desk, own(), AgentCommand::Ready);
    assert_eq!(ready, Ok(Done::Accepted));
    assert_eq!(told(&desk).substitute, None);
}

/// R265: whose phone is not registered any more for as long as the desk bears with is absent, and not
/// merely offline; the control bears with it for ever.
#[test]
fn whose_registration_is_lost_is_absent() {
    for patience in [Some(Duration::from_mins(1)), None] {
        let phones = PhoneSettings {
            probe: Duration::ZERO,
            keep_alive: KeepAlive::Never,
            ..PhoneSettings::default()
        };
        let mut office = Office::with(phones, &["1001"], |settings| {
            settings.desk.absent_after = patience;
        });
        let phone = office.register("1001", at(101, 5060), at(101, 5060));
        assert_eq!(office.agents(AgentState::Ready), 1);
        office.command(phone, PhoneCommand::Unregister);
        office.wait(Duration::from_secs(30));
        assert_eq!(office.agents(AgentState::Offline), 1);
        office.wait(Duration::from_mins(1));
        let expected = usize::from(patience.is_some());
        assert_eq!(office.agents(AgentState::Absent), expected, "{LOST}");
        assert_eq!(office.agents(AgentState::Offline), 1 - expected);
    }
}
