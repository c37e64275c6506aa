//! Staying registered with somebody else's registrar (RFC 3261 §10.2), with digest.
//!
//! A machine of one address-of-record: it writes REGISTER requests and judges the answers. Which
//! way they go is the owner's to say; so is their Contact, which belongs to that way.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::message::{Request, Response};
use super::{CSeq, Headers, Host, Method, NameAddr, StatusCode, Uri, auth, ids};

/// The first wait after a failure, and the longest (RFC 5626 §4.5).
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_mins(30);
/// A registrar that names its own time for the next try is not believed below this.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
/// Challenges answered for one REGISTER: the first, and one whose nonce is stale.
const MAX_CHALLENGES: u8 = 2;

/// What is registered, and how we prove that we may.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The user of the address-of-record, and of the credentials.
    pub user: String,
    /// The password.
    pub password: String,
    /// The registrar's domain: the Request-URI, and the host of the address-of-record.
    pub domain: Host,
    /// The only realm that the password is for. `None`: the realm that the registrar names first.
    pub realm: Option<String>,
    /// How long a registration is asked for.
    pub expires: Duration,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = &self.user;
        f.debug_struct("Account")
            .field("user", user)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// The address-of-record.
    pub fn address(&self) -> Uri {
        Uri::sip(Some(&self.user), self.domain.clone(), None)
    }
}

/// What a registration wants done, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this, with a Contact of ours added.
    Send(Box<Request>),
    /// The registrar keeps our contact for so long.
    Registered {
        /// As granted.
        expires: Duration,
    },
    /// It does not; the next try comes after this time.
    Failed {
        /// The refusal; `None` if nothing came.
        status: Option<StatusCode>,
        /// When it is tried again.
        again: Duration,
    },
    /// It has been taken back, or never was; nothing more will come.
    Left,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not begun, or over.
    Idle,
    /// A REGISTER is on its way.
    Asking,
    /// The next one is due then.
    Waiting(Instant),
}

/// One registration.
#[derive(Debug)]
pub struct Registration {
    account: Account,
    state: State,
    registered: bool,
    leaving: bool,
    /// What is asked for; the registrar may want more (423).
    expires: Duration,
    call_id: String,
    tag: String,
    cseq: u32,
    challenges: u8,
    failures: u32,
    /// The realm that our password is for.
    realm: Option<String>,
    rng: StdRng,
    outputs: VecDeque<Output>,
}

impl Registration {
    /// A registration that has not begun.
    pub fn new(account: Account, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        Self {
            state: State::Idle,
            registered: false,
            leaving: false,
            expires: account.expires,
            call_id: ids::new_call_id(&mut rng),
            tag: ids::new_tag(&mut rng),
            cseq: 0,
            challenges: 0,
            failures: 0,
            realm: account.realm.clone(),
            rng,
            outputs: VecDeque::new(),
            account,
        }
    }

    /// The registrar keeps our contact, as far as we know.
    pub const fn is_registered(&self) -> bool {
        self.registered
    }

    /// Something is still to be taken back.
    pub const fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// Registers at `at`, or again if it is registered already: our way there has changed.
    pub fn begin(&mut self, at: Instant) {
        if !self.leaving {
            self.state = State::Waiting(at);
        }
    }

    /// Takes the registration back (RFC 3261 §10.2.2).
    pub fn leave(&mut self) {
        let has_asked = self.registered || self.state == State::Asking;
        self.registered = false;
        if has_asked && !self.leaving {
            self.leaving = true;
            self.challenges = 0;
            self.send(None);
        } else if !self.leaving {
            self.state = State::Idle;
            self.outputs.push_back(Output::Left);
        }
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        if matches!(self.state, State::Waiting(at) if at <= now) {
            self.challenges = 0;
            self.send(None);
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub const fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Waiting(at) => Some(at),
            State::Idle | State::Asking => None,
        }
    }

    /// The next output, oldest first. Drain it after every other call.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Takes a response to a REGISTER, from the peer that it was sent to.
    pub fn handle_response(&mut self, response: &Response, now: Instant) {
        let status = response.status;
        let is_latest = response.cseq().number == self.cseq && self.state == State::Asking;
        if status.is_provisional() || !is_latest {
            return;
        }
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                match self.credentials(response, &Method::REGISTER, &self.registrar()) {
                    Some(header) => self.send(Some(header)),
                    None => self.failed(Some(response), now),
                }
            }
            // RFC 3261 §10.2.8.
            StatusCode::INTERVAL_TOO_BRIEF if !self.leaving && self.lengthen(response) => {
                self.send(None);
            }
            _ if status.is_success() => self.accepted(response, now),
            _ => self.failed(Some(response), now),
        }
    }

    /// No answer came to the REGISTER with this number, or it could not be sent.
    pub fn handle_silence(&mut self, cseq: u32, now: Instant) {
        if self.state == State::Asking && cseq == self.cseq {
            self.failed(None, now);
        }
    }

    /// The header that answers a challenge of the realm that we registered with; nothing for any
    /// other realm, nor for more than one stale nonce in a row.
    ///
    /// That the challenge came from whom we asked, the caller knows.
    pub fn credentials(
        &mut self,
        challenge: &Response,
        method: &Method,
        uri: &Uri,
    ) -> Option<(&'static str, String)> {
        let asked = auth::realm(challenge)?;
        if self.realm.as_ref().is_some_and(|realm| *realm != asked) {
            tracing::warn!("a challenge of another realm than the registrar's is not answered");
            return None;
        }
        if *method == Method::REGISTER {
            self.challenges += 1;
            if self.challenges > MAX_CHALLENGES {
                return None;
            }
            self.realm.get_or_insert(asked);
        } else if self.realm.is_none() {
            return None; // we have never registered: nobody's realm is ours
        }
        let Account { user, password, .. } = &self.account;
        auth::answer(challenge, method, uri, user, password, 1, &mut self.rng)
    }

    fn accepted(&mut self, response: &Response, now: Instant) {
        if self.leaving {
            return self.left();
        }
        let expires = granted(&response.headers, &self.account).unwrap_or(self.expires);
        self.failures = 0;
        self.registered = true;
        // Well before it ends, and not all accounts at once.
        let percent = self.rng.random_range(70..=80);
        self.state = State::Waiting(now + expires * percent / 100);
        self.outputs.push_back(Output::Registered { expires });
    }

    fn failed(&mut self, response: Option<&Response>, now: Instant) {
        if self.leaving {
            return self.left();
        }
        self.registered = false;
        self.failures = self.failures.saturating_add(1);
        let asked = response.and_then(|response| response.headers.number("Retry-After"));
        let again = match asked {
            Some(seconds) => {
                let least = Duration::from_secs(seconds.into());
                let least = least.clamp(SHORTEST_WAIT, LONGEST_WAIT);
                least + least * self.rng.random_range(0..=25) / 100
            }
            None => back_off(self.failures) * self.rng.random_range(50..=100) / 100,
        };
        self.state = State::Waiting(now + again);
        let status = response.map(|response| response.status);
        self.outputs.push_back(Output::Failed { status, again });
    }

    fn left(&mut self) {
        self.leaving = false;
        self.state = State::Idle;
        self.outputs.push_back(Output::Left);
    }

    /// The registrar wants registrations to last longer than what we asked for.
    fn lengthen(&mut self, response: &Response) -> bool {
        let least = response.headers.number("Min-Expires");
        let least = least.map(|seconds| Duration::from_secs(seconds.into()));
        let longer = least.filter(|least| *least > self.expires);
        self.expires = longer.unwrap_or(self.expires);
        longer.is_some()
    }

    fn registrar(&self) -> Uri {
        Uri::sip(None, self.account.domain.clone(), None)
    }

    /// RFC 3261 §10.2: one Call-ID for all, a `CSeq` that grows.
    fn send(&mut self, credentials: Option<(&'static str, String)>) {
        self.state = State::Asking;
        self.cseq += 1;
        let address = NameAddr::new(self.account.address());
        let mut request = Request::new(Method::REGISTER, self.registrar());
        let headers = &mut request.headers;
        headers.set("From", address.clone().with_tag(&self.tag));
        headers.set("To", address);
        headers.set("Call-ID", &self.call_id);
        let number = self.cseq;
        let method = Method::REGISTER;
        headers.set("CSeq", CSeq { number, method });
        let expires = if self.leaving {
            0
        } else {
            self.expires.as_secs()
        };
        headers.set("Expires", expires);
        if let Some((name, value)) = credentials {
            headers.set(name, value);
        }
        self.outputs.push_back(Output::Send(Box::new(request)));
    }
}

/// 30 s, doubled by each further failure in a row, up to half an hour (RFC 5626 §4.5).
fn back_off(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT)
}

/// How long the registrar keeps our contact: its `expires`, else the Expires header (§10.3 step 8).
/// Registrars behind address translation write our contact's host anew, so its user tells it.
fn granted(headers: &Headers, account: &Account) -> Option<Duration> {
    let contacts = headers.contacts();
    let is_ours = |it: &&NameAddr| it.uri.user_unescaped().as_deref() == Some(&account.user);
    let ours = contacts.iter().find(is_ours).or(contacts.first());
    let own = ours.and_then(|it| it.params.get("expires")?.parse().ok());
    let seconds: u32 = own.or_else(|| headers.expires())?;
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests;
