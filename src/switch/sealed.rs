//! Recordings whose calls are gone when they are sealed, or given up: a disk was so slow that
//! nobody could wait for it. Their rows are told all the same.

use super::{Output, Switch};
use crate::call::media::MediaEvent;
use crate::call::{CallEvent, Entry, EventKind};
use crate::id::{CallId, EventId};
use crate::rules::Moment;

impl Switch {
    /// Tells the log what has become of a recording at last.
    pub(super) fn sealed_late(&mut self, call: CallId, event: MediaEvent, now: Moment) {
        let Some(kind) = told(event) else {
            return;
        };
        if let Some(arrived) = self.unsealed.remove(&call) {
            tracing::warn!(call.id = %call, "the recording was not settled before the call was gone");
            self.store_for(call, arrived, kind, now);
        }
    }

    /// Stores an event of a call that stores none itself any more.
    pub(super) fn store_for(
        &mut self,
        call: CallId,
        arrived: Moment,
        kind: EventKind,
        now: Moment,
    ) {
        let event = CallEvent {
            id: EventId::mint(now.wall, &mut self.rng),
            call,
            at: now.wall,
            offset_us: now.us_since(arrived),
            kind,
        };
        self.outputs.push_back(Output::Store(Entry {
            event,
            parties: Vec::new(),
        }));
    }
}

/// The log's word for what the media plane says of a recording's end.
fn told(event: MediaEvent) -> Option<EventKind> {
    if let MediaEvent::RecordingSealed { recording, .. } = event {
        return Some(EventKind::RecordingSealed { recording });
    }
    if let MediaEvent::RecordingFailed { reason, .. } = event {
        return Some(EventKind::RecordingFailed { reason });
    }
    None
}
