//! A headless phone on real sockets, and what is seen at it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thirdring::phone::{Access, Event, Line, LineConfig, Manner, Script, Seen, Sighting, Then};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::patience::PATIENCE;

/// Sightings that may wait: a phone whose sightings nobody takes stops.
const SIGHTINGS: usize = 1024;

/// A phone that is plugged in.
pub(crate) struct Handset {
    runtime: Runtime,
    line: Line,
    sightings: mpsc::Receiver<Sighting>,
    seen: Vec<Seen>,
}

impl Handset {
    /// Plugs a phone in.
    pub(crate) fn start(config: LineConfig) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (watch, sightings) = mpsc::channel(SIGHTINGS);
        let line = runtime.block_on(Line::start(config, watch)).unwrap();
        Self {
            runtime,
            line,
            sightings,
            seen: Vec::new(),
        }
    }

    /// An agent's phone that answers whoever calls; it is registered.
    pub(crate) fn agent(
        (user, password): (&str, &str),
        server: SocketAddr,
        access: Access,
    ) -> Self {
        let answers = Script::agent([Manner::Answer {
            after: Duration::from_millis(100),
            then: Then::Stay,
        }]);
        let mut phone = Self::start(LineConfig {
            access,
            registration: Some((password.to_owned(), Duration::from_mins(2))),
            speech: Arc::from(vec![8_000; 800]),
            script: answers,
            ..LineConfig::new(user, server.ip(), server)
        });
        phone.registers();
        phone
    }

    /// Where it speaks SIP.
    pub(crate) fn address(&self) -> SocketAddr {
        self.line.address()
    }

    /// Waits until it has registered once more.
    pub(crate) fn registers(&mut self) {
        let is_registered = |seen: &Seen| matches!(seen, Seen::Event(Event::Registered { .. }));
        self.sees("registered", is_registered);
    }

    /// Waits for something to happen to it.
    pub(crate) fn sees(&mut self, what: &str, wanted: impl Fn(&Seen) -> bool) -> Seen {
        let Self {
            runtime,
            sightings,
            seen,
            ..
        } = self;
        let look = async {
            loop {
                let sighting = sightings.recv().await.expect("the phone is there");
                seen.push(sighting.seen.clone());
                if wanted(&sighting.seen) {
                    return sighting.seen;
                }
            }
        };
        let found = runtime.block_on(async { tokio::time::timeout(PATIENCE, look).await });
        found.unwrap_or_else(|_| panic!("no phone that is {what} in {PATIENCE:?}"))
    }

    /// How often it has registered, as far as was looked at.
    pub(crate) fn registrations(&self) -> usize {
        let registered = |seen: &&Seen| matches!(seen, Seen::Event(Event::Registered { .. }));
        self.seen.iter().filter(registered).count()
    }

    /// Takes its power away: its sockets close, and it takes leave of nobody.
    pub(crate) fn cut(self) {
        self.runtime.shutdown_background();
    }

    /// Hangs up, takes the registration back, and pulls the plug.
    pub(crate) fn stop(self) {
        drop(self.sightings);
        self.runtime.block_on(self.line.stop());
    }
}
