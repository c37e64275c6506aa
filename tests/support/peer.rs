//! A SIP peer that a test plays by hand, message by message, where SIPp cannot tell what is to be
//! seen. It uses the library's codec and dialogs, and nothing of its transactions.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rustls::ClientConfig;
use thirdring::sip::auth;
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{
    Host, Message, Method, NameAddr, Replaces, Request, Response, StatusCode, Transport, Uri, Via,
    ids,
};

use crate::loopback::{Network, sip};
use crate::patience::PATIENCE;
use crate::tone::Law;
use crate::voice::Voice;
use crate::wire::{Streams, Wire};

/// The address of the RTP socket of a peer.
const RTP_PORT: u16 = 40_000;

/// Messages by method, way (`in` or `out` as the service sees it) and code.
pub(crate) type Tally = BTreeMap<(String, &'static str, String), u64>;

/// One end of one call.
pub(crate) struct Peer {
    wire: Wire,
    ip: Ipv4Addr,
    service: SocketAddr,
    rng: StdRng,
    seen: Vec<Vec<u8>>,
    tally: Tally,
    invite: Option<Request>,
    dialog: Option<Dialog>,
    tag: String,
    /// A call put aside while another one is made.
    aside: (Option<Request>, Option<Dialog>),
    /// Its RTP socket.
    pub(crate) voice: Voice,
}

impl Peer {
    /// A peer at this address of the network.
    pub(crate) fn new(ip: Ipv4Addr, network: &Network) -> Self {
        Self::over(Wire::udp(ip), ip, network)
    }

    /// A peer that speaks SIP over TCP.
    pub(crate) fn by_tcp(ip: Ipv4Addr, network: &Network) -> Self {
        Self::over(Wire::tcp(ip, network.signalling()), ip, network)
    }

    /// A peer that speaks SIP over TLS.
    pub(crate) fn by_tls(ip: Ipv4Addr, network: &Network, tls: Arc<ClientConfig>) -> Self {
        let service = network.secure();
        let mut peer = Self::over(Wire::tls(ip, service, tls), ip, network);
        peer.service = service;
        peer
    }

    /// The same peer over TCP: its SIP port only, since the other one has the RTP port.
    pub(crate) fn beside(other: &Self, network: &Network) -> Self {
        let wire = Wire::tcp(other.ip, network.signalling());
        Self::with_voice(
            wire,
            other.ip,
            network,
            Voice::bind((other.ip, RTP_PORT + 10)),
        )
    }

    /// One of many, for whom somebody else speaks and listens.
    #[allow(dead_code, reason = "the floods want it")]
    pub(crate) fn deaf(ip: Ipv4Addr, network: &Network) -> Self {
        Self::with_voice(Wire::udp(ip), ip, network, Voice::deaf((ip, RTP_PORT)))
    }

    fn over(wire: Wire, ip: Ipv4Addr, network: &Network) -> Self {
        Self::with_voice(wire, ip, network, Voice::bind((ip, RTP_PORT)))
    }

    fn with_voice(wire: Wire, ip: Ipv4Addr, network: &Network, voice: Voice) -> Self {
        // No two peers of a process mint the same tags, branches and Call-IDs.
        static PEERS: AtomicU64 = AtomicU64::new(0);
        let mut rng = StdRng::seed_from_u64(PEERS.fetch_add(1, Ordering::Relaxed));
        Self {
            wire,
            ip,
            service: network.signalling(),
            tag: ids::new_tag(&mut rng),
            rng,
            aside: (None, None),
            seen: Vec::new(),
            tally: Tally::new(),
            invite: None,
            dialog: None,
            voice,
        }
    }

    /// Its connections.
    pub(crate) fn streams(&mut self) -> &mut Streams {
        self.wire.streams()
    }

    /// What it has sent and received, repeats included.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    // --- as a caller

    /// Sends an INVITE for this number; an empty body offers nothing.
    pub(crate) fn dial(&mut self, number: &str, body: Vec<u8>) {
        self.dial_with(number, &[], body);
    }

    /// As [`dial`](Self::dial), with more headers, or with this Call-ID.
    pub(crate) fn dial_with(&mut self, number: &str, headers: &[(&str, &str)], body: Vec<u8>) {
        self.dial_from(None, number, headers, body);
    }

    /// As [`dial`](Self::dial), under this display name.
    pub(crate) fn dial_named(&mut self, name: &str, number: &str, body: Vec<u8>) {
        self.dial_from(Some(name), number, &[], body);
    }

    fn dial_from(
        &mut self,
        name: Option<&str>,
        number: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) {
        let uri =
            |user: &str, at: SocketAddr| Uri::sip(Some(user), Host::Ip(at.ip()), Some(at.port()));
        let to = uri(number, self.service);
        let mut from = NameAddr::new(uri("13800138000", sip(self.ip)));
        from.display = name.map(str::to_owned);
        from.set_tag(&self.tag);
        let mut invite = Request::new(Method::INVITE, to.clone());
        invite.headers.push("Max-Forwards", "70");
        invite.headers.push("From", from);
        invite.headers.push("To", NameAddr::new(to));
        invite
            .headers
            .push("Call-ID", ids::new_call_id(&mut self.rng));
        invite.headers.push("CSeq", "1 INVITE");
        invite.headers.push("Contact", self.contact());
        for (name, value) in headers {
            if *name == "Call-ID" {
                invite.headers.remove(name);
            }
            invite.headers.push(name, value);
        }
        describe(&mut invite, body);
        self.stamp(&mut invite);
        self.send(&Message::Request(invite.clone()));
        self.invite = Some(invite);
    }

    /// The call is over; the next one makes a dialog of its own.
    pub(crate) fn forget_dialog(&mut self) {
        self.dialog = None;
    }

    /// Waits for whatever refuses the INVITE.
    pub(crate) fn refusal(&mut self) -> Response {
        self.find("a refusal", |message| match message {
            Message::Response(response) if response.status.as_u16() >= 300 => Some(response),
            Message::Response(_) | Message::Request(_) => None,
        })
    }

    /// Dials as a phone that is asked for its password first (RFC 3261 §22.2).
    pub(crate) fn dial_as(&mut self, account: (&str, &str), number: &str) {
        self.dial_as_with(account, number, &[]);
    }

    /// As [`dial_as`](Self::dial_as), with more headers.
    pub(crate) fn dial_as_with(
        &mut self,
        (user, password): (&str, &str),
        number: &str,
        headers: &[(&str, &str)],
    ) {
        self.dial_with(number, headers, self.plain());
        let challenge = self.expect_refusal(401);
        self.ack_refusal(&challenge);
        let mut again = self.invite.clone().unwrap();
        let (name, value) = auth::answer(
            &challenge,
            &Method::INVITE,
            &again.uri,
            user,
            password,
            1,
            &mut self.rng,
        )
        .expect("a challenge that can be answered");
        again.headers.set(name, value);
        again.headers.set("CSeq", "2 INVITE");
        again.headers.remove("Via");
        self.stamp(&mut again);
        self.send(&Message::Request(again.clone()));
        self.invite = Some(again);
    }

    /// Waits for the first word about the INVITE beside 100; a refusal is acknowledged.
    #[allow(dead_code, reason = "the tests of disks want it")]
    pub(crate) fn first_word(&mut self) -> u16 {
        let response = self.find("a word about the INVITE", |message| match message {
            Message::Response(response) if response.cseq().method == Method::INVITE => {
                (response.status.as_u16() > 100).then_some(response)
            }
            Message::Response(_) | Message::Request(_) => None,
        });
        let status = response.status.as_u16();
        if status >= 300 {
            self.ack_refusal(&response);
        }
        status
    }

    /// Waits for this response to the INVITE; other provisional ones may come before it.
    pub(crate) fn expect(&mut self, status: u16) -> Response {
        let response = self.response(&Method::INVITE, status);
        if let (Some(invite), None, true) =
            (&self.invite, &self.dialog, response.status.is_success())
        {
            self.dialog = Some(Dialog::uac(invite, &response));
        }
        response
    }

    /// Waits for this refusal of the last INVITE.
    pub(crate) fn expect_refusal(&mut self, status: u16) -> Response {
        self.response(&Method::INVITE, status)
    }

    /// The INVITE whose 2xx still awaits its ACK, while another one is being tried.
    pub(crate) fn keep_invite(&self) -> Request {
        self.invite.clone().unwrap()
    }

    /// Goes back to that INVITE.
    pub(crate) fn restore_invite(&mut self, invite: Request) {
        self.invite = Some(invite);
    }

    /// Acknowledges the 2xx of the last INVITE.
    pub(crate) fn ack(&mut self, body: Vec<u8>) {
        let cseq = self.invite.as_ref().unwrap().cseq().number;
        let mut ack = self.dialog.as_ref().unwrap().ack(cseq);
        describe(&mut ack, body);
        self.stamp(&mut ack);
        self.send(&Message::Request(ack));
    }

    /// Acknowledges a refusal of the last INVITE: within its transaction (RFC 3261 §17.1.1.3).
    pub(crate) fn ack_refusal(&mut self, response: &Response) {
        let invite = self.invite.as_ref().unwrap();
        let mut ack = Request::new(Method::ACK, invite.uri.clone());
        ack.headers.push("Via", invite.top_via());
        ack.headers.push("Max-Forwards", "70");
        ack.headers.push("From", response.from_addr());
        ack.headers.push("To", response.to_addr());
        ack.headers.push("Call-ID", response.call_id());
        let number = response.cseq().number;
        ack.headers.push("CSeq", format!("{number} ACK"));
        self.send(&Message::Request(ack));
    }

    /// Gives up: CANCEL of the INVITE, and all that follows from it.
    pub(crate) fn cancel(&mut self) {
        let invite = self.invite.as_ref().unwrap();
        let mut cancel = Request::new(Method::CANCEL, invite.uri.clone());
        for name in ["Via", "Max-Forwards", "From", "To", "Call-ID"] {
            cancel.headers.copy_from(&invite.headers, name);
        }
        let number = invite.cseq().number;
        cancel.headers.push("CSeq", format!("{number} CANCEL"));
        self.send(&Message::Request(cancel));
        self.response(&Method::CANCEL, 200);
        let terminated = self.expect_refusal(487);
        self.ack_refusal(&terminated);
    }

    /// Calls and talks: the answer is there, and acknowledged.
    pub(crate) fn talk(&mut self) -> SocketAddr {
        let response = self.expect(200);
        self.ack(Vec::new());
        described(&response.body)
    }

    // --- as a phone

    /// Waits for an INVITE and says that it rings.
    pub(crate) fn ring(&mut self) -> Request {
        let invite = self.request(&Method::INVITE);
        self.invite = Some(invite.clone());
        self.answer_invite(StatusCode::RINGING, Vec::new());
        invite
    }

    /// Picks up: 200 with this description, and the ACK.
    pub(crate) fn pick_up(&mut self, body: Vec<u8>) -> SocketAddr {
        let offer = self.invite.as_ref().unwrap().body.clone();
        self.answer_invite(StatusCode::OK, body);
        let mut dialog = Dialog::uas(self.invite.as_ref().unwrap(), &self.tag);
        dialog.confirm();
        self.dialog = Some(dialog);
        self.request(&Method::ACK);
        described(&offer)
    }

    /// Answers the INVITE that rings.
    pub(crate) fn answer_invite(&mut self, status: StatusCode, body: Vec<u8>) {
        let invite = self.invite.clone().unwrap();
        let mut response = invite.respond(status);
        response.set_to_tag(&self.tag);
        response.headers.push("Contact", self.contact());
        if !body.is_empty() {
            response.set_body("application/sdp", body);
        }
        self.send(&Message::Response(response));
    }

    /// Refuses the INVITE that rings, and waits for the ACK.
    pub(crate) fn refuse(&mut self, status: StatusCode) {
        self.answer_invite(status, Vec::new());
        self.request(&Method::ACK);
    }

    /// Is told to stop ringing.
    pub(crate) fn expect_cancel(&mut self) {
        let cancel = self.request(&Method::CANCEL);
        self.send(&Message::Response(cancel.respond(StatusCode::OK)));
        self.refuse(StatusCode::REQUEST_TERMINATED);
    }

    // --- both

    /// What it offers or answers when nothing special is wanted: PCMA both ways.
    pub(crate) fn plain(&self) -> Vec<u8> {
        self.voice.description(&[Law::Pcma], "sendrecv")
    }

    /// Sends another INVITE in the dialog, without waiting for anything.
    pub(crate) fn send_reinvite(&mut self, body: Vec<u8>) {
        let mut invite = self.within(Method::INVITE);
        invite.headers.push("Contact", self.contact());
        describe(&mut invite, body);
        self.send(&Message::Request(invite.clone()));
        self.invite = Some(invite);
    }

    /// Renegotiates; the description that came back.
    pub(crate) fn reinvite(&mut self, body: Vec<u8>) -> Vec<u8> {
        self.send_reinvite(body);
        let response = self.response(&Method::INVITE, 200);
        self.ack(Vec::new());
        response.body
    }

    /// Puts the call aside and takes the other one.
    pub(crate) fn swap(&mut self) {
        std::mem::swap(&mut self.invite, &mut self.aside.0);
        std::mem::swap(&mut self.dialog, &mut self.aside.1);
    }

    /// The dialog, as a Replaces names it to the other end (RFC 3891 §6.1).
    pub(crate) fn replaces(&self) -> Replaces {
        let dialog = self.dialog.as_ref().unwrap().id();
        Replaces {
            call_id: dialog.call_id.clone(),
            to_tag: dialog.remote_tag.clone(),
            from_tag: dialog.local_tag.clone(),
            early_only: false,
        }
    }

    /// Asks for this dialog's peer to take the place of that other one; the last NOTIFY's status.
    pub(crate) fn join(&mut self, replaces: &Replaces) -> u16 {
        let at = self.service;
        let mut to = Uri::sip(Some("peer"), Host::Ip(at.ip()), Some(at.port()));
        to.headers = Some(replaces.to_uri_headers());
        self.refer(to);
        self.passed_on()
    }

    /// Asks for the call to be passed on to this number.
    pub(crate) fn pass_on(&mut self, number: &str) {
        let at = self.service;
        self.refer(Uri::sip(Some(number), Host::Ip(at.ip()), Some(at.port())));
    }

    fn refer(&mut self, to: Uri) {
        let mut refer = self.within(Method::REFER);
        refer.headers.push("Refer-To", NameAddr::new(to));
        refer.headers.push("Contact", self.contact());
        self.send(&Message::Request(refer));
        self.response(&Method::REFER, 202);
    }

    /// Waits for the end of the transfer that it asked for; the last NOTIFY's status.
    pub(crate) fn passed_on(&mut self) -> u16 {
        loop {
            let notify = self.request(&Method::NOTIFY);
            self.send(&Message::Response(notify.respond(StatusCode::OK)));
            let event = notify.headers.get("Event").unwrap();
            assert!(event.starts_with("refer"), "{event}");
            let text = String::from_utf8(notify.body).unwrap();
            let status = text.split(' ').nth(1).unwrap().parse().unwrap();
            let state = notify.headers.get("Subscription-State").unwrap();
            assert_eq!(state.starts_with("terminated"), status >= 200, "{state}");
            if status >= 200 {
                return status;
            }
        }
    }

    /// Hangs up.
    pub(crate) fn bye(&mut self) {
        let bye = self.within(Method::BYE);
        self.send(&Message::Request(bye));
        self.response(&Method::BYE, 200);
    }

    /// Waits for the other side to hang up.
    pub(crate) fn expect_bye(&mut self) -> Request {
        let bye = self.request(&Method::BYE);
        self.send(&Message::Response(bye.respond(StatusCode::OK)));
        bye
    }

    /// Waits for a request; retransmissions and responses on the way are no surprise.
    pub(crate) fn request(&mut self, method: &Method) -> Request {
        self.find(
            &format!("{method} at {}", self.ip),
            |message| match message {
                Message::Request(request) if request.method == *method => Some(request),
                Message::Request(_) | Message::Response(_) => None,
            },
        )
    }

    /// Waits for a response to a request of ours.
    pub(crate) fn response(&mut self, method: &Method, status: u16) -> Response {
        let what = format!("{status} to {method} at {}", self.ip);
        self.find(&what, |message| match message {
            Message::Response(response) if response.cseq().method == *method => {
                let got = response.status.as_u16();
                assert!(
                    got == status || got < 200,
                    "{got} {} instead of {what}",
                    response.reason
                );
                (got == status).then_some(response)
            }
            Message::Response(_) | Message::Request(_) => None,
        })
    }

    /// Reads whatever else comes until it has been quiet for a moment, and tallies it.
    pub(crate) fn drain(&mut self, quiet: Duration) {
        while self.receive(Instant::now() + quiet).is_some() {}
    }

    /// A request within the dialog.
    pub(crate) fn within(&mut self, method: Method) -> Request {
        let dialog = self.dialog.as_mut().unwrap();
        let mut request = dialog.request(method, &mut self.rng);
        request.headers.remove("Via");
        self.stamp(&mut request);
        request
    }

    fn find<T>(&mut self, what: &str, mut wanted: impl FnMut(Message) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let message = self.receive(deadline);
            let message = message.unwrap_or_else(|| panic!("no {what} in {PATIENCE:?}"));
            if let Some(found) = wanted(message) {
                return found;
            }
        }
    }

    /// The next message that has not been seen before, and has come before the deadline.
    fn receive(&mut self, deadline: Instant) -> Option<Message> {
        loop {
            let bytes = &self.wire.receive(deadline)?[..];
            let message = Message::parse(bytes).expect("the service writes sound messages");
            self.count(&message, "out");
            if !self.seen.iter().any(|seen| seen == bytes) {
                self.seen.push(bytes.to_vec());
                return Some(message);
            }
        }
    }

    /// Sends a message to the service.
    pub(crate) fn send(&mut self, message: &Message) {
        self.count(message, "in");
        self.wire.send(&message.to_bytes(), self.service);
    }

    fn count(&mut self, message: &Message, way: &'static str) {
        let (method, code) = match message {
            Message::Request(request) => (request.method.to_string(), String::new()),
            Message::Response(response) => (
                response.cseq().method.to_string(),
                response.status.as_u16().to_string(),
            ),
        };
        *self.tally.entry((method, way, code)).or_default() += 1;
    }

    fn stamp(&mut self, request: &mut Request) {
        let branch = ids::new_branch(&mut self.rng);
        let via = Via::new(self.wire.transport(), sip(self.ip), &branch);
        request.headers.prepend("Via", via);
    }

    fn contact(&self) -> NameAddr {
        let at = sip(self.ip);
        let mut uri = Uri::sip(Some("peer"), Host::Ip(at.ip()), Some(at.port()));
        match self.wire.transport() {
            Transport::Udp => {}
            Transport::Tcp => uri.params.set("transport", Some("tcp")),
            Transport::Tls => uri.params.set("transport", Some("tls")),
        }
        NameAddr::new(uri)
    }
}

fn describe(request: &mut Request, body: Vec<u8>) {
    if !body.is_empty() {
        request.set_body("application/sdp", body);
    }
}

/// Where a description wants its RTP.
pub(crate) fn described(body: &[u8]) -> SocketAddr {
    let text = std::str::from_utf8(body).unwrap();
    let after = |start: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(start));
        let line = line.unwrap_or_else(|| panic!("no {start} in {text}"));
        line.split(' ').next().unwrap().to_owned()
    };
    let address = format!("{}:{}", after("c=IN IP4 "), after("m=audio "));
    address.parse().unwrap()
}

/// Whether a description says this (`a=sendonly`).
pub(crate) fn says(body: &[u8], line: &str) -> bool {
    std::str::from_utf8(body)
        .unwrap()
        .lines()
        .any(|said| said == line)
}
