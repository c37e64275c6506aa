//! `thirdring load`: so many calls at once, with marked voices, against a service that runs, or
//! against one of its own; what was lost, how late it came, and what it cost.

mod own;
mod table;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use self::own::OwnService;
use super::say;
use crate::clock::Clock;
use crate::load::{self, Delays, Figures, Measured, Plan, Recordings};

/// The number that our own service answers.
const NUMBER: &str = "4000000000";
/// How long recordings may take to get their final names.
const SEALING: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub(super) struct Load {
    /// The service to call; without it, one is started for the run on 127.0.0.1
    #[arg(long, value_name = "IP:PORT", requires_all = ["caller_address", "agent_address"])]
    target: Option<SocketAddr>,
    /// How many calls at once; several numbers, one run each
    #[arg(long, value_delimiter = ',', default_values_t = [50, 100, 200, 400])]
    calls: Vec<u16>,
    /// How many calls are dialled a second
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    /// How long all of them talk
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = humantime)]
    hold: Duration,
    /// The number that is dialled
    #[arg(long, default_value = NUMBER)]
    number: String,
    /// The callers' IP, which the service must know as a trunk's
    #[arg(long, value_name = "IP")]
    caller_address: Option<IpAddr>,
    /// Where the service calls its agent, who must be allowed as many calls
    #[arg(long, value_name = "IP:PORT")]
    agent_address: Option<SocketAddr>,
    /// The service's recordings folder, to see whether they are whole
    #[arg(long, value_name = "FOLDER")]
    recordings: Option<PathBuf>,
    /// The service's process, to see what it uses
    #[arg(long)]
    pid: Option<u32>,
    /// Throw every so-manieth packet away and count it as sent: the run must see that it is lost
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    drop_every: Option<u32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One run's line of the table.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    calls: u16,
    answered: usize,
    cpu_ms_per_call_second: Option<f64>,
    memory_kib_per_call: Option<f64>,
    callers: Direction,
    agents: Direction,
    recordings: Option<Recordings>,
    failures: Vec<String>,
    clean: bool,
}

/// What became of one side's packets.
#[derive(Debug, Serialize)]
pub(super) struct Direction {
    #[serde(flatten)]
    figures: Figures,
    #[serde(flatten)]
    delays: Delays,
}

impl Load {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut rows = Vec::new();
        for calls in &self.calls {
            rows.push(self.one(*calls)?);
        }
        if self.json {
            say(serde_json::to_string_pretty(&rows)?)?;
        } else {
            table::print(&rows)?;
        }
        let clean = rows.iter().all(|row| row.clean);
        anyhow::ensure!(
            clean,
            "a call failed, something was lost, or a recording is not whole"
        );
        Ok(())
    }

    fn one(&self, calls: u16) -> anyhow::Result<Row> {
        let own = match self.target {
            None => Some(OwnService::start(calls, &self.number)?),
            Some(_) => None,
        };
        let (plan, folder) = self.plan(calls, own.as_ref())?;
        let there = folder
            .as_deref()
            .map(load::recordings_in)
            .unwrap_or_default();
        let measured = load::run(&plan).context("the calls could not be made")?;
        let recordings = folder.map(|folder| {
            let deadline = Clock.now() + SEALING;
            loop {
                let mut files = load::recordings_in(&folder);
                files.retain(|file| !there.contains(file));
                if files.len() >= measured.talked || Clock.now() >= deadline {
                    let spoke = measured.spoke_ms();
                    return load::check_recordings(&files, measured.talked, spoke);
                }
                std::thread::sleep(LOOK_AGAIN);
            }
        });
        drop(own);
        Ok(row(calls, measured, recordings))
    }

    fn plan(
        &self,
        calls: u16,
        own: Option<&OwnService>,
    ) -> anyhow::Result<(Plan, Option<PathBuf>)> {
        let given = || Some((self.target?, self.caller_address?, self.agent_address?));
        let (target, caller, agent) = match own {
            Some(own) => (own.target(), own::CALLER.into(), own.agent()),
            None => given().context("--caller-address and --agent-address are missing")?,
        };
        let plan = Plan {
            target,
            number: self.number.clone(),
            caller,
            agent,
            calls,
            rate: self.rate,
            hold: self.hold,
            pid: self.pid.or_else(|| own.map(OwnService::pid)),
            drop_every: self.drop_every,
        };
        let folder = self.recordings.clone();
        Ok((plan, folder.or_else(|| own.map(OwnService::recordings))))
    }
}

fn row(calls: u16, measured: Measured, recordings: Option<Recordings>) -> Row {
    let are_complete = recordings.as_ref().is_none_or(Recordings::are_complete);
    let all_talked = measured.talked == usize::from(calls);
    let clean = measured.is_clean() && all_talked && are_complete;
    let [callers, agents] = [0, 1].map(|side: usize| Direction {
        figures: measured.figures[side],
        delays: measured.delays[side],
    });
    Row {
        calls,
        answered: measured.talked,
        cpu_ms_per_call_second: measured.cpu_ms_per_call_s,
        memory_kib_per_call: measured.memory_kib_per_call,
        callers,
        agents,
        recordings,
        failures: measured.failures,
        clean,
    }
}

/// `60s`, `1m 30s`.
fn humantime(text: &str) -> Result<Duration, String> {
    let value = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text);
    humantime_serde::deserialize(value).map_err(|error| error.to_string())
}
