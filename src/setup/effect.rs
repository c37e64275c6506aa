//! What of that which is set up is in effect.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use crate::config::Problem;
use crate::rules::Timestamp;

/// What is in effect, and what is not and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The revision that calls go by; 0 is the file alone.
    pub revision: i64,
    /// Since when.
    pub since: Timestamp,
    /// The newer revision that cannot be put into effect, and what is wrong with it.
    pub refused: Option<(i64, Vec<Problem>)>,
}

/// What whoever sets things up and whoever runs the service tell each other; cheap to clone.
#[derive(Clone, Debug)]
pub struct Effects {
    now: watch::Sender<Effect>,
    wanted: Arc<Notify>,
}

impl Default for Effects {
    fn default() -> Self {
        Self {
            now: watch::Sender::new(Effect {
                revision: 0,
                since: Timestamp(0),
                refused: None,
            }),
            wanted: Arc::default(),
        }
    }
}

impl Effects {
    /// What is in effect now.
    pub fn now(&self) -> Effect {
        self.now.borrow().clone()
    }

    /// Each change of it from now on.
    pub fn follow(&self) -> watch::Receiver<Effect> {
        self.now.subscribe()
    }

    /// Says what is in effect from now on.
    pub fn say(&self, effect: Effect) {
        self.now.send_replace(effect);
    }

    /// Something new wants to be put into effect; whoever runs the service need not look first.
    pub fn want(&self) {
        self.wanted.notify_one();
    }

    /// Returns when something new wants to be put into effect.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }
}
