//! Private calls, by the line's policy (X04): forbidden, logged with their reason, or bounded.

use std::time::{Duration, Instant};

use super::Call;
use super::attempt::Callee;
use super::attention::Attention;
use super::command::{Actor, Answer, Done, Refused};
use super::doing::{Doing, HangUpReason};
use super::manners::PrivateCalls;
use crate::id::AgentId;
use crate::rules::Moment;

/// The agent is told so long before the bound (R050).
const WARNS_BEFORE: Duration = Duration::from_secs(30);

/// A call that is private.
#[derive(Debug)]
pub(super) struct Private {
    /// Whose it is.
    agent: AgentId,
    bound: Instant,
    pub(super) due: Option<Instant>,
}

impl Call {
    /// R050, R051: the agent says that the call is private and urgent, and why.
    pub(super) fn mark_private(&mut self, by: &Actor, reason: &str, now: Moment) -> Answer {
        let (_, agent) = self.acting(by, now)?;
        let manners = self.manners();
        if manners.private_calls == PrivateCalls::Forbid {
            return Err(Refused::Forbidden);
        }
        if reason.trim().is_empty() {
            return Err(Refused::ReasonWanted);
        }
        if self.desk().private.is_some() {
            return Err(Refused::WrongState);
        }
        let talks_since = self.answered_at.map_or(now.instant, |at| at.instant);
        let bound = talks_since + manners.private_limit;
        let is_bounded = manners.private_calls != PrivateCalls::Log;
        let warned = bound.checked_sub(WARNS_BEFORE).unwrap_or(bound);
        self.desk().private = Some(Private {
            agent: agent.clone(),
            bound,
            due: is_bounded.then_some(warned),
        });
        let reason = reason.to_owned();
        self.does(Doing::MarkedPrivate { by: agent, reason }, now);
        Ok(Done::Accepted)
    }

    /// Another agent's talk is not private; that of the same agent at another phone is.
    pub(super) fn forget_private(&mut self) {
        let talker = self.talker.as_ref().map(|talker| &talker.callee);
        let desk = self.desk.as_mut();
        if let Some(desk) = desk.filter(|desk| {
            let private = desk.private.as_ref();
            private.is_some_and(|it| talker != Some(&Callee::Agent(it.agent.clone())))
        }) {
            desk.private = None;
        }
    }

    pub(super) fn private_due(&mut self, now: Moment) {
        let private = self.desk.as_mut().and_then(|desk| desk.private.as_mut());
        let Some(private) = private.filter(|it| it.due.is_some_and(|at| at <= now.instant)) else {
            return;
        };
        let is_over = private.bound <= now.instant;
        private.due = (!is_over).then_some(private.bound);
        self.does(Doing::PrivateIsLong { is_over }, now);
        self.attend_to(Attention::PrivateIsLong { is_over });
        if is_over && self.manners().private_calls == PrivateCalls::End {
            self.hang_up_because(HangUpReason::PrivateCall, now);
        }
    }
}
