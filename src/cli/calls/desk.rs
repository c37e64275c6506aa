//! What `calls show` tells of the desk's doings.

use super::table::or_nothing;
use super::view::{View, printable, seconds, word};
use crate::call::record::CallRecord;
use crate::call::record::desk::Escalated;
use crate::store::StoredCall;

/// A name and a fact for each.
pub(in crate::cli) fn facts(
    call: &StoredCall,
    record: &CallRecord,
    view: &View,
) -> Vec<(&'static str, String)> {
    let desk = &record.desk;
    let mut facts = Vec::new();
    if let Some(from) = &desk.dialled_from {
        facts.push(("from record", printable(from)));
    }
    for hold in &desk.holds {
        let (by, at) = (printable(&hold.by), view.exact_time(hold.at));
        let length = or_nothing(hold.ms.map(seconds));
        let long = if hold.was_long { ", long" } else { "" };
        let why = hold.reason.as_deref().map(printable);
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        facts.push(("held", format!("by {by} at {at} for {length}{long}{why}")));
    }
    if !desk.mutes.is_empty() {
        let muted = desk.mutes.iter().filter_map(|mute| mute.ms).sum();
        let count = desk.mutes.len();
        facts.push(("muted", format!("{count}, together {}", seconds(muted))));
    }
    for consult in &desk.consults {
        let (by, whom) = (printable(&consult.by.0), view.target(call, &consult.target));
        let three = if consult.three { ", all three" } else { "" };
        let end = or_nothing(consult.end.as_ref().map(word));
        let fact = format!("{by} asked {whom}{three}: {end}");
        facts.push(("consulted", fact));
    }
    for supervision in &desk.supervisions {
        let who = printable(&supervision.supervisor.0);
        let modes: Vec<_> = supervision.modes.iter().map(word).collect();
        let from = supervision
            .joined_at
            .map(|at| view.exact_time(at).to_string());
        let from = from.map_or_else(|| "never came".to_owned(), |at| format!("from {at}"));
        let took = if supervision.took_over {
            ", took over"
        } else {
            ""
        };
        let fact = format!("by {who} ({}), {from}{took}", modes.join(", "));
        facts.push(("supervised", fact));
    }
    for early in &desk.early_pickups {
        let by = early.by.as_ref().map(|by| printable(&by.0));
        let by = by.unwrap_or_else(|| "outside".to_owned());
        let fact = format!(
            "{by} at {}, the caller hears it ring on",
            view.exact_time(early.at)
        );
        facts.push(("picked up early", fact));
    }
    for agent in &desk.picked_up_by {
        facts.push(("picked up", format!("for {}", printable(&agent.0))));
    }
    if desk.parks > 0 {
        facts.push(("parked", desk.parks.to_string()));
    }
    if desk.hands_raised > 0 {
        facts.push(("hand raised", desk.hands_raised.to_string()));
    }
    for escalated in &desk.escalations {
        facts.push(("escalated", escalation(escalated, view)));
    }
    // Rows of earlier versions know no more than this.
    if desk.escalated && desk.escalations.is_empty() {
        facts.push(("escalated", "to the shift leader".to_owned()));
    }
    for emergency in &desk.emergencies {
        let (by, contact) = (printable(&emergency.by.0), printable(&emergency.contact));
        let at = view.exact_time(emergency.at);
        facts.push(("emergency", format!("{contact}, by {by} at {at}")));
    }
    if let Some(done) = &desk.quality {
        facts.push(("quality desk", word(done).replace('_', " ")));
    }
    if let Some(after_ms) = record.passed_on_after_ms() {
        let count = record.times_passed_on();
        let often = if desk.passed_on_often {
            ", too often"
        } else {
            ""
        };
        let fact = format!(
            "{count} times{often}, first {} after the answer",
            seconds(after_ms)
        );
        facts.push(("passed on", fact));
    }
    if let Some(private) = &desk.private {
        let (by, why) = (printable(&private.by.0), printable(&private.reason));
        let over = if private.is_over { ", too long" } else { "" };
        facts.push(("private", format!("by {by}{over}: {why}")));
    }
    if let Some(reason) = desk.hang_up_reason {
        facts.push(("ended for", reason.as_str().to_owned()));
    }
    facts
}

fn escalation(escalated: &Escalated, view: &View) -> String {
    let by = printable(&escalated.by.0);
    let level = or_nothing(escalated.level.map(|level| level.to_string()));
    let to = escalated.to.as_ref();
    let to = to.map_or_else(
        || "to whoever watches the desk".to_owned(),
        |to| format!("to {} ({level})", printable(&to.0)),
    );
    let urgent = if escalated.urgent { ", urgent" } else { "" };
    let skipped: Vec<_> = escalated
        .skipped
        .iter()
        .map(|it| printable(&it.0))
        .collect();
    let skipped = if skipped.is_empty() {
        String::new()
    } else {
        format!(", past {}", skipped.join(", "))
    };
    let why = escalated.reason.as_deref().map(printable);
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    let at = view.exact_time(escalated.at);
    format!("{to}, by {by} at {at}{urgent}{skipped}{why}")
}
