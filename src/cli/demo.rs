//! `thirdring demo`: the service on loopback, simulated agents that register, and callers who
//! dial: real SIP and RTP, real speech, real rows and recordings.
//!
//! What is to be seen is written down beforehand ([`stories`]); what was seen comes from the
//! phones themselves, the rows and the WAV files ([`verdict`]).

mod cast;
mod conduct;
mod cues;
mod desk;
mod door;
mod evidence;
mod overheard;
mod progress;
mod prompts;
mod reception;
mod show;
mod site;
mod speech;
mod stage;
mod stories;
mod story;
mod verdict;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use self::evidence::Evidence;
use self::progress::Progress;
use self::site::Site;
use self::stage::Stage;
use crate::clock::Clock;
use crate::rules::Cadence;
use crate::telemetry;

/// A fifth of China's cadence.
const FAST: Cadence = Cadence {
    on_ms: 200,
    off_ms: 800,
};
/// Calls that are still up when the demo is left get no longer than this.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Leave when the calls are over, with exit code 0 only if all was as expected
    #[arg(long)]
    once: bool,
    /// Ring in a fifth of the time: 200 ms of tone, 800 ms of silence
    #[arg(long)]
    fast: bool,
    /// Make no calls beforehand: the console is there at once, with callers for its agent
    #[arg(long, conflicts_with = "once")]
    no_calls: bool,
    /// A folder that is not there yet [default: demo-data/ and the time]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let cadence = if self.fast { FAST } else { Cadence::CHINA };
        let folder = self.folder.clone().unwrap_or_else(default_folder);
        let site = Site::prepare(&folder, cadence)?;
        telemetry::start(&site.config.log)?;
        tokio::runtime::Runtime::new()?.block_on(self.show(&site, cadence))
    }

    async fn show(&self, site: &Site, cadence: Cadence) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut stage = Stage::open(site).await?;
        let ended = tokio::select! {
            ended = self.act(&mut stage, site, cadence) => ended,
            _ = terminate.recv() => Ok(Ended::Left),
            _ = interrupt.recv() => Ok(Ended::Left),
        };
        let closed = stage.close(GRACE).await;
        // What went wrong first is what the person wants to know.
        let differences = match ended? {
            Ended::Left if self.once => anyhow::bail!("stopped before the calls were over"),
            Ended::Left => 0,
            Ended::Shown { differences } => differences,
        };
        closed?;
        anyhow::ensure!(
            differences == 0,
            "{differences} things were not as expected"
        );
        Ok(())
    }

    /// The calls, what there is to see of them, and then the newcomer's callers for as long as
    /// somebody stays.
    async fn act(&self, stage: &mut Stage, site: &Site, cadence: Cadence) -> anyhow::Result<Ended> {
        let progress = Progress::new(cadence, Clock.now());
        stage.plug_in(site, cadence, &progress).await?;
        let mut differences = Vec::new();
        let mut evidence = None;
        if self.no_calls {
            progress.finish();
        } else {
            let seen = watch(stage, site, cadence, &progress).await?;
            differences = seen.differences(cadence);
            show::all(&seen, &differences, site)?;
            evidence = Some(seen);
        }
        let door = door::open(stage.store()).await?;
        show::usage(stage.addresses(), site, evidence.as_ref(), &door)?;
        if self.once {
            let differences = differences.len();
            return Ok(Ended::Shown { differences });
        }
        stage.keep_newcomer_waiting().await?;
        show::reception()?;
        stage.receive(site).await?;
        Ok(Ended::Left)
    }
}

/// How the demo ended.
enum Ended {
    /// Everything was shown that it was asked for.
    Shown {
        /// How much of it was not as expected.
        differences: usize,
    },
    /// The person has left it.
    Left,
}

/// Lets the calls happen, and collects what there is to see of them.
async fn watch(
    stage: &mut Stage,
    site: &Site,
    cadence: Cadence,
    progress: &Progress,
) -> anyhow::Result<Evidence> {
    let seen = stage.play(site, cadence, progress).await?;
    let log = stage.log().await?;
    progress.finish();
    Evidence::new(seen, log, &site.config.recording.folder)
}

fn default_folder() -> PathBuf {
    let now = Clock
        .wall()
        .to_jiff()
        .to_zoned(jiff::tz::TimeZone::system());
    PathBuf::from("demo-data").join(now.strftime("%Y%m%d-%H%M%S").to_string())
}
