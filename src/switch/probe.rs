//! Asks phones whether they are there: OPTIONS outside any dialog (RFC 3261 §11), which any answer
//! to is a sign of life, and which keeps the way through a NAT open as well (RFC 5626 §4.4 has the
//! phone do that; most do not).

use std::time::{Duration, Instant};

use rand::RngExt;

use super::phones::{ASK_THE_SILENT, Due, PhoneName};
use super::{KeepAlive, Switch};
use crate::call::Destination;
use crate::rules::Moment;
use crate::sip::endpoint::ClientTx;
use crate::sip::registrar::{Binding, BindingId};
use crate::sip::{Flow, Host, Method, NameAddr, Request, Transport, Uri, ids};

/// A NAT forgets a way for datagrams after 30 s at the earliest (RFC 5626 §4.4.2 asks for 24 to
/// 29 s).
const KEEP_ALIVE: Duration = Duration::from_secs(25);

impl Switch {
    /// How often a registered phone is asked; `None` if never.
    pub(super) fn probe_interval(&self, binding: &Binding) -> Option<Duration> {
        let phones = &self.settings.phones;
        let probe = (!phones.probe.is_zero()).then_some(phones.probe);
        let translated = match phones.keep_alive {
            KeepAlive::Nat => binding.is_behind_nat,
            KeepAlive::All => true,
            KeepAlive::Never => false,
        };
        // A proxy keeps the way to its phones open itself, and connections have their own means.
        let direct = binding.path.is_empty() && binding.flow.transport == Transport::Udp;
        let keep_alive = (translated && direct).then_some(KEEP_ALIVE);
        [probe, keep_alive].into_iter().flatten().min()
    }

    /// A moment within the next `interval`, so that phones that came together are not asked
    /// together.
    pub(super) fn spread(&mut self, interval: Option<Duration>, now: Moment) -> Option<Instant> {
        interval.map(|interval| now.instant + interval.mul_f64(self.rng.random_range(0.0..1.0)))
    }

    pub(super) fn probes_due(&mut self, now: Moment) {
        while let Some(due) = self.phones.poll_due(now.instant) {
            match due {
                Due::Ask(name) => self.ask(&name, now),
                Due::FellSilent(name) => self.reach_changed(&name, now),
            }
        }
    }

    /// A phone said nothing to its INVITE.
    pub(super) fn phone_silent(&mut self, binding: BindingId, now: Moment) {
        let name = PhoneName::Registered(binding);
        if self.phones.fell_silent(&name, Some(now.instant)) {
            self.reach_changed(&name, now);
        }
    }

    /// A connection is gone, and with it the way to whoever registered by it. Who can be connected
    /// to is asked whether there is another one; who cannot comes back by itself (RFC 5626 §4.3).
    pub(super) fn connection_lost(&mut self, flow: Flow, now: Moment) {
        for id in self.registrar.bindings_from(flow.peer) {
            let name = PhoneName::Registered(id);
            let binding = self.binding(id, now);
            let Some(binding) = binding.filter(|binding| binding.flow == flow) else {
                continue;
            };
            if can_be_connected_to(&binding.contact, flow) {
                self.phones.cut_off(&name, now.instant);
            } else if self.phones.fell_silent(&name, None) {
                self.reach_changed(&name, now);
            }
        }
    }

    /// A probe could not be sent. Where that is for want of a connection, the phone is not there;
    /// anything else counts when the answer is due. True if it was a probe's.
    pub(super) fn probe_failed(&mut self, tx: ClientTx, now: Moment) -> bool {
        let Some(name) = self.phones.answered(tx) else {
            return false;
        };
        let is_stream = match &name {
            PhoneName::Registered(id) => self
                .binding(*id, now)
                .is_some_and(|binding| binding.flow.transport.is_reliable()),
            PhoneName::Fixed(_) => false,
        };
        let ask_at = now.instant + ASK_THE_SILENT;
        if is_stream && self.phones.fell_silent(&name, Some(ask_at)) {
            self.reach_changed(&name, now);
        }
        true
    }

    /// A response or the end of a request of ours; true if it was a probe's.
    pub(super) fn probe_answered(&mut self, tx: ClientTx, heard: bool, now: Moment) -> bool {
        let Some(name) = self.phones.answered(tx) else {
            return false;
        };
        if heard {
            self.phone_heard(&name, now);
        }
        true
    }

    /// A sign of life.
    pub(super) fn phone_heard(&mut self, name: &PhoneName, now: Moment) {
        let interval = match name {
            PhoneName::Registered(id) => self
                .binding(*id, now)
                .and_then(|binding| self.probe_interval(binding)),
            PhoneName::Fixed(_) => Some(self.settings.phones.probe),
        };
        if self.phones.heard(name, interval, now.instant) {
            self.reach_changed(name, now);
        }
    }

    fn reach_changed(&mut self, name: &PhoneName, now: Moment) {
        let Some(phone) = self.phones.get(name) else {
            return;
        };
        let (agent, is_reachable) = (phone.agent.clone(), phone.is_reachable);
        if is_reachable {
            tracing::info!(agent = %agent, "a phone answers again");
        } else {
            tracing::warn!(agent = %agent, "a phone does not answer: it is not rung until it does");
        }
        self.note_reach(&agent, now);
        self.keep_bindings(&agent, false);
    }

    fn ask(&mut self, name: &PhoneName, now: Moment) {
        let phone = match name {
            PhoneName::Registered(id) => self
                .phones
                .get(name)
                .map(|phone| phone.agent.clone())
                .zip(self.binding(*id, now))
                .map(|(agent, binding)| self.phone_at(&agent, binding)),
            PhoneName::Fixed(agent) => self.fixed_phone(agent),
        };
        if let Some(phone) = phone {
            let options = self.options(&phone);
            let tx = self.endpoint.send_by(options, &phone.hop, now.instant);
            self.phones.asked(name, tx, now.instant);
        }
    }

    fn options(&mut self, phone: &Destination) -> Request {
        let mut from = phone.hop.contact();
        from.set_tag(&ids::new_tag(&mut self.rng));
        let mut request = Request::new(Method::OPTIONS, phone.uri.clone());
        for hop in &phone.route {
            request.headers.push("Route", hop);
        }
        let host = Host::Ip(phone.hop.advertised.ip());
        let us = Uri::sip(None, host, Some(phone.hop.advertised.port()));
        request.headers.push("From", from);
        request.headers.push("To", NameAddr::new(phone.to.clone()));
        let call_id = ids::new_call_id(&mut self.rng);
        request.headers.push("Call-ID", call_id);
        request.headers.push("CSeq", "1 OPTIONS");
        request.headers.push("Contact", NameAddr::new(us));
        request.headers.push("Accept", "application/sdp");
        request
    }
}

/// Whether a phone that registered by a connection can be connected to as well: over TCP, where it
/// calls itself what we see. Phones have no certificate to be reached by over TLS.
pub(super) fn can_be_connected_to(contact: &NameAddr, flow: Flow) -> bool {
    flow.transport == Transport::Tcp && contact.uri.host.ip() == Some(flow.peer.ip())
}
