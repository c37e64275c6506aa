//! Every metric: name, unit, help, buckets and the function that records it. Names and labels
//! are a promise to operators; a label value is the name of something that is set up or a word of a
//! fixed list, never a telephone number, a call or a caller. Agents are named by extension, and in the
//! two answer metrics of their own only (R014): there are as many series as agents are set up.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// How often [`Metrics::upkeep`] is to be called.
pub const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

const CALLS: &str = "thirdring_calls_total";
const CALLS_ACTIVE: &str = "thirdring_calls_active";
const ANSWER_SECONDS: &str = "thirdring_answer_seconds";
const ANSWER_RINGS: &str = "thirdring_answer_rings_total";
const QUEUE_ANSWER_SECONDS: &str = "thirdring_queue_answer_seconds";
const QUEUE_ANSWER_RINGS: &str = "thirdring_queue_answer_rings_total";
const AGENT_ANSWER_SECONDS: &str = "thirdring_agent_answer_seconds";
const AGENT_ANSWER_RINGS: &str = "thirdring_agent_answer_rings_total";
const ANSWERS: &str = "thirdring_answers_total";
const OUTBOUND_REFUSED: &str = "thirdring_outbound_refused_total";
const TRANSFERS: &str = "thirdring_transfers_total";
const TRANSFER_AFTER: &str = "thirdring_transfer_after_seconds";
const PASSED_ON_OFTEN: &str = "thirdring_passed_on_often_total";
const EMERGENCIES: &str = "thirdring_emergencies_total";
const ABANDONED: &str = "thirdring_abandoned_total";
const MESSAGES: &str = "thirdring_messages_total";
const STAGES_EXCEEDED: &str = "thirdring_stages_exceeded_total";
const SURVEYS: &str = "thirdring_surveys_total";
const LINE_SWITCHED: &str = "thirdring_line_switched";
const CALENDAR_MISSING: &str = "thirdring_calendar_missing_year";
const SETUP_REFUSED: &str = "thirdring_setup_refused";
const QUEUE_WAIT: &str = "thirdring_queue_wait_seconds";
const QUEUE_WAITING: &str = "thirdring_queue_waiting";
const QUEUE_MISSING: &str = "thirdring_queue_agents_missing";
const AGENTS: &str = "thirdring_agents";
const BREAKS_OVERDUE: &str = "thirdring_breaks_overdue";
const AGENT_RINGS: &str = "thirdring_agent_rings_total";
const TRUNK_UP: &str = "thirdring_trunk_up";
const CHANNELS_FREE: &str = "thirdring_channels_free";
const REGISTRATIONS: &str = "thirdring_registrations";
const SIP_MESSAGES: &str = "thirdring_sip_messages_total";
const SIP_REFUSED: &str = "thirdring_sip_refused_total";
const SIP_BANS: &str = "thirdring_sip_bans";
const RTP_PACKETS: &str = "thirdring_rtp_packets_total";
const RTP_DROPPED: &str = "thirdring_rtp_dropped_packets_total";
const RTP_LOST: &str = "thirdring_rtp_lost_packets_total";
const RTP_JITTER: &str = "thirdring_rtp_jitter_seconds";
const CALLS_BROKEN: &str = "thirdring_calls_broken_total";
const ONE_WAY_CALLS: &str = "thirdring_one_way_calls_total";
const RECORDING_GAP: &str = "thirdring_recording_gap_seconds_total";
const RECORDINGS: &str = "thirdring_recordings_total";
const RECORDINGS_VERIFIED: &str = "thirdring_recordings_verified_total";
const RECORDING_FAULTS: &str = "thirdring_recording_faults";
const RECORDINGS_COPIED: &str = "thirdring_recording_copies_total";
const COPY_BACKLOG: &str = "thirdring_recording_copy_backlog";
const COPY_BACKLOG_BYTES: &str = "thirdring_recording_copy_backlog_bytes";
const COPY_OLDEST: &str = "thirdring_recording_copy_oldest_seconds";
const RECORDING_LAG: &str = "thirdring_recording_lag_seconds";
const RECORDER_FAULTS: &str = "thirdring_recorder_faults_total";
const JOURNAL_BACKLOG: &str = "thirdring_journal_backlog_bytes";
const TRACE_BYTES: &str = "thirdring_trace_bytes";
const TRACE_DELETED: &str = "thirdring_trace_segments_deleted_total";
const TRACE_DROPPED: &str = "thirdring_trace_dropped_messages_total";
const DISK_FREE: &str = "thirdring_disk_free_bytes";
const DB_UP: &str = "thirdring_db_up";
const LOG_BACKLOG: &str = "thirdring_log_backlog_entries";
const CALLBACKS_OVERDUE: &str = "thirdring_callbacks_overdue";
const FORWARD_AFTER: &str = "thirdring_forward_after_seconds";
const FORWARDS_OVERDUE: &str = "thirdring_forwards_overdue";
const TASKS_OPEN: &str = "thirdring_tasks_open";
const MESSAGES_UNREAD: &str = "thirdring_messages_unread";
const WEBHOOK_TRIES: &str = "thirdring_webhook_tries_total";
const WEBHOOKS_WAITING: &str = "thirdring_webhooks_waiting";
const BUILD_INFO: &str = "thirdring_build_info";

/// Every edge of a ring in the Chinese cadence is the edge of a bucket.
const ANSWER_BUCKETS: &[f64] = &[
    1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 11.0, 15.0, 20.0, 25.0, 30.0, 60.0,
];
/// Where a ring begins, and little else: there is a set of these for every agent.
const AGENT_ANSWER_BUCKETS: &[f64] = &[1.0, 3.0, 5.0, 10.0, 15.0, 20.0, 25.0];
const TRANSFER_AFTER_BUCKETS: &[f64] = &[5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0];
/// From a minute to three days.
const FORWARD_AFTER_BUCKETS: &[f64] = &[
    60.0, 300.0, 900.0, 3_600.0, 14_400.0, 28_800.0, 86_400.0, 259_200.0,
];
const QUEUE_WAIT_BUCKETS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0];
const JITTER_BUCKETS: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2];

/// Methods that a label may show; a peer can make up others without end.
const METHODS: [&str; 14] = [
    "ACK",
    "BYE",
    "CANCEL",
    "INFO",
    "INVITE",
    "MESSAGE",
    "NOTIFY",
    "OPTIONS",
    "PRACK",
    "PUBLISH",
    "REFER",
    "REGISTER",
    "SUBSCRIBE",
    "UPDATE",
];

/// The way of a message or packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To us.
    In,
    /// From us.
    Out,
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// The process's metrics, for `/metrics` and the upkeep task.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Starts counting; a process has one set of metrics, and a second call gives the same one.
    ///
    /// # Errors
    /// Another recorder than ours was installed before.
    pub fn install() -> Result<Self, BuildError> {
        static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);
        // Whoever panicked in here has left either nothing or the whole recorder.
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = &*installed {
            return Ok(metrics.clone());
        }
        let metrics = Self {
            handle: builder()?.install_recorder()?,
        };
        describe();
        gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        // From nothing to one is no increase, as an alert sees it; from zero it is.
        counter!(ONE_WAY_CALLS).increment(0);
        Ok(installed.insert(metrics).clone())
    }

    /// All metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds the samples of histograms, which pile up otherwise, and reads the free space of the
    /// recordings' disk. To be called every [`UPKEEP_INTERVAL`].
    pub fn upkeep(&self, recordings: &Path) {
        self.handle.run_upkeep();
        if let Ok(disk) = rustix::fs::statvfs(recordings) {
            disk_free(disk.f_bavail.saturating_mul(disk.f_frsize));
        }
    }
}

/// A call ended with `outcome`.
pub fn call_ended(line: &str, outcome: &'static str) {
    counter!(CALLS, "line" => line.to_owned(), "outcome" => outcome).increment(1);
}

/// How many calls of a line are up, from INVITE to the last BYE.
pub fn calls_active(line: &str, count: usize) {
    gauge!(CALLS_ACTIVE, "line" => line.to_owned()).set(as_f64(count));
}

/// A person answered.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// On which line.
    pub line: &'a str,
    /// Out of which queue.
    pub queue: &'a str,
    /// Whose phone it was, by extension.
    pub agent: &'a str,
    /// From the caller's first ring on.
    pub waited: Duration,
    /// In which ring of the caller's.
    pub rings: u32,
    /// What it was worth.
    pub grade: &'static str,
    /// How long the agent's own phone rang.
    pub phone_rang: Duration,
    /// In which ring of that phone's.
    pub phone_rings: u32,
}

/// A person answered: counted for the line, the queue and the agent (R014).
pub fn call_answered(answer: &Answer<'_>) {
    let line = answer.line.to_owned();
    let queue = answer.queue.to_owned();
    let agent = answer.agent.to_owned();
    let ring = ring_label(answer.rings);
    histogram!(ANSWER_SECONDS, "line" => line.clone()).record(answer.waited);
    counter!(ANSWER_RINGS, "line" => line.clone(), "rings" => ring).increment(1);
    counter!(ANSWERS, "line" => line, "grade" => answer.grade).increment(1);
    histogram!(QUEUE_ANSWER_SECONDS, "queue" => queue.clone()).record(answer.waited);
    counter!(QUEUE_ANSWER_RINGS, "queue" => queue, "rings" => ring).increment(1);
    histogram!(AGENT_ANSWER_SECONDS, "agent" => agent.clone()).record(answer.phone_rang);
    let ring = ring_label(answer.phone_rings);
    counter!(AGENT_ANSWER_RINGS, "agent" => agent, "rings" => ring).increment(1);
}

const fn ring_label(rings: u32) -> &'static str {
    match rings {
        0 | 1 => "1",
        2 => "2",
        3 => "3",
        4 => "4",
        5 => "5",
        6 => "6",
        _ => "7+",
    }
}

/// An agent's call to an outside number was refused, for `reason`.
pub fn outbound_refused(reason: &'static str) {
    counter!(OUTBOUND_REFUSED, "reason" => reason).increment(1);
}

/// A caller was to be passed on, for the first time of the call so long after the answer (R119).
pub fn transfer_asked(line: &str, after: Duration) {
    histogram!(TRANSFER_AFTER, "line" => line.to_owned()).record(after);
}

/// A caller was passed on, or not, as `result` says.
pub fn transfer_ended(line: &str, result: &'static str) {
    counter!(TRANSFERS, "line" => line.to_owned(), "result" => result).increment(1);
}

/// A caller was passed on more often than the line has it (R119).
pub fn passed_on_often(line: &str) {
    counter!(PASSED_ON_OFTEN, "line" => line.to_owned()).increment(1);
}

/// A caller was put through to an emergency contact (R281).
pub fn emergency_called(line: &str) {
    counter!(EMERGENCIES, "line" => line.to_owned()).increment(1);
}

/// A caller gave up at `stage`: before ringing, while ringing or while being answered.
pub fn call_abandoned(line: &str, stage: &'static str) {
    counter!(ABANDONED, "line" => line.to_owned(), "stage" => stage).increment(1);
}

/// A caller has left a message on a line.
pub fn message_left(line: &str) {
    counter!(MESSAGES, "line" => line.to_owned()).increment(1);
}

/// A stage of a call took longer than its line allows.
pub fn stage_exceeded(line: &str, stage: &'static str) {
    counter!(STAGES_EXCEEDED, "line" => line.to_owned(), "stage" => stage).increment(1);
}

/// A caller was asked how it was: `answered`, `skipped` or `refused`.
pub fn survey_ended(line: &str, result: &'static str) {
    counter!(SURVEYS, "line" => line.to_owned(), "result" => result).increment(1);
}

/// Whether a line is switched to its emergency plan.
pub fn line_switched(line: &str, switched: bool) {
    gauge!(LINE_SWITCHED, "line" => line.to_owned()).set(f64::from(u8::from(switched)));
}

/// The year whose holidays a calendar lacks and should have; 0 if none.
pub fn calendar_missing(calendar: &str, year: i16) {
    gauge!(CALENDAR_MISSING, "calendar" => calendar.to_owned()).set(f64::from(year));
}

/// Whether what was set up last cannot be put into effect.
pub fn setup_refused(is_refused: bool) {
    gauge!(SETUP_REFUSED).set(if is_refused { 1.0 } else { 0.0 });
}

/// A caller's wait in a queue is over, by an answer or otherwise.
pub fn queue_waited(queue: &str, waited: Duration) {
    histogram!(QUEUE_WAIT, "queue" => queue.to_owned()).record(waited);
}

/// How many callers wait in a queue.
pub fn queue_waiting(queue: &str, count: usize) {
    gauge!(QUEUE_WAITING, "queue" => queue.to_owned()).set(as_f64(count));
}

/// How many agents a queue with a minimum has too few.
pub fn queue_agents_missing(queue: &str, count: usize) {
    gauge!(QUEUE_MISSING, "queue" => queue.to_owned()).set(as_f64(count));
}

/// How many agents are in `state`.
pub fn agents(state: &'static str, count: usize) {
    gauge!(AGENTS, "state" => state).set(as_f64(count));
}

/// Agents whose break should be over (R274).
pub fn breaks_overdue(count: usize) {
    gauge!(BREAKS_OVERDUE).set(as_f64(count));
}

/// The ringing of one agent's phone ended with `result`.
pub fn agent_rang(result: &'static str) {
    counter!(AGENT_RINGS, "result" => result).increment(1);
}

/// Whether calls come and go by a trunk.
pub fn trunk_up(trunk: &str, up: bool) {
    gauge!(TRUNK_UP, "trunk" => trunk.to_owned()).set(f64::from(u8::from(up)));
}

/// How many more calls a trunk may carry.
pub fn channels_free(trunk: &str, count: usize) {
    gauge!(CHANNELS_FREE, "trunk" => trunk.to_owned()).set(as_f64(count));
}

/// How many phones are registered.
pub fn registrations(count: usize) {
    gauge!(REGISTRATIONS).set(as_f64(count));
}

/// A SIP message went in or out; `code` is `None` for a request.
pub fn sip_message(method: &str, way: Way, code: Option<u16>) {
    let known = METHODS.iter().find(|known| **known == method);
    let method = known.copied().unwrap_or("other");
    let code = match code {
        None => String::new(),
        Some(code @ 100..=699) => code.to_string(),
        Some(_) => "other".to_owned(),
    };
    let way = way.as_str();
    counter!(SIP_MESSAGES, "method" => method, "direction" => way, "code" => code).increment(1);
}

/// `count` messages were refused or dropped for `reason`.
pub fn sip_refused(reason: &'static str, count: u64) {
    counter!(SIP_REFUSED, "reason" => reason).increment(count);
}

/// How many sources are banned.
pub fn sip_bans(count: usize) {
    gauge!(SIP_BANS).set(as_f64(count));
}

/// `count` RTP packets were received or sent.
pub fn rtp_packets(way: Way, count: u64) {
    counter!(RTP_PACKETS, "direction" => way.as_str()).increment(count);
}

/// `count` datagrams at a leg's ports were dropped because they are `foreign` (not the peer's),
/// `malformed`, or fail SRTP's check or come twice (`srtp`). What the kernel drops, once it knows the peer, nobody counts.
pub fn rtp_dropped(reason: &'static str, count: u64) {
    if count > 0 {
        counter!(RTP_DROPPED, "reason" => reason).increment(count);
    }
}

/// `count` RTP packets were expected and never came.
pub fn rtp_lost(count: u64) {
    counter!(RTP_LOST).increment(count);
}

/// A leg closed with this interarrival jitter (RFC 3550 A.8).
pub fn rtp_jitter(jitter: Duration) {
    histogram!(RTP_JITTER).record(jitter);
}

/// So many calls have been ended by a fault of the program since the start.
pub fn calls_broken(total: u64) {
    counter!(CALLS_BROKEN).absolute(total);
}

/// In a call one side was not heard while the other was, for as long as `media.silent_after`.
pub fn one_way_call() {
    counter!(ONE_WAY_CALLS).increment(1);
}

/// A recording lacks audio that somebody sent: what nobody sent is no gap. Counters are whole numbers: what is
/// short of a second is carried to the next gap.
pub fn recording_gap(length: Duration) {
    static CARRIED_MS: AtomicU64 = AtomicU64::new(0);
    let length_ms = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
    let carry = |carried: u64| Some(carried.saturating_add(length_ms) % 1000);
    let carried = CARRIED_MS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, carry);
    let before = carried.unwrap_or_else(|unchanged| unchanged);
    counter!(RECORDING_GAP).increment(before.saturating_add(length_ms) / 1000);
}

/// A recording ended with `result`: sealed, failed or interrupted.
pub fn recording_ended(result: &'static str) {
    counter!(RECORDINGS, "result" => result).increment(1);
}

/// Bytes that the SIP messages kept for the trace take on the disk.
pub fn trace_bytes(bytes: u64) {
    gauge!(TRACE_BYTES).set(bytes_as_f64(bytes));
}

/// The oldest of them were deleted: a segment.
pub fn trace_segment_deleted() {
    counter!(TRACE_DELETED).increment(1);
}

/// SIP messages that were not kept, since the disk did not keep up.
pub fn trace_dropped(count: u64) {
    counter!(TRACE_DROPPED).increment(count);
}

/// A sealed recording was read again and found `local` (whole), `missing` or `damaged`.
pub fn recording_verified(result: &'static str) {
    counter!(RECORDINGS_VERIFIED, "result" => result).increment(1);
}

/// Recordings that are `missing`, `damaged` or half deleted (`deleting`) now.
pub fn recording_faults(state: &'static str, count: u64) {
    gauge!(RECORDING_FAULTS, "state" => state).set(bytes_as_f64(count));
}

/// A recording was `copied`, and the copy proved, or that `failed`.
pub fn recording_copied(result: &'static str) {
    counter!(RECORDINGS_COPIED, "result" => result).increment(1);
}

/// Recordings without a proved copy: how many, how large together, and how long ago the oldest of
/// their calls arrived.
pub fn copy_backlog(count: u64, bytes: u64, oldest: Duration) {
    gauge!(COPY_BACKLOG).set(bytes_as_f64(count));
    gauge!(COPY_BACKLOG_BYTES).set(bytes_as_f64(bytes));
    gauge!(COPY_OLDEST).set(oldest.as_secs_f64());
}

/// How old the oldest audio is that is not safe on the disk, and how much the journal holds.
pub fn recorder(lag: Duration, backlog_bytes: u64) {
    gauge!(RECORDING_LAG).set(lag.as_secs_f64());
    gauge!(JOURNAL_BACKLOG).set(bytes_as_f64(backlog_bytes));
}

/// A disk failed the recorder, in its `journal`, in a recording's `file` or in the `spool`.
pub fn recorder_fault(place: &'static str) {
    counter!(RECORDER_FAULTS, "place" => place).increment(1);
}

/// Callers who were to be called back by now, and were not.
pub fn callbacks_overdue(count: u64) {
    gauge!(CALLBACKS_OVERDUE).set(bytes_as_f64(count));
}

/// A call's matter was passed on for the first time so long after the end of the call, by a `relay`, a
/// `message` or a `task` (R109).
pub fn matter_forwarded(by: &str, after: Duration) {
    histogram!(FORWARD_AFTER, "by" => by.to_owned()).record(after);
}

/// Calls whose matter was to be passed on by now, and was not (R109).
pub fn forwards_overdue(count: usize) {
    gauge!(FORWARDS_OVERDUE).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
}

/// Messages for colleagues that nobody has read in time (R184).
pub fn messages_unread(count: u64) {
    gauge!(MESSAGES_UNREAD).set(bytes_as_f64(count));
}

/// Tasks of a kind that are not done: `call_back`, `message`, `follow_up` or `relay`.
pub fn tasks_open(kind: &'static str, count: u64) {
    gauge!(TASKS_OPEN, "kind" => kind).set(bytes_as_f64(count));
}

/// A message to another program was `delivered`, `retried` (it is to be tried again) or `failed`.
pub fn webhook_tried(webhook: &str, result: &'static str) {
    counter!(WEBHOOK_TRIES, "webhook" => webhook.to_owned(), "result" => result).increment(1);
}

/// Messages that wait for another program.
pub fn webhooks_waiting(webhook: &str, count: usize) {
    gauge!(WEBHOOKS_WAITING, "webhook" => webhook.to_owned()).set(as_f64(count));
}

/// Bytes free for us on the disk of the recordings.
pub fn disk_free(bytes: u64) {
    gauge!(DISK_FREE).set(bytes_as_f64(bytes));
}

/// Whether the database answers.
pub fn database_up(up: bool) {
    gauge!(DB_UP).set(f64::from(u8::from(up)));
}

/// Entries of the log on the local disk that wait for the database.
#[expect(clippy::cast_precision_loss, reason = "millions")]
pub fn log_backlog(entries: usize) {
    gauge!(LOG_BACKLOG).set(entries as f64);
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    let full = |name: &str| Matcher::Full(name.to_owned());
    PrometheusBuilder::new()
        .set_buckets_for_metric(full(ANSWER_SECONDS), ANSWER_BUCKETS)?
        .set_buckets_for_metric(full(QUEUE_ANSWER_SECONDS), ANSWER_BUCKETS)?
        .set_buckets_for_metric(full(AGENT_ANSWER_SECONDS), AGENT_ANSWER_BUCKETS)?
        .set_buckets_for_metric(full(TRANSFER_AFTER), TRANSFER_AFTER_BUCKETS)?
        .set_buckets_for_metric(full(FORWARD_AFTER), FORWARD_AFTER_BUCKETS)?
        .set_buckets_for_metric(full(QUEUE_WAIT), QUEUE_WAIT_BUCKETS)?
        .set_buckets_for_metric(full(RTP_JITTER), JITTER_BUCKETS)
}

#[rustfmt::skip]
fn describe() {
    describe_counter!(CALLS, Unit::Count, "Calls ended, by line and outcome.");
    describe_gauge!(CALLS_ACTIVE, Unit::Count, "Calls up now, from INVITE to the last BYE.");
    describe_histogram!(ANSWER_SECONDS, Unit::Seconds, "From the caller's first ring to the answer by a person.");
    describe_counter!(ANSWER_RINGS, Unit::Count, "Answers, by the ring they came in.");
    describe_histogram!(QUEUE_ANSWER_SECONDS, Unit::Seconds, "From the caller's first ring to the answer by a person, by the caller's queue.");
    describe_counter!(QUEUE_ANSWER_RINGS, Unit::Count, "Answers, by the caller's queue and the ring they came in.");
    describe_histogram!(AGENT_ANSWER_SECONDS, Unit::Seconds, "How long an agent's own phone rang until it was answered.");
    describe_counter!(AGENT_ANSWER_RINGS, Unit::Count, "Answers of an agent, by the ring of the agent's own phone.");
    describe_counter!(ANSWERS, Unit::Count, "Answers, by the grade that the line's profile gave.");
    describe_counter!(OUTBOUND_REFUSED, Unit::Count, "Calls of agents to outside numbers that policy or a limit refused.");
    describe_counter!(TRANSFERS, Unit::Count, "Callers passed on, by what came of it.");
    describe_histogram!(TRANSFER_AFTER, Unit::Seconds, "From the answer to when the caller was first passed on.");
    describe_counter!(PASSED_ON_OFTEN, Unit::Count, "Callers passed on more often than their line has it.");
    describe_counter!(EMERGENCIES, Unit::Count, "Callers put through to an emergency contact.");
    describe_counter!(ABANDONED, Unit::Count, "Callers who gave up before an answer, by stage.");
    describe_counter!(MESSAGES, Unit::Count, "Messages left by callers.");
    describe_counter!(STAGES_EXCEEDED, Unit::Count, "Stages of calls that took longer than their line allows.");
    describe_counter!(SURVEYS, Unit::Count, "Callers asked how it was, by what came of it.");
    describe_gauge!(LINE_SWITCHED, Unit::Count, "1 while a line is switched to its emergency plan, else 0.");
    describe_gauge!(SETUP_REFUSED, Unit::Count, "1 while what was set up last cannot be put into effect, else 0.");
    describe_gauge!(CALENDAR_MISSING, Unit::Count, "The year whose holidays a calendar lacks and should have, or 0.");
    describe_histogram!(QUEUE_WAIT, Unit::Seconds, "From entering a queue to leaving it.");
    describe_gauge!(QUEUE_WAITING, Unit::Count, "Callers waiting now.");
    describe_gauge!(QUEUE_MISSING, Unit::Count, "Agents that a queue with a minimum has too few: free, rung, talking or at work after a call.");
    describe_gauge!(AGENTS, Unit::Count, "Agents, by state.");
    describe_histogram!(FORWARD_AFTER, Unit::Seconds, "From the end of a call to when its matter was first passed on, by how it was.");
    describe_gauge!(FORWARDS_OVERDUE, Unit::Count, "Calls whose matter was to be passed on by now, and was not.");
    describe_gauge!(BREAKS_OVERDUE, Unit::Count, "Agents on a break that has lasted for longer than one for its reason may.");
    describe_counter!(AGENT_RINGS, Unit::Count, "Ringings of agents' phones, by how they ended.");
    describe_gauge!(TRUNK_UP, Unit::Count, "1 while a peer of the trunk answers and the carrier registers us, else 0; not there for a trunk that nobody looks at.");
    describe_gauge!(CHANNELS_FREE, Unit::Count, "Calls that a trunk may carry beside those that are up; not there without max_calls.");
    describe_gauge!(REGISTRATIONS, Unit::Count, "Phones registered now.");
    describe_counter!(SIP_MESSAGES, Unit::Count, "SIP messages; code is empty for a request.");
    describe_counter!(SIP_REFUSED, Unit::Count, "SIP messages refused or dropped, by reason.");
    describe_gauge!(SIP_BANS, Unit::Count, "Source addresses banned now.");
    describe_counter!(RTP_PACKETS, Unit::Count, "RTP packets received and sent.");
    describe_counter!(RTP_DROPPED, Unit::Count, "Datagrams dropped at RTP ports, by reason.");
    describe_counter!(RTP_LOST, Unit::Count, "RTP packets expected and not received.");
    describe_histogram!(RTP_JITTER, Unit::Seconds, "Interarrival jitter of a leg when it closed.");
    describe_counter!(RECORDING_GAP, Unit::Seconds, "Silence in recordings for audio that did not arrive.");
    describe_counter!(RECORDINGS, Unit::Count, "Recordings, by how they ended.");
    describe_counter!(RECORDINGS_VERIFIED, Unit::Count, "Sealed recordings read again and compared, by what was found.");
    describe_gauge!(RECORDING_FAULTS, Unit::Count, "Recordings that are missing, damaged or half deleted.");
    describe_counter!(RECORDINGS_COPIED, Unit::Count, "Recordings copied and proved, or not.");
    describe_gauge!(COPY_BACKLOG, Unit::Count, "Recordings without a proved copy.");
    describe_gauge!(COPY_BACKLOG_BYTES, Unit::Bytes, "Recordings without a proved copy, together.");
    describe_gauge!(COPY_OLDEST, Unit::Seconds, "Since the oldest call arrived whose recording has no proved copy.");
    describe_gauge!(RECORDING_LAG, Unit::Seconds, "Age of the oldest audio that is not safe on the disk.");
    describe_counter!(RECORDER_FAULTS, Unit::Count, "Writes of recordings that a disk refused or lost, by place.");
    describe_gauge!(JOURNAL_BACKLOG, Unit::Bytes, "The journal of running recordings, on disk.");
    describe_counter!(CALLS_BROKEN, Unit::Count, "Calls ended by a fault of the service itself.");
    describe_gauge!(TRACE_BYTES, Unit::Bytes, "SIP messages kept for the trace, on disk.");
    describe_counter!(TRACE_DELETED, Unit::Count, "Segments of the trace deleted to make room for newer ones.");
    describe_counter!(TRACE_DROPPED, Unit::Count, "SIP messages not kept for the trace, since the disk did not keep up.");
    describe_gauge!(DISK_FREE, Unit::Bytes, "Free space on the recordings' disk.");
    describe_gauge!(DB_UP, Unit::Count, "1 while the database answers, else 0.");
    describe_gauge!(
        LOG_BACKLOG,
        Unit::Count,
        "Entries of the log on the local disk that the database does not have yet."
    );
    describe_gauge!(
        CALLBACKS_OVERDUE,
        Unit::Count,
        "Callers who were to be called back by now, and were not."
    );
    describe_gauge!(
        MESSAGES_UNREAD,
        Unit::Count,
        "Messages for colleagues that nobody has read in time."
    );
    describe_gauge!(TASKS_OPEN, Unit::Count, "Tasks that are not done, by kind.");
    describe_counter!(
        WEBHOOK_TRIES,
        Unit::Count,
        "Tries to tell another program, by what came of them."
    );
    describe_gauge!(
        WEBHOOKS_WAITING,
        Unit::Count,
        "Messages that wait for another program."
    );
    describe_gauge!(BUILD_INFO, Unit::Count, "Always 1; the version is a label.");
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 8 PiB, and nobody counts bytes there"
)]
fn bytes_as_f64(bytes: u64) -> f64 {
    bytes as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of calls and phones are far below 2^52"
)]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(
        agent: &'static str,
        waited_ms: u64,
        rings: u32,
        grade: &'static str,
    ) -> Answer<'static> {
        Answer {
            line: "hotline",
            queue: "desk",
            agent,
            waited: Duration::from_millis(waited_ms),
            rings,
            grade,
            phone_rang: Duration::from_secs(2),
            phone_rings: 1,
        }
    }

    /// R014, R119, R281: answers are counted for the line, the queue and the agent, transfers by when and
    /// how often.
    #[test]
    fn answers_and_transfers_are_counted_for_whoever_they_are_of() {
        let shown = shown_after(|| {
            call_answered(&answer("1001", 5_500, 2, "on_target"));
            call_answered(&answer("1002", 40_000, 9, "late"));
            transfer_asked("hotline", Duration::from_secs(25));
            transfer_ended("hotline", "answered");
            passed_on_often("hotline");
            emergency_called("hotline");
        });
        for line in [
            r#"thirdring_queue_answer_seconds_bucket{queue="desk",le="6"} 1"#,
            r#"thirdring_queue_answer_seconds_count{queue="desk"} 2"#,
            r#"thirdring_queue_answer_rings_total{queue="desk",rings="7+"} 1"#,
            r#"thirdring_agent_answer_seconds_bucket{agent="1001",le="1"} 0"#,
            r#"thirdring_agent_answer_seconds_bucket{agent="1001",le="3"} 1"#,
            r#"thirdring_agent_answer_seconds_count{agent="1002"} 1"#,
            r#"thirdring_agent_answer_rings_total{agent="1002",rings="1"} 1"#,
            r#"thirdring_transfer_after_seconds_bucket{line="hotline",le="20"} 0"#,
            r#"thirdring_transfer_after_seconds_bucket{line="hotline",le="30"} 1"#,
            r#"thirdring_transfers_total{line="hotline",result="answered"} 1"#,
            r#"thirdring_passed_on_often_total{line="hotline"} 1"#,
            r#"thirdring_emergencies_total{line="hotline"} 1"#,
        ] {
            assert!(shown.contains(line), "no `{line}` in\n{shown}");
        }
    }

    #[test]
    fn every_metric_is_shown_with_its_labels() {
        let shown = shown_after(|| {
            call_ended("hotline", "answered");
            calls_active("hotline", 2);
            call_answered(&answer("1001", 5_500, 2, "on_target"));
            call_answered(&answer("1002", 40_000, 9, "late"));
            call_abandoned("hotline", "ringing");
            queue_waited("hotline", Duration::from_secs(3));
            queue_waiting("hotline", 1);
            queue_agents_missing("hotline", 2);
            agents("ready", 4);
            breaks_overdue(1);
            forwards_overdue(1);
            agent_rang("ring_no_answer");
            trunk_up("carrier", true);
            channels_free("carrier", 28);
            registrations(3);
            sip_message("INVITE", Way::In, None);
            sip_message("INVITE", Way::Out, Some(200));
            sip_refused("banned", 7);
            sip_bans(1);
            rtp_packets(Way::In, 50);
            rtp_dropped("foreign", 3);
            rtp_lost(2);
            rtp_jitter(Duration::from_millis(4));
            calls_broken(1);
            one_way_call();
            recording_ended("sealed");
            recording_verified("local");
            recording_faults("damaged", 2);
            recording_copied("failed");
            copy_backlog(3, 4000, Duration::from_mins(1));
            recorder(Duration::from_millis(500), 2048);
            recorder_fault("journal");
            trace_bytes(4096);
            trace_segment_deleted();
            trace_dropped(3);
            disk_free(1 << 30);
            database_up(true);
            log_backlog(17);
        });
        for line in [
            r#"thirdring_calls_total{line="hotline",outcome="answered"} 1"#,
            r#"thirdring_calls_active{line="hotline"} 2"#,
            r#"thirdring_answer_seconds_bucket{line="hotline",le="5"} 0"#,
            r#"thirdring_answer_seconds_bucket{line="hotline",le="6"} 1"#,
            r#"thirdring_answer_seconds_bucket{line="hotline",le="60"} 2"#,
            r#"thirdring_answer_rings_total{line="hotline",rings="2"} 1"#,
            r#"thirdring_answer_rings_total{line="hotline",rings="7+"} 1"#,
            r#"thirdring_answers_total{line="hotline",grade="late"} 1"#,
            r#"thirdring_abandoned_total{line="hotline",stage="ringing"} 1"#,
            r#"thirdring_queue_wait_seconds_count{queue="hotline"} 1"#,
            r#"thirdring_queue_waiting{queue="hotline"} 1"#,
            r#"thirdring_queue_agents_missing{queue="hotline"} 2"#,
            r#"thirdring_agents{state="ready"} 4"#,
            "thirdring_breaks_overdue 1",
            "thirdring_forwards_overdue 1",
            r#"thirdring_agent_rings_total{result="ring_no_answer"} 1"#,
            r#"thirdring_trunk_up{trunk="carrier"} 1"#,
            r#"thirdring_channels_free{trunk="carrier"} 28"#,
            "thirdring_registrations 3",
            r#"thirdring_sip_messages_total{method="INVITE",direction="in",code=""} 1"#,
            r#"thirdring_sip_messages_total{method="INVITE",direction="out",code="200"} 1"#,
            r#"thirdring_sip_refused_total{reason="banned"} 7"#,
            "thirdring_sip_bans 1",
            r#"thirdring_rtp_packets_total{direction="in"} 50"#,
            r#"thirdring_rtp_dropped_packets_total{reason="foreign"} 3"#,
            "thirdring_rtp_lost_packets_total 2",
            "thirdring_rtp_jitter_seconds_count 1",
            "thirdring_calls_broken_total 1",
            "thirdring_one_way_calls_total 1",
            r#"thirdring_recordings_total{result="sealed"} 1"#,
            r#"thirdring_recordings_verified_total{result="local"} 1"#,
            r#"thirdring_recording_faults{state="damaged"} 2"#,
            r#"thirdring_recording_copies_total{result="failed"} 1"#,
            "thirdring_recording_copy_backlog 3",
            "thirdring_recording_copy_backlog_bytes 4000",
            "thirdring_recording_copy_oldest_seconds 60",
            "thirdring_recording_lag_seconds 0.5",
            r#"thirdring_recorder_faults_total{place="journal"} 1"#,
            "thirdring_journal_backlog_bytes 2048",
            "thirdring_trace_bytes 4096",
            "thirdring_trace_segments_deleted_total 1",
            "thirdring_trace_dropped_messages_total 3",
            "thirdring_disk_free_bytes 1073741824",
            "thirdring_db_up 1",
            "thirdring_log_backlog_entries 17",
        ] {
            assert!(shown.contains(line), "no `{line}` in\n{shown}");
        }
    }

    #[test]
    fn a_peer_cannot_make_up_labels() {
        let shown = shown_after(|| {
            sip_message("NEWMETHOD17", Way::In, None);
            sip_message("OPTIONS", Way::In, Some(7777));
        });
        assert!(!shown.contains("NEWMETHOD17") && !shown.contains("7777"));
        assert!(shown.contains(r#"method="other""#) && shown.contains(r#"code="other""#));
    }

    #[test]
    fn gaps_shorter_than_a_second_add_up() {
        let shown = shown_after(|| {
            for _ in 0..10 {
                recording_gap(Duration::from_millis(350));
            }
        });
        let line = "thirdring_recording_gap_seconds_total 3";
        assert!(shown.contains(line), "{shown}");
    }

    fn shown_after(record: impl FnOnce()) -> String {
        let recorder = builder().unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            describe();
            record();
        });
        recorder.handle().render()
    }
}
