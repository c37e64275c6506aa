//! A call's SIP messages: as a ladder, and as a capture file. Numbers are masked and secrets hidden,
//! whoever asks: who needs a number in full has a way that is audited.

use std::io;
use std::path::Path;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::extract::Place;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::call::record::CallRecord;
use crate::rules::policy::Action;
use crate::trace::{
    Column, Ladder, Numbers, Passage, Rung, Wanted, Way, mask, messages_of, to_pcap,
};

/// Whoever looks for messages reads all that passed meanwhile: no more do so at a time.
static READERS: Semaphore = Semaphore::const_new(2);

/// A call's messages.
#[derive(Serialize, ToSchema)]
#[schema(as = Trace)]
pub(super) struct TraceView {
    /// Whether messages are kept at all; those of old calls give way to newer ones.
    kept: bool,
    /// Those with whom we spoke.
    peers: Vec<PeerView>,
    /// What was said, in order.
    messages: Vec<MessageView>,
}

/// A peer.
#[derive(Serialize, ToSchema)]
#[schema(as = TracePeer)]
struct PeerView {
    /// Its address.
    address: String,
    /// What it is called; empty if nobody knows.
    name: String,
}

impl From<&Column> for PeerView {
    fn from(column: &Column) -> Self {
        Self {
            address: column.peer.to_string(),
            name: column.name.clone(),
        }
    }
}

/// A message.
#[derive(Serialize, ToSchema)]
#[schema(as = TraceMessage)]
struct MessageView {
    /// From 1.
    n: usize,
    /// When it passed.
    #[schema(format = DateTime)]
    at: String,
    /// Milliseconds since the first message.
    since_ms: i64,
    /// `in`: to us; `out`: from us.
    way: &'static str,
    /// Which of the peers, from 0.
    peer: usize,
    /// The method, or status and reason.
    what: String,
    /// It carries a session description.
    sdp: bool,
    /// Its `CSeq`.
    cseq: String,
    /// Which leg of the call, from 1.
    leg: usize,
    /// The number of the message that it repeats.
    repeats: Option<usize>,
    /// All of it; numbers are masked, secrets hidden.
    text: String,
}

impl MessageView {
    fn of(n: usize, rung: &Rung, passage: &Passage, first: &Passage) -> Self {
        Self {
            n: n + 1,
            at: time(rung.at),
            since_ms: (rung.at.unix_us() - first.at.unix_us()) / 1000,
            way: match rung.way {
                Way::In => "in",
                Way::Out => "out",
            },
            peer: rung.column,
            what: rung.what.clone(),
            sdp: rung.describes,
            cseq: rung.cseq.clone(),
            leg: rung.leg,
            repeats: rung.repeats,
            text: String::from_utf8_lossy(&passage.octets).into_owned(),
        }
    }
}

/// The SIP messages of a call, as a ladder
///
/// Those of both legs, as long as they are kept. Numbers are masked, secrets hidden.
#[utoipa::path(get, path = "/api/v1/calls/{id}/trace", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = TraceView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<TraceView>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeTrace, id, Tie::Any).await?;
    let record = &detail.call.record;
    let passages = passages(&api, record).await?;
    let trunk = record.trunk.as_ref();
    let name = trunk.map_or_else(|| "caller".to_owned(), |trunk| format!("trunk {trunk}"));
    let ladder = Ladder::of(&passages, &name);
    let messages = passages.first().map(|first| {
        let both = ladder.rungs().iter().zip(&passages).enumerate();
        both.map(|(n, (rung, passage))| MessageView::of(n, rung, passage, first))
            .collect()
    });
    Ok(Json(TraceView {
        kept: api.trace.is_some(),
        peers: ladder.columns().iter().map(PeerView::from).collect(),
        messages: messages.unwrap_or_default(),
    }))
}

/// The SIP messages of a call, as a capture file
///
/// For Wireshark and its like (pcap). A call of which no message is kept gives an empty file.
#[utoipa::path(get, path = "/api/v1/calls/{id}/trace/pcap", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, description = "The file", content_type = "application/vnd.tcpdump.pcap", body = [u8])))]
pub(super) async fn pcap(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<impl IntoResponse, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeTrace, id, Tie::Any).await?;
    let passages = passages(&api, &detail.call.record).await?;
    let name = format!("attachment; filename=\"{id}.pcap\"");
    let headers = [
        (
            header::CONTENT_TYPE,
            "application/vnd.tcpdump.pcap".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, to_pcap(&passages)))
}

/// The call's messages as they may be shown.
async fn passages(api: &Api, record: &CallRecord) -> Result<Vec<Passage>, ProblemDocument> {
    let Some(folder) = api.trace.clone() else {
        return Ok(Vec::new());
    };
    let wanted = Wanted::of_call(
        record.id,
        record.sip_call_id.clone(),
        record.arrived_at,
        record.ended_at.unwrap_or(api.now()),
    );
    // The semaphore is never closed.
    let _turn = READERS.acquire().await.ok();
    let read = tokio::task::spawn_blocking(move || read(&folder, &wanted)).await;
    match read {
        Ok(Ok(passages)) => Ok(passages),
        Ok(Err(error)) => {
            tracing::error!(%error, "the messages of a call cannot be read");
            Err(ProblemDocument::away())
        }
        Err(_) => Err(ProblemDocument::away()),
    }
}

fn read(folder: &Path, wanted: &Wanted) -> io::Result<Vec<Passage>> {
    let mut passages = match messages_of(folder, wanted) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        found => found?,
    };
    for passage in &mut passages {
        passage.octets = mask(&passage.octets, Numbers::Masked);
    }
    Ok(passages)
}
