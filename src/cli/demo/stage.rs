//! The demo's stage: the service, the agents' phones, the callers' phones, and the desk that sets
//! a purpose.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use tokio::sync::mpsc;
use tokio::time::{interval, sleep, timeout};

use super::cast::AGENTS;
use super::cues::{Cue, Prompter};
use super::desk::Desk;
use super::evidence::{Log, Sightings};
use super::progress::Progress;
use super::site::{Site, TRUNK, agent_ip};
use super::stories::STORIES;
use super::story::longest;
use super::verdict::Seen;
use crate::app::{Addresses, Service};
use crate::cli::calls::purpose;
use crate::phone::{Event, Line, LineConfig, Seen as SeenAtPhone, Sighting};
use crate::rules::Cadence;
use crate::store::{CallFilter, Store, StoredCall, TaskDetail, TaskFilter};

/// Sightings that may wait to be looked at.
const SIGHTINGS: usize = 1024;
/// How long phones register for.
const REGISTERED_FOR: Duration = Duration::from_mins(10);
/// How long registering may take.
const REGISTERING: Duration = Duration::from_secs(10);
/// Between two callers.
const STAGGER: Duration = Duration::from_millis(150);
/// How long the last rows may take once the last caller has hung up.
const LAST_ROWS: Duration = Duration::from_secs(15);
/// Cues that may wait for their caller.
const CUES: usize = 16;
/// How often the log is asked.
const POLL: Duration = Duration::from_millis(100);

/// The service with its agents, ready for callers.
pub(super) struct Stage {
    service: Service,
    agents: Vec<Line>,
    callers: Vec<Line>,
    /// The carrier's end of the trunk, which says that it is there.
    carrier: Option<Line>,
    pub(super) sightings: mpsc::Receiver<Sighting>,
    pub(super) watchers: mpsc::Sender<Sighting>,
    pub(super) desk: Desk,
    /// The agents' phones that have answered something.
    busy: BTreeSet<String>,
}

impl Stage {
    /// Starts the service.
    ///
    /// # Errors
    /// It does not start.
    pub(super) async fn open(site: &Site) -> anyhow::Result<Self> {
        let service = Service::start(&site.config).await?;
        let (watchers, sightings) = mpsc::channel(SIGHTINGS);
        Ok(Self {
            desk: Desk {
                signalling: service.signalling().clone(),
                store: service.store().clone(),
            },
            busy: BTreeSet::new(),
            service,
            agents: Vec::new(),
            callers: Vec::new(),
            carrier: None,
            sightings,
            watchers,
        })
    }

    /// Plugs in the carrier's end of the trunk, and the agents' phones.
    ///
    /// # Errors
    /// An agent cannot register.
    pub(super) async fn plug_in(
        &mut self,
        site: &Site,
        cadence: Cadence,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        self.connect_trunk(site).await?;
        self.register_agents(site, cadence, progress).await
    }

    async fn connect_trunk(&mut self, site: &Site) -> anyhow::Result<()> {
        let address = site.carrier().context("the trunk has no peer")?;
        let config = LineConfig {
            port: address.port(),
            ..LineConfig::new("carrier", address.ip(), self.sip()?)
        };
        self.carrier = Some(Line::start(config, self.watchers.clone()).await?);
        Ok(())
    }

    pub(super) const fn addresses(&self) -> &Addresses {
        self.service.addresses()
    }

    pub(super) const fn store(&self) -> &Store {
        self.service.store()
    }

    /// Lets every caller call, and watches until the last one is done.
    ///
    /// # Errors
    /// The calls take longer than they may.
    pub(super) async fn play(
        &mut self,
        site: &Site,
        cadence: Cadence,
        progress: &Progress,
    ) -> anyhow::Result<Sightings> {
        let mut seen = Sightings {
            callers: STORIES.iter().map(Seen::of).collect(),
            ..Sightings::default()
        };
        let desk = self.desk.clone();
        let (callers, cues) = mpsc::channel(CUES);
        let prompter = Prompter {
            desk: &desk,
            callers,
            progress,
        };
        let all = async {
            let calls = self.make_calls(site, cadence, &mut seen, progress, cues);
            tokio::try_join!(calls, prompter.give())
        };
        timeout(longest(cadence), all)
            .await
            .context("the calls take longer than they may")??;
        Ok(seen)
    }

    /// The rows of the calls, once they are complete, and the tasks that they have opened.
    ///
    /// # Errors
    /// The database fails. Rows that stay incomplete are given as they are.
    pub(super) async fn log(&self) -> anyhow::Result<Log> {
        let mut rows = Vec::new();
        let is_complete = |row: &StoredCall| {
            let record = &row.record;
            let sealed = record.recording.is_some() || record.recording_failure.is_some();
            record.ended_at.is_some() && (sealed || record.connected_at.is_none())
        };
        for _ in 0..LAST_ROWS.as_millis() / POLL.as_millis() {
            rows = self.service.store().calls(&CallFilter::default()).await?;
            if rows.len() >= STORIES.len() && rows.iter().all(is_complete) {
                break;
            }
            sleep(POLL).await;
        }
        rows.reverse();
        let tasks = self.tasks().await?;
        Ok(Log { rows, tasks })
    }

    async fn tasks(&self) -> anyhow::Result<Vec<TaskDetail>> {
        let store = self.service.store();
        let mut tasks = Vec::new();
        for task in store.tasks(&TaskFilter::default()).await? {
            tasks.push(store.task(task.id).await?);
        }
        Ok(tasks)
    }

    /// Puts every phone away and stops the service.
    ///
    /// # Errors
    /// The service cannot finish its log.
    pub(super) async fn close(self, grace: Duration) -> anyhow::Result<()> {
        let mut sightings = self.sightings;
        // Phones that say goodbye must not wait for somebody to look at it.
        let look_away = tokio::spawn(async move { while sightings.recv().await.is_some() {} });
        let phones = self.callers.into_iter().chain(self.agents);
        for phone in phones.chain(self.carrier) {
            phone.stop().await;
        }
        look_away.abort();
        self.service.stop(grace).await
    }

    async fn register_agents(
        &mut self,
        site: &Site,
        cadence: Cadence,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        for (index, agent) in AGENTS.iter().enumerate() {
            let config = LineConfig {
                name: Some(agent.name.to_owned()),
                registration: Some((site.password(agent.extension), REGISTERED_FOR)),
                speech: site.speech(agent.says),
                script: agent.script(cadence),
                ..LineConfig::new(agent.extension, agent_ip(index), self.sip()?)
            };
            self.agents
                .push(Line::start(config, self.watchers.clone()).await?);
        }
        let mut waiting: BTreeSet<_> = AGENTS.iter().map(|agent| agent.extension).collect();
        let everybody = async {
            while !waiting.is_empty() {
                let Some(sighting) = self.sightings.recv().await else {
                    anyhow::bail!("the phones are gone");
                };
                match sighting.seen {
                    SeenAtPhone::Event(Event::Registered { .. }) => {
                        waiting.remove(sighting.phone.as_str());
                    }
                    SeenAtPhone::Event(Event::RegisterFailed(status)) => {
                        anyhow::bail!("agent {} cannot register: {status}", sighting.phone);
                    }
                    SeenAtPhone::Event(_) | SeenAtPhone::Heard(_) => {}
                }
            }
            Ok(())
        };
        timeout(REGISTERING, everybody)
            .await
            .context("the agents do not get registered")??;
        progress.registered(AGENTS.len());
        Ok(())
    }

    /// One caller after the other dials, and everything is watched meanwhile.
    async fn make_calls(
        &mut self,
        site: &Site,
        cadence: Cadence,
        seen: &mut Sightings,
        progress: &Progress,
        mut cues: mpsc::Receiver<Cue>,
    ) -> anyhow::Result<()> {
        let mut next_caller = interval(STAGGER);
        while !seen.callers.iter().all(Seen::is_over) {
            tokio::select! {
                _ = next_caller.tick(), if self.is_next_due() => {
                    self.dial(site, cadence, progress).await?;
                }
                Some(cue) = cues.recv() => self.give(cue).await,
                sighting = self.sightings.recv() => {
                    let sighting = sighting.context("the phones are gone")?;
                    self.watch(&sighting, site, seen, progress).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether there is another caller, who need not wait for anything.
    fn is_next_due(&self) -> bool {
        let next = STORIES.get(self.callers.len());
        next.is_some_and(|story| story.after.is_none_or(|agent| self.busy.contains(agent)))
    }

    /// A caller's phone is told to do something.
    async fn give(&self, cue: Cue) {
        let caller = STORIES.iter().position(|it| it.caller == cue.caller);
        if let Some(caller) = caller.and_then(|index| self.callers.get(index)) {
            caller.tell(cue.command).await;
        }
    }

    /// The next caller dials.
    async fn dial(
        &mut self,
        site: &Site,
        cadence: Cadence,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let index = self.callers.len();
        let story = STORIES.get(index).context("nobody is left to call")?;
        let config = LineConfig {
            speech: site.speech(story.says),
            script: story.script(cadence),
            ..LineConfig::new(story.caller, IpAddr::from(TRUNK), self.sip()?)
        };
        let caller = Line::start(config, self.watchers.clone()).await?;
        self.callers.push(caller);
        progress.dialled(index, story);
        Ok(())
    }

    async fn watch(
        &mut self,
        sighting: &Sighting,
        site: &Site,
        seen: &mut Sightings,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let mut callers = seen.callers.iter_mut().enumerate();
        let caller = callers.find(|(_, seen)| seen.story.caller == sighting.phone);
        let Some((index, caller)) = caller else {
            let agent = sighting.phone.clone();
            match &sighting.seen {
                SeenAtPhone::Heard(heard) => {
                    seen.agents.insert(agent, *heard);
                }
                SeenAtPhone::Event(Event::Answered) => {
                    self.busy.insert(agent);
                }
                SeenAtPhone::Event(_) => {}
            }
            progress.agent(sighting);
            return Ok(());
        };
        caller.take(sighting);
        progress.caller(index, caller, sighting);
        if sighting.seen == SeenAtPhone::Event(Event::Answered)
            && let Some(code) = caller.story.purpose_set
        {
            // It was durable before the phone rang.
            let row = self.desk.row_of(caller.story.caller).await?;
            let row = row.context("the log has no row of the call")?;
            let set_by = purpose::Author {
                name: "demo".to_owned(),
                reason: Some("the caller complains".to_owned()),
            };
            let store = self.service.store();
            purpose::set(store, &site.config, row.record.id, code, set_by).await?;
            progress.purpose(index, code);
        }
        Ok(())
    }

    pub(super) fn sip(&self) -> anyhow::Result<SocketAddr> {
        let first = self.addresses().sip.first().copied();
        first.context("the service has no SIP listener")
    }
}
