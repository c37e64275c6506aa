//! What a number that an agent dialled leads to: the echo test, a line, a colleague, or, by policy
//! and within the agent's limits, an outside number.

use std::sync::Arc;
use std::time::Duration;

use super::{LineSettings, OutboundSettings, Switch};
use crate::call::Input as CallInput;
use crate::call::event::{OutboundDecision, OutboundRefusal, Outcome, Ringback};
use crate::call::flow::Flow;
use crate::call::{Destination, Dial, Errand, Identity, Line, Manners, RecordPolicy, Refusal};
use crate::id::{AgentId, CallId, LineId};
use crate::rules::{Cadence, Moment, PickupProfile, mask_number};
use crate::sip::StatusCode;

/// What an agent dials rings so often: for a minute.
const RINGS: u32 = 12;
/// After this long without an answer the agent is told so.
const PATIENCE: Duration = Duration::from_mins(2);
/// E.164 has 15 digits at most; a prefix for the trunk may stand before them.
const LONGEST_NUMBER: usize = 24;

/// Where a dialled number leads.
pub(super) struct Dialled {
    /// The number as the row shows it: an outside number is somebody's, and is masked.
    pub(super) shown: String,
    /// How the call behaves.
    pub(super) habits: Option<Arc<Line>>,
    /// The line that it waits on.
    pub(super) line: Option<LineId>,
    pub(super) errand: Errand,
    pub(super) refusal: Option<Refusal>,
}

/// Who dialled.
pub(super) struct Dialler {
    pub(super) agent: AgentId,
    /// By digest, not by address only.
    pub(super) is_proven: bool,
    /// The call that the agent is in meanwhile.
    pub(super) consult_of: Option<CallId>,
    /// The agent's own phone is still to be rung.
    pub(super) is_summoned: bool,
}

impl Dialler {
    /// Somebody who has dialled on the phone.
    pub(super) const fn at_phone(
        agent: AgentId,
        is_proven: bool,
        consult_of: Option<CallId>,
    ) -> Self {
        Self {
            agent,
            is_proven,
            consult_of,
            is_summoned: false,
        }
    }
}

impl Switch {
    /// Where a number leads that a trunk or an agent dials and that is a line's, or nobody's.
    pub(super) fn line_dialled(number: String, line: Option<&Arc<LineSettings>>) -> Dialled {
        Dialled {
            shown: number,
            habits: line.map(|line| Arc::clone(&line.line)),
            line: line.map(|line| line.line.id.clone()),
            errand: Errand::Line,
            refusal: None,
        }
    }

    /// Where a number leads that an agent dials. A colleague is claimed, and an outside number
    /// is counted, unless the call is `refused` already; by a click, the colleague is claimed later.
    pub(super) fn dialled_by(
        &mut self,
        dialler: &Dialler,
        number: String,
        call: CallId,
        refused: bool,
        now: Moment,
    ) -> Dialled {
        let record = self.record_policy_of_consult(dialler);
        if self.settings.echo.as_deref() == Some(number.as_str()) {
            return dialled(number, RecordPolicy::Off, Errand::Echo);
        }
        let colleague = AgentId(number.clone());
        if self.settings.line_of(&number).is_none() && self.agents.contains(&colleague) {
            let is_claimed = !refused && !dialler.is_summoned;
            let phones = match (is_claimed, refused) {
                (true, _) => self.colleague(&colleague, call, now),
                (false, true) => Ok(Vec::new()),
                (false, false) => self.colleague_later(&colleague, now),
            };
            let dial = Dial {
                colleague: dialler.is_summoned.then_some(colleague),
                ..Dial::default()
            };
            let record = record.unwrap_or(RecordPolicy::Off);
            return to(number, record, dial, phones);
        }
        if !self.leads_outside(&number) {
            let line = self.settings.line_of(&number).map(Arc::clone);
            return Self::line_dialled(number, line.as_ref());
        }
        let (decision, policy) = self.decide(dialler, &number, call, refused, now);
        let own = policy.as_ref().map_or(RecordPolicy::Off, |one| one.record);
        let phones = if decision.refused.is_some() {
            Err((StatusCode::FORBIDDEN, Outcome::Refused))
        } else if refused {
            Ok(Vec::new())
        } else {
            let trunks: Vec<_> = decision.trunk.iter().cloned().collect();
            let way = self.outside(&number, &trunks, now);
            let nowhere = (StatusCode::TEMPORARILY_UNAVAILABLE, Outcome::NotReached);
            way.map(|way| vec![way]).ok_or(nowhere)
        };
        let caller_id = decision.caller_id.clone();
        let dial = Dial {
            phones: Vec::new(),
            callee: Some(number.clone()),
            presents: Some(Identity {
                number: caller_id,
                ..Identity::default()
            }),
            decision: Some(decision),
            ..Dial::default()
        };
        to(mask_number(&number), record.unwrap_or(own), dial, phones)
    }

    /// Whether a number is neither a line's, an agent's nor a service's, but may be a telephone's.
    pub(super) fn leads_outside(&self, number: &str) -> bool {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number = digits.chars().all(|c| c.is_ascii_digit())
            && (2..=LONGEST_NUMBER).contains(&digits.len());
        is_number
            && self.settings.echo.as_deref() != Some(number)
            && self.settings.line_of(number).is_none()
            && !self.agents.contains(&AgentId(number.to_owned()))
    }

    /// A line says whether what its agents ask others meanwhile is recorded; never on the
    /// customer's file.
    fn record_policy_of_consult(&self, dialler: &Dialler) -> Option<RecordPolicy> {
        let first = self.calls.get(&dialler.consult_of?)?;
        let line = self.lines.get(first.line.as_ref()?)?;
        Some(line.record_consult)
    }

    fn colleague(
        &mut self,
        agent: &AgentId,
        call: CallId,
        now: Moment,
    ) -> Result<Vec<Destination>, (StatusCode, Outcome)> {
        let phones = self.phones_of(agent, now);
        if phones.is_empty() {
            Err((StatusCode::TEMPORARILY_UNAVAILABLE, Outcome::NotReached))
        } else if self.agents.claim_for_colleague(agent, call) {
            Ok(phones)
        } else {
            Err((StatusCode::BUSY_HERE, Outcome::NotReached))
        }
    }

    /// Whether there is anybody to ring once the caller's own phone has been answered. Until then
    /// the colleague has no call, and takes whichever comes first.
    fn colleague_later(
        &self,
        agent: &AgentId,
        now: Moment,
    ) -> Result<Vec<Destination>, (StatusCode, Outcome)> {
        if self.phones_of(agent, now).is_empty() {
            Err((StatusCode::TEMPORARILY_UNAVAILABLE, Outcome::NotReached))
        } else if self.agents.is_there(agent) {
            Ok(Vec::new())
        } else {
            Err((StatusCode::BUSY_HERE, Outcome::NotReached))
        }
    }

    /// The agent has answered who clicked on a colleague's number.
    pub(super) fn fetch(&mut self, call: CallId, colleague: &AgentId, now: Moment) {
        let phones = self.colleague(colleague, call, now);
        let phones = phones.map_err(|(status, _)| status);
        self.feed(call, CallInput::Fetched(phones), now);
    }

    /// Whether the agent may: by policy, by proof, and within the limits. Said once a call, and
    /// counted if the call may be made.
    fn decide(
        &mut self,
        dialler: &Dialler,
        number: &str,
        call: CallId,
        refused: bool,
        now: Moment,
    ) -> (OutboundDecision, Option<OutboundSettings>) {
        let agent = &dialler.agent;
        let found = self.settings.outbound_of(agent, number);
        let (policy, prefix) = match found {
            Ok((policy, prefix)) => (Some(policy.clone()), Ok(prefix.to_owned())),
            Err(refusal) => (None, Err(refusal)),
        };
        let trunk = policy.as_ref().map(|policy| policy.trunk.clone());
        let mut verdict = prefix.as_ref().map(|_| ()).map_err(|refusal| *refusal);
        if verdict.is_ok() && !dialler.is_proven {
            verdict = Err(OutboundRefusal::Unproven);
        }
        if verdict.is_ok() && !self.has_way_outside(trunk.as_slice()) {
            verdict = Err(OutboundRefusal::NoTrunk);
        }
        if let (Ok(()), Some(policy), false) = (verdict, &policy, refused) {
            let limits = policy.limits;
            verdict = self.count_outbound(agent, call, number, limits, now);
        }
        let decision = OutboundDecision {
            by: agent.clone(),
            policy: policy.as_ref().map(|policy| policy.name.clone()),
            prefix: prefix.ok(),
            trunk,
            caller_id: policy.as_ref().and_then(|policy| policy.caller_id.clone()),
            refused: verdict.err(),
            emergency: false,
        };
        log_decision(&decision);
        (decision, policy)
    }

    /// Whether a transfer to an outside number that a line's policy allows may be made, too.
    pub(super) fn decide_transfer(
        &mut self,
        agent: &AgentId,
        number: &str,
        call: CallId,
        now: Moment,
    ) -> OutboundDecision {
        if let Some(decision) = self.decide_emergency(agent, number, call) {
            return decision;
        }
        if self.is_turned(call) {
            // The agent's own policy, as if the agent dialled.
            let dialler = Dialler::at_phone(agent.clone(), true, None);
            return self.decide(&dialler, number, call, false, now).0;
        }
        let entrant = self.calls.get(&call);
        let line = entrant.and_then(|entrant| self.lines.get(entrant.line.as_ref()?));
        let line = line.map(Arc::clone);
        let policy = line.as_ref().map(|line| &line.transfer);
        let prefix = policy.and_then(|policy| {
            let mut prefixes = policy.prefixes.iter();
            prefixes.find(|prefix| number.starts_with(prefix.as_str()))
        });
        let trunks = policy.map_or(&[][..], |policy| &policy.trunks);
        let verdict = if prefix.is_none() {
            Err(OutboundRefusal::Prefix)
        } else if !self.has_way_outside(trunks) {
            Err(OutboundRefusal::NoTrunk)
        } else {
            match self.settings.outbound_of(agent, number) {
                Err(OutboundRefusal::Denied) => Err(OutboundRefusal::Denied),
                own => {
                    let limits = own.map(|(policy, _)| policy.limits).unwrap_or_default();
                    self.count_outbound(agent, call, number, limits, now)
                }
            }
        };
        let decision = OutboundDecision {
            by: agent.clone(),
            policy: line.as_ref().map(|line| line.line.id.0.clone()),
            prefix: prefix.cloned(),
            trunk: trunks.first().cloned(),
            caller_id: None,
            refused: verdict.err(),
            emergency: false,
        };
        log_decision(&decision);
        decision
    }

    fn count_outbound(
        &mut self,
        agent: &AgentId,
        call: CallId,
        number: &str,
        limits: super::Limits,
        now: Moment,
    ) -> Result<(), OutboundRefusal> {
        self.ledger
            .admit(agent, call, number, &limits, now.instant)?;
        self.billed.entry(call).or_default().insert(agent.clone());
        Ok(())
    }

    /// The call is over for whoever answers for its outside legs.
    pub(super) fn outbound_over(&mut self, call: CallId, now: Moment) {
        for agent in self.billed.remove(&call).unwrap_or_default() {
            self.ledger.ended(&agent, call, now.instant);
        }
    }

    /// The call that an agent is in, and dials somebody about.
    pub(super) fn consulting(&self, agent: &AgentId) -> Option<CallId> {
        let mut calls = self.agents.calls_of(agent);
        calls.find(|id| {
            let Some(entrant) = self.calls.get(id) else {
                return false;
            };
            let dialled = entrant.author.as_ref() == Some(agent);
            entrant.call.talking_agent() == Some(agent) || (dialled && entrant.call.is_answered())
        })
    }
}

/// A refusal is somebody's mistake, or somebody with a stolen password: worth a line.
pub(super) fn log_decision(decision: &OutboundDecision) {
    let agent = &decision.by.0;
    let policy = decision.policy.as_deref().unwrap_or("none");
    if let Some(refusal) = decision.refused {
        let reason = refusal.as_str();
        tracing::warn!(%agent, policy, reason, "call to an outside number refused");
    } else {
        tracing::info!(%agent, policy, "call to an outside number allowed");
    }
}

fn to(
    shown: String,
    record: RecordPolicy,
    dial: Dial,
    phones: Result<Vec<Destination>, (StatusCode, Outcome)>,
) -> Dialled {
    let refusal = |(status, outcome)| Refusal {
        status,
        outcome,
        headers: Vec::new(),
        reason: None,
    };
    let (phones, refusal) = match phones {
        Ok(phones) => (phones, None),
        Err(why) => (Vec::new(), Some(refusal(why))),
    };
    let errand = Errand::Dial(Box::new(Dial { phones, ..dial }));
    Dialled {
        refusal,
        ..dialled(shown, record, errand)
    }
}

fn dialled(shown: String, record: RecordPolicy, errand: Errand) -> Dialled {
    Dialled {
        shown,
        habits: Some(Arc::new(habits(record))),
        line: None,
        errand,
        refusal: None,
    }
}

/// How a call behaves that belongs to no line: it rings for a minute, and nobody grades it.
fn habits(record: RecordPolicy) -> Line {
    Line {
        id: LineId::from("dialled"),
        cadence: Cadence::CHINA,
        profile: PickupProfile::within_3(Cadence::CHINA),
        ringback: Ringback::Network,
        attempt_rings_shared: RINGS,
        attempt_rings_last: RINGS,
        max_preanswer: PATIENCE,
        log_digits: false,
        capture_after_notice: false,
        follow_redirects: false,
        notice: None,
        announcement: None,
        hold_music: None,
        manners: Manners::default(),
        record,
        default_purpose: None,
        flow: Flow::default(),
    }
}
