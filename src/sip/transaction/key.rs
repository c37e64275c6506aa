//! Which message belongs to which transaction: RFC 3261 §17.1.3 (client) and §17.2.3 (server).

use crate::sip::message::{Request, Response};
use crate::sip::method::Method;
use crate::sip::via::Via;

/// Names one server transaction. An ACK has the key of the INVITE it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServerKey {
    /// RFC 3261: branch, sent-by and method.
    Branch {
        /// The branch parameter of the topmost Via.
        branch: String,
        /// Host and port of the topmost Via: two clients may mint the same branch.
        sent_by: String,
        /// The method, INVITE for ACK.
        method: String,
    },
    /// RFC 2543, for a branch that is missing, has no magic cookie or nothing behind it.
    Legacy {
        /// The Request-URI.
        uri: String,
        /// The tag of From.
        from_tag: Option<String>,
        /// The Call-ID.
        call_id: String,
        /// The number in `CSeq`.
        cseq: u32,
        /// The topmost Via.
        via: String,
        /// The method, INVITE for ACK.
        method: String,
    },
}

impl ServerKey {
    /// The key of a request as it came, its Via not yet stamped.
    pub fn of(request: &Request) -> Self {
        let method = if request.method == Method::ACK {
            Method::INVITE.to_string()
        } else {
            request.method.to_string()
        };
        let via = request.top_via();
        match via.unique_branch() {
            Some(branch) => Self::Branch {
                branch: branch.to_owned(),
                sent_by: sent_by(&via),
                method,
            },
            None => Self::Legacy {
                uri: request.uri.to_string(),
                from_tag: request.from_addr().tag().map(str::to_owned),
                call_id: request.call_id(),
                cseq: request.cseq().number,
                via: via.to_string(),
                method,
            },
        }
    }

    /// The key of the INVITE that a CANCEL with this key wants to stop (RFC 3261 §9.2).
    #[must_use]
    pub fn cancelled(mut self) -> Self {
        let (Self::Branch { method, .. } | Self::Legacy { method, .. }) = &mut self;
        *method = Method::INVITE.to_string();
        self
    }
}

/// Names a request outside dialogs, whichever way it came (RFC 3261 §8.2.2.2): its forks agree
/// in this and differ in their branches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MergeKey {
    call_id: String,
    from_tag: String,
    cseq: u32,
    method: String,
}

impl MergeKey {
    /// The key of a request; `None` within a dialog, or from a peer that sends no tag.
    pub fn of(request: &Request) -> Option<Self> {
        if request.to_addr().tag().is_some() {
            return None;
        }
        Some(Self {
            call_id: request.call_id(),
            from_tag: request.from_addr().tag()?.to_owned(),
            cseq: request.cseq().number,
            method: request.method.to_string(),
        })
    }
}

/// Names one client transaction: the branch we minted, and the method, for a CANCEL shares the
/// branch of its INVITE.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey {
    /// The branch parameter of our Via.
    pub branch: String,
    /// The method in `CSeq`.
    pub method: String,
}

impl ClientKey {
    /// The key of a response, if its Via has a branch at all.
    pub fn of(response: &Response) -> Option<Self> {
        Some(Self {
            branch: response.top_via().branch()?.to_owned(),
            method: response.cseq().method.to_string(),
        })
    }
}

/// Host names compare without case (RFC 3261 §20.42).
fn sent_by(via: &Via) -> String {
    let host = via.host.to_string().to_ascii_lowercase();
    match via.port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::message::Message;

    #[test]
    fn an_ack_belongs_to_its_invite_and_a_cancel_finds_it() {
        for branch in [";branch=z9hG4bK1", ""] {
            let invite = ServerKey::of(&request("INVITE", branch));
            let cancel = ServerKey::of(&request("CANCEL", branch));

            assert_eq!(ServerKey::of(&request("ACK", branch)), invite);
            assert_ne!(cancel, invite);
            assert_eq!(cancel.cancelled(), invite);
        }
    }

    #[test]
    fn another_method_or_hop_is_another_transaction() {
        let invite = ServerKey::of(&request("INVITE", ";branch=z9hG4bK1"));

        assert_ne!(ServerKey::of(&request("BYE", ";branch=z9hG4bK1")), invite);
        assert_ne!(
            ServerKey::of(&request("INVITE", ";branch=z9hG4bK2")),
            invite
        );
        let port = ServerKey::of(&request("INVITE", ":5062;branch=z9hG4bK1"));
        assert_ne!(port, invite);
    }

    #[test]
    fn the_case_of_a_host_name_does_not_matter() {
        let mut upper = request("INVITE", ";branch=z9hG4bK1");
        upper
            .headers
            .set("Via", "SIP/2.0/UDP PC1.EXAMPLE.COM;branch=z9hG4bK1");

        let lower = ServerKey::of(&request("INVITE", ";branch=z9hG4bK1"));
        assert_eq!(ServerKey::of(&upper), lower);
    }

    #[test]
    fn a_cookie_with_nothing_behind_it_names_nothing() {
        let key = ServerKey::of(&request("INVITE", ";branch=z9hG4bK"));
        assert!(matches!(key, ServerKey::Legacy { .. }));
    }

    #[test]
    fn a_response_belongs_to_the_branch_and_method_it_echoes() {
        let response =
            request("CANCEL", ";branch=z9hG4bK1").respond(crate::sip::status::StatusCode::OK);
        let key = ClientKey::of(&response).unwrap();
        assert_eq!((&*key.branch, &*key.method), ("z9hG4bK1", "CANCEL"));

        let bare = request("CANCEL", "").respond(crate::sip::status::StatusCode::OK);
        assert_eq!(ClientKey::of(&bare), None);
    }

    fn request(method: &str, via: &str) -> Request {
        let text = format!(
            "{method} sip:b@example.com SIP/2.0\r\n\
             Via: SIP/2.0/UDP pc1.example.com{via}\r\n\
             From: <sip:a@example.com>;tag=a\r\n\
             To: <sip:b@example.com>\r\n\
             Call-ID: 1\r\n\
             CSeq: 1 {method}\r\n\
             Content-Length: 0\r\n\r\n"
        );
        match Message::parse(text.as_bytes()) {
            Ok(Message::Request(request)) => request,
            other => panic!("{other:?}"),
        }
    }
}
