//! Running one piece of work on the configured database.

use std::sync::Arc;

use crate::app::desk_rules;
use crate::config::Config;
use crate::setup::Administration;
use crate::store::Store;

/// The configuration that calls go by: the file's, and what was set up over it. Without the database
/// it is the file's.
pub(super) fn in_force(config: &Config) -> Config {
    let set_up = with_store(config, async |store| {
        let setup = Administration::new(Arc::new(config.clone()), store.clone());
        Ok(setup.config().await?)
    });
    set_up.unwrap_or_else(|_| config.clone())
}

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
        let setup = Administration::new(Arc::new(config.clone()), store.clone());
        // What does not go together is told by whoever sets it up; codes are read all the same.
        let in_force = setup.config().await;
        let rules = desk_rules(in_force.as_ref().unwrap_or(config));
        let store = store.with_desk(rules);
        let result = work(&store).await;
        store.close().await;
        result
    })
}
