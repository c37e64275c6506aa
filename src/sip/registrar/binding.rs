//! One phone's registration: where it is, and which later request is about it.

use std::time::Instant;

use crate::sip::flow::Flow;
use crate::sip::message::Request;
use crate::sip::name_addr::NameAddr;
use crate::sip::uri::Uri;

/// Names one phone's registration for as long as it lasts, refreshes included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingId(pub u64);

/// Where a phone is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its name; the registrar gives it.
    pub id: BindingId,
    /// Its contact as it named it, with `q` and `+sip.instance` but without `expires`: the
    /// Request-URI of calls to it.
    pub contact: NameAddr,
    /// The proxies on the way to it (RFC 3327): the Route of requests to it.
    pub path: Vec<NameAddr>,
    /// The way its registration came: calls go back by it, through whatever NAT is between.
    pub flow: Flow,
    /// It calls itself something else than what we see: an address is translated between us.
    pub is_behind_nat: bool,
    /// What it says to be (`User-Agent`).
    pub user_agent: Option<String>,
    /// When it was last heard of.
    pub refreshed_at: Instant,
    /// When it is forgotten.
    pub expires_at: Instant,
    /// The Call-ID of its last REGISTER.
    pub call_id: String,
    /// The number of its last REGISTER.
    pub cseq: u32,
}

impl Binding {
    /// The URI of its contact, as it came.
    pub const fn uri(&self) -> &Uri {
        &self.contact.uri
    }

    /// The device, where it names itself (RFC 5626 §4.1).
    pub fn instance(&self) -> Option<&str> {
        instance_of(&self.contact)
    }

    /// Whether a contact that `from` asks for is this one: the same URI (RFC 3261 §10.3 step 7).
    pub(super) fn is_at(&self, contact: &NameAddr) -> bool {
        self.uri().equivalent(&contact.uri)
    }

    /// Whether a contact is this device's, which has moved: by its name, or because it goes on
    /// numbering the same Call-ID by the same flow. A phone that has changed its contact without
    /// taking leave of the old one is to ring once.
    pub(super) fn is_of_device(&self, contact: &NameAddr, sender: &Sender) -> bool {
        match (self.instance(), instance_of(contact)) {
            (Some(ours), Some(theirs)) => ours.eq_ignore_ascii_case(theirs),
            (None, None) => {
                self.call_id == sender.call_id
                    && self.flow == sender.flow
                    && self.path.is_empty()
                    && sender.path.is_empty()
            }
            _ => false,
        }
    }

    /// Whether calls to it would go another way than by `before`.
    pub(super) fn has_moved(&self, before: &Self) -> bool {
        self.flow != before.flow || self.uri() != before.uri() || self.path != before.path
    }
}

/// Who sent a REGISTER, and how.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) call_id: String,
    pub(super) cseq: u32,
    pub(super) flow: Flow,
    pub(super) path: Vec<NameAddr>,
    pub(super) user_agent: Option<String>,
    /// The address in its Via is not the one we see.
    sent_by_elsewhere: bool,
}

/// So much of a phone's own name is kept.
const LONGEST_NAME: usize = 80;

impl Sender {
    pub(super) fn of(request: &Request, flow: Flow, path: Vec<NameAddr>) -> Self {
        let via = request.top_via();
        let port = via.port.unwrap_or(flow.transport.default_port());
        let user_agent = request.headers.get("User-Agent");
        Self {
            call_id: request.call_id(),
            cseq: request.cseq().number,
            flow,
            path,
            user_agent: user_agent.map(|name| name.chars().take(LONGEST_NAME).collect()),
            sent_by_elsewhere: via.host.ip() != Some(flow.peer.ip()) || port != flow.peer.port(),
        }
    }

    /// This request's number does not go on from the binding's (RFC 3261 §10.3 step 7).
    pub(super) fn is_late_for(&self, binding: &Binding) -> bool {
        self.call_id == binding.call_id && self.cseq <= binding.cseq
    }

    /// Whether a contact of a request that came without a proxy lies behind a translated address.
    pub(super) fn hides(&self, contact: &NameAddr) -> bool {
        let named = contact.uri.host.ip();
        let elsewhere = named.is_some_and(|ip| ip != self.flow.peer.ip());
        self.path.is_empty() && (elsewhere || self.sent_by_elsewhere)
    }
}

fn instance_of(contact: &NameAddr) -> Option<&str> {
    contact.params.get("+sip.instance")
}
