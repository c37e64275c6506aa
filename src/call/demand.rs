//! Recording on demand, and its pauses (R189): somebody with the right to it asks, in the middle of
//! the talk. Every turn is an event of the call and a mark on the file.
//!
//! A recording that is stopped or paused goes on in time: there is silence on the file, so that what
//! is said again stands at its second, counted from second 0.

use super::command::{Actor, Answer, Done, Refused};
use super::event::{EventKind, RecordingTurn};
use super::media::MediaCommand;
use super::{Call, Phase, RecordPolicy, Recording};
use crate::id::AgentId;
use crate::rules::Moment;

/// What is wanted of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingDemand {
    /// Started and stopped on lines that record on demand; paused and resumed on all.
    pub turn: RecordingTurn,
    /// Who wants it: an agent, or a user's name.
    pub by: String,
    /// Why, in that person's words.
    pub reason: Option<String>,
}

/// Why a recording that runs has silence on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silent {
    /// The notice is not yet over, and capture begins after it (R190).
    Untold,
    /// Until it is resumed.
    Paused,
    /// Until it is started again.
    Stopped,
}

impl Call {
    /// Turns the recording as it is wanted, if that fits: only while two people talk, and not
    /// while the notice is being played. Of all agents only one of those two may; who is asked or
    /// rung, or listens, may not.
    pub(super) fn demand(&mut self, actor: &Actor, demand: RecordingDemand, now: Moment) -> Answer {
        let is_talking = matches!(self.phase, Phase::Talking);
        if is_talking && !actor.agent().is_none_or(|agent| self.is_one_of_two(agent)) {
            return Err(Refused::NotYours);
        }
        let talks = is_talking && self.notice.is_none();
        let Some(turned) = self.turned_by(demand.turn).filter(|_| talks) else {
            tracing::info!(parent: &self.span, turn = ?demand.turn, "the recording is not turned so now");
            return Err(Refused::WrongState);
        };
        let begins = self.recording == Recording::Ready;
        self.recording = turned;
        if begins {
            self.start_recording(now);
        } else {
            let silent = turned != Recording::Running;
            self.order(MediaCommand::SilenceRecording {
                call: self.id,
                silent,
            });
        }
        let RecordingDemand { turn, by, reason } = demand;
        self.store(EventKind::RecordingTurned { turn, by, reason }, now);
        if begins && let Some(leg) = self.talking_leg() {
            // Nobody is recorded without having been told (R190).
            self.tell_of_recording(leg, now);
        }
        Ok(Done::Accepted)
    }

    /// Whether the agent talks with the caller, or is the caller: who has called, and has not passed
    /// the other side on.
    fn is_one_of_two(&self, agent: &AgentId) -> bool {
        let is_caller = !self.turned && self.author.as_ref() == Some(agent);
        is_caller || self.talking_agent() == Some(agent)
    }

    /// What the recording is after such a turn; `None` if it cannot be turned so.
    fn turned_by(&self, turn: RecordingTurn) -> Option<Recording> {
        let on_demand = self.records_on_demand();
        match (turn, self.recording) {
            (RecordingTurn::Started, Recording::Ready | Recording::Silent(Silent::Stopped))
                if on_demand =>
            {
                Some(Recording::Running)
            }
            (RecordingTurn::Stopped, Recording::Running | Recording::Silent(Silent::Paused))
                if on_demand =>
            {
                Some(Recording::Silent(Silent::Stopped))
            }
            (RecordingTurn::Paused, Recording::Running) => Some(Recording::Silent(Silent::Paused)),
            (RecordingTurn::Resumed, Recording::Silent(Silent::Paused)) => Some(Recording::Running),
            _ => None,
        }
    }

    pub(super) fn records_on_demand(&self) -> bool {
        let line = self.line.as_ref();
        line.is_some_and(|line| line.record == RecordPolicy::OnDemand)
    }

    /// Keeps the notice off the file, and whatever the caller says meanwhile.
    pub(super) fn capture_after_notice(&mut self) {
        self.recording = Recording::Silent(Silent::Untold);
        self.order(MediaCommand::SilenceRecording {
            call: self.id,
            silent: true,
        });
    }

    /// The notice is over. A caller who was not told is not recorded (R190): who has heard nothing
    /// of it, or not all of it where capture is to begin after it.
    pub(super) fn capture_if_told(&mut self, heard_ms: u64, complete: bool, now: Moment) {
        let told = match self.recording {
            Recording::Running => heard_ms > 0 || complete,
            Recording::Silent(Silent::Untold) => complete,
            Recording::Silent(Silent::Paused | Silent::Stopped)
            | Recording::Off
            | Recording::Opening
            | Recording::Ready
            | Recording::Closing
            | Recording::Left
            | Recording::Closed => return,
        };
        if !told {
            tracing::error!(parent: &self.span, "the recording notice could not be played");
            let reason = "the recording notice could not be played".to_owned();
            self.store(EventKind::RecordingFailed { reason }, now);
            self.close_recording();
        } else if self.recording != Recording::Running {
            self.recording = Recording::Running;
            self.order(MediaCommand::SilenceRecording {
                call: self.id,
                silent: false,
            });
        }
    }
}
