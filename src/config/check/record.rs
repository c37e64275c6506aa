//! `[line.script]`, `[line.stages]`, and whose record needs no caller.

use super::{Check, add_or_known};
use crate::config::Line;

/// Hours of a day.
const HOURS: u8 = 24;

impl Check<'_> {
    pub(super) fn line_script(&mut self, key: &str, line: &Line) {
        if line.script.morning_until > HOURS {
            let what = format!("no day has an hour {}", line.script.morning_until);
            self.report(
                &format!("{key}.script.morning_until"),
                what,
                "write 0 to 24",
            );
        }
        let mut said = Vec::new();
        for (index, text) in line.script.texts.iter().enumerate() {
            let place = (text.moment, text.part);
            if said.contains(&place) {
                let what = "the same part of the same moment stands there twice";
                let cure = "write each once";
                self.report(&format!("{key}.script.texts[{index}]"), what, cure);
            }
            said.push(place);
        }
        let holidays = line.script.holidays.keys().next();
        if let Some(name) = holidays.filter(|_| line.calendar.is_none()) {
            let what = format!("line `{}` has no calendar that knows `{name}`", line.name);
            let cure = "write `calendar = \"NAME\"` as well";
            self.report(&format!("{key}.script.holidays"), what, cure);
        }
    }

    pub(super) fn line_stages(&mut self, key: &str, line: &Line) {
        let stages = &line.stages;
        let limits = [
            ("ring", stages.ring),
            ("queue", stages.queue),
            ("talk", stages.talk),
            ("hold", stages.hold),
            ("transfer", stages.transfer),
            ("wrap_up", stages.wrap_up),
        ];
        for (name, limit) in limits {
            if limit.is_some_and(|limit| limit.is_zero()) {
                let what = "no time at all";
                let cure = "write a time such as `30s`, or nothing";
                self.report(&format!("{key}.stages.{name}"), what, cure);
            }
        }
    }

    /// Codes that are built in need not be in every line's tree.
    pub(super) fn line_unidentified(&mut self, key: &str, line: &Line) {
        let Ok(purposes) = line.purpose_tree() else {
            return;
        };
        let built_in = crate::rules::CodeTree::purposes();
        for (index, code) in line.unidentified.iter().enumerate() {
            if !purposes.has(code) && !built_in.has(code) {
                let what = format!("line `{}` names unknown purpose `{code}`", line.name);
                let known = purposes.codes().iter().map(|code| code.code.as_str());
                let cure = add_or_known("it to `purposes`", known);
                self.report(&format!("{key}.unidentified[{index}]"), what, cure);
            }
        }
    }
}
