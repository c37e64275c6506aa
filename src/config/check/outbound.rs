//! `[[outbound]]`.

use super::{Check, add_or_known};

impl Check<'_> {
    pub(super) fn outbound(&mut self) {
        let names = self.config.outbound.iter().map(|one| one.name.as_str());
        self.unique("outbound", "name", names);
        for (index, policy) in self.config.outbound.iter().enumerate() {
            let key = format!("outbound[{index}]");
            let name = &policy.name;
            for (place, extension) in policy.agents.iter().enumerate() {
                let known = self.config.agents.iter();
                if !known.clone().any(|agent| agent.extension == *extension) {
                    let what = format!("outbound `{name}` names unknown agent `{extension}`");
                    let extensions = known.map(|agent| agent.extension.as_str());
                    let cure = add_or_known("[[agent]]", extensions);
                    self.report(&format!("{key}.agents[{place}]"), what, cure);
                }
            }
            if policy.prefixes.is_empty() {
                let what = format!("outbound `{name}` allows no number");
                let cure = "write what the numbers begin with, or remove the section";
                self.report(&format!("{key}.prefixes"), what, cure);
            }
            self.trunk_out(
                &format!("{key}.trunk"),
                &format!("outbound `{name}`"),
                &policy.trunk,
            );
            let caller_id = policy.caller_id.as_deref().unwrap_or("0");
            let digits = caller_id.strip_prefix('+').unwrap_or(caller_id);
            if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
                let what = format!("`{caller_id}` is no telephone number");
                let cure = "write digits, with a + for an international number";
                self.report(&format!("{key}.caller_id"), what, cure);
            }
        }
    }

    /// A 400 number is for callers only: carriers refuse it, or strip it, as a caller's (DESIGN §10).
    pub(super) fn outbound_caller_ids(&mut self) {
        for (index, policy) in self.config.outbound.iter().enumerate() {
            let Some(caller_id) = &policy.caller_id else {
                continue;
            };
            let national = caller_id.strip_prefix("+86").unwrap_or(caller_id);
            if national.starts_with("400") || national.starts_with("800") {
                let what = format!("{caller_id} can be called, but cannot call");
                let cure = "write a number that your carrier lets you present";
                self.report(&format!("outbound[{index}].caller_id"), what, cure);
            }
        }
    }
}
