//! `[[calendar]]`, and what lines do by themselves.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Check, add_or_known};
use crate::config::{Calendar, Line, RecordPolicy, Step};
use crate::rules::WeeklyHours;

/// The keys of a telephone.
const KEYS: &str = "0123456789*#";

impl Check<'_> {
    pub(super) fn calendars(&mut self) {
        let names = self.config.calendars.iter().map(|it| it.name.as_str());
        self.unique("calendar", "name", names);
        for (index, calendar) in self.config.calendars.iter().enumerate() {
            let key = format!("calendar[{index}].hours");
            if calendar.hours.is_empty() {
                let what = format!("calendar `{}` is never open", calendar.name);
                self.report(&key, what, "write spans such as `mon-fri 09:00-12:00`");
            }
            for (position, span) in calendar.hours.iter().enumerate() {
                if let Err(error) = span.parse::<WeeklyHours>() {
                    let cure = "write a span such as `mon-fri 09:00-12:00`";
                    self.report(&format!("{key}[{position}]"), error.to_string(), cure);
                }
            }
            self.calendar_years(&format!("calendar[{index}].years"), calendar);
        }
    }

    fn calendar_years(&mut self, key: &str, calendar: &Calendar) {
        let mut known = BTreeSet::new();
        for (place, days) in calendar.years.iter().enumerate() {
            let key = format!("{key}[{place}]");
            if !known.insert(days.year) {
                let what = format!("the year {} stands there twice", days.year);
                self.report(&key, what, "write it once, with all its days");
            }
            if let Err(error) = days.check() {
                let cure = "write each day once, in its own year, and holidays of at most a month";
                self.report(&key, error.to_string(), cure);
            }
        }
    }

    pub(super) fn line_flow(&mut self, key: &str, line: &Line) {
        self.line_calendar(key, line);
        for (course, steps) in line.courses() {
            self.line_steps(&format!("{key}.{course}"), line, steps);
        }
        self.line_menu(key, line);
        self.line_waits(key, line);
        self.line_survey(key, line);
    }

    fn line_calendar(&mut self, key: &str, line: &Line) {
        let Some(name) = &line.calendar else {
            if !line.after_hours.is_empty() {
                let what = format!("line `{}` has no calendar to say when that is", line.name);
                self.report(&format!("{key}.after_hours"), what, "add `calendar`");
            }
            return;
        };
        let known = self.config.calendars.iter().map(|it| it.name.as_str());
        if !known.clone().any(|known| known == name) {
            let what = format!("line `{}` names unknown calendar `{name}`", line.name);
            let cure = add_or_known("[[calendar]]", known);
            self.report(&format!("{key}.calendar"), what, cure);
        }
        if line.after_hours.is_empty() {
            let what = format!("line `{}` does not say what happens after hours", line.name);
            let cure = "add `after_hours`, such as [\"announcement:FILE\", \"message\"]";
            self.report(&format!("{key}.calendar"), what, cure);
        }
    }

    fn line_steps(&mut self, key: &str, line: &Line, steps: &[Step]) {
        for (index, step) in steps.iter().enumerate() {
            let place = format!("{key}[{index}]");
            let is_last = index + 1 == steps.len();
            match step {
                Step::Message => self.message_step(&place, line),
                Step::Line(name) => {
                    let known = self.config.lines.iter().map(|line| line.name.as_str());
                    if !known.clone().any(|known| known == name) || *name == line.name {
                        let what = format!("there is no other line `{name}`");
                        let cure = add_or_known("[[line]]", known);
                        self.report(&place, what, cure);
                    }
                }
                Step::Post(agents) => {
                    for extension in agents {
                        let known = self.config.agents.iter();
                        let known = known.map(|agent| agent.extension.as_str());
                        if !known.clone().any(|known| known == extension) {
                            let what = format!("unknown agent `{extension}`");
                            let cure = add_or_known("[[agent]]", known);
                            self.report(&place, what, cure);
                        }
                    }
                }
                Step::Queue(longest) if longest.is_zero() => {
                    self.report(
                        &place,
                        "nobody would wait",
                        "write a time such as `queue:5m`",
                    );
                }
                Step::Announcement(_) | Step::Agents | Step::Queue(_) => {}
            }
            if matches!(step, Step::Message | Step::Line(_)) && !is_last {
                let what = "nothing comes after this step";
                self.report(&place, what, "let it be the last one");
            }
        }
    }

    /// Nothing is left that is not recorded.
    fn message_step(&mut self, place: &str, line: &Line) {
        if line.message.is_none() {
            let what = format!("line `{}` does not say how messages are taken", line.name);
            self.report(place, what, "add `message = { prompt = \"FILE\" }`");
        }
        if line.record == RecordPolicy::Off {
            let what = "a message stands in the call's recording, and calls are not recorded";
            self.report(place, what, "let `record` be something else than \"off\"");
        }
    }

    fn line_menu(&mut self, key: &str, line: &Line) {
        let Some(menu) = &line.menu else { return };
        let key = format!("{key}.menu");
        let is_key = |name: &String| name.len() == 1 && KEYS.contains(name.as_str());
        for name in menu.keys.keys().filter(|name| !is_key(name)) {
            let what = format!("`{name}` is no key of a telephone");
            self.report(&format!("{key}.keys"), what, "write 0 to 9, * or #");
        }
        if menu.keys.is_empty() {
            self.report(&format!("{key}.keys"), "no key leads anywhere", "add keys");
        }
        if menu.otherwise.is_empty() {
            let what = "a caller who presses no key would be hung up on";
            self.report(&format!("{key}.otherwise"), what, "write [\"agents\"]");
        }
    }

    fn line_waits(&mut self, key: &str, line: &Line) {
        let menu = line.menu.as_ref().map(|it| ("menu.wait", it.wait));
        let survey = line.survey.as_ref().map(|it| ("survey.wait", it.wait));
        let message = line
            .message
            .as_ref()
            .map(|it| ("message.longest", it.longest));
        let silence = line
            .message
            .as_ref()
            .map(|it| ("message.silence", it.silence));
        let waiting = line.waiting.as_ref().map(|it| ("waiting.every", it.every));
        for (name, wait) in [menu, survey, message, silence, waiting]
            .into_iter()
            .flatten()
        {
            if wait < Duration::from_secs(1) || wait > Duration::from_hours(1) {
                let cure = "write a time from 1s to 1h";
                self.report(&format!("{key}.{name}"), "too short or too long", cure);
            }
        }
        let greeting = line.greeting.as_ref().and_then(|it| it.morning_until);
        if greeting.is_some_and(|hour| hour > 24) {
            let what = "a day has 24 hours";
            self.report(&format!("{key}.greeting.morning_until"), what, "write 12");
        }
    }

    fn line_survey(&mut self, key: &str, line: &Line) {
        let Some(survey) = &line.survey else { return };
        let key = format!("{key}.survey");
        let digits = survey.scores.chars().all(|key| key.is_ascii_digit());
        let is_repeated = |(index, key): (usize, char)| survey.scores[..index].contains(key);
        if !digits || survey.scores.len() < 2 || survey.scores.char_indices().any(is_repeated) {
            let what = "scores are two or more digits, each once";
            self.report(&format!("{key}.scores"), what, "write `12345`");
        } else if survey
            .refuse
            .is_some_and(|it| survey.scores.contains(it) || !KEYS.contains(it))
        {
            let what = "the key of those who do not want to say is a score, or no key";
            self.report(
                &format!("{key}.refuse"),
                what,
                "write another one, such as `0`",
            );
        }
    }
}
