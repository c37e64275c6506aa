//! Session timers: RFC 4028, pure. A dialog whose peer is gone ends by itself.
//!
//! ```text
//! we refresh:   |----- interval/2 -----> Refresh ... 2xx: again from here
//! peer does:    |----- interval - min(32 s, interval/3) -----> Expired, unless refreshed
//! ```

use std::time::{Duration, Instant};

use super::headers::Headers;
use super::session_expires::{Refresher, SessionExpires};

/// The option tag (§4).
pub const OPTION_TAG: &str = "timer";

/// The shortest interval that anybody may ask for (§4), and the shortest that we accept.
pub const SHORTEST_S: u32 = 90;

/// The session is ended this long before it expires, at most (§10).
const MARGIN: Duration = Duration::from_secs(32);

/// After a refresh that was refused for a while, the next one is tried this much later.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It is time to refresh the session.
    Refresh,
    /// Nobody has refreshed it: the dialog is to be ended by a BYE (§10).
    Expired,
}

/// Which end of the dialog refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// We.
    Local,
    /// The peer.
    Remote,
}

/// What both ends have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The interval in seconds.
    pub interval_s: u32,
    /// Who refreshes.
    pub refresher: Side,
    /// The peer knows of it; if not, we refresh on our own account, and whatever it answers
    /// shows that it is there.
    pub is_shared: bool,
}

/// A request asks for a shorter session than we accept: 422 with this `Min-SE` (§9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSmall(pub u32);

/// Judges the session interval of an INVITE or UPDATE that came (§9).
///
/// # Errors
/// The peer knows of session timers and asks for less than [`SHORTEST_S`].
pub fn check(headers: &Headers) -> Result<(), TooSmall> {
    let asked = headers.session_expires();
    let is_known = headers.lists("Supported", OPTION_TAG) || headers.lists("Require", OPTION_TAG);
    if is_known && asked.is_some_and(|asked| asked.seconds < SHORTEST_S) {
        return Err(TooSmall(SHORTEST_S));
    }
    Ok(())
}

/// What we agree to as the server of a request with these headers, if we want sessions of
/// `ours_s` seconds (§9). `refreshes_now` is who has refreshed up to now.
pub fn answer(headers: &Headers, ours_s: u32, refreshes_now: Side) -> Agreement {
    let is_shared = headers.lists("Supported", OPTION_TAG) || headers.lists("Require", OPTION_TAG);
    let asked = headers.session_expires();
    let least_s = headers.min_se().map_or(SHORTEST_S, |min| min.seconds);
    let least_s = least_s.max(SHORTEST_S);
    let interval_s = asked.map_or(ours_s, |asked| asked.seconds.min(ours_s));
    let refresher = match asked.and_then(|asked| asked.refresher) {
        Some(Refresher::Uac) if is_shared => Side::Remote,
        None if is_shared => refreshes_now,
        Some(Refresher::Uac | Refresher::Uas) | None => Side::Local,
    };
    Agreement {
        interval_s: interval_s.max(least_s),
        refresher,
        is_shared,
    }
}

/// Writes the agreement into our 2xx (§9): the peer that knows of timers is told that it must.
pub fn write_answer(agreement: &Agreement, headers: &mut Headers) {
    let refresher = match agreement.refresher {
        Side::Local => Refresher::Uas,
        Side::Remote => Refresher::Uac,
    };
    let expires = SessionExpires {
        seconds: agreement.interval_s,
        refresher: Some(refresher),
    };
    headers.set("Session-Expires", expires);
    if agreement.is_shared {
        headers.push("Require", OPTION_TAG);
    }
}

/// What the 2xx to our own request has agreed on (§7.2), if we asked for `asked_s` seconds.
/// Without a `Session-Expires` the peer knows nothing of it, and we refresh for ourselves.
pub fn answered(headers: &Headers, asked_s: u32) -> Agreement {
    let Some(said) = headers.session_expires() else {
        return Agreement {
            interval_s: asked_s,
            refresher: Side::Local,
            is_shared: false,
        };
    };
    let refresher = match said.refresher {
        Some(Refresher::Uas) => Side::Remote,
        Some(Refresher::Uac) | None => Side::Local,
    };
    Agreement {
        interval_s: said.seconds.max(SHORTEST_S),
        refresher,
        is_shared: true,
    }
}

/// The timer of one dialog.
#[derive(Clone, Copy, Debug)]
pub struct SessionTimer {
    agreement: Agreement,
    refresh_at: Option<Instant>,
    expires_at: Instant,
}

impl SessionTimer {
    /// Runs from `now`: the 2xx was sent or has come.
    pub fn start(agreement: Agreement, now: Instant) -> Self {
        let interval = Duration::from_secs(agreement.interval_s.into());
        let refresh_at = match agreement.refresher {
            Side::Local => Some(now + interval / 2),
            Side::Remote => None,
        };
        Self {
            agreement,
            refresh_at,
            expires_at: now + interval.saturating_sub(MARGIN.min(interval / 3)),
        }
    }

    /// What was agreed on.
    pub const fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// Our refresh was refused, by a peer that is there all the same: one that knows nothing of
    /// timers has thereby shown what we wanted to see; another is asked again before the end.
    pub fn refused(&mut self, now: Instant) {
        if !self.agreement.is_shared {
            *self = Self::start(self.agreement, now);
        } else if self.agreement.refresher == Side::Local {
            self.refresh_at = Some(now + TRY_AGAIN);
        }
    }

    /// What is due at `now`, each once.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Due> {
        if self.expires_at <= now {
            return Some(Due::Expired);
        }
        self.refresh_at.take_if(|at| *at <= now)?;
        Some(Due::Refresh)
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Instant {
        self.refresh_at
            .map_or(self.expires_at, |at| at.min(self.expires_at))
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    const OURS: u32 = 1800;

    /// §9: asked for less than 90 s, a peer that knows of timers gets 422, another none.
    #[test]
    fn a_session_that_is_too_short_is_refused_to_who_can_be_told() {
        assert_eq!(
            check(&headers("timer", "Session-Expires", "89")),
            Err(TooSmall(90))
        );
        assert_eq!(check(&headers("timer", "Session-Expires", "90")), Ok(()));
        assert_eq!(check(&headers("100rel", "Session-Expires", "5")), Ok(()));
        assert_eq!(check(&headers("timer", "Subject", "x")), Ok(()));
    }

    /// §9, table 2.
    #[test]
    fn the_peers_wish_decides_who_refreshes_else_we_do() {
        let refresher = |supported, asked| {
            let headers = headers(supported, "Session-Expires", asked);
            answer(&headers, OURS, Side::Local).refresher
        };
        assert_eq!(refresher("timer", "600;refresher=uac"), Side::Remote);
        assert_eq!(refresher("timer", "600;refresher=uas"), Side::Local);
        assert_eq!(refresher("timer", "600"), Side::Local);
        assert_eq!(refresher("x", "600;refresher=uac"), Side::Local);
        let undecided = headers("timer", "Subject", "x");
        assert_eq!(
            answer(&undecided, OURS, Side::Remote).refresher,
            Side::Remote,
            "who did it goes on"
        );
    }

    #[test]
    fn the_shorter_interval_counts_but_never_below_anybodys_least() {
        let seconds = |asked: &str, least: &str| {
            let mut headers = headers("timer", "Session-Expires", asked);
            headers.set("Min-SE", least);
            answer(&headers, OURS, Side::Local).interval_s
        };
        assert_eq!(seconds("600", "90"), 600);
        assert_eq!(seconds("7200", "90"), 1800);
        assert_eq!(seconds("7200", "3600"), 3600);
        assert_eq!(seconds("30", "10"), 90);
    }

    #[test]
    fn an_answer_says_who_refreshes_and_requires_it_of_who_knows() {
        let mut written = Headers::new();
        let agreement = answer(
            &headers("timer", "Session-Expires", "600"),
            OURS,
            Side::Local,
        );
        write_answer(&agreement, &mut written);
        let said = written.get("Session-Expires");
        assert_eq!(said.as_deref(), Some("600;refresher=uas"));
        assert!(written.lists("Require", "timer"));

        let mut written = Headers::new();
        let agreement = answer(&headers("", "Subject", "x"), OURS, Side::Local);
        write_answer(&agreement, &mut written);
        let said = written.get("Session-Expires");
        assert_eq!(said.as_deref(), Some("1800;refresher=uas"));
        assert!(!written.has("Require"));
    }

    #[test]
    fn what_our_own_request_was_answered_decides() {
        let said = |value| answered(&headers("", "Session-Expires", value), OURS);
        assert_eq!(said("600;refresher=uas").refresher, Side::Remote);
        assert_eq!(said("600;refresher=uac").refresher, Side::Local);
        let silent = answered(&Headers::new(), OURS);
        assert_eq!((silent.interval_s, silent.is_shared), (OURS, false));
        assert_eq!(silent.refresher, Side::Local);
    }

    /// §10: half the interval, and the end 32 s (or a third of it) before it is over.
    #[test]
    fn we_refresh_at_half_time_and_the_session_ends_before_its_time() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut timer = SessionTimer::start(agreement(Side::Local, true), start);
        assert_eq!(timer.poll_timeout(), at(150));
        assert_eq!(timer.handle_timeout(at(149)), None);
        assert_eq!(timer.handle_timeout(at(150)), Some(Due::Refresh));
        assert_eq!(timer.handle_timeout(at(150)), None, "once");
        assert_eq!(timer.poll_timeout(), at(268));
        assert_eq!(timer.handle_timeout(at(268)), Some(Due::Expired));

        let remote = SessionTimer::start(agreement(Side::Remote, true), start);
        assert_eq!(remote.poll_timeout(), at(268));
    }

    #[test]
    fn a_refused_refresh_is_tried_again_unless_it_was_for_ourselves() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut shared = SessionTimer::start(agreement(Side::Local, true), start);
        shared.handle_timeout(at(150));
        shared.refused(at(151));
        assert_eq!(shared.poll_timeout(), at(161));

        let mut own = SessionTimer::start(agreement(Side::Local, false), start);
        own.handle_timeout(at(150));
        own.refused(at(151));
        assert_eq!(own.poll_timeout(), at(301));
    }

    fn agreement(refresher: Side, is_shared: bool) -> Agreement {
        Agreement {
            interval_s: 300,
            refresher,
            is_shared,
        }
    }

    fn headers(supported: &str, name: &str, value: &str) -> Headers {
        let mut headers = Headers::new();
        headers.set("Supported", supported);
        headers.set(name, value);
        headers
    }
}
