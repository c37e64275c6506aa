//! How what the log holds is shown to people: times of the site, masked numbers, words.

use std::fmt;

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::call::Party;
use crate::call::event::{Diverted, TransferTarget};
use crate::call::record::write_up::Handled;
use crate::config::Config;
use crate::rules::{Handling, Timestamp, mask_number};
use crate::store::StoredCall;

/// Stands where there is nothing to say.
pub(in crate::cli) const NOTHING: &str = "-";

/// For whom.
#[derive(Clone, Debug)]
pub(in crate::cli) struct View {
    zone: TimeZone,
    numbers: bool,
}

impl View {
    /// The configured site's; telephone numbers are masked unless `numbers`.
    ///
    /// # Errors
    /// The machine does not know the site's time zone.
    pub(in crate::cli) fn of(config: &Config, numbers: bool) -> anyhow::Result<Self> {
        let zone = TimeZone::get(&config.service.time_zone)?;
        Ok(Self { zone, numbers })
    }

    pub(in crate::cli) const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// To the second, as tables have it.
    pub(in crate::cli) fn time(&self, at: Timestamp) -> impl fmt::Display {
        let time = at.to_jiff().to_zoned(self.zone.clone());
        time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// To the millisecond, with the offset.
    pub(in crate::cli) fn exact_time(&self, at: Timestamp) -> impl fmt::Display {
        let time = at.to_jiff().to_zoned(self.zone.clone());
        time.strftime("%Y-%m-%d %H:%M:%S%.3f %:z").to_string()
    }

    /// `138****5678 王小明`
    pub(in crate::cli) fn party(&self, party: &Party) -> String {
        let number = printable(&self.number(&party.number));
        match party.name.as_deref().filter(|name| *name != party.number) {
            Some(name) => format!("{number} {}", printable(name)),
            None => number,
        }
    }

    /// `accepted, until 2026-11-24 18:00:00 (by li.na)`
    pub(in crate::cli) fn handling(&self, handled: &Handled) -> String {
        let by = printable(&handled.author);
        let due = handled.handling.due_at().map(|due| self.time(due));
        let due = due.map_or_else(String::new, |due| format!(", until {due}"));
        let told = match &handled.handling {
            Handling::Answered | Handling::Accepted { .. } => String::new(),
            Handling::NotAccepted { unit, .. } => format!(", for {}", printable(unit)),
            Handling::NoLongerAccepted { reason } => format!(", {}", printable(reason)),
        };
        format!("{}{told}{due} (by {by})", handled.handling.as_str())
    }

    pub(in crate::cli) fn caller(&self, call: &StoredCall) -> String {
        if call.record.circumstances.withheld {
            return "withheld".to_owned();
        }
        // Nobody is shown who wants to stay unknown (R083).
        let view = Self {
            numbers: self.numbers && !call.record.write_up.anonymous,
            ..self.clone()
        };
        let caller = call.caller().map(|caller| view.party(caller));
        let anonymous = if call.record.caller.is_none() {
            "anonymous"
        } else {
            "erased"
        };
        caller.unwrap_or_else(|| anonymous.to_owned())
    }

    /// `400****567 (unconditional)`: a number that sent the call on to us.
    pub(super) fn diverted(&self, call: &StoredCall, diverted: &Diverted) -> String {
        let by = call.parties.get(&diverted.by);
        let by = by.map_or_else(|| "erased".to_owned(), |party| self.party(party));
        format!("{by} ({})", word(&diverted.reason))
    }

    pub(super) fn target(&self, call: &StoredCall, target: &TransferTarget) -> String {
        match target {
            TransferTarget::Agent(agent) => printable(&agent.0),
            TransferTarget::Line(line) => format!("line {}", printable(&line.0)),
            TransferTarget::Number(party) => match call.parties.get(party) {
                Some(party) => self.party(party),
                None => "erased".to_owned(),
            },
        }
    }

    /// Hides what this view may not see, for JSON.
    pub(super) fn mask(&self, call: &mut StoredCall) {
        // Who withholds the number is shown to nobody, whatever this view may see.
        let caller = call
            .record
            .caller
            .filter(|_| call.record.circumstances.withheld);
        if let Some(caller) = caller {
            call.parties.remove(&caller);
        }
        if call.record.write_up.anonymous
            && let Some(caller) = call.record.caller
            && let Some(party) = call.parties.get_mut(&caller)
        {
            party.number = mask_number(&party.number);
            party.e164 = party.e164.as_deref().map(mask_number);
        }
        for party in call.parties.values_mut() {
            party.number = self.number(&party.number);
            party.e164 = party.e164.as_deref().map(|number| self.number(number));
            // Some carriers send the number as the name as well.
            party.name = party.name.take().map(|name| {
                let is_number = name.chars().filter(char::is_ascii_digit).count() > 5;
                if is_number { self.number(&name) } else { name }
            });
        }
    }

    pub(super) fn number(&self, number: &str) -> String {
        if self.numbers {
            number.to_owned()
        } else {
            mask_number(number)
        }
    }
}

/// The snake-case word that rows and JSON use for a fieldless variant.
pub(super) fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// `12.3 s`
pub(super) fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// A text from the wire without what could steer a terminal or turn the reading direction: such
/// characters are shown as their code points.
pub(in crate::cli) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let steers = character.is_control()
            || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if steers {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_the_wire_steers_the_terminal() {
        assert_eq!(printable("王\u{1b}[2J\u{202e}x"), "王\\u{1b}[2J\\u{202e}x");
    }

    #[test]
    fn tenths_of_a_second_are_cut_not_rounded() {
        assert_eq!(
            (seconds(15_000), seconds(14_999)),
            ("15.0 s".into(), "14.9 s".into())
        );
    }
}
