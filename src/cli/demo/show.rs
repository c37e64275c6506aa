//! What the demo prints when the calls are over.

use super::cast::COLLEAGUE;
use super::door::{Credentials, LOG_INS, USER};
use super::evidence::Evidence;
use super::site::{Site, TRUNK};
use super::stories::STORIES;
use crate::app::Addresses;
use crate::cli::calls::table::call_table;
use crate::cli::calls::view::View;
use crate::cli::calls::{desk, dialogue};
use crate::cli::say;

/// Everything that there is to see of the calls, and whether it was as expected.
pub(super) fn all(evidence: &Evidence, differences: &[String], site: &Site) -> anyhow::Result<()> {
    calls(evidence, site)?;
    turns(evidence, site)?;
    recordings(evidence, site)?;
    verdict(differences)
}

/// The calls as `thirdring calls` shows them, in the order they were made.
fn calls(evidence: &Evidence, site: &Site) -> anyhow::Result<()> {
    let view = View::of(&site.config, true)?;
    say(format!("\n{}", call_table(&evidence.rows, &view)))
}

/// What the system said to callers and they to it, and what the desk did with their calls.
fn turns(evidence: &Evidence, site: &Site) -> anyhow::Result<()> {
    let view = View::of(&site.config, true)?;
    say("\nThe desk and the system, as `thirdring calls show` tells it:")?;
    for story in STORIES.iter().filter(|story| story.is_cued) {
        let Some(row) = evidence.row(story) else {
            continue;
        };
        say(format!("  {} ({})", view.caller(row), story.title))?;
        let mut facts = dialogue::facts(&row.record.dialogue, &view);
        facts.extend(desk::facts(row, &row.record, &view));
        let task = evidence.task(row.record.id);
        facts.extend(task.map(|it| ("task", format!("{}, {}", it.task.kind.as_str(), it.task.id))));
        for (name, fact) in facts {
            say(format!("    {name:12}{fact}"))?;
        }
    }
    Ok(())
}

/// A line a recording: length and levels, measured from the file.
fn recordings(evidence: &Evidence, site: &Site) -> anyhow::Result<()> {
    let folder = site.config.recording.folder.display();
    say(format!("\nRecordings in {folder}:"))?;
    for row in &evidence.rows {
        let record = &row.record;
        let (Some(recording), Some(measured)) =
            (&record.recording, evidence.recordings.get(&record.id))
        else {
            continue;
        };
        let mut levels = measured.levels_dbfs.iter().map(|level| match level {
            Some(level) => format!("{level:6.1} dBFS"),
            None => "silence".to_owned(),
        });
        say(format!(
            "  {}  {:3}.{:03} s  caller {}  agent {}",
            recording.path,
            measured.length_ms / 1000,
            measured.length_ms % 1000,
            levels.next().unwrap_or_default(),
            levels.next().unwrap_or_default(),
        ))?;
    }
    Ok(())
}

/// Whether it was as expected, and if not, what was not.
fn verdict(differences: &[String]) -> anyhow::Result<()> {
    if differences.is_empty() {
        return say(format!(
            "\nAll {} calls were as expected: what the callers saw and heard, the rows, the recordings.",
            STORIES.len()
        ));
    }
    say("\nNot as expected:")?;
    differences
        .iter()
        .try_for_each(|difference| say(format!("  {difference}")))
}

/// Where everything is, and what to try next.
pub(super) fn usage(
    addresses: &Addresses,
    site: &Site,
    evidence: Option<&Evidence>,
    door: &Credentials,
) -> anyhow::Result<()> {
    let sip: Vec<_> = addresses.sip.iter().map(ToString::to_string).collect();
    let (config, http) = (site.file.display(), addresses.http);
    let mut rows = evidence.into_iter().flat_map(|evidence| &evidence.rows);
    let transferred = rows
        .rfind(|row| row.record.transfer().is_some())
        .map_or_else(|| "ID".to_owned(), |row| row.record.id.to_string());
    let log_ins: Vec<_> = LOG_INS.iter().map(|(name, ..)| *name).collect();
    say(format!(
        "\n\
         Console:  http://{http}/\n\
         Log in:   {} or {USER}, password {}\n\
         \n\
         Trunk:    SIP over UDP at {}, from {TRUNK}\n\
         Metrics:  http://{http}/metrics\n\
         API:      http://{http}/api/v1\n\
         Document: http://{http}/api/v1/openapi.json\n\
         Token:    {}\n\
         \n\
         Try:\n\
         \x20 thirdring calls --config {config}\n\
         \x20 thirdring calls show {transferred} --config {config}\n\
         \x20 thirdring tasks list --config {config}\n\
         \x20 curl -H 'Authorization: Bearer {}' http://{http}/api/v1/calls/{transferred}\n\
         \x20 curl -NH 'Authorization: Bearer {}' http://{http}/api/v1/events",
        log_ins.join(", "),
        door.password,
        sip.join(", "),
        door.token.reveal(),
        door.token.reveal(),
        door.token.reveal(),
    ))
}

/// How to take a call in the console, once somebody is there who calls.
pub(super) fn reception() -> anyhow::Result<()> {
    say(format!(
        "\n\
         Take a call in the browser:\n\
         \x20 Log in as agent and choose 示闲 (Ready; key R): a caller rings a few seconds later.\n\
         \x20 Ctrl+Enter answers, H holds, X passes on: {COLLEAGUE} answers by herself, 1004 never does.\n\
         \x20 When it is written up, the next one rings; after one that you let ring, 示闲 again.\n\
         \x20 Meanwhile lead, in another browser, sees it live; qa replays it when it is over.\n\
         \n\
         The service stays up until Ctrl-C."
    ))
}
