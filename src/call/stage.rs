//! How long each stage of the call takes, while it does: whoever watches the desk is told once when it
//! has taken as long as the line allows (R023). Which stages the call is in follows from its state.

use std::time::Instant;

use super::attention::Attention;
use super::doing::Doing;
use super::ring::RingClock;
use super::{Call, Phase};
use crate::rules::{Moment, Stage, StageLimits};

/// The stages that a running call can be in.
const STAGES: [Stage; 5] = [
    Stage::Ring,
    Stage::Queue,
    Stage::Talk,
    Stage::Hold,
    Stage::Transfer,
];

/// Since when the call is in its stages.
#[derive(Debug, Default)]
pub(super) struct StageClock([Option<Running>; STAGES.len()]);

/// A stage that goes on.
#[derive(Clone, Copy, Debug)]
struct Running {
    since: Instant,
    is_told: bool,
}

impl Call {
    fn limits(&self) -> Option<StageLimits> {
        let limits = self.line.as_ref()?.manners.limits;
        (limits != StageLimits::default()).then_some(limits)
    }

    /// Since when, at the latest, the call is in a stage; `None` if it is not.
    fn in_stage(&self, stage: Stage, now: Moment) -> Option<Instant> {
        if matches!(self.phase, Phase::Ended) {
            return None;
        }
        let is_hunting = matches!(self.phase, Phase::Hunting);
        let is_answered = self.is_answered();
        let is_in = match stage {
            Stage::Ring => {
                let ring = self.ring.as_ref().filter(|ring| ring.is_running());
                return ring.filter(|_| !is_answered).map(RingClock::began);
            }
            Stage::Queue => is_hunting && !is_answered && !self.rings_somebody(),
            Stage::Talk => is_answered,
            Stage::Hold => self.is_on_hold() || self.talker_holds(),
            Stage::Transfer => self.transfer_target().is_some(),
            Stage::WrapUp | Stage::CallBack => false,
        };
        is_in.then_some(now.instant)
    }

    pub(super) fn rings_somebody(&self) -> bool {
        let mut attempts = self.attempts.iter();
        attempts.any(super::attempt::Attempt::is_live)
    }

    pub(super) fn talker_holds(&self) -> bool {
        let leg = self.talking_leg();
        let mut attempts = self.attempts.iter();
        attempts.any(|attempt| Some(attempt.leg.id) == leg && attempt.leg.held)
    }

    /// Takes note of the stages that have begun, ended, or lasted for too long.
    pub(super) fn turn_stages(&mut self, now: Moment) {
        let Some(limits) = self.limits() else { return };
        let mut clock = std::mem::take(&mut self.stages);
        for (stage, running) in STAGES.into_iter().zip(&mut clock.0) {
            let began = self.in_stage(stage, now);
            let (Some(limit), Some(began)) = (limits.of(stage), began) else {
                *running = None;
                continue;
            };
            let going_on = running.get_or_insert(Running {
                since: began,
                is_told: false,
            });
            // A ring clock that stood still has moved its beginning.
            if stage == Stage::Ring {
                going_on.since = began;
            }
            if !going_on.is_told && going_on.since + limit <= now.instant {
                going_on.is_told = true;
                let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
                self.does(Doing::StageIsLong { stage, limit_ms }, now);
                self.attend_to(Attention::StageIsLong { stage, limit_ms });
            }
        }
        self.stages = clock;
    }

    /// When a stage has lasted for too long.
    pub(super) fn stages_deadline(&self) -> Option<Instant> {
        let limits = self.limits()?;
        let running = STAGES.into_iter().zip(&self.stages.0);
        let dues = running.filter_map(|(stage, running)| {
            let running = running.as_ref().filter(|running| !running.is_told)?;
            Some(running.since + limits.of(stage)?)
        });
        dues.min()
    }
}
