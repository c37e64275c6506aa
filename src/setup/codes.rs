//! A line's codes as they are changed: what calls have is retired, and not taken out (R029, R085).

use super::Error;
use crate::config::{Config, Line, Problem};
use crate::rules::CodeTree;
use crate::store::{Store, TreeKind};

/// Looks at every code that a line had and has no more.
///
/// # Errors
/// [`Error::Unfit`]: calls have it; or the database fails.
pub(super) async fn keep_used(
    store: &Store,
    name: &str,
    before: &Config,
    after: &Config,
) -> Result<(), Error> {
    let (Some(before), Some(after)) = (line(before, name), line(after, name)) else {
        return Ok(());
    };
    let purposes = (TreeKind::Purpose, "purposes");
    let outcomes = (TreeKind::Outcome, "outcomes");
    let trees = [
        (purposes, before.purpose_tree(), after.purpose_tree()),
        (outcomes, before.outcome_tree(), after.outcome_tree()),
    ];
    let mut problems = Vec::new();
    for ((kind, key), before, after) in trees {
        let (Ok(before), Ok(after)) = (before, after) else {
            continue;
        };
        for code in gone(&before, &after) {
            if store.has_calls_with(name, kind, code).await? {
                problems.push(Problem {
                    file: "setup".into(),
                    place: None,
                    key: format!("line[{name}].{key}"),
                    what: format!("calls have the code `{code}`"),
                    cure: "keep it, with `retired = true` if nobody is to choose it".to_owned(),
                });
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Unfit(problems))
    }
}

fn line<'a>(config: &'a Config, name: &str) -> Option<&'a Line> {
    config.lines.iter().find(|line| line.name == name)
}

fn gone<'a>(before: &'a CodeTree, after: &CodeTree) -> impl Iterator<Item = &'a str> {
    let codes = before.codes().iter().map(|code| code.code.as_str());
    codes.filter(|code| !after.has(code))
}
