//! Webhooks: other programs are told what happens, signed as Standard Webhooks 1.0 asks.
//!
//! The log is read, by a task of its own, for what somebody wants to be told; each message waits in
//! the store until it is delivered or given up. So no endpoint, however slow, ever holds the log or
//! a call, and a restart loses no message. Each endpoint has a task of its own: one that hangs
//! holds no other.

mod endpoint;
mod guard;
mod message;
mod sender;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

pub use endpoint::{Endpoint, EndpointError, EndpointSettings};
pub use guard::is_public;

use crate::clock::Clock;
use crate::rules::Timestamp;
use crate::store::Store;

/// How it is told.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// How often it is looked whether there is something to be told or sent.
    pub look: Duration,
    /// The pauses after tries that failed; after the last one a message is given up.
    pub pauses: Vec<Duration>,
    /// How long messages are kept, delivered or not.
    pub keep: Duration,
}

impl Default for WebhookSettings {
    /// Nine more tries within 76 hours, as Standard Webhooks proposes.
    fn default() -> Self {
        let pauses = [
            Duration::from_secs(5),
            Duration::from_mins(5),
            Duration::from_mins(30),
            Duration::from_hours(2),
            Duration::from_hours(5),
            Duration::from_hours(10),
            Duration::from_hours(14),
            Duration::from_hours(20),
            Duration::from_hours(24),
        ];
        Self {
            look: Duration::from_millis(500),
            pauses: pauses.to_vec(),
            keep: Duration::from_hours(30 * 24),
        }
    }
}

/// How often old messages are forgotten.
const FORGETTING: Duration = Duration::from_hours(1);

/// The tasks that tell; they end when this is dropped, and whatever they are at can be broken off.
#[derive(Debug)]
pub struct Webhooks {
    _tasks: JoinSet<()>,
}

impl Webhooks {
    /// Begins to tell these endpoints what happens from now on.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn start(
        store: Store,
        endpoints: Vec<Endpoint>,
        settings: WebhookSettings,
        clock: Clock,
    ) -> crate::store::Result<Self> {
        let mut tasks = JoinSet::new();
        if endpoints.is_empty() {
            return match store.stop_telling().await {
                Err(error) if !error.is_away() => Err(error),
                Ok(()) | Err(_) => Ok(Self { _tasks: tasks }),
            };
        }
        let from = match store.begin_telling().await {
            Ok(from) => Some(from),
            // It is begun when the database is back.
            Err(error) if error.is_away() => None,
            Err(error) => return Err(error),
        };
        let endpoints: Vec<_> = endpoints.into_iter().map(Arc::new).collect();
        for endpoint in &endpoints {
            let sender = sender::Sender {
                store: store.clone(),
                endpoint: Arc::clone(endpoint),
                settings: settings.clone(),
                clock,
            };
            tasks.spawn(sender.run());
        }
        let teller = Teller {
            store,
            endpoints,
            settings,
            clock,
            from,
            told: BTreeSet::new(),
        };
        tasks.spawn(teller.run());
        Ok(Self { _tasks: tasks })
    }
}

/// That the database is away, others say.
fn complain(error: &crate::store::Error, what: &'static str) {
    if error.is_away() {
        tracing::debug!(%error, "{what}");
    } else {
        tracing::warn!(%error, "{what}");
    }
}

/// Makes messages of what the log says.
struct Teller {
    store: Store,
    endpoints: Vec<Arc<Endpoint>>,
    settings: WebhookSettings,
    clock: Clock,
    /// The number in the log of the last event before this start; `None` before it is known.
    from: Option<i64>,
    /// The numbers of the log's last events that were told already.
    told: BTreeSet<i64>,
}

impl Teller {
    async fn run(mut self) {
        let mut tick = tokio::time::interval(self.settings.look);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut forgot_at = self.clock.now();
        loop {
            tick.tick().await;
            if let Err(error) = self.tell(self.clock.wall()).await {
                complain(&error, "other programs cannot be told what happens");
            }
            let now = self.clock.now();
            if now.saturating_duration_since(forgot_at) >= FORGETTING {
                forgot_at = now;
                self.forget(self.clock.wall()).await;
            }
        }
    }

    async fn tell(&mut self, now: Timestamp) -> crate::store::Result<()> {
        let from = match self.from {
            Some(from) => from,
            None => *self.from.insert(self.store.begin_telling().await?),
        };
        while let Some(mut read) = self.store.untold(from).await? {
            let again_from = read.again_from;
            self.told.retain(|seq| *seq > again_from);
            read.events.retain(|(seq, _)| !self.told.contains(seq));
            let is_last = read.is_empty() && !read.moves;
            if is_last {
                break;
            }
            let messages = message::of(&self.store, &self.endpoints, &read).await?;
            self.store.tell(&read, &messages, now).await?;
            self.told.extend(read.events.iter().map(|(seq, _)| *seq));
        }
        for (endpoint, waiting) in self.store.waiting().await? {
            if let Ok(waiting) = usize::try_from(waiting) {
                crate::metrics::webhooks_waiting(&endpoint, waiting);
            }
        }
        Ok(())
    }

    async fn forget(&self, now: Timestamp) {
        let keep = i64::try_from(self.settings.keep.as_micros()).unwrap_or(i64::MAX);
        let before = Timestamp(now.0.saturating_sub(keep));
        if let Err(error) = self.store.forget_deliveries(before).await {
            tracing::warn!(%error, "old messages to other programs could not be forgotten");
        }
    }
}
