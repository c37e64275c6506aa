//! Whether this user agent can serve a request at all: RFC 3261 §8.2, before anyone looks at
//! what it wants.

use super::headers::Headers;
use super::message::{Request, Response};
use super::method::Method;
use super::status::StatusCode;
use super::uri::Scheme;
use super::{reliable, replaces, session_timer};

/// The methods served.
pub const METHODS: [Method; 11] = [
    Method::INVITE,
    Method::ACK,
    Method::CANCEL,
    Method::BYE,
    Method::OPTIONS,
    Method::REGISTER,
    Method::REFER,
    Method::NOTIFY,
    Method::PRACK,
    Method::UPDATE,
    Method::INFO,
];

/// The option tags of the extensions served (RFC 3261 §19.2).
pub const EXTENSIONS: [&str; 3] = [
    reliable::OPTION_TAG,
    session_timer::OPTION_TAG,
    replaces::OPTION,
];

/// The one media type of an INVITE's body.
pub const SESSION_TYPE: &str = "application/sdp";

/// The value of Allow.
pub fn allow() -> String {
    METHODS.map(|method| method.to_string()).join(", ")
}

/// The value of Supported.
pub fn supported() -> String {
    EXTENSIONS.join(", ")
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
    if matches!(
        request.method,
        Method::INVITE | Method::PRACK | Method::UPDATE
    ) {
        body(request)?;
    }
    if request.method == Method::INVITE {
        acceptable(request)?;
    }
    if matches!(request.method, Method::INVITE | Method::UPDATE) {
        session_interval(request)?;
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

/// §8.2.2.3: the refusal names what we do not do. A CANCEL is never refused for an extension.
fn extensions(request: &Request) -> Result<(), Response> {
    let mut required = request.headers.list("Require");
    let serves = |tag: &String| {
        EXTENSIONS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(tag))
    };
    // A proxy that puts itself into the Path of a REGISTER may insist on it (RFC 3327 §5.2).
    let is_path = |tag: &String| request.method == Method::REGISTER && tag == "path";
    required.retain(|tag| !serves(tag) && !is_path(tag));
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

/// §8.2.3: the body of an INVITE, PRACK or UPDATE is a session description, unless the sender says that we may
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

/// RFC 4028 §9: a session that would be refreshed all the time is 422.
fn session_interval(request: &Request) -> Result<(), Response> {
    session_timer::check(&request.headers).map_err(|too_small| {
        let least = too_small.0.to_string();
        refusal(
            request,
            StatusCode::SESSION_INTERVAL_TOO_SMALL,
            "Min-SE",
            &least,
        )
    })
}

fn refusal(request: &Request, status: StatusCode, name: &str, value: &str) -> Response {
    let mut response = request.respond(status);
    response.headers.set(name, value);
    response
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::sip::message::Message;

    /// What is left to those who know users, dialogs and media.
    const PASSED: [&str; 6] = ["accept", "200", "401", "404", "481", "488"];

    #[test]
    fn every_torture_message_is_refused_as_it_should_or_passes_to_the_layer_above() {
        let index = fs::read_to_string("proto-fixtures/index.tsv").unwrap();
        let mut wrong = Vec::new();
        for row in index.lines().skip(1) {
            let columns: Vec<_> = row.split('\t').collect();
            let octets = fs::read(format!("proto-fixtures/{}", columns[0])).unwrap();
            let expected: Vec<_> = columns[3].split('|').collect();
            let seen = outcome(&octets);
            let right = match seen.as_str() {
                "passed" => PASSED.iter().any(|answer| expected.contains(answer)),
                refused => expected.contains(&refused),
            };
            if !right {
                wrong.push(format!("{}: {seen} instead of {}", columns[0], columns[3]));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_plain_invite_passes() {
        assert_eq!(inspect(&invite("", "")), Ok(()));
    }

    #[test]
    fn a_method_nobody_knows_is_501_and_one_not_served_405_with_the_list() {
        for (method, status) in [("DANCE", 501), ("MESSAGE", 405), ("invite", 501)] {
            let mut request = invite("", "");
            request.method = method.parse().unwrap();
            let refusal = inspect(&request).unwrap_err();
            assert_eq!(refusal.status.as_u16(), status, "{method}");
            assert!(refusal.headers.lists("Allow", "INVITE"));
        }
    }

    #[test]
    fn a_telephone_number_may_be_called() {
        let mut request = invite("", "");
        request.uri = "tel:4008001234".parse().unwrap();
        assert_eq!(inspect(&request), Ok(()));
    }

    #[test]
    fn each_required_extension_is_named_in_the_refusal() {
        let refusal =
            inspect(&invite("Require: 100rel, y\r\nRequire: timer, x\r\n", "")).unwrap_err();

        assert_eq!(refusal.status.as_u16(), 420);
        assert_eq!(refusal.headers.list("Unsupported"), ["y", "x"]);
        assert_eq!(inspect(&invite("Require: TIMER\r\n", "")), Ok(()));
    }

    #[test]
    fn an_acknowledgement_is_never_refused() {
        let mut ack = invite("Require: x\r\n", "");
        ack.method = Method::ACK;
        assert_eq!(inspect(&ack), Ok(()));
    }

    #[test]
    fn a_body_must_be_a_plain_session_description_or_be_optional() {
        let sdp = "Content-Type: Application/SDP;charset=utf-8\r\n";
        assert_eq!(inspect(&invite(sdp, "v=0")), Ok(()));

        let packed = invite(&format!("{sdp}Content-Encoding: gzip\r\n"), "v=0");
        let refusal = inspect(&packed).unwrap_err();
        assert_eq!(refusal.status.as_u16(), 415);
        assert!(refusal.headers.has("Accept-Encoding"));

        let text = "Content-Type: text/plain\r\n";
        let refusal = inspect(&invite(text, "hello")).unwrap_err();
        assert_eq!(refusal.status.as_u16(), 415);
        assert_eq!(refusal.headers.get("Accept").as_deref(), Some(SESSION_TYPE));

        let optional = format!("{text}Content-Disposition: render; handling = optional\r\n");
        let request = invite(&optional, "hello");
        assert_eq!(inspect(&request), Ok(()));
        assert_eq!(session(&request.headers, &request.body), None);
    }

    #[test]
    fn a_caller_that_reads_no_session_description_is_406() {
        for accept in ["text/plain", "text/plain, audio/*", ""] {
            let refusal = inspect(&invite(&format!("Accept: {accept}\r\n"), "")).unwrap_err();
            assert_eq!(refusal.status.as_u16(), 406, "{accept:?}");
        }
        for accept in [
            "*/*",
            "text/plain, application/sdp;level=1",
            "application/*",
        ] {
            let request = invite(&format!("Accept: {accept}\r\n"), "");
            assert_eq!(inspect(&request), Ok(()), "{accept:?}");
        }
    }

    #[test]
    fn a_new_call_without_a_hop_left_is_483_but_a_reinvite_is_not() {
        let mut request = invite("Max-Forwards: 0\r\n", "");
        assert_eq!(inspect(&request).unwrap_err().status.as_u16(), 483);

        request.headers.set("To", "<sip:b@example.com>;tag=b");
        assert_eq!(inspect(&request), Ok(()));
    }

    #[test]
    fn a_session_that_is_too_short_is_422_with_the_shortest() {
        let short = "Supported: timer\r\nSession-Expires: 60\r\n";
        let refusal = inspect(&invite(short, "")).unwrap_err();
        assert_eq!(refusal.status.as_u16(), 422);
        assert_eq!(refusal.headers.min_se().map(|min| min.seconds), Some(90));
    }

    #[test]
    fn the_session_description_is_found_by_its_type() {
        let described = invite("Content-Type: application/sdp\r\n", "v=0");
        assert_eq!(
            session(&described.headers, &described.body),
            Some(&b"v=0"[..])
        );
        let empty = invite("Content-Type: application/sdp\r\n", "");
        assert_eq!(session(&empty.headers, &empty.body), None);
    }

    fn outcome(octets: &[u8]) -> String {
        match Message::parse(octets) {
            Ok(Message::Request(request)) => match inspect(&request) {
                Ok(()) => "passed".to_owned(),
                Err(refusal) => refusal.status.to_string(),
            },
            Ok(Message::Response(_)) => "silence".to_owned(),
            Err(error) => error
                .answer()
                .map_or_else(|| "silence".to_owned(), |answer| answer.status.to_string()),
        }
    }

    fn invite(headers: &str, body: &str) -> Request {
        let text = format!(
            "INVITE sip:b@example.com SIP/2.0\r\n\
             Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n\
             From: <sip:a@example.com>;tag=a\r\n\
             To: <sip:b@example.com>\r\n\
             Call-ID: 1\r\n\
             CSeq: 1 INVITE\r\n\
             {headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        match Message::parse(text.as_bytes()) {
            Ok(Message::Request(request)) => request,
            other => panic!("{other:?}"),
        }
    }
}
