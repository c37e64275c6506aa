//! Tells of what was to be done and is not: tasks that are late, messages that nobody has read (R184,
//! R185).

use std::time::Duration;

use crate::clock::Clock;
use crate::rules::Timestamp;
use crate::store::Store;

/// How often it is looked what is late.
const LOOKING: Duration = Duration::from_secs(5);

/// Looks now and then, until it is dropped. A message is late `unread_within` after it was taken.
pub(super) async fn tell(store: Store, unread_within: Duration, clock: Clock) {
    let mut tick = tokio::time::interval(LOOKING);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let now = clock.wall();
        if let Err(error) = look(&store, unread_within, now).await
            && !error.is_away()
        {
            tracing::error!(%error, "what is late cannot be told");
        }
    }
}

async fn look(store: &Store, unread_within: Duration, now: Timestamp) -> crate::store::Result<()> {
    let late = store.tell_late(now).await?;
    if late > 0 {
        tracing::warn!(late, "tasks were to be done by now");
    }
    let taken_before = before(now, unread_within);
    let unread = store.tell_unread(taken_before, now).await?;
    if unread > 0 {
        tracing::warn!(unread, "messages wait for somebody to read them");
    }
    crate::metrics::messages_unread(store.unread_messages(taken_before).await?);
    Ok(())
}

/// The moment `span` before `now`.
fn before(now: Timestamp, span: Duration) -> Timestamp {
    let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(span))
}
