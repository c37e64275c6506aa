//! Customers: one has several numbers, a number one customer; each change is kept until the
//! customer is erased.

use thirdring::call::Party;
use thirdring::call::event::Outcome;
use thirdring::id::{EventId, PartyId};
use thirdring::rules::Timestamp;
use thirdring::store::{
    CustomerDraft, CustomerFilter, CustomerNumber, Erased, Error, Marker, NoteDraft, Store,
    TaskFilter,
};
use uuid::Uuid;

use crate::fixture::{Database, MORNING, Story};

const LATER: Timestamp = Timestamp(MORNING + 60_000_000);

fn draft(name: &str, numbers: &[&str]) -> CustomerDraft {
    let numbers = numbers.iter().map(|number| CustomerNumber {
        number: (*number).to_owned(),
        label: None,
    });
    CustomerDraft {
        name: name.to_owned(),
        form: Some("先生".to_owned()),
        level: Some("大客户".to_owned()),
        numbers: numbers.collect(),
        ..CustomerDraft::default()
    }
}

async fn create(store: &Store, name: &str, numbers: &[&str]) -> thirdring::store::Result<Uuid> {
    let draft = draft(name, numbers);
    let created = store.create_customer(&draft, "li", "order", LATER).await?;
    Ok(created.id.0)
}

pub(crate) async fn known(database: Database) {
    let store = database.store().await;
    let wang = create(&store, "王小明", &["138-0000-5678", "010 6123 4567"])
        .await
        .unwrap();
    create(&store, "李四", &["13900005678"]).await.unwrap();
    let party = |n: u128, number: &str, e164: Option<&str>| Party {
        id: PartyId(Uuid::from_u128(n)),
        number: number.to_owned(),
        e164: e164.map(str::to_owned),
        name: None,
    };
    let callers = [
        party(1, "013800005678", Some("+8613800005678")),
        // Local, as a trunk in Beijing sends it.
        party(2, "61234567", Some("+861061234567")),
        party(3, "13700005678", Some("+8613700005678")),
        party(4, "anonymous", None),
    ];
    let known = store.known_callers(&callers).await.unwrap();
    let ids: Vec<_> = known.keys().map(|id| id.0.as_u128()).collect();
    assert_eq!(ids, [1, 2]);
    for caller in known.values() {
        assert_eq!(caller.customer.0, wang);
        assert_eq!(caller.name, "王小明");
        assert_eq!(caller.form.as_deref(), Some("先生"));
        assert_eq!(caller.level.as_deref(), Some("大客户"));
    }
    assert!(store.known_callers(&[]).await.unwrap().is_empty());

    // A call's own caller, before anybody has answered.
    let ringing = Story::new(1).arrived().ringing().store(&store).await;
    let call = store.call(ringing.call).await.unwrap().call;
    let known = store.known_callers(call.parties.values()).await.unwrap();
    assert_eq!(known.values().next().unwrap().name, "王小明");
}

pub(crate) async fn changed(database: Database) {
    let store = database.store().await;
    let first = draft("王小明", &["13800005678"]);
    let created = store
        .create_customer(&first, "li", "order", LATER)
        .await
        .unwrap();
    let id = created.id;
    let second = draft("王小民", &["13800005678", "13900005678"]);
    let change = async |base, draft: &CustomerDraft| {
        store
            .change_customer(id, base, draft, "1001", "he said so", LATER)
            .await
    };
    let changed = change(1, &second).await.unwrap();
    assert_eq!((changed.version, &changed.draft), (2, &second));
    assert_eq!(store.customer(id).await.unwrap(), changed);
    // Nothing new, and somebody who has not seen the change.
    assert_eq!(change(2, &second).await.unwrap().version, 2);
    let error = change(1, &first).await.unwrap_err();
    assert!(
        matches!(error, Error::CustomerChanged { version: 2, .. }),
        "{error:?}"
    );

    let versions = store.customer_versions(id).await.unwrap();
    let history: Vec<_> = versions
        .iter()
        .map(|it| (it.version, it.author.as_str(), &it.draft))
        .collect();
    assert_eq!(history, [(1, "li", &first), (2, "1001", &second)]);
    let audited = store.audited(None, 10).await.unwrap();
    let audited: Vec<_> = audited
        .iter()
        .map(|it| (it.actor.as_str(), it.action.as_str(), it.purpose.as_str()))
        .collect();
    assert_eq!(
        audited,
        [
            ("li", "customer.create", "order"),
            ("1001", "customer.change", "he said so")
        ]
    );

    // A number has one customer, however it is written.
    let error = create(&store, "李四", &["+8613900005678"])
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::NumberTaken(owner) if owner == id),
        "{error:?}"
    );
    let by_name = CustomerFilter {
        name: Some("李".to_owned()),
        ..CustomerFilter::default()
    };
    assert!(store.customers(&by_name).await.unwrap().is_empty());
    for (name, numbers) in [
        ("", ["13700000001"].as_slice()),
        ("x", &[]),
        ("x", &["nobody"]),
        ("x", &["13700000001", "+8613700000001"]),
        (&"x".repeat(101), &["13700000001"]),
    ] {
        let error = create(&store, name, numbers).await.unwrap_err();
        assert!(matches!(error, Error::NoCustomer(_)), "{name}: {error:?}");
    }
}

pub(crate) async fn listed(database: Database) {
    let store = database.store().await;
    for (n, name) in ["Anna", "Bob", "anna 100%", "Ann_", "安娜"]
        .iter()
        .enumerate()
    {
        create(&store, name, &[&format!("1380000567{n}")])
            .await
            .unwrap();
    }
    let names = async |filter: CustomerFilter| {
        let found = store.customers(&filter).await.unwrap().into_iter();
        let mut names: Vec<_> = found.map(|it| it.draft.name).collect();
        names.sort();
        names
    };
    let named = |name: &str| CustomerFilter {
        name: Some(name.to_owned()),
        ..CustomerFilter::default()
    };
    assert_eq!(names(named("ANNA")).await, ["Anna", "anna 100%"]);
    assert_eq!(names(named("%")).await, ["anna 100%"]);
    assert_eq!(names(named("_")).await, ["Ann_"]);
    assert_eq!(names(named("安")).await, ["安娜"]);
    let numbered = |number: &str| CustomerFilter {
        number: Some(number.to_owned()),
        ..CustomerFilter::default()
    };
    assert_eq!(names(numbered("+86 138 0000 5671")).await, ["Bob"]);
    assert!(names(numbered("no number")).await.is_empty());

    let mut page = CustomerFilter {
        limit: Some(2),
        ..CustomerFilter::default()
    };
    let mut found = Vec::new();
    loop {
        let some = store.customers(&page).await.unwrap();
        let Some(last) = some.last() else { break };
        page.after = Some((last.draft.name.clone(), last.id));
        found.extend(some.into_iter().map(|it| it.id));
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 5);
}

pub(crate) async fn erased(database: Database) {
    let store = database.store().await;
    let id = create(&store, "王小明", &["138 0000 5678"]).await.unwrap();
    let id = thirdring::id::CustomerId(id);
    let lost = Story::new(1)
        .arrived()
        .ringing()
        .ended(9_000, Outcome::Abandoned);
    let lost = lost.store(&store).await;
    let other = Story::new(2)
        .arrived_on("hotline", "13900005678", None)
        .ringing();
    let other = other.ended(9_000, Outcome::Abandoned).store(&store).await;
    for call in [lost.call, other.call] {
        let note = NoteDraft {
            author: "1001".to_owned(),
            text: "lives in 3 号楼".to_owned(),
            ..NoteDraft::default()
        };
        store.save_note(call, &note, LATER).await.unwrap();
    }
    let marker = |call| Marker {
        id: EventId(Uuid::from_u128(rand::random())),
        call,
        at_ms: 7,
        text: Some("here he says his name".to_owned()),
        author: "qa".to_owned(),
        set_at: LATER,
        removed: None,
    };
    for call in [lost.call, other.call] {
        store.set_marker(&marker(call)).await.unwrap();
    }
    let task = store.tasks(&TaskFilter::default()).await.unwrap()[0].id;
    store
        .try_task(task, "1001", Some("his wife says no"), LATER)
        .await
        .unwrap();

    let erased = store
        .erase_customer(id, "li", "he asked for it", LATER)
        .await
        .unwrap();
    assert_eq!(
        erased,
        Erased {
            parties: 1,
            notes: 1
        }
    );
    let error = store.customer(id).await.unwrap_err();
    assert!(matches!(error, Error::UnknownCustomer(_)), "{error:?}");
    assert!(store.customer_versions(id).await.unwrap().is_empty());
    assert!(store.call(lost.call).await.unwrap().call.parties.is_empty());
    let note = store.note(lost.call).await.unwrap().unwrap();
    assert_eq!((note.author.as_str(), note.text), ("1001", None));
    let text = async |call| store.markers(call).await.unwrap()[0].text.clone();
    assert_eq!(text(lost.call).await, None);
    assert!(text(other.call).await.is_some());
    let task = store.task(task).await.unwrap();
    assert_eq!(task.task.caller, None);
    assert!(task.steps.iter().all(|step| step.remark.is_none()));
    // Nobody else has lost anything, the log is whole, and who did it is known.
    assert_eq!(store.call(other.call).await.unwrap().call.parties.len(), 1);
    assert!(
        store
            .note(other.call)
            .await
            .unwrap()
            .unwrap()
            .text
            .is_some()
    );
    assert!(store.rebuild().await.unwrap().differences.is_empty());
    let audited = store.audited(None, 10).await.unwrap();
    let last = audited.last().unwrap();
    assert_eq!(
        (last.action.as_str(), last.purpose.as_str()),
        ("customer.erase", "he asked for it")
    );
    let all = format!("{audited:?}");
    assert!(!all.contains("5678") && !all.contains('王'), "{all}");
}

pub(crate) async fn imported(database: Database) {
    let store = database.store().await;
    create(&store, "old name", &["13800005678"]).await.unwrap();
    let site = crate::listing::Site::new(&database);
    let table = "姓名,称呼,电话,电话2\r\n\
                 王小明,,138-0000-5678,13600005678\r\n\
                 \"Li, Si\",女士,13900005678,\r\n\
                 ,先生,13500005678,\r\n\
                 Zhao,,none,\r\n\
                 both,,13800005678,13900005678\r\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(table);
    std::fs::write(site.folder().join("customers.csv"), &bytes).unwrap();

    let said = |output: std::process::Output| {
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, report) = said(site.run(&["customers", "import", "customers.csv", "--check"]));
    // Before anything is written down, the last line would only add to the first customer.
    assert!(
        report.ends_with("1 new, 2 changed, 0 as they were\n"),
        "{report}"
    );
    assert_eq!(code, Some(1));
    let whole = CustomerFilter::default();
    assert_eq!(store.customers(&whole).await.unwrap().len(), 1);

    let (code, report) = said(site.run(&["customers", "import", "customers.csv"]));
    assert_eq!(code, Some(1));
    let lines: Vec<_> = report.lines().collect();
    assert_eq!(
        lines[0],
        "line 4: a customer needs a name of at most 100 characters"
    );
    assert_eq!(
        lines[1],
        "line 5: a customer needs one to 20 telephone numbers"
    );
    assert!(
        lines[2].starts_with("line 6: the numbers belong to several customers: "),
        "{report}"
    );
    assert_eq!(lines[3], "1 new, 1 changed, 0 as they were");
    let found = store.customers(&whole).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|it| {
            let numbers = it.draft.numbers.iter().map(|it| it.number.as_str());
            (
                it.draft.name.as_str(),
                it.draft.form.as_deref(),
                numbers.collect(),
            )
        })
        .collect();
    let expected: [(&str, Option<&str>, Vec<&str>); 2] = [
        ("Li, Si", Some("女士"), vec!["13900005678"]),
        // What the table does not say stays.
        ("王小明", Some("先生"), vec!["13800005678", "13600005678"]),
    ];
    assert_eq!(found, expected);
    let (_, report) = said(site.run(&["customers", "import", "customers.csv"]));
    assert!(
        report.ends_with("0 new, 0 changed, 2 as they were\n"),
        "{report}"
    );

    // Whoever answers is told who it is, and another program's page opens.
    site.configure("[desk]\nscreen_pop = \"https://crm.example.com/?from={number}&by={agent}\"\n");
    let ringing = Story::new(1).arrived().ringing().answered(4_000);
    let call = ringing.store(&store).await.call.to_string();
    let show = site.print(&["calls", "show", &call, "--numbers"]);
    assert!(show.contains("王小明先生 (大客户)"), "{show}");
    let page = "https://crm.example.com/?from=%2B8613800005678&by=1001";
    assert!(show.contains(page), "{show}");
    let show = site.print(&["calls", "show", &call]);
    assert!(show.contains("from=%2B86138%2A%2A%2A%2A5678"), "{show}");

    let list = site.print(&["customers", "list", "--name", "小明"]);
    assert!(
        list.contains("王小明") && list.contains("138****5678"),
        "{list}"
    );
    let id = store.customers(&whole).await.unwrap()[0].id.to_string();
    let erase = ["customers", "erase", &id, "--reason", "asked for it"];
    let said = site.print(&erase);
    assert!(
        said.contains("erased, with the number in 0 calls"),
        "{said}"
    );
    assert_eq!(store.customers(&whole).await.unwrap().len(), 1);
}
