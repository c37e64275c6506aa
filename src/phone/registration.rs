//! Staying registered: RFC 3261 §10.2, with digest (RFC 7616, RFC 8760).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::command::Event;
use super::user_agent::{Credentials, UserAgent};
use crate::sip::endpoint::ClientTx;
use crate::sip::{CSeq, Host, Method, NameAddr, Request, Response, StatusCode, Uri, ids};

/// After a connection that was cut, or a failure that may pass, the phone tries again this much
/// later; each further failure doubles it (RFC 5626 §4.5) ...
const RETRY: Duration = Duration::from_secs(1);
/// ... up to this.
const LONGEST_RETRY: Duration = Duration::from_secs(30);
/// Challenges answered for one registration: the first, and one whose nonce is stale.
const MAX_CHALLENGES: u8 = 2;

/// One registration, and where its next REGISTER stands.
#[derive(Debug)]
pub(super) struct Registration {
    user: String,
    registrar: SocketAddr,
    /// What we ask for; 0 takes the registration back.
    expires: Duration,
    call_id: String,
    from_tag: String,
    cseq: u32,
    /// The REGISTER on its way.
    pending: Option<ClientTx>,
    challenges: u8,
    /// Failures since it was last granted.
    failures: u32,
    pub(super) refresh_at: Option<Instant>,
}

impl UserAgent {
    pub(super) fn register(
        &mut self,
        user: String,
        password: String,
        registrar: SocketAddr,
        expires: Duration,
        now: Instant,
    ) {
        self.credentials = Some((user.clone(), password));
        let (call_id, cseq) = match &self.registration {
            Some(old) => (old.call_id.clone(), old.cseq),
            None => (ids::new_call_id(&mut self.rng), 0),
        };
        self.registration = Some(Registration {
            user,
            registrar,
            expires,
            call_id,
            from_tag: ids::new_tag(&mut self.rng),
            cseq,
            pending: None,
            challenges: 0,
            failures: 0,
            refresh_at: None,
        });
        self.send_register(None, now);
    }

    pub(super) fn unregister(&mut self, now: Instant) {
        if let Some(registration) = self.registration.as_mut() {
            registration.expires = Duration::ZERO;
            registration.challenges = 0;
            self.send_register(None, now);
        }
    }

    pub(super) fn is_registration(&self, tx: ClientTx) -> bool {
        let registration = self.registration.as_ref();
        registration.is_some_and(|it| it.pending == Some(tx))
    }

    pub(super) fn registration_answered(&mut self, response: &Response, now: Instant) {
        let status = response.status;
        let Some(registration) = self.registration.as_mut() else {
            return;
        };
        if status.is_provisional() {
            return;
        }
        if status == StatusCode::UNAUTHORIZED && registration.challenges < MAX_CHALLENGES {
            return self.answer_challenge(response, now);
        }
        if status == StatusCode::INTERVAL_TOO_BRIEF
            && let Some(least) = response.headers.number("Min-Expires")
            && Duration::from_secs(least.into()) > registration.expires
            && !registration.expires.is_zero()
        {
            registration.expires = Duration::from_secs(least.into());
            return self.send_register(None, now);
        }
        if !status.is_success() {
            return self.registration_failed(status, now);
        }
        registration.pending = None;
        registration.challenges = 0;
        if registration.expires.is_zero() {
            self.registration = None;
            return self.raise(Event::Unregistered);
        }
        let contact = self.contact().uri;
        let granted = granted(response, &contact);
        if let Some(registration) = self.registration.as_mut() {
            registration.failures = 0;
            let expires = granted.unwrap_or(registration.expires);
            registration.refresh_at = Some(now + expires / 2);
            self.raise(Event::Registered { expires });
        }
    }

    /// A failure that may pass is tried again later; a refusal stands.
    pub(super) fn registration_failed(&mut self, status: StatusCode, now: Instant) {
        if let Some(registration) = self.registration.as_mut() {
            let may_pass = status == StatusCode::REQUEST_TIMEOUT || status.as_u16() / 100 == 5;
            registration.pending = None;
            registration.challenges = 0;
            let wait = RETRY * 2_u32.saturating_pow(registration.failures.min(5));
            registration.failures += 1;
            registration.refresh_at = may_pass.then(|| now + wait.min(LONGEST_RETRY));
            self.raise(Event::RegisterFailed(status));
        }
    }

    /// The connection to the registrar was cut: it has no way to the phone any more.
    pub(super) fn registration_cut(&mut self, peer: SocketAddr, now: Instant) {
        if let Some(registration) = self.registration.as_mut()
            && registration.registrar == peer
            && registration.pending.is_none()
        {
            registration.refresh_at = Some(now + RETRY);
        }
    }

    pub(super) fn registration_timeout(&mut self, now: Instant) {
        let due = |it: &Registration| it.refresh_at.is_some_and(|at| at <= now);
        if self.registration.as_ref().is_some_and(due) {
            self.send_register(None, now);
        }
    }

    fn answer_challenge(&mut self, challenge: &Response, now: Instant) {
        let Some(registration) = self.registration.as_mut() else {
            return;
        };
        registration.challenges += 1;
        let uri = registrar_uri(registration.registrar);
        match self.credentials_for(challenge, &Method::REGISTER, &uri) {
            Some(header) => self.send_register(Some(header), now),
            None => self.registration_failed(challenge.status, now),
        }
    }

    fn send_register(&mut self, credentials: Option<Credentials>, now: Instant) {
        let contact = self.contact();
        let name = self.config.name.clone();
        let Some(registration) = self.registration.as_mut() else {
            return;
        };
        registration.cseq += 1;
        registration.refresh_at = None;
        let registrar = registration.registrar;
        let host = Host::Ip(registrar.ip());
        let address = NameAddr::new(Uri::sip(Some(&registration.user), host, None));
        let from = address
            .clone()
            .with_display(name.as_deref())
            .with_tag(&registration.from_tag);
        let mut request = Request::new(Method::REGISTER, registrar_uri(registrar));
        let cseq = CSeq {
            number: registration.cseq,
            method: Method::REGISTER,
        };
        request.headers.set("From", from);
        request.headers.set("To", address);
        request.headers.set("Call-ID", &registration.call_id);
        request.headers.set("CSeq", cseq);
        request.headers.set("Contact", contact);
        let seconds = registration.expires.as_secs();
        request.headers.set("Expires", seconds);
        if let Some((name, value)) = credentials {
            request.headers.set(name, value);
        }
        let tx = self.send(request, registrar, now);
        if let Some(registration) = self.registration.as_mut() {
            registration.pending = Some(tx);
        }
    }
}

fn registrar_uri(registrar: SocketAddr) -> Uri {
    Uri::sip(None, Host::Ip(registrar.ip()), Some(registrar.port()))
}

/// How long the registrar keeps our contact: its `expires`, else the Expires header (§10.3.8).
fn granted(response: &Response, contact: &Uri) -> Option<Duration> {
    let contacts = response.headers.contacts();
    let ours = contacts.iter().find(|it| it.uri.equivalent(contact));
    let own = ours.and_then(|it| it.params.get("expires")?.parse().ok());
    let seconds: u32 = own.or_else(|| response.headers.expires())?;
    Some(Duration::from_secs(seconds.into()))
}
