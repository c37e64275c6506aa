//! Digest for phones: REGISTER, and every call and transfer that a registered phone asks for.

use super::Switch;
use super::admit::Standing;
use super::ban::Whose;
use super::refusal::Reason;
use super::source::Source;
use crate::call::media::MediaLeg;
use crate::id::{AgentId, CallId};
use crate::rules::Moment;
use crate::sip::auth::{Attempt, Verdict};
use crate::sip::endpoint::ServerTx;
use crate::sip::{Flow, Method, Refer, Request, Response, StatusCode};

impl Switch {
    /// The account that a request proves to come from, or the challenge to answer with
    /// (RFC 3261 §22.2). Known and unknown accounts get the same, whatever the reason, and the
    /// same is computed for both. Who fails too often is not even tried any more, see
    /// [`ban`](super::ban).
    pub(super) fn authorise(
        &mut self,
        request: &Request,
        flow: Flow,
        now: Moment,
    ) -> Result<String, Response> {
        let seconds = now.wall.unix_ms() / 1000;
        let source = Source::of(flow.peer.ip());
        let whose = match self.standing(flow, now) {
            Standing::Phone => Whose::Phone(flow.peer),
            Standing::Trunk(_) | Standing::Fixed(_) | Standing::Stranger => Whose::Source(source),
        };
        // A connection is proof that the peer is where it says to be.
        let is_connected = flow.transport.is_reliable();
        let Some(authenticator) = self.authenticators.get_mut(&(flow.transport, flow.local)) else {
            return Err(request.respond(StatusCode::FORBIDDEN));
        };
        let (bans, passwords) = (&mut self.bans, &self.passwords);
        let lookup = |attempt: &Attempt| {
            let is_proven = attempt.is_proven || is_connected;
            let found = passwords.get(&attempt.user).cloned();
            let may = bans.may_try(whose, source, &attempt.user, is_proven, now.instant);
            found.filter(|_| may)
        };
        let verdict = authenticator.verify(request, flow.peer, lookup, seconds);
        let refusal = match &verdict {
            Verdict::Accepted { user } => {
                self.bans.succeeded(source, user);
                return Ok(user.clone());
            }
            Verdict::Stale | Verdict::Missing | Verdict::Unusable | Verdict::Rejected(_) => {
                authenticator.unauthorized(request, &verdict, flow.peer, seconds)
            }
        };
        match verdict {
            Verdict::Rejected(attempt) => {
                self.refusals.count(Reason::Unauthorized);
                let is_proven = attempt.is_proven || is_connected;
                let may_ban = self.may_ban(flow.peer.ip());
                let user = &attempt.user;
                if self
                    .bans
                    .failed(whose, user, is_proven, may_ban, now.instant)
                {
                    self.acquaintance_changed = true;
                    tracing::info!(%source, "banned: too many wrong passwords");
                }
            }
            Verdict::Unusable => self.refusals.count(Reason::Unauthorized),
            Verdict::Accepted { .. } | Verdict::Stale | Verdict::Missing => {}
        }
        Err(refusal)
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
        let call = &entrant.call;
        let may_cost =
            (call.has_called_out(leg) || call.is_turned()) && self.passes_on_outside(request);
        let must_prove = may_cost && agent.as_ref().is_some_and(|agent| self.has_password(agent));
        let is_trusted = match self.standing(flow, now) {
            Standing::Fixed(_) if must_prove => false,
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

    /// Passing a customer on outside runs up a bill, as a call out does. Whoever is joined with a
    /// colleague (Replaces) is on the phone already.
    fn passes_on_outside(&self, request: &Request) -> bool {
        let refer = Refer::of(request).ok();
        let refer =
            refer.filter(|refer| request.method == Method::REFER && refer.replaces.is_none());
        let number = refer.and_then(|refer| refer.number());
        number.is_some_and(|number| !self.agents.contains(&AgentId(number)))
    }
}
