//! `[[line]]`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Check, add_or_known, is_plain_path};
use crate::config::{Capture, Line, NuisancePolicy, Profile};
use crate::rules::PickupProfile;

impl Check<'_> {
    pub(super) fn lines(&mut self) {
        let names = self.config.lines.iter().map(|line| line.name.as_str());
        self.unique("line", "name", names);
        self.numbers();
        for (index, line) in self.config.lines.iter().enumerate() {
            let key = format!("line[{index}]");
            self.line_queue(&key, line);
            self.line_rings(&key, line);
            self.line_files(&key, line);
            self.line_codes(&key, line);
            self.line_form(&key, line);
            self.line_transfer(&key, line);
            self.line_callers(&key, line);
            self.line_retention(&key, line);
            self.line_flow(&key, line);
            self.line_manners(&key, line);
            self.line_script(&key, line);
            self.line_stages(&key, line);
            self.line_unidentified(&key, line);
        }
    }

    fn numbers(&mut self) {
        let mut seen = BTreeMap::new();
        for (index, line) in self.config.lines.iter().enumerate() {
            if line.numbers.is_empty() {
                let what = format!("line `{}` has no number", line.name);
                let cure = "write the number that callers dial";
                self.report(&format!("line[{index}].numbers"), what, cure);
            }
            for (position, number) in line.numbers.iter().enumerate() {
                let Some(first) = seen.insert(number.to_string(), &line.name) else {
                    continue;
                };
                let key = format!("line[{index}].numbers[{position}]");
                let what = format!("number {number} already belongs to line `{first}`");
                self.report(&key, what, "remove it from one of them");
            }
        }
    }

    fn line_rings(&mut self, key: &str, line: &Line) {
        let cadence = line.cadence;
        let long = Duration::from_mins(1);
        if cadence.on.is_zero() || cadence.on > long || cadence.off > long {
            let what = "a ring needs a tone, and neither tone nor silence lasts over a minute";
            let cure = "write { on = \"1s\", off = \"4s\" }, or your network's own";
            self.report(&format!("{key}.cadence"), what, cure);
        }
        match &line.profile {
            Profile::Named(name) if !PickupProfile::NAMES.contains(&name.as_str()) => {
                let what = format!("line `{}` names unknown profile `{name}`", line.name);
                let cure = format!("write one of {}", PickupProfile::NAMES.join(", "));
                self.report(&format!("{key}.profile"), what, cure);
            }
            Profile::Own(own)
                if own.early_below > own.target_from
                    || own.target_from >= own.target_to
                    || own.target_to > own.late_from =>
            {
                let what = "the bounds are out of order";
                let cure = "write early_below <= target_from < target_to <= late_from";
                self.report(&format!("{key}.profile"), what, cure);
            }
            Profile::Named(_) | Profile::Own(_) => {}
        }
        let rings = line.attempt_rings;
        if rings.shared == 0 || rings.last == 0 {
            let what = "an agent's phone must ring at least once";
            self.report(&format!("{key}.attempt_rings"), what, "write 1 or more");
        }
        self.line_least_ring(key, line);
        if line.max_preanswer.is_zero() {
            let what = "no caller would wait at all";
            self.report(
                &format!("{key}.max_preanswer"),
                what,
                "write a time such as `45s`",
            );
        }
    }

    /// R010: an answer that waits must still be in time.
    fn line_least_ring(&mut self, key: &str, line: &Line) {
        let profile = line.pickup_profile();
        let (Some(least), Some(profile)) = (line.min_ring, profile) else {
            return;
        };
        let latest = Duration::from_millis(profile.target_to_ms).min(line.max_preanswer);
        if !least.is_zero() && least >= latest {
            let what = "it would ring for longer than the profile's target or `max_preanswer`";
            let cure = "write a shorter time such as `1s`";
            self.report(&format!("{key}.min_ring"), what, cure);
        }
    }

    fn line_files(&mut self, key: &str, line: &Line) {
        if line.capture == Capture::AfterNotice && line.notice.is_none() {
            let what = format!("line `{}` has no notice to begin after", line.name);
            let cure = "add `notice`, or write `with_notice`";
            self.report(&format!("{key}.capture"), what, cure);
        }
        for (name, file) in line.prompts() {
            if !is_plain_path(file) {
                let what = "not the name of a file in the prompts folder";
                let cure = "write a name such as `recording-notice.wav`";
                self.report(&format!("{key}.{name}"), what, cure);
            }
        }
    }

    fn line_transfer(&mut self, key: &str, line: &Line) {
        let transfer = &line.transfer;
        for name in &transfer.trunk {
            let who = format!("line `{}`", line.name);
            self.trunk_out(&format!("{key}.transfer.trunk"), &who, name);
        }
        if transfer.redirects && (transfer.prefixes.is_empty() || !line.follow_redirects) {
            let what = "a phone's redirection outside is allowed, but is never followed";
            let cure = "set `follow_redirects = true`, and name `prefixes` and `trunk`";
            self.report(&format!("{key}.transfer.redirects"), what, cure);
        }
        if transfer.trunk.is_empty() && !transfer.prefixes.is_empty() {
            let what = "outside numbers are allowed, but no trunk is named";
            let names = self.config.trunks.iter().map(|trunk| trunk.name.as_str());
            let cure = add_or_known("`trunk`", names);
            self.report(&format!("{key}.transfer"), what, cure);
        }
    }

    fn line_retention(&mut self, key: &str, line: &Line) {
        let too_short = |retention| retention < Duration::from_hours(24);
        if line.retention.is_some_and(too_short) {
            let what = "recordings would be deleted within a day";
            let cure = "write a time such as `180d`, or remove it to keep them for ever";
            self.report(&format!("{key}.retention"), what, cure);
        }
    }

    fn line_callers(&mut self, key: &str, line: &Line) {
        for (index, name) in line.trunks.iter().enumerate() {
            let who = format!("line `{}`", line.name);
            self.known_trunk(&format!("{key}.trunks[{index}]"), &who, name);
        }
        let Some(nuisance) = &line.nuisance else {
            return;
        };
        if nuisance.numbers.is_empty() {
            let what = format!("line `{}` lists no nuisance caller", line.name);
            let cure = "write their numbers, or remove `nuisance`";
            self.report(&format!("{key}.nuisance.numbers"), what, cure);
        }
        if nuisance.policy == NuisancePolicy::Announce && line.announcement.is_none() {
            let what = format!("line `{}` has no announcement to play", line.name);
            let cure = "add `announcement`, or write `reject`, `busy` or `last`";
            self.report(&format!("{key}.nuisance.policy"), what, cure);
        }
    }
}
