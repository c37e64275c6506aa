//! What `calls show` tells of a call's dialogues with the system.

use super::view::{View, printable, seconds, word};
use crate::call::record::Dialogue;

/// Names and facts, in order.
pub(in crate::cli) fn facts(dialogue: &Dialogue, view: &View) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(hours) = &dialogue.hours {
        let when = if hours.in_hours {
            "in hours"
        } else {
            "after hours"
        };
        let calendar = printable(&hours.calendar);
        let holiday = hours.holiday.as_deref().map(printable);
        let holiday = holiday.map_or_else(String::new, |name| format!(", {name}"));
        facts.push(("hours", format!("{when} by calendar {calendar}{holiday}")));
    }
    if let Some(emergency) = &dialogue.emergency {
        let by = printable(&emergency.by);
        let why = emergency.reason.as_deref().map(printable);
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        facts.push(("emergency", format!("the line was switched by {by}{why}")));
    }
    for line in &dialogue.rerouted {
        facts.push(("sent on", format!("to {}", printable(&line.0))));
    }
    for prompt in &dialogue.prompts {
        let complete = if prompt.complete { ", complete" } else { "" };
        let (purpose, file) = (word(&prompt.purpose), printable(&prompt.file));
        let heard = seconds(prompt.heard_ms);
        facts.push((
            "said",
            format!("{purpose}: {file}, heard {heard}{complete}"),
        ));
    }
    if dialogue.prompts_more > 0 {
        facts.push(("", format!("and {} more", dialogue.prompts_more)));
    }
    for menu in &dialogue.menus {
        let key = menu.key.map_or_else(String::new, |key| format!(" {key}"));
        facts.push(("menu", format!("{}{key}", word(&menu.result))));
    }
    if let Some(message) = &dialogue.message {
        let (at, start) = (view.exact_time(message.started_at), message.start_ms);
        let length = message
            .length_ms
            .map_or_else(|| "going on".to_owned(), seconds);
        let by = message.ended_by.as_ref().map(word);
        let by = by.map_or_else(String::new, |by| format!(", ended by {by}"));
        facts.push((
            "message",
            format!("{length} from {start} ms of the recording, at {at}{by}"),
        ));
    }
    if let Some(survey) = &dialogue.survey {
        let result = survey
            .result
            .as_ref()
            .map_or_else(|| "going on".to_owned(), word);
        let score = survey.score.zip(survey.best);
        let score = score.map_or_else(String::new, |(score, best)| format!(" {score} of {best}"));
        let agent = survey.agent.as_ref().map(|agent| printable(&agent.0));
        let agent = agent.map_or_else(String::new, |agent| format!(", about {agent}"));
        facts.push(("survey", format!("{result}{score}{agent}")));
    }
    facts
}
