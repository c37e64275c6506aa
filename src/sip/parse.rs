//! From a datagram to a message: lines, folds, framing (RFC 3261 §7, §18.3), and the headers
//! every message needs.

use super::lex::{self, is_space};
use super::message::{MAX_HEADERS, MAX_MESSAGE_BYTES};
use super::params::without_controls;
use super::{
    CSeq, HeaderName, Headers, Malformed, Message, Method, NameAddr, ParseError, Request, Response,
    StatusCode, SyntaxError, Uri, Via,
};

/// What the first line says.
enum Start {
    Request { method: Method, uri: Uri },
    Response { status: StatusCode, reason: String },
}

/// What says where a message ends (RFC 3261 §18.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// The datagram that it came in.
    Datagram,
    /// Its Content-Length, which it must have.
    Length,
}

pub(super) fn parse(octets: &[u8], bounds: Bounds) -> Result<Message, ParseError> {
    if octets.len() > MAX_MESSAGE_BYTES {
        return Err(Malformed::TooLarge.into());
    }
    let begin = octets
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'));
    let mut rest = begin
        .and_then(|begin| octets.get(begin..))
        .ok_or(Malformed::Empty)?;
    let first = line(&mut rest).unwrap_or_default();
    let (headers, fault) = parse_headers(&mut rest);
    let start = parse_start(first);
    let checked = match (start, fault) {
        (Err(cause), _) | (Ok(_), Some(cause)) => Err(cause),
        (Ok(start), None) => check(&start, &headers)
            .and_then(|()| body(&headers, rest, bounds))
            .map(|body| (start, body)),
    };
    match checked {
        Ok((Start::Request { method, uri }, body)) => Ok(Message::Request(Request {
            method,
            uri,
            headers,
            body: body.to_vec(),
        })),
        Ok((Start::Response { status, reason }, body)) => Ok(Message::Response(Response {
            status,
            reason,
            headers,
            body: body.to_vec(),
        })),
        Err(cause) => Err(ParseError {
            cause,
            answer: answer(first, &headers, cause).map(Box::new),
        }),
    }
}

/// Takes one line off, ended by CRLF or a bare LF; `None` at the end of the datagram.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if rest.is_empty() {
        return None;
    }
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (taken, behind) = match end {
        Some(end) => (rest.get(..end)?, rest.get(end + 1..)?),
        None => (*rest, [].as_slice()),
    };
    *rest = behind;
    Some(taken.strip_suffix(b"\r").unwrap_or(taken))
}

/// Reads header lines up to the empty one. What could be read is returned beside the first
/// fault, so that a malformed request can still be answered.
fn parse_headers(rest: &mut &[u8]) -> (Headers, Option<Malformed>) {
    let mut headers = Headers::new();
    let mut fault = None;
    while let Some(line) = line(rest).filter(|line| !line.is_empty()) {
        let result = match line.first() {
            Some(b' ' | b'\t') => headers
                .extend_last(&one_line(line))
                .then_some(())
                .ok_or(Malformed::HeaderLine),
            _ if headers.len() > MAX_HEADERS => {
                fault = fault.or(Some(Malformed::TooManyHeaders));
                break;
            }
            _ => parse_field(line).map(|(name, value)| headers.push_raw(name, value)),
        };
        fault = fault.or(result.err());
    }
    // Writing adds a Content-Length to a message that came without one, so it does not count.
    if headers.len() - usize::from(headers.has("Content-Length")) > MAX_HEADERS {
        fault = fault.or(Some(Malformed::TooManyHeaders));
    }
    (headers, fault)
}

fn parse_field(line: &[u8]) -> Result<(HeaderName, Vec<u8>), Malformed> {
    let colon = line
        .iter()
        .position(|byte| *byte == b':')
        .ok_or(Malformed::HeaderLine)?;
    let (name, value) = line.split_at(colon);
    let name = std::str::from_utf8(name)
        .ok()
        .map(|name| name.trim_end_matches(is_space));
    let name = name
        .and_then(HeaderName::parse)
        .ok_or(Malformed::HeaderLine)?;
    Ok((name, one_line(value.get(1..).unwrap_or_default())))
}

/// The value without the space around it. A CR that ends no line would end one for a peer
/// that we echo it to, so it counts as a space.
fn one_line(value: &[u8]) -> Vec<u8> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let begin = value.iter().position(|byte| !blank(byte)).unwrap_or(0);
    let end = value
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(0, |last| last + 1);
    let mut value = value.get(begin..end).unwrap_or_default().to_vec();
    for byte in value.iter_mut().filter(|byte| **byte == b'\r') {
        *byte = b' ';
    }
    value
}

fn parse_start(line: &[u8]) -> Result<Start, Malformed> {
    let line = lex::text(line);
    let (first, rest) = line.split_once(' ').ok_or(Malformed::StartLine)?;
    if is_version(first) {
        return parse_status_line(first, rest);
    }
    let (uri, version) = rest.rsplit_once(' ').ok_or(Malformed::StartLine)?;
    if !is_version(version) {
        return Err(Malformed::StartLine);
    }
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(Malformed::Version);
    }
    let method = first.parse().map_err(|_| Malformed::StartLine)?;
    let uri: Uri = uri.parse().map_err(Malformed::RequestUri)?;
    if uri.headers.is_some() {
        // §19.1.1 has no place for them here, and obeying them would let a peer write ours.
        return Err(Malformed::RequestUri(SyntaxError::UnexpectedCharacter));
    }
    Ok(Start::Request { method, uri })
}

fn parse_status_line(version: &str, rest: &str) -> Result<Start, Malformed> {
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(Malformed::Version);
    }
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let code = lex::number(code)
        .ok()
        .filter(|code| (100..700).contains(code));
    let code = code
        .and_then(|code| u16::try_from(code).ok())
        .ok_or(Malformed::StatusCode)?;
    Ok(Start::Response {
        status: StatusCode::new(code),
        reason: without_controls(reason.to_owned()),
    })
}

fn is_version(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("SIP/"))
}

/// Checks the headers that every message needs, and the numbers that may stand once.
fn check(start: &Start, headers: &Headers) -> Result<(), Malformed> {
    let mut hops = 0;
    for value in headers.get_all("Via") {
        hops += Via::parse_list(&value)
            .map_err(|error| Malformed::Header("Via", error))?
            .len();
    }
    if hops == 0 {
        return Err(Malformed::Missing("Via"));
    }
    single::<NameAddr>(headers, "From", true)?;
    single::<NameAddr>(headers, "To", true)?;
    single::<CallId>(headers, "Call-ID", true)?;
    let cseq = single::<CSeq>(headers, "CSeq", true)?;
    if let (Start::Request { method, .. }, Some(cseq)) = (start, cseq)
        && *method != cseq.method
    {
        return Err(Malformed::MethodMismatch);
    }
    if matches!(start, Start::Response { .. }) {
        return Ok(()); // what else is wrong with it is for those who use it
    }
    single::<Number<255>>(headers, "Max-Forwards", false)?;
    single::<Expires>(headers, "Expires", false)?;
    for name in ["Contact", "Route", "Record-Route"] {
        for value in headers.get_all(name).filter(|value| value != "*") {
            NameAddr::parse_list(&value).map_err(|error| Malformed::Header(name, error))?;
        }
    }
    Ok(())
}

/// Reads a header that may stand once.
fn single<T: std::str::FromStr<Err = SyntaxError>>(
    headers: &Headers,
    name: &'static str,
    required: bool,
) -> Result<Option<T>, Malformed> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else {
        return if required {
            Err(Malformed::Missing(name))
        } else {
            Ok(None)
        };
    };
    if values.next().is_some() {
        return Err(Malformed::Repeated(name));
    }
    let parsed = value
        .parse()
        .map_err(|error| Malformed::Header(name, error))?;
    Ok(Some(parsed))
}

/// A Call-ID: anything but nothing and space.
struct CallId;

impl std::str::FromStr for CallId {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "" => Err(SyntaxError::Empty),
            _ if text.contains(is_space) => Err(SyntaxError::UnexpectedCharacter),
            _ => Ok(Self),
        }
    }
}

/// A number up to `MAX`.
struct Number<const MAX: u32>;

impl<const MAX: u32> std::str::FromStr for Number<MAX> {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = lex::number(text)?;
        if number > MAX {
            return Err(SyntaxError::BadNumber);
        }
        Ok(Self)
    }
}

/// Seconds that fit in 32 bits; anything but digits (RFC 2543 had dates) counts as absent.
struct Expires;

impl std::str::FromStr for Expires {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let overflows = lex::number(text).is_err() && text.bytes().all(|b| b.is_ascii_digit());
        (!overflows).then_some(Self).ok_or(SyntaxError::BadNumber)
    }
}

/// The body: as long as Content-Length says, with octets behind it dropped; without the
/// header, the rest of the datagram (RFC 3261 §18.3).
fn body<'a>(headers: &Headers, rest: &'a [u8], bounds: Bounds) -> Result<&'a [u8], Malformed> {
    match content_length(headers, bounds == Bounds::Length)? {
        None => Ok(rest),
        Some(length) => rest.get(..length).ok_or(Malformed::Truncated),
    }
}

fn content_length(headers: &Headers, required: bool) -> Result<Option<usize>, Malformed> {
    let length = single::<Number<{ u32::MAX }>>(headers, "Content-Length", required)?;
    let number = length.and_then(|_| headers.number("Content-Length"));
    Ok(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX)))
}

/// How long the body is that follows on a stream, by `head`: a first line and header lines, and
/// the empty line that ends them. `None` if that cannot be told for certain; then nobody can tell
/// where the next message begins.
pub(super) fn body_length(head: &[u8]) -> Option<usize> {
    let mut rest = head;
    line(&mut rest)?;
    let (headers, _) = parse_headers(&mut rest);
    // Reading stops early at too many headers: one behind them may have named another length.
    let is_read = rest.is_empty();
    content_length(&headers, true).ok()?.filter(|_| is_read)
}

/// What a malformed request's sender gets (RFC 3261 §8.2.6, statelessly).
fn answer(first: &[u8], headers: &Headers, cause: Malformed) -> Option<Response> {
    let first = lex::text(first);
    let (method, _) = first.split_once(' ')?;
    if is_version(method) || method == "ACK" || !lex::is_token_text(method) || !headers.has("Via") {
        return None;
    }
    let status = match cause {
        Malformed::Empty => return None,
        Malformed::Version => StatusCode::VERSION_NOT_SUPPORTED,
        Malformed::TooLarge | Malformed::TooManyHeaders => StatusCode::MESSAGE_TOO_LARGE,
        Malformed::StartLine
        | Malformed::StatusCode
        | Malformed::RequestUri(_)
        | Malformed::HeaderLine
        | Malformed::Missing(_)
        | Malformed::Repeated(_)
        | Malformed::Header(..)
        | Malformed::MethodMismatch
        | Malformed::Truncated => StatusCode::BAD_REQUEST,
    };
    let mut response = Response::new(status);
    response.headers.copy_from(headers, "Via");
    for name in ["From", "To", "Call-ID", "CSeq"] {
        response.headers.copy_first(headers, name);
    }
    response
        .headers
        .push("Warning", format!("399 invalid {}", quoted(&cause)));
    Some(response)
}

fn quoted(cause: &Malformed) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = super::params::write_quoted(&mut text, &cause.to_string());
    text
}
