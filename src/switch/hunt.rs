//! Brings waiting callers and ready agents together.

use std::sync::Arc;

use super::Switch;
use super::phones::PhoneName;
use crate::call::{Callee, Destination, Input as CallInput, Release};
use crate::id::{AgentId, CallId};
use crate::queue::Heard;
use crate::rules::Moment;
use crate::sip::registrar::Binding;
use crate::sip::{Host, Uri};

impl Switch {
    /// Offers agents to whoever waits, by urgency, then first come, first served.
    pub(super) fn hunt(&mut self, now: Moment) {
        self.hunt_at = self.agents.next_rested(now.instant);
        let waiting: Vec<_> = self.waiting.calls().map(|waiting| waiting.call).collect();
        for call in waiting {
            self.pass_on(call, now);
            let offered = self.offer_agents(call, now);
            self.tell_place(call, offered, now);
            self.note_retry(call, now);
        }
    }

    /// What a caller who waits has heard.
    fn heard(&self, call: CallId) -> Option<Heard> {
        let entrant = self.calls.get(&call)?;
        let line = entrant.call.line()?;
        Some(Heard {
            live: entrant.call.live_attempts(),
            rings_since: entrant.call.rings_since(),
            ring: line.cadence.period(),
        })
    }

    /// Ends an attempt that has had the shared allowance of rings, if somebody else is ready.
    fn pass_on(&mut self, call: CallId, now: Moment) {
        let due = self
            .calls
            .get(&call)
            .is_some_and(|e| e.call.has_attempt_due(now.instant));
        let (true, Some(waiting), Some(heard)) = (due, self.waiting.get(call), self.heard(call))
        else {
            return;
        };
        // Ring-all has rung everybody who is ready anyway.
        let one_by_one = self.queues.is_one_by_one(&waiting.queue);
        let agents = &self.agents;
        if one_by_one
            && self
                .queues
                .has_alternative(waiting, heard, agents, now.instant)
        {
            self.feed(call, CallInput::PassOn, now);
            self.drain(call, now);
        }
    }

    fn offer_agents(&mut self, call: CallId, now: Moment) -> bool {
        let (Some(waiting), Some(heard)) = (self.waiting.get(call), self.heard(call)) else {
            return false;
        };
        let chosen = self
            .queues
            .choose(waiting, heard, &self.agents, now.instant);
        let mut offered = heard.live > 0;
        for choice in chosen {
            let phones = self.phones_of(&choice.agent, now);
            if !phones.is_empty() && self.queues.claim(&choice, call, &mut self.agents) {
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
    fn tell_place(&mut self, call: CallId, offered: bool, now: Moment) {
        let Some(waiting) = self.waiting.entry(call).filter(|it| !offered && !it.told) else {
            return;
        };
        waiting.told = true;
        if let Some(place) = self.waiting.place(call) {
            self.feed(call, CallInput::Queued(place), now);
        }
    }

    /// A phone that is being left alone for a while may be the only one; or somebody joins later.
    fn note_retry(&mut self, call: CallId, now: Moment) {
        let (Some(waiting), Some(heard)) = (self.waiting.get(call), self.heard(call)) else {
            return;
        };
        let retry = waiting.attempted.next_retry(now.instant);
        let step = self.queues.next_step(waiting, heard, now.instant);
        self.hunt_at = [self.hunt_at, retry, step].into_iter().flatten().min();
    }

    /// An agent has answered: a customer, or beside somebody who has.
    pub(super) fn answered(&mut self, call: CallId, agent: &AgentId, now: Moment) {
        let entrant = self.calls.get(&call);
        if entrant.is_none_or(|entrant| entrant.call.is_one_more_of(agent)) {
            self.agents.answered(agent, call, now.instant);
        } else {
            self.agents.joined(agent, call, now.instant);
        }
    }

    /// An agent is free of a call again: whoever waits may have them.
    pub(super) fn released(&mut self, call: CallId, agent: &AgentId, why: Release, now: Moment) {
        let talked_since = self.agents.release(agent, call, now.instant);
        let served = self.calls.get(&call).map(|entrant| &entrant.call);
        let was_beside = served.is_some_and(|call| call.is_beside(agent));
        let can_be_missed = served.is_none_or(|call| call.can_be_missed(agent));
        if let Some(since) = talked_since.filter(|_| !was_beside) {
            self.talked(call, agent, since, now);
        }
        if let Some(waiting) = self.waiting.entry(call)
            && why != Release::Done
        {
            waiting
                .attempted
                .note(agent, why == Release::Refused, now.instant);
        }
        if why == Release::RingNoAnswer && can_be_missed {
            self.missed(call, agent);
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
