//! A desk phone that is answered, held and taken back from elsewhere, with SIPp as the phone.

use std::time::Duration;

use thirdring::app::Service;
use thirdring::config::Config;
use thirdring::id::AgentId;
use thirdring::store::CallFilter;

use crate::patience::until;
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
    // The phone does nothing by itself, so that the answer is the click's.
    service.signalling().talk(agent.clone()).await;
    caller.talk();
    until("the phone to be in the call", || {
        (phone.trace().received("ACK ") == 1).then_some(())
    });
    for (count, hold) in [(1, true), (2, false)] {
        match hold {
            true => service.signalling().hold(agent.clone()).await,
            false => service.signalling().talk(agent.clone()).await,
        }
        until("the answer to the phone's re-INVITE", || {
            (phone.trace().received("SIP/2.0 200 ") == count).then_some(())
        });
    }
    caller.bye();
    phone.finish();
    service.signalling().idle().await;
    let rows = service.store().calls(&CallFilter::default()).await;
    let record = rows.unwrap().remove(0).record;
    assert_eq!(record.holds.count, 1);
    assert!(record.answered_at.is_some());
    service.stop(Duration::from_secs(5)).await.unwrap();
}
