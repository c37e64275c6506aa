//! Why something from the wire could not be read, and what to tell its sender.

use thiserror::Error;

use super::Response;

/// Why one value (a URI, an address, a Via) is not what its grammar asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SyntaxError {
    /// Nothing stands where a value is required.
    #[error("the value is empty")]
    Empty,
    /// A quoted string has no closing quote.
    #[error("a quoted string does not end")]
    UnbalancedQuote,
    /// A `<` has no `>`, or the other way round.
    #[error("angle brackets do not match")]
    UnbalancedBracket,
    /// A character stands where its grammar has no place for it.
    #[error("a character is out of place")]
    UnexpectedCharacter,
    /// A `;` or `,` is followed by nothing.
    #[error("a separator separates nothing")]
    EmptyElement,
    /// A URI has no scheme, or one with characters schemes do not have.
    #[error("the URI has no valid scheme")]
    BadScheme,
    /// A host is neither a name nor an address.
    #[error("the host is neither a name nor an address")]
    BadHost,
    /// A port is not a number below 65536.
    #[error("the port is not a number below 65536")]
    BadPort,
    /// A number is missing, signed, or larger than its field allows.
    #[error("the number is missing or too large")]
    BadNumber,
    /// A method has characters that tokens do not have.
    #[error("the method is not a token")]
    BadMethod,
    /// A URI with `?` or `,` stands without the angle brackets it needs (RFC 3261 §20).
    #[error("the URI needs angle brackets")]
    BracketsNeeded,
}

/// Why a datagram is not a SIP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Only line ends, or nothing: a keep-alive (RFC 5626 §3.5.1).
    #[error("the datagram is empty")]
    Empty,
    /// More than [`MAX_MESSAGE_BYTES`](super::message::MAX_MESSAGE_BYTES).
    #[error("the message is larger than 64 KiB")]
    TooLarge,
    /// More than [`MAX_HEADERS`](super::message::MAX_HEADERS).
    #[error("the message has more than 100 header fields")]
    TooManyHeaders,
    /// The first line is neither a request line nor a status line.
    #[error("the start line is neither a request's nor a response's")]
    StartLine,
    /// A SIP version other than 2.0.
    #[error("the SIP version is not 2.0")]
    Version,
    /// The status code is not a number from 100 to 699.
    #[error("the status code is not from 100 to 699")]
    StatusCode,
    /// The Request-URI cannot be read.
    #[error("the Request-URI is malformed: {0}")]
    RequestUri(SyntaxError),
    /// A header line has no colon or no valid name.
    #[error("a header line has no name")]
    HeaderLine,
    /// A header that every message needs is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A header that may stand once stands twice.
    #[error("{0} stands more than once")]
    Repeated(&'static str),
    /// A header's value cannot be read.
    #[error("{0} is malformed: {1}")]
    Header(&'static str, SyntaxError),
    /// The method of `CSeq` is not the request's.
    #[error("the method of CSeq is not the request's")]
    MethodMismatch,
    /// `Content-Length` promises more octets than the datagram has.
    #[error("the body is shorter than Content-Length")]
    Truncated,
}

/// A message that was refused, and the answer its sender may have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{cause}")]
pub struct ParseError {
    /// What is wrong with it.
    pub cause: Malformed,
    pub(super) answer: Option<Box<Response>>,
}

impl ParseError {
    /// The stateless answer: present for a malformed request (never for an ACK or a response)
    /// whose `Via` was found. It copies the raw `Via`, `From`, `To`, `Call-ID` and `CSeq` that
    /// were there, adds no To tag, and is to be sent to the datagram's source.
    pub fn answer(&self) -> Option<Response> {
        self.answer.as_deref().cloned()
    }
}

impl From<Malformed> for ParseError {
    fn from(cause: Malformed) -> Self {
        Self {
            cause,
            answer: None,
        }
    }
}
