//! `[[webhook]]`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Check;
use crate::config::Webhook;
use crate::rules::WebhookKind;

impl Check<'_> {
    pub(super) fn webhooks(&mut self) {
        let names = self.config.webhooks.iter().map(|it| it.name.as_str());
        self.unique("webhook", "name", names);
        for (index, webhook) in self.config.webhooks.iter().enumerate() {
            let key = format!("webhook[{index}]");
            self.webhook_url(&key, webhook);
            if !is_secret(webhook.secret.reveal()) {
                let what = "no secret that messages can be signed with";
                let cure = "write `whsec_` and the output of `openssl rand -base64 32`";
                self.report(&format!("{key}.secret"), what, cure);
            }
            if webhook.timeout < Duration::from_secs(1) || webhook.timeout > Duration::from_mins(1)
            {
                let cure = "write a time from `1s` to `1m`";
                self.report(&format!("{key}.timeout"), "too short or too long", cure);
            }
            if webhook.events.contains(&WebhookKind::SmsRequested) && !webhook.numbers {
                let what = "a short message is of no use without its number";
                let cure = "write `numbers = true`, or remove `sms.requested`";
                self.report(&format!("{key}.events"), what, cure);
            }
        }
    }

    fn webhook_url(&mut self, key: &str, webhook: &Webhook) {
        let url = webhook.url.reveal();
        let key = format!("{key}.url");
        if url.starts_with("http://") && !webhook.allow_private {
            let what = "messages could be read on the way";
            let cure =
                "write an `https://` URL, or `allow_private = true` for one in your own network";
            self.report(&key, what, cure);
        } else if !url.starts_with("http://") && !url.starts_with("https://") {
            let cure = "write `https://HOST/PATH`";
            self.report(&key, "no URL that messages can be sent to", cure);
        }
    }
}

/// Standard Webhooks asks for 24 to 64 bytes.
fn is_secret(secret: &str) -> bool {
    let bytes = secret.strip_prefix("whsec_").map(|it| STANDARD.decode(it));
    matches!(bytes, Some(Ok(bytes)) if (24..=64).contains(&bytes.len()))
}
