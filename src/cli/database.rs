//! Running one piece of work on the configured database.

use crate::app::desk_rules;
use crate::config::Config;
use crate::store::Store;

/// Opens the store, runs `work`, and closes it again.
pub(super) fn with_store<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = Store::open(config.database.url.reveal()).await?;
        let store = store.with_desk(desk_rules(config));
        let result = work(&store).await;
        store.close().await;
        result
    })
}
