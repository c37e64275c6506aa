//! Who is registered where: RFC 3261 §10.3, with Path (RFC 3327). Authentication comes before,
//! see [`auth`](super::auth); here the user is known.
//!
//! A user has a few phones at a time. A device that names itself (`+sip.instance`, RFC 5626 §4.1)
//! has one registration, wherever it moves. Where a further phone would be one too many, the one
//! that was not heard of for longest goes: a phone that takes another contact at each start would
//! otherwise keep its owner out until the old ones have expired.

mod binding;
mod wish;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub use binding::{Binding, BindingId};

use super::flow::Flow;
use super::message::{Request, Response};
use super::name_addr::NameAddr;
use super::status::StatusCode;
use binding::Sender;
use wish::Wish;

/// How long registrations live, and how many a user has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrarConfig {
    /// Shorter ones get 423; seconds.
    pub min_expires: u32,
    /// For requests that name no time (RFC 3261 §10.2); seconds.
    pub default_expires: u32,
    /// Longer ones are shortened; seconds.
    pub max_expires: u32,
    /// Phones a user may have at a time.
    pub max_contacts: usize,
}

impl Default for RegistrarConfig {
    fn default() -> Self {
        Self {
            min_expires: 60,
            default_expires: 3600,
            max_expires: 7200,
            max_contacts: 4,
        }
    }
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose phone.
    pub user: String,
    /// Which registration.
    pub binding: BindingId,
    /// How.
    pub kind: ChangeKind,
}

/// How a registration changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A phone came, or moved to another contact or address.
    Registered,
    /// A phone is still where it was.
    Refreshed,
    /// A phone took leave, or gave way to another one.
    Removed,
    /// A phone was not heard of again in time.
    Expired,
}

/// All bindings, a few a user.
#[derive(Debug, Default)]
pub struct Registrar {
    config: RegistrarConfig,
    bindings: BTreeMap<String, Vec<Binding>>,
    expiries: BTreeSet<(Instant, String, BindingId)>,
    /// Finds users by address, for every datagram asks.
    sources: BTreeSet<(SocketAddr, String, BindingId)>,
    ids_given: u64,
    changes: VecDeque<Change>,
}

impl Registrar {
    /// A registrar that knows nobody.
    pub fn new(config: RegistrarConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Carries out a REGISTER of `user` that came by `flow`, all of it or nothing (§10.3 step 7);
    /// gives the answer, without a To tag.
    pub fn register(
        &mut self,
        request: &Request,
        user: &str,
        flow: Flow,
        now: Instant,
    ) -> Response {
        self.handle_timeout(now);
        match self.carry_out(request, user, flow, now) {
            Ok(()) => self.listing(request, user, now),
            Err(refusal) => refusal,
        }
    }

    /// Takes over a registration from before a restart; gives the name it has now.
    pub fn restore(&mut self, user: &str, mut binding: Binding) -> BindingId {
        binding.id = self.mint_id();
        let id = binding.id;
        self.index(user, &binding);
        let bindings = self.bindings.entry(user.to_owned()).or_default();
        bindings.push(binding);
        id
    }

    /// Forgets all phones of `user`.
    pub fn forget(&mut self, user: &str) {
        self.commit(user, Vec::new());
    }

    /// Where the phones of `user` are at `now`.
    pub fn bindings(&self, user: &str, now: Instant) -> impl Iterator<Item = &Binding> {
        let bindings = self.bindings.get(user).into_iter().flatten();
        bindings.filter(move |binding| binding.expires_at > now)
    }

    /// Whose phone registered from `source`, and still is.
    pub fn user_at(&self, source: SocketAddr, now: Instant) -> Option<&str> {
        let from = (source, String::new(), BindingId(0));
        let there = self.sources.range(from..);
        let mut there = there.take_while(|(address, ..)| *address == source);
        let alive = |user: &str, id: BindingId| self.bindings(user, now).any(|b| b.id == id);
        there
            .find(|(_, user, id)| alive(user, *id))
            .map(|(_, user, _)| user.as_str())
    }

    /// Which registrations came from `source`.
    pub fn bindings_from(&self, source: SocketAddr) -> Vec<BindingId> {
        let from = (source, String::new(), BindingId(0));
        let there = self.sources.range(from..);
        let there = there.take_while(|(address, ..)| *address == source);
        there.map(|(_, _, id)| *id).collect()
    }

    /// Where the registered phones are.
    pub fn peers(&self) -> impl Iterator<Item = SocketAddr> {
        self.sources.iter().map(|(peer, ..)| *peer)
    }

    /// How many phones are registered.
    pub fn len(&self) -> usize {
        self.expiries.len()
    }

    /// Whether no phone is registered.
    pub fn is_empty(&self) -> bool {
        self.expiries.is_empty()
    }

    /// Forgets whom `now` is too late for.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((due, user, id)) = self.expiries.pop_first() {
            if due > now {
                self.expiries.insert((due, user, id));
                return;
            }
            if let Some(bindings) = self.bindings.get_mut(&user)
                && let Some(index) = bindings.iter().position(|binding| binding.id == id)
            {
                let gone = bindings.remove(index);
                if bindings.is_empty() {
                    self.bindings.remove(&user);
                }
                self.sources.remove(&(gone.flow.peer, user.clone(), id));
            }
            self.tell(&user, id, ChangeKind::Expired);
        }
    }

    /// The next change, oldest first.
    pub fn poll_output(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.expiries.first().map(|(due, ..)| *due)
    }

    fn carry_out(
        &mut self,
        request: &Request,
        user: &str,
        flow: Flow,
        now: Instant,
    ) -> Result<(), Response> {
        let wish = wish::read(request, &self.config)?;
        let sender = Sender::of(request, flow, wish::path(request)?);
        let before = self.bindings.get(user).cloned().unwrap_or_default();
        let after = match wish {
            Wish::Query => return Ok(()),
            Wish::RemoveAll if before.iter().any(|one| sender.is_late_for(one)) => None,
            Wish::RemoveAll => Some(Vec::new()),
            Wish::Bind(asked) => self.bound(before, asked, &sender, now),
        };
        let after = after.ok_or_else(|| request.respond(StatusCode::SERVER_INTERNAL_ERROR))?;
        self.commit(user, after);
        Ok(())
    }

    /// What is bound once every contact asked for is; `None` if the request is an older one that
    /// arrived late.
    fn bound(
        &mut self,
        mut bindings: Vec<Binding>,
        asked: Vec<(NameAddr, u32)>,
        sender: &Sender,
        now: Instant,
    ) -> Option<Vec<Binding>> {
        let mut fresh = BTreeSet::new();
        for (mut contact, seconds) in asked {
            let is_old = |binding: &Binding| !fresh.contains(&binding.id);
            let at = bindings.iter().position(|one| one.is_at(&contact));
            let at = at.or_else(|| {
                let moved = |one: &Binding| is_old(one) && one.is_of_device(&contact, sender);
                bindings.iter().position(moved).filter(|_| seconds > 0)
            });
            let known = at.and_then(|at| bindings.get(at));
            if known.is_some_and(|one| is_old(one) && sender.is_late_for(one)) {
                return None;
            }
            let id = known.map_or_else(|| self.mint_id(), |one| one.id);
            if let Some(at) = at {
                bindings.remove(at);
            }
            if seconds == 0 {
                continue;
            }
            contact.params.remove("expires");
            fresh.insert(id);
            bindings.push(Binding {
                id,
                is_behind_nat: sender.hides(&contact),
                contact,
                path: sender.path.clone(),
                flow: sender.flow,
                user_agent: sender.user_agent.clone(),
                refreshed_at: now,
                expires_at: now + Duration::from_secs(seconds.into()),
                call_id: sender.call_id.clone(),
                cseq: sender.cseq,
            });
        }
        while bindings.len() > self.config.max_contacts {
            let oldest = (0..bindings.len()).min_by_key(|at| bindings[*at].refreshed_at)?;
            bindings.remove(oldest);
        }
        Some(bindings)
    }

    /// Puts `after` in the place of what was bound, and tells the difference.
    fn commit(&mut self, user: &str, after: Vec<Binding>) {
        let before = self.bindings.remove(user).unwrap_or_default();
        for gone in &before {
            let id = gone.id;
            self.expiries
                .remove(&(gone.expires_at, user.to_owned(), id));
            self.sources.remove(&(gone.flow.peer, user.to_owned(), id));
            if !after.iter().any(|kept| kept.id == id) {
                self.tell(user, id, ChangeKind::Removed);
            }
        }
        for binding in &after {
            self.index(user, binding);
            let kind = match before.iter().find(|known| known.id == binding.id) {
                Some(known) if known == binding => continue,
                Some(known) if !binding.has_moved(known) => ChangeKind::Refreshed,
                Some(_) | None => ChangeKind::Registered,
            };
            self.tell(user, binding.id, kind);
        }
        if !after.is_empty() {
            self.bindings.insert(user.to_owned(), after);
        }
    }

    fn index(&mut self, user: &str, binding: &Binding) {
        let user = user.to_owned();
        let due = (binding.expires_at, user.clone(), binding.id);
        self.expiries.insert(due);
        self.sources.insert((binding.flow.peer, user, binding.id));
    }

    fn tell(&mut self, user: &str, binding: BindingId, kind: ChangeKind) {
        self.changes.push_back(Change {
            user: user.to_owned(),
            binding,
            kind,
        });
    }

    const fn mint_id(&mut self) -> BindingId {
        self.ids_given += 1;
        BindingId(self.ids_given)
    }

    /// §10.3 step 8: 200 with what is bound now, the best liked first; the Path for a phone that
    /// knows what it is (RFC 3327 §5.3).
    fn listing(&self, request: &Request, user: &str, now: Instant) -> Response {
        let mut response = request.respond(StatusCode::OK);
        let mut bindings: Vec<_> = self.bindings(user, now).collect();
        bindings.sort_by(|a, b| preference(&b.contact).total_cmp(&preference(&a.contact)));
        for binding in bindings {
            let left = binding.expires_at.saturating_duration_since(now).as_secs();
            let mut contact = binding.contact.clone();
            contact.params.set("expires", Some(&left.to_string()));
            response.headers.push("Contact", contact);
        }
        response.headers.set("Supported", "path");
        if request.headers.lists("Supported", "path") {
            response.headers.copy_from(&request.headers, "Path");
        }
        response
    }
}

/// The `q` parameter, 1 where there is none (RFC 3261 §20.10 leaves that open).
fn preference(contact: &NameAddr) -> f32 {
    let q = contact.params.get("q");
    q.and_then(|q| q.trim().parse().ok()).unwrap_or(1.0)
}

#[cfg(test)]
mod tests;
