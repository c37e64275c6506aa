//! One endpoint's task: sends what waits for it, and says what came of it.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use tokio::task::JoinSet;

use super::endpoint::Endpoint;
use super::{WebhookSettings, complain};
use crate::clock::Clock;
use crate::rules::Timestamp;
use crate::store::{Attempted, Delivery, Store};

/// Messages that are on their way to one endpoint at once.
const AT_ONCE: u32 = 8;
/// A pause is up to this part longer, so that those who were away are not asked by all at once.
const JITTER: f64 = 0.1;
/// A longer reason is cut off.
const LONGEST_REASON: usize = 200;

pub(super) struct Sender {
    pub(super) store: Store,
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) settings: WebhookSettings,
    pub(super) clock: Clock,
}

impl Sender {
    pub(super) async fn run(self) {
        let mut tick = tokio::time::interval(self.settings.look);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            loop {
                match self.send_due().await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        complain(&error, "messages to other programs cannot be sent");
                        break;
                    }
                }
            }
        }
    }

    /// How many were tried.
    async fn send_due(&self) -> crate::store::Result<usize> {
        let name = &self.endpoint.settings.name;
        let now = self.clock.wall();
        let due = self.store.due_deliveries(name, now, AT_ONCE).await?;
        let tried = due.len();
        let mut sending = JoinSet::new();
        for delivery in due {
            let endpoint = Arc::clone(&self.endpoint);
            let at = self.clock.wall();
            sending.spawn(async move {
                let answer = send(&endpoint, &delivery, at).await;
                (delivery, answer)
            });
        }
        while let Some(sent) = sending.join_next().await {
            let Ok((delivery, answer)) = sent else {
                continue;
            };
            let now = self.clock.wall();
            let attempted = self.judge(&delivery, answer, now);
            let result = match (&attempted.error, attempted.again_at) {
                (None, _) => "delivered",
                (Some(_), Some(_)) => "retried",
                (Some(_), None) => "failed",
            };
            crate::metrics::webhook_tried(name, result);
            self.store.attempted(delivery.id, &attempted, now).await?;
        }
        Ok(tried)
    }

    fn judge(
        &self,
        delivery: &Delivery,
        answer: Result<StatusCode, String>,
        now: Timestamp,
    ) -> Attempted {
        let status = answer.as_ref().ok().copied();
        let error = match answer {
            Ok(status) if status.is_success() => None,
            Ok(status) => Some(format!("answered {}", status.as_u16())),
            Err(error) => Some(error),
        };
        // 410: the endpoint wants to hear nothing more of this.
        let is_over = error.is_none() || status == Some(StatusCode::GONE);
        let tries = usize::try_from(delivery.tries).unwrap_or(usize::MAX);
        let pause = self.settings.pauses.get(tries).filter(|_| !is_over);
        Attempted {
            status: status.map(|status| status.as_u16()),
            error,
            again_at: pause.map(|pause| later(now, *pause)),
        }
    }
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    let longer = pause.mul_f64(rand::rng().random_range(0.0..JITTER));
    now.plus(pause.saturating_add(longer))
}

/// The status that came back, or why none did. What else the answer says is not read.
async fn send(
    endpoint: &Endpoint,
    delivery: &Delivery,
    at: Timestamp,
) -> Result<StatusCode, String> {
    let body = delivery.body.clone().ok_or("erased")?;
    let id = format!("msg_{}", delivery.id.0.simple());
    let at_s = at.unix_ms() / 1000;
    let signature = i64::try_from(at_s)
        .ok()
        .and_then(|at_s| endpoint.sign(&id, at_s, &body));
    let signature = signature.ok_or("cannot be signed")?;
    let request = endpoint
        .client
        .post(endpoint.url.clone())
        .header(CONTENT_TYPE, "application/json")
        .header(standardwebhooks::HEADER_WEBHOOK_ID, id)
        .header(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, at_s.to_string())
        .header(standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signature)
        .body(body);
    match request.send().await {
        Ok(answer) => Ok(answer.status()),
        Err(error) => Err(reason(&error.without_url())),
    }
}

/// The innermost cause says what was wrong; a URL, which may hold a secret, is in none of them.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let reason = if error.is_timeout() {
        "no answer in time".to_owned()
    } else {
        cause.to_string()
    };
    reason.chars().take(LONGEST_REASON).collect()
}
