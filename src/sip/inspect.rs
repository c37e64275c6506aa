//! Whether this user agent can serve a request at all: RFC 3261 §8.2, before anyone looks at
//! what it wants.

use super::headers::Headers;
use super::message::{Request, Response};
use super::method::Method;
use super::status::StatusCode;
use super::uri::Scheme;

/// The methods served.
pub const METHODS: [Method; 8] = [
    Method::INVITE,
    Method::ACK,
    Method::CANCEL,
    Method::BYE,
    Method::OPTIONS,
    Method::REGISTER,
    Method::REFER,
    Method::NOTIFY,
];

/// The one media type of an INVITE's body.
pub const SESSION_TYPE: &str = "application/sdp";

/// The value of Allow.
pub fn allow() -> String {
    METHODS.map(|method| method.to_string()).join(", ")
}

/// Checks method (501, 405), scheme (416), hops (483), extensions (420), body (415) and what
/// may be answered (406), in the order of RFC 3261 §8.2.
///
/// # Errors
/// The refusal, without a To tag.
pub fn inspect(request: &Request) -> Result<(), Response> {
    if request.method == Method::ACK {
        return Ok(()); // never answered
    }
    method(request)?;
    scheme(request)?;
    hops(request)?;
    extensions(request)?;
    if request.method == Method::INVITE {
        body(request)?;
        acceptable(request)?;
    }
    Ok(())
}

/// The session description that a message carries, if it carries one.
pub fn session<'a>(headers: &Headers, body: &'a [u8]) -> Option<&'a [u8]> {
    let described = headers.content_type().as_deref() == Some(SESSION_TYPE);
    (described && !body.is_empty()).then_some(body)
}

/// §8.2.1: a method nobody here knows is 501, a known one that is not served 405.
fn method(request: &Request) -> Result<(), Response> {
    if METHODS.contains(&request.method) {
        return Ok(());
    }
    let status = match request.method {
        Method::Known(_) => StatusCode::METHOD_NOT_ALLOWED,
        Method::Other(_) => StatusCode::NOT_IMPLEMENTED,
    };
    Err(refusal(request, status, "Allow", &allow()))
}

/// §8.2.2.1; a registration is moreover for a SIP address (§10.3).
fn scheme(request: &Request) -> Result<(), Response> {
    if matches!(request.uri.scheme, Scheme::Other(_)) {
        return Err(request.respond(StatusCode::UNSUPPORTED_URI_SCHEME));
    }
    let is_sip = matches!(request.to_addr().uri.scheme, Scheme::Sip | Scheme::Sips);
    if request.method == Method::REGISTER && !is_sip {
        return Err(request.respond(StatusCode::BAD_REQUEST));
    }
    Ok(())
}

/// A new call goes on to somebody else, so it needs a hop more (§16.3); all else ends here.
fn hops(request: &Request) -> Result<(), Response> {
    let is_new_call = request.method == Method::INVITE && request.to_addr().tag().is_none();
    if is_new_call && request.headers.max_forwards() == Some(0) {
        return Err(request.respond(StatusCode::TOO_MANY_HOPS));
    }
    Ok(())
}

/// §8.2.2.3: no extension is supported by name. A CANCEL is never refused for one.
fn extensions(request: &Request) -> Result<(), Response> {
    let required = request.headers.list("Require");
    if required.is_empty() || request.method == Method::CANCEL {
        return Ok(());
    }
    let unsupported = required.join(", ");
    Err(refusal(
        request,
        StatusCode::BAD_EXTENSION,
        "Unsupported",
        &unsupported,
    ))
}

/// §8.2.3: an INVITE's body is a session description, unless the sender says that we may
/// ignore it.
fn body(request: &Request) -> Result<(), Response> {
    let headers = &request.headers;
    let optional = headers.get("Content-Disposition").is_some_and(|value| {
        let mut params = value.split(';').skip(1);
        params.any(|param| {
            param
                .replace(' ', "")
                .eq_ignore_ascii_case("handling=optional")
        })
    });
    if request.body.is_empty() || optional {
        return Ok(());
    }
    let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let encodings = headers.list("Content-Encoding");
    if !encodings.iter().all(|e| e.eq_ignore_ascii_case("identity")) {
        return Err(refusal(request, unsupported, "Accept-Encoding", "identity"));
    }
    if headers.content_type().as_deref() != Some(SESSION_TYPE) {
        return Err(refusal(request, unsupported, "Accept", SESSION_TYPE));
    }
    Ok(())
}

/// §21.4.7: a caller that cannot read a session description cannot be answered with one.
fn acceptable(request: &Request) -> Result<(), Response> {
    let readable = request.headers.list("Accept").iter().any(|range| {
        let range = range.split(';').next().unwrap_or_default().trim();
        ["*/*", "application/*", SESSION_TYPE]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(range))
    });
    if request.headers.has("Accept") && !readable {
        return Err(request.respond(StatusCode::NOT_ACCEPTABLE));
    }
    Ok(())
}

fn refusal(request: &Request, status: StatusCode, name: &str, value: &str) -> Response {
    let mut response = request.respond(status);
    response.headers.set(name, value);
    response
}
