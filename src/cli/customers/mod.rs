//! `thirdring customers`: who has which number.

mod csv;
mod import;

pub(super) use csv::decode;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::calls::{View, or_nothing, plain_table, printable};
use super::database::with_store;
use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::id::CustomerId;
use crate::rules::mask_number;
use crate::store::CustomerFilter;

#[derive(Debug, Args)]
pub(super) struct Customers {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List customers by name
    List(List),
    /// Write down customers from a table, one a line; what does not fit is told, and the rest is
    /// written down
    Import(import::Import),
    /// Erase a customer: name, numbers, notes about the calls, and the number in the log's calls
    Erase(Erase),
}

impl Customers {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::List(list) => list.run(),
            Action::Import(import) => import.run(),
            Action::Erase(erase) => erase.run(),
        }
    }
}

#[derive(Debug, Args)]
struct List {
    /// Only whose name has this in it
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Only who has this number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show telephone numbers unmasked
    #[arg(long)]
    numbers: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl List {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, self.numbers)?;
        let filter = CustomerFilter {
            name: self.name,
            number: self.number,
            limit: Some(self.limit),
            ..CustomerFilter::default()
        };
        let mut customers =
            with_store(&config, async |store| Ok(store.customers(&filter).await?))?;
        if !self.numbers {
            for customer in &mut customers {
                for number in &mut customer.draft.numbers {
                    number.number = mask_number(&number.number);
                }
            }
        }
        if self.json {
            return say(serde_json::to_string_pretty(&customers)?);
        }
        let mut table = plain_table(&["customer", "name", "form", "level", "numbers", "changed"]);
        for customer in customers {
            let draft = customer.draft;
            let numbers = draft.numbers.iter().map(|it| match &it.label {
                Some(label) => format!("{} ({})", printable(&it.number), printable(label)),
                None => printable(&it.number),
            });
            table.add_row([
                customer.id.to_string(),
                printable(&draft.name),
                or_nothing(draft.form.as_deref().map(printable)),
                or_nothing(draft.level.as_deref().map(printable)),
                numbers.collect::<Vec<_>>().join(", "),
                view.time(customer.changed_at).to_string(),
            ]);
        }
        say(table)
    }
}

#[derive(Debug, Args)]
struct Erase {
    /// The customer's id
    id: Uuid,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who does this, for the audit
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    user: String,
    #[command(flatten)]
    config: ConfigFile,
}

impl Erase {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let id = CustomerId(self.id);
        let erased = with_store(&config, async |store| {
            let erased = store.erase_customer(id, &self.user, &self.reason, Clock.wall());
            Ok(erased.await?)
        })?;
        let (calls, notes) = (erased.parties, erased.notes);
        say(format_args!(
            "{id}: erased, with the number in {calls} calls and {notes} versions of notes"
        ))
    }
}
