//! Registrations over a restart of the service.

use std::time::Duration;

use thirdring::id::AgentId;
use thirdring::rules::Timestamp;
use thirdring::store::{BindingWriter, BindingWriterConfig, Store};
use thirdring::switch::{KeptBinding, KeptBindings};

use crate::fixture::{Database, MORNING};

fn binding(agent: &str, contact: &str) -> KeptBinding {
    KeptBinding {
        agent: AgentId::from(agent),
        contact: format!("<sip:{contact}>;q=0.5;+sip.instance=\"<urn:uuid:7>\""),
        path: "<sip:edge.example.com;lr>, <sip:192.0.2.3;lr>".to_owned(),
        transport: "UDP".to_owned(),
        local: "[2001:db8::1]:5060".to_owned(),
        peer: "[2001:db8::9]:40000".to_owned(),
        is_behind_nat: true,
        call_id: "a84b4c76e66710".to_owned(),
        cseq: u32::MAX,
        instance: Some("<urn:uuid:7>".to_owned()),
        user_agent: Some("测试话机 1.0".to_owned()),
        registered_at: Timestamp(MORNING),
        expires_at: Timestamp(MORNING + 3_600_000_000),
        is_reachable: true,
    }
}

fn kept(agent: &str, bindings: &[KeptBinding], is_news: bool) -> KeptBindings {
    KeptBindings {
        agent: AgentId::from(agent),
        bindings: bindings.to_vec(),
        is_news,
    }
}

/// What is written is read back, and an agent's rows take the place of those before.
pub(crate) async fn read_back(database: Database) {
    let store = database.store().await;
    let first = [
        binding("1001", "a@192.0.2.9"),
        binding("1001", "b@192.0.2.9"),
    ];
    let mut other = binding("1002", "c@192.0.2.9");
    other.instance = None;
    other.user_agent = None;
    other.is_reachable = false;
    let other = [other];
    let all = [kept("1001", &first, true), kept("1002", &other, true)];
    store.keep_bindings(&all).await.unwrap();
    let read = store.bindings().await.unwrap();
    assert_eq!(read, [&first[..], &other[..]].concat());

    let moved = [binding("1001", "d@192.0.2.9")];
    store
        .keep_bindings(&[kept("1001", &moved, true), kept("1002", &[], true)])
        .await
        .unwrap();
    store.close().await;
    let store = database.store().await;
    assert_eq!(store.bindings().await.unwrap(), moved);
    store.close().await;
}

/// The writer has written the last state of everybody when it is finished.
pub(crate) async fn written(database: Database) {
    let store = database.store().await;
    let config = BindingWriterConfig {
        refreshes_within: Duration::from_hours(1),
        ..BindingWriterConfig::default()
    };
    let (writer, keep) = BindingWriter::start(store.clone(), config);
    let old = [binding("1001", "old@192.0.2.9")];
    let new = [binding("1001", "new@192.0.2.9")];
    let later = [binding("1002", "later@192.0.2.9")];
    for state in [
        kept("1002", &later, false),
        kept("1001", &old, true),
        kept("1001", &new, false),
    ] {
        keep.send(state).await.unwrap();
    }
    until_written(&store, 2).await; // the news did not wait for the hour
    keep.send(kept("1002", &[], false)).await.unwrap();
    drop(keep);
    writer.finish(Duration::from_mins(1)).await;
    assert_eq!(store.bindings().await.unwrap(), new);
    store.close().await;
}

/// While the database is away nothing is lost; when it is back, the last state is written.
pub(crate) async fn database_away(database: Database) {
    let store = database.store().await;
    database
        .execute("alter table bindings rename to hidden")
        .await
        .unwrap();
    let config = BindingWriterConfig {
        pause: Duration::from_millis(20),
        ..BindingWriterConfig::default()
    };
    let (writer, keep) = BindingWriter::start(store.clone(), config);
    let bound = [binding("1001", "a@192.0.2.9")];
    keep.send(kept("1001", &bound, true)).await.unwrap();
    drop(keep);
    let mut database_up = writer.database_up();
    let failed = database_up.wait_for(|up| !up);
    let failed = tokio::time::timeout(Duration::from_mins(1), failed).await;
    assert!(
        failed.is_ok_and(|up| up.is_ok()),
        "nothing was tried in vain"
    );
    database
        .execute("alter table hidden rename to bindings")
        .await
        .unwrap();
    writer.finish(Duration::from_mins(1)).await;
    assert_eq!(store.bindings().await.unwrap(), bound);
    store.close().await;
}

async fn until_written(store: &Store, count: usize) {
    let written = async {
        while store.bindings().await.unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), written)
        .await
        .unwrap();
}
