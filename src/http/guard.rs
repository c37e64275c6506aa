//! What every request must pass: where it comes from, how often, and what it may do.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::caller::{Caller, Credential};
use super::proxy::SecureAtProxy;
use super::rights::{Need, need};
use super::{Api, ProblemDocument, problem};
use crate::rules::policy::Object;

/// What the console may load: what comes from here.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// A page of somebody else's cannot change anything with a visitor's cookie: the cookie does not go
/// along (`SameSite=Strict`), and a browser says whose page it is.
pub(super) async fn same_origin(request: Request, next: Next) -> Result<Response, ProblemDocument> {
    let by_cookie = request
        .extensions()
        .get::<Caller>()
        .is_none_or(|caller| matches!(caller.credential, Credential::Session(_)));
    if by_cookie && !request.method().is_safe() && is_foreign(request.headers()) {
        let detail = "a page of another origin may not do this";
        return Err(ProblemDocument::new(StatusCode::FORBIDDEN, detail).coded("foreign_origin"));
    }
    Ok(next.run(request).await)
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    if let Some(origin) = text(header::ORIGIN) {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        return authority.is_none() || authority != text(header::HOST);
    }
    // No browser that has either sends neither.
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Lets through whom the table of routes allows what the route is for. What is in no row of it is
/// for nobody.
pub(super) async fn authorise(request: Request, next: Next) -> Result<Response, ProblemDocument> {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("", MatchedPath::as_str);
    let caller = request.extensions().get::<Caller>();
    match need(request.method(), path) {
        Some(Need::Nothing) => {}
        Some(Need::Action(action)) => {
            let caller = caller.ok_or_else(|| {
                let detail =
                    "log in (POST /api/v1/session), or send a token (Authorization: Bearer)";
                ProblemDocument::new(StatusCode::UNAUTHORIZED, detail)
            })?;
            // Whose it is, the handler knows.
            caller.may(action, Object::Nothing)?;
        }
        None => {
            tracing::error!(path, "a route is in no row of the table of rights");
            return Err(ProblemDocument::new(
                StatusCode::FORBIDDEN,
                "nobody may do this",
            ));
        }
    }
    Ok(next.run(request).await)
}

/// Headers that tell a browser to trust as little as it can.
pub(super) async fn secure_headers(
    State(api): State<Api>,
    request: Request,
    next: Next,
) -> Response {
    let is_secure = api.is_secure || request.extensions().get::<SecureAtProxy>().is_some();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name, value| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::CACHE_CONTROL, "no-store");
    if is_secure {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// A refusal takes no cookie away: the request may have been on its way with an old one while its
/// visitor logged in anew, and the answer would end the new session.
pub(super) async fn keep_cookie(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().remove(header::SET_COOKIE);
    }
    response
}

/// Errors that layers of others made become problem documents as well.
pub(super) async fn tidy(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let media_type = response.headers().get(header::CONTENT_TYPE);
    if !is_error || media_type.is_some_and(|known| known == problem::MEDIA_TYPE) {
        return response;
    }
    let detail = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        StatusCode::TOO_MANY_REQUESTS => "too many requests; wait a little",
        StatusCode::RANGE_NOT_SATISFIABLE => "the range lies outside of the recording",
        StatusCode::INTERNAL_SERVER_ERROR => "something of ours failed; the log says what",
        _ => "this cannot be answered",
    };
    // What the layer said beside its body stands: when to come back, how large a thing is.
    let mut tidied = ProblemDocument::new(status, detail).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            tidied.headers_mut().append(name, value.clone());
        }
    }
    tidied
}
