//! Builds the parts of the service, starts them, and stops them in order.

mod calendars;
mod catch_up;
mod desk;
mod due;
mod flow;
mod readiness;
mod recover;
mod settings;
mod setup;
mod switched;
mod vitals;
mod webhooks;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::access::{Cost, Passwords};
use crate::archive::{Archive, Copies, Keeper};
use crate::call::OpenDialog;
use crate::call::media::MediaEvent;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Problem};
use crate::http::{self, Api, Door, HttpState, Site};
use crate::id::TrunkId;
use crate::metrics::Metrics;
use crate::net::{
    Domain, Limits, ListenError, MediaPlane, RecorderHealth, Report, Resolver, SecureListener,
    SignallingThread, TlsError, Transports, Wires,
};
use crate::recording::PromptLibrary;
use crate::rules::Moment;
use crate::setup::Administration;
use crate::store::{
    Backlog, BindingWriter, BindingWriterConfig, DeskWriter, DialogWriter, Dialogs, JournalFolder,
    LineSwitchWriter, LogHealth, LogWriter, LogWriterConfig, Opening, Store,
};
use crate::switch::{Input, Switch};
use crate::trace::{Tap, Trace, TraceSettings};
use catch_up::{CatchUp, CaughtUp, Kept};
use desk::AfterCalls;
pub use desk::desk_rules;
use readiness::Parts;
use setup::{Followers, InForce};
pub use webhooks::endpoints;

pub use crate::net::Handle;

/// Groups of stored events, and reports of the media plane, that may wait for the core.
const NEWS: usize = 65_536;
/// How long the log may take to store its last entries.
const LAST_ENTRIES: Duration = Duration::from_secs(30);
/// How long the last answers over HTTP may take to be read.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// How long the last reports of the media plane may take to reach the log.
const LAST_NEWS: Duration = Duration::from_secs(1);
/// How long carriers may take to take our registrations back.
const UNREGISTERING: Duration = Duration::from_secs(2);
/// How long recordings may take to be sealed once their calls are over.
const SEALING: Duration = Duration::from_secs(10);

/// The running service.
#[derive(Debug)]
pub struct Service {
    addresses: Addresses,
    store: Store,
    signalling: Handle,
    signalling_end: oneshot::Receiver<()>,
    media: MediaPlane,
    trace: Option<Trace>,
    log: LogWriter,
    bindings: BindingWriter,
    desk: DeskWriter,
    dialogs: DialogWriter,
    line_switches: LineSwitchWriter,
    http_stop: oneshot::Sender<()>,
    http_task: JoinHandle<()>,
    upkeep: JoinHandle<()>,
    keeper: JoinHandle<()>,
    /// Waits for a database that was away at the start.
    late: Option<JoinHandle<()>>,
    calendars: JoinHandle<()>,
    setup: JoinHandle<()>,
    switched: JoinHandle<()>,
    after: AfterCalls,
}

/// Where the service can be reached.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// SIP, in the order of the configuration.
    pub sip: Vec<SocketAddr>,
    /// HTTP: metrics, health.
    pub http: SocketAddr,
}

impl Service {
    /// Starts everything. When this returns, calls are taken.
    ///
    /// # Errors
    /// A [`ConfigError`] for what the configuration names and the machine does not give: a port
    /// in use, a folder, a prompt. Anything else comes with its context.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        config.check_host()?;
        let metrics = Metrics::install().context("cannot start metrics")?;
        let thread = SignallingThread::new().context("cannot start signalling")?;
        let transports = transports(config, thread.handle())?;
        let sip: Vec<_> = transports.addresses().collect();
        let http_listener = bind_http(config).await?;
        let http = http_listener
            .local_addr()
            .context("the HTTP listener has no address")?;
        let door = door(config, http_listener)?;
        let prompts = prompts(config)?;

        let (store, opening) = connect(config).await?;
        let clock = Clock;
        let (backlog, dialogs, left_open) = journal(config)?;
        let CaughtUp {
            kept,
            backlog,
            late,
        } = CatchUp::start(config, opening, backlog, clock).await?;
        let switches = switched::read(&store, late.is_some()).await?;
        let (in_force, administration) = in_force(config, prompts, &store, late.is_some()).await?;
        let followers = Followers::of(&in_force);
        let (stored, stored_news) = mpsc::channel(NEWS);
        let log = LogWriter::start(store.clone(), backlog, LogWriterConfig::default(), stored);
        let (media_news, media_events) = mpsc::channel(NEWS);
        let settings = settings::settings(&in_force.config, &sip, &in_force.prompts);
        let media = media(config, followers.prompts(), media_news)?;
        let now = moment(clock);
        let mut switch = Switch::new(settings, rand::random(), rand::random(), now);
        restore(&mut switch, kept, left_open, now);
        if let Some(switches) = switches {
            switch.handle_input(Input::Switches(switches), now);
        }
        let (dialogs, tell) = DialogWriter::start(dialogs);
        let (line_switches, keep_switch) = LineSwitchWriter::start(store.clone());
        let (bindings, keep) = BindingWriter::start(store.clone(), BindingWriterConfig::default());
        let (desk, note) = DeskWriter::start(store.clone());
        let health = log.health();
        let (tap, trace) = start_trace(config, clock)?.unzip();
        let wires = Wires {
            transports,
            entries: log.entries(),
            stored: stored_news,
            bindings: keep,
            desk: note,
            switches: keep_switch,
            dialogs: tell,
            media: media.handle(),
            media_events,
            domains: domains(config)?,
            tap,
        };
        let (signalling, signalling_end) =
            crate::net::start(thread, switch, clock, wires).context("cannot start signalling")?;

        let late = late.map(|catch_up| catch_up.later(signalling.clone(), &log));
        let readiness = Parts::new(
            store.clone(),
            health.clone(),
            signalling.clone(),
            config.recording.folder.clone(),
            media.handle().recorder(),
        );
        let archive = archive(&store, config)?;
        let keeper = Keeper::following(archive.clone(), followers.keeper(), clock);
        let vitals = vitals::Parts::of(config, &readiness, &archive);
        let setup = (administration.clone(), followers.site());
        let api = api(config, archive, &signalling, vitals, setup)?;
        let (http_stop, http_task) = serve_http(door, metrics.clone(), readiness, &api);
        let folder = config.recording.folder.clone();
        let upkeep = tokio::spawn(upkeep(metrics, folder, health, media.handle().recorder()));
        let keeper = tokio::spawn(keeper.run());
        let api = format!("{}/api/v1", config.http.url(http));
        tracing::info!(sip = ?sip, http = %http, %api, "ready for calls");
        Ok(Self {
            addresses: Addresses {
                sip: sip.clone(),
                http,
            },
            after: AfterCalls::start(&store, config, clock).await?,
            calendars: calendars::start(followers.current(), &store, &signalling, clock),
            setup: watch_setup(administration, followers, &store, &signalling, sip),
            switched: switched::read_later(store.clone(), signalling.clone(), late.is_some()),
            store,
            signalling,
            signalling_end,
            media,
            trace,
            log,
            bindings,
            desk,
            dialogs,
            line_switches,
            http_stop,
            http_task,
            upkeep,
            keeper,
            late,
        })
    }

    /// Where it can be reached.
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Its log of calls.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The door to its signalling.
    pub const fn signalling(&self) -> &Handle {
        &self.signalling
    }

    /// How many calls are open now.
    pub fn calls_open(&self) -> usize {
        self.signalling.calls_open()
    }

    /// Takes no more calls, lets the running ones end within `grace`, ends the rest, seals the
    /// recordings and stores the last events.
    ///
    /// # Errors
    /// The log could not be finished: the database is away, and the local disk takes nothing.
    pub async fn stop(self, grace: Duration) -> anyhow::Result<()> {
        tracing::info!(
            calls = self.calls_open(),
            "stopping: no more calls are taken"
        );
        self.signalling.drain().await;
        let unregistered = self.signalling.unregistered();
        if tokio::time::timeout(grace, self.signalling.idle())
            .await
            .is_err()
        {
            tracing::warn!(calls = self.calls_open(), "ending the calls that are left");
            self.signalling.stop().await;
            if tokio::time::timeout(SEALING, self.signalling.idle())
                .await
                .is_err()
            {
                tracing::error!(calls = self.calls_open(), "calls are left that do not end");
            }
        }
        // Whatever is still open is sealed, and the loop is there to hear of it.
        let media = self.media;
        tokio::task::spawn_blocking(|| media.stop())
            .await
            .context("the media plane broke")?;
        let last_news = tokio::time::timeout(LAST_NEWS, self.signalling.idle()).await;
        if last_news.is_err() {
            tracing::error!(
                calls = self.signalling.calls_open(),
                "calls are left at the end"
            );
        }
        if tokio::time::timeout(UNREGISTERING, unregistered)
            .await
            .is_err()
        {
            tracing::warn!("a carrier does not take our registration back");
        }
        if let Some(late) = self.late {
            late.abort();
        }
        self.signalling.quit().await;
        self.signalling_end
            .await
            .context("the signalling loop broke")?;
        if let Some(trace) = self.trace {
            // The loop had the tap, so nothing more comes.
            tokio::task::spawn_blocking(|| trace.finish())
                .await
                .context("the trace broke")?;
        }
        self.log
            .finish(LAST_ENTRIES)
            .await
            .context("the log is not finished")?;
        self.bindings.finish(LAST_ENTRIES).await;
        self.desk.finish(LAST_ENTRIES).await;
        self.dialogs.finish(LAST_ENTRIES).await;
        self.line_switches.finish(LAST_ENTRIES).await;
        self.upkeep.abort();
        self.keeper.abort();
        self.calendars.abort();
        self.setup.abort();
        self.switched.abort();
        drop(self.after);
        // The listener stops by itself if nobody is left to tell it.
        let _ = self.http_stop.send(());
        let mut http_task = self.http_task;
        match tokio::time::timeout(LAST_ANSWERS, &mut http_task).await {
            Ok(ended) => ended.context("HTTP broke")?,
            // Somebody reads slowly what nobody else waits for.
            Err(_) => http_task.abort(),
        }
        self.store.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

fn moment(clock: Clock) -> Moment {
    Moment {
        instant: clock.now(),
        wall: clock.wall(),
    }
}

/// The desk, the phones and the open dialogs as they were when the service was stopped.
fn restore(switch: &mut Switch, kept: Kept, left_open: Vec<OpenDialog>, now: Moment) {
    let phones = kept.phones.len();
    tracing::info!(phones, "registrations from before the start");
    switch.handle_input(Input::Desk(kept.desk), now);
    switch.handle_input(Input::Registrations(kept.phones), now);
    // Before the first call, and to where these phones are known to be.
    switch.handle_input(Input::LeftOpen(left_open), now);
}

/// The journal with what the last run has left in it, and the dialogs that were left open.
fn journal(config: &Config) -> anyhow::Result<(Backlog, Dialogs, Vec<OpenDialog>)> {
    let path = &config.database.journal;
    let cannot = || format!("cannot use the journal in {}", path.display());
    let folder = JournalFolder::take(path).with_context(cannot)?;
    let limit = config.database.journal_limit.as_u64();
    let backlog = Backlog::open(&folder, limit).with_context(cannot)?;
    let (dialogs, left_open) = Dialogs::open(&folder).with_context(cannot)?;
    if !left_open.is_empty() {
        let dialogs = left_open.len();
        tracing::warn!(dialogs, "dialogs were left open: their peers are told");
    }
    Ok((backlog, dialogs, left_open))
}

/// The database, which need not answer yet, and which knows what the lines ask for.
async fn connect(config: &Config) -> anyhow::Result<(Store, Opening)> {
    let opened = Store::connect(config.database.url.reveal()).await;
    let (store, opening) = opened.context("cannot open the database")?;
    let rules = desk_rules(config);
    // What is wrong with them is told where they are read next.
    store.learn_calendars(calendars::of_lines(config, &config.load_calendars(|_| ())));
    Ok((store.with_desk(rules.clone()), opening.with_desk(rules)))
}

/// The recordings of a configuration, with their copies.
///
/// # Errors
/// A [`ConfigError`] if the copies' place cannot be opened.
pub fn archive(store: &Store, config: &Config) -> Result<Archive, ConfigError> {
    let copies = settings::copies(&config.recording);
    let copies = copies.as_ref().map(Copies::open).transpose();
    let copies = copies.map_err(|error| ConfigError {
        problems: vec![config.problem(
            "recording.copy",
            error.to_string(),
            "name a folder that can be made, or a bucket with its endpoint and keys",
        )],
    })?;
    let folder = config.recording.folder.clone();
    Ok(Archive::new(store.clone(), folder).with_copies(copies))
}

/// The media plane, which plays these prompts.
fn media(
    config: &Config,
    prompts: watch::Receiver<PromptLibrary>,
    news: mpsc::Sender<MediaEvent>,
) -> anyhow::Result<MediaPlane> {
    let settings = settings::media(config, prompts);
    MediaPlane::start(&settings, &reports_to(news)).context("cannot start media")
}

/// Hands the core what the media plane reports, without ever waiting.
fn reports_to(core: mpsc::Sender<MediaEvent>) -> Report {
    Arc::new(move |event| {
        if core.try_send(event).is_err() {
            tracing::error!("a report of the media plane was lost: the core is behind");
        }
    })
}

/// Starts keeping SIP messages, if any are to be kept.
fn start_trace(config: &Config, clock: Clock) -> anyhow::Result<Option<(Tap, Trace)>> {
    if !config.trace.is_on() {
        return Ok(None);
    }
    let settings = TraceSettings {
        folder: config.trace.folder.clone(),
        keep: config.trace.keep.as_u64(),
    };
    let started = Trace::start(&settings, clock);
    Ok(Some(started.context("cannot keep SIP messages")?))
}

fn transports(config: &Config, datagrams: runtime::Handle) -> Result<Transports, ConfigError> {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let limits = Limits {
        total: size(config.sip.max_connections),
        per_source: size(config.sip.max_connections_per_source),
        idle: config.sip.connection_idle,
    };
    let mut transports = Transports::new(limits, config.sip.dscp.octet(), datagrams);
    let mut problems = Vec::new();
    for (index, listener) in config.sip.listeners.iter().enumerate() {
        let transport = settings::transport(listener.transport);
        let bound = match settings::tls(config, listener) {
            Some(tls) => transports.listen_tls(listener.address, tls),
            None => transports
                .listen(transport, listener.address)
                .map_err(ListenError::from),
        };
        let key = format!("sip.listener[{index}]");
        match bound {
            Ok(_) => {}
            Err(ListenError::Socket(error)) => {
                let key = format!("{key}.address");
                problems.push(config.bind_problem(&key, listener.address, &error));
            }
            Err(ListenError::Tls(error)) => {
                problems.push(tls_problem(config, &key, &error));
            }
        }
    }
    if problems.is_empty() {
        Ok(transports)
    } else {
        Err(ConfigError { problems })
    }
}

fn tls_problem(config: &Config, key: &str, error: &TlsError) -> Problem {
    let (name, cure) = match error {
        TlsError::OpenKey(..) => ("key", "let its owner alone read it (chmod 600)"),
        TlsError::File(..) => ("certificate", "put PEM files there that this user may read"),
        TlsError::Unfit(_) => (
            "certificate",
            "name a certificate and the key that belongs to it",
        ),
    };
    config.problem(&format!("{key}.{name}"), error.to_string(), cure)
}

/// The trunks that are named by a domain, and who finds them.
fn domains(config: &Config) -> anyhow::Result<Option<(Resolver, Vec<Domain>)>> {
    let trunks = config.trunks.iter();
    let named = trunks.filter_map(|trunk| {
        Some(Domain {
            trunk: TrunkId(trunk.name.clone()),
            name: trunk.domain.clone()?,
        })
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        return Ok(None);
    }
    let resolver = Resolver::new(&config.sip.name_servers).context("cannot use DNS")?;
    Ok(Some((resolver, named)))
}

async fn bind_http(config: &Config) -> Result<TcpListener, ConfigError> {
    let address = config.http.listen;
    TcpListener::bind(address)
        .await
        .map_err(|error| ConfigError {
            problems: vec![config.bind_problem("http.listen", address, &error)],
        })
}

/// What is set up over the file, and what of it counts now.
async fn in_force(
    config: &Config,
    prompts: PromptLibrary,
    store: &Store,
    is_away: bool,
) -> anyhow::Result<(InForce, Administration)> {
    let administration = Administration::new(Arc::new(config.clone()), store.clone());
    let in_force = setup::at_start(&administration, config, prompts, is_away).await?;
    let set_up = &in_force.config;
    store.set_desk(desk_rules(set_up));
    store.learn_calendars(calendars::of_lines(set_up, &set_up.load_calendars(|_| ())));
    Ok((in_force, administration))
}

/// Has each change of what is set up take effect.
fn watch_setup(
    administration: Administration,
    followers: Followers,
    store: &Store,
    signalling: &Handle,
    bound: Vec<SocketAddr>,
) -> JoinHandle<()> {
    let watch = setup::Watch {
        administration,
        followers,
        store: store.clone(),
        signalling: signalling.clone(),
        bound,
    };
    watch.start()
}

/// The API of these parts.
fn api(
    config: &Config,
    archive: Archive,
    signalling: &Handle,
    vitals: vitals::Parts,
    (setup, site): (Administration, watch::Receiver<Arc<Site>>),
) -> anyhow::Result<Api> {
    Ok(Api::new(http::Parts {
        store: setup.store().clone(),
        archive,
        desk: Arc::new(signalling.clone()),
        site,
        setup,
        passwords: Passwords::new(Cost::default())?,
        vitals: Arc::new(vitals),
        zone: TimeZone::get(&config.service.time_zone).unwrap_or(TimeZone::UTC),
        wallboard_names: config.http.wallboard_names,
        trace: config.trace.is_on().then(|| config.trace.folder.clone()),
        is_secure: config.http.is_secure(),
        trusted_proxies: config.http.trusted_proxies.clone(),
    }))
}

/// Serves HTTP until it is told to stop.
fn serve_http(
    door: Door,
    metrics: Metrics,
    readiness: Parts,
    api: &Api,
) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let state = HttpState {
        metrics,
        readiness: Arc::new(readiness),
    };
    let router = http::router(state, api);
    let (stop, stopped) = oneshot::channel();
    let api = api.clone();
    let task = tokio::spawn(async move {
        let stopped = async move {
            // A service that was dropped without being stopped stops as well.
            let _ = stopped.await;
            api.stop();
        };
        if let Err(error) = http::serve(door, router, stopped).await {
            tracing::error!(%error, "HTTP stopped");
        }
    });
    (stop, task)
}

/// HTTP in the clear, or over TLS where there is a certificate.
fn door(config: &Config, listener: TcpListener) -> Result<Door, ConfigError> {
    let Some(tls) = settings::https(config) else {
        return Ok(Door::Plain(listener));
    };
    let secure = SecureListener::start(listener, tls);
    secure.map(Door::Secure).map_err(|error| ConfigError {
        problems: vec![tls_problem(config, "http", &error)],
    })
}

/// Reads every prompt that some line of the file names.
fn prompts(config: &Config) -> Result<PromptLibrary, ConfigError> {
    crate::setup::load(config).map_err(|problems| ConfigError { problems })
}

async fn upkeep(
    metrics: Metrics,
    recordings: std::path::PathBuf,
    health: LogHealth,
    recorder: Arc<RecorderHealth>,
) {
    let mut tick = tokio::time::interval(crate::metrics::UPKEEP_INTERVAL);
    loop {
        tick.tick().await;
        let folder: &Path = &recordings;
        metrics.upkeep(folder);
        crate::metrics::database_up(health.is_database_up());
        crate::metrics::log_backlog(health.backlog());
        crate::metrics::recorder(recorder.lag(Clock.now()), recorder.backlog_bytes());
    }
}
