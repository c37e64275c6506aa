//! What messages say: a type, a time, and what there is to know, with numbers for those who may see
//! them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::Endpoint;
use crate::call::doing::Doing;
use crate::call::{CallEvent, EventKind, Party};
use crate::id::CallId;
use crate::rules::{Timestamp, WebhookKind, mask_number};
use crate::store::{Error, NewDelivery, Store, StoredCall, Untold};

/// One thing that happened, before it is made a message for anybody.
struct Happening {
    id: Uuid,
    at: Timestamp,
    kind: WebhookKind,
    call: Option<CallId>,
    data: Value,
}

/// The messages that come of what was read.
pub(super) async fn of(
    store: &Store,
    endpoints: &[Arc<Endpoint>],
    read: &Untold,
) -> crate::store::Result<Vec<NewDelivery>> {
    let events = read.events.iter().filter_map(|(_, event)| of_event(event));
    let outbox = read.outbox.iter().filter_map(|told| {
        Some(Happening {
            id: told.id,
            at: told.at,
            kind: told.kind?,
            call: told.call,
            data: told.data.clone(),
        })
    });
    let mut calls = BTreeMap::<CallId, Option<StoredCall>>::new();
    let mut messages = Vec::new();
    for happening in events.chain(outbox) {
        let mut wanting = endpoints.iter().filter(|it| it.wants(happening.kind));
        let Some(first) = wanting.next() else {
            continue;
        };
        let call = match happening.call {
            None => None,
            Some(id) => {
                let call = match calls.remove(&id) {
                    Some(known) => known,
                    None => found(store, id).await?,
                };
                calls.entry(id).or_insert(call).as_ref()
            }
        };
        for endpoint in [first].into_iter().chain(wanting) {
            messages.push(NewDelivery {
                endpoint: endpoint.settings.name.clone(),
                kind: happening.kind,
                event: happening.id,
                call: happening.call,
                body: happening.body(call, endpoint.settings.numbers),
            });
        }
    }
    Ok(messages)
}

async fn found(store: &Store, id: CallId) -> crate::store::Result<Option<StoredCall>> {
    match store.call(id).await {
        Ok(detail) => Ok(Some(detail.call)),
        Err(Error::UnknownCall(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the store reads no other kinds for us"
)]
fn of_event(event: &CallEvent) -> Option<Happening> {
    let (kind, data) = match &event.kind {
        EventKind::Arrived { dialled, .. } => {
            (WebhookKind::CallArrived, json!({ "dialled": dialled }))
        }
        EventKind::Answered {
            agent,
            caller_ring_ms,
            rings,
            grade,
            late,
            ..
        } => {
            let data = json!({
                "agent": agent, "ring_ms": caller_ring_ms, "rings": rings, "grade": grade,
                "late": late,
            });
            (WebhookKind::CallAnswered, data)
        }
        EventKind::Reached { agent, ring_ms, .. } => (
            WebhookKind::CallAnswered,
            json!({ "agent": agent, "ring_ms": ring_ms }),
        ),
        EventKind::Ended {
            outcome, talk_ms, ..
        } => (
            WebhookKind::CallEnded,
            json!({ "outcome": outcome, "talk_ms": talk_ms }),
        ),
        EventKind::RecordingSealed { recording } => {
            let data = json!({
                "sha256": recording.sha256, "size_bytes": recording.size_bytes,
                "duration_ms": recording.duration_ms,
            });
            (WebhookKind::RecordingSealed, data)
        }
        EventKind::DispositionSet {
            version,
            code,
            author,
            ..
        } => {
            let data = json!({ "outcome": code, "version": version, "author": author });
            (WebhookKind::CallWrappedUp, data)
        }
        EventKind::Doing(Doing::Escalated {
            by,
            to,
            level,
            urgent,
            skipped,
            reason,
        }) => {
            let data = json!({
                "agent": by, "to": to, "level": level, "urgent": urgent, "skipped": skipped,
                "reason": reason,
            });
            (WebhookKind::CallEscalated, data)
        }
        EventKind::Doing(Doing::EmergencyCalled { by, contact }) => {
            let data = json!({ "agent": by, "contact": contact });
            (WebhookKind::CallEmergency, data)
        }
        EventKind::MessageEnded(ended) => (
            WebhookKind::MessageLeft,
            json!({ "start_ms": ended.start_ms, "length_ms": ended.length_ms }),
        ),
        EventKind::SurveyAnswered(answered) => {
            let data = json!({
                "result": answered.result, "score": answered.score, "best": answered.best,
                "agent": answered.agent,
            });
            (WebhookKind::SurveyAnswered, data)
        }
        _ => return None,
    };
    Some(Happening {
        id: event.id.0,
        at: event.at,
        kind,
        call: Some(event.call),
        data,
    })
}

impl Happening {
    fn body(&self, call: Option<&StoredCall>, numbers: bool) -> String {
        let mut data = self.data.clone();
        if let (Some(data), Some(id)) = (data.as_object_mut(), self.call) {
            data.insert("call".to_owned(), json!(id));
            if let Some(call) = call {
                let record = &call.record;
                data.insert("line".to_owned(), json!(record.line));
                data.insert("direction".to_owned(), json!(record.direction));
                data.insert("caller".to_owned(), caller(call, numbers));
                if self.kind == WebhookKind::CallWrappedUp {
                    let purpose = record.purpose().map(|purpose| &purpose.code);
                    data.insert("purpose".to_owned(), json!(purpose));
                }
                if self.kind == WebhookKind::CallEnded {
                    data.insert("agent".to_owned(), json!(record.answered_by));
                    data.insert("hangup_party".to_owned(), json!(record.hangup_party));
                }
            }
        }
        let message = json!({
            "type": self.kind.as_str(),
            "timestamp": self.at.to_string(),
            "data": data,
        });
        message.to_string()
    }
}

/// The caller's number, as far as this endpoint may see it; null for one that nobody may.
fn caller(call: &StoredCall, numbers: bool) -> Value {
    let is_withheld = call.record.circumstances.withheld;
    let caller = call.caller().filter(|_| !is_withheld);
    let shown = |Party { number, e164, .. }: &Party| {
        if numbers {
            json!({ "number": number, "e164": e164 })
        } else {
            json!({ "number": mask_number(number) })
        }
    };
    caller.map_or(Value::Null, shown)
}
