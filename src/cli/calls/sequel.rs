//! What `calls show` tells of what came of a call: incidents, a report, and what the customer said later.

use super::view::{View, printable, word};
use crate::store::{AskedLater, Sequel};

/// A name and a fact for each.
pub(super) fn facts(sequel: &Sequel, view: &View) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    for incident in &sequel.incidents {
        let kind = incident.kind.as_str();
        let (by, at) = (
            printable(&incident.reported_by),
            view.exact_time(incident.reported_at),
        );
        let to = incident.recipient.as_str();
        let known = match (incident.acknowledged_at, &incident.acknowledged_by) {
            (Some(at), Some(by)) => {
                format!("known to {} since {}", printable(by), view.exact_time(at))
            }
            _ => "nobody knows yet".to_owned(),
        };
        let fact = format!("{kind}, by {by} at {at}, to {to}: {known}");
        facts.push(("incident", fact));
    }
    if let Some(report) = &sequel.major {
        let (by, at) = (printable(&report.by), view.exact_time(report.at));
        let (topic, cause) = (printable(&report.topic), word(&report.cause));
        let why = report.reason.as_deref().map(printable).unwrap_or_default();
        facts.push((
            "reported",
            format!("{topic}, {cause}, by {by} at {at}: {why}"),
        ));
    }
    facts.extend(
        sequel
            .asked
            .iter()
            .map(|asked| ("asked later", said(asked, view))),
    );
    facts
}

fn said(asked: &AskedLater, view: &View) -> String {
    let campaign = printable(&asked.campaign);
    let said = match asked.score {
        Some(score) => format!("{score} of {}", asked.best),
        None => asked.result.replace('_', " "),
    };
    let by = asked.by.as_deref().map(printable);
    let by = by.map_or_else(String::new, |by| format!(", by {by}"));
    let at = view.exact_time(asked.at);
    format!("{said} at {at}{by}, for {campaign}")
}
