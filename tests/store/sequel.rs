//! What came of a call after it, and how `calls show` tells it.

use thirdring::call::event::Outcome;
use thirdring::rules::{IncidentKind, Role, Timestamp};
use thirdring::store::{CampaignDraft, CampaignResult, IncidentDraft, Sequel};

use crate::fixture::{Database, MORNING, Story};
use crate::listing::Site;

const LATER: Timestamp = Timestamp(MORNING + 3_600_000_000);

/// R110, R120, R219: the incident that was reported in a call, the report that calls it major, and what
/// its customer said later are told with the call; another call has none of them.
pub(crate) async fn told(database: Database) {
    let store = database.store().await;
    let story = |n: u32, number: &str| {
        let story = Story::new(n).arrived_on("hotline", number, None);
        let story = story.purpose("complaint").ringing();
        story.answered(4_000).ended(9_000, Outcome::Answered)
    };
    let call = story(1, "13800005678").store(&store).await.call;
    let campaign = CampaignDraft {
        name: "七月回访".to_owned(),
        line: None,
        from: Timestamp(MORNING),
        to: LATER,
        per_agent: 1,
        seed: 1,
        best: 5,
    };
    let campaign = store
        .begin_campaign(&campaign, "zhao", LATER)
        .await
        .unwrap();
    let said = (CampaignResult::Answered, Some(4));
    let asked = store.answer_campaign(campaign.id, 1, said, "li.na", LATER);
    assert_eq!(asked.await.unwrap().call, call);
    let other = story(2, "13900001111").store(&store).await.call;
    let incident = IncidentDraft {
        kind: IncidentKind::Leak,
        call: Some(call),
        text: "来电自称记者".to_owned(),
        to: Role::Manager,
    };
    let incident = store
        .report_incident(&incident, "li.na", LATER)
        .await
        .unwrap();
    let major = store
        .mark_major(call, "全楼停水", "zhao", LATER)
        .await
        .unwrap();

    let sequel = store.sequel(call).await.unwrap();
    assert_eq!(sequel.incidents, std::slice::from_ref(&incident));
    assert_eq!(sequel.major, Some(major));
    let [asked] = sequel.asked.as_slice() else {
        panic!("one answer: {sequel:?}");
    };
    assert_eq!((asked.score, asked.best, asked.at), (Some(4), 5, LATER));
    assert_eq!(store.sequel(other).await.unwrap(), Sequel::default());

    let site = Site::new(&database);
    let sheet = site.print(&["calls", "show", &call.to_string()]);
    for fact in [
        "leak, by li.na at 2026-11-21 17:00:00.000 +08:00, to manager: nobody knows yet",
        "complaint, major, by zhao at 2026-11-21 17:00:00.000 +08:00: 全楼停水",
        "4 of 5 at 2026-11-21 17:00:00.000 +08:00, by li.na, for 七月回访",
    ] {
        assert!(sheet.contains(fact), "{fact} is not in\n{sheet}");
    }
    assert!(
        !sheet.contains("来电自称记者"),
        "what was written may name people"
    );
    let known = store.acknowledge_incident(incident.id, None, "boss", LATER);
    known.await.unwrap();
    let sheet = site.print(&["calls", "show", &call.to_string()]);
    assert!(
        sheet.contains("known to boss since 2026-11-21 17:00"),
        "{sheet}"
    );
    let sheet = site.print(&["calls", "show", &other.to_string()]);
    for name in ["incident ", "reported ", "asked later"] {
        assert!(!sheet.contains(name), "{name} is in\n{sheet}");
    }
}
