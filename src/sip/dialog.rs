//! Dialogs: RFC 3261 §12. Who the two ends are, which number the next request has, which way
//! it goes, and whether a request that came is in order.
//!
//! A `Dialog` builds requests and judges them; the endpoint sends them. Contact, body and
//! whatever else belongs to the occasion is the user's to add.

mod kept;

use rand::Rng;

pub use self::kept::Kept;

use super::cseq::CSeq;
use super::headers::Headers;
use super::message::{Request, Response};
use super::method::Method;
use super::name_addr::NameAddr;
use super::status::StatusCode;
use super::uri::Uri;

/// Names a dialog at our end (RFC 3261 §12). A peer that sends no tag has the tag `""`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId {
    /// The Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The peer's tag.
    pub remote_tag: String,
}

impl DialogId {
    /// The dialog that a request from the peer names.
    pub fn of_request(request: &Request) -> Self {
        Self {
            call_id: request.call_id(),
            local_tag: tag(&request.to_addr()),
            remote_tag: tag(&request.from_addr()),
        }
    }

    /// The dialog that a response from the peer names.
    pub fn of_response(response: &Response) -> Self {
        Self {
            call_id: response.call_id(),
            local_tag: tag(&response.from_addr()),
            remote_tag: tag(&response.to_addr()),
        }
    }
}

/// Whether the INVITE was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A provisional response made it.
    Early,
    /// A 2xx made or confirmed it.
    Confirmed,
}

/// One dialog, as one end sees it.
#[derive(Clone, Debug)]
pub struct Dialog {
    id: DialogId,
    state: State,
    local: NameAddr,
    remote: NameAddr,
    local_cseq: Option<u32>,
    remote_cseq: Option<u32>,
    remote_target: Uri,
    routes: Vec<NameAddr>,
}

impl Dialog {
    /// The dialog that `response` to our INVITE made: early by a provisional response with a
    /// To tag, confirmed by a 2xx (§12.1.2). Without a Contact the peer stays where we called it.
    pub fn uac(request: &Request, response: &Response) -> Self {
        let mut routes = response.headers.record_routes();
        routes.reverse();
        Self {
            id: DialogId::of_response(response),
            state: state_after(response),
            local: request.from_addr(),
            remote: response.to_addr(),
            local_cseq: Some(request.cseq().number),
            remote_cseq: None,
            remote_target: target(&response.headers).unwrap_or_else(|| request.uri.clone()),
            routes,
        }
    }

    /// The dialog that our answer with `local_tag` to the peer's INVITE makes (§12.1.1); early
    /// until [`confirm`](Self::confirm). Without a Contact the peer is where From says.
    pub fn uas(request: &Request, local_tag: &str) -> Self {
        let mut local = request.to_addr();
        local.set_tag(local_tag);
        let remote = request.from_addr();
        Self {
            id: DialogId {
                call_id: request.call_id(),
                local_tag: local_tag.to_owned(),
                remote_tag: tag(&remote),
            },
            state: State::Early,
            local,
            local_cseq: None,
            remote_cseq: Some(request.cseq().number),
            remote_target: target(&request.headers).unwrap_or_else(|| remote.uri.clone()),
            remote,
            routes: request.headers.record_routes(),
        }
    }

    /// Its name.
    pub const fn id(&self) -> &DialogId {
        &self.id
    }

    /// Whether it was answered.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Our own address, with our tag.
    pub const fn local(&self) -> &NameAddr {
        &self.local
    }

    /// The peer's address, with its tag.
    pub const fn remote(&self) -> &NameAddr {
        &self.remote
    }

    /// Where the peer is: its last Contact.
    pub const fn remote_target(&self) -> &Uri {
        &self.remote_target
    }

    /// Where the next request goes: the first route, or the remote target (§12.2.1.1, §8.1.2).
    pub fn destination(&self) -> &Uri {
        self.routes
            .first()
            .map_or(&self.remote_target, |route| &route.uri)
    }

    /// We sent a 2xx.
    pub const fn confirm(&mut self) {
        self.state = State::Confirmed;
    }

    /// A further response of the same dialog: the first 2xx confirms it and brings its own
    /// route set (§13.2.2.4); every one may move the target.
    pub fn update(&mut self, response: &Response) {
        if self.state == State::Early && state_after(response) == State::Confirmed {
            self.state = State::Confirmed;
            self.routes = response.headers.record_routes();
            self.routes.reverse();
        }
        self.refresh_target(&response.headers);
    }

    /// Takes the Contact of a re-INVITE, or of a response to ours (§12.2.1.2, §12.2.2).
    pub fn refresh_target(&mut self, headers: &Headers) {
        if let Some(uri) = target(headers) {
            self.remote_target = uri;
        }
    }

    /// Checks that a request from the peer is in order (§12.2.2); ACK and CANCEL always are.
    ///
    /// # Errors
    /// 500 if its `CSeq` is lower than one already seen.
    pub fn accept_request(&mut self, request: &Request) -> Result<(), StatusCode> {
        if matches!(request.method, Method::ACK | Method::CANCEL) {
            return Ok(());
        }
        let number = request.cseq().number;
        if self.remote_cseq.is_some_and(|last| number < last) {
            return Err(StatusCode::SERVER_INTERNAL_ERROR);
        }
        self.remote_cseq = Some(number);
        Ok(())
    }

    /// The next request in this dialog. Without a number yet (we were called), counting begins
    /// anywhere below 2^31 (§12.2.1.1, §8.1.1.5).
    pub fn request(&mut self, method: Method, rng: &mut impl Rng) -> Request {
        let number = match self.local_cseq {
            Some(last) => last.wrapping_add(1),
            None => rng.next_u32() & 0xFFFF,
        };
        self.local_cseq = Some(number);
        self.build(method, number)
    }

    /// The ACK for a 2xx to our INVITE that had this `CSeq` number (§13.2.2.4).
    pub fn ack(&self, invite_cseq: u32) -> Request {
        self.build(Method::ACK, invite_cseq)
    }

    /// §12.2.1.1: a strict router (no `lr`) takes the Request-URI, and the target goes last.
    fn build(&self, method: Method, number: u32) -> Request {
        let (uri, routes) = match self.routes.split_first() {
            Some((first, rest)) if !first.uri.params.has("lr") => {
                let mut uri = first.uri.clone();
                uri.headers = None;
                uri.params.remove("method");
                let target = NameAddr::new(self.remote_target.clone());
                (uri, rest.iter().cloned().chain([target]).collect())
            }
            _ => (self.remote_target.clone(), self.routes.clone()),
        };
        let mut request = Request::new(method.clone(), uri);
        for route in routes {
            request.headers.push("Route", route.to_string());
        }
        request.headers.set("Max-Forwards", "70");
        request.headers.set("From", self.local.to_string());
        request.headers.set("To", self.remote.to_string());
        request.headers.set("Call-ID", self.id.call_id.clone());
        request
            .headers
            .set("CSeq", CSeq { number, method }.to_string());
        request
    }
}

fn state_after(response: &Response) -> State {
    if response.status.is_success() {
        State::Confirmed
    } else {
        State::Early
    }
}

fn tag(address: &NameAddr) -> String {
    address.tag().unwrap_or_default().to_owned()
}

fn target(headers: &Headers) -> Option<Uri> {
    headers.contact().map(|contact| contact.uri)
}

#[cfg(test)]
mod tests;
