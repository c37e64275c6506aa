//! The prompts that lines play: sent, listed, heard, taken away.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::call_view::time;
use super::caller::Caller;
use super::extract::Place;
use super::page::Page;
use super::range::{Asked, asked};
use super::{Api, ProblemDocument};
use crate::rules::Timestamp;
use crate::setup::{Error, PromptFile};
use crate::store::AuditEntry;

/// The media types that a WAV file comes as.
const WAV: [&str; 4] = ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"];

/// A prompt's file.
#[derive(Serialize, ToSchema)]
#[schema(as = Prompt)]
pub(super) struct PromptView {
    /// Its name, as lines write it.
    name: String,
    /// Its size.
    size_bytes: u64,
    /// When it was written.
    #[schema(format = DateTime)]
    written_at: String,
    /// The lines that play it.
    lines: Vec<String>,
}

/// A prompt that was taken.
#[derive(Serialize, ToSchema)]
#[schema(as = PromptTaken)]
pub(super) struct Taken {
    /// Its name.
    name: String,
    /// How long it plays.
    length_ms: u64,
}

/// Prompts
#[utoipa::path(get, path = "/api/v1/prompts", tag = "setup",
    responses((status = OK, body = Page<PromptView>)))]
pub(super) async fn list(
    State(api): State<Api>,
) -> Result<Json<Page<PromptView>>, ProblemDocument> {
    let prompts = api.setup.prompts();
    let files = off_thread(move || prompts.list()).await?;
    let site = api.site();
    let views = files.into_iter().map(|file| {
        let lines = site.lines.iter();
        let lines = lines.filter(|(_, line)| line.prompts.contains(&file.name));
        let lines = lines.map(|(line, _)| line.0.clone()).collect();
        let PromptFile {
            name,
            size_bytes,
            written_s,
        } = file;
        let at = i64::try_from(written_s).unwrap_or_default();
        PromptView {
            name,
            size_bytes,
            written_at: time(Timestamp(at.saturating_mul(1_000_000))),
            lines,
        }
    });
    Ok(Json(Page {
        items: views.collect(),
        next: None,
    }))
}

/// Send a prompt
///
/// A WAV file of any usual rate, mono or stereo. It replaces one of the same name, and lines play it
/// from then on.
#[utoipa::path(put, path = "/api/v1/prompts/{name}", tag = "setup",
    request_body(content = [u8], content_type = "audio/wav"),
    params(("name" = String, Path, description = "Its name, such as `notice.wav`")),
    responses((status = OK, body = Taken)))]
pub(super) async fn put(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Place(name): Place<String>,
    body: Bytes,
) -> Result<Json<Taken>, ProblemDocument> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !WAV.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        let detail = "send a WAV file as `audio/wav`";
        return Err(ProblemDocument::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            detail,
        ));
    }
    note(&api, &caller, "prompt.put", &name).await?;
    let (prompts, file) = (api.setup.prompts(), name.clone());
    let length_ms = off_thread(move || prompts.put(&file, &body)).await?;
    api.setup.effects().want();
    Ok(Json(Taken { name, length_ms }))
}

/// Take a prompt away
#[utoipa::path(delete, path = "/api/v1/prompts/{name}", tag = "setup",
    params(("name" = String, Path, description = "Its name")),
    responses((status = NO_CONTENT, description = "It is gone")))]
pub(super) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    Place(name): Place<String>,
) -> Result<StatusCode, ProblemDocument> {
    let config = api.setup.config().await?;
    note(&api, &caller, "prompt.remove", &name).await?;
    let prompts = api.setup.prompts();
    off_thread(move || prompts.remove(&name, &config)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hear a prompt
///
/// Ranges are served (RFC 9110 §14).
#[utoipa::path(get, path = "/api/v1/prompts/{name}/audio", tag = "setup",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = OK, description = "All of it", content_type = "audio/wav", body = [u8]),
        (status = PARTIAL_CONTENT, description = "The range asked for", content_type = "audio/wav", body = [u8]),
        (status = RANGE_NOT_SATISFIABLE, description = "It has no such bytes", content_type = "application/problem+json", body = ProblemDocument),
    ))]
pub(super) async fn audio(
    State(api): State<Api>,
    headers: HeaderMap,
    Place(name): Place<String>,
) -> Result<Response, ProblemDocument> {
    let prompts = api.setup.prompts();
    let read = move || {
        let path = prompts.path(&name)?;
        Ok(std::fs::read(path)?)
    };
    let wav = Bytes::from(off_thread(read).await?);
    let wanted = headers.get(header::RANGE);
    let wanted = wanted.and_then(|value| value.to_str().ok());
    let (size, place) = (wav.len(), |at: u64| {
        usize::try_from(at).unwrap_or(usize::MAX)
    });
    let common = [
        (header::CONTENT_TYPE, "audio/wav".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    match asked(wanted, u64::try_from(size).unwrap_or(u64::MAX)) {
        Asked::Outside => {
            let detail = format!("the prompt has {size} bytes");
            let problem = ProblemDocument::new(StatusCode::RANGE_NOT_SATISFIABLE, detail);
            let whole = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            Ok((whole, problem).into_response())
        }
        Asked::Whole => Ok((common, wav).into_response()),
        Asked::Part(range) => {
            let last = range.end.saturating_sub(1);
            let of = format!("bytes {}-{last}/{size}", range.start);
            let part = wav.slice(place(range.start)..place(range.end).min(size));
            let status = StatusCode::PARTIAL_CONTENT;
            Ok((status, common, [(header::CONTENT_RANGE, of)], part).into_response())
        }
    }
}

/// Who does what with which prompt stands in the audit before it is done.
async fn note(api: &Api, caller: &Caller, action: &str, name: &str) -> Result<(), ProblemDocument> {
    let name = super::calls::storable(name);
    let entry = AuditEntry::of_account(action, &caller.name, name, api.now());
    Ok(api.store.audit(&entry).await?)
}

/// Files may lie on a disk that hangs.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, ProblemDocument> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| ProblemDocument::away())??)
}
