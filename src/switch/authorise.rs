//! Digest for phones: REGISTER, and every call and transfer that a registered phone asks for.

use super::Switch;
use super::admit::Standing;
use crate::call::media::MediaLeg;
use crate::id::CallId;
use crate::rules::Moment;
use crate::sip::auth::{Credentials, Verdict};
use crate::sip::endpoint::ServerTx;
use crate::sip::{Flow, Method, Request, Response, StatusCode};

impl Switch {
    /// The account that a request proves to come from, or the challenge to answer with
    /// (RFC 3261 §22.2). Known and unknown accounts get the same.
    pub(super) fn authorise(
        &mut self,
        request: &Request,
        flow: Flow,
        now: Moment,
    ) -> Result<String, Response> {
        let seconds = now.wall.unix_ms() / 1000;
        let Some(authenticator) = self.authenticators.get_mut(&(flow.transport, flow.local)) else {
            return Err(request.respond(StatusCode::FORBIDDEN));
        };
        let agents = &self.settings.agents;
        let lookup = |user: &str| {
            let agent = agents.iter().find(|agent| agent.id.0 == user)?;
            agent.password.clone().map(Credentials::new)
        };
        match authenticator.verify(request, flow.peer, lookup, seconds) {
            Verdict::Accepted { user } => Ok(user),
            verdict @ (Verdict::Stale | Verdict::Missing | Verdict::Rejected) => {
                Err(authenticator.unauthorized(request, &verdict, flow.peer, seconds))
            }
        }
    }

    /// Registers, refreshes or removes a phone.
    pub(super) fn register(&mut self, tx: ServerTx, request: &Request, flow: Flow, now: Moment) {
        let user = match self.vouched.take() {
            Some(user) => Ok(user),
            None => self.authorise(request, flow, now),
        };
        let response = match user {
            // One may register oneself only (RFC 3261 §10.3 step 3).
            Ok(user) if request.to_addr().uri.user_unescaped().as_deref() == Some(&user) => {
                self.registrar.register(request, &user, flow, now.instant)
            }
            Ok(_) => request.respond(StatusCode::FORBIDDEN),
            Err(challenge) => challenge,
        };
        self.endpoint.respond(tx, response, now.instant);
    }

    /// Whether a request within a dialog may be heard: one from the peer's own address, unless it
    /// moves the call; anything else only from the agent whose leg it is. Knowing a dialog's tags
    /// is not enough to end or to redirect a call.
    pub(super) fn vouch_within(
        &mut self,
        request: &Request,
        (call, leg): (CallId, MediaLeg),
        flow: Flow,
        now: Moment,
    ) -> Result<(), Response> {
        let Some(entrant) = self.calls.get(&call) else {
            return Ok(());
        };
        let agent = entrant.call.agent_on(leg).cloned();
        let is_there = entrant
            .call
            .peer_of(leg)
            .is_some_and(|peer| peer.ip() == flow.peer.ip());
        let trunk = entrant.trunk.clone().filter(|_| agent.is_none());
        let is_trusted = match self.standing(flow, now) {
            Standing::Fixed(phone) => is_there || agent.as_ref() == Some(&phone),
            Standing::Trunk(from) => is_there || trunk == Some(from),
            Standing::Phone | Standing::Stranger => is_there && request.method != Method::REFER,
        };
        if is_trusted {
            return Ok(());
        }
        let user = self.authorise(request, flow, now)?;
        if agent.is_some_and(|agent| agent.0 == user) {
            Ok(())
        } else {
            Err(request.respond(StatusCode::FORBIDDEN))
        }
    }
}
