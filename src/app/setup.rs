//! Puts what is set up into effect: at the start, and whenever the revision changes, whoever changed
//! it. Whatever depends on it follows: the switch, prompts, codes, retention, calendars, the API.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use super::desk::desk_rules;
use super::{calendars, settings};
use crate::archive::KeeperSettings;
use crate::clock::Clock;
use crate::config::{Config, Problem};
use crate::http::Site;
use crate::net::Handle;
use crate::recording::PromptLibrary;
use crate::setup::{Administration, Effect, Error, load};
use crate::store::{DeskRules, Store};
use crate::switch::Settings;

/// How often the revision is looked at: another process may have changed it.
const EVERY: Duration = Duration::from_secs(1);
/// So many revisions back one is looked for that goes together with the file.
const BACK: i64 = 100;

/// A configuration with the prompts that it plays.
pub(super) struct InForce {
    pub(super) config: Config,
    pub(super) prompts: PromptLibrary,
}

/// The configuration that calls go by now, for those who look at it by themselves. Whoever tells the
/// switch something of it holds the lock meanwhile.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) config: watch::Receiver<Arc<Config>>,
    pub(super) telling: Arc<Mutex<()>>,
}

/// What follows each change.
#[derive(Debug)]
pub(super) struct Followers {
    config: watch::Sender<Arc<Config>>,
    telling: Arc<Mutex<()>>,
    prompts: watch::Sender<PromptLibrary>,
    keeper: watch::Sender<KeeperSettings>,
    site: watch::Sender<Arc<Site>>,
}

impl Followers {
    pub(super) fn of(in_force: &InForce) -> Self {
        let config = &in_force.config;
        Self {
            config: watch::Sender::new(Arc::new(config.clone())),
            telling: Arc::default(),
            prompts: watch::Sender::new(in_force.prompts.clone()),
            keeper: watch::Sender::new(settings::keeper(config)),
            site: watch::Sender::new(Arc::new(Site::of(config))),
        }
    }

    pub(super) fn current(&self) -> Current {
        Current {
            config: self.config.subscribe(),
            telling: Arc::clone(&self.telling),
        }
    }

    pub(super) fn prompts(&self) -> watch::Receiver<PromptLibrary> {
        self.prompts.subscribe()
    }

    pub(super) fn keeper(&self) -> watch::Receiver<KeeperSettings> {
        self.keeper.subscribe()
    }

    pub(super) fn site(&self) -> watch::Receiver<Arc<Site>> {
        self.site.subscribe()
    }
}

/// What is in force at the start; the file alone, while the database is away. What does not go together with the file, which may have been
/// changed meanwhile, is left for the last revision that does; the file alone always does.
pub(super) async fn at_start(
    administration: &Administration,
    file: &Config,
    prompts: PromptLibrary,
    is_away: bool,
) -> anyhow::Result<InForce> {
    let alone = InForce {
        config: file.clone(),
        prompts,
    };
    if is_away {
        tracing::warn!("it is not known what was set up: until it is, calls go by the file alone");
        say(administration, 0, None);
        return Ok(alone);
    }
    let last = administration.revision().await?;
    let mut refused = None;
    for revision in (1..=last).rev().take(usize::try_from(BACK)?) {
        match prepare(administration, revision).await {
            Ok(in_force) => {
                say(administration, revision, refused);
                return Ok(in_force);
            }
            Err(Error::Unfit(problems)) => {
                refused.get_or_insert((last, problems));
            }
            Err(error) => return Err(error.into()),
        }
    }
    say(administration, 0, refused);
    Ok(alone)
}

/// Reads a revision, and the prompts that it plays.
async fn prepare(administration: &Administration, revision: i64) -> Result<InForce, Error> {
    let config = administration.config_at(revision).await?;
    // Files may lie on a disk that hangs.
    let reading = tokio::task::spawn_blocking(move || {
        let prompts = load(&config)?;
        Ok::<_, Vec<Problem>>(InForce { config, prompts })
    });
    let read = reading.await.map_err(std::io::Error::other)?;
    read.map_err(Error::Unfit)
}

fn say(administration: &Administration, revision: i64, refused: Option<(i64, Vec<Problem>)>) {
    crate::metrics::setup_refused(refused.is_some());
    if let Some((refused, problems)) = &refused {
        for problem in problems {
            tracing::error!(revision = refused, %problem, "what was set up cannot be put into effect");
        }
    }
    administration.effects().say(Effect {
        revision,
        since: Clock.wall(),
        refused,
    });
}

/// Puts each new revision into effect.
pub(super) struct Watch {
    pub(super) administration: Administration,
    pub(super) followers: Followers,
    pub(super) store: Store,
    pub(super) signalling: Handle,
    /// The addresses that the listeners have.
    pub(super) bound: Vec<SocketAddr>,
}

impl Watch {
    pub(super) fn start(self) -> JoinHandle<()> {
        tokio::spawn(self.run())
    }

    async fn run(self) {
        let effects = self.administration.effects().clone();
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_wanted = false;
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = effects.wanted() => is_wanted = true,
            }
            // While the database is away all stays as it is, and there is an alarm of its own.
            let Ok(revision) = self.administration.revision().await else {
                continue;
            };
            let now = effects.now();
            let refused = now.refused.as_ref().map(|(revision, _)| *revision);
            let is_known = refused.unwrap_or(now.revision) == revision;
            if is_known && !is_wanted {
                continue;
            }
            is_wanted = match prepare(&self.administration, revision).await {
                Ok(in_force) => {
                    self.put(in_force).await;
                    say(&self.administration, revision, None);
                    tracing::info!(revision, "what was set up is in effect");
                    false
                }
                Err(Error::Unfit(problems)) => {
                    say(
                        &self.administration,
                        now.revision,
                        Some((revision, problems)),
                    );
                    false
                }
                Err(error) => {
                    tracing::warn!(%error, "what was set up cannot be read yet");
                    is_wanted
                }
            };
        }
    }

    async fn put(&self, InForce { config, prompts }: InForce) {
        // Before the switch names one; what older calls play stays.
        self.followers
            .prompts
            .send_modify(|known| known.extend(prompts));
        let known = self.followers.prompts.borrow().clone();
        let bound = self.bound.clone();
        let config = Arc::new(config);
        let reading = {
            let config = Arc::clone(&config);
            tokio::task::spawn_blocking(move || settings::settings(&config, &bound, &known))
        };
        let Ok(settings) = reading.await else {
            return; // the service stops
        };
        self.followers
            .site
            .send_replace(Arc::new(Site::of(&config)));
        self.followers
            .keeper
            .send_replace(settings::keeper(&config));
        self.store.set_desk(self.rules(&config));
        let calendars = calendars::of_lines(&config, &settings.calendars);
        self.store.learn_calendars(calendars);
        if let Err(error) = self.store.keep_trees(Clock.wall()).await {
            tracing::error!(%error, "the lines' codes cannot be written down");
        }
        self.tell(config, settings).await;
    }

    /// What lines ask for; calls on a line that is no more are still wrapped up as it has asked.
    fn rules(&self, config: &Config) -> DeskRules {
        let mut rules = desk_rules(config);
        if let Some(known) = self.store.desk() {
            for (line, of_line) in &known.lines {
                let of_line = || of_line.clone();
                rules.lines.entry(line.clone()).or_insert_with(of_line);
            }
        }
        rules
    }

    async fn tell(&self, config: Arc<Config>, settings: Settings) {
        let _telling = self.followers.telling.lock().await;
        self.followers.config.send_replace(config);
        self.signalling.set_up(settings).await;
    }
}
