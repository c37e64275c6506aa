//! Digest for phones: REGISTER, and every INVITE and REFER that a registered phone sends.

use std::net::SocketAddr;

use super::Switch;
use super::admit::Standing;
use crate::id::AgentId;
use crate::rules::Moment;
use crate::sip::auth::{Credentials, Verdict};
use crate::sip::endpoint::ServerTx;
use crate::sip::{Request, Response, StatusCode};

impl Switch {
    /// The account that a request proves to come from, or the challenge to answer with
    /// (RFC 3261 §22.2). Known and unknown accounts get the same.
    pub(super) fn authorise(
        &mut self,
        request: &Request,
        local: SocketAddr,
        source: SocketAddr,
        now: Moment,
    ) -> Result<String, Response> {
        let seconds = now.wall.unix_ms() / 1000;
        let Some(authenticator) = self.authenticators.get_mut(&local) else {
            return Err(request.respond(StatusCode::FORBIDDEN));
        };
        let agents = &self.settings.agents;
        let lookup = |user: &str| {
            let agent = agents.iter().find(|agent| agent.id.0 == user)?;
            agent.password.clone().map(Credentials::new)
        };
        match authenticator.verify(request, source, lookup, seconds) {
            Verdict::Accepted { user } => Ok(user),
            verdict @ (Verdict::Stale | Verdict::Missing | Verdict::Rejected) => {
                Err(authenticator.unauthorized(request, &verdict, source, seconds))
            }
        }
    }

    /// Registers, refreshes or removes a phone.
    pub(super) fn register(
        &mut self,
        tx: ServerTx,
        request: &Request,
        local: SocketAddr,
        source: SocketAddr,
        now: Moment,
    ) {
        let user = match self.vouched.take() {
            Some(user) => Ok(user),
            None => self.authorise(request, local, source, now),
        };
        let response = match user {
            // One may register oneself only (RFC 3261 §10.3 step 3).
            Ok(user) if request.to_addr().uri.user_unescaped().as_deref() == Some(&user) => self
                .registrar
                .register(request, &user, local, source, now.instant),
            Ok(_) => request.respond(StatusCode::FORBIDDEN),
            Err(challenge) => challenge,
        };
        self.endpoint.respond(tx, response, now.instant);
    }

    /// Whether a request from `source` that costs or moves a call must prove itself: knowing a
    /// dialog's tags is not enough for that.
    pub(super) fn must_prove_from(&self, source: SocketAddr, now: Moment) -> bool {
        match self.standing(source, now) {
            Standing::Phone(agent) => self.must_prove(&agent),
            Standing::Trunk(_) => false,
            Standing::Stranger => true,
        }
    }

    /// Whether the agent's phone must prove itself: one at a configured address need not.
    pub(super) fn must_prove(&self, agent: &AgentId) -> bool {
        self.settings
            .agent(agent)
            .is_some_and(|agent| agent.contact.is_none())
    }
}
