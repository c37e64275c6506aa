//! The phones around the service: those of agents, which the desk has answer and hold, and those of
//! callers. They do nothing by themselves.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use thirdring::phone::{Command, Event, Line, LineConfig, Script, Seen, Sighting};
use tokio::sync::{Mutex, mpsc, watch};

use crate::loopback::Network;
use crate::patience::PATIENCE;
use crate::stage::PHONE_PASSWORD;

/// Sightings that may wait to be looked at.
const SIGHTINGS: usize = 256;
const REGISTERED_FOR: Duration = Duration::from_mins(10);

/// Everything that is plugged in, by name.
pub(crate) struct Phones {
    network: Arc<Network>,
    plugged: Mutex<BTreeMap<String, Phone>>,
}

struct Phone {
    line: Line,
    seen: watch::Receiver<Vec<Event>>,
}

impl Phones {
    pub(crate) fn new(network: Arc<Network>) -> Self {
        Self {
            network,
            plugged: Mutex::default(),
        }
    }

    /// Plugs in the phone of desk `n`'s agent, and waits until it is registered.
    pub(crate) async fn agent(&self, n: u8, extension: &str) {
        let ip = IpAddr::V4(self.network.agent(n));
        let config = LineConfig {
            registration: Some((PHONE_PASSWORD.to_owned(), REGISTERED_FOR)),
            speech: tone(440),
            ..LineConfig::new(extension, ip, self.server())
        };
        self.plug(extension, config).await;
        let registered = |event: &Event| matches!(event, Event::Registered { .. });
        self.sees(extension, registered).await.unwrap();
    }

    /// Has somebody outside call `to`, from this number; the phone is known by `key`.
    pub(crate) async fn call(&self, key: &str, from: &str, name: Option<String>, to: &str) {
        let ip = IpAddr::V4(self.network.caller(1));
        let config = LineConfig {
            name,
            speech: tone(1000),
            script: Script::idle(),
            ..LineConfig::new(from, ip, self.server())
        };
        self.plug(key, config).await;
        let to = to.to_owned();
        self.press(key, Command::Call { to }).await.unwrap();
    }

    /// Presses a button. An error says that there is no such phone.
    pub(crate) async fn press(&self, key: &str, command: Command) -> Result<(), String> {
        let plugged = self.plugged.lock().await;
        let phone = plugged.get(key).ok_or_else(|| format!("no phone {key}"))?;
        phone.line.tell(command).await;
        Ok(())
    }

    /// Waits until something has happened to a phone.
    pub(crate) async fn sees(
        &self,
        key: &str,
        wanted: impl Fn(&Event) -> bool,
    ) -> Result<(), String> {
        let plugged = self.plugged.lock().await;
        let phone = plugged.get(key).ok_or_else(|| format!("no phone {key}"))?;
        let mut seen = phone.seen.clone();
        drop(plugged);
        let look = seen.wait_for(|events| events.iter().any(&wanted));
        match tokio::time::timeout(PATIENCE, look).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(format!("{key} is gone")),
            Err(_) => Err(format!("{key} did not see it in {PATIENCE:?}")),
        }
    }

    /// Hangs everything up and pulls the plugs.
    pub(crate) async fn unplug(&self) {
        let plugged = std::mem::take(&mut *self.plugged.lock().await);
        for phone in plugged.into_values() {
            phone.line.stop().await;
        }
    }

    async fn plug(&self, key: &str, config: LineConfig) {
        let (watchers, sightings) = mpsc::channel(SIGHTINGS);
        let (tell, seen) = watch::channel(Vec::new());
        tokio::spawn(look(sightings, tell));
        let line = Line::start(config, watchers).await.unwrap();
        let phone = Phone { line, seen };
        let before = self.plugged.lock().await.insert(key.to_owned(), phone);
        assert!(before.is_none(), "two phones are called {key}");
    }

    fn server(&self) -> SocketAddr {
        self.network.signalling()
    }
}

/// Keeps what happens to a phone.
async fn look(mut sightings: mpsc::Receiver<Sighting>, tell: watch::Sender<Vec<Event>>) {
    while let Some(sighting) = sightings.recv().await {
        if let Seen::Event(event) = sighting.seen {
            tell.send_modify(|events| events.push(event));
        }
    }
}

/// A second of a tone, at a quarter of full scale.
fn tone(hz: u32) -> Arc<[i16]> {
    let sample = |n: u32| {
        let phase = f64::from(n) * f64::from(hz) * std::f64::consts::TAU / 8000.0;
        #[expect(clippy::cast_possible_truncation, reason = "within ±8,000")]
        let sample = (phase.sin() * 8000.0) as i16;
        sample
    };
    (0..8000).map(sample).collect()
}
