//! Recordings: which there are, what they sound like, and taking one out. Each play and each
//! download is an audit row that is durable before the first byte goes (R191).

use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::calls::{reason, storable, whose};
use super::extract::{Body, Params, Place};
use super::hearing::audible;
use super::login::ago;
use super::page::{Limit, Page};
use super::range::{Asked, asked};
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::archive;
use crate::call::event::RecordingSummary;
use crate::id::{AgentId, CallId, LineId};
use crate::rules::Timestamp;
use crate::rules::policy::Action;
use crate::store::{AuditEntry, CallDetail, FileFilter, FileState, StoredFile};

/// Bytes that are read at a time: two seconds of a recording.
const PIECE: u64 = 64 * 1024;
/// Pieces on their way to a slow reader.
const PIECES: usize = 2;
/// A player asks for many pieces of what is one play to its listener.
const ONE_PLAY: Duration = Duration::from_mins(15);
/// Plays that are remembered.
const PLAYS: usize = 4096;

/// Which recordings a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RecordingQuery {
    /// In this state: `local`, `missing`, `damaged`, `remote`, `deleting` or `deleted`.
    #[param(value_type = Option<String>)]
    state: Option<StateWord>,
    /// Only those under legal hold.
    #[serde(default)]
    held: bool,
    /// Of calls on this line.
    line: Option<String>,
    /// Of calls in which this agent spoke.
    agent: Option<String>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only those after this call's in the list: `next` of the page before.
    after: Option<Uuid>,
}

/// A state by its word.
struct StateWord(FileState);

impl<'de> Deserialize<'de> for StateWord {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'_, str>::deserialize(from)?;
        let state = FileState::from_str(&word);
        state.map(Self).map_err(serde::de::Error::custom)
    }
}

/// A recording's files.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordingFile)]
pub(super) struct FileView {
    /// Whose recording.
    call: Uuid,
    /// When the call arrived.
    #[schema(format = DateTime)]
    arrived_at: String,
    /// The line that the call was on.
    line: Option<String>,
    /// Size in bytes.
    size_bytes: u64,
    /// SHA-256 that it was sealed with, lower-case hex.
    sha256: String,
    /// Where it is: `local`, `missing`, `damaged`, `remote` (the copy only), `deleting`, `deleted`.
    #[schema(value_type = String)]
    state: FileState,
    /// Legal holds that stand.
    holds: u32,
    /// When it was last read and compared.
    #[schema(format = DateTime)]
    verified_at: Option<String>,
    /// When its copy was proved.
    #[schema(format = DateTime)]
    copied_at: Option<String>,
}

impl From<StoredFile> for FileView {
    fn from(file: StoredFile) -> Self {
        Self {
            call: file.call.0,
            arrived_at: time(file.arrived_at),
            line: file.line.map(|line| line.0),
            size_bytes: file.size_bytes,
            sha256: file.sha256,
            state: file.state,
            holds: file.holds,
            verified_at: file.verified_at.map(time),
            copied_at: file.copied_at.map(time),
        }
    }
}

/// A recording and what is on it.
#[derive(Serialize, ToSchema)]
#[schema(as = Recording)]
pub(super) struct RecordingView {
    /// Its files.
    #[serde(flatten)]
    file: FileView,
    /// Its length in milliseconds.
    duration_ms: u64,
    /// Missing audio, in order: `channel` (0 is the caller), `from_ms`, `length_ms`, `cause`.
    #[schema(value_type = Vec<Object>)]
    gaps: Value,
    /// What happened to the recording on the way, in order: `at_ms`, `what`.
    #[schema(value_type = Vec<Object>)]
    marks: Value,
    /// What the audio shows of the conversation; absent where it was not measured.
    #[schema(value_type = Option<Object>)]
    conduct: Option<Value>,
}

impl RecordingView {
    fn of(file: StoredFile, summary: &RecordingSummary) -> Self {
        let json = |value: Result<Value, _>| value.unwrap_or_default();
        let conduct = summary.conduct.as_ref();
        Self {
            file: file.into(),
            duration_ms: summary.duration_ms,
            gaps: json(serde_json::to_value(&summary.gaps)),
            marks: json(serde_json::to_value(&summary.marks)),
            conduct: conduct.map(|conduct| json(serde_json::to_value(conduct))),
        }
    }
}

/// Recordings, those of the newest calls first
#[utoipa::path(get, path = "/api/v1/recordings", tag = "recordings", params(RecordingQuery),
    responses((status = OK, body = Page<FileView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<RecordingQuery>,
) -> Result<Json<Page<FileView>>, ProblemDocument> {
    let asked = query.agent.map(AgentId);
    let Some((agent, among)) = whose(&caller, Action::SeeRecordings, asked).narrowed() else {
        return Ok(Json(Page::empty()));
    };
    let filter = FileFilter {
        state: query.state.map(|state| state.0),
        held: query.held,
        line: query.line.map(|line| LineId(storable(&line))),
        agents: agent.into_iter().chain(among).collect(),
        limit: Some(query.limit.with_next()),
        after: query.after.map(CallId),
    };
    let files = api.store.recordings(&filter).await?;
    let page = Page::of(files, query.limit, |file| file.call.to_string());
    Ok(Json(Page {
        items: page.items.into_iter().map(FileView::from).collect(),
        next: page.next,
    }))
}

/// A call's recording: where it is, its gaps and marks
#[utoipa::path(get, path = "/api/v1/calls/{id}/recording", tag = "recordings",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = RecordingView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<RecordingView>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeRecordings, id, Tie::Served).await?;
    let file = api.store.recording(CallId(id)).await?;
    let summary = detail.call.record.recording.as_ref();
    let summary = summary.ok_or_else(ProblemDocument::absent)?;
    Ok(Json(RecordingView::of(file, summary)))
}

/// A recording's peaks, for drawing it
///
/// The form of BBC audiowaveform's data files, version 2, three zoom levels one behind the other.
#[utoipa::path(get, path = "/api/v1/calls/{id}/recording/peaks", tag = "recordings",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, description = "The peaks", content_type = "application/octet-stream", body = [u8])))]
pub(super) async fn peaks(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Response, ProblemDocument> {
    audible(&api, &caller, id).await?;
    let file = at_hand(&api, id).await?;
    let peaks = match api.archive.read_peaks(&file).await {
        // A file that was sealed before peaks were made has none.
        Err(archive::Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(ProblemDocument::absent());
        }
        peaks => peaks?,
    };
    let media_type = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((media_type, peaks).into_response())
}

/// Hear a recording
///
/// Ranges are served (RFC 9110 §14). Each play is an audit row; the pieces that a player asks for
/// within a quarter of an hour are one play.
#[utoipa::path(get, path = "/api/v1/calls/{id}/recording/audio", tag = "recordings",
    params(("id" = Uuid, Path, description = "The call")),
    responses(
        (status = OK, description = "All of it", content_type = "audio/wav", body = [u8]),
        (status = PARTIAL_CONTENT, description = "The range asked for", content_type = "audio/wav", body = [u8]),
        (status = NOT_MODIFIED, description = "You have it already"),
        (status = RANGE_NOT_SATISFIABLE, description = "It has no such bytes", content_type = "application/problem+json", body = ProblemDocument),
    ))]
pub(super) async fn audio(
    State(api): State<Api>,
    caller: Caller,
    method: Method,
    headers: HeaderMap,
    Place(id): Place<Uuid>,
) -> Result<Response, ProblemDocument> {
    let detail = audible(&api, &caller, id).await?;
    let file = at_hand(&api, id).await?;
    let etag = format!("\"{}\"", file.sha256);
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_NONE_MATCH).is_some_and(|known| known == "*" || known.contains(&etag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    // Who has a part of another file gets all of this one (RFC 9110 §13.1.5).
    let is_same = text(header::IF_RANGE).is_none_or(|known| known == etag);
    let wanted = text(header::RANGE).filter(|_| is_same);
    let size = file.size_bytes;
    let range = match asked(wanted, size) {
        Asked::Outside => return Ok(outside(size)),
        Asked::Whole => None,
        Asked::Part(range) => Some(range),
    };
    let mut response = if method == Method::HEAD {
        Response::new(Bytes::empty())
    } else {
        let first = range.as_ref().map_or(0, |range| range.start);
        note_play(&api, &caller, &detail, first).await?;
        stream(&api, file, range.clone().unwrap_or(0..size)).await?
    };
    if let Some(range) = &range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = range.end.saturating_sub(1);
        set(
            &mut response,
            header::CONTENT_RANGE,
            format!("bytes {}-{last}/{size}", range.start),
        );
    }
    let length = range.map_or(size, |range| range.end - range.start);
    describe(&mut response, length, &etag);
    Ok(response)
}

/// What a recording is taken out for.
#[derive(Deserialize, ToSchema)]
pub(super) struct Download {
    /// What for, and for whom; it stands in the audit.
    #[schema(example = "complaint 2026-117, for the customer")]
    reason: String,
}

/// Take a recording out
///
/// The audit row, with the reason, is durable before the first byte goes.
#[utoipa::path(post, path = "/api/v1/calls/{id}/recording/download", tag = "recordings",
    request_body = Download,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, description = "The WAV", content_type = "audio/wav", body = [u8])))]
pub(super) async fn download(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Download>,
) -> Result<Response, ProblemDocument> {
    let detail = visible(&api, &caller, Action::TakeRecording, id, Tie::Served).await?;
    let reason = reason(&asked.reason)?;
    let file = at_hand(&api, id).await?;
    let call = detail.call.record.id;
    let entry =
        AuditEntry::of_recording("recording.download", call, &caller.name, reason, api.now());
    api.store.audit(&entry).await?;
    let (size, etag) = (file.size_bytes, format!("\"{}\"", file.sha256));
    let mut response = stream(&api, file, 0..size).await?;
    describe(&mut response, size, &etag);
    let name = format!("attachment; filename=\"{call}.wav\"");
    set(&mut response, header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// The recording of a call that can be read now.
async fn at_hand(api: &Api, id: Uuid) -> Result<StoredFile, ProblemDocument> {
    let file = api.store.recording(CallId(id)).await?;
    match file.state {
        FileState::Local | FileState::Remote | FileState::Damaged => Ok(file),
        FileState::Missing => {
            let detail = "the recording is missing; `thirdring recordings verify` tells more";
            Err(ProblemDocument::new(StatusCode::NOT_FOUND, detail).coded("missing"))
        }
        FileState::Deleting | FileState::Deleted => {
            let detail = "the recording has been deleted";
            Err(ProblemDocument::new(StatusCode::NOT_FOUND, detail).coded("deleted"))
        }
    }
}

/// The bytes of a range, piece by piece. The first one is read before the answer begins: what cannot
/// be read at all is an error, not half an answer.
async fn stream(
    api: &Api,
    file: StoredFile,
    range: Range<u64>,
) -> Result<Response, ProblemDocument> {
    let mut pieces = pieces(range);
    let first = match pieces.next() {
        Some(piece) => api.archive.read_audio(&file, piece).await?,
        None => Vec::new(),
    };
    let (sender, receiver) = mpsc::channel(PIECES);
    let api = api.clone();
    tokio::spawn(async move {
        if sender.send(Ok(first)).await.is_err() {
            return;
        }
        for piece in pieces {
            let read = api.archive.read_audio(&file, piece).await;
            if let Err(error) = &read {
                tracing::error!(%error, "a recording breaks off for whoever hears it");
            }
            let is_over = read.is_err();
            let read = read.map_err(|_| std::io::Error::other("the recording breaks off"));
            if sender.send(read).await.is_err() || is_over {
                return;
            }
        }
    });
    Ok(Response::new(Bytes::from_stream(ReceiverStream::new(
        receiver,
    ))))
}

fn pieces(range: Range<u64>) -> impl Iterator<Item = Range<u64>> + Send {
    let end = range.end;
    let step = usize::try_from(PIECE).unwrap_or(usize::MAX);
    range
        .step_by(step)
        .map(move |from| from..end.min(from.saturating_add(PIECE)))
}

fn outside(size: u64) -> Response {
    let detail = format!("the recording has {size} bytes");
    let problem = ProblemDocument::new(StatusCode::RANGE_NOT_SATISFIABLE, detail);
    let mut response = problem.into_response();
    set(
        &mut response,
        header::CONTENT_RANGE,
        format!("bytes */{size}"),
    );
    response
}

fn describe(response: &mut Response, length: u64, etag: &str) {
    set(response, header::CONTENT_TYPE, "audio/wav".to_owned());
    set(response, header::CONTENT_LENGTH, length.to_string());
    set(response, header::ACCEPT_RANGES, "bytes".to_owned());
    set(response, header::ETAG, etag.to_owned());
    // Kept by nobody on the way, and asked for again before it is played again.
    set(
        response,
        header::CACHE_CONTROL,
        "private, no-cache".to_owned(),
    );
}

fn set(response: &mut Response, name: HeaderName, value: String) {
    if let Ok(value) = value.try_into() {
        response.headers_mut().insert(name, value);
    }
}

/// Who is hearing what, so that the pieces of a play are one row.
#[derive(Debug, Default)]
pub(super) struct Plays(Mutex<HashMap<(String, CallId), Timestamp>>);

impl Plays {
    /// Whether bytes from `first` on belong to a play that has its row.
    fn goes_on(&self, user: &str, call: CallId, first: u64, now: Timestamp) -> bool {
        let plays = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let begun = plays.get(&(user.to_owned(), call));
        first > 0 && begun.is_some_and(|begun| *begun > ago(now, ONE_PLAY))
    }

    fn begun(&self, user: &str, call: CallId, now: Timestamp) {
        let mut plays = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if plays.len() >= PLAYS {
            plays.retain(|_, begun| *begun > ago(now, ONE_PLAY));
        }
        if plays.len() < PLAYS {
            plays.insert((user.to_owned(), call), now);
        }
    }
}

async fn note_play(
    api: &Api,
    caller: &Caller,
    detail: &CallDetail,
    first: u64,
) -> Result<(), ProblemDocument> {
    let (call, now) = (detail.call.record.id, api.now());
    if api.plays.goes_on(&caller.name, call, first, now) {
        return Ok(());
    }
    let entry = AuditEntry::of_recording("recording.play", call, &caller.name, "", now);
    api.store.audit(&entry).await?;
    api.plays.begun(&caller.name, call, now);
    Ok(())
}
