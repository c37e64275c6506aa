//! Who is registered where: RFC 3261 §10.3. Authentication comes before, see
//! [`auth`](super::auth); here the user is known.
//!
//! A phone has one contact: a further registration takes the place of the one before, unless
//! it is an older request of the same device that arrived late.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::flow::Flow;
use super::message::{Request, Response};
use super::name_addr::NameAddr;
use super::status::StatusCode;
use super::uri::{Scheme, Uri};

/// How long registrations live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrarConfig {
    /// Shorter ones get 423; seconds.
    pub min_expires: u32,
    /// For requests that name no time (RFC 3261 §10.2); seconds.
    pub default_expires: u32,
    /// Longer ones are shortened; seconds.
    pub max_expires: u32,
}

impl Default for RegistrarConfig {
    fn default() -> Self {
        Self {
            min_expires: 60,
            default_expires: 3600,
            max_expires: 7200,
        }
    }
}

/// Names one phone's registration for as long as it lasts, refreshes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingId(pub u64);

/// Where a phone is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its contact as it named it: the Request-URI of calls to it.
    pub contact: NameAddr,
    /// The way its registration came: calls go back by it, through whatever NAT is between.
    pub flow: Flow,
    /// When it is forgotten.
    pub expires_at: Instant,
    call_id: String,
    cseq: u32,
}

impl Binding {
    /// The URI of its contact, as it came.
    pub const fn uri(&self) -> &Uri {
        &self.contact.uri
    }
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A phone came, or moved to another contact or address. A mere refresh is no change.
    Registered {
        /// Whose phone.
        user: String,
    },
    /// A phone took leave.
    Removed {
        /// Whose phone.
        user: String,
    },
    /// A phone was not heard of again in time.
    Expired {
        /// Whose phone.
        user: String,
    },
}

/// All bindings, one a user.
#[derive(Debug, Default)]
pub struct Registrar {
    config: RegistrarConfig,
    bindings: BTreeMap<String, Binding>,
    expiries: BTreeSet<(Instant, String)>,
    /// Finds users by address, for every datagram asks.
    sources: BTreeSet<(SocketAddr, String)>,
    changes: VecDeque<Change>,
}

/// What a REGISTER asks for.
enum Wish {
    Query,
    Remove { only: Option<Vec<Uri>> },
    Bind { contact: NameAddr, seconds: u32 },
}

impl Registrar {
    /// A registrar that knows nobody.
    pub fn new(config: RegistrarConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Carries out a REGISTER of `user` that came by `flow`; gives the answer, without a To tag.
    pub fn register(
        &mut self,
        request: &Request,
        user: &str,
        flow: Flow,
        now: Instant,
    ) -> Response {
        self.handle_timeout(now);
        let wish = match self.wish(request) {
            Ok(wish) => wish,
            Err(refusal) => return refusal,
        };
        let (call_id, cseq) = (request.call_id(), request.cseq().number);
        let is_late = self
            .bindings
            .get(user)
            .is_some_and(|known| known.call_id == call_id && cseq <= known.cseq);
        match wish {
            Wish::Query => {}
            Wish::Remove { .. } | Wish::Bind { .. } if is_late => {
                return request.respond(StatusCode::SERVER_INTERNAL_ERROR);
            }
            Wish::Remove { only } => self.remove(user, only.as_deref()),
            Wish::Bind { contact, seconds } => self.bind(
                user,
                Binding {
                    contact,
                    flow,
                    expires_at: now + Duration::from_secs(seconds.into()),
                    call_id,
                    cseq,
                },
            ),
        }
        self.listing(request, user, now)
    }

    /// Where the phone of `user` is at `now`.
    pub fn contact(&self, user: &str, now: Instant) -> Option<&Binding> {
        self.bindings
            .get(user)
            .filter(|binding| binding.expires_at > now)
    }

    /// Whose phone registered from `source`, and still is.
    pub fn user_at(&self, source: SocketAddr, now: Instant) -> Option<&str> {
        let (_, user) = self.sources.range((source, String::new())..).next()?;
        let binding = self.contact(user, now)?;
        (binding.flow.peer == source).then_some(user)
    }

    /// Where the registered phones are.
    pub fn peers(&self) -> impl Iterator<Item = SocketAddr> {
        self.sources.iter().map(|(peer, _)| *peer)
    }

    /// How many phones are registered.
    pub fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Whether no phone is registered.
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty()
    }

    /// Forgets whom `now` is too late for.
    pub fn handle_timeout(&mut self, now: Instant) {
        while self.poll_timeout().is_some_and(|due| due <= now) {
            if let Some((_, user)) = self.expiries.pop_first() {
                if let Some(binding) = self.bindings.remove(&user) {
                    self.sources.remove(&(binding.flow.peer, user.clone()));
                }
                self.changes.push_back(Change::Expired { user });
            }
        }
    }

    /// The next change, oldest first.
    pub fn poll_output(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.expiries.first().map(|(due, _)| *due)
    }

    /// Reads the contacts: §10.3 steps 6 and 7.
    fn wish(&self, request: &Request) -> Result<Wish, Response> {
        let headers = &request.headers;
        if headers.is_contact_wildcard() {
            let alone = headers.get_all("Contact").count() == 1;
            return if alone && headers.expires() == Some(0) {
                Ok(Wish::Remove { only: None })
            } else {
                Err(request.respond(StatusCode::BAD_REQUEST))
            };
        }
        let contacts = headers.contacts();
        if contacts.is_empty() {
            return Ok(Wish::Query);
        }
        for contact in &contacts {
            check_contact(&contact.uri).map_err(|status| request.respond(status))?;
        }
        let (gone, mut here): (Vec<_>, Vec<_>) = contacts
            .into_iter()
            .map(|contact| (self.seconds(&contact, request), contact))
            .partition(|(seconds, _)| *seconds == 0);
        if here
            .iter()
            .any(|(seconds, _)| *seconds < self.config.min_expires)
        {
            let mut refusal = request.respond(StatusCode::INTERVAL_TOO_BRIEF);
            refusal.headers.set("Min-Expires", self.config.min_expires);
            return Err(refusal);
        }
        // One contact a phone: the one it likes best, the first of equals.
        here.sort_by(|(_, a), (_, b)| preference(b).total_cmp(&preference(a)));
        Ok(match here.into_iter().next() {
            Some((seconds, contact)) => Wish::Bind { contact, seconds },
            None => Wish::Remove {
                only: Some(gone.into_iter().map(|(_, contact)| contact.uri).collect()),
            },
        })
    }

    /// The contact's own time, else the request's, else the default; a malformed one counts as
    /// the default (§10.3 step 7, §20.10).
    fn seconds(&self, contact: &NameAddr, request: &Request) -> u32 {
        let wanted = match contact.params.get("expires") {
            Some(text) => text.trim().parse().ok(),
            None => request.headers.expires(),
        };
        wanted
            .unwrap_or(self.config.default_expires)
            .min(self.config.max_expires)
    }

    fn bind(&mut self, user: &str, binding: Binding) {
        let due = (binding.expires_at, user.to_owned());
        let place = (binding.flow.peer, user.to_owned());
        let before = self.bindings.insert(user.to_owned(), binding);
        let moved = match (&before, self.bindings.get(user)) {
            (Some(before), Some(after)) => before.flow != after.flow || before.uri() != after.uri(),
            _ => true,
        };
        if let Some(before) = before {
            self.expiries.remove(&(before.expires_at, user.to_owned()));
            self.sources.remove(&(before.flow.peer, user.to_owned()));
        }
        self.expiries.insert(due);
        self.sources.insert(place);
        if moved {
            let user = user.to_owned();
            self.changes.push_back(Change::Registered { user });
        }
    }

    /// Removes the binding if it is among `only`: a phone that restarted may take leave of a
    /// contact it no longer has.
    fn remove(&mut self, user: &str, only: Option<&[Uri]>) {
        let Some(binding) = self.bindings.get(user) else {
            return;
        };
        if only.is_some_and(|uris| !uris.iter().any(|uri| uri.equivalent(binding.uri()))) {
            return;
        }
        self.expiries.remove(&(binding.expires_at, user.to_owned()));
        self.sources.remove(&(binding.flow.peer, user.to_owned()));
        self.bindings.remove(user);
        let user = user.to_owned();
        self.changes.push_back(Change::Removed { user });
    }

    /// §10.3 step 8: 200 with what is bound now.
    fn listing(&self, request: &Request, user: &str, now: Instant) -> Response {
        let mut response = request.respond(StatusCode::OK);
        if let Some(binding) = self.contact(user, now) {
            let left = binding.expires_at.saturating_duration_since(now).as_secs();
            let mut contact = binding.contact.clone();
            contact.params.set("expires", Some(&left.to_string()));
            response.headers.set("Contact", contact);
        }
        response
    }
}

/// A contact must be somewhere we can call; one with headers would write into our requests
/// (RFC 3261 §19.1.5), so it is refused.
fn check_contact(uri: &Uri) -> Result<(), StatusCode> {
    if !matches!(uri.scheme, Scheme::Sip | Scheme::Sips) {
        return Err(StatusCode::BAD_REQUEST);
    }
    if uri.headers.is_some() {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(())
}

/// The `q` parameter, 1 where there is none (RFC 3261 §20.10 leaves that open).
fn preference(contact: &NameAddr) -> f32 {
    contact
        .params
        .get("q")
        .and_then(|q| q.trim().parse().ok())
        .unwrap_or(1.0)
}

#[cfg(test)]
mod tests;
