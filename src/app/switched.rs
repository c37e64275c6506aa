//! Which lines were switched to their emergency plans before the start (R279).

use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;

use crate::net::Handle;
use crate::store::Store;
use crate::switch::LineSwitch;

/// The pause after a failure.
const PAUSE: Duration = Duration::from_secs(2);

/// Reads them; `None` if the database is away at the start.
pub(super) async fn read(store: &Store, is_away: bool) -> anyhow::Result<Option<Vec<LineSwitch>>> {
    if is_away {
        return Ok(None);
    }
    let switches = store.line_switches().await;
    let switches = switches.context("cannot read which lines are switched")?;
    Ok(Some(switches))
}

/// Reads them when the database is there at last.
pub(super) fn read_later(store: Store, signalling: Handle, is_away: bool) -> JoinHandle<()> {
    tokio::spawn(async move {
        if !is_away {
            return;
        }
        loop {
            match store.line_switches().await {
                Ok(kept) => return signalling.line_switches(kept).await,
                // Whoever waits for the database tells of it.
                Err(error) => tracing::debug!(%error, "it is not known which lines are switched"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    })
}
