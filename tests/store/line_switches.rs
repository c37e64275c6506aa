//! Turns of lines' emergency switches over a restart.

use thirdring::call::command::{Done, Refused};
use thirdring::id::LineId;
use thirdring::rules::Timestamp;
use thirdring::store::LineSwitchWriter;
use thirdring::switch::{Diversion, LineSwitch};
use tokio::sync::oneshot;

use crate::fixture::{Database, MORNING};

fn turn(line: &str, to: Option<Diversion>, minutes: i64) -> LineSwitch {
    LineSwitch {
        line: LineId::from(line),
        to,
        by: "li".to_owned(),
        at: Timestamp(MORNING + minutes * 60_000_000),
        reason: Some("火警".to_owned()),
    }
}

/// The last turn of each line counts, and every turn can be read.
pub(crate) async fn last(database: Database) {
    let store = database.store().await;
    assert_eq!(store.line_switches().await.unwrap(), []);
    let fault = Diversion::Announcement("fault.wav".to_owned());
    let number = Diversion::Number("01061234567".to_owned());
    let turns = [
        turn("hotline", Some(fault), 0),
        turn("sales", Some(number), 1),
        turn("hotline", None, 2),
    ];
    let (writer, sender) = LineSwitchWriter::start(store.clone());
    for turn in &turns {
        let (answer, answered) = oneshot::channel();
        sender.send((turn.clone(), answer)).await.unwrap();
        assert_eq!(answered.await, Ok(Ok(Done::Accepted)));
        // Whoever is answered can rely on it.
        let kept = store.line_switch_history(&turn.line, 1).await.unwrap();
        assert_eq!(kept.first(), Some(turn));
    }
    let last = store.line_switches().await.unwrap();
    assert_eq!(last, [turns[2].clone(), turns[1].clone()]);
    let line = LineId::from("hotline");
    let history = store.line_switch_history(&line, 10).await.unwrap();
    assert_eq!(history, [turns[2].clone(), turns[0].clone()]);
    let one = store.line_switch_history(&line, 1).await.unwrap();
    assert_eq!(one, [turns[2].clone()]);
    drop(sender);
    writer.finish(std::time::Duration::from_secs(30)).await;
}

/// R279: whoever switches a line in an emergency is told that the database does not answer, and need
/// not wait for it.
pub(crate) async fn not_kept(database: Database) {
    let store = database.store().await;
    store.close().await;
    let (writer, sender) = LineSwitchWriter::start(store);
    let (answer, answered) = oneshot::channel();
    let fault = Diversion::Announcement("fault.wav".to_owned());
    let turn = turn("hotline", Some(fault), 0);
    sender.send((turn, answer)).await.unwrap();
    assert_eq!(answered.await, Ok(Err(Refused::NotKept)));
    drop(sender);
    writer.finish(std::time::Duration::ZERO).await;
}
