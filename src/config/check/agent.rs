//! `[[agent]]`.

use super::Check;
use crate::config::{Agent, PhonePassword};

impl Check<'_> {
    pub(super) fn agents(&mut self) {
        let extensions = self.config.agents.iter().map(|one| one.extension.as_str());
        self.unique("agent", "extension", extensions);
        for (index, agent) in self.config.agents.iter().enumerate() {
            self.agent(&format!("agent[{index}]"), agent);
        }
    }

    fn agent(&mut self, key: &str, agent: &Agent) {
        let who = &agent.extension;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
        if !who.chars().all(is_plain) {
            let what = format!("bad extension `{who}`");
            let cure = "write digits, such as `1001`";
            self.report(&format!("{key}.extension"), what, cure);
        }
        match &agent.password {
            None if agent.contact.is_none() => {
                let what = format!("agent `{who}` has neither `password` nor `contact`");
                let cure = "add `password` for a phone that registers, or `contact` for one \
                            that does not";
                self.report(key, what, cure);
            }
            Some(PhonePassword::Plain(password)) if password.reveal().is_empty() => {
                let cure = "write a long random one";
                self.report(&format!("{key}.password"), "the password is empty", cure);
            }
            Some(PhonePassword::Sealed(sealed)) if sealed.realm != self.config.sip.realm => {
                let (was, is) = (&sealed.realm, &self.config.sip.realm);
                let what = format!("the password was set for realm `{was}`, which is `{is}` now");
                let cure = "set the password again, or write the old `sip.realm`";
                self.report(&format!("{key}.password"), what, cure);
            }
            _ => {}
        }
        let places = agent.contact.as_slice();
        self.srtp(key, &format!("agent `{who}`"), agent.srtp, places);
        if agent.max_calls == 0 {
            let what = format!("agent `{who}` may have no call at all");
            self.report(&format!("{key}.max_calls"), what, "write 1 or more");
        }
    }
}
