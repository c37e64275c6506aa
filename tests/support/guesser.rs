//! Somebody with a socket who sends REGISTERs and other requests, one at a time, and looks at the
//! very octets of the answers.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::sip::auth::answer;
use thirdring::sip::{
    Host, Message, Method, NameAddr, Request, Response, Transport, Uri, Via, ids,
};

/// So long an answer on one machine may take.
const ANSWER: Duration = Duration::from_millis(500);

/// A socket and where it sends.
pub(crate) struct Guesser {
    socket: UdpSocket,
    service: SocketAddr,
    rng: StdRng,
    sent: u32,
}

/// An answer as it came, and as it reads.
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) response: Response,
}

impl Guesser {
    pub(crate) fn new(at: impl Into<SocketAddr>, service: SocketAddr) -> Self {
        let socket = UdpSocket::bind(at.into()).unwrap();
        socket.set_read_timeout(Some(ANSWER)).unwrap();
        Self {
            socket,
            service,
            rng: StdRng::seed_from_u64(5),
            sent: 0,
        }
    }

    /// A request as `user`, without credentials.
    pub(crate) fn request(&mut self, method: &Method, user: &str) -> Request {
        self.sent += 1;
        let here = self.socket.local_addr().unwrap();
        let registrar = Uri::sip(None, Host::Ip(self.service.ip()), None);
        let account = Uri::sip(Some(user), Host::Ip(self.service.ip()), None);
        let uri = if *method == Method::REGISTER {
            registrar
        } else {
            account.clone()
        };
        let mut request = Request::new(method.clone(), uri);
        let branch = ids::new_branch(&mut self.rng);
        let headers = &mut request.headers;
        headers.push("Via", Via::new(Transport::Udp, here, &branch));
        headers.push("Max-Forwards", "70");
        let tag = ids::new_tag(&mut self.rng);
        headers.push("From", NameAddr::new(account.clone()).with_tag(&tag));
        headers.push("To", NameAddr::new(account));
        headers.push("Call-ID", ids::new_call_id(&mut self.rng));
        headers.push("CSeq", format!("{} {method}", self.sent));
        let contact = Uri::sip(Some(user), Host::Ip(here.ip()), Some(here.port()));
        headers.push("Contact", NameAddr::new(contact));
        request
    }

    /// Sends and waits; `None` if nothing comes. A 100 is passed over.
    pub(crate) fn ask(&mut self, request: &Request) -> Option<Answer> {
        self.send(&request.to_bytes());
        let mut buffer = vec![0; 65_536];
        loop {
            let (length, _) = self.socket.recv_from(&mut buffer).ok()?;
            let bytes = buffer[..length].to_vec();
            let Ok(Message::Response(response)) = Message::parse(&bytes) else {
                continue;
            };
            let is_its = response.call_id() == request.call_id();
            if is_its && !response.status.is_provisional() {
                return Some(Answer { bytes, response });
            }
        }
    }

    pub(crate) fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.service).unwrap();
    }

    /// The request again, answering the challenge.
    pub(crate) fn with_password(
        &mut self,
        request: &Request,
        challenge: &Response,
        user: &str,
        password: &str,
    ) -> Request {
        let mut again = self.request(&request.method, user);
        again.headers.set("Call-ID", request.call_id());
        let (name, value) = answer(
            challenge,
            &again.method,
            &again.uri,
            user,
            password,
            1,
            &mut self.rng,
        )
        .expect("a challenge that can be answered");
        again.headers.push(name, value);
        again
    }

    /// Tries a password: the status of the last answer there was.
    pub(crate) fn register(&mut self, user: &str, password: &str) -> Option<u16> {
        let request = self.request(&Method::REGISTER, user);
        let challenge = self.ask(&request)?.response;
        let again = self.with_password(&request, &challenge, user, password);
        let answer = self.ask(&again)?;
        Some(answer.response.status.as_u16())
    }
}
