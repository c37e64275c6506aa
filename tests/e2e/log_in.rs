//! Agents who log in, in the running service with a real phone's peer, over a restart.

use std::path::Path;
use std::time::Duration;

use thirdring::app::Service;
use thirdring::call::command::{Actor, Done, Refused};
use thirdring::call::event::Outcome;
use thirdring::config::Config;
use thirdring::id::AgentId;
use thirdring::queue::{AgentCommand, AgentState};
use thirdring::rules::Timestamp;
use thirdring::store::CallFilter;
use thirdring::switch::{AgentNow, Command};

use crate::patience::PATIENCE;
use crate::peer::Peer;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::talk::NUMBER;

/// R009, R018: who has not logged in is not rung; a restart logs nobody out, nor ends a break; what
/// each did is in the log of states.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_log_in_and_a_restart_logs_nobody_out() {
    let line = Line::new("hotline", NUMBER, &[1, 2, 3]).with("wrap_up", "\"1h\"");
    let site = Site::new().agent(1).agent(2).agent(3).line(&line);
    let (folder, network) = site.section("[desk]\nlog_in = true\n").write();
    let service = start(folder.path()).await;
    let shift = Some("early".to_owned());
    let log_in = AgentCommand::LogIn { shift };
    for agent in ["1001", "1002"] {
        let answer = asks(&service, agent, log_in.clone()).await;
        assert_eq!(answer, Ok(Done::Accepted));
    }
    let reason = "lunch".to_owned();
    let away = asks(&service, "1002", AgentCommand::AskBreak { reason }).await;
    assert_eq!(away, Ok(Done::Accepted));
    let refused = asks(&service, "1003", AgentCommand::Ready).await;
    assert_eq!(refused, Err(Refused::WrongState));
    until_in(&service, "1002", AgentState::Break).await;
    service.stop(Duration::from_secs(5)).await.unwrap();

    let service = start(folder.path()).await;
    until_in(&service, "1001", AgentState::Ready).await;
    let away = until_in(&service, "1002", AgentState::Break).await;
    assert_eq!(away.reason.as_deref(), Some("lunch"));
    assert_eq!(away.shift.as_deref(), Some("early"));
    until_in(&service, "1003", AgentState::Offline).await;

    let phone = Sipp::new("agent", network.agent(1)).start_at(folder.path(), network.signalling());
    let mut caller = Peer::new(network.trunk(), &network);
    caller.dial(NUMBER, caller.plain());
    caller.talk();
    until_in(&service, "1001", AgentState::Talking).await;
    caller.bye();
    phone.finish();
    service.signalling().idle().await;
    let after = until_in(&service, "1001", AgentState::WrapUp).await;
    assert!(after.wrap_up_until.is_some() && after.call.is_some());
    let done = asks(&service, "1001", AgentCommand::EndWrapUp).await;
    assert_eq!(done, Ok(Done::Accepted));
    until_in(&service, "1001", AgentState::Ready).await;
    service.stop(Duration::from_secs(5)).await.unwrap();

    let service = start(folder.path()).await;
    let rows = service.store().calls(&CallFilter::default()).await.unwrap();
    assert_eq!(rows[0].record.outcome, Some(Outcome::Answered));
    let (id, all) = (AgentId::from("1001"), Timestamp(i64::MAX));
    let entries = service.store().agent_states(&id, Timestamp(0), all, 100);
    let entries = entries.await.unwrap();
    let day = [
        AgentState::Ready,
        AgentState::Ringing,
        AgentState::Talking,
        AgentState::WrapUp,
        AgentState::Ready,
    ];
    let states: Vec<_> = entries.iter().map(|entry| entry.told.state).collect();
    assert_eq!(states, day);
    assert_eq!(entries[0].by, Actor::Agent(id));
    assert_eq!(entries[1].by, Actor::System);
    service.stop(Duration::from_secs(5)).await.unwrap();
}

async fn start(folder: &Path) -> Service {
    let config = Config::load(&folder.join("thirdring.toml")).unwrap();
    Service::start(&config).await.unwrap()
}

async fn asks(service: &Service, agent: &str, command: AgentCommand) -> Result<Done, Refused> {
    let id = AgentId::from(agent);
    let by = Actor::Agent(id.clone());
    service
        .signalling()
        .command(by, Command::Agent(id, command))
        .await
}

/// Waits until the board shows an agent in this state.
async fn until_in(service: &Service, agent: &str, state: AgentState) -> AgentNow {
    let id = AgentId::from(agent);
    let shown = async {
        loop {
            let now = service.signalling().desk().agents[&id].clone();
            if now.state == state {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let shown = tokio::time::timeout(PATIENCE, shown).await;
    shown.unwrap_or_else(|_| {
        panic!(
            "{agent} is never {state:?}: {:?}",
            service.signalling().desk()
        )
    })
}
