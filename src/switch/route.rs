//! A request, to whom it concerns: a call's dialog, the registrar, or a line.

use super::admit::Standing;
use super::outbound::{Dialled, Dialler};
use super::{Entrant, Switch};
use crate::call::event::{Origin, Outcome, TransferResult};
use crate::call::{Arrival, Call, Callee, DialogName, Hop, Identity, Input as CallInput, Refusal};
use crate::id::{AgentId, CallId, TrunkId};
use crate::rules::Moment;
use crate::sip::endpoint::ServerTx;
use crate::sip::inspect::{SESSION_TYPE, allow, inspect, supported};
use crate::sip::{Flow, Method, Request, Response, StatusCode};
use rand::Rng;

impl Switch {
    pub(super) fn request(&mut self, tx: ServerTx, request: Request, flow: Flow, now: Moment) {
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
        let refusal = self.refusal(unfit);
        let hop = self.hop(flow);
        self.arrive(tx, request, hop, caller, refusal, now);
    }

    /// An address is proof enough to call a colleague, not to run up a bill.
    fn must_prove(&self, agent: &AgentId, request: &Request) -> bool {
        let has_password = self
            .settings
            .agent(agent)
            .is_some_and(|agent| agent.password.is_some());
        has_password && self.leads_outside(&dialled(request))
    }

    fn refusal(&self, unfit: Option<Response>) -> Option<Refusal> {
        if self.draining {
            return Some(Refusal {
                status: StatusCode::SERVICE_UNAVAILABLE,
                outcome: Outcome::Refused,
                headers: Vec::new(),
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
        let number = dialled(&request);
        let id = CallId::mint(now.wall, &mut self.rng);
        let (origin, trunk, dialler, identity) = match caller {
            Caller::Trunk(trunk) => {
                let identity = Identity::of(&request.from_addr());
                (Origin::External, Some(trunk), None, identity)
            }
            // Who a phone says to be does not matter: it is whose password it knows.
            Caller::Agent(agent, is_proven) => {
                let identity = Identity {
                    number: Some(agent.0.clone()),
                    name: None,
                };
                let dialler = Dialler {
                    consult_of: self.consulting(&agent),
                    agent,
                    is_proven,
                };
                (Origin::Internal, None, Some(dialler), identity)
            }
        };
        let Dialled {
            shown,
            habits,
            line,
            errand,
            refusal: unreachable,
        } = match &dialler {
            Some(dialler) => {
                self.agents.engage(&dialler.agent, id);
                self.dialled_by(dialler, number, id, refusal.is_some(), now)
            }
            None => self.line_dialled(number),
        };
        self.arrivals += 1;
        let arrival = Arrival {
            id,
            tx,
            hop,
            dialled: shown,
            line: habits,
            errand,
            author: dialler.as_ref().map(|dialler| dialler.agent.clone()),
            consult_of: dialler.as_ref().and_then(|dialler| dialler.consult_of),
            origin,
            trunk: trunk.clone(),
            identity,
            place: self.settings.place,
            session_expires_s: self.settings.session_expires_s,
            refusal: refusal.or(unreachable),
            leg: self.mint_leg(),
            seed: self.rng.next_u64(),
            request,
        };
        let entrant = Entrant {
            call: Call::arrive(arrival, now),
            line,
            arrival: self.arrivals,
            trunk,
            author: dialler.map(|dialler| dialler.agent),
            invite: tx,
            dialogs: Vec::new(),
            legs: Vec::new(),
            requests: Vec::new(),
            deadline: None,
        };
        self.calls.insert(id, entrant);
        self.by_invite.insert(tx, id);
        self.touched.push(id);
    }

    /// Whom a transfer may go to: an agent of ours, or an outside number, by the line's policy.
    pub(super) fn resolve_transfer(&mut self, id: CallId, number: &str, now: Moment) {
        let line = self.calls.get(&id).and_then(|entrant| entrant.line.clone());
        let policy = line
            .and_then(|line| self.lines.get(&line))
            .map(|line| line.transfer.clone());
        let policy = policy.unwrap_or_default();
        let agent = AgentId(number.to_owned());
        let (callee, destination) = if self.agents.contains(&agent) {
            let phones = self.phones_of(&agent, now);
            let destination = match policy.agents {
                false => Err(TransferResult::Forbidden),
                true if phones.is_empty() => Err(TransferResult::Unreachable),
                true if self.agents.claim(&agent, id) => Ok(phones),
                true => Err(TransferResult::Refused),
            };
            (Callee::Agent(agent), destination)
        } else {
            let by = self
                .calls
                .get(&id)
                .and_then(|e| e.call.transferor().cloned());
            let Some(by) = by else { return };
            let decision = self.decide_transfer(&by, number, id, now);
            let destination = match decision.refused {
                Some(_) => None,
                None => self.outside_by(number, decision.trunk.as_ref()),
            };
            self.feed(id, CallInput::Decided(decision), now);
            let destination = destination.map(|outside| vec![outside]);
            let destination = destination.ok_or(TransferResult::Forbidden);
            (Callee::Number(number.to_owned()), destination)
        };
        self.feed(id, CallInput::TransferTo(callee, destination), now);
    }
}

/// Who an INVITE is from.
enum Caller {
    Trunk(TrunkId),
    /// And whether by digest.
    Agent(AgentId, bool),
}

/// The number dialled: the Request-URI's user, without visual separators and parameters.
fn dialled(request: &Request) -> String {
    let uri = &request.uri;
    uri.number()
        .or_else(|| uri.user_unescaped())
        .unwrap_or_default()
}
