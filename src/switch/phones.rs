//! The phones that are asked now and then whether they are there, and what came of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use crate::id::AgentId;
use crate::rules::Timestamp;
use crate::sip::endpoint::ClientTx;
use crate::sip::registrar::BindingId;

/// So many questions in a row without an answer, and a phone counts as unreachable.
const MISSES: u8 = 2;
/// A question is repeated by its transaction (RFC 3261 §17.1.2.1) until then: 0, 0.5, 1.5, 3.5 and
/// 7.5 s after it was first asked.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// A phone whose connection is gone is asked at once, but no sooner than so long after it was asked
/// last: some close their connection after each answer.
const ASK_THE_CUT_OFF: Duration = Duration::from_secs(10);
/// A phone that fell silent is asked again this often.
pub(super) const ASK_THE_SILENT: Duration = Duration::from_secs(30);

/// Which phone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PhoneName {
    /// One that registered.
    Registered(BindingId),
    /// The one of an agent at a configured address.
    Fixed(AgentId),
}

/// What is known of one phone, beside its address.
#[derive(Debug)]
pub(super) struct Phone {
    /// Whose.
    pub(super) agent: AgentId,
    /// Since when it is where it is.
    pub(super) since: Timestamp,
    /// It has answered lately, or nothing says otherwise.
    pub(super) is_reachable: bool,
    misses: u8,
    /// When it was last asked.
    asked_at: Option<Instant>,
    /// The question that has no answer yet.
    asked: Option<ClientTx>,
    /// When it is asked next or, while it is being asked, when that counts as a miss.
    due: Option<Instant>,
}

/// What a phone's time has come for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It is to be asked now.
    Ask(PhoneName),
    /// It has missed its last question.
    FellSilent(PhoneName),
}

/// All phones that may be asked.
#[derive(Debug, Default)]
pub(super) struct Phones {
    known: BTreeMap<PhoneName, Phone>,
    agenda: BTreeSet<(Instant, PhoneName)>,
    questions: HashMap<ClientTx, PhoneName>,
}

impl Phones {
    /// A phone came, or moved; it is first asked at `due`.
    pub(super) fn add(
        &mut self,
        name: &PhoneName,
        agent: AgentId,
        since: Timestamp,
        is_reachable: bool,
        due: Option<Instant>,
    ) {
        self.remove(name);
        let phone = Phone {
            agent,
            since,
            is_reachable,
            misses: 0,
            asked_at: None,
            asked: None,
            due: None,
        };
        self.known.insert(name.clone(), phone);
        self.schedule(name, due);
    }

    pub(super) fn remove(&mut self, name: &PhoneName) {
        self.schedule(name, None);
        self.known.remove(name);
    }

    pub(super) fn get(&self, name: &PhoneName) -> Option<&Phone> {
        self.known.get(name)
    }

    /// Whether the phone may be rung; one that is never asked may.
    pub(super) fn is_reachable(&self, name: &PhoneName) -> bool {
        self.get(name).is_none_or(|phone| phone.is_reachable)
    }

    /// A sign of life; it is asked again after `interval`. True if it had been unreachable.
    pub(super) fn heard(
        &mut self,
        name: &PhoneName,
        interval: Option<Duration>,
        now: Instant,
    ) -> bool {
        let Some(phone) = self.known.get_mut(name) else {
            return false;
        };
        phone.misses = 0;
        phone.asked = None;
        let is_back = !std::mem::replace(&mut phone.is_reachable, true);
        self.schedule(name, interval.map(|interval| now + interval));
        is_back
    }

    /// It did not say a word to a call, or its connection is gone: it is unreachable, and asked
    /// next at `due`. True if it had been reachable.
    pub(super) fn fell_silent(&mut self, name: &PhoneName, due: Option<Instant>) -> bool {
        let Some(phone) = self.known.get_mut(name) else {
            return false;
        };
        phone.misses = MISSES;
        phone.asked = None;
        let was_there = std::mem::replace(&mut phone.is_reachable, false);
        self.schedule(name, due);
        was_there
    }

    /// Its connection is gone, and another one could be had: it is asked soon.
    pub(super) fn cut_off(&mut self, name: &PhoneName, now: Instant) {
        let Some(phone) = self.known.get(name) else {
            return;
        };
        if phone.is_reachable && phone.asked.is_none() {
            let soon = phone
                .asked_at
                .map_or(now, |at| now.max(at + ASK_THE_CUT_OFF));
            let due = phone.due.map_or(soon, |due| due.min(soon));
            self.schedule(name, Some(due));
        }
    }

    /// The next phone whose time has come.
    pub(super) fn poll_due(&mut self, now: Instant) -> Option<Due> {
        loop {
            let (due, _) = self.agenda.first()?;
            if *due > now {
                return None;
            }
            let (_, name) = self.agenda.pop_first()?;
            let Some(phone) = self.known.get_mut(&name) else {
                continue;
            };
            phone.due = None;
            if phone.asked.take().is_some() {
                phone.misses = phone.misses.saturating_add(1);
            } else {
                return Some(Due::Ask(name));
            }
            if phone.misses < MISSES {
                return Some(Due::Ask(name));
            }
            let was_there = std::mem::replace(&mut phone.is_reachable, false);
            self.schedule(&name, Some(now + ASK_THE_SILENT));
            if was_there {
                return Some(Due::FellSilent(name));
            }
        }
    }

    /// The question is out.
    pub(super) fn asked(&mut self, name: &PhoneName, question: ClientTx, now: Instant) {
        if let Some(phone) = self.known.get_mut(name) {
            phone.asked = Some(question);
            phone.asked_at = Some(now);
            self.questions.insert(question, name.clone());
            self.schedule(name, Some(now + ANSWER_WITHIN));
        }
    }

    /// Whose question it was, which is over now.
    pub(super) fn answered(&mut self, question: ClientTx) -> Option<PhoneName> {
        self.questions.remove(&question)
    }

    /// How many questions have a transaction still.
    pub(super) fn questions(&self) -> usize {
        self.questions.len()
    }

    /// The wall clock was set: what was read from it before is moved along.
    pub(super) fn shift_dates(&mut self, jump_us: i64) {
        for phone in self.known.values_mut() {
            phone.since = Timestamp(phone.since.0.saturating_add(jump_us));
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.agenda.first().map(|(due, _)| *due)
    }

    fn schedule(&mut self, name: &PhoneName, due: Option<Instant>) {
        let Some(phone) = self.known.get_mut(name) else {
            return;
        };
        if let Some(old) = std::mem::replace(&mut phone.due, due) {
            self.agenda.remove(&(old, name.clone()));
        }
        if let Some(due) = due {
            self.agenda.insert((due, name.clone()));
        }
    }
}
