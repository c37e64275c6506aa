//! Tasks: a lost call opens one, and only one a number; what is done about it is kept.

use std::collections::BTreeMap;
use std::time::Duration;

use thirdring::call::doing::{Doing, HangUpReason};
use thirdring::call::event::{
    Circumstances, Direction, HangupParty, HoursStamped, MessageEnded, MessageEnding,
    NuisancePolicy, Origin, Outcome, SurveyAnswered, SurveyCause, SurveyResult, SurveySource,
    SurveyStarted,
};
use thirdring::call::{Entry, EventKind};
use thirdring::id::LineId;
use thirdring::rules::{LineRules, Role, Timestamp};
use thirdring::store::{
    DeskRules, Error, Store, Task, TaskAction, TaskFilter, TaskKind, TaskResult, TaskState, User,
};

use crate::fixture::{Database, MORNING, Story};

const LATER: Timestamp = Timestamp(MORNING + 60_000_000);

fn abandoned(n: u32, number: &str) -> Story {
    let story = Story::new(n).arrived_on("hotline", number, None).ringing();
    story.ended(9_000, Outcome::Abandoned)
}

fn rules() -> DeskRules {
    let hotline = LineRules {
        callback_within: Some(Duration::from_mins(30)),
        ..LineRules::default()
    };
    DeskRules {
        lines: BTreeMap::from([(LineId::from("hotline"), hotline)]),
        has_webhooks: false,
    }
}

async fn all(store: &Store) -> Vec<Task> {
    store.tasks(&TaskFilter::default()).await.unwrap()
}

pub(crate) async fn opened(database: Database) {
    let store = database.store().await.with_desk(rules());
    let mut news = store.task_news();
    let first = abandoned(1, "13800005678").store(&store).await;
    let end = MORNING + 10_000_000;
    let [task] = all(&store).await.try_into().unwrap();
    assert_eq!(
        (task.kind, task.state),
        (TaskKind::CallBack, TaskState::Open)
    );
    assert_eq!((task.reason.as_str(), task.calls), ("abandoned", 1));
    assert_eq!(task.opened_at, Timestamp(end));
    assert_eq!(task.due_at, Some(Timestamp(end + 1_800_000_000)));
    assert_eq!(task.caller.as_ref().unwrap().number, "13800005678");
    assert_eq!(news.try_recv().unwrap().action, TaskAction::Opened);

    // The same caller again, from another trunk's spelling; and somebody else.
    let again = Story::new(2).arrived_on("hotline", "013800005678", None);
    let mut again = again.ringing().ended(9_000, Outcome::NoAgent);
    again.entries[0].parties[0].e164 = Some("+8613800005678".to_owned());
    let again = again.store(&store).await;
    abandoned(3, "13900005678").store(&store).await;
    let tasks = all(&store).await;
    let calls: Vec<_> = tasks.iter().map(|task| task.calls).collect();
    assert_eq!(calls, [2, 1]);
    assert_eq!(news.try_recv().unwrap().action, TaskAction::Added);
    let detail = store.task(task.id).await.unwrap();
    let about: Vec<_> = detail
        .about
        .iter()
        .map(|it| (it.call, it.reason.as_str()))
        .collect();
    assert_eq!(about, [(first.call, "abandoned"), (again.call, "no_agent")]);

    // Once it is done, the number has none: the next lost call opens another.
    let done = store.finish_task(task.id, "1001", TaskResult::Reached, Some("说好了"), LATER);
    done.await.unwrap();
    abandoned(4, "13800005678").store(&store).await;
    let tasks = all(&store).await;
    let states: Vec<_> = tasks.iter().map(|task| (task.state, task.calls)).collect();
    assert_eq!(
        states,
        [
            (TaskState::Done, 2),
            (TaskState::Open, 1),
            (TaskState::Open, 1)
        ]
    );
    // A rebuild makes rows of calls, not tasks.
    assert!(store.rebuild().await.unwrap().differences.is_empty());
    assert_eq!(all(&store).await, tasks);
}

/// The answer to the first try was lost, so the end is stored again, whole or in parts.
pub(crate) async fn once(database: Database) {
    let store = database.store().await;
    let story = abandoned(1, "13800005678").store(&store).await;
    store.record(&story.entries).await.unwrap();
    for entry in &story.entries {
        store.record(std::slice::from_ref(entry)).await.unwrap();
    }
    // Another process does the same with what was left in its journal.
    database.store().await.record(&story.entries).await.unwrap();
    let [task] = all(&store).await.try_into().unwrap();
    assert_eq!(task.calls, 1);
    assert_eq!(store.task(task.id).await.unwrap().steps.len(), 1);
    // The end by itself, of a call that another process began.
    let (arrival, end) = {
        let story = abandoned(2, "13900005678");
        let at = story.entries.len() - 1;
        (story.entries[..at].to_vec(), story.entries[at..].to_vec())
    };
    store.record(&arrival).await.unwrap();
    database.store().await.record(&end).await.unwrap();
    assert_eq!(all(&store).await.len(), 2);
}

/// A batch of many calls of a few callers, as a morning without agents has it.
pub(crate) async fn many(database: Database) {
    let (one, other) = (database.store().await, database.store().await);
    let batch = |from: u32| -> Vec<Entry> {
        let calls = (from..from + 30).map(|n| abandoned(n, &format!("1380000567{}", n % 3)));
        calls.flat_map(|story| story.entries).collect()
    };
    let (first, second) = (batch(1), batch(31));
    let (a, b) = tokio::join!(one.record(&first), other.record(&second));
    a.unwrap();
    b.unwrap();
    let calls: Vec<_> = all(&one).await.iter().map(|task| task.calls).collect();
    assert_eq!(calls, [20, 20, 20]);
}

pub(crate) async fn nobody(database: Database) {
    let store = database.store().await;
    let arrived = |n: u32, change: &dyn Fn(&mut EventKind)| {
        let mut story = Story::new(n).arrived().ringing();
        change(&mut story.entries[0].event.kind);
        story
    };
    let circumstances = |of: Circumstances| {
        move |kind: &mut EventKind| {
            if let EventKind::Arrived { circumstances, .. } = kind {
                *circumstances = of.clone();
            }
        }
    };
    let withheld = circumstances(Circumstances {
        withheld: true,
        ..Circumstances::default()
    });
    let nuisance = circumstances(Circumstances {
        nuisance: Some(NuisancePolicy::Last),
        ..Circumstances::default()
    });
    let anonymous = |kind: &mut EventKind| {
        if let EventKind::Arrived { caller, .. } = kind {
            *caller = None;
        }
    };
    let colleague = |kind: &mut EventKind| {
        if let EventKind::Arrived { origin, .. } = kind {
            *origin = Origin::Internal;
        }
    };
    let outwards = |kind: &mut EventKind| {
        if let EventKind::Arrived { direction, .. } = kind {
            *direction = Direction::Out;
        }
    };
    let changes: [&dyn Fn(&mut EventKind); 5] =
        [&withheld, &nuisance, &anonymous, &colleague, &outwards];
    for (n, change) in (1..).zip(changes) {
        let lost = arrived(n, change).ended(9_000, Outcome::Abandoned);
        lost.store(&store).await;
    }
    // These reached somebody, or were not wanted.
    let answered = Story::new(10).arrived().ringing().answered(4_000);
    answered.ended(9_000, Outcome::Answered).store(&store).await;
    let refused = Story::new(11).arrived().ended(10, Outcome::Refused);
    refused.store(&store).await;
    let mut no_number = abandoned(12, "anonymous");
    no_number.entries[0].parties[0].e164 = None;
    no_number.store(&store).await;
    assert_eq!(all(&store).await, []);
    // The control.
    abandoned(13, "13800005678").store(&store).await;
    assert_eq!(all(&store).await.len(), 1);
}

pub(crate) async fn steps(database: Database) {
    let store = database.store().await;
    let mut news = store.task_news();
    abandoned(1, "13800005678").store(&store).await;
    let id = all(&store).await[0].id;
    let refused = |result: Result<(), Error>| match result {
        Err(Error::TaskState { state, by, .. }) => (state, by),
        other => panic!("{other:?}"),
    };
    store.claim_task(id, "1001", LATER).await.unwrap();
    let taken = ("claimed", Some("1001".to_owned()));
    assert_eq!(refused(store.claim_task(id, "1002", LATER).await), taken);
    assert_eq!(
        refused(store.try_task(id, "1002", None, LATER).await),
        taken
    );
    store.release_task(id, "li", LATER).await.unwrap();
    let free = refused(store.release_task(id, "li", LATER).await);
    assert_eq!(free, ("open", None));
    store.claim_task(id, "1002", LATER).await.unwrap();
    store
        .try_task(id, "1002", Some("busy"), LATER)
        .await
        .unwrap();
    let result = TaskResult::Refused;
    store
        .finish_task(id, "1002", result, None, LATER)
        .await
        .unwrap();
    let done = refused(store.try_task(id, "1002", None, LATER).await);
    assert_eq!(done, ("done", Some("1002".to_owned())));
    assert_eq!(refused(store.claim_task(id, "1001", LATER).await).0, "done");

    let detail = store.task(id).await.unwrap();
    let steps: Vec<_> = detail
        .steps
        .iter()
        .map(|step| (step.action.as_str(), step.actor.as_str(), step.result))
        .collect();
    assert_eq!(
        steps,
        [
            ("opened", "system", None),
            ("claimed", "1001", None),
            ("released", "li", None),
            ("claimed", "1002", None),
            ("tried", "1002", Some(TaskResult::NotReached)),
            ("done", "1002", Some(TaskResult::Refused)),
        ]
    );
    assert_eq!(detail.steps[4].remark.as_deref(), Some("busy"));
    let task = detail.task;
    assert_eq!((task.tries, task.done_by.as_deref()), (1, Some("1002")));
    let mut told = Vec::new();
    while let Ok(news) = news.try_recv() {
        told.push(news.action.as_str());
    }
    let actions: Vec<_> = steps.iter().map(|(action, _, _)| *action).collect();
    assert_eq!(told, actions);

    let unknown = thirdring::id::TaskId(uuid::Uuid::from_u128(1));
    let error = store.claim_task(unknown, "1001", LATER).await.unwrap_err();
    assert!(matches!(error, Error::UnknownTask(_)), "{error:?}");
    let long = "x".repeat(2_001);
    let error = store
        .try_task(id, "1001", Some(&long), LATER)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooLong { .. }), "{error:?}");
}

/// Ten want it; one has it.
pub(crate) async fn one_claim(database: Database) {
    let (one, other) = (database.store().await, database.store().await);
    abandoned(1, "13800005678").store(&one).await;
    let id = all(&one).await[0].id;
    let claims = (0..10).map(|n| {
        let store = if n % 2 == 0 {
            one.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move { store.claim_task(id, &n.to_string(), LATER).await.is_ok() })
    });
    let mut won = 0;
    for claim in claims.collect::<Vec<_>>() {
        won += u32::from(claim.await.unwrap());
    }
    assert_eq!(won, 1);
}

pub(crate) async fn listed(database: Database) {
    let store = database.store().await.with_desk(rules());
    for n in 0..5 {
        abandoned(n, &format!("1380000567{n}")).store(&store).await;
    }
    let tasks = all(&store).await;
    store.claim_task(tasks[1].id, "1001", LATER).await.unwrap();
    let finish = store.finish_task(tasks[2].id, "1001", TaskResult::Reached, None, LATER);
    finish.await.unwrap();

    let mut page = TaskFilter {
        undone: true,
        limit: Some(2),
        ..TaskFilter::default()
    };
    let mut found = Vec::new();
    loop {
        let some = store.tasks(&page).await.unwrap();
        let Some(last) = some.last() else { break };
        page.after = Some((last.opened_at, last.id));
        found.extend(some.into_iter().map(|task| task.id));
    }
    assert_eq!(found, [tasks[0].id, tasks[1].id, tasks[3].id, tasks[4].id]);

    let count = async |filter: TaskFilter| store.tasks(&filter).await.unwrap().len();
    let mine = TaskFilter {
        claimed_by: Some("1001".to_owned()),
        state: Some(TaskState::Claimed),
        ..TaskFilter::default()
    };
    assert_eq!(count(mine).await, 1);
    let elsewhere = TaskFilter {
        line: Some("sales".into()),
        ..TaskFilter::default()
    };
    assert_eq!(count(elsewhere).await, 0);
    let messages = TaskFilter {
        kind: Some(TaskKind::Message),
        ..TaskFilter::default()
    };
    assert_eq!(count(messages).await, 0);

    let due = tasks[3].due_at.unwrap();
    let late = TaskFilter {
        due_before: Some(due),
        ..TaskFilter::default()
    };
    // The third is done, the fourth is due at this very moment.
    assert_eq!(count(late).await, 2);
    let undone = store.undone_tasks(due).await.unwrap();
    assert_eq!(undone[0], (TaskKind::CallBack, 4, 2));
    assert_eq!(undone[1], (TaskKind::Message, 0, 0));
}

/// A message is a task of its own, with its place in the recording; two are two.
pub(crate) async fn messages(database: Database) {
    let store = database.store().await.with_desk(rules());
    let left = |n: u32| {
        let ended = MessageEnded {
            start_ms: 3_200,
            length_ms: 12_000,
            ended_by: MessageEnding::Key,
        };
        let story = Story::new(n).arrived().then(3_300, EventKind::Connected);
        let story = story.then(6_500, EventKind::MessageStarted { start_ms: 3_200 });
        let story = story.then(18_500, EventKind::MessageEnded(ended));
        story.ended(19_000, Outcome::Message)
    };
    let first = left(1).store(&store).await;
    store.record(&first.entries).await.unwrap();
    let mut withheld = left(2);
    if let EventKind::Arrived { circumstances, .. } = &mut withheld.entries[0].event.kind {
        circumstances.withheld = true;
    }
    withheld.store(&store).await;
    let tasks = all(&store).await;
    let kinds: Vec<_> = tasks.iter().map(|task| (task.kind, task.calls)).collect();
    assert_eq!(kinds, [(TaskKind::Message, 1), (TaskKind::Message, 1)]);
    assert!(tasks[0].caller.is_some() && tasks[1].caller.is_none());
    let detail = store.task(tasks[0].id).await.unwrap();
    let place = &detail.about[0];
    assert_eq!((place.call, place.reason.as_str()), (first.call, "message"));
    assert_eq!(
        (place.start_ms, place.length_ms),
        (Some(3_200), Some(12_000))
    );

    // Who leaves outside the hours without a word is to be called back.
    let hours = HoursStamped {
        calendar: "office".to_owned(),
        in_hours: false,
        holiday: None,
    };
    let closed = Story::new(3)
        .arrived()
        .then(0, EventKind::HoursStamped(hours));
    let closed = closed.ended(9_000, Outcome::Announcement);
    closed.store(&store).await;
    let tasks = all(&store).await;
    let mut call_backs = tasks.iter().filter(|task| task.kind == TaskKind::CallBack);
    assert_eq!(call_backs.next().unwrap().reason, "after_hours");
    assert_eq!((call_backs.next(), tasks.len()), (None, 3));
}

/// A caller's low score is followed up, once; a better one, and no answer, are not.
pub(crate) async fn discontent(database: Database) {
    let mut rules = rules();
    let hotline = rules.lines.get_mut(&LineId::from("hotline")).unwrap();
    hotline.follow_up = 2;
    let store = database.store().await.with_desk(rules);
    let surveyed = |n: u32, result: SurveyResult, score: Option<u8>| {
        let answered = SurveyAnswered {
            result,
            score,
            best: 5,
            agent: Some("1001".into()),
            source: SurveySource::Keys,
        };
        let story = Story::new(n).arrived().ringing().answered(3_000);
        let started = SurveyStarted {
            cause: SurveyCause::Released,
            agent: Some("1001".into()),
        };
        let story = story.then(8_000, EventKind::SurveyStarted(started));
        let story = story.then(9_000, EventKind::SurveyAnswered(answered));
        story.ended(10_000, Outcome::Answered)
    };
    surveyed(1, SurveyResult::Answered, Some(3))
        .store(&store)
        .await;
    surveyed(2, SurveyResult::Refused, None).store(&store).await;
    assert_eq!(all(&store).await, []);
    let low = surveyed(3, SurveyResult::Answered, Some(2))
        .store(&store)
        .await;
    store.record(&low.entries).await.unwrap();
    let [task] = all(&store).await.try_into().unwrap();
    assert_eq!(
        (task.kind, task.reason.as_str(), task.calls),
        (TaskKind::FollowUp, "low_score", 1)
    );
    assert_eq!(task.caller.unwrap().number, "13800005678");
    // Where nobody asked for it, nothing is followed up.
    let plain = database.store().await.with_desk(self::rules());
    surveyed(4, SurveyResult::Answered, Some(1))
        .store(&plain)
        .await;
    assert_eq!(all(&store).await.len(), 1);
}

/// Whom an agent left for a visitor is called back by the same agent.
pub(crate) async fn visited(database: Database) {
    let store = database.store().await.with_desk(rules());
    let left = |n: u32, agent: &str, reason: HangUpReason| {
        let by = agent.to_owned();
        let said = EventKind::Doing(Doing::HangUpReason { by, reason });
        let number = format!("1380000567{n}");
        let story = Story::new(n).arrived_on("hotline", &number, None);
        let story = story.ringing().answered_by(agent, 3_000);
        let story = story.then(9_000, said).hung_up(9_000, HangupParty::Agent);
        story.ended(10_000, Outcome::Answered)
    };
    store
        .add_user(&User {
            name: "li.na".to_owned(),
            password: String::new(),
            roles: vec![Role::Agent],
            extension: Some("1001".into()),
            disabled: false,
            created_at: LATER,
            password_at: LATER,
        })
        .await
        .unwrap();
    let visited = left(1, "1001", HangUpReason::WalkIn).store(&store).await;
    store.record(&visited.entries).await.unwrap();
    left(2, "1002", HangUpReason::WalkIn).store(&store).await;
    left(3, "1001", HangUpReason::CallerAsked)
        .store(&store)
        .await;
    let tasks = all(&store).await;
    let told: Vec<_> = tasks
        .iter()
        .map(|task| (task.reason.as_str(), task.state, task.claimed_by.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("walk_in", TaskState::Claimed, Some("li.na")),
            // Nobody has that phone: whoever is free calls back.
            ("walk_in", TaskState::Open, None),
        ]
    );
    assert!(tasks.iter().all(|task| task.kind == TaskKind::CallBack));
    assert!(tasks[0].due_at.is_some());
    let detail = store.task(tasks[0].id).await.unwrap();
    let steps: Vec<_> = detail.steps.iter().map(|step| step.action).collect();
    assert_eq!(steps, [TaskAction::Opened, TaskAction::Claimed]);
    let done = store.finish_task(tasks[0].id, "li.na", TaskResult::Reached, None, LATER);
    done.await.unwrap();
}

pub(crate) async fn commands(database: Database) {
    let store = database.store().await;
    abandoned(1, "13800005678").store(&store).await;
    let id = all(&store).await[0].id.to_string();
    let site = crate::listing::Site::new(&database);
    let list = site.print(&["tasks", "list"]);
    assert!(list.contains(&id) && list.contains("138****5678"), "{list}");
    let whole = site.print(&["tasks", "list", "--numbers", "--json"]);
    assert!(whole.contains("13800005678"), "{whole}");
    let masked = site.print(&["tasks", "list", "--json"]);
    assert!(!masked.contains("13800005678"), "{masked}");
    let done = ["tasks", "done", &id, "reached", "--remark", "下周再联系"];
    assert_eq!(site.print(&done), format!("{id}: done (reached)\n"));
    let again = site.run(&done);
    let error = String::from_utf8(again.stderr).unwrap();
    assert!(error.contains("is done, by li"), "{error}");
    let show = site.print(&["tasks", "show", &id]);
    assert!(show.contains("done by li: reached (下周再联系)"), "{show}");
    assert!(!site.print(&["tasks", "list"]).contains(&id));
    assert!(
        site.print(&["tasks", "list", "--state", "done"])
            .contains(&id)
    );
}
