//! Attended transfers: which of two calls goes on, and what changes hands between them.

use super::{Output, Switch};
use crate::call::media::{MediaCommand, MediaLeg};
use crate::call::{Callee, DialogName, Input as CallInput};
use crate::id::{AgentId, CallId};
use crate::rules::Moment;
use crate::sip::{Replaces, StatusCode};

/// Two calls of one agent that are to become one.
struct Pair {
    by: AgentId,
    /// The customer's call, and the agent's leg in it.
    stays: (CallId, MediaLeg),
    /// The agent's own call, which gives its callee away.
    goes: CallId,
}

impl Switch {
    /// A REFER with Replaces: its dialog and the dialog it names are both ours (RFC 5589 §7).
    pub(super) fn attend(
        &mut self,
        referrer: CallId,
        leg: MediaLeg,
        replaces: &Replaces,
        now: Moment,
    ) {
        let joined = self
            .pair(referrer, leg, replaces)
            .and_then(|pair| self.join(pair, now));
        if let Err(status) = joined {
            self.feed(referrer, CallInput::ReferFailed(status), now);
        }
    }

    /// The two calls, if the agent is in both and may: one answered by the agent, one made.
    fn pair(
        &self,
        referrer: CallId,
        leg: MediaLeg,
        replaces: &Replaces,
    ) -> Result<Pair, StatusCode> {
        let unknown = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
        let (named, named_leg) = self.leg_named(replaces).ok_or(unknown)?;
        let first = &self.calls.get(&referrer).ok_or(unknown)?.call;
        let second = &self.calls.get(&named).ok_or(unknown)?.call;
        let by = first.agent_on(leg).cloned().ok_or(StatusCode::FORBIDDEN)?;
        if second.agent_on(named_leg) != Some(&by) || referrer == named {
            return Err(StatusCode::FORBIDDEN);
        }
        if replaces.early_only && second.is_answered() {
            return Err(StatusCode::BUSY_HERE);
        }
        let (stays, goes) = if first.talks_on(leg) && second.caller_leg() == named_leg {
            ((referrer, leg), named)
        } else if second.talks_on(named_leg) && first.caller_leg() == leg {
            if second.transferor().is_some() {
                return Err(StatusCode::REQUEST_PENDING);
            }
            ((named, named_leg), referrer)
        } else {
            // Two whom the agent has called: a customer stays, and is joined with a colleague.
            // Two outside numbers are not joined by an attended transfer, whoever pays for it.
            let two = [(referrer, leg), (named, named_leg)];
            let out = two.map(|(id, leg)| {
                let entrant = self.calls.get(&id);
                entrant.is_some_and(|entrant| entrant.call.has_called_out(leg))
            });
            match out {
                [true, false] if second.caller_leg() == named_leg => ((referrer, leg), named),
                [false, true] if first.caller_leg() == leg => ((named, named_leg), referrer),
                _ => return Err(StatusCode::NOT_ACCEPTABLE_HERE),
            }
        };
        let pair = Pair { by, stays, goes };
        self.permits(&pair)
            .then_some(pair)
            .ok_or(StatusCode::FORBIDDEN)
    }

    /// The leg whose dialog a Replaces names: its tags are as we, its recipient, know them.
    pub(super) fn leg_named(&self, replaces: &Replaces) -> Option<(CallId, MediaLeg)> {
        let name = DialogName {
            call_id: replaces.call_id.clone(),
            tag: replaces.to_tag.clone(),
        };
        let (call, leg) = self.by_dialog.get(&name).copied()?;
        let remote = self.calls.get(&call)?.call.remote_tag(leg)?;
        (remote == replaces.from_tag).then_some((call, leg))
    }

    /// The line's transfer policy, as for a blind transfer.
    fn permits(&self, pair: &Pair) -> bool {
        let line = self
            .calls
            .get(&pair.stays.0)
            .and_then(|one| one.line.as_ref());
        let policy = line.and_then(|line| self.lines.get(line));
        let callee = self
            .calls
            .get(&pair.goes)
            .and_then(|one| one.call.reaches());
        match (policy.map(|line| &line.transfer), callee) {
            (_, Some(Callee::Agent(agent))) if self.agents.is_trainee(agent) => false, // X18
            (Some(policy), Some(Callee::Agent(_))) => policy.agents,
            (Some(policy), Some(Callee::Number(number))) => {
                let mut prefixes = policy.prefixes.iter();
                prefixes.any(|prefix| number.starts_with(prefix.as_str()))
            }
            // A colleague's call is no line's: whoever took part may pass it on inside.
            (None, Some(Callee::Agent(_))) => true,
            (None, Some(Callee::Number(_))) | (_, None) => false,
        }
    }

    fn join(&mut self, pair: Pair, now: Moment) -> Result<(), StatusCode> {
        let Pair { by, stays, goes } = pair;
        // What either has still to say of its legs is said before they change hands.
        self.drain(goes, now);
        self.drain(stays.0, now);
        let giving = self.calls.get_mut(&goes);
        let moved = giving.and_then(|one| one.call.give_away(stays.0, &by, now));
        let moved = moved.ok_or(StatusCode::TEMPORARILY_UNAVAILABLE)?;
        for leg in moved.legs() {
            self.move_leg(leg, goes, stays.0);
        }
        match moved.callee() {
            Callee::Agent(agent) => self.agents.hand_over(agent, goes, stays.0),
            Callee::Number(_) => self.hand_over_bill(goes, stays.0),
        }
        if let Some(taking) = self.calls.get_mut(&stays.0) {
            if taking.call.has_called_out(stays.1) {
                taking.call.turn_round(now);
            }
            taking.call.take_over(moved, &by, (stays.1, goes), now);
        }
        self.touched.extend([goes, stays.0]);
        Ok(())
    }

    /// Whatever names the leg leads to its new call.
    fn move_leg(&mut self, leg: MediaLeg, from: CallId, to: CallId) {
        self.outputs
            .push_back(Output::Media(MediaCommand::Adopt { call: to, leg }));
        self.by_leg.insert(leg, to);
        let Some(giving) = self.calls.get_mut(&from) else {
            return;
        };
        giving.legs.retain(|own| *own != leg);
        let by_dialog = &self.by_dialog;
        let of_leg = |name: &DialogName| by_dialog.get(name).is_some_and(|(_, own)| *own == leg);
        let dialogs: Vec<_> = giving.dialogs.extract_if(.., |name| of_leg(name)).collect();
        let by_request = &self.by_request;
        let requests: Vec<_> = giving
            .requests
            .extract_if(.., |tx| {
                by_request.get(tx).is_some_and(|(_, own, _)| *own == leg)
            })
            .collect();
        for name in &dialogs {
            self.by_dialog.insert(name.clone(), (to, leg));
        }
        for tx in &requests {
            if let Some((call, ..)) = self.by_request.get_mut(tx) {
                *call = to;
            }
        }
        if let Some(taking) = self.calls.get_mut(&to) {
            taking.legs.push(leg);
            taking.dialogs.extend(dialogs);
            taking.requests.extend(requests);
        }
    }

    fn hand_over_bill(&mut self, from: CallId, to: CallId) {
        for agent in self.billed.remove(&from).unwrap_or_default() {
            self.ledger.hand_over(&agent, from, to);
            self.billed.entry(to).or_default().insert(agent);
        }
    }
}
