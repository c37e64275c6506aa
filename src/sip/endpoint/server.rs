//! Requests from peers: matching, repeats, 100, the user's answers.

use std::time::Instant;

use super::accept::Acknowledgement;
use super::refuse::stamp;
use super::{Endpoint, Event, ServerTx, Timer};
use crate::sip::dialog::DialogId;
use crate::sip::flow::Flow;
use crate::sip::ids::new_tag;
use crate::sip::message::{Request, Response};
use crate::sip::method::Method;
use crate::sip::status::StatusCode;
use crate::sip::transaction::key::{MergeKey, ServerKey};
use crate::sip::transaction::{InviteServer, Server, invite_server, server};

/// One request from a peer, with what its answers need.
#[derive(Debug)]
pub(super) struct ServerEntry {
    machine: Machine,
    key: ServerKey,
    merge: Option<MergeKey>,
    flow: Flow,
    call_id: String,
    remote_tag: String,
    cseq: u32,
    /// Our To tag: minted here, or the one of the user's last answer.
    pub(super) local_tag: String,
    /// The user was told of a CANCEL.
    pub(super) cancelled: bool,
}

#[derive(Debug)]
enum Machine {
    Invite(InviteServer),
    Other(Server),
}

impl ServerEntry {
    /// Whether this is an INVITE without a final answer.
    pub(super) fn is_open_invite(&self) -> bool {
        match &self.machine {
            Machine::Invite(invite) => invite.state() == invite_server::State::Proceeding,
            Machine::Other(_) => false,
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.machine {
            Machine::Invite(invite) => invite.poll_timeout(),
            Machine::Other(other) => other.poll_timeout(),
        }
    }

    fn is_terminated(&self) -> bool {
        match &self.machine {
            Machine::Invite(invite) => invite.state() == invite_server::State::Terminated,
            Machine::Other(other) => other.state() == server::State::Terminated,
        }
    }
}

impl Endpoint {
    /// Answers a request. A To tag is added where the user set none, so all answers to one
    /// request have the same. A 2xx to an INVITE is repeated until its ACK; answers after the
    /// final one are dropped.
    pub fn respond(&mut self, tx: ServerTx, mut response: Response, now: Instant) {
        let Some(entry) = self.servers.get_mut(&tx) else {
            return;
        };
        if matches!(entry.machine, Machine::Invite(_)) && !entry.is_open_invite() {
            return; // the machine would pass a second 2xx on, as a proxy must (RFC 6026 §7.1)
        }
        let status = response.status.as_u16();
        if status > 100 {
            match response.to_addr().tag() {
                Some(tag) => tag.clone_into(&mut entry.local_tag),
                None => response.set_to_tag(&entry.local_tag),
            }
        }
        if !response.headers.has("Server") {
            response.headers.set("Server", &self.config.user_agent);
        }
        let bytes = response.to_bytes();
        if entry.is_open_invite() && response.status.is_success() {
            let dialog = DialogId {
                call_id: entry.call_id.clone(),
                local_tag: entry.local_tag.clone(),
                remote_tag: entry.remote_tag.clone(),
            };
            let named = (dialog, entry.cseq);
            self.accepted
                .start(tx, named, entry.flow, bytes.clone(), now);
            let due = self.accepted.poll_timeout(tx);
            self.agenda.arm(Timer::Accepted(tx), due);
        }
        match &mut entry.machine {
            Machine::Invite(invite) => {
                invite.handle_input(invite_server::Input::Response(status, bytes), now);
            }
            Machine::Other(other) => {
                other.handle_input(server::Input::Response(status, bytes), now);
            }
        }
        self.settle_server(tx);
    }

    pub(super) fn handle_request(&mut self, mut request: Request, flow: Flow, now: Instant) {
        let key = ServerKey::of(&request);
        let back = flow.back(request.headers.via().as_ref());
        stamp(&mut request.headers, flow.peer);
        if let Some(tx) = self.server_keys.get(&key).copied() {
            self.repeated(tx, request, now);
            return;
        }
        if request.method == Method::ACK {
            self.acknowledged(request);
        } else if request.method == Method::CANCEL {
            self.handle_cancel(request, key, back);
        } else if MergeKey::of(&request).is_some_and(|merge| self.merges.contains_key(&merge)) {
            // RFC 3261 §8.2.2.2: a fork of one request has come by two ways.
            self.refuse_on(back, &request, StatusCode::LOOP_DETECTED);
        } else if self.servers.len() >= self.config.max_server_transactions {
            self.overloaded(&request, back);
        } else {
            self.admit(request, key, back, flow, now);
        }
    }

    pub(super) fn server_timeout(&mut self, tx: ServerTx, now: Instant) {
        if let Some(entry) = self.servers.get_mut(&tx) {
            match &mut entry.machine {
                Machine::Invite(invite) => invite.handle_timeout(now),
                Machine::Other(other) => other.handle_timeout(now),
            }
            self.settle_server(tx);
        }
    }

    /// A new transaction: INVITE gets 100 at once, the user gets the request.
    fn admit(&mut self, request: Request, key: ServerKey, back: Flow, flow: Flow, now: Instant) {
        let tx = ServerTx(self.mint_id());
        let reliable = flow.transport.is_reliable();
        let machine = if request.method == Method::INVITE {
            let mut invite = InviteServer::new(reliable);
            let bytes = trying(&request).to_bytes();
            invite.handle_input(invite_server::Input::Response(100, bytes), now);
            Machine::Invite(invite)
        } else {
            Machine::Other(Server::new(reliable))
        };
        self.server_keys.insert(key.clone(), tx);
        let merge = MergeKey::of(&request);
        if let Some(merge) = &merge {
            self.merges.insert(merge.clone(), tx);
        }
        self.servers.insert(
            tx,
            ServerEntry {
                machine,
                key,
                merge,
                flow: back,
                call_id: request.call_id(),
                remote_tag: request.from_addr().tag().unwrap_or_default().to_owned(),
                cseq: request.cseq().number,
                local_tag: new_tag(&mut self.rng),
                cancelled: false,
            },
        );
        self.settle_server(tx);
        self.raise(Event::Request { tx, request, flow });
    }

    /// A request whose transaction exists: its repeat, or the ACK of an INVITE.
    fn repeated(&mut self, tx: ServerTx, request: Request, now: Instant) {
        let Some(entry) = self.servers.get_mut(&tx) else {
            return;
        };
        let is_ack = request.method == Method::ACK;
        if is_ack && self.accepted.knows(tx) {
            self.acknowledged(request);
            return;
        }
        match &mut entry.machine {
            Machine::Invite(invite) if is_ack => {
                invite.handle_input(invite_server::Input::Ack, now);
            }
            Machine::Invite(invite) => invite.handle_input(invite_server::Input::Invite, now),
            Machine::Other(other) => other.handle_input(server::Input::Request, now),
        }
        if !is_ack {
            self.counts.repeated_requests += 1;
        }
        self.settle_server(tx);
    }

    /// An ACK that is not a refusal's: a 2xx's, or nobody's.
    fn acknowledged(&mut self, ack: Request) {
        let dialog = DialogId::of_request(&ack);
        match self.accepted.acknowledge(&dialog, ack.cseq().number) {
            Acknowledgement::First(tx) => {
                let due = self.accepted.poll_timeout(tx);
                self.agenda.arm(Timer::Accepted(tx), due);
                self.raise(Event::Acknowledged { dialog, ack });
            }
            Acknowledgement::Again => {}
            Acknowledgement::Stray => self.counts.stray_acks += 1,
        }
    }

    /// Carries out what the machine wants, then sets its timer or buries it.
    fn settle_server(&mut self, tx: ServerTx) {
        let Some(entry) = self.servers.get_mut(&tx) else {
            return;
        };
        let flow = entry.flow;
        let mut sent = Vec::new();
        match &mut entry.machine {
            Machine::Invite(invite) => {
                while let Some(output) = invite.poll_output() {
                    match output {
                        invite_server::Output::Transmit(bytes) => sent.push(bytes),
                        invite_server::Output::TimedOut => self.counts.missing_acks += 1,
                        // ACKs of a 2xx are matched by dialog, see `acknowledged`.
                        invite_server::Output::AckForSuccess => {}
                    }
                }
            }
            Machine::Other(other) => {
                while let Some(server::Transmit(bytes)) = other.poll_output() {
                    sent.push(bytes);
                }
            }
        }
        let due = entry.poll_timeout();
        if entry.is_terminated() {
            self.server_keys.remove(&entry.key);
            if let Some(merge) = &entry.merge {
                self.merges.remove(merge);
            }
            self.servers.remove(&tx);
        }
        self.agenda.arm(Timer::Server(tx), due);
        for bytes in sent {
            self.transmit(flow, bytes);
        }
    }
}

/// RFC 3261 §8.2.6.1: 100 has the request's Timestamp and no tag of its own.
fn trying(request: &Request) -> Response {
    let mut response = request.respond(StatusCode::TRYING);
    if let Some(timestamp) = request.headers.get("Timestamp") {
        response.headers.set("Timestamp", timestamp);
    }
    response
}
