//! Databases to test on, and calls to put into them.

use std::sync::{Arc, OnceLock};

use tempfile::TempDir;
use thirdring::call::event::{
    Circumstances, Direction, HangupParty, Origin, Outcome, RecordingGap, RecordingSummary,
    Ringback,
};
use thirdring::call::record::CallRecord;
use thirdring::call::{CallEvent, Entry, EventKind, Party};
use thirdring::id::{CallId, EventId, PartyId};
use thirdring::rules::{Cadence, Grade, PickupProfile, Timestamp};
use thirdring::store::Store;
use uuid::Uuid;

use crate::postgres::Postgres;

/// An empty database of one test.
pub(crate) struct Database {
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite://{}", folder.path().join("log/calls.db").display()),
            _folder: Some(folder),
        }
    }

    /// All tests share one server, which stops when the process ends.
    pub(crate) async fn postgres() -> Self {
        static SERVER: OnceLock<Arc<Postgres>> = OnceLock::new();
        let server = tokio::task::spawn_blocking(|| {
            Arc::clone(SERVER.get_or_init(|| Arc::new(Postgres::start())))
        });
        Self {
            url: server.await.unwrap().database().await,
            _folder: None,
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    /// Runs a statement behind the store's back.
    pub(crate) async fn execute(&self, statement: &'static str) -> Result<u64, sqlx::Error> {
        use sqlx::Connection;
        if self.is_sqlite() {
            let mut connection = sqlx::SqliteConnection::connect(&self.url).await?;
            let done = sqlx::query(statement).execute(&mut connection).await?;
            Ok(done.rows_affected())
        } else {
            let mut connection = sqlx::PgConnection::connect(&self.url).await?;
            let done = sqlx::query(statement).execute(&mut connection).await?;
            Ok(done.rows_affected())
        }
    }
}

/// 2026-11-21T08:00:00Z.
pub(crate) const MORNING: i64 = 1_795_248_000_000_000;

/// A call as the core would tell it.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) call: CallId,
    began: i64,
    pub(crate) entries: Vec<Entry>,
}

impl Story {
    /// Call number `n` of a test arrives, `n` seconds after 08:00 UTC.
    pub(crate) fn new(n: u32) -> Self {
        let began = MORNING + i64::from(n) * 1_000_000;
        let ms = u64::try_from(began / 1000).unwrap();
        let id = uuid::Builder::from_unix_timestamp_millis(ms, &seed(n, 0)).into_uuid();
        Self {
            call: CallId(id),
            began,
            entries: Vec::new(),
        }
    }

    /// From a customer on the hotline.
    pub(crate) fn arrived(self) -> Self {
        self.arrived_on("hotline", "13800005678", Some("王小明"))
    }

    pub(crate) fn arrived_on(mut self, line: &str, number: &str, name: Option<&str>) -> Self {
        let party = self.party(1, number, name);
        let arrived = EventKind::Arrived {
            direction: Direction::In,
            origin: Origin::External,
            caller: Some(party.id),
            dialled: "4001234567".to_owned(),
            line: Some(line.into()),
            trunk: Some("carrier".into()),
            sip_call_id: format!("{}@192.0.2.1", self.call),
            callee: None,
            consult_of: None,
            circumstances: Circumstances::default(),
        };
        self = self.then(0, arrived);
        self.entries.last_mut().unwrap().parties.push(party);
        self
    }

    pub(crate) fn party(&self, n: u32, number: &str, name: Option<&str>) -> Party {
        Party {
            id: PartyId(Uuid::from_u128(self.call.0.as_u128() ^ u128::from(n))),
            number: number.to_owned(),
            e164: Some(format!("+86{number}")),
            name: name.map(str::to_owned),
        }
    }

    /// `kind` happens `ms` after the arrival.
    pub(crate) fn then(mut self, ms: u64, kind: EventKind) -> Self {
        let n = u32::try_from(self.entries.len()).unwrap() + 1;
        let offset_us = ms * 1000;
        let id = Uuid::from_u128(self.call.0.as_u128() ^ (u128::from(n) << 40));
        self.entries.push(Entry {
            event: CallEvent {
                id: EventId(id),
                call: self.call,
                at: Timestamp(self.began + i64::try_from(offset_us).unwrap()),
                offset_us,
                kind,
            },
            parties: Vec::new(),
        });
        self
    }

    pub(crate) fn purpose(self, code: &str) -> Self {
        let purpose = EventKind::PurposeSet {
            version: 1,
            code: code.to_owned(),
            author: "system".to_owned(),
            reason: None,
        };
        self.then(0, purpose)
    }

    pub(crate) fn ringing(self) -> Self {
        let profile = PickupProfile::named("within_3", Cadence::CHINA).unwrap();
        let ringing = EventKind::Ringing {
            ringback: Ringback::Network,
            cadence: Cadence::CHINA,
            profile,
        };
        self.then(500, ringing)
    }

    pub(crate) fn answered(self, ring_ms: u64) -> Self {
        self.answered_by("1001", ring_ms)
    }

    pub(crate) fn answered_by(self, agent: &str, ring_ms: u64) -> Self {
        let cadence = Cadence::CHINA;
        let profile = PickupProfile::named("within_3", cadence).unwrap();
        let grade = profile.grade(ring_ms);
        let offered = EventKind::Offered {
            attempt: 1,
            agent: agent.into(),
        };
        let ended = EventKind::AttemptEnded {
            attempt: 1,
            result: thirdring::call::event::AttemptResult::Answered,
            agent_ring_ms: Some(ring_ms),
            status: Some(200),
        };
        let answered = EventKind::Answered {
            attempt: 1,
            agent: agent.into(),
            caller_ring_ms: ring_ms,
            rings: cadence.rings(ring_ms).0,
            grade,
            late: grade == Grade::Late,
        };
        self.then(100, offered)
            .then(500, EventKind::AgentRinging { attempt: 1 })
            .then(500 + ring_ms, ended)
            .then(500 + ring_ms, answered)
            .then(500 + ring_ms, EventKind::Connected)
    }

    pub(crate) fn hung_up(self, ms: u64, party: HangupParty) -> Self {
        let hung_up = EventKind::HungUp {
            party,
            agent_first: party == HangupParty::Agent,
            reason: None,
        };
        self.then(ms, hung_up)
    }

    pub(crate) fn ended(self, ms: u64, outcome: Outcome) -> Self {
        let talked = outcome == Outcome::Answered;
        let ended = EventKind::Ended {
            outcome,
            status: None,
            grade: (outcome == Outcome::Abandoned).then_some(Grade::AbandonedInTime),
            caller_ring_ms: (!talked).then_some(ms.saturating_sub(500)),
            talk_ms: talked.then_some(ms / 2),
        };
        self.then(ms, ended)
    }

    pub(crate) fn sealed(self, ms: u64, gaps: Vec<RecordingGap>) -> Self {
        let recording = RecordingSummary {
            path: format!("2026/11/21/{}.wav", self.call),
            sha256: "ab".repeat(32),
            size_bytes: 320_044,
            duration_ms: 10_000,
            gaps,
            ..RecordingSummary::default()
        };
        self.sealed_as(ms, recording)
    }

    pub(crate) fn sealed_as(self, ms: u64, recording: RecordingSummary) -> Self {
        self.then(ms, EventKind::RecordingSealed { recording })
    }

    /// The record that these events give.
    pub(crate) fn record(&self) -> CallRecord {
        CallRecord::from_events(self.entries.iter().map(|entry| &entry.event)).unwrap()
    }

    pub(crate) async fn store(self, store: &Store) -> Self {
        store.record(&self.entries).await.unwrap();
        self
    }
}

fn seed(n: u32, salt: u8) -> [u8; 10] {
    let mut bytes = [salt; 10];
    bytes[6..].copy_from_slice(&n.to_be_bytes());
    bytes
}
