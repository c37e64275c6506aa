//! `Idempotency-Key` on commands: what is sent again under the same key is carried out once, and
//! answered alike. A key stands for one request of one user for a day. Where the service ended before
//! the answer was kept, nobody knows what came of it: the key is not carried out again, and says so.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::caller::Caller;
use super::login::ago;
use super::{Api, ProblemDocument, problem};
use crate::access::fingerprint;
use crate::store::Claim;

/// The header.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Characters of a key.
const LONGEST: usize = 255;
/// How long a key stands for its request.
const KEPT: Duration = Duration::from_hours(24);
/// Larger than any command, and any answer to one.
const LARGEST: usize = 64 * 1024;

/// Carries a command out once for its key, where it has one.
pub(super) async fn once(
    State(api): State<Api>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Result<Response, ProblemDocument> {
    let Some(key) = request.headers().get(&KEY) else {
        return Ok(next.run(request).await);
    };
    let key = key
        .to_str()
        .ok()
        .filter(|key| !key.is_empty() && key.len() <= LONGEST);
    let key = key.map(str::to_owned).ok_or_else(|| {
        let detail = format!("an Idempotency-Key has 1 to {LONGEST} ASCII characters");
        ProblemDocument::new(StatusCode::BAD_REQUEST, detail)
    })?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST).await;
    let body = body.map_err(|_| {
        ProblemDocument::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")
    })?;
    let asked = identity(parts.method.as_str(), parts.uri.path(), &body);
    let running = api.running.begin(&caller.name, &key).ok_or_else(|| {
        let detail = "a request with this key is being carried out";
        ProblemDocument::new(StatusCode::CONFLICT, detail).coded("in_progress")
    })?;
    let now = api.now();
    let claim = api
        .store
        .claim_key(&caller.name, &key, &asked, now, ago(now, KEPT));
    match claim.await? {
        Claim::New => {}
        // Nobody carries it out now: the service, or the database, was gone before its end.
        Claim::Open => {
            let detail = "what came of the request with this key is not known: the service ended \
                          meanwhile; look how things stand, and ask under another key if need be";
            let problem = ProblemDocument::new(StatusCode::CONFLICT, detail);
            return Err(problem.coded("outcome_unknown"));
        }
        Claim::Other => {
            let detail = "the Idempotency-Key stood for another request";
            return Err(ProblemDocument::unfit(detail).coded("key_reused"));
        }
        Claim::Done { status, body } => return Ok(replay(status, body)),
    }
    // Whoever goes away meanwhile may come back for the answer: it is carried out all the same.
    let carried_out = tokio::spawn(async move {
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        let kept = keep(&api, &caller.name, &key, response).await;
        drop(running);
        kept
    });
    carried_out.await.unwrap_or_else(|_| {
        let detail = "a fault of the service; what came of it is not known";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Err(ProblemDocument::new(status, detail))
    })
}

/// The keys under which something is being carried out in this run, each with its user.
#[derive(Debug, Default)]
pub(super) struct Running(Arc<Mutex<BTreeSet<(String, String)>>>);

/// A key, until what it stands for has been carried out.
#[derive(Debug)]
struct Claimed {
    keys: Arc<Mutex<BTreeSet<(String, String)>>>,
    key: (String, String),
}

impl Running {
    /// `None`: it is being carried out already.
    fn begin(&self, user: &str, key: &str) -> Option<Claimed> {
        let key = (user.to_owned(), key.to_owned());
        let is_new = lock(&self.0).insert(key.clone());
        is_new.then(|| Claimed {
            keys: Arc::clone(&self.0),
            key,
        })
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        lock(&self.keys).remove(&self.key);
    }
}

fn lock(keys: &Mutex<BTreeSet<(String, String)>>) -> MutexGuard<'_, BTreeSet<(String, String)>> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a key stands for.
fn identity(method: &str, path: &str, body: &Bytes) -> String {
    let body = String::from_utf8_lossy(body);
    fingerprint(&format!("{method} {path}\n{body}"))
}

/// Keeps what came of it. What failed on our side can be tried again.
async fn keep(
    api: &Api,
    user: &str,
    key: &str,
    response: Response,
) -> Result<Response, ProblemDocument> {
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        api.store.free_key(user, key).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    if let Err(error) = api
        .store
        .keep_answer(user, key, status.as_u16(), &text)
        .await
    {
        // It was carried out: that is the answer, whatever is known of it the next time.
        tracing::error!(%error, "the answer to a command could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media_type = if status.is_success() {
        "application/json"
    } else {
        problem::MEDIA_TYPE
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (REPLAYED, HeaderValue::from_static("true")),
    ];
    (status, headers, body).into_response()
}
