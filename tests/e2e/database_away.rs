//! The database goes away for a while: calls come, are answered and end as ever, and every row is
//! there when it is back. `THIRDRING_OUTAGE_SECONDS` says for how long at least; as short as it can
//! be seen without it.

use std::time::{Duration, Instant};

use sqlx::{Connection, Executor};
use tokio::runtime::Runtime;

use crate::patience::until;
use crate::peer::Peer;
use crate::postgres::Postgres;
use crate::service::Service;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";
/// How many calls there are while it is away.
const MEANWHILE: usize = 3;

fn site() -> Site {
    let line = Line::new("hotline", NUMBER, &[1]).with("record", "\"off\"");
    Site::new().agent(1).line(&line)
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

struct People {
    caller: Peer,
    agent: Peer,
}

impl People {
    fn of(service: &Service) -> Self {
        let network = service.network();
        Self {
            caller: Peer::deaf(network.trunk(), network),
            agent: Peer::deaf(network.agent(1), network),
        }
    }

    /// A call that is answered, and ended by its caller.
    fn talk(&mut self) {
        let Self { caller, agent } = self;
        caller.forget_dialog();
        caller.dial(NUMBER, caller.plain());
        agent.ring();
        caller.expect(180);
        agent.pick_up(agent.plain());
        caller.talk();
        caller.bye();
        agent.expect_bye();
    }
}

fn status(service: &Service) -> String {
    service.get("/readyz").unwrap_or_default()
}

/// So many answered calls, each with one of every event, in order; rows that their events give
/// again; and nothing left on the local disk.
fn assert_whole(service: &Service, calls: usize) {
    let rows = until("every row", || {
        let rows = service.calls();
        let ended = rows.iter().filter(|row| !row["ended_at"].is_null());
        (ended.count() == calls).then_some(rows)
    });
    assert_eq!(rows.len(), calls);
    for row in rows {
        let call = service.show(row["id"].as_str().unwrap());
        assert_eq!(call["outcome"], "answered", "{call:#}");
        let events = call["events"].as_array().unwrap();
        let offsets: Vec<_> = events
            .iter()
            .map(|event| event["offset_us"].as_u64().unwrap())
            .collect();
        assert!(offsets.is_sorted(), "{offsets:?}");
        for kind in ["arrived", "ringing", "answered", "connected", "ended"] {
            let of_kind = events.iter().filter(|event| event["kind"] == kind);
            assert_eq!(of_kind.count(), 1, "{kind} in {call:#}");
        }
    }
    until("nothing to wait on the local disk", || {
        (service.metric("thirdring_log_backlog_entries") == 0.0
            && status(service).contains("\"ready\""))
        .then_some(())
    });
    let (good, said) = service.command(&["rebuild"]);
    assert!(good.success(), "{said}");
    assert!(
        !said.contains("its rows were not") && !said.contains("no row"),
        "{said}"
    );
}

/// Calls before, while, and after the database is away.
fn away<T>(service: &Service, goes: impl FnOnce() -> T, comes_back: impl FnOnce(T)) {
    let mut people = People::of(service);
    people.talk();
    let held = goes();
    let (began, outage) = (Instant::now(), outage());
    let mut meanwhile = 0;
    while meanwhile < MEANWHILE || began.elapsed() < outage {
        people.talk();
        meanwhile += 1;
    }
    until("the service to say so", || {
        let waiting = service.metric("thirdring_log_backlog_entries") > 0.0;
        let down = service.metric("thirdring_db_up") == 0.0;
        (waiting && down && status(service).contains("degraded")).then_some(())
    });
    comes_back(held);
    people.talk();
    assert_whole(service, meanwhile + 2);
}

/// How long the database is away at least.
fn outage() -> Duration {
    let seconds = std::env::var("THIRDRING_OUTAGE_SECONDS");
    seconds.map_or(Duration::ZERO, |seconds| {
        Duration::from_secs(seconds.parse().expect("a number of seconds"))
    })
}

/// Threat: database away. Postgres hangs.
#[test]
fn calls_go_on_while_postgres_hangs() {
    let postgres = Postgres::start();
    let url = runtime().block_on(postgres.database());
    let service = site().database(url).start();
    away(&service, || postgres.pause(), drop);
    service.stop();
}

/// Threat: database away. Postgres is killed and started again.
#[test]
fn calls_go_on_while_postgres_is_dead() {
    let postgres = Postgres::start();
    let url = runtime().block_on(postgres.database());
    let service = site().database(url).start();
    away(&service, || postgres.kill(), |()| postgres.start_again());
    service.stop();
}

/// Threat: database away. Postgres drops every connection.
#[test]
fn calls_go_on_when_postgres_drops_its_connections() {
    let postgres = Postgres::start();
    let runtime = runtime();
    let url = runtime.block_on(postgres.database());
    let service = site().database(url.clone()).start();
    let mut people = People::of(&service);
    let mut connection = runtime.block_on(sqlx::PgConnection::connect(&url)).unwrap();
    for _ in 0..MEANWHILE {
        people.talk();
        let drop_all = "select pg_terminate_backend(pid) from pg_stat_activity \
             where datname = current_database() and pid <> pg_backend_pid()";
        runtime.block_on(connection.execute(drop_all)).unwrap();
    }
    people.talk();
    assert_whole(&service, MEANWHILE + 1);
    service.stop();
}

/// Threat: database away. Another process holds SQLite's lock.
#[test]
fn calls_go_on_while_another_process_holds_sqlite() {
    let service = site().start();
    let runtime = runtime();
    let url = format!("sqlite:{}", service.folder().join("log.db").display());
    let lock = || {
        runtime.block_on(async {
            let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
            connection.execute("begin exclusive").await.unwrap();
            connection
        })
    };
    let unlock = |mut connection: sqlx::SqliteConnection| {
        runtime
            .block_on(connection.execute("rollback"))
            .map(drop)
            .unwrap();
    };
    away(&service, lock, unlock);
    service.stop();
}

/// Threat: database away, and then a crash. What the local disk has is in the database before the
/// first call of the next start.
#[test]
fn a_crash_while_the_database_is_away_loses_no_row() {
    let postgres = Postgres::start();
    let url = runtime().block_on(postgres.database());
    let mut service = site().database(url).start();
    let mut people = People::of(&service);
    let paused = postgres.pause();
    for _ in 0..MEANWHILE {
        people.talk();
    }
    until("the last events to be on the disk", || {
        let journal = service
            .folder()
            .join("data/journal/entries-00000001.journal");
        let lines = std::fs::read_to_string(journal).ok()?;
        (lines.matches("\"ended\"").count() == MEANWHILE).then_some(())
    });
    service.crash_and_restart_after(|| drop(paused));
    assert_whole(&service, MEANWHILE);
    service.stop();
}

/// Calls come to a service that was started without its database, which then comes back.
fn back_late(service: &Service, people: &mut People, calls: usize, comes_back: impl FnOnce()) {
    for _ in 0..MEANWHILE {
        people.talk();
    }
    until("the service to say so", || {
        let waiting = service.metric("thirdring_log_backlog_entries") > 0.0;
        let down = service.metric("thirdring_db_up") == 0.0;
        (waiting && down && status(service).contains("degraded")).then_some(())
    });
    comes_back();
    until("the database to have caught up", || {
        status(service).contains("\"ready\"").then_some(())
    });
    people.talk();
    until("every row", || {
        let rows = service.calls();
        let ended = rows.iter().filter(|row| !row["ended_at"].is_null());
        (ended.count() == calls).then_some(())
    });
}

/// Threat: database away. The very first start finds no server: calls are taken, and their rows
/// are in tables that are made when it comes.
#[test]
fn a_service_starts_without_its_database() {
    let postgres = Postgres::start();
    let url = runtime().block_on(postgres.database());
    postgres.kill();
    let service = site().database(url).start();
    let mut people = People::of(&service);
    let comes_back = || postgres.start_again();
    back_late(&service, &mut people, MEANWHILE + 1, comes_back);
    assert_whole(&service, MEANWHILE + 1);
    service.stop();
}

/// Threat: database away, and a crash before that. What the earlier run has left goes before what
/// this one adds: its call is interrupted, and none of this run's is.
#[test]
fn a_start_without_the_database_mends_later_what_a_crash_has_left() {
    let postgres = Postgres::start();
    let url = runtime().block_on(postgres.database());
    let mut service = site().database(url).start();
    let mut people = People::of(&service);
    people.talk();
    let People { caller, agent } = &mut people;
    caller.forget_dialog();
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    agent.pick_up(agent.plain());
    caller.talk();
    until("its answer to be in the log", || {
        let rows = service.calls();
        let answered = rows.iter().filter(|row| !row["connected_at"].is_null());
        (answered.count() == 2).then_some(())
    });
    service.crash_and_restart_after(|| postgres.kill());
    people.caller.expect_bye();
    people.agent.expect_bye();
    let comes_back = || postgres.start_again();
    back_late(&service, &mut people, MEANWHILE + 3, comes_back);
    let rows = service.calls();
    let outcomes: Vec<_> = rows.iter().map(|row| row["outcome"].as_str()).collect();
    let answered = Some("answered");
    let expected = [
        answered,
        Some("interrupted"),
        answered,
        answered,
        answered,
        answered,
    ];
    assert_eq!(outcomes, expected);
    let cut_off = service.show(rows[1]["id"].as_str().unwrap());
    let ends = cut_off["events"].as_array().unwrap().iter();
    let ends = ends.filter(|event| event["kind"] == "ended");
    assert_eq!(ends.count(), 1, "{cut_off:#}");
    let (good, said) = service.command(&["rebuild"]);
    assert!(good.success() && said.contains(" 0 put right"), "{said}");
    service.stop();
}

/// The control: with nowhere to keep the log it does not start, nor with an SQLite that cannot be
/// had: that does not come back by itself.
#[test]
fn without_the_journal_a_service_needs_its_database_at_the_start() {
    let postgres = Postgres::start();
    let url = runtime().block_on(postgres.database());
    postgres.kill();
    let (folder, _network) = site().without_journal().database(url).write();
    let said = crate::service::gives_up(folder.path());
    assert!(said.contains("cannot open the database"), "{said}");
    let other = tempfile::tempdir().unwrap();
    let file = other.path().join("log.db");
    std::fs::write(&file, "no database at all, ".repeat(100)).unwrap();
    let url = format!("sqlite:{}", file.display());
    let (folder, _network) = site().database(url).write();
    let said = crate::service::gives_up(folder.path());
    assert!(said.contains("cannot open the database"), "{said}");
}

/// The control: without the journal, the same fault costs calls.
#[test]
fn without_the_journal_calls_are_refused_while_postgres_hangs() {
    let postgres = Postgres::start();
    let url = runtime().block_on(postgres.database());
    let service = site().without_journal().database(url).start();
    let mut people = People::of(&service);
    people.talk();
    let paused = postgres.pause();
    people.caller.forget_dialog();
    people.caller.dial(NUMBER, people.caller.plain());
    let refusal = people.caller.expect_refusal(503);
    people.caller.ack_refusal(&refusal);
    drop(paused);
    until("the refused call's row", || {
        let rows = service.calls();
        let failed = rows.iter().filter(|row| row["outcome"] == "failed");
        (rows.len() == 2 && failed.count() == 1).then_some(())
    });
}
