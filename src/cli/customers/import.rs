//! `thirdring customers import`: customers from a table, with a report (R227).

use std::fmt;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::csv::{self, Row};
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Customer, CustomerDraft, CustomerFilter, CustomerNumber, Store};

#[derive(Debug, Args)]
pub(super) struct Import {
    /// A table with commas (CSV, UTF-8 or GB18030), whose first line names the columns: name, form,
    /// level, number, and number2, number3, ...; or 姓名, 称呼, 级别, 电话, 电话2, 电话3, ...
    file: PathBuf,
    /// Only say what would be written down
    #[arg(long)]
    check: bool,
    /// Who does this, for the audit
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    user: String,
    #[command(flatten)]
    config: ConfigFile,
}

impl Import {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let shown = self.file.display();
        let bytes = std::fs::read(&self.file).with_context(|| format!("cannot read {shown}"))?;
        let text = csv::decode(&bytes).with_context(|| format!("{shown} is not a text"))?;
        let rows = csv::rows(&text);
        let rows = rows.map_err(|line| anyhow::anyhow!("{shown}:{line}: a quote has no end"))?;
        let (head, rows) = rows.split_first().context("the table is empty")?;
        let columns = Columns::of(head)?;
        let report = with_store(&config, async |store| {
            let mut report = Report::default();
            for row in rows {
                let draft = columns.draft(row);
                match take(store, &draft, &self.user, self.check).await? {
                    Taken::New => report.new += 1,
                    Taken::Changed => report.changed += 1,
                    Taken::Same => report.same += 1,
                    Taken::Refused(why) => report.refused.push((row.line, why)),
                }
            }
            Ok(report)
        })?;
        say(&report)?;
        let refused = report.refused.len();
        anyhow::ensure!(refused == 0, "{refused} lines were not written down");
        Ok(())
    }
}

/// Where each column is.
#[derive(Debug, Default)]
struct Columns {
    name: Option<usize>,
    form: Option<usize>,
    level: Option<usize>,
    numbers: Vec<usize>,
}

impl Columns {
    fn of(head: &Row) -> anyhow::Result<Self> {
        let mut columns = Self::default();
        for (place, title) in head.cells.iter().enumerate() {
            let title = title.to_lowercase();
            let bare = title.trim_end_matches(|it: char| it.is_ascii_digit());
            match bare {
                "name" | "姓名" => columns.name = Some(place),
                "form" | "称呼" => columns.form = Some(place),
                "level" | "级别" => columns.level = Some(place),
                "number" | "phone" | "电话" => columns.numbers.push(place),
                _ => anyhow::bail!(
                    "column `{title}` is not known: write name, form, level, number, number2, ..."
                ),
            }
        }
        anyhow::ensure!(columns.name.is_some(), "there is no column `name`");
        anyhow::ensure!(!columns.numbers.is_empty(), "there is no column `number`");
        Ok(columns)
    }

    fn draft(&self, row: &Row) -> CustomerDraft {
        let cell = |place: usize| {
            row.cells
                .get(place)
                .filter(|cell| !cell.is_empty())
                .cloned()
        };
        let numbers = self.numbers.iter().filter_map(|place| {
            Some(CustomerNumber {
                number: cell(*place)?,
                label: None,
            })
        });
        CustomerDraft {
            name: self.name.and_then(cell).unwrap_or_default(),
            form: self.form.and_then(cell),
            level: self.level.and_then(cell),
            numbers: numbers.collect(),
            ..CustomerDraft::default()
        }
    }
}

/// What became of a line.
enum Taken {
    New,
    Changed,
    Same,
    Refused(String),
}

/// Writes one customer down: anew, or over the one who has one of the numbers. What the table does
/// not say of that one stays.
async fn take(
    store: &Store,
    draft: &CustomerDraft,
    by: &str,
    only_check: bool,
) -> anyhow::Result<Taken> {
    let mut known: Vec<Customer> = Vec::new();
    for number in &draft.numbers {
        let filter = CustomerFilter {
            number: Some(number.number.clone()),
            ..CustomerFilter::default()
        };
        for customer in store.customers(&filter).await? {
            if known.iter().all(|it| it.id != customer.id) {
                known.push(customer);
            }
        }
    }
    let (why, at) = ("import", Clock.wall());
    let result = match known.as_slice() {
        [] if only_check => draft.check().map(|()| Taken::New),
        [] => store
            .create_customer(draft, by, why, at)
            .await
            .map(|_| Taken::New),
        [customer] => {
            let draft = joined(draft, &customer.draft);
            if draft == customer.draft {
                return Ok(Taken::Same);
            }
            if only_check {
                draft.check().map(|()| Taken::Changed)
            } else {
                let (id, base) = (customer.id, customer.version);
                let changed = store.change_customer(id, base, &draft, by, why, at);
                changed.await.map(|_| Taken::Changed)
            }
        }
        several => {
            let ids: Vec<_> = several.iter().map(|it| it.id.to_string()).collect();
            let why = format!(
                "the numbers belong to several customers: {}",
                ids.join(", ")
            );
            return Ok(Taken::Refused(why));
        }
    };
    match result {
        Ok(taken) => Ok(taken),
        Err(error @ (crate::store::Error::NoCustomer(_) | crate::store::Error::NumberTaken(_))) => {
            Ok(Taken::Refused(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// What the table says, and what else is known.
fn joined(draft: &CustomerDraft, known: &CustomerDraft) -> CustomerDraft {
    let mut numbers = known.numbers.clone();
    for number in &draft.numbers {
        let key = |number: &str| crate::rules::national(number, None);
        if numbers
            .iter()
            .all(|it| key(&it.number) != key(&number.number))
        {
            numbers.push(number.clone());
        }
    }
    CustomerDraft {
        name: draft.name.clone(),
        form: draft.form.clone().or_else(|| known.form.clone()),
        level: draft.level.clone().or_else(|| known.level.clone()),
        numbers,
        ..known.clone()
    }
}

#[derive(Debug, Default)]
struct Report {
    new: usize,
    changed: usize,
    same: usize,
    refused: Vec<(usize, String)>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (line, why) in &self.refused {
            writeln!(f, "line {line}: {why}")?;
        }
        let (new, changed, same) = (self.new, self.changed, self.same);
        write!(f, "{new} new, {changed} changed, {same} as they were")
    }
}
