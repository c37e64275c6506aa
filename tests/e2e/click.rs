//! A desk phone that is answered, held and taken back from elsewhere, with SIPp as the phone.

use std::time::Duration;

use thirdring::app::Service;
use thirdring::call::command::{Actor, Done};
use thirdring::call::record::CallRecord;
use thirdring::config::Config;
use thirdring::id::AgentId;
use thirdring::store::CallFilter;
use thirdring::switch::Command;

use crate::patience::PATIENCE;
use crate::peer::Peer;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::talk::NUMBER;

/// NOTIFY with `Event: talk` in the early dialog has the phone answer; `hold` and `talk` in the call
/// have it hold the caller and come back, which the row counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_answers_holds_and_comes_back_when_it_is_told() {
    let site = Site::new().agent(1);
    let (folder, network) = site.line(&Line::new("hotline", NUMBER, &[1])).write();
    let config = Config::load(&folder.path().join("thirdring.toml")).unwrap();
    let service = Service::start(&config).await.unwrap();
    let phone = Sipp::new("agent_is_clicked", network.agent(1))
        .start_at(folder.path(), network.signalling());
    let agent = AgentId::from("1001");
    let mut caller = Peer::new(network.trunk(), &network);
    caller.dial(NUMBER, caller.plain());
    caller.expect(180);
    // Our own 180 may go before the phone's.
    let is_rung = |record: &CallRecord| {
        let mut attempts = record.attempts.iter();
        attempts.any(|attempt| attempt.ringing_at.is_some())
    };
    until_row(&service, "that the phone rings", is_rung).await;
    // The phone does nothing by itself, so that the answer is the click's.
    click(&service, &agent, Command::Talk).await;
    caller.talk();
    click(&service, &agent, Command::Hold).await;
    until_row(&service, "a hold", |record| record.holds.by_agent).await;
    click(&service, &agent, Command::Talk).await;
    until_row(&service, "its end", |record| !record.holds.by_agent).await;
    caller.bye();
    phone.finish();
    service.signalling().idle().await;
    let record = only_call(&service).await;
    assert_eq!(record.holds.count, 1);
    assert!(record.answered_at.is_some());
    service.stop(Duration::from_secs(5)).await.unwrap();
}

async fn click(service: &Service, agent: &AgentId, command: Command) {
    let by = Actor::Agent(agent.clone());
    let answer = service.signalling().command(by, command).await;
    assert_eq!(answer, Ok(Done::Accepted));
}

async fn only_call(service: &Service) -> CallRecord {
    let rows = service.store().calls(&CallFilter::default()).await;
    rows.unwrap().remove(0).record
}

/// Waits until the row tells something.
async fn until_row(service: &Service, what: &str, tells: impl Fn(&CallRecord) -> bool) {
    let look = async {
        while !tells(&only_call(service).await) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let told = tokio::time::timeout(PATIENCE, look).await;
    assert!(told.is_ok(), "the row never told {what}");
}
