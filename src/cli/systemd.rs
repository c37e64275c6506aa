//! What systemd is told of the service (`sd_notify(3)`): that it takes calls, that it stops, and
//! every few seconds that it still lives. Nothing where systemd has not started it.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::app::Handle;

/// How long the log and the recordings may take once calls are over: more than the service gives
/// itself, so that systemd does not kill what ends by itself.
const AFTER_CALLS: Duration = Duration::from_mins(3);

/// Says that calls are taken.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Says that no more calls are taken. Those that are up may go on for `grace`; what comes after them
/// is bounded by itself.
pub(super) fn stopping(grace: Duration) {
    let time = grace.saturating_add(AFTER_CALLS);
    let microseconds = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
    tell(&[
        NotifyState::Stopping,
        NotifyState::ExtendTimeoutUsec(microseconds),
    ]);
}

/// Says that the service lives, as often as the unit's `WatchdogSec` wants it, and only while the
/// core answers: a core that hangs is what a watchdog is for. Never returns.
pub(super) async fn watch(signalling: Handle) {
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut ticks = interval(patience / 3);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let lives = timeout(patience / 3, signalling.overview()).await;
        if matches!(lives, Ok(Some(_))) {
            tell(&[NotifyState::Watchdog]);
        } else {
            tracing::error!("the signalling does not answer: systemd is not told that it lives");
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd does not listen");
    }
}
