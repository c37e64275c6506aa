//! Whoever follows events is told what has been set up anew: open pages read it again.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::events::push;
use super::frames::{Audience, Frames};
use crate::setup::{Administration, Effect};
use crate::store::SetupVersion;

/// Follows what of the set-up is in effect.
#[derive(Debug)]
pub(super) struct SetupNews {
    task: JoinHandle<()>,
}

impl Drop for SetupNews {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What has been set up anew, as readers get it.
#[derive(Serialize)]
struct SetupFrame<'a> {
    revision: i64,
    /// False: it cannot be put into effect, and what was before goes on.
    in_effect: bool,
    sections: Vec<SectionFrame<'a>>,
}

#[derive(Serialize)]
struct SectionFrame<'a> {
    kind: &'static str,
    name: &'a str,
    version: u32,
}

impl<'a> SectionFrame<'a> {
    fn of(version: &'a SetupVersion) -> Self {
        Self {
            kind: version.section.kind.as_str(),
            name: &version.section.name,
            version: version.version,
        }
    }
}

impl SetupNews {
    /// Tells of each revision from now on.
    pub(super) fn start(setup: Administration, frames: Arc<Frames>) -> Self {
        let effects = setup.effects().follow();
        let task = tokio::spawn(follow(setup, effects, frames));
        Self { task }
    }
}

async fn follow(setup: Administration, mut effects: watch::Receiver<Effect>, frames: Arc<Frames>) {
    let mut known = newest(&effects.borrow_and_update());
    while effects.changed().await.is_ok() {
        let effect = effects.borrow_and_update().clone();
        let revision = newest(&effect);
        // Without the database they are told what there is to read again, though not what it is.
        let versions = setup.changed_since(known, revision).await;
        let versions = versions.unwrap_or_else(|error| {
            tracing::warn!(%error, "it is not known what has been set up anew");
            Vec::new()
        });
        known = revision;
        let text = SetupFrame {
            revision,
            in_effect: effect.refused.is_none(),
            sections: versions.iter().map(SectionFrame::of).collect(),
        };
        push(&frames, "setup", &text, Audience::Desk);
        frames.tell();
    }
}

/// The revision that it is about: what is refused is newer than what is in effect.
fn newest(effect: &Effect) -> i64 {
    let refused = effect.refused.as_ref().map(|(revision, _)| *revision);
    refused.unwrap_or(effect.revision)
}
