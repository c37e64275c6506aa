//! The messages a call writes, each built from typed values: nothing that one leg's peer wrote
//! goes to the other leg as raw text.

use rand::rngs::StdRng;

use super::attempt::Destination;
use super::leg::Leg;
use crate::sip::dialog::Dialog;
use crate::sip::identity::CallerId;
use crate::sip::inspect::{allow, supported};
use crate::sip::{
    EventPackage, Headers, Hop, Host, Method, NameAddr, Request, Response, StatusCode,
    SubscriptionState, Uri, ids,
};

/// Who the caller says to be, for the agent's display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The number, or the extension of an internal caller; `None` if anonymous.
    pub number: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The caller wants to stay unknown: nobody who is rung is told.
    pub withheld: bool,
}

impl From<CallerId> for Identity {
    fn from(caller: CallerId) -> Self {
        let CallerId {
            number,
            name,
            withheld,
        } = caller;
        Self {
            number,
            name,
            withheld,
        }
    }
}

impl Identity {
    fn name_addr(&self, host: Host) -> NameAddr {
        if let Some(number) = self.number.as_ref().filter(|_| !self.withheld) {
            let mut addr = NameAddr::new(Uri::sip(Some(number), host, None));
            addr.display.clone_from(&self.name);
            addr
        } else {
            let host = Host::Name("anonymous.invalid".to_owned());
            let mut addr = NameAddr::new(Uri::sip(Some("anonymous"), host, None));
            addr.display = Some("Anonymous".to_owned());
            addr
        }
    }
}

/// An INVITE that opens a dialog with a phone (RFC 3261 §13.2.1).
pub(crate) fn invite(
    to: &Destination,
    caller: &Identity,
    offer: Vec<u8>,
    call_id: String,
    rng: &mut StdRng,
) -> Request {
    let our_host = Host::Ip(to.hop.advertised.ip());
    let mut from = caller.name_addr(our_host);
    from.set_tag(&ids::new_tag(rng));

    let mut request = Request::new(Method::INVITE, to.uri.clone());
    let headers = &mut request.headers;
    headers.push("Max-Forwards", "70");
    for hop in &to.route {
        headers.push("Route", hop);
    }
    headers.push("From", from);
    headers.push("To", NameAddr::new(to.to.clone()));
    headers.push("Call-ID", call_id);
    headers.push("CSeq", "1 INVITE");
    headers.push("Contact", to.hop.contact_for(&to.uri));
    headers.push("Allow", allow());
    headers.push("Supported", supported());
    with_sdp(headers, &mut request.body, offer);
    request
}

/// A request within a dialog, with our Contact where it may move our target (RFC 3261 §12.2.1.1).
pub(crate) fn within(dialog: &mut Dialog, method: Method, hop: &Hop, rng: &mut StdRng) -> Request {
    let names_us = matches!(
        method,
        Method::INVITE | Method::UPDATE | Method::REFER | Method::NOTIFY
    );
    let mut request = dialog.request(method, rng);
    if names_us {
        let contact = hop.contact_for(dialog.remote_target());
        request.headers.push("Contact", contact);
    }
    request
}

/// A response of ours: the To tag is ours, the Contact where a dialog may come of it.
pub(crate) fn reply(request: &Request, status: StatusCode, tag: &str, hop: &Hop) -> Response {
    let mut response = request.respond(status);
    let mut to = request.to_addr();
    if to.tag().is_none() {
        to.set_tag(tag);
        response.headers.set("To", to);
    }
    let makes_dialog = status.as_u16() < 300 && request.method == Method::INVITE;
    let refreshes = status.is_success() && request.method == Method::UPDATE;
    if makes_dialog || refreshes || status == StatusCode::ACCEPTED {
        response
            .headers
            .push("Contact", hop.contact_for(&request.uri));
    }
    if makes_dialog || request.method == Method::OPTIONS || status.as_u16() == 405 {
        response.headers.push("Allow", allow());
    }
    if makes_dialog || refreshes || request.method == Method::OPTIONS {
        response.headers.push("Supported", supported());
    }
    response
}

/// Gives a message a session description.
pub(crate) fn with_sdp(headers: &mut Headers, body: &mut Vec<u8>, description: Vec<u8>) {
    headers.set("Content-Type", "application/sdp");
    *body = description;
}

/// The NOTIFY that tells a transferor how the transfer stands (RFC 3515 §2.4.5).
pub(crate) fn notify(
    leg: &mut Leg,
    event: &EventPackage,
    status: StatusCode,
    rng: &mut StdRng,
) -> Option<Request> {
    let dialog = leg.dialog.as_mut()?;
    let mut request = within(dialog, Method::NOTIFY, &leg.hop, rng);
    let state = if status.is_provisional() {
        SubscriptionState::Active { expires: Some(60) }
    } else {
        SubscriptionState::Terminated {
            reason: Some("noresource".to_owned()),
        }
    };
    request.headers.push("Event", event);
    request.headers.push("Subscription-State", state);
    request
        .headers
        .push("Content-Type", "message/sipfrag;version=2.0");
    request.body = format!("SIP/2.0 {} {}\r\n", status.as_u16(), status.reason()).into_bytes();
    Some(request)
}
