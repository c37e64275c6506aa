//! `[[trunk]]`, and who names one.

use std::time::Duration;

use super::{Check, add_or_known};
use crate::config::{ListenerTransport, MediaSourceRule, Srtp, Trunk};
use crate::sip::{Target, Transport};

impl<'c> Check<'c> {
    pub(super) fn trunks(&mut self) {
        let names = self.config.trunks.iter().map(|trunk| trunk.name.as_str());
        self.unique("trunk", "name", names);
        for (index, trunk) in self.config.trunks.iter().enumerate() {
            let key = format!("trunk[{index}]");
            if trunk.tls_name.is_some() && !self.has_tls() {
                let what = format!("trunk `{}` needs TLS, and no listener has it", trunk.name);
                let cure =
                    "add a [[sip.listener]] with `transport = \"tls\"`, or remove `tls_name`";
                self.report(&format!("{key}.tls_name"), what, cure);
            }
            let has_networks = !trunk.media_networks.is_empty();
            if has_networks != (trunk.media_source == MediaSourceRule::Cidr) {
                let key = format!("trunk[{index}].media_networks");
                let what = "these belong to `media_source = \"cidr\"`, and one needs the other";
                self.report(&key, what, "write both, or neither");
            }
            if let Some(advertised) = trunk.advertised {
                self.advertised(&format!("{key}.advertised"), advertised);
            }
            let who = format!("trunk `{}`", trunk.name);
            self.srtp(&key, &who, trunk.srtp, &trunk.peers);
            self.trunk_peers(&key, trunk);
            self.trunk_bounds(&key, trunk);
        }
    }

    fn has_tls(&self) -> bool {
        let mut listeners = self.config.sip.listeners.iter();
        listeners.any(|one| one.transport == ListenerTransport::Tls)
    }

    /// Keys stand in the signalling: SRTP that is required needs TLS, at all of `places` too.
    pub(super) fn srtp(&mut self, key: &str, who: &str, policy: Srtp, places: &[Target]) {
        if policy != Srtp::Required {
            return;
        }
        let key = format!("{key}.srtp");
        if !self.has_tls() {
            let what = format!(
                "{who} must have SRTP, whose keys go over TLS only, and no listener has it"
            );
            let cure = "add a [[sip.listener]] with `transport = \"tls\"`, or write \"optional\"";
            self.report(&key, what, cure);
        }
        let is_tls = |place: &Target| place.transport == Some(Transport::Tls);
        if let Some(place) = places.iter().find(|place| !is_tls(place)) {
            let address = place.address;
            let what = format!(
                "{who} must have SRTP, whose keys go over TLS only, and {address} is not reached by it"
            );
            self.report(
                &key,
                what,
                format!("write `tls:{address}` there, or \"optional\" here"),
            );
        }
    }

    fn trunk_peers(&mut self, key: &str, trunk: &Trunk) {
        let name = &trunk.name;
        if trunk.addresses.is_empty() && trunk.domain.is_none() {
            let what = format!("trunk `{name}` has no address");
            let cure = "write the networks that its INVITEs come from";
            self.report(&format!("{key}.addresses"), what, cure);
        }
        if trunk.domain.is_some() && !trunk.peers.is_empty() {
            let what = format!("trunk `{name}` has a `domain` and `peers`");
            let cure = "write one of them: a domain is resolved to its peers";
            self.report(&format!("{key}.domain"), what, cure);
        }
        if let Some(domain) = &trunk.domain {
            self.host_name(&format!("{key}.domain"), domain);
        }
        let Some(register) = &trunk.register else {
            return;
        };
        if !trunk.sends_out() {
            let what = format!("trunk `{name}` has nobody to register with");
            let cure = "add `peers = [\"IP:PORT\"]` or `domain` to the trunk";
            self.report(&format!("{key}.register"), what, cure);
        }
        if let Some(domain) = &register.domain {
            self.host_name(&format!("{key}.register.domain"), domain);
        }
        let least = Duration::from_mins(1);
        if register.expires < least {
            let what = "registrations shorter than a minute are a burden";
            let cure = "write a time such as `1h`";
            self.report(&format!("{key}.register.expires"), what, cure);
        }
    }

    fn trunk_bounds(&mut self, key: &str, trunk: &Trunk) {
        let name = &trunk.name;
        if trunk.probe > Duration::from_secs(50) {
            let what = "a trunk that is down would be known after more than a minute";
            let cure = "write `50s` or less, or `0s` for no probes";
            self.report(&format!("{key}.probe"), what, cure);
        }
        if trunk.max_calls == Some(0) || trunk.max_cps == Some(0) {
            let what = format!("trunk `{name}` may carry no call at all");
            let bound = if trunk.max_calls == Some(0) {
                "max_calls"
            } else {
                "max_cps"
            };
            let cure = "write 1 or more, or remove it";
            self.report(&format!("{key}.{bound}"), what, cure);
        }
        if let Some(area) = &trunk.area_code {
            let digits = area.strip_prefix('0').unwrap_or(area);
            let is_area = (2..=3).contains(&digits.len());
            if !is_area || !digits.chars().all(|c| c.is_ascii_digit()) {
                let what = format!("`{area}` is no area code");
                self.report(&format!("{key}.area_code"), what, "write one such as `010`");
            }
        }
        if trunk.dialled_from.is_empty() {
            let what = format!("trunk `{name}` would tell no number dialled");
            let cure = "write [\"request_uri\"]";
            self.report(&format!("{key}.dialled_from"), what, cure);
        }
    }

    fn host_name(&mut self, key: &str, name: &str) {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if name.is_empty() || !name.chars().all(is_plain) {
            let what = format!("`{name}` is no host name");
            self.report(key, what, "write one such as `sip.carrier.example`");
        }
    }

    /// A trunk that calls of `who` are to go out by.
    pub(super) fn trunk_out(&mut self, key: &str, who: &str, name: &str) {
        match self.known_trunk(key, who, name) {
            Some(trunk) if !trunk.sends_out() => {
                let what = format!("trunk `{name}` has no `peers` to send calls to");
                self.report(key, what, "add `peers = [\"IP:PORT\"]` to the trunk");
            }
            Some(_) | None => {}
        }
    }

    pub(super) fn known_trunk(&mut self, key: &str, who: &str, name: &str) -> Option<&'c Trunk> {
        let trunks = &self.config.trunks;
        let known = trunks.iter().find(|trunk| trunk.name == *name);
        if known.is_none() {
            let what = format!("{who} names unknown trunk `{name}`");
            let names = trunks.iter().map(|trunk| trunk.name.as_str());
            self.report(key, what, add_or_known("[[trunk]]", names));
        }
        known
    }
}
