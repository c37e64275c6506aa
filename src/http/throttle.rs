//! How often anybody may ask, by where he asks from; and how often anybody may try a password, by
//! where from and by the name that is tried.

use std::fmt;
use std::time::Duration;

use axum::Router;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use tower_governor::GovernorLayer;
use tower_governor::errors::GovernorError;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;

use super::ProblemDocument;
use crate::access::fingerprint;

/// A whole office may be behind one address: one request becomes free each such time ...
const REQUEST_EVERY: Duration = Duration::from_millis(10);
/// ... and so many are at once, after a rest.
const REQUESTS: u32 = 600;
/// So many passwords may be tried at once from one address: a call centre that logs in at eight ...
const TRIES_OF_ALL: u32 = 300;
/// ... and then one in such a time.
const TRY_OF_ALL_EVERY: Duration = Duration::from_secs(1);
/// So many may be tried at once for one name from one address, ...
const TRIES: u32 = 10;
/// ... and then one in such a time.
const TRY_EVERY: Duration = Duration::from_secs(6);
/// From wherever they come, so many may be tried at once for one name, and then one in
/// [`TRY_OF_ALL_EVERY`]: who guesses from one address does not keep the owner out at another.
const TRIES_OF_NAME: u32 = 100;

/// Bounds all requests of a router, by source.
pub(super) fn by_source(router: Router) -> Router {
    bounded(router, REQUEST_EVERY, REQUESTS)
}

/// Bounds the tries of passwords, by source.
pub(super) fn tries_by_source(router: Router) -> Router {
    bounded(router, TRY_OF_ALL_EVERY, TRIES_OF_ALL)
}

fn bounded(router: Router, every: Duration, burst: u32) -> Router {
    let config = GovernorConfigBuilder::default()
        .period(every)
        .burst_size(burst)
        .finish();
    let Some(config) = config else {
        return router;
    };
    let limiter = config.limiter().clone();
    router
        .layer(GovernorLayer::new(config).error_handler(|error| refused(&error)))
        .layer(axum::middleware::from_fn(
            move |request: axum::extract::Request, next: axum::middleware::Next| {
                // Whoever has rested long enough is forgotten, a few thousand at a time.
                if limiter.len() > REMEMBERED {
                    limiter.retain_recent();
                }
                next.run(request)
            },
        ))
}

/// So many sources are remembered before those that have rested are forgotten.
const REMEMBERED: usize = 4096;

fn refused(error: &GovernorError) -> Response {
    match error {
        GovernorError::TooManyRequests { wait_time, .. } => too_many(*wait_time),
        GovernorError::UnableToExtractKey | GovernorError::Other { .. } => {
            let detail = "nobody knows where this comes from";
            ProblemDocument::new(StatusCode::INTERNAL_SERVER_ERROR, detail).into_response()
        }
    }
}

fn too_many(wait_s: u64) -> Response {
    let detail = "too many requests; wait as long as Retry-After says";
    let problem = ProblemDocument::new(StatusCode::TOO_MANY_REQUESTS, detail);
    let wait = [(axum::http::header::RETRY_AFTER, wait_s.max(1).to_string())];
    (wait, problem).into_response()
}

/// How often a password may be tried for one name: from one address, and from wherever.
pub(super) struct NameThrottle {
    from_one: Tries,
    from_all: Tries,
}

/// Whether a key may be tried once more.
type Tries = Box<dyn Fn(&str) -> bool + Send + Sync>;

impl fmt::Debug for NameThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameThrottle")
    }
}

/// Names do not stand in requests' heads: they are asked for directly.
#[derive(Clone)]
struct ByName;

impl KeyExtractor for ByName {
    type Key = String;

    fn extract<T>(&self, _: &Request<T>) -> Result<String, GovernorError> {
        Err(GovernorError::UnableToExtractKey)
    }
}

impl NameThrottle {
    pub(super) fn new() -> Self {
        Self {
            from_one: tries(TRY_EVERY, TRIES),
            from_all: tries(TRY_OF_ALL_EVERY, TRIES_OF_NAME),
        }
    }

    /// The answer to whoever tries it too often; `None`: it may be tried.
    pub(super) fn refuses(&self, name: &str, source: &str) -> Option<Response> {
        // Who may not try from here takes no try from those elsewhere.
        let may = (self.from_one)(&format!("{source} {name}")) && (self.from_all)(name);
        (!may).then(|| too_many(TRY_EVERY.as_secs()))
    }
}

fn tries(every: Duration, burst: u32) -> Tries {
    let config = GovernorConfigBuilder::default()
        .period(every)
        .burst_size(burst)
        .key_extractor(ByName)
        .finish();
    let limiter = config.map(|config| config.limiter().clone());
    Box::new(move |key| {
        let Some(limiter) = &limiter else {
            return false;
        };
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        limiter.check_key(&fingerprint(key)).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_tries_from_each_address_and_a_bound_for_all() {
        let throttle = NameThrottle::new();
        let tries = |source: &str| {
            (0..50)
                .filter(|_| throttle.refuses("li.na", source).is_none())
                .count()
        };
        let from_one = tries("192.0.2.1");
        assert!((10..20).contains(&from_one), "{from_one}");
        let from_others: usize = (2..50).map(|n| tries(&format!("192.0.2.{n}"))).sum();
        assert!(
            (90..200).contains(&(from_one + from_others)),
            "{from_others}"
        );
        assert!(throttle.refuses("wang", "192.0.2.1").is_none());
    }
}
