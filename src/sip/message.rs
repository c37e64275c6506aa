//! Messages: requests and responses as values, and how they are written.

use super::parse::Bounds;
use super::{CSeq, Headers, Host, Method, NameAddr, ParseError, StatusCode, Transport, Uri, Via};
use super::{Params, ViaTransport};

/// The largest message we read; a datagram holds no more.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The most header fields we read; a long call through many proxies has some thirty.
pub const MAX_HEADERS: usize = 100;

/// A SIP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Somebody asks.
    Request(Request),
    /// Somebody answers.
    Response(Response),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked.
    pub method: Method,
    /// Of whom.
    pub uri: Uri,
    /// The header fields.
    pub headers: Headers,
    /// The body, whatever its type.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The answer.
    pub status: StatusCode,
    /// The answer for people.
    pub reason: String,
    /// The header fields.
    pub headers: Headers,
    /// The body, whatever its type.
    pub body: Vec<u8>,
}

impl Message {
    /// Reads one datagram.
    ///
    /// # Errors
    /// Says why it is not a message; see [`ParseError::answer`].
    pub fn parse(datagram: &[u8]) -> Result<Self, ParseError> {
        super::parse::parse(datagram, Bounds::Datagram)
    }

    /// Reads what came by `transport`: on a stream a message must say how long it is
    /// (RFC 3261 §18.3).
    ///
    /// # Errors
    /// Says why it is not a message; see [`ParseError::answer`].
    pub fn parse_by(transport: Transport, octets: &[u8]) -> Result<Self, ParseError> {
        let bounds = if transport.is_reliable() {
            Bounds::Length
        } else {
            Bounds::Datagram
        };
        super::parse::parse(octets, bounds)
    }

    /// The octets for the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Request(request) => request.to_bytes(),
            Self::Response(response) => response.to_bytes(),
        }
    }

    /// The header fields.
    pub const fn headers(&self) -> &Headers {
        match self {
            Self::Request(request) => &request.headers,
            Self::Response(response) => &response.headers,
        }
    }
}

impl Request {
    /// A request without header fields.
    pub const fn new(method: Method, uri: Uri) -> Self {
        Self {
            method,
            uri,
            headers: Headers::new(),
            body: Vec::new(),
        }
    }

    /// A response to this request: Via, From, To, Call-ID and `CSeq` octet by octet, and
    /// Record-Route where it can make a dialog (RFC 3261 §8.2.6.2, §12.1.1). The To tag is
    /// left to the caller.
    pub fn respond(&self, status: StatusCode) -> Response {
        let mut response = Response::new(status);
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            response.headers.copy_from(&self.headers, name);
        }
        if status.as_u16() > 100 && status.as_u16() < 300 {
            response.headers.copy_from(&self.headers, "Record-Route");
        }
        response
    }

    /// Sets body and Content-Type together.
    pub fn set_body(&mut self, content_type: &str, body: Vec<u8>) {
        self.headers.set("Content-Type", content_type);
        self.body = body;
    }

    /// The octets for the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let start = format!("{} {} SIP/2.0\r\n", self.method, self.uri);
        write(&start, &self.headers, &self.body)
    }
}

impl Response {
    /// A response without header fields.
    pub fn new(status: StatusCode) -> Self {
        Self {
            status,
            reason: status.reason().to_owned(),
            headers: Headers::new(),
            body: Vec::new(),
        }
    }

    /// Sets body and Content-Type together.
    pub fn set_body(&mut self, content_type: &str, body: Vec<u8>) {
        self.headers.set("Content-Type", content_type);
        self.body = body;
    }

    /// Adds a tag to To if it has none (RFC 3261 §8.2.6.2).
    pub fn set_to_tag(&mut self, tag: &str) {
        if let Ok(to) = self.headers.to()
            && to.tag().is_none()
        {
            self.headers.set("To", to.with_tag(tag));
        }
    }

    /// The octets for the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let reason = self.reason.replace(char::is_control, " ");
        let start = format!("SIP/2.0 {} {reason}\r\n", self.status);
        write(&start, &self.headers, &self.body)
    }
}

macro_rules! typed_headers {
    ($($message:ident),*) => {$(
        /// The headers that [`Message::parse`] has found to be there and sound. On a message
        /// made by hand without them, they read as nobody and nothing.
        impl $message {
            /// Who sends.
            pub fn from_addr(&self) -> NameAddr {
                self.headers.from().unwrap_or_else(|_| NameAddr::anonymous())
            }

            /// Who is meant.
            pub fn to_addr(&self) -> NameAddr {
                self.headers.to().unwrap_or_else(|_| NameAddr::anonymous())
            }

            /// The Call-ID.
            pub fn call_id(&self) -> String {
                self.headers.call_id().map(|id| id.into_owned()).unwrap_or_default()
            }

            /// The `CSeq`.
            pub fn cseq(&self) -> CSeq {
                self.headers.cseq().unwrap_or(CSeq { number: 0, method: Method::Other(String::new()) })
            }

            /// The topmost Via.
            pub fn top_via(&self) -> Via {
                self.headers.via().unwrap_or_else(|| Via {
                    transport: ViaTransport::Known(Transport::Udp),
                    host: Host::Name("invalid".to_owned()),
                    port: None,
                    params: Params::new(),
                })
            }
        }
    )*};
}

typed_headers!(Request, Response);

impl From<Request> for Message {
    fn from(request: Request) -> Self {
        Self::Request(request)
    }
}

impl From<Response> for Message {
    fn from(response: Response) -> Self {
        Self::Response(response)
    }
}

/// Writes a message: canonical names, CRLF, and the Content-Length that is true.
fn write(start: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let fields: usize = headers
        .all()
        .iter()
        .map(|field| field.name.as_str().len() + field.value.len() + 4)
        .sum();
    let mut out = Vec::with_capacity(start.len() + fields + body.len() + 32);
    out.extend_from_slice(start.as_bytes());
    let fields = headers.all().iter();
    for field in fields.filter(|field| field.name.as_str() != "Content-Length") {
        out.extend_from_slice(field.name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(&field.value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    out.extend_from_slice(body);
    out
}
