//! Rows of the call log written per second on SQLite, durable at the end of each transaction:
//! whole calls of ten events, in groups as the log writer makes them when idle, busy, and full; and
//! what the local disk has kept while the database was away.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros write undocumented functions, and a bench may stop at the first surprise"
)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::call::event::{
    AttemptResult, Circumstances, Direction, HangupParty, Origin, Outcome, RecordingSummary,
    Ringback,
};
use thirdring::call::{CallEvent, Entry, EventKind, Party};
use thirdring::id::{CallId, EventId, PartyId};
use thirdring::rules::{Cadence, Grade, PickupProfile, Timestamp};
use thirdring::store::{Backlog, JournalFolder, Store};

const GROUPS: [usize; 3] = [1, 64, 512];
/// Entries of a thousand calls.
const WAITING: usize = 10_000;

fn log_write(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    // Below the build's folder, so that it is a real disk where /tmp is memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let url = format!("sqlite://{}/calls.db", folder.path().display());
    let store = runtime.block_on(Store::open(&url)).expect("a store");
    let mut rng = StdRng::seed_from_u64(7);
    // A call every 5 ms: ids grow with time, as they do in service.
    let arrivals = (0..).map(|n| Timestamp(1_795_248_000_000_000 + n * 5_000));
    let mut entries = arrivals.flat_map(|arrived| call(arrived, &mut rng));

    let mut group = criterion.benchmark_group("log_write");
    group.sample_size(20);
    for size in GROUPS {
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(format!("{size}_a_transaction"), |bencher| {
            bencher.iter_batched(
                || entries.by_ref().take(size).collect::<Vec<_>>(),
                |batch| {
                    let stored = runtime.block_on(store.record(&batch));
                    stored.expect("a stored group");
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    runtime.block_on(store.close());
}

/// How long it takes until what waited on the local disk is in the database.
fn drain(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let url = format!("sqlite://{}/calls.db", folder.path().display());
    let store = runtime.block_on(Store::open(&url)).expect("a store");
    let journal = JournalFolder::take(&folder.path().join("journal")).expect("a journal");
    let mut rng = StdRng::seed_from_u64(8);
    let arrivals = (0..).map(|n| Timestamp(1_795_248_000_000_000 + n * 5_000));
    let mut entries = arrivals.flat_map(|arrived| call(arrived, &mut rng));
    let mut group = criterion.benchmark_group("log_drain");
    group.sample_size(10);
    group.throughput(Throughput::Elements(WAITING as u64));
    group.bench_function(format!("{WAITING}_entries"), |bencher| {
        bencher.iter_batched(
            || {
                let mut backlog = Backlog::open(&journal, 1 << 30).expect("a backlog");
                let waiting: Vec<_> = entries.by_ref().take(WAITING).collect();
                backlog.append(&waiting).expect("room");
                backlog
            },
            |mut backlog| {
                let drained = runtime.block_on(store.catch_up(&mut backlog, 512));
                assert_eq!(drained.expect("a database"), WAITING);
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    runtime.block_on(store.close());
}

/// An answered call, from its arrival to its sealed recording.
fn call(arrived: Timestamp, rng: &mut StdRng) -> Vec<Entry> {
    let call = CallId::mint(arrived, rng);
    let caller = Party {
        id: PartyId::mint(arrived, rng),
        number: "13800005678".to_owned(),
        e164: Some("+8613800005678".to_owned()),
        name: None,
    };
    let kinds = kinds(call, caller.id).into_iter().enumerate();
    let mut entries: Vec<_> = kinds
        .map(|(n, kind)| Entry {
            event: CallEvent {
                id: EventId::mint(arrived, rng),
                call,
                at: arrived,
                offset_us: n as u64 * 1_000_000,
                kind,
            },
            parties: Vec::new(),
        })
        .collect();
    if let Some(first) = entries.first_mut() {
        first.parties.push(caller);
    }
    entries
}

fn kinds(call: CallId, caller: PartyId) -> [EventKind; 10] {
    let cadence = Cadence::CHINA;
    [
        EventKind::Arrived {
            direction: Direction::In,
            origin: Origin::External,
            caller: Some(caller),
            dialled: "4001234567".to_owned(),
            line: Some("hotline".into()),
            trunk: Some("carrier".into()),
            sip_call_id: "843817637684230@998sdasdh09".to_owned(),
            callee: None,
            consult_of: None,
            circumstances: Circumstances::default(),
        },
        EventKind::PurposeSet {
            version: 1,
            code: "consultation".to_owned(),
            author: "system".to_owned(),
            reason: None,
        },
        EventKind::Offered {
            attempt: 1,
            agent: "1001".into(),
        },
        EventKind::Ringing {
            ringback: Ringback::Network,
            cadence,
            profile: PickupProfile::named("within_3", cadence).expect("a built-in profile"),
        },
        EventKind::AttemptEnded {
            attempt: 1,
            result: AttemptResult::Answered,
            agent_ring_ms: Some(4_000),
            status: Some(200),
        },
        EventKind::Answered {
            attempt: 1,
            agent: "1001".into(),
            caller_ring_ms: 4_000,
            rings: 1,
            grade: Grade::OnTarget,
            late: false,
        },
        EventKind::Connected,
        EventKind::HungUp {
            party: HangupParty::Caller,
            agent_first: false,
            reason: None,
        },
        EventKind::Ended {
            outcome: Outcome::Answered,
            status: None,
            grade: None,
            caller_ring_ms: None,
            talk_ms: Some(60_000),
        },
        EventKind::RecordingSealed {
            recording: RecordingSummary {
                path: format!("2026/11/21/{call}.wav"),
                sha256: "ab".repeat(32),
                size_bytes: 1_920_044,
                duration_ms: 60_000,
                gaps: Vec::new(),
                ..RecordingSummary::default()
            },
        },
    ]
}

criterion_group!(benches, log_write, drain);
criterion_main!(benches);
