//! Who follows events now: so many at once, and each for as long as he may. There is one look for all
//! of them, however many there are. Whoever follows is here: his session does not end for want of
//! use, as long as it may last at all.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::watch;
use uuid::Uuid;

use super::ProblemDocument;
use super::caller::{Caller, Credential};
use super::login::{SEEN, ago, limits};
use crate::clock::Clock;
use crate::store::{Standing, Store};

/// One person follows with so many programs at most: a console in some windows, a wallboard or two.
const OF_ONE: usize = 20;
/// So many follow in all.
const OF_ALL: usize = 2_000;
/// Who finds no place comes back after so many seconds: windows that were closed are gone by then.
const COME_BACK_S: u8 = 5;
/// Whether they still may is looked at so often, beside whenever something is taken back here.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Those who follow events.
#[derive(Debug, Default)]
pub(super) struct Seats {
    taken: Mutex<BTreeMap<u64, Taken>>,
}

#[derive(Debug)]
struct Taken {
    caller: Caller,
    over: watch::Sender<bool>,
}

/// A place among those who follow events, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    /// Whoever sits here may no longer.
    pub(super) over: watch::Receiver<bool>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().remove(&self.number);
    }
}

impl Seats {
    /// # Errors
    /// There are too many, of this person's or in all (429).
    pub(super) fn take(self: &Arc<Self>, caller: &Caller) -> Result<Seat, ProblemDocument> {
        let mut taken = self.lock();
        let own = taken
            .values()
            .filter(|other| other.caller.name == caller.name);
        let detail = if own.count() >= OF_ONE {
            format!("you follow events {OF_ONE} times already: close a stream first")
        } else if taken.len() >= OF_ALL {
            "too many follow events: try again later".to_owned()
        } else {
            let (over, is_over) = watch::channel(false);
            let number = taken.last_key_value().map_or(0, |(last, _)| last + 1);
            let caller = caller.clone();
            taken.insert(number, Taken { caller, over });
            return Ok(Seat {
                seats: Arc::clone(self),
                number,
                over: is_over,
            });
        };
        let problem = ProblemDocument::new(StatusCode::TOO_MANY_REQUESTS, detail);
        let problem = problem.coded("too_many_streams");
        Err(problem.again_after(COME_BACK_S))
    }

    /// Looks at everybody, again and again, until the API is gone.
    pub(super) async fn watch(
        self: Arc<Self>,
        store: Store,
        clock: Clock,
        mut revoked: watch::Receiver<u64>,
    ) {
        loop {
            tokio::select! {
                revoked = revoked.changed() => if revoked.is_err() {
                    return;
                },
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
            if self.lock().is_empty() {
                continue;
            }
            let now = clock.wall();
            let (begun, _) = limits(now);
            // A database that is away takes nobody's rights.
            let Ok(standings) = store.standings(begun, now).await else {
                continue;
            };
            self.see_off(&standings);
            let lately = ago(now, SEEN);
            let followed = self.sessions().into_iter();
            let used = followed.filter(|id| {
                let seen_at = standings.get(id).and_then(|standing| standing.seen_at);
                seen_at.is_some_and(|seen_at| seen_at < lately)
            });
            let used: Vec<_> = used.collect();
            if !used.is_empty()
                && let Err(error) = store.sessions_seen(&used, now).await
            {
                tracing::warn!(%error, "sessions in use could not be kept");
            }
        }
    }

    /// Those must go who are not who they were, or may not any more.
    fn see_off(&self, standings: &HashMap<Uuid, Standing>) {
        for Taken { caller, over } in self.lock().values() {
            let (Credential::Session(id) | Credential::Token(id)) = caller.credential;
            let is_same = standings.get(&id).is_some_and(|standing| {
                standing.roles == caller.roles && standing.extension == caller.extension
            });
            if !is_same {
                over.send_replace(true);
            }
        }
    }

    fn sessions(&self) -> Vec<Uuid> {
        let taken = self.lock();
        let sessions = taken
            .values()
            .filter_map(|taken| match taken.caller.credential {
                Credential::Session(id) => Some(id),
                Credential::Token(_) => None,
            });
        sessions.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
