//! Who calls, for those who follow events: looked up beside the stream, so that a database that is
//! slow keeps nobody from hearing a ring (R044).

use std::collections::HashMap;

use serde::Serialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::call_view::{CustomerView, PartyView};
use crate::call::{CallEvent, Entry, EventKind};
use crate::id::{CallId, LineId};
use crate::store::{KnownCaller, Store};

/// Callers that are looked up at the same time; who comes beyond that is found by asking.
const AT_ONCE: usize = 64;
/// Calls that are kept: more go on at once nowhere.
const CALLS: usize = 20_000;

/// Who is being looked up.
#[derive(Debug)]
pub(super) struct Lookups {
    store: Store,
    running: JoinSet<Option<(CallId, KnownCaller)>>,
}

impl Lookups {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            running: JoinSet::new(),
        }
    }

    /// Looks up who calls, where the entry says by which number.
    pub(super) fn begin(&mut self, entry: &Entry) {
        let EventKind::Arrived {
            caller: Some(caller),
            circumstances,
            ..
        } = &entry.event.kind
        else {
            return;
        };
        let party = entry.parties.iter().find(|party| party.id == *caller);
        let Some(party) = party.filter(|_| !circumstances.withheld) else {
            return;
        };
        if self.running.len() >= AT_ONCE {
            return;
        }
        let (store, party, call) = (self.store.clone(), party.clone(), entry.event.call);
        self.running.spawn(async move {
            // While the database is away nobody is known.
            let known = store.known_callers([&party]).await.ok();
            let known = known.and_then(|mut known| known.remove(&party.id));
            known.map(|known| (call, known))
        });
    }

    /// The next caller who turned out to be somebody; `None` if nobody is being looked up.
    pub(super) async fn next(&mut self) -> Option<(CallId, KnownCaller)> {
        while let Some(found) = self.running.join_next().await {
            if let Ok(Some(found)) = found {
                return Some(found);
            }
        }
        None
    }
}

/// Who calls in each call that has not been answered or ended yet.
#[derive(Debug, Default)]
pub(super) struct Callers {
    calls: HashMap<CallId, CallerNow>,
}

/// Who calls, and how it rings.
#[derive(Debug, Default, Serialize)]
pub(super) struct CallerNow {
    #[serde(skip)]
    line: Option<LineId>,
    #[serde(skip)]
    caller: Option<PartyView>,
    /// Which ring the caller hears.
    #[serde(skip)]
    pub(super) ring: Option<RingNow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerView>,
}

/// A ring.
#[derive(Clone, Copy, Debug)]
pub(super) struct RingNow {
    pub(super) n: u32,
    pub(super) apologise: bool,
}

/// Who calls, as readers get it.
#[derive(Serialize)]
pub(super) struct CallerFrame<'a> {
    call: Uuid,
    line: Option<&'a str>,
    caller: Option<&'a PartyView>,
    #[serde(flatten)]
    now: &'a CallerNow,
}

impl CallerNow {
    pub(super) fn line(&self) -> Option<&str> {
        self.line.as_ref().map(|line| line.0.as_str())
    }

    pub(super) fn told(&self, call: CallId) -> CallerFrame<'_> {
        CallerFrame {
            call: call.0,
            line: self.line(),
            caller: self.caller.as_ref(),
            now: self,
        }
    }
}

impl Callers {
    pub(super) fn get(&self, call: CallId) -> Option<&CallerNow> {
        self.calls.get(&call)
    }

    /// A call has come, does not ring any more, or is over.
    pub(super) fn entry(&mut self, event: &CallEvent, caller: Option<PartyView>) {
        if let EventKind::Arrived { line, .. } = &event.kind {
            // A call whose end was missed is not kept for ever.
            if self.calls.len() >= CALLS {
                self.calls.clear();
            }
            let now = CallerNow {
                line: line.clone(),
                caller,
                ..CallerNow::default()
            };
            self.calls.insert(event.call, now);
        } else if matches!(event.kind, EventKind::Answered { .. }) {
            if let Some(now) = self.calls.get_mut(&event.call) {
                now.ring = None;
            }
        } else if matches!(event.kind, EventKind::Ended { .. }) {
            self.calls.remove(&event.call);
        }
    }

    pub(super) fn ring(&mut self, call: CallId, n: u32, apologise: bool) {
        if let Some(now) = self.calls.get_mut(&call) {
            now.ring = Some(RingNow { n, apologise });
        }
    }

    /// Gives what is to be told, if the call is not over yet.
    pub(super) fn knows(&mut self, call: CallId, customer: KnownCaller) -> Option<&CallerNow> {
        let now = self.calls.get_mut(&call)?;
        now.customer = Some(customer.into());
        Some(now)
    }
}
