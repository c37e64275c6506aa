//! The configuration, as the core's own values.

mod queue;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::flow;
use crate::archive::{CopySettings, KeeperSettings};
use crate::call::command::PassTo;
use crate::call::event::{NuisancePolicy, Ringback};
use crate::call::flow::Flow;
use crate::call::{Line, Manners, MediaPlace, PrivateCalls, Prompt, QualityDesk, RecordPolicy};
use crate::config::{self, Config, PhonePassword};
use crate::id::{AgentId, LineId, QueueId, TrunkId};
use crate::net::{MediaSettings, Patience, RecordingSettings, TlsSettings};
use crate::recording::{PromptLibrary, SealRules};
use crate::rules::{PickupProfile, StageLimits};
use crate::sdp::{AddressPolicy, MediaSource, SrtpPolicy};
use crate::sip::auth::{Algorithm, Credentials};
use crate::sip::registration::Account;
use crate::sip::{Host, Transport};
use crate::switch::{
    AgentSettings, BanSettings, DialledFrom, KeepAlive, Limits, LineSettings, ListenerSettings,
    Nuisance, NumberPattern, OutboundSettings, PhoneSettings, Settings, SrtpSettings,
    TransferPolicy, TrunkSettings,
};

/// What the switch is told: the file's sections, with the addresses that the listeners really
/// got and the prompts that were really loaded.
pub(super) fn settings(config: &Config, bound: &[SocketAddr], prompts: &PromptLibrary) -> Settings {
    let listeners = config.sip.listeners.iter().zip(bound);
    Settings {
        user_agent: config.sip.user_agent.clone(),
        realm: config.sip.realm.clone(),
        session_expires_s: seconds(config.sip.session_expires),
        ban: BanSettings {
            tries: usize::try_from(config.sip.ban.tries).unwrap_or(usize::MAX),
            window: config.sip.ban.window,
            time: config.sip.ban.time,
            entries: usize::try_from(config.sip.ban.entries).unwrap_or(usize::MAX),
        },
        phones: phones(&config.sip),
        listeners: listeners
            .map(|(listener, address)| self::listener(listener, *address))
            .collect(),
        trunks: config.trunks.iter().map(trunk).collect(),
        agents: config.agents.iter().map(agent).collect(),
        outbound: config.outbound.iter().map(outbound).collect(),
        echo: config.sip.echo.clone(),
        lines: config
            .lines
            .iter()
            .flat_map(|line| flow::with_posts(self::line(line, config, prompts), line, prompts))
            .collect(),
        calendars: config.load_calendars(|complaint| {
            tracing::error!(complaint, "days of a calendar are left out");
        }),
        queues: config.queues.iter().map(queue::settings).collect(),
        desk: queue::desk(config),
        media_sources: config.trunks.iter().filter_map(media_source).collect(),
        behind_nat: config
            .agents
            .iter()
            .filter(|agent| agent.nat)
            .map(|agent| AgentId(agent.extension.clone()))
            .collect(),
        srtp: SrtpSettings {
            trunks: config.trunks.iter().map(trunk_srtp).collect(),
            agents: config.agents.iter().map(agent_srtp).collect(),
        },
        place: MediaPlace {
            address: config.media.address,
            policy: AddressPolicy {
                allow_loopback: config.media.allow_loopback,
            },
        },
    }
}

/// What finished recordings are measured by.
pub(super) fn sealing(recording: &config::Recording) -> SealRules {
    let [level_from_dbfs, level_to_dbfs] = recording.agent_level;
    SealRules {
        level_from_dbfs,
        level_to_dbfs,
        silence: recording.agent_silence,
    }
}

/// Where sealed recordings are copied to.
pub(crate) fn copies(recording: &config::Recording) -> Option<CopySettings> {
    let copy = recording.copy.as_ref()?;
    let secret = copy
        .secret_key
        .as_ref()
        .map(|secret| secret.reveal().to_owned());
    Some(CopySettings {
        url: copy.url.clone(),
        endpoint: copy.endpoint.clone(),
        region: copy.region.clone(),
        credentials: copy.access_key.clone().zip(secret),
        keep_local: copy.keep_local,
    })
}

/// How sealed recordings are kept.
pub(super) fn keeper(config: &Config) -> KeeperSettings {
    let lines = config.lines.iter();
    let retention = lines.filter_map(|line| Some((LineId(line.name.clone()), line.retention?)));
    KeeperSettings {
        verify_per_day: config.recording.verify_per_day,
        retention: retention.collect(),
    }
}

/// What the media plane needs to know.
pub(super) fn media(config: &Config, prompts: watch::Receiver<PromptLibrary>) -> MediaSettings {
    let media = &config.media;
    MediaSettings {
        ports: media.ports.first..=media.ports.last,
        tos: media.dscp.octet(),
        recording: recording(&config.recording),
        prompts,
        patience: patience(media),
        seed: rand::random(),
        threads: media.threads(),
        calls_a_thread: MediaSettings::CALLS_A_THREAD,
        is_pinned: media.pin,
    }
}

/// Where recordings go.
fn recording(recording: &config::Recording) -> RecordingSettings {
    RecordingSettings {
        spool: recording.spool.clone(),
        reserve: recording.reserve.as_u64(),
        sealing: sealing(recording),
        conceals: recording.conceal,
        ..RecordingSettings::new(recording.folder.clone())
    }
}

fn phones(sip: &config::Sip) -> PhoneSettings {
    PhoneSettings {
        register_min_s: seconds(sip.register_min),
        register_max_s: seconds(sip.register_max),
        max_contacts: usize::try_from(sip.max_contacts).unwrap_or(usize::MAX),
        probe: sip.phone_probe,
        keep_alive: match sip.phone_keep_alive {
            config::KeepAlive::Nat => KeepAlive::Nat,
            config::KeepAlive::All => KeepAlive::All,
            config::KeepAlive::Never => KeepAlive::Never,
        },
    }
}

fn listener(listener: &config::Listener, address: SocketAddr) -> ListenerSettings {
    let algorithms = listener.digest.iter().map(|algorithm| match algorithm {
        config::DigestAlgorithm::Md5 => Algorithm::Md5,
        config::DigestAlgorithm::Sha256 => Algorithm::Sha256,
    });
    ListenerSettings {
        transport: transport(listener.transport),
        address,
        // Port 0 is for tests: the peers know the one that was bound.
        advertised: listener.advertised.unwrap_or(address),
        algorithms: algorithms.collect(),
    }
}

/// The files of a listener for TLS, and the names that trunks must prove.
pub(super) fn tls(config: &Config, listener: &config::Listener) -> Option<TlsSettings> {
    let names = config.trunks.iter().flat_map(|trunk| {
        let peers = trunk.peers.iter().map(|peer| peer.address.ip().into());
        let places: Vec<_> = trunk.addresses.iter().copied().chain(peers).collect();
        let name = trunk.tls_name.iter();
        name.flat_map(move |name| places.clone().into_iter().map(|net| (net, name.clone())))
    });
    Some(TlsSettings {
        certificate: listener.certificate.clone()?,
        key: listener.key.clone()?,
        client_ca: listener.client_ca.clone(),
        server_ca: config.sip.server_ca.clone(),
        names: names.collect(),
    })
}

/// The files of HTTPS, where there are any.
pub(super) fn https(config: &Config) -> Option<TlsSettings> {
    Some(TlsSettings {
        certificate: config.http.certificate.clone()?,
        key: config.http.key.clone()?,
        client_ca: None,
        server_ca: None,
        names: Vec::new(),
    })
}

fn trunk(trunk: &config::Trunk) -> TrunkSettings {
    TrunkSettings {
        advertised: trunk.advertised,
        tls_name: trunk.tls_name.clone(),
        peers: trunk.peers.clone(),
        domain: trunk.domain.clone(),
        probe: Some(trunk.probe).filter(|probe| !probe.is_zero()),
        account: trunk.register.as_ref().map(|it| account(it, trunk)),
        max_calls: trunk.max_calls,
        max_cps: trunk.max_cps,
        area_code: trunk.area_code.clone(),
        dialled_from: trunk.dialled_from.iter().copied().map(source).collect(),
        ..TrunkSettings::new(TrunkId(trunk.name.clone()), trunk.addresses.clone())
    }
}

pub(super) const fn transport(transport: config::ListenerTransport) -> Transport {
    match transport {
        config::ListenerTransport::Udp => Transport::Udp,
        config::ListenerTransport::Tcp => Transport::Tcp,
        config::ListenerTransport::Tls => Transport::Tls,
    }
}

/// The account's domain is the one that is written, else the trunk's, else its first peer's IP.
fn account(register: &config::Register, trunk: &config::Trunk) -> Account {
    let named = register.domain.as_ref().or(trunk.domain.as_ref());
    let peer = trunk.peers.first().map(|peer| Host::Ip(peer.address.ip()));
    Account {
        user: register.user.clone(),
        password: register.password.reveal().to_owned(),
        domain: named
            .and_then(|name| name.parse().ok())
            .or(peer)
            .unwrap_or(Host::None),
        realm: register.realm.clone(),
        expires: register.expires,
    }
}

const fn source(source: config::DialledFrom) -> DialledFrom {
    match source {
        config::DialledFrom::RequestUri => DialledFrom::RequestUri,
        config::DialledFrom::To => DialledFrom::To,
        config::DialledFrom::Diversion => DialledFrom::Diversion,
        config::DialledFrom::HistoryInfo => DialledFrom::HistoryInfo,
    }
}

fn nuisance(nuisance: &config::Nuisance) -> Nuisance {
    Nuisance {
        numbers: nuisance.numbers.iter().map(number).collect(),
        policy: match nuisance.policy {
            config::NuisancePolicy::Reject => NuisancePolicy::Reject,
            config::NuisancePolicy::Busy => NuisancePolicy::Busy,
            config::NuisancePolicy::Announce => NuisancePolicy::Announce,
            config::NuisancePolicy::Last => NuisancePolicy::Last,
        },
    }
}

fn trunk_srtp(trunk: &config::Trunk) -> (TrunkId, SrtpPolicy) {
    (TrunkId(trunk.name.clone()), srtp(trunk.srtp))
}

fn agent_srtp(agent: &config::Agent) -> (AgentId, SrtpPolicy) {
    (AgentId(agent.extension.clone()), srtp(agent.srtp))
}

const fn srtp(policy: config::Srtp) -> SrtpPolicy {
    match policy {
        config::Srtp::Off => SrtpPolicy::Off,
        config::Srtp::Optional => SrtpPolicy::Optional,
        config::Srtp::Required => SrtpPolicy::Required,
    }
}

/// How long peers may be silent.
fn patience(media: &config::Media) -> Patience {
    Patience {
        silent: media.silent_after,
        dead: Some(media.rtp_timeout).filter(|timeout| !timeout.is_zero()),
    }
}

fn media_source(trunk: &config::Trunk) -> Option<(TrunkId, MediaSource)> {
    let rule = match trunk.media_source {
        config::MediaSourceRule::Strict => return None,
        config::MediaSourceRule::SameIp => MediaSource::SameIp,
        config::MediaSourceRule::Cidr => MediaSource::Networks(trunk.media_networks.clone().into()),
    };
    Some((TrunkId(trunk.name.clone()), rule))
}

fn credentials(password: &PhonePassword) -> Credentials {
    match password {
        PhonePassword::Plain(password) => Credentials::new(password.reveal()),
        PhonePassword::Sealed(sealed) => {
            let digests = [
                (Algorithm::Md5, &sealed.md5),
                (Algorithm::Sha256, &sealed.sha256),
                (Algorithm::Sha512_256, &sealed.sha512_256),
            ];
            let digests =
                digests.map(|(algorithm, digest)| (algorithm, digest.reveal().to_owned()));
            Credentials::sealed(digests.into())
        }
    }
}

fn agent(agent: &config::Agent) -> AgentSettings {
    AgentSettings {
        id: AgentId(agent.extension.clone()),
        password: agent.password.as_ref().map(credentials),
        contact: agent.contact,
        probe: agent.probe,
        max_calls: usize::try_from(agent.max_calls).unwrap_or(usize::MAX),
        is_trainee: agent.trainee,
        skills: agent.skills.clone(),
    }
}

fn outbound(policy: &config::Outbound) -> OutboundSettings {
    OutboundSettings {
        name: policy.name.clone(),
        agents: policy.agents.iter().cloned().map(AgentId).collect(),
        prefixes: policy.prefixes.clone(),
        deny: policy.deny.clone(),
        trunk: TrunkId(policy.trunk.clone()),
        caller_id: policy.caller_id.clone(),
        record: record(policy.record),
        limits: Limits {
            concurrent: count(policy.concurrent),
            per_minute: count(policy.per_minute),
            per_day: count(policy.per_day),
            sequential: count(policy.sequential),
            time_per_day: policy.time_per_day,
        },
    }
}

fn count(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn record(policy: config::RecordPolicy) -> RecordPolicy {
    match policy {
        config::RecordPolicy::Required => RecordPolicy::Required,
        config::RecordPolicy::Preferred => RecordPolicy::Preferred,
        config::RecordPolicy::OnDemand => RecordPolicy::OnDemand,
        config::RecordPolicy::Off => RecordPolicy::Off,
    }
}

fn line(line: &config::Line, config: &Config, prompts: &PromptLibrary) -> LineSettings {
    let cadence = line.cadence();
    let prompt = |name: &Option<String>| load(name.as_deref()?, prompts);
    let call = Line {
        id: LineId(line.name.clone()),
        cadence,
        profile: line
            .pickup_profile()
            .unwrap_or_else(|| PickupProfile::within_3(cadence)),
        ringback: match line.ringback {
            config::RingbackKind::Network => Ringback::Network,
            config::RingbackKind::Local => Ringback::Local,
        },
        attempt_rings_shared: line.attempt_rings.shared,
        attempt_rings_last: line.attempt_rings.last,
        max_preanswer: line.max_preanswer,
        log_digits: line.log_digits,
        capture_after_notice: line.capture == config::Capture::AfterNotice,
        follow_redirects: line.follow_redirects,
        notice: prompt(&line.notice),
        announcement: prompt(&line.announcement),
        hold_music: line.hold_music.clone(),
        manners: Manners {
            quality_desk: line.quality_desk.as_ref().map(quality_desk),
            ..manners(
                &line.manners,
                line.stages.limits(line.callback_within),
                prompts,
            )
        },
        record: record(line.record),
        default_purpose: line.default_purpose.clone(),
        flow: Flow::default(),
    };
    let (agents, strategy) = queue::of_line(line, config);
    LineSettings {
        line: Arc::new(call),
        numbers: line.numbers.iter().map(number).collect(),
        queue: line.queue.clone().map(QueueId),
        agents,
        strategy,
        urgency: line.urgency,
        wrap_up: line.wrap_up,
        transfer: TransferPolicy {
            agents: line.transfer.agents,
            prefixes: line.transfer.prefixes.clone(),
            trunks: line.transfer.trunk.iter().cloned().map(TrunkId).collect(),
            redirects: line.transfer.redirects,
        },
        record_consult: record(line.record_consult),
        trunks: line.trunks.iter().cloned().map(TrunkId).collect(),
        nuisance: line.nuisance.as_ref().map(nuisance),
    }
}

fn manners(manners: &config::Manners, limits: StageLimits, prompts: &PromptLibrary) -> Manners {
    let hold_prompt = manners.hold_prompt.as_deref();
    Manners {
        hold_prompt: hold_prompt.and_then(|name| load(name, prompts)),
        return_apology: manners.return_apology.clone(),
        hold_warn: manners.hold_warn,
        hold_long: manners.hold_long,
        park_return: manners.park_return,
        silent_end: manners.silent_end,
        silent_warning: manners.silent_warning.clone(),
        shift_leader: manners.shift_leader.clone().map(AgentId),
        quality_desk: None,
        most_transfers: manners.most_transfers,
        private_calls: match manners.private_calls {
            config::PrivateCalls::Forbid => PrivateCalls::Forbid,
            config::PrivateCalls::Log => PrivateCalls::Log,
            config::PrivateCalls::Limit => PrivateCalls::Limit,
            config::PrivateCalls::End => PrivateCalls::End,
        },
        private_limit: manners.private_limit,
        limits,
    }
}

fn quality_desk(desk: &config::QualityDesk) -> QualityDesk {
    let agent = desk
        .agent
        .clone()
        .map(|agent| PassTo::Agent(AgentId(agent)));
    let line = || Some(PassTo::Line(LineId(desk.line.clone()?)));
    QualityDesk {
        name: desk.name.clone(),
        number: desk.number.clone(),
        to: agent.or_else(line),
    }
}

pub(super) fn load(name: &str, prompts: &PromptLibrary) -> Option<Prompt> {
    let loaded = prompts.prompt(name)?;
    Some(Prompt {
        name: name.to_owned(),
        sha256: loaded.sha256.clone(),
        length_ms: loaded.length_ms,
    })
}

fn number(pattern: &config::NumberPattern) -> NumberPattern {
    let digits = pattern.digits().to_owned();
    if pattern.is_prefix() {
        NumberPattern::Prefix(digits)
    } else {
        NumberPattern::Exact(digits)
    }
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
