//! `thirdring calls show`: everything about one call.

use std::fmt::Write;

use clap::Args;
use serde_json::Value;

use super::desk;
use super::find;
use super::sequel;
use super::table::{or_nothing, plain_table, rings};
use super::view::{NOTHING, View, printable, seconds, word};
use super::{conduct, dialogue};
use crate::call::event::{LegQuality, Ringback};
use crate::call::record::{CallRecord, CodeVersion};
use crate::call::{CallEvent, EventKind};
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::config::Config;
use crate::id::PartyId;
use crate::rules::{ScreenPop, Shown};
use crate::store::{CallDetail, Forwarding, KnownCaller, StoredCall};

/// Width of the names before a call's facts.
const NAMES: usize = 13;

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The call's id, or the beginning of it
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show telephone numbers unmasked
    #[arg(long)]
    numbers: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl Show {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, self.numbers)?;
        let pop = config.desk.screen_pop()?;
        let (mut detail, known, forwarded, sequel) = with_store(&config, async |store| {
            let call = find(store, &self.id).await?;
            let detail = store.call(call).await?;
            // Who withholds the number is known to nobody.
            let is_withheld = detail.call.record.circumstances.withheld;
            let caller = detail.call.caller().filter(|_| !is_withheld);
            let known = store.known_callers(caller).await?;
            let forwarded = store.forwarding(call).await?;
            let sequel = store.sequel(call).await?;
            Ok((detail, known.into_values().next(), forwarded, sequel))
        })?;
        if self.json {
            view.mask(&mut detail.call);
            return say(serde_json::to_string_pretty(&detail)?);
        }
        let page = pop.map(|pop| page(&pop, &detail.call, known.as_ref(), &view));
        let mut sheet = Sheet::of(&detail, &view);
        sheet.customer(known.as_ref(), page.as_deref());
        sheet.rest(&detail, forwarded.as_ref(), sequel::facts(&sequel, &view))?;
        say(sheet.text.trim_end())
    }
}

/// The text about one call, as it grows.
struct Sheet<'a> {
    call: &'a StoredCall,
    record: &'a CallRecord,
    view: &'a View,
    text: String,
}

impl<'a> Sheet<'a> {
    fn of(detail: &'a CallDetail, view: &'a View) -> Self {
        let mut sheet = Self {
            call: &detail.call,
            record: &detail.call.record,
            view,
            text: String::new(),
        };
        sheet.header();
        sheet
    }

    fn rest(
        &mut self,
        detail: &CallDetail,
        forwarded: Option<&Forwarding>,
        sequel: Vec<(&'static str, String)>,
    ) -> anyhow::Result<()> {
        self.ringing();
        self.outbound();
        self.end();
        self.desk();
        self.purposes();
        self.prompts();
        self.dialogue();
        self.recording();
        self.media();
        self.attempts();
        self.legs();
        self.transfers();
        self.stages(&detail.events);
        if let Some(forwarded) = forwarded {
            let (at, after) = (
                self.view.exact_time(forwarded.at),
                seconds(forwarded.after_ms),
            );
            let by = printable(&forwarded.by);
            self.fact(
                "passed on",
                format!("by {by} at {at}, {after} after the end"),
            );
        }
        for (name, fact) in sequel {
            self.fact(name, fact);
        }
        self.events(&detail.events)
    }

    fn fact(&mut self, name: &str, fact: impl AsRef<str>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{name:NAMES$}{}", fact.as_ref());
    }

    /// R023
    fn stages(&mut self, events: &[CallEvent]) {
        for span in self.record.stages(events) {
            let (stage, at) = (span.stage, self.view.exact_time(span.at));
            let took = span.ms.map_or_else(|| "goes on".to_owned(), seconds);
            let limit = span.limit_ms.map(seconds);
            let limit = limit.map_or_else(String::new, |limit| format!(", longer than {limit}"));
            self.fact("stage", format!("{stage} at {at}, {took}{limit}"));
        }
        let write_up = &self.record.write_up;
        if let Some(handled) = &write_up.handled {
            let fact = self.view.handling(handled);
            self.fact("handling", fact);
        }
        if write_up.anonymous {
            self.fact("anonymous", "the caller wants to stay unknown");
        }
        if let (Some(at), Some(by)) = (write_up.closed_at, &write_up.closed_by) {
            let fact = format!("at {}, by {}", self.view.exact_time(at), printable(by));
            self.fact("closed", fact);
        }
    }

    fn header(&mut self) {
        let (record, view) = (self.record, self.view);
        self.fact("call", record.id.to_string());
        let arrived = view.exact_time(record.arrived_at);
        let (direction, origin) = (word(&record.direction), word(&record.origin));
        self.fact("arrived", format!("{arrived} ({direction}, {origin})"));
        self.fact("caller", view.caller(self.call));
        let line = or_nothing(record.line.as_ref().map(|line| printable(&line.0)));
        let trunk = or_nothing(record.trunk.as_ref().map(|trunk| printable(&trunk.0)));
        let dialled = printable(&record.dialled);
        self.fact("dialled", format!("{dialled} (line {line}, trunk {trunk})"));
        if let Some(callee) = record.callee {
            let party = record_party(self.call, callee, view);
            self.fact("called", party);
        }
        if let Some(first) = record.consult_of {
            self.fact("consults", format!("while in call {first}"));
        }
        if let Some(into) = record.merged_into {
            self.fact("merged", format!("into call {into}"));
        }
        let circumstances = &record.circumstances;
        for diverted in &circumstances.diversions {
            self.fact("diverted by", view.diverted(self.call, diverted));
        }
        if let Some(policy) = &circumstances.nuisance {
            self.fact("nuisance", format!("on the line's list: {}", word(policy)));
        }
        self.fact("sip call-id", printable(&record.sip_call_id));
        let outcome = record.outcome.as_ref();
        let mut outcome = outcome.map_or_else(|| "going on".to_owned(), word);
        if let Some(status) = record.status {
            let _ = write!(outcome, ", {status} to the caller");
        }
        self.fact("outcome", outcome);
    }

    /// Who the caller is, and the page that an agent's screen shows (R044).
    fn customer(&mut self, known: Option<&KnownCaller>, page: Option<&str>) {
        if let Some(known) = known {
            let form = known.form.as_deref().unwrap_or_default();
            let mut fact = format!("{}{}", printable(&known.name), printable(form));
            if let Some(level) = &known.level {
                let _ = write!(fact, " ({})", printable(level));
            }
            self.fact("customer", fact);
        }
        if let Some(page) = page {
            self.fact("page", printable(page));
        }
    }

    fn ringing(&mut self) {
        let record = self.record;
        if let Some(ring_ms) = record.caller_ring_ms {
            let mut rang = format!("{} ({})", or_nothing(rings(record)), seconds(ring_ms));
            if record.ringback == Some(Ringback::Network) {
                rang.push_str("; counted from our 180, one ring either way");
            }
            self.fact("rings", rang);
        }
        if let Some(profile) = &record.profile {
            let grade = record.grade.map_or(NOTHING, crate::rules::Grade::as_str);
            let missed = if record.target_missed {
                "; the target passed unanswered"
            } else {
                ""
            };
            let name = printable(&profile.name);
            self.fact("grade", format!("{grade} by profile {name}{missed}"));
        }
        if let (Some(agent), Some(at)) = (&record.answered_by, record.answered_at) {
            let late = if record.late_answer { ", late" } else { "" };
            let (agent, at) = (printable(&agent.0), self.view.exact_time(at));
            self.fact("answered", format!("by {agent} at {at}{late}"));
        }
        if let Some(queue_ms) = record.queue_ms {
            self.fact("waited", seconds(queue_ms));
        }
    }

    fn outbound(&mut self) {
        for decision in &self.record.outbound {
            let by = printable(&decision.by.0);
            let policy = decision.policy.as_deref().unwrap_or(NOTHING);
            let mut fact = match decision.refused {
                Some(refusal) => format!("refused ({})", refusal.as_str()),
                None => "allowed".to_owned(),
            };
            let _ = write!(fact, " to {by} by policy {}", printable(policy));
            if let Some(prefix) = &decision.prefix {
                let _ = write!(fact, ", prefix {}", printable(prefix));
            }
            if let Some(trunk) = &decision.trunk {
                let _ = write!(fact, ", trunk {}", printable(&trunk.0));
            }
            self.fact("outbound", fact);
        }
    }

    fn end(&mut self) {
        let record = self.record;
        if let Some(talk_ms) = record.talk_ms {
            self.fact("talk", seconds(talk_ms));
        }
        if record.holds.count > 0 {
            let (count, held) = (record.holds.count, seconds(record.holds.ms));
            self.fact("holds", format!("{count}, together {held}"));
        }
        if let Some(party) = &record.hangup_party {
            let first = match (record.agent_first, record.cut_off_ms) {
                (true, Some(_)) => " (before the caller, who was speaking)",
                (true, None) => " (before the caller)",
                (false, _) => "",
            };
            let reason = record.hangup_reason.as_deref();
            let reason = reason.map_or_else(String::new, |why| format!(": {}", printable(why)));
            self.fact("hang-up", format!("{}{first}{reason}", word(party)));
        }
        if let Some(at) = record.ended_at {
            self.fact("ended", self.view.exact_time(at).to_string());
        }
    }

    fn desk(&mut self) {
        for (name, fact) in desk::facts(self.call, self.record, self.view) {
            self.fact(name, fact);
        }
    }

    fn purposes(&mut self) {
        let record = self.record;
        self.codes("purpose", &record.purposes);
        self.codes("result", &record.dispositions);
    }

    fn codes(&mut self, name: &str, codes: &[CodeVersion]) {
        for (n, said) in codes.iter().rev().enumerate() {
            let mut fact = format!(
                "{} (version {}, by {}, {})",
                printable(&said.code),
                said.version,
                printable(&said.author),
                self.view.exact_time(said.at),
            );
            if let Some(reason) = &said.reason {
                let _ = write!(fact, ": {}", printable(reason));
            }
            self.fact(if n == 0 { name } else { "  before" }, fact);
        }
    }

    fn prompts(&mut self) {
        let record = self.record;
        if let Some(notice) = &record.notice {
            let heard = or_nothing(notice.heard_ms.map(seconds));
            let whole = seconds(notice.length_ms);
            let complete = if notice.complete { ", complete" } else { "" };
            let at = self.view.exact_time(notice.started_at);
            let file = printable(&notice.file);
            self.fact(
                "notice",
                format!("{file} at {at}, heard {heard} of {whole}{complete}"),
            );
            self.fact("", format!("sha256 {}", printable(&notice.sha256)));
        }
        if let Some(announcement) = &record.announcement {
            let heard = or_nothing(announcement.heard_ms.map(seconds));
            let complete = if announcement.complete {
                ", complete"
            } else {
                ""
            };
            let at = self.view.exact_time(announcement.started_at);
            let file = printable(&announcement.file);
            self.fact(
                "announcement",
                format!("{file} at {at}, heard {heard}{complete}"),
            );
        }
    }

    fn dialogue(&mut self) {
        for (name, fact) in dialogue::facts(&self.record.dialogue, self.view) {
            self.fact(name, fact);
        }
    }

    fn recording(&mut self) {
        let record = self.record;
        if let Some(recording) = &record.recording {
            self.fact("recording", printable(&recording.path));
            self.fact("", format!("sha256 {}", printable(&recording.sha256)));
            let (length, size) = (seconds(recording.duration_ms), recording.size_bytes);
            let gaps = recording.gaps.len();
            self.fact("", format!("{length}, {size} bytes, {gaps} gaps"));
            for mark in &recording.marks {
                let (what, at) = (word(&mark.what), mark.at_ms);
                self.fact("", format!("{what} at {at} ms"));
            }
            for gap in &recording.gaps {
                let channel = if gap.channel == 0 { "left" } else { "right" };
                let (from, length) = (gap.from_ms, gap.length_ms);
                let cause = word(&gap.cause);
                let concealed = match gap.concealed_ms {
                    0 => String::new(),
                    ms => format!(", {ms} ms of it concealed"),
                };
                self.fact(
                    "",
                    format!("gap {channel} at {from} ms for {length} ms: {cause}{concealed}"),
                );
            }
        }
        if let Some(conduct) = record
            .recording
            .as_ref()
            .and_then(|it| it.conduct.as_deref())
        {
            for (name, fact) in conduct::facts(conduct) {
                self.fact(name, fact);
            }
        }
        for turned in &record.recording_turns {
            let (turn, by) = (word(&turned.turn), printable(&turned.by));
            let at = self.view.exact_time(turned.at);
            let why = turned.reason.as_deref().map(printable);
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            self.fact("", format!("{turn} at {at} by {by}{why}"));
        }
        if let Some(failure) = &record.recording_failure {
            self.fact("recording", format!("failed: {}", printable(failure)));
        }
    }

    fn media(&mut self) {
        for leg in &self.record.media {
            let quality = leg.quality;
            let (received, sent, lost) = (quality.received, quality.sent, quality.lost);
            let jitter = quality.jitter_us;
            let fact = format!(
                "{}: {received} packets received, {sent} sent, {lost} lost, jitter {}.{} ms",
                word(&leg.side),
                jitter / 1000,
                jitter % 1000 / 100,
            );
            self.fact("media", fact + &srtp(quality.srtp_dropped));
            if let Some(more) = line_quality(&quality) {
                self.fact("", more);
            }
        }
        for silence in &self.record.silences {
            let ways = if silence.one_way {
                "one-way audio, "
            } else {
                ""
            };
            let length = match silence.silent_ms {
                Some(ms) => format!("for {}", seconds(ms)),
                None => "to the end".to_owned(),
            };
            let (side, at) = (word(&silence.side), seconds(silence.noticed_ms));
            self.fact("silent", format!("{side}: {ways}noticed at {at}, {length}"));
        }
    }

    fn attempts(&mut self) {
        if self.record.attempts.is_empty() {
            return;
        }
        let mut table = plain_table(&["attempt", "agent", "offered", "rang", "result", "status"]);
        for attempt in &self.record.attempts {
            table.add_row([
                attempt.n.to_string(),
                printable(&attempt.agent.0),
                self.view.time(attempt.offered_at).to_string(),
                or_nothing(attempt.agent_ring_ms.map(seconds)),
                or_nothing(attempt.result.as_ref().map(word)),
                or_nothing(attempt.status.map(|status| status.to_string())),
            ]);
        }
        let _ = writeln!(self.text, "\n{table}");
    }

    fn legs(&mut self) {
        if self.record.legs.is_empty() {
            return;
        }
        let mut table = plain_table(&["leg", "ended", "by", "status", "cause", "reason"]);
        for leg in &self.record.legs {
            let attempt = leg.attempt.map(|n| format!(" {n}")).unwrap_or_default();
            table.add_row([
                format!("{}{attempt}", word(&leg.side)),
                self.view.time(leg.at).to_string(),
                word(&leg.party),
                or_nothing(leg.status.map(|status| status.to_string())),
                or_nothing(leg.cause.map(|cause| cause.to_string())),
                or_nothing(leg.reason.as_deref().map(printable)),
            ]);
        }
        let _ = writeln!(self.text, "\n{table}");
    }

    fn transfers(&mut self) {
        if self.record.transfers.is_empty() {
            return;
        }
        let columns = [
            "transfer", "kind", "by", "target", "asked", "result", "ended",
        ];
        let mut table = plain_table(&columns);
        for transfer in &self.record.transfers {
            table.add_row([
                transfer.n.to_string(),
                word(&transfer.kind),
                printable(&transfer.by.0),
                self.view.target(self.call, &transfer.target),
                self.view.time(transfer.requested_at).to_string(),
                or_nothing(transfer.result.as_ref().map(word)),
                or_nothing(transfer.ended_at.map(|at| self.view.time(at).to_string())),
            ]);
        }
        let _ = writeln!(self.text, "\n{table}");
    }

    fn events(&mut self, events: &[CallEvent]) -> anyhow::Result<()> {
        let mut table = plain_table(&["offset", "event", ""]);
        for event in events {
            let (kind, data) = described(&event.kind)?;
            table.add_row([offset(event.offset_us), kind, data]);
        }
        let _ = writeln!(self.text, "\n{table}");
        Ok(())
    }
}

/// The page of another program about this call, as far as this view may see the number.
fn page(pop: &ScreenPop, call: &StoredCall, known: Option<&KnownCaller>, view: &View) -> String {
    let record = &call.record;
    let is_withheld = record.circumstances.withheld;
    let number = call.caller().filter(|_| !is_withheld);
    let number = number.map(|party| view.number(party.e164.as_ref().unwrap_or(&party.number)));
    let id = record.id.to_string();
    let customer = known.map(|known| known.customer.to_string());
    pop.url(&Shown {
        number: number.as_deref(),
        call: Some(&id),
        line: record.line.as_ref().map(|line| line.0.as_str()),
        agent: record.answered_by.as_ref().map(|agent| agent.0.as_str()),
        customer: customer.as_deref(),
    })
}

/// Somebody whom the record names.
fn record_party(call: &StoredCall, party: PartyId, view: &View) -> String {
    let party = call.parties.get(&party);
    party.map_or_else(|| "erased".to_owned(), |party| view.party(party))
}

/// `+12.345 s`
fn offset(offset_us: u64) -> String {
    let ms = offset_us / 1000;
    format!("+{}.{:03} s", ms / 1000, ms % 1000)
}

/// The event's kind, and its data in one line.
fn described(kind: &EventKind) -> anyhow::Result<(String, String)> {
    let event = serde_json::to_value(kind)?;
    let name = event
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let data = match event.get("data") {
        Some(Value::Object(fields)) => {
            let known = fields.iter().filter(|(_, value)| !value.is_null());
            let known = known.map(|(field, value)| match value.as_str() {
                Some(text) => format!("{field} {text}"),
                None => format!("{field} {value}"),
            });
            known.collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
        None => String::new(),
    };
    Ok((name.replace('_', " "), printable(&data)))
}

fn srtp(dropped: Option<u64>) -> String {
    match dropped {
        None => String::new(),
        Some(0) => ", encrypted".to_owned(),
        Some(dropped) => format!(", encrypted, {dropped} not authentic or repeated"),
    }
}

/// Codec, round trip, what the peer reported, and what the line was worth to the ear (R055).
fn line_quality(quality: &LegQuality) -> Option<String> {
    let mut parts = Vec::new();
    parts.extend(quality.codec.map(|codec| codec.name().to_owned()));
    let tenths = |us: u64| format!("{}.{} ms", us / 1000, us % 1000 / 100);
    let round_trip = quality.round_trip_us.map(tenths);
    parts.extend(round_trip.map(|trip| format!("round trip {trip}")));
    let score = |mos: u16| format!("{}.{:02}", mos / 100, mos % 100);
    parts.extend(
        quality
            .mos_hundredths
            .map(|mos| format!("MOS {}", score(mos))),
    );
    if let Some(lost) = quality.lost_at_peer {
        let jitter = tenths(quality.jitter_at_peer_us.unwrap_or(0));
        let mos = quality
            .mos_at_peer_hundredths
            .map(score)
            .unwrap_or_default();
        parts.push(format!(
            "at the peer {lost} lost, jitter {jitter}, MOS {mos}"
        ));
    }
    let silent_ms = Some(quality.silent_ms).filter(|ms| *ms > 0);
    parts.extend(silent_ms.map(|ms| format!("silent for {}", seconds(ms))));
    (!parts.is_empty()).then(|| parts.join(", "))
}
