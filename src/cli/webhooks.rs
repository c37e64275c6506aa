//! `thirdring webhooks`: which programs are told, what they were told, and once more.

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::calls::{View, or_nothing, plain_table, printable};
use super::database::with_store;
use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::id::DeliveryId;
use crate::store::DeliveryFilter;

#[derive(Debug, Args)]
pub(super) struct Webhooks {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the programs that are told, and how many messages wait for each
    List(List),
    /// List messages, the newest first, and what came of them
    Log(Log),
    /// Send a message again: the same text under the same id
    Replay(Replay),
}

impl Webhooks {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::List(list) => list.run(),
            Action::Log(log) => log.run(),
            Action::Replay(replay) => replay.run(),
        }
    }
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    config: ConfigFile,
}

impl List {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let waiting = with_store(&config, async |store| Ok(store.waiting().await?))?;
        let mut table = plain_table(&["webhook", "events", "numbers", "waiting"]);
        for webhook in &config.webhooks {
            let events = webhook.events.iter().map(|kind| kind.as_str());
            let events: Vec<_> = events.collect();
            let waits = waiting.iter().find(|(name, _)| *name == webhook.name);
            table.add_row([
                printable(&webhook.name),
                if events.is_empty() {
                    "all".to_owned()
                } else {
                    events.join(", ")
                },
                if webhook.numbers { "shown" } else { "masked" }.to_owned(),
                waits.map_or(0, |(_, count)| *count).to_string(),
            ]);
        }
        say(table)
    }
}

#[derive(Debug, Args)]
struct Log {
    /// Only to this program
    #[arg(long, value_name = "NAME")]
    webhook: Option<String>,
    /// In this state: waiting, delivered or failed
    #[arg(long, value_name = "STATE", value_parser = ["waiting", "delivered", "failed"])]
    state: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl Log {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, false)?;
        let filter = DeliveryFilter {
            endpoint: self.webhook,
            state: self.state,
            after: None,
            limit: Some(self.limit),
        };
        let found = with_store(&config, async |store| Ok(store.deliveries(&filter).await?))?;
        if self.json {
            return say(serde_json::to_string_pretty(&found)?);
        }
        let columns = [
            "message", "webhook", "type", "written", "state", "tries", "status", "error", "next",
        ];
        let mut table = plain_table(&columns);
        for message in found {
            let next = (message.state == "waiting").then_some(message.due_at);
            table.add_row([
                message.id.to_string(),
                printable(&message.endpoint),
                printable(&message.kind),
                view.time(message.created_at).to_string(),
                message.state,
                message.tries.to_string(),
                or_nothing(message.status.map(|status| status.to_string())),
                or_nothing(message.error.as_deref().map(printable)),
                or_nothing(next.map(|due| view.time(due).to_string())),
            ]);
        }
        say(table)
    }
}

#[derive(Debug, Args)]
struct Replay {
    /// The message's id
    id: Uuid,
    #[command(flatten)]
    config: ConfigFile,
}

impl Replay {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let id = DeliveryId(self.id);
        with_store(&config, async |store| {
            Ok(store.replay_delivery(id, Clock.wall()).await?)
        })?;
        say(format_args!("{id}: waits to be sent"))
    }
}
