//! What it costs to tell many open event streams of every ring, and how late they hear of it.
//!
//! 300 readers who may see everything, 10 calls a second, each with eleven entries of its log and
//! three rings; over real connections on loopback. The service has a runtime of its own, whose
//! threads' CPU time is what is counted. With the environment variables `STREAMS`, `CALLS_A_SECOND`
//! and `SECONDS` it measures something else.

#![allow(
    clippy::expect_used,
    clippy::similar_names,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement may stop at the first surprise, prints, and reads clocks"
)]

#[allow(dead_code, reason = "other programs want the rest of it")]
#[path = "../tests/store/fixture.rs"]
mod fixture;
#[allow(dead_code, reason = "other programs want the rest of it")]
#[path = "../tests/support/postgres.rs"]
mod postgres;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use thirdring::access::{Cost, Passwords, TokenSecret, fingerprint};
use thirdring::archive::Archive;
use thirdring::call::CallNow;
use thirdring::call::command::{Actor, Answer, Done};
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::config::Config;
use thirdring::http::{
    self, Api, Checks, Desk, Door, HttpState, Parts, Readiness, Sign, Site, Soon, Vitals,
};
use thirdring::metrics::Metrics;
use thirdring::net::Live;
use thirdring::rules::{Role, Scope, Timestamp};
use thirdring::setup::Administration;
use thirdring::store::{Store, StoredToken, User};
use thirdring::switch::{Board, Command, News, Overview};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, broadcast, watch};

use fixture::{Database, Story};

const RINGS: u32 = 3;
/// One person follows with so many programs at most.
const OF_ONE: usize = 20;

fn main() {
    let streams = asked("STREAMS", 300);
    let rate = asked("CALLS_A_SECOND", 10);
    let seconds = asked("SECONDS", 10);
    let service = runtime("service", 2);
    let readers = runtime("readers", 1);
    let desk = Arc::new(Bell(broadcast::Sender::new(4096)));
    let (address, tokens) = service.block_on(serve(Arc::clone(&desk), streams));
    let rings = rate * seconds * RINGS;
    let sent: Arc<Mutex<Vec<Option<Instant>>>> =
        Arc::new(Mutex::new(vec![None; usize::try_from(rings).unwrap()]));
    let open = Arc::new(Semaphore::new(0));
    let heard: Vec<_> = (0..streams)
        .map(|n| tokens[usize::try_from(n).unwrap() / OF_ONE].clone())
        .map(|token| readers.spawn(read(address, token, Arc::clone(&sent), Arc::clone(&open))))
        .collect();
    // Who came later would miss the first rings, and wait for them for ever.
    drop(readers.block_on(open.acquire_many(streams)).unwrap());
    let (cpu, begun) = (cpu_of("service"), Instant::now());
    let mut ring = 0;
    for n in 0..rate * seconds {
        let due = begun + Duration::from_secs(1) * n / rate;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let story = Story::new(n).arrived().ringing().answered(3000);
        let story = story
            .hung_up(9000, HangupParty::Caller)
            .ended(9000, Outcome::Answered);
        for entry in &story.entries {
            let _ = desk.0.send(Live::Entry(Arc::new(entry.clone())));
        }
        for _ in 0..RINGS {
            sent.lock().unwrap()[usize::try_from(ring).unwrap()] = Some(Instant::now());
            let news = News::Ring {
                call: story.call,
                line: Some("hotline".into()),
                ring,
                apologise: false,
            };
            let _ = desk.0.send(Live::News(news));
            ring += 1;
        }
    }
    let spent = cpu_of("service").saturating_sub(cpu);
    let took = begun.elapsed();
    let late = readers.block_on(async {
        let mut late = Vec::new();
        for reader in heard {
            late.extend(reader.await.unwrap());
        }
        late
    });
    report(
        streams,
        rings,
        late,
        spent.as_secs_f64() / took.as_secs_f64(),
    );
    service.shutdown_background();
}

fn report(streams: u32, rings: u32, mut late: Vec<Duration>, share: f64) {
    late.sort_unstable();
    let told = usize::try_from(streams * rings).unwrap();
    assert_eq!(late.len(), told, "every reader hears every ring");
    let at = |percent: usize| late[(late.len() - 1) * percent / 100];
    println!(
        "{streams} streams, {rings} rings each: p50 {:?}, p99 {:?}, most {:?}; {:.1} % of a core",
        at(50),
        at(99),
        at(100),
        share * 100.0
    );
}

fn asked(name: &str, usual: u32) -> u32 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn runtime(name: &str, threads: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    let builder = builder
        .worker_threads(threads)
        .thread_name(name)
        .enable_all();
    builder.build().unwrap()
}

/// The CPU time of all threads of this name.
fn cpu_of(name: &str) -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let stats =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok());
    let ticks = stats.filter_map(|stat| {
        let (head, rest) = stat.rsplit_once(") ")?;
        let is_ours = head.split_once('(')?.1 == name;
        let fields: Vec<_> = rest.split(' ').collect();
        let time = |field: usize| fields.get(field)?.parse::<u64>().ok();
        is_ours.then_some(time(11)? + time(12)?)
    });
    // A tick is 10 ms, as the kernel shows it to programs.
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

struct Bell(broadcast::Sender<Live>);

impl Desk for Bell {
    fn command(&self, _: Actor, _: Command) -> Soon<'_, Answer> {
        Box::pin(async { Ok(Done::Accepted) })
    }

    fn live(&self) -> broadcast::Receiver<Live> {
        self.0.subscribe()
    }

    fn overview(&self) -> Soon<'_, Option<Overview>> {
        Box::pin(async { None })
    }

    fn calls_now(&self) -> Soon<'_, Option<Vec<CallNow>>> {
        Box::pin(async { None })
    }

    fn board(&self) -> Board {
        Board::default()
    }
}

struct Well;

impl Vitals for Well {
    fn signs(&self) -> Soon<'_, Vec<Sign>> {
        Box::pin(async { Vec::new() })
    }
}

impl Readiness for Well {
    fn checks(&self) -> Checks<'_> {
        Box::pin(async { Vec::new() })
    }
}

/// Starts the service; where it is, and the tokens of enough people who see everything.
async fn serve(desk: Arc<Bell>, streams: u32) -> (SocketAddr, Vec<String>) {
    let database = Database::sqlite();
    let store = database.store().await;
    // It goes with the process.
    std::mem::forget(database);
    let mut tokens = Vec::new();
    for n in 0..=usize::try_from(streams).unwrap() / OF_ONE {
        tokens.push(follower(&store, n).await);
    }
    let file = Path::new("thirdring.toml");
    let listener = "[[sip.listener]]\naddress = \"127.0.0.1:5060\"\n";
    let media = "[media]\naddress = \"127.0.0.1\"\nallow_loopback = true\n";
    let file = Config::parse(&format!("{listener}{media}"), file).unwrap();
    let api = Api::new(Parts {
        archive: Archive::new(store.clone(), std::env::temp_dir()),
        setup: Administration::new(Arc::new(file), store.clone()),
        store,
        desk,
        site: watch::channel(Arc::new(Site::default())).1,
        passwords: Passwords::new(Cost::LEAST).unwrap(),
        vitals: Arc::new(Well),
        zone: jiff::tz::TimeZone::UTC,
        wallboard_names: false,
        trace: None,
        is_secure: false,
        trusted_proxies: Vec::new(),
    });
    let state = HttpState {
        metrics: Metrics::install().unwrap(),
        readiness: Arc::new(Well),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = http::router(state, &api);
    tokio::spawn(http::serve(
        Door::Plain(listener),
        router,
        std::future::pending(),
    ));
    (address, tokens)
}

/// Adds somebody who sees everything; gives a token of his.
async fn follower(store: &Store, n: usize) -> String {
    let user = User {
        name: format!("wall-{n}"),
        password: String::new(),
        roles: vec![Role::Supervisor],
        extension: None,
        disabled: false,
        created_at: Timestamp(1),
        password_at: Timestamp(1),
    };
    store.add_user(&user).await.unwrap();
    let secret = TokenSecret::generate();
    let token = StoredToken {
        id: uuid::Uuid::from_u128(n as u128 + 1),
        secret: fingerprint(secret.reveal()),
        user: user.name,
        label: String::new(),
        scopes: vec![Scope::CallsRead],
        created_at: Timestamp(1),
        expires_at: Timestamp(i64::MAX),
        used_at: None,
        revoked_at: None,
    };
    store.add_token(&token).await.unwrap();
    secret.reveal().to_owned()
}

/// Reads a stream until the last ring, and says when it is open; how late each ring was.
async fn read(
    address: SocketAddr,
    token: String,
    sent: Arc<Mutex<Vec<Option<Instant>>>>,
    open: Arc<Semaphore>,
) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let rings = sent.lock().unwrap().len();
    let (mut late, mut rest) = (Vec::new(), Vec::new());
    let mut is_open = false;
    let mut buffer = vec![0; 64 * 1024];
    while late.len() < rings {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the stream is over");
        let now = Instant::now();
        rest.extend_from_slice(&buffer[..count]);
        let whole = rest
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(&rest[..whole]).into_owned();
        rest.drain(..whole);
        if !is_open && text.contains("retry:") {
            is_open = true;
            open.add_permits(1);
        }
        for (at, mark) in text.match_indices("\"ring\":") {
            let digits = text[at + mark.len()..].chars();
            let digits: String = digits.take_while(char::is_ascii_digit).collect();
            let ring: usize = digits.parse().unwrap();
            let sent = sent.lock().unwrap()[ring].unwrap();
            late.push(now.saturating_duration_since(sent));
        }
    }
    late
}
