//! Where everybody is, and the hotline that they call.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use thirdring::call::event::{RecordingSummary, Ringback};
use thirdring::call::flow::Flow;
use thirdring::call::{Line, MediaPlace, RecordPolicy};
use thirdring::id::{AgentId, CallId, LineId, TrunkId};
use thirdring::queue::Strategy;
use thirdring::rules::{Cadence, PickupProfile};
use thirdring::sdp::AddressPolicy;
use thirdring::sip::Transport;
use thirdring::sip::auth::{Algorithm, Credentials};
use thirdring::switch::{
    AgentSettings, DeskSettings, LineSettings, ListenerSettings, NumberPattern, PhoneSettings,
    Settings, TransferPolicy, TrunkSettings,
};

use crate::dialled;

pub(crate) const SWITCH: SocketAddr = at(1, 5060);
/// Where the trunk takes calls to outside numbers.
pub(crate) const OUTSIDE: SocketAddr = at(60, 5060);
/// A peer of the trunk that is down.
pub(super) const DEAD: SocketAddr = at(61, 5060);
pub(crate) const NUMBER: &str = "4001234567";
pub(crate) const PASSWORD: &str = "a long secret";
/// 2026-11-21T00:00:00Z.
pub(crate) const EPOCH_US: i64 = 1_795_219_200_000_000;
pub(crate) const fn at(host: u8, port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, host)), port)
}

/// A hotline of these agents, who register, or are at `contact`.
pub(crate) fn site(users: &[&str], contact: Option<SocketAddr>) -> Settings {
    let ids: Vec<_> = users
        .iter()
        .map(|user| AgentId((*user).to_owned()))
        .collect();
    let cadence = Cadence::CHINA;
    let line = Line {
        id: LineId::from("hotline"),
        cadence,
        profile: PickupProfile::within_3(cadence),
        ringback: Ringback::Network,
        attempt_rings_shared: 2,
        attempt_rings_last: 5,
        max_preanswer: Duration::from_secs(45),
        log_digits: false,
        capture_after_notice: false,
        follow_redirects: false,
        notice: None,
        announcement: None,
        hold_music: None,
        manners: thirdring::call::Manners::default(),
        record: RecordPolicy::Required,
        default_purpose: Some("consultation".to_owned()),
        flow: Flow::default(),
    };
    Settings {
        user_agent: "thirdring".to_owned(),
        realm: "thirdring".to_owned(),
        session_expires_s: 1800,
        ban: thirdring::switch::BanSettings::default(),
        // Only phones that said nothing to a call are asked whether they are there.
        phones: PhoneSettings {
            probe: Duration::ZERO,
            ..PhoneSettings::default()
        },
        calendars: BTreeMap::new(),
        media_sources: BTreeMap::new(),
        behind_nat: BTreeSet::new(),
        srtp: thirdring::switch::SrtpSettings::default(),
        listeners: vec![ListenerSettings {
            transport: Transport::Udp,
            address: SWITCH,
            advertised: SWITCH,
            algorithms: vec![Algorithm::Md5],
        }],
        trunks: vec![TrunkSettings {
            peers: vec![OUTSIDE.into()],
            ..TrunkSettings::new("carrier", vec!["192.0.2.0/26".parse().expect("a network")])
        }],
        agents: ids
            .iter()
            .map(|id| AgentSettings {
                id: id.clone(),
                password: Some(Credentials::new(PASSWORD)),
                contact: contact.map(Into::into),
                probe: false,
                max_calls: 1,
                is_trainee: false,
                skills: BTreeMap::new(),
            })
            .collect(),
        outbound: dialled::policies(&ids),
        queues: Vec::new(),
        desk: DeskSettings::default(),
        echo: Some(dialled::ECHO.to_owned()),
        lines: vec![Arc::new(LineSettings {
            line: Arc::new(line),
            numbers: vec![NumberPattern::Exact(NUMBER.to_owned())],
            agents: ids,
            strategy: Strategy::LongestIdle,
            queue: None,
            urgency: 0,
            wrap_up: Duration::ZERO,
            transfer: TransferPolicy {
                agents: true,
                prefixes: vec!["010".to_owned()],
                trunks: vec![TrunkId::from("carrier")],
                redirects: false,
            },
            record_consult: RecordPolicy::Off,
            trunks: Vec::new(),
            nuisance: None,
        })],
        place: MediaPlace {
            address: SWITCH.ip(),
            policy: AddressPolicy {
                allow_loopback: false,
            },
        },
    }
}

pub(crate) fn sealed(call: CallId) -> RecordingSummary {
    RecordingSummary {
        path: format!("{call}.wav"),
        sha256: "0".repeat(64),
        size_bytes: 44,
        duration_ms: 0,
        gaps: Vec::new(),
        ..RecordingSummary::default()
    }
}
