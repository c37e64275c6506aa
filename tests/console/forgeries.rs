//! Callers who write what they like into their INVITE. A carrier would let little of it through; the
//! screens must show all of it as what it is: text.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use thirdring::sip::{Message, Response};
use tokio::net::UdpSocket;
use tokio::sync::Mutex;

use crate::loopback::Network;
use crate::patience::PATIENCE;

/// The longest datagram.
const DATAGRAM: usize = 65_535;
/// Said again until it is answered (RFC 3261 §17.1.1.2).
const AGAIN: Duration = Duration::from_millis(500);

/// Their calls that ring.
pub(crate) struct Forgeries {
    network: Arc<Network>,
    ringing: Mutex<BTreeMap<String, Forgery>>,
}

/// One call of theirs.
struct Forgery {
    socket: UdpSocket,
    here: SocketAddr,
    server: SocketAddr,
    /// Who calls whom.
    from: String,
    to: String,
    text: String,
}

impl Forgeries {
    pub(crate) fn new(network: Arc<Network>) -> Self {
        Self {
            network,
            ringing: Mutex::default(),
        }
    }

    /// Calls `to` with this text in twelve headers, and waits until it rings. An error says what came
    /// instead.
    pub(crate) async fn ring(&self, from: &str, to: &str, text: &str) -> Result<(), String> {
        let ip = IpAddr::V4(self.network.caller(2));
        let socket = UdpSocket::bind((ip, 0)).await.unwrap();
        let call = Forgery {
            here: socket.local_addr().unwrap(),
            server: self.network.signalling(),
            socket,
            from: from.to_owned(),
            to: to.to_owned(),
            text: text.to_owned(),
        };
        let invite = call.invite();
        let response = call
            .ask(&invite, |status| (101..700).contains(&status))
            .await?;
        if response.status.as_u16() >= 200 {
            return Err(format!("{}: {text}", response.status));
        }
        self.ringing.lock().await.insert(from.to_owned(), call);
        Ok(())
    }

    /// Takes the call back that this number made.
    pub(crate) async fn cancel(&self, from: &str) -> Result<(), String> {
        let call = self.ringing.lock().await.remove(from);
        let call = call.ok_or_else(|| format!("{from} does not call"))?;
        let cancel = call.request("CANCEL", &call.to_header());
        let refusal = call.ask(&cancel, |status| status >= 300).await?;
        let to = refusal.headers.get("To").unwrap_or_default();
        call.say(&call.request("ACK", &format!("To: {to}\r\n")))
            .await;
        Ok(())
    }
}

impl Forgery {
    /// Sends a request, again and again, until there is an answer to the call that is `wanted`.
    async fn ask(&self, request: &str, wanted: impl Fn(u16) -> bool) -> Result<Response, String> {
        let answer = async {
            loop {
                self.say(request).await;
                let until_wanted = async {
                    loop {
                        let response = self.hear().await;
                        let is_of_call = response.cseq().method.as_str() == "INVITE";
                        if is_of_call && wanted(response.status.as_u16()) {
                            return response;
                        }
                    }
                };
                if let Ok(response) = tokio::time::timeout(AGAIN, until_wanted).await {
                    return response;
                }
            }
        };
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.map_err(|_| format!("nothing came of {}", self.text))
    }

    async fn say(&self, request: &str) {
        let sent = self.socket.send_to(request.as_bytes(), self.server).await;
        sent.unwrap();
    }

    async fn hear(&self) -> Response {
        let mut datagram = vec![0; DATAGRAM];
        loop {
            let (length, _) = self.socket.recv_from(&mut datagram).await.unwrap();
            if let Ok(Message::Response(response)) = Message::parse(&datagram[..length]) {
                return response;
            }
        }
    }

    /// The text is in From, To, Call-ID and nine headers more.
    fn invite(&self) -> String {
        let Self {
            here, from, text, ..
        } = self;
        let name = quoted(text);
        let address = format!("{name} <sip:{from}@{here}>");
        let body = format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n",
            ip = here.ip()
        );
        format!(
            "{start}Contact: {address}\r\n\
             P-Asserted-Identity: {address}\r\n\
             Remote-Party-ID: {address};party=calling\r\n\
             Diversion: {address};reason=unconditional\r\n\
             Reply-To: {address}\r\n\
             Subject: {text}\r\n\
             Organization: {text}\r\n\
             User-Agent: {text}\r\n\
             X-Note: {text}\r\n\
             Content-Type: application/sdp\r\n\
             Content-Length: {length}\r\n\r\n{body}",
            start = self.start("INVITE", &self.to_header()),
            length = body.len(),
        )
    }

    /// A request about the call, in the INVITE's own transaction.
    fn request(&self, method: &str, to: &str) -> String {
        format!("{}Content-Length: 0\r\n\r\n", self.start(method, to))
    }

    fn start(&self, method: &str, to_header: &str) -> String {
        let Self {
            here,
            server,
            from,
            to,
            text,
            ..
        } = self;
        let (name, call_id) = (quoted(text), word(text));
        format!(
            "{method} sip:{to}@{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {here};branch=z9hG4bK{from};rport\r\n\
             Max-Forwards: 70\r\n\
             From: {name} <sip:{from}@{here}>;tag={from}\r\n\
             {to_header}\
             Call-ID: {call_id}{from}@{ip}\r\n\
             CSeq: 1 {method}\r\n",
            ip = here.ip()
        )
    }

    fn to_header(&self) -> String {
        let Self {
            server, to, text, ..
        } = self;
        format!("To: {} <sip:{to}@{server}>\r\n", quoted(text))
    }
}

/// A quoted-string (RFC 3261 §25.1).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What of the text a Call-ID may have (`word`, RFC 3261 §25.1).
fn word(text: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || "-.!%*_+`'~()<>:\\\"/[]?{}".contains(*c);
    text.chars().filter(fits).collect()
}
