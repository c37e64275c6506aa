//! Messages for colleagues, whose a task is, and what is late: told once, and counted in working
//! time.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use thirdring::call::event::Outcome;
use thirdring::id::{AgentId, LineId};
use thirdring::rules::{Calendar, DirectoryEntry, LineRules, Matter, Timestamp};
use thirdring::store::{
    CallBack, DeskRules, Error, MessageDraft, MessageFilter, Store, Task, TaskAction, TaskFilter,
    TaskKind, TaskState, Written,
};

use crate::fixture::{Database, MORNING, Story};

const LATER: Timestamp = Timestamp(MORNING + 60_000_000);
const HALF_AN_HOUR: i64 = 1_800_000_000;

fn rules() -> DeskRules {
    let hotline = LineRules {
        callback_within: Some(Duration::from_mins(30)),
        ..LineRules::default()
    };
    DeskRules {
        lines: BTreeMap::from([(LineId::from("hotline"), hotline)]),
        has_webhooks: true,
    }
}

async fn all(store: &Store) -> Vec<Task> {
    store.tasks(&TaskFilter::default()).await.unwrap()
}

fn draft() -> MessageDraft {
    MessageDraft {
        for_agent: Some("1002".into()),
        for_name: "王强".to_owned(),
        from_name: Some("李先生".to_owned()),
        number: Some("138 0000 5678".to_owned()),
        text: Some("请回电".to_owned()),
        urgent: true,
        ..MessageDraft::default()
    }
}

async fn answered(store: &Store, n: u32, number: &str) -> Story {
    let story = Story::new(n).arrived_on("hotline", number, None).ringing();
    let story = story.answered(4_000).ended(9_000, Outcome::Answered);
    story.store(store).await
}

pub(crate) async fn taken(database: Database) {
    let store = database.store().await.with_desk(rules());
    let mut news = store.task_news();
    let story = answered(&store, 1, "13900005678").await;
    let taken = store
        .take_message(story.call, &draft(), "li.na", LATER)
        .await
        .unwrap();
    assert_eq!((taken.call, taken.urgent), (Some(story.call), true));
    let [task] = all(&store).await.try_into().unwrap();
    assert_eq!((task.id, task.kind), (taken.id, TaskKind::Relay));
    assert_eq!(task.assigned_to, Some(AgentId::from("1002")));
    assert_eq!(task.due_at, Some(Timestamp(LATER.0 + HALF_AN_HOUR)));
    let heard = news.try_recv().unwrap();
    assert_eq!(
        (heard.action, heard.assigned_to),
        (TaskAction::Opened, task.assigned_to)
    );
    // Who is called back about it is whoever left it.
    let filter = TaskFilter {
        number: Some("+8613800005678".to_owned()),
        ..TaskFilter::default()
    };
    assert_eq!(store.tasks(&filter).await.unwrap().len(), 1);
    // A second one in the same call, for somebody else.
    let other = MessageDraft {
        for_agent: None,
        for_name: "工程部".to_owned(),
        ..draft()
    };
    store
        .take_message(story.call, &other, "li.na", LATER)
        .await
        .unwrap();
    // Who wants to leave none is kept, and is nobody's task.
    let refused = MessageDraft {
        refused: true,
        text: None,
        from_name: None,
        number: None,
        ..draft()
    };
    store
        .take_message(story.call, &refused, "li.na", LATER)
        .await
        .unwrap();
    assert_eq!(all(&store).await.len(), 2);
    let of_call = MessageFilter {
        call: Some(story.call),
        ..MessageFilter::default()
    };
    assert_eq!(store.messages(&of_call).await.unwrap().len(), 3);
    for unfit in [
        MessageDraft {
            text: None,
            ..draft()
        },
        MessageDraft {
            number: Some("nobody".to_owned()),
            ..draft()
        },
        MessageDraft {
            from_name: None,
            number: None,
            ..draft()
        },
        MessageDraft {
            for_name: " ".to_owned(),
            ..draft()
        },
        MessageDraft {
            text: Some("x".repeat(2_001)),
            ..draft()
        },
    ] {
        let error = store.take_message(story.call, &unfit, "li.na", LATER).await;
        assert!(matches!(error, Err(Error::Unregistrable(_))), "{unfit:?}");
    }
    assert_eq!(all(&store).await.len(), 2);
}

pub(crate) async fn read(database: Database) {
    let store = database.store().await.with_desk(rules());
    let story = answered(&store, 1, "13900005678").await;
    let taken = store
        .take_message(story.call, &draft(), "li.na", LATER)
        .await
        .unwrap();
    let due = Timestamp(LATER.0 + 1);
    // Told once, and by one of two processes only.
    assert_eq!(store.unread_messages(due).await.unwrap(), 1);
    assert_eq!(store.unread_messages(LATER).await.unwrap(), 0);
    assert_eq!(store.tell_unread(LATER, due).await.unwrap(), 0);
    let mut news = store.task_news();
    let other = database.store().await.with_desk(rules());
    let (a, b) = tokio::join!(store.tell_unread(due, due), other.tell_unread(due, due));
    assert_eq!(a.unwrap() + b.unwrap(), 1);
    assert_eq!(store.tell_unread(due, due).await.unwrap(), 0);
    let steps = store.task(taken.id).await.unwrap().steps;
    let actions: Vec<_> = steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, [TaskAction::Opened, TaskAction::Unread]);
    while let Ok(heard) = news.try_recv() {
        assert_eq!(heard.action, TaskAction::Unread);
    }
    // Shown, looked at by somebody else, read.
    store.delivered(&[taken.id], due).await.unwrap();
    let seen = store
        .read_message(taken.id, "boss", false, due)
        .await
        .unwrap();
    assert_eq!((seen.delivered_at, seen.read_at), (Some(due), None));
    let later = Timestamp(due.0 + 1);
    let read = store
        .read_message(taken.id, "wang", true, later)
        .await
        .unwrap();
    let again = store
        .read_message(taken.id, "wang", true, Timestamp(due.0 + 2))
        .await
        .unwrap();
    assert_eq!(
        (read.read_at, read.read_by.as_deref()),
        (Some(later), Some("wang"))
    );
    assert_eq!(again, read);
    assert_eq!(store.unread_messages(Timestamp(i64::MAX)).await.unwrap(), 0);
    let audited = store.audited(Some(story.call), 10).await.unwrap();
    let readers: Vec<_> = audited.iter().map(|entry| entry.actor.as_str()).collect();
    assert_eq!(readers, ["boss", "wang", "wang"]);
}

pub(crate) async fn assigned(database: Database) {
    let store = database.store().await.with_desk(rules());
    let story = answered(&store, 1, "13900005678").await;
    let asked = CallBack {
        by: "li.na",
        to: None,
        due_at: None,
        remark: Some("查到后回电"),
    };
    // By default it is whoever answered first, who stays responsible.
    let id = store
        .ask_call_back(story.call, &asked, LATER)
        .await
        .unwrap();
    let task = store.task(id).await.unwrap();
    let first_asked = store
        .call(story.call)
        .await
        .unwrap()
        .call
        .record
        .answered_by;
    assert!(first_asked.is_some());
    assert_eq!(task.task.assigned_to, first_asked);
    assert_eq!(task.task.due_at, Some(Timestamp(LATER.0 + HALF_AN_HOUR)));
    let actions: Vec<_> = task.steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, [TaskAction::Opened, TaskAction::Assigned]);
    // Asked again it is the same one; somebody else can be named.
    assert_eq!(
        store
            .ask_call_back(story.call, &asked, LATER)
            .await
            .unwrap(),
        id
    );
    store.claim_task(id, "li.na", LATER).await.unwrap();
    let other = AgentId::from("1002");
    let to = Some(&other);
    store
        .assign_task(id, to, "lead", Some("换班"), LATER)
        .await
        .unwrap();
    let task = store.task(id).await.unwrap();
    assert_eq!(
        (task.task.state, task.task.claimed_by),
        (TaskState::Open, None)
    );
    let last = task.steps.last().unwrap();
    assert_eq!(
        (last.assigned_to.as_ref(), last.actor.as_str()),
        (to, "lead")
    );
    let of_other = TaskFilter {
        assigned_to: Some(other.clone()),
        ..TaskFilter::default()
    };
    assert_eq!(store.tasks(&of_other).await.unwrap().len(), 1);
    store
        .assign_task(id, None, "lead", None, LATER)
        .await
        .unwrap();
    assert_eq!(store.tasks(&of_other).await.unwrap().len(), 0);
    let done = thirdring::store::TaskResult::Reached;
    store
        .finish_task(id, "li.na", done, None, LATER)
        .await
        .unwrap();
    let error = store
        .assign_task(id, to, "lead", None, LATER)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TaskState { .. }), "{error:?}");
    // Nobody knows a number to call.
    let anonymous = Story::new(2)
        .arrived_on("hotline", "anonymous", None)
        .ringing();
    let mut anonymous = anonymous.answered(4_000).ended(9_000, Outcome::Answered);
    anonymous.entries[0].parties[0].e164 = None;
    let anonymous = anonymous.store(&store).await;
    let error = store
        .ask_call_back(anonymous.call, &asked, LATER)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unregistrable(_)), "{error:?}");
}

pub(crate) async fn late(database: Database) {
    let store = database.store().await.with_desk(rules());
    // The morning is a Saturday, 16:00 in China: the desk opens on Monday at nine.
    let hours = ["mon-fri 09:00-17:30".parse().unwrap()];
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let office = Calendar::new(zone, &hours, true, false);
    store.learn_calendars([(LineId::from("hotline"), office)].into());
    let lost = Story::new(1)
        .arrived()
        .ringing()
        .ended(9_000, Outcome::Abandoned);
    lost.store(&store).await;
    let [task] = all(&store).await.try_into().unwrap();
    let monday: jiff::Timestamp = "2026-11-23T09:30:00+08:00".parse().unwrap();
    assert_eq!(task.due_at, Some(Timestamp(monday.as_microsecond())));
    let mut news = store.task_news();
    let due = Timestamp(monday.as_microsecond());
    assert_eq!(store.tell_late(due).await.unwrap(), 0);
    let after = Timestamp(due.0 + 1);
    let other = database.store().await;
    let (a, b) = tokio::join!(store.tell_late(after), other.tell_late(after));
    assert_eq!(a.unwrap() + b.unwrap(), 1);
    assert_eq!(store.tell_late(after).await.unwrap(), 0);
    let steps = store.task(task.id).await.unwrap().steps;
    assert_eq!(steps.last().unwrap().action, TaskAction::Late);
    while let Ok(heard) = news.try_recv() {
        assert_eq!(heard.action, TaskAction::Late);
    }
}

pub(crate) async fn tables(database: Database) {
    let store = database.store().await;
    let site = crate::listing::Site::new(&database);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let people = "name,kind,department,number,hours,substitute\n\
         工程值班,department,工程部,8021,mon-fri 09:00-17:30; sat 09:00-12:00,\n\
         王强,person,工程部,8022,,工程值班\n\
         谁,nobody,,,,\n";
    let people = file("people.csv", people);
    let checked = site.run(&["directory", "import", "--check", &people]);
    let told = String::from_utf8(checked.stdout).unwrap();
    assert!(
        !checked.status.success() && told.contains("line 4: `nobody` is no kind"),
        "{told}"
    );
    let entries: Vec<thirdring::store::Registered<DirectoryEntry>> =
        store.registered().await.unwrap();
    assert!(entries.is_empty());
    let taken = site.run(&["directory", "import", &people]);
    let told = String::from_utf8(taken.stdout).unwrap();
    assert!(told.contains("2 new, 0 changed, 0 as they were"), "{told}");
    let matters = "name,purposes,department,contacts,out_of_scope\n\
         漏水,repair.leak; repair,工程部,王强; 工程值班,no\n";
    let matters = file("matters.csv", matters);
    let taken = site.print(&["matters", "import", &matters]);
    assert!(taken.contains("1 new"), "{taken}");
    let kept: Vec<thirdring::store::Registered<Matter>> = store.registered().await.unwrap();
    assert_eq!(kept[0].document.contacts.len(), 2);
    // What is printed can be taken in again, and changes nothing.
    for kind in ["directory", "matters"] {
        let printed = site.print(&[kind, "export"]);
        let same = file(kind, &printed);
        let taken = site.print(&[kind, "import", &same]);
        assert!(taken.contains("0 new, 0 changed"), "{taken}: {printed}");
    }
    // By name, and only what the table says.
    let change = file("change.csv", "name,number\n王强,8033\n");
    let taken = site.print(&["directory", "import", "--reason", "换号", &change]);
    assert!(taken.contains("0 new, 1 changed"), "{taken}");
    let entries: Vec<thirdring::store::Registered<DirectoryEntry>> =
        store.registered().await.unwrap();
    let wang = entries
        .iter()
        .find(|entry| entry.document.name == "王强")
        .unwrap();
    assert_eq!(wang.document.number.as_deref(), Some("8033"));
    assert_eq!(wang.document.department.as_deref(), Some("工程部"));
    let versions = store
        .register_versions::<DirectoryEntry>(wang.id)
        .await
        .unwrap();
    let reasons: Vec<_> = versions.iter().map(|it| it.reason.as_deref()).collect();
    assert_eq!(reasons, [Some("import"), Some("换号")]);
    // Two who change the same: one is told to look again.
    let written = Written {
        by: "li",
        why: None,
        at: LATER,
    };
    let anew = |store: Store| {
        let entry = wang.document.clone();
        async move { store.register_anew(wang.id, 2, entry, &written).await }
    };
    let (a, b) = tokio::join!(anew(store.clone()), anew(store.clone()));
    assert!(a.is_ok() != b.is_ok());
}
