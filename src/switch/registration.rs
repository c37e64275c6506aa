//! Phones that come and go, and what outlives a restart of them.
//!
//! Registrations live by the monotonic clock. What is kept carries dates, and is written again
//! when the wall clock was set, so that it is right by the clock that the next start will read.

use std::time::Duration;

use super::phones::PhoneName;
use super::probe::can_be_connected_to;
use super::{AgentSettings, ListenerSettings, Output, Switch};
use crate::id::AgentId;
use crate::queue::Reach;
use crate::rules::{Moment, Timestamp};
use crate::sip::registrar::{Binding, BindingId, Change, ChangeKind};
use crate::sip::{Flow, Headers, NameAddr, Target, Transport};

/// A difference between the clocks' steps that no slow correction makes.
const CLOCK_WAS_SET: Duration = Duration::from_secs(1);

/// A phone's registration in plain words, as a table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBinding {
    /// Whose phone.
    pub agent: AgentId,
    /// Its contact, with its parameters.
    pub contact: String,
    /// The proxies on the way to it, as one header's value; empty if there are none.
    pub path: String,
    /// Over what it registered: `UDP`, `TCP`, `TLS`.
    pub transport: String,
    /// Our socket that it registered at.
    pub local: String,
    /// Where it registered from.
    pub peer: String,
    /// An address is translated between us.
    pub is_behind_nat: bool,
    /// The Call-ID of its last REGISTER.
    pub call_id: String,
    /// The number of its last REGISTER.
    pub cseq: u32,
    /// The device, where it names itself.
    pub instance: Option<String>,
    /// What it says to be.
    pub user_agent: Option<String>,
    /// Since when it is where it is.
    pub registered_at: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// Whether it answers.
    pub is_reachable: bool,
}

/// All registrations of one agent, in the place of whatever was kept before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBindings {
    /// Whose.
    pub agent: AgentId,
    /// What is registered now.
    pub bindings: Vec<KeptBinding>,
    /// A phone came, moved or left. Otherwise it is as good to keep it a little later.
    pub is_news: bool,
}

impl Switch {
    pub(super) fn registration(&mut self, change: Change, now: Moment) {
        let agent = AgentId(change.user);
        let name = PhoneName::Registered(change.binding);
        self.acquaintance_changed |= change.kind != ChangeKind::Refreshed;
        match change.kind {
            ChangeKind::Registered => {
                let interval = self
                    .binding_of(&agent, change.binding, now)
                    .and_then(|binding| self.probe_interval(binding));
                let due = self.spread(interval, now);
                self.phones.add(&name, agent.clone(), now.wall, true, due);
                tracing::info!(agent = %agent, "a phone registered");
            }
            ChangeKind::Refreshed if self.phones.is_reachable(&name) => {}
            ChangeKind::Refreshed => self.phone_heard(&name, now),
            ChangeKind::Removed | ChangeKind::Expired => {
                self.phones.remove(&name);
                tracing::info!(agent = %agent, reason = ?change.kind, "a phone is gone");
            }
        }
        self.keep_bindings(&agent, change.kind != ChangeKind::Refreshed);
        self.note_reach(&agent, now);
    }

    /// Derives anew whether an agent can be rung.
    pub(super) fn note_reach(&mut self, agent: &AgentId, now: Moment) {
        let reach = if !self.phones_of(agent, now).is_empty() {
            Reach::Reachable
        } else if self.registrar.bindings(&agent.0, now.instant).count() > 0
            || self.fixed_phone(agent).is_some()
        {
            Reach::Silent
        } else {
            Reach::Absent
        };
        let had_phone = self.agents.has_phone(agent);
        self.agents.set_reach(agent, reach);
        match (had_phone, reach) {
            (true, Reach::Absent) => {
                let patience = self.settings.desk.absent_after;
                let until = patience.map(|patience| now.instant + patience);
                self.agents.miss_phone(agent, until);
            }
            (false, Reach::Absent) => {}
            (_, Reach::Silent | Reach::Reachable) => self.agents.miss_phone(agent, None),
        }
        self.hunt_wanted |= reach == Reach::Reachable;
    }

    /// Finds the phones that are configured to be somewhere; those that are to be probed are asked
    /// for the first time within the first interval.
    pub(super) fn place_fixed_phones(&mut self, now: Moment) {
        let fixed: Vec<_> = self.fixed.values().flatten().cloned().collect();
        for (_, agent) in fixed {
            self.place_fixed_phone(&agent, now);
            self.note_reach(&agent, now);
        }
    }

    /// The phone of an agent that is configured to be somewhere is asked from now on, if it is to
    /// be.
    pub(super) fn place_fixed_phone(&mut self, agent: &AgentId, now: Moment) {
        let probe = self.settings.phones.probe;
        let agent = self.settings.agent(agent);
        let is_probed = |agent: &&AgentSettings| agent.probe && agent.contact.is_some();
        if let Some(agent) = agent.filter(is_probed).filter(|_| !probe.is_zero()) {
            let agent = agent.id.clone();
            let due = self.spread(Some(probe), now);
            let name = PhoneName::Fixed(agent.clone());
            self.phones.add(&name, agent, now.wall, true, due);
        }
    }

    /// A registration by its name.
    pub(super) fn binding(&self, id: BindingId, now: Moment) -> Option<&Binding> {
        let phone = self.phones.get(&PhoneName::Registered(id))?;
        self.binding_of(&phone.agent, id, now)
    }

    fn binding_of(&self, agent: &AgentId, id: BindingId, now: Moment) -> Option<&Binding> {
        let mut bindings = self.registrar.bindings(&agent.0, now.instant);
        bindings.find(|binding| binding.id == id)
    }

    /// Notes that what is kept of an agent's phones is to be written.
    pub(super) fn keep_bindings(&mut self, agent: &AgentId, is_news: bool) {
        let noted = self.unkept.entry(agent.clone()).or_default();
        *noted |= is_news;
    }

    /// Gives out what is to be kept, once for each agent however much has changed.
    pub(super) fn give_bindings(&mut self, now: Moment) {
        while let Some((agent, is_news)) = self.unkept.pop_first() {
            let bindings = self.registrar.bindings(&agent.0, now.instant);
            let bindings = bindings.map(|binding| self.kept(&agent, binding, now));
            self.outputs.push_back(Output::Bindings(KeptBindings {
                bindings: bindings.collect(),
                agent,
                is_news,
            }));
        }
    }

    fn kept(&self, agent: &AgentId, binding: &Binding, now: Moment) -> KeptBinding {
        let phone = self.phones.get(&PhoneName::Registered(binding.id));
        let path: Vec<_> = binding.path.iter().map(ToString::to_string).collect();
        let left = binding.expires_at.saturating_duration_since(now.instant);
        KeptBinding {
            agent: agent.clone(),
            contact: binding.contact.to_string(),
            path: path.join(", "),
            transport: binding.flow.transport.to_string(),
            local: binding.flow.local.to_string(),
            peer: binding.flow.peer.to_string(),
            is_behind_nat: binding.is_behind_nat,
            call_id: binding.call_id.clone(),
            cseq: binding.cseq,
            instance: binding.instance().map(str::to_owned),
            user_agent: binding.user_agent.clone(),
            registered_at: phone.map_or(now.wall, |phone| phone.since),
            expires_at: now.wall.plus(left),
            is_reachable: phone.is_none_or(|phone| phone.is_reachable),
        }
    }

    /// Takes over what was kept before a restart. Whoever is not ours any more, and what cannot be
    /// read, is forgotten.
    pub(super) fn restore(&mut self, kept: Vec<KeptBinding>, now: Moment) {
        for one in kept {
            let agent = one.agent.clone();
            let is_ours = self
                .settings
                .agent(&agent)
                .is_some_and(|a| a.password.is_some());
            match self.binding_from(&one, now).filter(|_| is_ours) {
                Some(binding) if self.has_registered(&agent, &binding, now) => {}
                Some(binding) => {
                    // What is kept of an agent is kept together.
                    if self
                        .registrar
                        .bindings(&agent.0, now.instant)
                        .next()
                        .is_some()
                    {
                        self.keep_bindings(&agent, false);
                    }
                    self.restore_binding(&agent, binding, &one, now);
                }
                None => self.keep_bindings(&agent, true),
            }
            self.note_reach(&agent, now);
        }
    }

    /// Whether that phone has registered anew since the start: what it says now counts.
    fn has_registered(&self, agent: &AgentId, kept: &Binding, now: Moment) -> bool {
        let mut live = self.registrar.bindings(&agent.0, now.instant);
        live.any(|live| {
            let is_same = live.instance().is_some() && live.instance() == kept.instance();
            is_same || live.contact.uri == kept.contact.uri
        })
    }

    fn restore_binding(
        &mut self,
        agent: &AgentId,
        binding: Binding,
        kept: &KeptBinding,
        now: Moment,
    ) {
        let flow = binding.flow;
        // The connection that it came by has ended with the process that held it.
        let has_way =
            flow.transport == Transport::Udp || can_be_connected_to(&binding.contact, flow);
        let interval = self.probe_interval(&binding).filter(|_| has_way);
        let due = self.spread(interval, now);
        let name = PhoneName::Registered(self.registrar.restore(&agent.0, binding));
        self.acquaintance_changed = true;
        self.phones
            .add(&name, agent.clone(), kept.registered_at, true, due);
        if !kept.is_reachable || !has_way {
            // It may have come back while nobody asked.
            let ask = has_way.then_some(now.instant);
            self.phones.fell_silent(&name, ask);
        }
    }

    fn binding_from(&self, kept: &KeptBinding, now: Moment) -> Option<Binding> {
        let left_us = kept.expires_at.unix_us() - now.wall.unix_us();
        let left = Duration::from_micros(u64::try_from(left_us).ok().filter(|left| *left > 0)?);
        // A clock that was set back must not keep a phone for longer than any registration lasts.
        let longest = Duration::from_secs(self.settings.phones.register_max_s.into());
        let contact: NameAddr = kept.contact.parse().ok()?;
        let mut path = Headers::new();
        path.push("Route", &kept.path);
        Some(Binding {
            id: BindingId::default(),
            flow: self.flow_from(kept, &contact)?,
            contact,
            path: path.routes(),
            is_behind_nat: kept.is_behind_nat,
            user_agent: kept.user_agent.clone(),
            refreshed_at: now.instant,
            expires_at: now.instant + left.min(longest),
            call_id: kept.call_id.clone(),
            cseq: kept.cseq,
        })
    }

    /// The way it came by; by another socket of ours if that one is not configured any more, and
    /// to its own port if it had a connection and can be connected to.
    fn flow_from(&self, kept: &KeptBinding, contact: &NameAddr) -> Option<Flow> {
        let flow = Flow {
            transport: kept.transport.parse().ok()?,
            local: kept.local.parse().ok()?,
            peer: kept.peer.parse().ok()?,
        };
        let mut to = Target {
            transport: Some(flow.transport),
            address: flow.peer,
        };
        if can_be_connected_to(contact, flow) {
            let port = contact.uri.port.unwrap_or(flow.transport.default_port());
            to.address.set_port(port);
        }
        let mut listeners = self.settings.listeners.iter();
        let is_ours = |listener: &ListenerSettings| {
            (listener.transport, listener.address) == (flow.transport, flow.local)
        };
        if listeners.any(is_ours) {
            let peer = to.address;
            return Some(Flow { peer, ..flow });
        }
        self.settings.flow_to(to)
    }

    /// Notices that the wall clock was set: the dates that are kept are wrong by now.
    pub(super) fn watch_clock(&mut self, now: Moment) {
        let passed = i64::try_from(now.us_since(self.clocks)).unwrap_or(i64::MAX);
        let shown = now
            .wall
            .unix_us()
            .saturating_sub(self.clocks.wall.unix_us());
        let jump_us = shown.saturating_sub(passed);
        if u128::from(jump_us.unsigned_abs()) < CLOCK_WAS_SET.as_micros() {
            return;
        }
        tracing::warn!(jump_us, "the wall clock was set");
        self.clocks = now;
        self.phones.shift_dates(jump_us);
        let agents: Vec<_> = self.settings.agents.iter().map(|a| a.id.clone()).collect();
        for agent in agents {
            if self.registrar.bindings(&agent.0, now.instant).count() > 0 {
                self.keep_bindings(&agent, true);
            }
        }
    }
}
