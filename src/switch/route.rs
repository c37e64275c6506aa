//! A request, to whom it concerns: a call's dialog, the registrar, or a line.

use super::admit::Standing;
use super::outbound::{Dialled, Dialler};
use super::trunk::Excess;
use super::{DialledFrom, Entrant, Switch, TransferPolicy, dialled, nuisance};
use crate::call::command::PassTo;
use crate::call::event::{Origin, Outcome, TransferResult};
use crate::call::{Arrival, Call, Callee, DialogName, Hop, Identity, Input as CallInput, Refusal};
use crate::id::{AgentId, CallId, TrunkId};
use crate::rules::Moment;
use crate::sdp::SrtpPolicy;
use crate::sip::diversion::diversions;
use crate::sip::endpoint::ServerTx;
use crate::sip::identity::caller_id;
use crate::sip::inspect::{SESSION_TYPE, allow, inspect, supported};
use crate::sip::{Flow, Method, Request, Response, StatusCode};
use rand::Rng;

impl Switch {
    pub(super) fn request(&mut self, tx: ServerTx, request: Request, flow: Flow, now: Moment) {
        if request.method != Method::INVITE && request.headers.has("Replaces") {
            let refusal = request.respond(StatusCode::BAD_REQUEST); // RFC 3891 §3
            return self.endpoint.respond(tx, refusal, now.instant);
        }
        if let Some(tag) = request.to_addr().tag().map(str::to_owned) {
            return self.request_in_dialog(tx, request, tag, flow, now);
        }
        let unfit = inspect(&request).err().or_else(|| self.looped(&request));
        match (&request.method, unfit) {
            (&Method::INVITE, unfit) => self.invite(tx, request, flow, unfit, now),
            (_, Some(response)) => self.endpoint.respond(tx, response, now.instant),
            (&Method::REGISTER, None) => self.register(tx, &request, flow, now),
            (&Method::OPTIONS, None) => {
                let mut response = request.respond(StatusCode::OK);
                response.headers.set("Allow", allow());
                response.headers.set("Accept", SESSION_TYPE);
                response.headers.set("Supported", supported());
                self.endpoint.respond(tx, response, now.instant);
            }
            // Nobody moves a call from outside of it (RFC 3515 §5.3).
            (&Method::REFER, None) => {
                let refusal = request.respond(StatusCode::FORBIDDEN);
                self.endpoint.respond(tx, refusal, now.instant);
            }
            (&Method::NOTIFY, None) => {
                let refusal = request.respond(crate::call::unwanted(&request));
                self.endpoint.respond(tx, refusal, now.instant);
            }
            (_, None) => {
                let status = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
                self.endpoint
                    .respond(tx, request.respond(status), now.instant);
            }
        }
    }

    /// An INVITE of our own that has come back to us (RFC 3261 §8.2.2.2, §16.3 step 4).
    fn looped(&self, request: &Request) -> Option<Response> {
        let tag = request.from_addr().tag()?.to_owned();
        let call_id = request.call_id();
        let is_ours = self.by_dialog.contains_key(&DialogName { call_id, tag });
        is_ours.then(|| request.respond(StatusCode::LOOP_DETECTED))
    }

    fn request_in_dialog(
        &mut self,
        tx: ServerTx,
        request: Request,
        tag: String,
        flow: Flow,
        now: Moment,
    ) {
        let name = DialogName {
            call_id: request.call_id(),
            tag,
        };
        let Some((call, leg)) = self.by_dialog.get(&name).copied() else {
            let status = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
            return self
                .endpoint
                .respond(tx, request.respond(status), now.instant);
        };
        if let Err(unfit) = inspect(&request) {
            return self.endpoint.respond(tx, unfit, now.instant);
        }
        if let Err(refusal) = self.vouch_within(&request, (call, leg), flow, now) {
            return self.endpoint.respond(tx, refusal, now.instant);
        }
        self.follow((call, leg), flow);
        self.feed(call, CallInput::Request(leg, tx, request), now);
    }

    /// An INVITE from a trunk or a phone of ours: a call, with a row, whatever becomes of it
    /// (R009). External or internal is told by whom it came from (R019).
    fn invite(
        &mut self,
        tx: ServerTx,
        request: Request,
        flow: Flow,
        unfit: Option<Response>,
        now: Moment,
    ) {
        let caller = match self.standing(flow, now) {
            Standing::Trunk(trunk) => Caller::Trunk(trunk),
            Standing::Fixed(agent) if !self.must_prove(&agent, &request) => {
                Caller::Agent(agent, false)
            }
            Standing::Fixed(_) | Standing::Phone => match self.authorise(&request, flow, now) {
                Ok(user) => Caller::Agent(AgentId(user), true),
                Err(challenge) => return self.endpoint.respond(tx, challenge, now.instant),
            },
            Standing::Stranger => {
                let refusal = request.respond(StatusCode::FORBIDDEN);
                return self.endpoint.respond(tx, refusal, now.instant);
            }
        };
        let hop = self.hop(flow);
        let refusal = match unfit {
            // Who takes a call over makes no new one: nothing of it is refused while we drain.
            None => match self.replace_wanted(tx, &request, &hop, &caller, now) {
                Some(Ok(())) => return,
                Some(Err(refusal)) => Some(refusal),
                None => self.refusal(None),
            },
            Some(unfit) => self.refusal(Some(unfit)),
        };
        self.arrive(tx, request, hop, caller, refusal, now);
    }

    /// An address is proof enough to call a colleague, not to run up a bill or to take a call over.
    fn must_prove(&self, agent: &AgentId, request: &Request) -> bool {
        let takes_over = request.headers.has("Replaces");
        let number = dialled::user(&request.uri).unwrap_or_default();
        self.has_password(agent) && (takes_over || self.leads_outside(&number))
    }

    pub(super) fn has_password(&self, agent: &AgentId) -> bool {
        let settings = self.settings.agent(agent);
        settings.is_some_and(|agent| agent.password.is_some())
    }

    fn refusal(&self, unfit: Option<Response>) -> Option<Refusal> {
        if self.draining {
            return Some(Refusal {
                status: StatusCode::SERVICE_UNAVAILABLE,
                outcome: Outcome::Refused,
                headers: Vec::new(),
                reason: None,
            });
        }
        let unfit = unfit?;
        let told = [
            "Unsupported",
            "Accept",
            "Accept-Encoding",
            "Allow",
            "Min-SE",
        ];
        let headers = told.into_iter().filter_map(|name| {
            let value = unfit.headers.get(name)?.into_owned();
            Some((name, value))
        });
        Some(Refusal {
            status: unfit.status,
            outcome: Outcome::Refused,
            headers: headers.collect(),
            reason: None,
        })
    }

    /// What a trunk brings beyond its contract. All channels taken is 486, which concerns this call
    /// only: a carrier that hears 503 sends nothing at all for a while, although the next channel
    /// may be free at once. Too many a second is 503 with the shortest Retry-After, because that
    /// is what slows a carrier down. Either has its row (R009).
    fn excess(&mut self, trunk: &TrunkId, now: Moment) -> Option<Refusal> {
        let excess = self.trunks.get_mut(trunk)?.admit(now.instant).err()?;
        let (status, reason, headers) = match excess {
            Excess::Calls(most) => {
                let reason = format!("all {most} channels of the trunk are taken");
                (StatusCode::BUSY_HERE, reason, Vec::new())
            }
            Excess::Pace(most) => {
                let reason = format!("more than {most} calls a second by the trunk");
                let retry = vec![("Retry-After", "1".to_owned())];
                (StatusCode::SERVICE_UNAVAILABLE, reason, retry)
            }
        };
        tracing::warn!(%trunk, reason, "call refused");
        Some(Refusal {
            status,
            outcome: Outcome::Refused,
            headers,
            reason: Some(reason),
        })
    }

    fn arrive(
        &mut self,
        tx: ServerTx,
        request: Request,
        hop: Hop,
        caller: Caller,
        refusal: Option<Refusal>,
        now: Moment,
    ) {
        let id = CallId::mint(now.wall, &mut self.rng);
        let (origin, trunk, dialler, identity) = match caller {
            Caller::Trunk(trunk) => {
                let identity = Identity::from(caller_id(&request, true));
                (Origin::External, Some(trunk), None, identity)
            }
            // Who a phone says to be does not matter: it is whose password it knows.
            Caller::Agent(agent, is_proven) => {
                let identity = Identity {
                    number: Some(agent.0.clone()),
                    ..Identity::default()
                };
                let consult_of = self.consulting(&agent);
                let dialler = Dialler::at_phone(agent, is_proven, consult_of);
                (Origin::Internal, None, Some(dialler), identity)
            }
        };
        let carrier = trunk.as_ref().and_then(|trunk| self.trunks.get(trunk));
        let sources = carrier.map_or(&[DialledFrom::RequestUri][..], |carrier| {
            &carrier.settings().dialled_from
        });
        let (number, line) = self.settings.dialled(&request, sources, trunk.as_ref());
        let area_code = carrier.and_then(|carrier| carrier.settings().area_code.clone());
        let nuisance = line.as_ref().and_then(|line| line.nuisance.as_ref());
        let nuisance = nuisance.filter(|_| origin == Origin::External);
        let nuisance = nuisance.and_then(|it| it.policy_for(&identity, area_code.as_deref()));
        let refusal = refusal
            .or_else(|| self.excess(trunk.as_ref()?, now))
            .or_else(|| nuisance::refusal(nuisance?));
        let Dialled {
            shown,
            habits,
            line,
            errand,
            refusal: unreachable,
        } = match &dialler {
            Some(dialler) => {
                self.agents.engage(&dialler.agent, id, now.instant);
                self.dialled_by(dialler, number, id, refusal.is_some(), now)
            }
            None => Self::line_dialled(number, line.as_ref()),
        };
        let situation = self.situation_for(line.as_ref(), &errand, now);
        self.arrivals += 1;
        let policies = &self.settings.srtp;
        let srtp = match (&dialler, &trunk) {
            (Some(dialler), _) => policies.of_agent(&dialler.agent),
            (None, Some(trunk)) => policies.of_trunk(trunk),
            (None, None) => SrtpPolicy::Off,
        };
        let arrival = Arrival {
            id,
            tx: Some(tx),
            hop,
            dialled: shown,
            line: habits,
            errand,
            author: dialler.as_ref().map(|dialler| dialler.agent.clone()),
            consult_of: dialler.as_ref().and_then(|dialler| dialler.consult_of),
            origin,
            trunk: trunk.clone(),
            identity,
            area_code,
            diversions: match &trunk {
                Some(_) => diversions(&request),
                None => Vec::new(),
            },
            nuisance,
            situation,
            place: self.settings.place,
            session_expires_s: self.settings.session_expires_s,
            refusal: refusal.or(unreachable),
            leg: self.mint_leg(),
            seed: self.rng.next_u64(),
            key_seed: self.mint_key_seed(),
            srtp,
            request,
        };
        let entrant = Entrant {
            call: Call::arrive(arrival, now),
            line,
            arrival: self.arrivals,
            since: now.instant,
            trunk,
            author: dialler.map(|dialler| dialler.agent),
            invite: Some(tx),
            dialogs: Vec::new(),
            legs: Vec::new(),
            requests: Vec::new(),
            deadline: None,
            has_ended: false,
            is_sabotaged: false,
            tickets: Vec::new(),
            asked: None,
        };
        self.calls.insert(id, Box::new(entrant));
        self.by_invite.insert(tx, id);
        self.touched.push(id);
    }

    /// Whether a customer whom an agent has called is being passed on.
    pub(super) fn is_turned(&self, id: CallId) -> bool {
        let entrant = self.calls.get(&id);
        entrant.is_some_and(|entrant| entrant.call.is_turned())
    }

    /// Where a call may be passed on: by its line's policy. Whom an agent has called is no
    /// line's, and may be passed on inside.
    pub(super) fn transfer_policy(&self, id: CallId) -> TransferPolicy {
        let line = self
            .calls
            .get(&id)
            .and_then(|entrant| entrant.line.as_ref());
        let policy = line.and_then(|line| self.lines.get(line));
        policy.map_or_else(
            || TransferPolicy {
                agents: self.is_turned(id),
                ..TransferPolicy::default()
            },
            |line| line.transfer.clone(),
        )
    }

    /// Whoever gets the caller must be ready for one more; whoever is only asked may be disturbed.
    /// But a trainee is not asked, whom the caller would be passed on to with one more word.
    fn claim_target(&mut self, agent: &AgentId, id: CallId) -> bool {
        let entrant = self.calls.get(&id);
        if entrant.is_some_and(|entrant| entrant.call.is_to_ask()) {
            !self.agents.is_trainee(agent) && self.agents.claim_for_colleague(agent, id)
        } else {
            self.agents.claim(agent, id)
        }
    }

    /// Whom a transfer may go to: an agent of ours, or an outside number, by the line's policy.
    pub(super) fn resolve_transfer(&mut self, id: CallId, to: PassTo, now: Moment) {
        let contact = self.settings.desk.emergency_at(&to);
        let contact = contact.map(|contact| contact.name.clone());
        let is_emergency = contact.is_some();
        if let (PassTo::Number(_), Some(contact)) = (&to, contact) {
            self.feed(id, CallInput::EmergencyNumber(contact), now);
        }
        let number = &match to {
            PassTo::Line(line) => return self.resolve_line(id, line, now),
            PassTo::Agent(agent) => agent.0,
            PassTo::Number(number) => number,
        };
        let mut policy = self.transfer_policy(id);
        policy.agents |= is_emergency;
        let agent = AgentId(number.to_owned());
        let (callee, destination) = if self.agents.contains(&agent) {
            let phones = self.phones_of(&agent, now);
            let destination = match policy.agents {
                false => Err(TransferResult::Forbidden),
                true if phones.is_empty() => Err(TransferResult::Unreachable),
                true if self.claim_target(&agent, id) => Ok(phones),
                true => Err(TransferResult::Refused),
            };
            (Callee::Agent(agent), destination)
        } else {
            let by = self
                .calls
                .get(&id)
                .and_then(|e| e.call.transferor().cloned());
            let Some(by) = by else { return };
            let mut decision = self.decide_transfer(&by, number, id, now);
            let destination = if decision.refused.is_some() {
                Err(TransferResult::Forbidden)
            } else {
                let own: Vec<_> = decision.trunk.iter().cloned().collect();
                let trunks = if is_emergency {
                    self.emergency_trunks(id, number)
                } else if self.is_turned(id) {
                    own
                } else {
                    policy.trunks
                };
                let way = self.outside(number, &trunks, now);
                way.map(|way| vec![way]).ok_or(TransferResult::Unreachable)
            };
            if let Ok([way, ..]) = destination.as_deref() {
                decision.trunk.clone_from(&way.trunk);
            }
            self.feed(id, CallInput::Decided(decision), now);
            (Callee::Number(number.to_owned()), destination)
        };
        self.feed(id, CallInput::TransferTo(callee, destination), now);
    }
}

/// Who an INVITE is from.
pub(super) enum Caller {
    Trunk(TrunkId),
    /// And whether by digest.
    Agent(AgentId, bool),
}
