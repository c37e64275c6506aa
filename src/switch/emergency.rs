//! Lines that are switched to something else (R279): to an announcement, or to another number, by one
//! command, and back by another. The switch stays as it is over a restart.

use std::sync::Arc;

use super::{LineSettings, News, Output, Switch};
use crate::call::command::{Actor, Answer, Done, Refused, Ticket};
use crate::call::flow::{Course, Emergency, Step};
use crate::id::LineId;
use crate::rules::{Moment, Timestamp};

/// What is asked of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineCommand {
    /// Send its calls elsewhere from now on.
    Switch {
        /// Where.
        to: Diversion,
        /// Why, in the person's words.
        reason: Option<String>,
    },
    /// Serve its calls again.
    Restore {
        /// Why, in the person's words.
        reason: Option<String>,
    },
}

/// Where the calls of a line go that is switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diversion {
    /// They hear this: one of the line's emergency announcements, by its file.
    Announcement(String),
    /// They go to another line's number, or to an outside one that the line's transfer policy allows.
    Number(String),
}

/// A turn of a line's switch: what it is switched to, or that it is not any more. Each is kept, and the
/// last one counts over a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSwitch {
    /// Which line.
    pub line: LineId,
    /// Where its calls go; `None`: to its agents again.
    pub to: Option<Diversion>,
    /// Who turned it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
}

impl Switch {
    pub(super) fn command_line(
        &mut self,
        ticket: Ticket,
        by: &Actor,
        line: &LineId,
        command: LineCommand,
        now: Moment,
    ) {
        let (to, reason) = match command {
            LineCommand::Switch { to, reason } => (Some(to), reason),
            LineCommand::Restore { reason } => (None, reason),
        };
        let turn = LineSwitch {
            line: line.clone(),
            to,
            by: by.name().to_owned(),
            at: now.wall,
            reason,
        };
        let answer = self.turn_switch(ticket, turn);
        self.answer(ticket, answer);
    }

    fn turn_switch(&mut self, ticket: Ticket, turn: LineSwitch) -> Answer {
        let (line, by) = (&turn.line, &turn.by);
        let settings = self.lines.get(line).map(Arc::clone);
        let settings = settings.filter(|it| it.is_dialled());
        let settings = settings.ok_or(Refused::NoSuchLine)?;
        if let Some(to) = &turn.to {
            let course = self.course_to(&settings, to);
            course.ok_or(Refused::NoSuchTarget)?;
            tracing::warn!(%line, by, "the line is switched to its emergency plan");
            self.emergencies.insert(line.clone(), turn.clone());
        } else {
            let was_switched = self.emergencies.remove(line).is_some();
            if !was_switched && !self.may_be_switched(line) {
                return Err(Refused::WrongState);
            }
            tracing::warn!(%line, by, "the line is served again");
        }
        self.desk.turned.insert(line.clone());
        let news = News::Line(turn.clone());
        self.outputs.push_back(Output::News(news));
        self.outputs.push_back(Output::LineSwitch(ticket, turn));
        Ok(Done::Accepted)
    }

    /// While nobody knows how a line was switched before the start, it can be served again to be
    /// sure of it.
    fn may_be_switched(&self, line: &LineId) -> bool {
        !self.desk.knows_switches && !self.desk.turned.contains(line)
    }

    /// The last turns from before a restart.
    pub(super) fn restore_switches(&mut self, kept: Vec<LineSwitch>) {
        self.desk.knows_switches = true;
        for turn in kept {
            // Read late, it is older than whatever was asked for since.
            let is_outdated = self.desk.turned.contains(&turn.line);
            let is_switched = turn.to.is_some() && self.lines.contains_key(&turn.line);
            if is_switched && !is_outdated {
                tracing::warn!(line = %turn.line, by = turn.by, "the line is still switched");
                self.emergencies.insert(turn.line.clone(), turn);
            }
        }
    }

    /// Which lines are switched, and to what.
    pub fn switched_lines(&self) -> impl Iterator<Item = &LineSwitch> {
        self.emergencies.values()
    }

    pub(super) fn emergency_at(&self, line: &LineId) -> Option<Emergency> {
        let switched = self.emergencies.get(line)?;
        let settings = self.lines.get(line)?;
        Some(Emergency {
            course: self.course_to(settings, switched.to.as_ref()?)?,
            by: switched.by.clone(),
            reason: switched.reason.clone(),
        })
    }

    /// The steps that lead there; `None` if the line may not send its calls there.
    fn course_to(&self, line: &LineSettings, to: &Diversion) -> Option<Course> {
        match to {
            Diversion::Announcement(file) => {
                let own = line.line.flow.emergency.iter();
                let mut known = own.chain(&line.line.announcement);
                let prompt = known.find(|prompt| prompt.name == *file)?;
                Some([Step::Announce(prompt.clone())].into())
            }
            Diversion::Number(number) => {
                let is_own = self.settings.line_of(number);
                let is_other = is_own.is_some_and(|other| other.line.id != line.line.id);
                let is_known =
                    is_other || (is_own.is_none() && line.may_divert_to(number).is_some());
                let last = line.line.flow.emergency.first();
                let last = last.or(line.line.announcement.as_ref());
                let last = last.cloned().map(Step::Announce);
                is_known.then(|| {
                    [Step::Number(number.clone())]
                        .into_iter()
                        .chain(last)
                        .collect()
                })
            }
        }
    }
}
