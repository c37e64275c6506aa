//! `thirdring calls open`: what nobody has wrapped up (R087).

use clap::Args;

use super::table::{or_nothing, plain_table};
use super::view::{View, printable};
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::id::AgentId;
use crate::rules::Timestamp;
use crate::store::WrapUpFilter;

const DAY_US: i64 = 24 * 3600 * 1_000_000;

#[derive(Debug, Args)]
pub(super) struct Open {
    /// Only calls that this agent answered
    #[arg(long, value_name = "EXTENSION")]
    agent: Option<String>,
    /// How many days back
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    days: u16,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl Open {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, false)?;
        let filter = WrapUpFilter {
            agent: self.agent.map(AgentId),
            among: Vec::new(),
            from: Timestamp(Clock.wall().0 - i64::from(self.days) * DAY_US),
            before: None,
            after: None,
            limit: self.limit,
        };
        let open = with_store(&config, async |store| {
            Ok(store.open_wrap_ups(&filter).await?)
        })?;
        if self.json {
            return say(serde_json::to_string_pretty(&open)?);
        }
        let mut table = plain_table(&["call", "line", "agent", "ended", "lacks"]);
        for call in open {
            let lacks = [
                call.lacks_purpose.then_some("purpose"),
                call.lacks_disposition.then_some("outcome"),
            ];
            let lacks: Vec<_> = lacks.into_iter().flatten().collect();
            table.add_row([
                call.call.to_string(),
                or_nothing(call.line.map(|line| printable(&line.0))),
                printable(&call.agent.0),
                view.time(call.ended_at).to_string(),
                lacks.join(", "),
            ]);
        }
        say(table)
    }
}
