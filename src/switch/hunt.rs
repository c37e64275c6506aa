//! Brings waiting callers and ready agents together.

use std::sync::Arc;

use super::phones::PhoneName;
use super::{LineSettings, Switch};
use crate::call::{Callee, Destination, Input as CallInput, Release};
use crate::id::{AgentId, CallId};
use crate::queue::Strategy;
use crate::rules::Moment;
use crate::sip::registrar::Binding;
use crate::sip::{Host, Uri};

impl Switch {
    /// Offers agents to whoever waits, first come, first served.
    pub(super) fn hunt(&mut self, now: Moment) {
        self.hunt_at = None;
        let waiting: Vec<_> = self
            .waiting
            .iter()
            .map(|w| (w.call, w.line.clone()))
            .collect();
        for (call, line) in waiting {
            let Some(line) = self.lines.get(&line).map(Arc::clone) else {
                continue;
            };
            self.pass_on(call, &line, now);
            let offered = self.offer_agents(call, &line, now);
            self.tell_place(call, &line, offered, now);
            self.note_retry(call, now);
        }
    }

    /// Ends an attempt that has had the shared allowance of rings, if somebody else is ready.
    fn pass_on(&mut self, call: CallId, line: &LineSettings, now: Moment) {
        let due = self
            .calls
            .get(&call)
            .is_some_and(|e| e.call.has_attempt_due(now.instant));
        // Ring-all has rung everybody who is ready anyway.
        let one_by_one = line.strategy == Strategy::LongestIdle;
        let Some(waiting) = self.waiting.entry(call).filter(|_| due && one_by_one) else {
            return;
        };
        let attempted = &waiting.attempted;
        if Strategy::has_alternative(&line.agents, &self.agents, call, attempted, now.instant) {
            self.feed(call, CallInput::PassOn, now);
            self.drain(call, now);
        }
    }

    fn offer_agents(&mut self, call: CallId, line: &LineSettings, now: Moment) -> bool {
        let Some(entrant) = self.calls.get(&call) else {
            return false;
        };
        let ringing = entrant.call.live_attempts();
        let Some(waiting) = self.waiting.entry(call) else {
            return false;
        };
        let chosen: Vec<_> = line
            .strategy
            .choose(
                &line.agents,
                &self.agents,
                call,
                &waiting.attempted,
                ringing,
                now.instant,
            )
            .into_iter()
            .cloned()
            .collect();
        let mut offered = ringing > 0;
        for agent in chosen {
            let phones = self.phones_of(&agent, now);
            if !phones.is_empty() && self.agents.claim(&agent, call) {
                offered = true;
                self.feed(call, CallInput::Offer(phones), now);
                self.drain(call, now);
            }
        }
        offered
    }

    /// A phone's user is elsewhere, and the line follows: to an agent of ours who is free, or, by
    /// the line's policy, to an outside number.
    pub(super) fn redirect(&mut self, call: CallId, by: &AgentId, number: String, now: Moment) {
        if self.leads_outside(&number) {
            return self.redirect_outside(call, by, &number, now);
        }
        let agent = AgentId(number);
        let phones = self.phones_of(&agent, now);
        if !phones.is_empty() && self.agents.claim(&agent, call) {
            self.feed(call, CallInput::Offer(phones), now);
        }
    }

    /// An agent is at an outside number: whoever answers there, the call is the agent's, who is
    /// answerable for it as for a transfer.
    fn redirect_outside(&mut self, call: CallId, by: &AgentId, number: &str, now: Moment) {
        let entrant = self.calls.get(&call);
        let line = entrant.and_then(|entrant| self.lines.get(entrant.line.as_ref()?));
        let Some(line) = line.filter(|line| line.transfer.redirects).map(Arc::clone) else {
            tracing::info!(agent = %by.0, "a phone's redirection outside is not followed");
            return;
        };
        let mut decision = self.decide_transfer(by, number, call, now);
        let way = match decision.refused {
            None => self.outside(number, &line.transfer.trunks, now),
            Some(_) => None,
        };
        if let Some(way) = &way {
            decision.trunk.clone_from(&way.trunk);
        }
        self.feed(call, CallInput::Decided(decision), now);
        if let Some(mut way) = way
            && self.agents.claim(by, call)
        {
            let as_agent = |way: &mut Destination| way.callee = Callee::Agent(by.clone());
            as_agent(&mut way);
            way.further.iter_mut().for_each(as_agent);
            self.feed(call, CallInput::Offer(vec![way]), now);
        }
    }

    /// A call that finds nobody free learns its place, once.
    fn tell_place(&mut self, call: CallId, line: &LineSettings, offered: bool, now: Moment) {
        let place = self.waiting.place(call, &line.line.id);
        let Some(waiting) = self.waiting.entry(call) else {
            return;
        };
        if !offered && !waiting.told {
            waiting.told = true;
            self.feed(call, CallInput::Queued(place), now);
        }
    }

    /// A phone that is being left alone for a while may be the only one.
    fn note_retry(&mut self, call: CallId, now: Moment) {
        let retry = self
            .waiting
            .entry(call)
            .and_then(|w| w.attempted.next_retry(now.instant));
        let rested = self.agents.next_rested(now.instant);
        self.hunt_at = [self.hunt_at, retry, rested].into_iter().flatten().min();
    }

    /// An agent is free of a call again: whoever waits may have them.
    pub(super) fn released(&mut self, call: CallId, agent: &AgentId, why: Release, now: Moment) {
        self.agents.release(agent, call, now.instant);
        if let Some(waiting) = self.waiting.entry(call)
            && why != Release::Done
        {
            waiting
                .attempted
                .note(agent, why == Release::Refused, now.instant);
        }
        self.hunt_wanted = true;
    }

    /// Where an agent's phones are now that can be rung: all that registered, else the one that is
    /// configured to be somewhere. Empty if there is none.
    pub(super) fn phones_of(&self, agent: &AgentId, now: Moment) -> Vec<Destination> {
        let is_there = |name| self.phones.is_reachable(&name);
        let registered = self.registrar.bindings(&agent.0, now.instant);
        let registered: Vec<_> = registered
            .filter(|binding| is_there(PhoneName::Registered(binding.id)))
            .map(|binding| self.phone_at(agent, binding))
            .collect();
        if !registered.is_empty() || !is_there(PhoneName::Fixed(agent.clone())) {
            return registered;
        }
        self.fixed_phone(agent).into_iter().collect()
    }

    /// A phone where it registered.
    pub(super) fn phone_at(&self, agent: &AgentId, binding: &Binding) -> Destination {
        let hop = self.hop(binding.flow);
        Destination {
            callee: Callee::Agent(agent.clone()),
            uri: binding.uri().clone(),
            to: Uri::sip(Some(&agent.0), Host::Ip(hop.advertised.ip()), None),
            hop,
            route: binding.path.clone(),
            binding: Some(binding.id),
            trunk: None,
            srtp: self.settings.srtp.of_agent(agent),
            further: Vec::new(),
        }
    }

    /// The phone of an agent that is configured to be somewhere.
    pub(super) fn fixed_phone(&self, agent: &AgentId) -> Option<Destination> {
        let contact = self.settings.agent(agent)?.contact?;
        let hop = self.way_to(contact)?;
        Some(Destination {
            callee: Callee::Agent(agent.clone()),
            uri: contact.uri(&agent.0),
            to: Uri::sip(Some(&agent.0), Host::Ip(hop.advertised.ip()), None),
            hop,
            route: Vec::new(),
            binding: None,
            trunk: None,
            srtp: self.settings.srtp.of_agent(agent),
            further: Vec::new(),
        })
    }
}
