//! `thirdring purposes`: the codes of each line, why callers ring (R029) and what comes of it
//! (R085).

use clap::Args;
use serde_json::json;

use super::calls::{or_nothing, plain_table};
use super::database::in_force;
use super::{ConfigFile, say};
use crate::app::desk_rules;
use crate::config::Config;
use crate::rules::CodeTree;

#[derive(Debug, Args)]
pub(super) struct Purposes {
    /// Only of this line
    #[arg(long, value_name = "NAME")]
    line: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl Purposes {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let mut lines = desk_rules(&in_force(&config)).lines;
        if let Some(name) = &self.line {
            lines.retain(|line, _| line.0 == *name);
            anyhow::ensure!(!lines.is_empty(), "there is no line `{name}`");
        }
        if self.json {
            let lines = lines.iter().map(|(line, rules)| {
                json!({
                    "line": line,
                    "purposes": rules.purposes,
                    "outcomes": rules.outcomes,
                    "form": rules.form,
                })
            });
            return say(serde_json::to_string_pretty(&lines.collect::<Vec<_>>())?);
        }
        let mut table = plain_table(&["line", "kind", "code", "name", "English"]);
        for (line, rules) in &lines {
            for (kind, tree) in [("purpose", &rules.purposes), ("outcome", &rules.outcomes)] {
                for [code, name, english] in rows(tree) {
                    table.add_row([line.to_string(), kind.to_owned(), code, name, english]);
                }
            }
        }
        say(table)
    }
}

/// Code and names; a kind of something stands further in.
fn rows(tree: &CodeTree) -> impl Iterator<Item = [String; 3]> {
    tree.codes().iter().map(|code| {
        let depth = tree.path(&code.code).len().saturating_sub(1);
        let retired = if tree.offers(&code.code) {
            ""
        } else {
            " (retired)"
        };
        let name = format!("{}{}{retired}", "  ".repeat(depth), code.name);
        [code.code.clone(), name, or_nothing(code.name_en.clone())]
    })
}
