//! A phone's signalling, pure: messages, commands and the time in; messages and events out.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::call::{Call, Phase};
use super::command::{Command, Event, Output};
use super::extensions::Extensions;
use super::registration::Registration;
use crate::sdp::{AddressPolicy, Codec, OfferAnswer, Stream};
use crate::sip::dialog::DialogId;
use crate::sip::endpoint::{self, ClientTx, Endpoint, EndpointConfig, ServerTx};
use crate::sip::{
    Flow, Host, Method, NameAddr, Replaces, Request, Response, StatusCode, Transport, Uri, auth,
};

/// The methods a phone answers, for `Allow` (RFC 3261 §20.5).
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, PRACK, UPDATE";
/// Calls, registration and their repeats: a phone has no more in work.
const MAX_TRANSACTIONS: usize = 64;
/// Where SIP is when an address names no port (RFC 3261 §19.1.2).
const SIP_PORT: u16 = 5060;

/// A header's name and value that answer a challenge.
pub(super) type Credentials = (&'static str, String);

/// Who a phone is, and where.
#[derive(Clone, Debug)]
pub struct PhoneConfig {
    /// Its number or extension: the user of From and Contact.
    pub user: String,
    /// Its display name.
    pub name: Option<String>,
    /// What it speaks SIP over. With connections everything goes to its server, as RFC 5626 has
    /// it: one connection, which it opens.
    pub transport: Transport,
    /// Its SIP socket.
    pub sip: SocketAddr,
    /// Its RTP socket.
    pub media: SocketAddr,
    /// Where its calls go.
    pub server: SocketAddr,
    /// What it can decode, best first.
    pub codecs: Vec<Codec>,
    /// Whether media may go over loopback: on one machine only.
    pub allow_loopback: bool,
    /// What it can beyond RFC 3261.
    pub extensions: Extensions,
}

/// One phone with at most one call, and another put aside.
#[derive(Debug)]
pub struct UserAgent {
    pub(super) config: PhoneConfig,
    pub(super) endpoint: Endpoint,
    pub(super) rng: StdRng,
    pub(super) registration: Option<Registration>,
    /// User and password that the phone last registered with; calls are challenged for them too.
    pub(super) credentials: Option<(String, String)>,
    pub(super) call: Option<Call>,
    /// The last INVITE that opened a call of ours: a fork of it may still answer.
    pub(super) last_invite: Option<(ClientTx, Request)>,
    /// The call put aside, and the INVITE that opened it.
    pub(super) aside: (Option<Call>, Option<(ClientTx, Request)>),
    pub(super) outputs: VecDeque<Output>,
}

impl UserAgent {
    /// A phone that does nothing yet. `seed` mints its tags and ids.
    pub fn new(config: PhoneConfig, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let endpoint_config = EndpointConfig {
            user_agent: "thirdring-phone".to_owned(),
            max_server_transactions: MAX_TRANSACTIONS,
        };
        let endpoint = Endpoint::new(endpoint_config, StdRng::from_rng(&mut rng));
        Self {
            config,
            endpoint,
            rng,
            registration: None,
            credentials: None,
            call: None,
            last_invite: None,
            aside: (None, None),
            outputs: VecDeque::new(),
        }
    }

    /// Takes a message that came to the SIP socket, or by its connection.
    pub fn handle_datagram(&mut self, bytes: &[u8], source: SocketAddr, now: Instant) {
        self.handle_message(bytes, self.flow(source), now);
    }

    /// Takes a message, and the way it came.
    pub fn handle_message(&mut self, bytes: &[u8], flow: Flow, now: Instant) {
        self.endpoint.handle_message(bytes, flow, now);
        self.drain(now);
    }

    /// A connection is gone; the phone comes back by itself (RFC 5626 §4.5).
    pub fn handle_disconnect(&mut self, flow: Flow, now: Instant) {
        self.endpoint.handle_disconnect(flow, now);
        self.registration_cut(flow.peer, now);
        self.drain(now);
    }

    /// The way to a peer: a phone has one connection, with its server.
    fn flow(&self, peer: SocketAddr) -> Flow {
        let PhoneConfig {
            transport,
            sip: local,
            server,
            ..
        } = self.config;
        Flow {
            transport,
            local,
            peer: if transport.is_reliable() {
                server
            } else {
                peer
            },
        }
    }

    /// Does what the phone is told.
    pub fn handle_command(&mut self, command: Command, now: Instant) {
        match command {
            Command::Register {
                user,
                password,
                registrar,
                expires,
            } => self.register(user, password, registrar, expires, now),
            Command::Unregister => self.unregister(now),
            Command::Call { to } => self.dial(&to, None, now),
            Command::TakeOver(replaces) => {
                let to = self.config.user.clone();
                self.dial(&to, Some(&replaces), now);
            }
            Command::Cancel => self.cancel(now),
            Command::Ring(status) => self.ring(status, now),
            Command::Answer => self.answer(now),
            Command::Reject(status) => self.reject(status, now),
            Command::HangUp => self.hang_up(now),
            Command::Refer { to } => {
                let server = self.config.server;
                let target = Uri::sip(Some(&to), Host::Ip(server.ip()), Some(server.port()));
                self.refer(target, now);
            }
            Command::Swap => self.swap(),
            Command::Join => self.join(now),
            Command::Hold => self.hold(true, now),
            Command::Resume => self.hold(false, now),
            // A key is heard in the audio, which signalling has no part in.
            Command::Press(_) => {}
            Command::Move(local) => self.move_media(local, now),
        }
        self.drain(now);
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        self.registration_timeout(now);
        self.reinvite_timeout(now);
        self.extensions_due(now);
        self.swap();
        self.reinvite_timeout(now);
        self.extensions_due(now);
        self.swap();
        self.drain(now);
    }

    /// The next output, oldest first. Drain it after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let registration = self.registration.as_ref().and_then(|it| it.refresh_at);
        let calls = [self.call.as_ref(), self.aside.0.as_ref()];
        let own = calls.into_iter().flatten().map(|call| {
            let extensions = call.extensions_deadline();
            [call.retry_at, extensions].into_iter().flatten().min()
        });
        [self.endpoint.poll_timeout(), registration]
            .into_iter()
            .chain(own)
            .flatten()
            .min()
    }

    /// Whether no call and no transaction is left.
    pub fn is_idle(&self) -> bool {
        !self.has_call() && self.endpoint.is_idle()
    }

    /// Whether a call is up, rings or is being made.
    pub fn has_call(&self) -> bool {
        self.call.is_some() || self.aside.0.is_some()
    }

    /// Whether the phone is registered, or is about to be.
    pub fn has_registration(&self) -> bool {
        self.registration.is_some()
    }

    /// The shell could not send this.
    pub fn handle_send_error(&mut self, transmit: &endpoint::Transmit, now: Instant) {
        self.endpoint.handle_send_error(transmit, now);
        self.drain(now);
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                endpoint::Output::Transmit(transmit) => {
                    self.outputs.push_back(Output::Transmit(transmit));
                }
                endpoint::Output::Event(event) if self.concerns_aside(&event) => {
                    self.swap();
                    self.handle_event(event, now);
                    self.swap();
                }
                endpoint::Output::Event(event) => self.handle_event(event, now),
            }
        }
    }

    /// Takes the call that was put aside, and puts the present one there.
    fn swap(&mut self) {
        std::mem::swap(&mut self.call, &mut self.aside.0);
        std::mem::swap(&mut self.last_invite, &mut self.aside.1);
    }

    /// Whether an event belongs to the call that was put aside.
    fn concerns_aside(&self, event: &endpoint::Event) -> bool {
        let Some(call) = &self.aside.0 else {
            return false;
        };
        let owns = |id: &DialogId| call.dialog.as_ref().is_some_and(|own| own.id() == id);
        match event {
            endpoint::Event::Request { request, .. } => owns(&DialogId::of_request(request)),
            endpoint::Event::Cancelled { .. } => false,
            endpoint::Event::Acknowledged { dialog, .. }
            | endpoint::Event::AckMissing { dialog, .. } => owns(dialog),
            endpoint::Event::Response { tx, .. }
            | endpoint::Event::TimedOut { tx }
            | endpoint::Event::TransportFailed { tx } => {
                let reinvite = call.reinvite.as_ref();
                let reinvites = reinvite.is_some_and(|reinvite| reinvite.tx == *tx);
                call.is_calling(*tx) || call.is_referring(*tx) || reinvites
            }
        }
    }

    /// The dialog of the present call, as its peer knows it (RFC 3891 §6.1).
    pub fn replaces(&self) -> Option<Replaces> {
        let dialog = self.call.as_ref()?.dialog.as_ref()?.id();
        Some(Replaces {
            call_id: dialog.call_id.clone(),
            to_tag: dialog.remote_tag.clone(),
            from_tag: dialog.local_tag.clone(),
            early_only: false,
        })
    }

    /// Joins the call put aside with the present one (RFC 5589 §7.1).
    fn join(&mut self, now: Instant) {
        let Some(replaces) = self.replaces() else {
            return;
        };
        let server = self.config.server;
        let mut target = Uri::sip(None, Host::Ip(server.ip()), Some(server.port()));
        target.headers = Some(replaces.to_uri_headers());
        self.swap();
        self.refer(target, now);
        self.swap();
    }

    fn handle_event(&mut self, event: endpoint::Event, now: Instant) {
        match event {
            endpoint::Event::Request { tx, request, .. } => self.handle_request(tx, &request, now),
            endpoint::Event::Cancelled { tx, cancel } => self.cancelled(tx, &cancel, now),
            endpoint::Event::Acknowledged { dialog, ack } => self.acknowledged(&dialog, &ack, now),
            endpoint::Event::AckMissing { dialog, .. } => self.ack_missing(&dialog, now),
            endpoint::Event::Response { tx, response, .. } => {
                self.handle_response(tx, &response, now);
            }
            endpoint::Event::TimedOut { tx } => self.failed(tx, StatusCode::REQUEST_TIMEOUT, now),
            endpoint::Event::TransportFailed { tx } => {
                self.failed(tx, StatusCode::SERVICE_UNAVAILABLE, now);
            }
        }
    }

    fn handle_request(&mut self, tx: ServerTx, request: &Request, now: Instant) {
        if request.to_addr().tag().is_some() {
            return self.handle_within(tx, request, now);
        }
        match request.method {
            Method::INVITE => self.incoming(tx, request, now),
            Method::OPTIONS => self.respond(tx, request, StatusCode::OK, now),
            Method::BYE | Method::NOTIFY | Method::PRACK | Method::UPDATE => {
                let status = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
                self.respond(tx, request, status, now);
            }
            Method::Known(_) | Method::Other(_) => {
                self.respond(tx, request, StatusCode::METHOD_NOT_ALLOWED, now);
            }
        }
    }

    fn handle_response(&mut self, tx: ClientTx, response: &Response, now: Instant) {
        if self.is_registration(tx) {
            self.registration_answered(response, now);
        } else if self.call.as_ref().is_some_and(|call| call.is_calling(tx)) {
            self.call_progressed(tx, response, now);
        } else if let Some(reinvite) = self.reinvite_of(tx) {
            self.reinvite_answered(&reinvite, response, now);
        } else if self.call.as_ref().is_some_and(|call| call.is_referring(tx)) {
            self.refer_answered(response, now);
        } else if response.status.is_success() && response.cseq().method == Method::INVITE {
            self.decline_fork(tx, response, now);
        }
    }

    /// No final response: counts as one (RFC 3261 §8.1.3.1).
    fn failed(&mut self, tx: ClientTx, status: StatusCode, now: Instant) {
        if self.is_registration(tx) {
            self.registration_failed(status, now);
        } else if self.call.as_ref().is_some_and(|call| call.is_calling(tx)) {
            self.call_refused(status);
        } else if self.reinvite_of(tx).is_some() {
            self.reinvite_failed(status, now);
        } else if self.call.as_ref().is_some_and(|call| call.is_referring(tx)) {
            self.refer_refused(status);
        }
    }

    /// The header that answers the challenge of a 401 or 407 to a request of ours, if we have an
    /// account.
    pub(super) fn credentials_for(
        &mut self,
        challenge: &Response,
        method: &Method,
        uri: &Uri,
    ) -> Option<Credentials> {
        let (user, password) = self.credentials.as_ref()?;
        auth::answer(challenge, method, uri, user, password, 1, &mut self.rng)
    }

    /// Sends a request to where its dialog, or else the server, is.
    pub(super) fn send(
        &mut self,
        request: Request,
        destination: SocketAddr,
        now: Instant,
    ) -> ClientTx {
        self.endpoint.send(request, self.flow(destination), now)
    }

    /// Answers a request without a body.
    pub(super) fn respond(
        &mut self,
        tx: ServerTx,
        request: &Request,
        status: StatusCode,
        now: Instant,
    ) {
        let response = self.response(request, status);
        self.endpoint.respond(tx, response, now);
    }

    /// A response of ours, with Contact and Allow where they are due.
    pub(super) fn response(&self, request: &Request, status: StatusCode) -> Response {
        let mut response = request.respond(status);
        let makes_dialog = matches!(request.method, Method::INVITE | Method::UPDATE);
        if makes_dialog && status.as_u16() < 300 {
            response.headers.set("Contact", self.contact());
            response.headers.set("Allow-Events", "talk, hold");
        }
        let tells_methods = status.is_success() || status == StatusCode::METHOD_NOT_ALLOWED;
        if tells_methods && matches!(request.method, Method::INVITE | Method::OPTIONS) {
            response.headers.set("Allow", ALLOW);
        }
        response
    }

    /// Where a request with this destination goes: names are not resolved, they mean the server.
    pub(super) fn hop(&self, uri: &Uri) -> SocketAddr {
        match uri.host {
            Host::Ip(ip) => SocketAddr::new(ip, uri.port.unwrap_or(SIP_PORT)),
            Host::Name(_) | Host::None => self.config.server,
        }
    }

    pub(super) fn contact(&self) -> NameAddr {
        let sip = self.config.sip;
        let host = Host::Ip(sip.ip());
        let mut uri = Uri::sip(Some(&self.config.user), host, Some(sip.port()));
        match self.config.transport {
            Transport::Udp => {}
            Transport::Tcp => uri.params.set("transport", Some("tcp")),
            Transport::Tls => uri.params.set("transport", Some("tls")),
        }
        NameAddr::new(uri)
    }

    /// A session of our own for a new call.
    pub(super) fn new_session(&mut self) -> OfferAnswer {
        let policy = AddressPolicy {
            allow_loopback: self.config.allow_loopback,
        };
        // Some peers read the session id as a signed number.
        let id = self.rng.next_u64() >> 2;
        OfferAnswer::new(id, self.config.media, policy)
    }

    pub(super) fn raise(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Hands audio to the shell where it changed.
    pub(super) fn start_media(&mut self, stream: Option<Stream>) {
        self.outputs.extend(stream.map(Output::StartMedia));
    }

    /// The call is over, whatever it was.
    pub(super) fn drop_call(&mut self, last: Event) {
        if let Some(call) = self.call.take()
            && call.stream.is_some()
        {
            self.outputs.push_back(Output::StopMedia);
        }
        self.raise(last);
    }

    /// The call, if it has this dialog.
    pub(super) fn call_of(&mut self, dialog: &DialogId) -> Option<&mut Call> {
        self.call
            .as_mut()
            .filter(|call| call.dialog.as_ref().is_some_and(|own| own.id() == dialog))
    }
}

impl Call {
    /// Whether `tx` is the INVITE that is making this call.
    pub(super) fn is_calling(&self, tx: ClientTx) -> bool {
        matches!(&self.phase, Phase::Calling { tx: own, .. } if *own == tx)
    }

    /// Whether `tx` is the REFER that passes this call on.
    fn is_referring(&self, tx: ClientTx) -> bool {
        self.refer.as_ref().is_some_and(|refer| refer.tx == tx)
    }
}
