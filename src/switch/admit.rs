//! Who is heard at all. Trunks are known by their address, phones by where they registered;
//! anyone else is refused before anything is allocated.

use super::{Output, Switch};
use crate::call::DialogName;
use crate::id::{AgentId, TrunkId};
use crate::rules::Moment;
use crate::sip::endpoint::{refuse_statelessly, reply_statelessly};
use crate::sip::{Flow, Message, Method, Request, StatusCode};

/// What a source address is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// A carrier's.
    Trunk(TrunkId),
    /// A phone's that is configured to be there: the address is its proof.
    Fixed(AgentId),
    /// A phone's that registered from there; it proves itself by digest.
    Phone,
    /// Nobody's.
    Stranger,
}

impl Switch {
    pub(super) fn standing(&self, flow: Flow, now: Moment) -> Standing {
        let fixed = self
            .settings
            .agents
            .iter()
            .find(|agent| agent.contact.is_some_and(|contact| contact.is_at(flow)));
        if let Some(agent) = fixed {
            return Standing::Fixed(agent.id.clone());
        }
        if self.registrar.user_at(flow.peer, now.instant).is_some() {
            return Standing::Phone;
        }
        match self.trunk_on(flow) {
            Some(trunk) => Standing::Trunk(trunk.clone()),
            None => Standing::Stranger,
        }
    }

    /// Lets a datagram in, or refuses it without remembering anything.
    pub(super) fn admit(&mut self, bytes: &[u8], flow: Flow, now: Moment) {
        self.vouched = None;
        if self.standing(flow, now) == Standing::Stranger {
            match Message::parse_by(flow.transport, bytes) {
                Ok(Message::Request(request)) => {
                    if !self.admit_stranger(&request, flow, now) {
                        return;
                    }
                }
                Ok(Message::Response(_)) => {}
                Err(_) => {
                    self.strangers_refused += 1;
                    return;
                }
            }
        }
        self.endpoint.handle_message(bytes, flow, now.instant);
    }

    /// A stranger may register with the right password, and speak in a dialog that it knows the
    /// tags of. Everything else is refused.
    fn admit_stranger(&mut self, request: &Request, flow: Flow, now: Moment) -> bool {
        let tag = request.to_addr().tag().map(str::to_owned);
        if let Some(tag) = tag {
            let call_id = request.call_id();
            if self.by_dialog.contains_key(&DialogName { call_id, tag }) {
                return true;
            }
        }
        if request.method == Method::REGISTER {
            match self.authorise(request, flow, now) {
                Ok(user) => {
                    self.vouched = Some(user);
                    return true;
                }
                Err(challenge) => {
                    let refusal = reply_statelessly(request, challenge, flow);
                    self.outputs.push_back(Output::Transmit(refusal));
                    return false;
                }
            }
        }
        self.strangers_refused += 1;
        let refusal = refuse_statelessly(request, StatusCode::FORBIDDEN, flow);
        self.outputs.extend(refusal.map(Output::Transmit));
        false
    }
}
