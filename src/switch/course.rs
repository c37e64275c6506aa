//! Where calls go that no agent has: to another line or post, to a number, or on with waiting. And
//! how things stand at a line when a call comes to it.

use std::sync::Arc;

use super::{LineSettings, NumberPattern, Switch};
use crate::call::event::OutboundDecision;
use crate::call::flow::Situation;
use crate::call::{Errand, Input as CallInput};
use crate::id::{AgentId, CallId, LineId};
use crate::rules::{Moment, Timestamp};

impl Switch {
    /// What the line's calendar says now, and its emergency switch.
    pub(super) fn situation_at(&self, line: &LineSettings, now: Moment) -> Situation {
        let calendar = line.line.flow.calendar.as_ref();
        let hours = calendar.and_then(|name| {
            let calendar = self.settings.calendars.get(name)?;
            Some((name.clone(), calendar.at(now.wall)))
        });
        Situation {
            hours,
            emergency: self.emergency_at(&line.line.id),
        }
    }

    /// How things stand for a call that comes to a line's agents.
    pub(super) fn situation_for(
        &self,
        line: Option<&LineId>,
        errand: &Errand,
        now: Moment,
    ) -> Situation {
        let line = line.filter(|_| *errand == Errand::Line);
        let line = line.and_then(|line| self.lines.get(line));
        line.map_or_else(Situation::default, |line| self.situation_at(line, now))
    }

    /// Whether a line is staffed at a moment, by its calendar; `None` without one.
    pub fn is_in_hours(&self, line: &LineId, at: Timestamp) -> Option<bool> {
        let line = self.lines.get(line)?;
        let calendar = line.line.flow.calendar.as_ref()?;
        let calendar = self.settings.calendars.get(calendar)?;
        Some(calendar.at(at).open)
    }

    /// The call goes on at another line, or at a post of its own.
    pub(super) fn reroute(&mut self, id: CallId, to: &LineId, now: Moment) {
        self.waiting.leave(id);
        let line = self.lines.get(to).map(Arc::clone);
        let Some((line, entrant)) = line.zip(self.calls.get_mut(&id)) else {
            return self.feed(id, CallInput::NoWay, now);
        };
        entrant.line = Some(to.clone());
        let situation = self.situation_at(&line, now);
        let line = Arc::clone(&line.line);
        self.feed(id, CallInput::OnLine(line, situation), now);
    }

    /// The call's line sends it to a number: one of our own, or an outside one that calls of the
    /// line may be transferred to.
    pub(super) fn divert(&mut self, id: CallId, number: &str, now: Moment) {
        let entrant = self.calls.get(&id);
        let own = entrant.and_then(|entrant| self.lines.get(entrant.line.as_ref()?));
        let Some(own) = own.map(Arc::clone) else {
            return self.feed(id, CallInput::NoWay, now);
        };
        if let Some(other) = self.settings.line_of(number) {
            let other = other.line.id.clone();
            return self.reroute(id, &other, now);
        }
        let prefix = own.may_divert_to(number);
        let trunks = &own.transfer.trunks;
        let way = prefix.and_then(|_| self.outside(number, trunks, now));
        let decision = OutboundDecision {
            by: AgentId("emergency".to_owned()),
            policy: Some(own.line.id.0.clone()),
            prefix: prefix.map(str::to_owned),
            trunk: way.as_ref().and_then(|way| way.trunk.clone()),
            caller_id: None,
            refused: match (prefix, &way) {
                (None, _) => Some(crate::call::event::OutboundRefusal::Prefix),
                (Some(_), None) => Some(crate::call::event::OutboundRefusal::NoTrunk),
                (Some(_), Some(_)) => None,
            },
            emergency: false,
        };
        self.feed(id, CallInput::Decided(decision), now);
        match way {
            Some(way) => self.feed(id, CallInput::Offer(vec![way]), now),
            None => self.feed(id, CallInput::NoWay, now),
        }
    }

    /// A call in a queue wants to tell its caller where it is.
    pub(super) fn ask_place(&mut self, id: CallId, now: Moment) {
        if let Some(place) = self.waiting.place(id) {
            self.feed(id, CallInput::Place(place), now);
        }
    }
}

impl LineSettings {
    /// By which of its prefixes calls of the line may go to an outside number.
    pub(super) fn may_divert_to(&self, number: &str) -> Option<&str> {
        let is_number = number.strip_prefix('+').unwrap_or(number);
        let is_number = !is_number.is_empty() && is_number.chars().all(|c| c.is_ascii_digit());
        let mut prefixes = self.transfer.prefixes.iter().filter(|_| is_number);
        let prefix = prefixes.find(|prefix| number.starts_with(prefix.as_str()));
        prefix.map(String::as_str)
    }

    /// The posts of a line are lines that nobody can dial.
    pub fn is_dialled(&self) -> bool {
        let numbers: &[NumberPattern] = &self.numbers;
        !numbers.is_empty()
    }
}
