//! What a ladder says of a message.

use super::header::Parts;

/// A message at a glance; every text is as the wire had it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Glance {
    /// The method, or status and reason.
    pub(super) what: String,
    /// `1 INVITE`
    pub(super) cseq: String,
    /// Which leg it belongs to.
    pub(super) call_id: String,
    /// It carries a session description.
    pub(super) describes: bool,
    /// A new request, outside any dialog.
    pub(super) opens: bool,
    /// The user part of To.
    pub(super) callee: String,
}

impl Glance {
    pub(super) fn at(octets: &[u8]) -> Self {
        let parts = Parts::of(octets);
        let value = |name| text(parts.value(octets, name).unwrap_or_default());
        let start = text(octets.get(parts.start.clone()).unwrap_or_default());
        let to = value("To");
        let status = start.strip_prefix("SIP/2.0 ");
        let is_request = status.is_none();
        let method = || start.split(' ').next().unwrap_or_default();
        Self {
            what: status.unwrap_or_else(method).to_owned(),
            cseq: value("CSeq"),
            call_id: value("Call-ID"),
            describes: describes(octets, &parts),
            opens: is_request && !to.to_ascii_lowercase().contains(";tag="),
            callee: user(&to).unwrap_or_default().to_owned(),
        }
    }
}

/// Whether there is a session description, alone or as a part.
fn describes(octets: &[u8], parts: &Parts) -> bool {
    let body = octets.get(parts.body.clone()).unwrap_or_default();
    let kind = text(parts.value(octets, "Content-Type").unwrap_or_default());
    let kind = kind.to_ascii_lowercase();
    let is_mixed = kind.starts_with("multipart/");
    !body.is_empty()
        && (kind.starts_with("application/sdp")
            || is_mixed && body.windows(5).any(|octets| octets == b"\nv=0\r"))
}

/// The user part of an address; `None` if there is none.
fn user(address: &str) -> Option<&str> {
    let uri = address.rsplit('<').next()?;
    let (user, _) = uri.split_once('@')?;
    let (_, user) = user.split_once(':')?;
    user.split([':', ';']).next()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_and_a_response_at_a_glance() {
        let invite =
            b"INVITE sip:1001@a SIP/2.0\r\nTo: \"A\" <sip:1001:pw@a>\r\nCSeq: 7 INVITE\r\n\
            i: x@y\r\nContent-Type: application/SDP\r\n\r\nv=0\r\n";
        let expected = Glance {
            what: "INVITE".into(),
            cseq: "7 INVITE".into(),
            call_id: "x@y".into(),
            describes: true,
            opens: true,
            callee: "1001".into(),
        };
        assert_eq!(Glance::at(invite), expected);

        let busy = b"SIP/2.0 486 Busy Here\r\nt: sip:1001@a;tag=1\r\nCSeq: 7 INVITE\r\n\r\n";
        let busy = Glance::at(busy);
        assert_eq!(
            (busy.what.as_str(), busy.callee.as_str()),
            ("486 Busy Here", "1001")
        );
        assert!(!busy.describes && !busy.opens);
    }

    #[test]
    fn nonsense_has_a_glance_too() {
        assert_eq!(Glance::at(b"").what, "");
        assert_eq!(Glance::at(b"\xff\xfe").what, "\u{fffd}\u{fffd}");
    }
}
