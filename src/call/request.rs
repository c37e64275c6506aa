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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::super::attempt::Callee;
    use super::*;
    use crate::id::AgentId;
    use crate::sip::identity::caller_id;
    use crate::sip::{Flow, Message};

    /// What an INVITE of ours has, and nothing else.
    const NAMES: [&str; 11] = [
        "Via",
        "Max-Forwards",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Contact",
        "Allow",
        "Supported",
        "Content-Type",
        "Content-Length",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        /// Threat: header injection, smuggling. Whatever text stands for the caller's name and
        /// number, the number dialled and the Call-ID: the agent's leg reads back to exactly the
        /// headers that were meant.
        #[test]
        fn any_text_of_another_leg_stays_in_its_place(
            number in hostile(), name in hostile(), dialled in hostile(), call_id in hostile(),
        ) {
            let caller = Identity { number: Some(number.clone()), name: Some(name.clone()), withheld: false };
            let call_id = format!("x{}", call_id.replace(|c: char| c.is_whitespace() || c == '\0', ""));
            let read = read_back(&caller, &dialled, call_id.clone())?;
            let from = read.from_addr();
            prop_assert_eq!(from.uri.user_unescaped().unwrap_or_default(), number);
            prop_assert_eq!(from.display.unwrap_or_default(), name.replace(char::is_control, " "));
            prop_assert_eq!(read.uri.user_unescaped().unwrap_or_default(), dialled.clone());
            prop_assert_eq!(read.to_addr().uri.user_unescaped().unwrap_or_default(), dialled);
            prop_assert_eq!(read.call_id(), call_id);
        }

        /// Threat: header injection, smuggling. Whatever octets a carrier writes: if they are a
        /// message, what comes of them for the agent's phone is one with our headers only, and
        /// what the carrier is told names its own call by the same octets.
        #[test]
        fn any_octets_of_a_carrier_stay_in_their_place(
            name in octets(), user in octets(), call_id in octets(), asserted in octets(),
        ) {
            let Some(request) = received(&name, &user, &call_id, &asserted) else {
                return Ok(());
            };
            let caller = Identity::from(caller_id(&request, true));
            let read = read_back(&caller, "1001", "ours".to_owned())?;
            let from = read.from_addr();
            if !caller.withheld && caller.number.is_some() {
                prop_assert_eq!(from.uri.user_unescaped(), caller.number.filter(|number| !number.is_empty()));
                let name = caller.name.unwrap_or_default().replace(char::is_control, " ");
                prop_assert_eq!(from.display.unwrap_or_default(), name);
            } else {
                prop_assert_eq!(from.uri.to_string(), "sip:anonymous@anonymous.invalid");
            }
            let answer = reply(&request, StatusCode::OK, "ours", &hop());
            let Ok(Message::Response(answer)) = Message::parse(&answer.to_bytes()) else {
                return Err(TestCaseError::fail("our answer is not one"));
            };
            let answered: Vec<_> = answer.headers.raw("Call-ID").collect();
            let asked: Vec<_> = request.headers.raw("Call-ID").collect();
            prop_assert_eq!(answered, asked);
            let names: Vec<_> = answer.headers.iter().map(|(name, _)| name).collect();
            let wanted = ["Via", "From", "To", "Call-ID", "CSeq", "Contact", "Allow", "Supported", "Content-Length"];
            prop_assert_eq!(names, wanted);
        }
    }

    fn read_back(
        caller: &Identity,
        dialled: &str,
        call_id: String,
    ) -> Result<Request, TestCaseError> {
        let mut rng = StdRng::seed_from_u64(1);
        let to = destination(dialled);
        let mut request = invite(&to, caller, b"v=0\r\n".to_vec(), call_id, &mut rng);
        request
            .headers
            .prepend("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
        let Ok(Message::Request(read)) = Message::parse(&request.to_bytes()) else {
            return Err(TestCaseError::fail("our INVITE is not one"));
        };
        let names: Vec<_> = read.headers.iter().map(|(name, _)| name).collect();
        prop_assert_eq!(names, NAMES);
        prop_assert_eq!(&read.body, b"v=0\r\n");
        Ok(read)
    }

    fn received(name: &[u8], user: &[u8], call_id: &[u8], asserted: &[u8]) -> Option<Request> {
        let pieces: [&[u8]; 9] = [
            b"INVITE sip:4001234567@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\nFrom: \"",
            name,
            b"\" <sip:",
            user,
            b"@c.example>;tag=1\r\nTo: <sip:4001234567@192.0.2.1>\r\nCSeq: 1 INVITE\r\nCall-ID: ",
            call_id,
            b"\r\nP-Asserted-Identity: \"x\" <sip:",
            asserted,
            b"@c.example>\r\nMax-Forwards: 70\r\n\r\n",
        ];
        match Message::parse(&pieces.concat()) {
            Ok(Message::Request(request)) => Some(request),
            Ok(Message::Response(_)) | Err(_) => None,
        }
    }

    fn hop() -> Hop {
        let [local, peer] = ["192.0.2.1:5060", "192.0.2.51:5060"];
        let local: SocketAddr = local.parse().unwrap();
        Hop {
            flow: Flow::udp(local, peer.parse().unwrap()),
            advertised: local,
            larger: None,
        }
    }

    fn destination(dialled: &str) -> Destination {
        let hop = hop();
        let uri = Uri::sip(Some(dialled), Host::Ip(hop.flow.peer.ip()), None);
        Destination {
            callee: Callee::Agent(AgentId("1001".to_owned())),
            uri: uri.clone(),
            to: uri,
            hop,
            route: Vec::new(),
            binding: None,
            trunk: None,
            srtp: crate::sdp::SrtpPolicy::Off,
            further: Vec::new(),
        }
    }

    /// Text with much of what could end a value, a quote or a line.
    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![
            "[\r\n\0\"<>;,:@%?\\\\a ]{0,12}",
            "a\r\nEvil: [a-z]{3}\r\n\r\n",
            any::<String>(),
        ]
    }

    fn octets() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            "[\r\n\t\"<>;,:@%?\\\\a0 ]{0,12}".prop_map(String::into_bytes),
            "[a-z0-9%+é王]{0,9}(%0[dDaA0]|%22|\\\\[\"\\\\])?[a-z0-9]{0,9}"
                .prop_map(String::into_bytes),
            Just(b"a\r\nEvil: yes".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..20),
        ]
    }
}
