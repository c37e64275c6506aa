//! `[sip]`, its listeners and its ban list.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::Check;
use crate::config::{Listener, ListenerTransport};

/// RFC 4028 §4: no session is refreshed more often.
const SHORTEST_SESSION: Duration = Duration::from_secs(90);
/// A peer's first message may take that long to come.
const SHORTEST_IDLE: Duration = Duration::from_secs(1);

impl Check<'_> {
    pub(super) fn sip(&mut self) {
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

    pub(super) fn advertised(&mut self, key: &str, address: SocketAddr) {
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
}
