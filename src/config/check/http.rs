//! What must hold between the keys of `[http]`.

use super::Check;

impl Check<'_> {
    pub(super) fn http(&mut self) {
        let http = &self.config.http;
        let pair = [
            (
                "certificate",
                "key",
                http.certificate.is_some(),
                http.key.is_some(),
            ),
            (
                "key",
                "certificate",
                http.key.is_some(),
                http.certificate.is_some(),
            ),
        ];
        for (one, other, has_one, has_other) in pair {
            if has_one && !has_other {
                let what = format!("HTTPS needs `{other}` as well");
                self.report(&format!("http.{one}"), what, "name a PEM file for each");
            }
        }
    }

    /// Whoever is believed can say that he is somebody else.
    pub(super) fn trusted_proxies(&mut self) {
        let proxies = self.config.http.trusted_proxies.iter();
        let all = proxies.filter(|proxy| proxy.prefix_len() == 0);
        if let Some(network) = all.map(ToString::to_string).next() {
            let what =
                format!("`{network}` is everybody: rate limits and the audit would mean nothing");
            let cure = "name the proxies' own addresses";
            self.report("http.trusted_proxies", what, cure);
        }
    }

    /// Passwords go over it.
    pub(super) fn open_http(&mut self) {
        let http = &self.config.http;
        if !http.is_secure() && !http.listen.ip().is_loopback() {
            let what = "passwords and recordings go over the network in the clear";
            let cure = "name `certificate` and `key`, or listen on 127.0.0.1 behind a proxy";
            self.report("http.listen", what, cure);
        }
    }
}
