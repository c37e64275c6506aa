//! `[line.manners]`.

use super::{Check, add_or_known};
use crate::config::Line;

impl Check<'_> {
    pub(super) fn line_manners(&mut self, key: &str, line: &Line) {
        let manners = &line.manners;
        let times = [
            ("hold_warn", Some(manners.hold_warn)),
            ("hold_long", Some(manners.hold_long)),
            ("park_return", Some(manners.park_return)),
            ("silent_end", manners.silent_end),
            ("private_limit", Some(manners.private_limit)),
        ];
        for (name, time) in times {
            if time.is_some_and(|time| time.is_zero()) {
                let what = "no time at all";
                let cure = "write a time such as `30s`";
                self.report(&format!("{key}.manners.{name}"), what, cure);
            }
        }
        if manners.hold_warn > manners.hold_long {
            let what = "a hold is very long before it is long";
            let cure = "write hold_warn <= hold_long";
            self.report(&format!("{key}.manners.hold_warn"), what, cure);
        }
        self.line_quality_desk(key, line);
        let known = self.config.agents.iter();
        if let Some(leader) = &manners.shift_leader
            && !known.clone().any(|agent| agent.extension == *leader)
        {
            let extensions = known.map(|agent| agent.extension.as_str());
            let what = format!("line `{}` names unknown agent `{leader}`", line.name);
            let cure = add_or_known("[[agent]]", extensions);
            self.report(&format!("{key}.manners.shift_leader"), what, cure);
        }
    }
}
