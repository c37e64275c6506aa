//! INVITE with Replaces (RFC 3891): an agent takes a call over at another phone of theirs.
//!
//! Whose dialog it is decides: an agent's own only, proved by the agent's password. A carrier, and
//! whoever else, is told nothing of any dialog.

use super::Switch;
use super::route::Caller;
use crate::call::event::Outcome;
use crate::call::media::MediaLeg;
use crate::call::{DialogName, Hop, Named, Refusal, Successor};
use crate::id::CallId;
use crate::rules::Moment;
use crate::sip::endpoint::ServerTx;
use crate::sip::{Replaces, Request, StatusCode};

/// RFC 3261 §21.6.2: the dialog is over.
const DECLINE: StatusCode = StatusCode::new(603);

impl Switch {
    /// The refusal of an INVITE that wants a dialog's place; `None` if it is no such INVITE. With
    /// `Ok`, it has that place.
    pub(super) fn replace_wanted(
        &mut self,
        tx: ServerTx,
        request: &Request,
        hop: &Hop,
        caller: &Caller,
        now: Moment,
    ) -> Option<Result<(), Refusal>> {
        let outcome = match Replaces::of(&request.headers) {
            Ok(None) => return None,
            Ok(Some(replaces)) => self.replace(tx, request, hop, caller, &replaces, now),
            Err(_) => Err(StatusCode::BAD_REQUEST),
        };
        Some(outcome.map_err(|status| Refusal {
            status,
            outcome: Outcome::Refused,
            headers: Vec::new(),
            reason: Some("a call was not to be taken over".to_owned()),
        }))
    }

    fn replace(
        &mut self,
        tx: ServerTx,
        request: &Request,
        hop: &Hop,
        caller: &Caller,
        replaces: &Replaces,
        now: Moment,
    ) -> Result<(), StatusCode> {
        let Caller::Agent(agent, _) = caller else {
            return Err(StatusCode::FORBIDDEN);
        };
        let unknown = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
        let (id, leg) = self.dialog_named(replaces).ok_or(unknown)?;
        let call = &self.calls.get(&id).ok_or(unknown)?.call;
        let named = call.names(leg, &replaces.from_tag);
        if named == Named::Nothing {
            return Err(unknown);
        }
        if call.agent_on(leg) != Some(agent) {
            return Err(StatusCode::FORBIDDEN);
        }
        match named {
            Named::Nothing | Named::EarlyOfPeer => return Err(unknown),
            Named::Ended => return Err(DECLINE),
            Named::Confirmed if replaces.early_only => return Err(StatusCode::BUSY_HERE),
            Named::Early | Named::Confirmed => {}
        }
        // What the leg has still to say is said under its own name.
        self.drain(id, now);
        let former = self.mint_leg();
        let successor = Successor {
            tx,
            request: request.clone(),
            hop: hop.clone(),
            srtp: self.settings.srtp.of_agent(agent),
            former,
        };
        let entrant = self.calls.get_mut(&id).ok_or(unknown)?;
        let span = entrant.call.span().clone();
        span.in_scope(|| entrant.call.succeed(leg, &successor, agent, now))?;
        self.rename_leg(id, leg, former);
        self.touched.push(id);
        Ok(())
    }

    fn dialog_named(&self, replaces: &Replaces) -> Option<(CallId, MediaLeg)> {
        let name = DialogName {
            call_id: replaces.call_id.clone(),
            tag: replaces.to_tag.clone(),
        };
        self.by_dialog.get(&name).copied()
    }

    /// Whatever was said on a leg so far belongs to its former dialog.
    fn rename_leg(&mut self, id: CallId, leg: MediaLeg, former: MediaLeg) {
        let Some(entrant) = self.calls.get_mut(&id) else {
            return;
        };
        entrant.legs.push(former);
        for name in &entrant.dialogs {
            if let Some((_, own)) = self.by_dialog.get_mut(name).filter(|(_, own)| *own == leg) {
                *own = former;
            }
        }
        for tx in &entrant.requests {
            if let Some((_, own, _)) = self
                .by_request
                .get_mut(tx)
                .filter(|(_, own, _)| *own == leg)
            {
                *own = former;
            }
        }
        if let Some(sent) = self.invites_sent.remove(&leg) {
            self.invites_sent.insert(former, sent);
        }
    }
}
