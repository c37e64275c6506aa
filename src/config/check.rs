//! What must hold between the keys of a configuration, beyond the form of each.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::{
    Agent, Config, Line, Listener, ListenerTransport, MediaSourceRule, NuisancePolicy, Problem,
    Profile, Trace, Trunk,
};
use crate::rules::PickupProfile;

/// RFC 4028 §4: no session is refreshed more often.
const SHORTEST_SESSION: Duration = Duration::from_secs(90);
/// A peer's first message may take that long to come.
const SHORTEST_IDLE: Duration = Duration::from_secs(1);

/// Everything that is wrong, in the order of the sections.
pub(super) fn problems(config: &Config) -> Vec<Problem> {
    let mut check = Check {
        config,
        found: Vec::new(),
    };
    check.service();
    check.sip();
    check.media();
    check.trace();
    check.database();
    check.trunks();
    check.agents();
    check.outbound();
    check.lines();
    check.found
}

/// What is allowed, and yet hardly meant.
pub(super) fn warnings(config: &Config) -> Vec<Problem> {
    let mut check = Check {
        config,
        found: Vec::new(),
    };
    check.outbound_caller_ids();
    check.found
}

struct Check<'a> {
    config: &'a Config,
    found: Vec<Problem>,
}

impl<'c> Check<'c> {
    fn report(&mut self, key: &str, what: impl Into<String>, cure: impl Into<String>) {
        self.found.push(self.config.problem(key, what, cure));
    }

    fn service(&mut self) {
        let zone = &self.config.service.time_zone;
        if jiff::tz::TimeZone::get(zone).is_err() {
            let what = format!("unknown time zone `{zone}`");
            self.report(
                "service.time_zone",
                what,
                "write one such as `Asia/Shanghai`",
            );
        }
        let level = &self.config.log.level;
        if tracing_subscriber::EnvFilter::try_new(level).is_err() {
            let what = format!("bad level `{level}`");
            let cure = "write error, warn, info, debug or trace, or a filter such as \
                        `info,thirdring::sip=debug`";
            self.report("log.level", what, cure);
        }
    }

    fn sip(&mut self) {
        let sip = &self.config.sip;
        if sip.listeners.is_empty() {
            let cure = "add [[sip.listener]] with address = \"IP:5060\"";
            self.report("sip.listener", "there is no listener", cure);
        }
        if sip.register_min > sip.register_max || sip.register_max.is_zero() {
            let cure = "write the shorter time here, and in `register_max` the longer";
            self.report("sip.register_min", "longer than `register_max`", cure);
        }
        if sip.max_connections == 0 || sip.max_connections_per_source == 0 {
            let what = "no connection is allowed at all";
            let cure = "write 1 or more, or remove the listeners for connections";
            let key = if sip.max_connections == 0 {
                "sip.max_connections"
            } else {
                "sip.max_connections_per_source"
            };
            self.report(key, what, cure);
        }
        if sip.connection_idle < SHORTEST_IDLE {
            let what = "connections would be closed before anything could come by them";
            self.report("sip.connection_idle", what, "write 1s or more");
        }
        if sip.session_expires < SHORTEST_SESSION {
            let what = "shorter than RFC 4028 allows";
            self.report("sip.session_expires", what, "write 90s or more");
        }
        self.ban();
        if sip.max_contacts == 0 {
            let cure = "write 1 or more";
            self.report("sip.max_contacts", "no phone could register", cure);
        }
        let least = Duration::from_secs(10);
        if !sip.phone_probe.is_zero() && sip.phone_probe < least {
            let what = "phones would be asked without a pause";
            let cure = "write 10s or more, or 0s for never";
            self.report("sip.phone_probe", what, cure);
        }
        let mut seen = BTreeMap::new();
        for (index, listener) in sip.listeners.iter().enumerate() {
            let key = format!("sip.listener[{index}]");
            self.listener(&key, listener);
            let (transport, address) = (listener.transport, listener.address);
            let is_datagram = transport == ListenerTransport::Udp;
            if let Some(first) = seen.insert((is_datagram, address), index)
                && address.port() != 0
            {
                let what = format!("{address} already belongs to sip.listener[{first}]");
                let cure = "remove one, or change its port";
                self.report(&format!("{key}.address"), what, cure);
            }
        }
    }

    fn listener(&mut self, key: &str, listener: &Listener) {
        let address = listener.address;
        if address.ip().is_unspecified() {
            let what = format!("{} is no address that a phone can send to", address.ip());
            let cure = "write the IP that trunk and phones reach, or a listener for each";
            self.report(&format!("{key}.address"), what, cure);
        }
        if let Some(advertised) = listener.advertised {
            self.advertised(&format!("{key}.advertised"), advertised);
        }
        self.listener_files(key, listener);
        if listener.digest.is_empty() {
            let cure = "write [\"md5\"], [\"sha256\"] or [\"sha256\", \"md5\"]";
            self.report(&format!("{key}.digest"), "no algorithm is offered", cure);
        }
    }

    fn listener_files(&mut self, key: &str, listener: &Listener) {
        let files = [
            ("certificate", &listener.certificate, true),
            ("key", &listener.key, true),
            ("client_ca", &listener.client_ca, false),
        ];
        let is_tls = listener.transport == ListenerTransport::Tls;
        for (name, file, needed) in files {
            let place = format!("{key}.{name}");
            if is_tls && needed && file.is_none() {
                let what = format!("a listener for TLS needs `{name}`");
                self.report(&place, what, "name a PEM file");
            } else if !is_tls && file.is_some() {
                let what = format!("`{name}` is for TLS only");
                self.report(&place, what, "remove it, or write `transport = \"tls\"`");
            }
        }
    }

    fn advertised(&mut self, key: &str, address: SocketAddr) {
        let ip = address.ip();
        if ip.is_unspecified() || ip.is_multicast() || address.port() == 0 {
            let what = format!("{address} is nothing that a peer can send to");
            let cure = "write the outer IP and port, such as `203.0.113.9:5060`";
            self.report(key, what, cure);
        }
    }

    fn ban(&mut self) {
        let ban = &self.config.sip.ban;
        if !(1..=1000).contains(&ban.tries) {
            let cure = "write a number from 1 to 1000, such as 20";
            self.report("sip.ban.tries", "nobody could be told apart by it", cure);
        }
        let hour = Duration::from_hours(1);
        if ban.window < Duration::from_secs(1) || ban.window > hour {
            let cure = "write a time from `1s` to `1h`, such as `1m`";
            self.report("sip.ban.window", "too short or too long", cure);
        }
        if ban.time < ban.window || ban.time > 24 * 365 * hour {
            let cure = "write a time from `window` to a year, such as `10m`";
            self.report("sip.ban.time", "too short or too long", cure);
        }
        if !(1..=1_000_000).contains(&ban.entries) {
            let cure = "write a number from 1 to 1000000, such as 10000";
            self.report("sip.ban.entries", "no such list can be kept", cure);
        }
    }

    fn media(&mut self) {
        let media = &self.config.media;
        if media.address.is_unspecified() || media.address.is_multicast() {
            let what = format!("{} is no address that voice can be sent to", media.address);
            self.report(
                "media.address",
                what,
                "write the IP that trunk and phones reach",
            );
        }
        if media.address.is_loopback() && !media.allow_loopback {
            let what = format!("{} is a loopback address", media.address);
            let cure = "write the IP that trunk and phones reach; for a test on one machine, \
                        set `allow_loopback = true`";
            self.report("media.address", what, cure);
        }
        let ports = media.ports;
        let bad_ports = if ports.last < ports.first {
            Some("it ends before it begins")
        } else if ports.first < 1024 {
            Some("it begins below 1024")
        } else if ports.first % 2 == 1 {
            Some("it begins with an odd port")
        } else if ports.pairs() < 2 {
            Some("it is too small: one call takes four ports")
        } else {
            None
        };
        if let Some(why) = bad_ports {
            let what = format!("bad port range {ports}: {why}");
            let cure = "write an even first port and four ports a call, such as `20000-29999`";
            self.report("media.ports", what, cure);
        }
    }

    fn trace(&mut self) {
        let keep = self.config.trace.keep;
        if self.config.trace.is_on() && keep < Trace::LEAST {
            let cure = "write `0` to keep nothing, or `1MB` or more";
            self.report("trace.keep", "too little for a call", cure);
        }
    }

    fn database(&mut self) {
        let url = self.config.database.url.reveal();
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| url.starts_with(scheme)) {
            let cure = "write `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/NAME`";
            self.report("database.url", "unknown kind of database", cure);
        }
    }

    fn trunks(&mut self) {
        let names = self.config.trunks.iter().map(|trunk| trunk.name.as_str());
        self.unique("trunk", "name", names);
        for (index, trunk) in self.config.trunks.iter().enumerate() {
            let key = format!("trunk[{index}]");
            let mut listeners = self.config.sip.listeners.iter();
            let has_tls = listeners.any(|one| one.transport == ListenerTransport::Tls);
            if trunk.tls_name.is_some() && !has_tls {
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
            self.trunk_peers(&key, trunk);
            self.trunk_bounds(&key, trunk);
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

    fn agents(&mut self) {
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
            Some(password) if password.reveal().is_empty() => {
                let cure = "write a long random one";
                self.report(&format!("{key}.password"), "the password is empty", cure);
            }
            _ => {}
        }
        if agent.max_calls == 0 {
            let what = format!("agent `{who}` may have no call at all");
            self.report(&format!("{key}.max_calls"), what, "write 1 or more");
        }
    }

    fn outbound(&mut self) {
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
    fn outbound_caller_ids(&mut self) {
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

    fn lines(&mut self) {
        let names = self.config.lines.iter().map(|line| line.name.as_str());
        self.unique("line", "name", names);
        self.numbers();
        for (index, line) in self.config.lines.iter().enumerate() {
            let key = format!("line[{index}]");
            self.line_agents(&key, line);
            self.line_rings(&key, line);
            self.line_files(&key, line);
            self.line_purposes(&key, line);
            self.line_transfer(&key, line);
            self.line_callers(&key, line);
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

    fn line_agents(&mut self, key: &str, line: &Line) {
        if line.agents.is_empty() {
            let what = format!("line `{}` has no agent", line.name);
            let cure = "write the extensions of those who answer it";
            self.report(&format!("{key}.agents"), what, cure);
        }
        for (index, extension) in line.agents.iter().enumerate() {
            let place = format!("{key}.agents[{index}]");
            let known = self.config.agents.iter();
            if !known.clone().any(|agent| agent.extension == *extension) {
                let extensions = known.map(|agent| agent.extension.as_str());
                let what = format!("line `{}` names unknown agent `{extension}`", line.name);
                let cure = add_or_known("[[agent]]", extensions);
                self.report(&place, what, cure);
            }
            if line.agents.iter().take(index).any(|one| one == extension) {
                let what = format!("agent `{extension}` stands here twice");
                self.report(&place, what, "remove one");
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
        if line.max_preanswer.is_zero() {
            let what = "no caller would wait at all";
            self.report(
                &format!("{key}.max_preanswer"),
                what,
                "write a time such as `45s`",
            );
        }
    }

    fn line_files(&mut self, key: &str, line: &Line) {
        for (name, file) in line.prompts() {
            if !is_plain_path(file) {
                let what = "not the name of a file in the prompts folder";
                let cure = "write a name such as `recording-notice.wav`";
                self.report(&format!("{key}.{name}"), what, cure);
            }
        }
    }

    fn line_purposes(&mut self, key: &str, line: &Line) {
        let codes: Vec<_> = line.purposes.iter().map(|one| one.code.as_str()).collect();
        self.unique(&format!("{key}.purposes"), "code", codes.iter().copied());
        if let Some(code) = &line.default_purpose
            && !codes.contains(&code.as_str())
        {
            let what = format!("line `{}` names unknown purpose `{code}`", line.name);
            let cure = add_or_known("it to `purposes`", codes.iter().copied());
            self.report(&format!("{key}.default_purpose"), what, cure);
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

    /// A trunk that calls of `who` are to go out by.
    fn trunk_out(&mut self, key: &str, who: &str, name: &str) {
        match self.known_trunk(key, who, name) {
            Some(trunk) if !trunk.sends_out() => {
                let what = format!("trunk `{name}` has no `peers` to send calls to");
                self.report(key, what, "add `peers = [\"IP:PORT\"]` to the trunk");
            }
            Some(_) | None => {}
        }
    }

    fn known_trunk(&mut self, key: &str, who: &str, name: &str) -> Option<&'c Trunk> {
        let trunks = &self.config.trunks;
        let known = trunks.iter().find(|trunk| trunk.name == *name);
        if known.is_none() {
            let what = format!("{who} names unknown trunk `{name}`");
            let names = trunks.iter().map(|trunk| trunk.name.as_str());
            self.report(key, what, add_or_known("[[trunk]]", names));
        }
        known
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

    /// Reports empty and repeated names of a list's elements.
    fn unique<'n>(&mut self, list: &str, key: &str, names: impl Iterator<Item = &'n str>) {
        let mut seen = BTreeMap::new();
        for (index, name) in names.enumerate() {
            let place = format!("{list}[{index}].{key}");
            if name.trim().is_empty() {
                self.report(&place, format!("the {key} is empty"), "write one");
            } else if let Some(first) = seen.insert(name, index) {
                let what = format!("{key} `{name}` already belongs to {list}[{first}]");
                self.report(&place, what, "give each its own");
            }
        }
    }
}

/// Whether a file name stays inside the folder that it is joined to.
fn is_plain_path(file: &str) -> bool {
    let mut parts = std::path::Path::new(file).components();
    !file.is_empty() && parts.all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn add_or_known<'a>(what: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        format!("add {what}")
    } else {
        format!("add {what}, or write one of {}", known.join(", "))
    }
}
