//! What the demo prints when the calls are over.

use super::door::{Credentials, LOG_INS, USER};
use super::evidence::Evidence;
use super::site::{Site, TRUNK};
use super::stories::STORIES;
use crate::app::Addresses;
use crate::cli::calls::table::call_table;
use crate::cli::calls::view::View;
use crate::cli::calls::{desk, dialogue};
use crate::cli::say;

/// The calls as `thirdring calls` shows them, in the order they were made.
pub(super) fn calls(evidence: &Evidence, site: &Site) -> anyhow::Result<()> {
    let view = View::of(&site.config, true)?;
    say(format!("\n{}", call_table(&evidence.rows, &view)))
}

/// What the system said to callers and they to it, and what the desk did with their calls.
pub(super) fn turns(evidence: &Evidence, site: &Site) -> anyhow::Result<()> {
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
pub(super) fn recordings(evidence: &Evidence, site: &Site) -> anyhow::Result<()> {
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
pub(super) fn verdict(differences: &[String]) -> anyhow::Result<()> {
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
    evidence: &Evidence,
    door: &Credentials,
) -> anyhow::Result<()> {
    let sip: Vec<_> = addresses.sip.iter().map(ToString::to_string).collect();
    let (config, http) = (site.file.display(), addresses.http);
    let transferred = evidence
        .rows
        .iter()
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
