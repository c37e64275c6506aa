//! What happens, as it happens: server-sent events (WHATWG HTML §9.2).
//!
//! One task reads what the core tells, makes each frame once, and wakes all readers together, at
//! most every 40 ms: three hundred open streams cost three hundred wake-ups and writes, not that
//! many for each of a dozen events at the same moment.

use std::collections::{BTreeSet, HashMap};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_stream::Stream;
use uuid::Uuid;

use super::call_view::{EventView, PartyView, time};
use super::caller::Caller;
use super::callers::{CallerNow, Callers, Lookups};
use super::frames::{Audience, Frame, Frames, Place};
use super::seats::Seat;
use super::{Api, ProblemDocument};
use crate::call::{Attention, Entry, EventKind};
use crate::id::{AgentId, CallId};
use crate::net::Live;
use crate::rules::Timestamp;
use crate::rules::policy::{Action, Decision, Object};
use crate::store::{KnownCaller, Store, TaskNews};
use crate::switch::{AgentNow, News, QueueNow};

/// Readers are woken at most so often.
const TOGETHER: Duration = Duration::from_millis(40);
/// A stream on which nothing happens says so, lest somebody on the way takes it for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A call that is over is forgotten when so many others have come since.
const CALLS: usize = 20_000;

/// The header by which a reader says what he had last.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Makes frames of what the core tells.
#[derive(Debug)]
pub(super) struct Hub {
    frames: Arc<Frames>,
    task: JoinHandle<()>,
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hub {
    /// Follows what happens from now on.
    pub(super) fn start(live: broadcast::Receiver<Live>, store: &Store, now: Timestamp) -> Self {
        let frames = Arc::new(Frames::new(format!("{:x}", now.unix_ms())));
        let (tasks, lookups) = (store.task_news(), Lookups::new(store.clone()));
        let task = tokio::spawn(follow(live, tasks, lookups, Arc::clone(&frames)));
        Self { frames, task }
    }

    /// Where whoever else has something to tell puts it.
    pub(super) fn frames(&self) -> Arc<Frames> {
        Arc::clone(&self.frames)
    }
}

async fn follow(
    mut live: broadcast::Receiver<Live>,
    mut tasks: broadcast::Receiver<TaskNews>,
    mut lookups: Lookups,
    frames: Arc<Frames>,
) {
    let mut calls = Calls::default();
    let mut tell_at: Option<Instant> = None;
    let mut told_at = now();
    loop {
        let due = async {
            match tell_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = due => {
                tell_at = None;
                told_at = now();
                frames.tell();
            }
            Some((call, customer)) = lookups.next() => {
                calls.known(call, customer, &frames);
                tell_at.get_or_insert_with(|| (told_at + TOGETHER).max(now()));
            }
            heard = live.recv() => {
                match heard {
                    Ok(Live::Entry(entry)) => {
                        calls.entry(&entry, &frames);
                        lookups.begin(&entry);
                    }
                    Ok(Live::News(news)) => calls.news(&news, &frames),
                    Err(broadcast::error::RecvError::Lagged(missed)) => begin_anew(missed, &frames),
                    Err(broadcast::error::RecvError::Closed) => return,
                }
                // At once after a rest, else together with what comes soon.
                tell_at.get_or_insert_with(|| (told_at + TOGETHER).max(now()));
            }
            heard = tasks.recv() => {
                match heard {
                    Ok(news) => push(&frames, "task", &TaskFrame::of(&news), Audience::Staff),
                    Err(broadcast::error::RecvError::Lagged(missed)) => begin_anew(missed, &frames),
                    Err(broadcast::error::RecvError::Closed) => return,
                }
                tell_at.get_or_insert_with(|| (told_at + TOGETHER).max(now()));
            }
        }
    }
}

fn begin_anew(missed: u64, frames: &Frames) {
    tracing::warn!(missed, "events were missed: readers begin anew");
    frames.push("reset", "{}", Audience::All);
}

#[expect(
    clippy::disallowed_methods,
    reason = "the runtime's clock, which its timers go by"
)]
fn now() -> Instant {
    Instant::now()
}

/// The agents who are in each call, for those who see their own only.
#[derive(Debug, Default)]
struct Calls {
    agents: HashMap<CallId, Arc<[AgentId]>>,
    callers: Callers,
    /// With how many of them it is looked which can be forgotten.
    enough: usize,
}

/// A log entry, as readers get it.
#[derive(Serialize)]
struct CallFrame<'a> {
    call: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<PartyView>,
    #[serde(flatten)]
    event: &'a EventView,
}

/// A ring, as readers get it.
#[derive(Serialize)]
struct RingFrame<'a> {
    call: Uuid,
    line: Option<&'a str>,
    ring: u32,
    apologise: bool,
    #[serde(flatten)]
    caller: Option<&'a CallerNow>,
}

impl Calls {
    fn entry(&mut self, entry: &Entry, frames: &Frames) {
        let event = &entry.event;
        let view = EventView::of(event);
        let agents = self.agents.entry(event.call).or_default();
        let newcomers = view.agents().map(AgentId);
        let newcomers = newcomers.filter(|agent| !agents.contains(agent));
        let newcomers: BTreeSet<_> = newcomers.collect();
        if !newcomers.is_empty() {
            *agents = agents.iter().chain(&newcomers).cloned().collect();
        }
        let audience = Audience::Call(event.call, Arc::clone(agents));
        let caller = caller(entry);
        let text = CallFrame {
            call: event.call.0,
            caller: caller.clone(),
            event: &view,
        };
        push(frames, "call", &text, audience);
        self.callers.entry(event, caller);
        if !newcomers.is_empty() {
            self.catch_up(event.call, newcomers.into_iter().collect(), frames);
        }
        // What is told of a call after its end is told to the same agents: it is forgotten late.
        if self.agents.len() > self.enough.max(CALLS) {
            let newest = *self.agents.keys().max().unwrap_or(&event.call);
            let bound = newest.0.as_u128().saturating_sub(FORGOTTEN);
            self.agents.retain(|call, _| call.0.as_u128() > bound);
            // Not at each entry of a busy day, of which nothing is old enough yet.
            self.enough = 2 * self.agents.len();
        }
    }

    /// Whoever comes to a call that rings already hears who calls, and which ring it is: what was
    /// told before was not for him.
    fn catch_up(&self, call: CallId, newcomers: Arc<[AgentId]>, frames: &Frames) {
        let Some(now) = self.callers.get(call) else {
            return;
        };
        let audience = Audience::Agents(newcomers);
        push(frames, "caller", &now.told(call), audience.clone());
        if let Some(ring) = &now.ring {
            let text = RingFrame {
                call: call.0,
                line: now.line(),
                ring: ring.n,
                apologise: ring.apologise,
                caller: Some(now),
            };
            push(frames, "ring", &text, audience);
        }
    }

    /// It has turned out who calls.
    fn known(&mut self, call: CallId, customer: KnownCaller, frames: &Frames) {
        let audience = self.audience(call);
        if let Some(now) = self.callers.knows(call, customer) {
            push(frames, "caller", &now.told(call), audience);
        }
    }

    fn audience(&self, call: CallId) -> Audience {
        Audience::Call(call, self.agents.get(&call).cloned().unwrap_or_default())
    }

    fn news(&mut self, news: &News, frames: &Frames) {
        match news {
            News::Ring {
                call,
                line,
                ring,
                apologise,
            } => {
                self.callers.ring(*call, *ring, *apologise);
                let text = RingFrame {
                    call: call.0,
                    line: line.as_ref().map(|line| line.0.as_str()),
                    ring: *ring,
                    apologise: *apologise,
                    caller: self.callers.get(*call),
                };
                let audience = self.audience(*call);
                push(frames, "ring", &text, audience);
            }
            News::Agent(now) => push(frames, "agent", &AgentFrame::of(now), Audience::Desk),
            News::Queue(now) => push(frames, "queue", &QueueFrame::of(now), Audience::Desk),
            News::Line(switch) => {
                let text = LineFrame {
                    line: &switch.line.0,
                    switched: switch.to.is_some(),
                    by: &switch.by,
                    reason: switch.reason.as_deref(),
                };
                push(frames, "line", &text, Audience::Staff);
            }
            News::Attention { call, line, what } => {
                let text = AttentionFrame {
                    call: call.0,
                    line: line.as_ref().map(|line| line.0.as_str()),
                    what,
                };
                let audience = self.audience(*call);
                push(frames, "attention", &text, audience);
                // Whoever is passed over has nothing to do with the call yet, and is told all the same.
                if let Attention::Escalated { skipped, .. } = what
                    && !skipped.is_empty()
                {
                    let audience = Audience::Agents(skipped.as_slice().into());
                    push(frames, "attention", &text, audience);
                }
            }
        }
    }
}

/// What somebody should look at, as readers get it.
#[derive(Serialize)]
struct AttentionFrame<'a> {
    call: Uuid,
    line: Option<&'a str>,
    #[serde(flatten)]
    what: &'a Attention,
}

/// An agent, as readers get it.
#[derive(Serialize)]
struct AgentFrame<'a> {
    agent: &'a str,
    state: &'static str,
    reason: Option<&'a str>,
    since: String,
    call: Option<Uuid>,
    asks_break: Option<&'a str>,
    asked_break_at: Option<String>,
    substitute: Option<&'a str>,
    shift: Option<&'a str>,
    wrap_up_until: Option<String>,
    break_until: Option<String>,
}

impl<'a> AgentFrame<'a> {
    fn of(agent: &'a AgentNow) -> Self {
        Self {
            agent: &agent.agent.0,
            state: agent.state.as_str(),
            reason: agent.reason.as_deref(),
            since: time(agent.since),
            call: agent.call.map(|call| call.0),
            asks_break: agent.asks_break.as_deref(),
            asked_break_at: agent.asked_break_at.map(time),
            substitute: agent.substitute.as_ref().map(|agent| agent.0.as_str()),
            shift: agent.shift.as_deref(),
            wrap_up_until: agent.wrap_up_until.map(time),
            break_until: agent.break_until.map(time),
        }
    }
}

/// A queue, as readers get it.
#[derive(Serialize)]
struct QueueFrame<'a> {
    queue: &'a str,
    order: Vec<&'a str>,
    waiting: Vec<WaiterFrame>,
    longest: Option<String>,
    staffed: usize,
    missing: usize,
}

/// A caller who waits, as readers get it.
#[derive(Serialize)]
struct WaiterFrame {
    call: Uuid,
    place: u32,
    expected_s: Option<u64>,
}

impl<'a> QueueFrame<'a> {
    fn of(queue: &'a QueueNow) -> Self {
        let waiting = queue.waiting.iter().map(|waiter| WaiterFrame {
            call: waiter.call.0,
            place: waiter.place,
            expected_s: waiter.expected.map(|time| time.as_secs()),
        });
        Self {
            queue: &queue.queue.0,
            order: queue.order.iter().map(|agent| agent.0.as_str()).collect(),
            waiting: waiting.collect(),
            longest: queue.longest.map(time),
            staffed: queue.staffed,
            missing: queue.missing,
        }
    }
}

/// A task, as readers get it.
#[derive(Serialize)]
struct TaskFrame<'a> {
    task: Uuid,
    kind: &'static str,
    state: &'static str,
    action: &'static str,
    line: Option<&'a str>,
    claimed_by: Option<&'a str>,
    assigned_to: Option<&'a str>,
}

impl<'a> TaskFrame<'a> {
    fn of(news: &'a TaskNews) -> Self {
        Self {
            task: news.task.0,
            kind: news.kind.as_str(),
            state: news.state.as_str(),
            action: news.action.as_str(),
            line: news.line.as_ref().map(|line| line.0.as_str()),
            claimed_by: news.claimed_by.as_deref(),
            assigned_to: news.assigned_to.as_ref().map(|agent| agent.0.as_str()),
        }
    }
}

/// A line's switch, as readers get it.
#[derive(Serialize)]
struct LineFrame<'a> {
    line: &'a str,
    switched: bool,
    by: &'a str,
    reason: Option<&'a str>,
}

/// Twelve hours, as the time in a `UUIDv7` counts them: no call is longer.
const FORGOTTEN: u128 = (12 * 3_600_000) << 80;

/// Who calls, masked, where the event is the first to mention somebody.
fn caller(entry: &Entry) -> Option<PartyView> {
    let (
        EventKind::Arrived {
            caller,
            circumstances,
            ..
        },
        false,
    ) = (&entry.event.kind, entry.parties.is_empty())
    else {
        return None;
    };
    let shown = caller.filter(|_| !circumstances.withheld)?;
    let party = entry.parties.iter().find(|party| party.id == shown);
    party.map(PartyView::of)
}

/// Adds a frame of this.
pub(super) fn push(frames: &Frames, kind: &str, data: &impl Serialize, audience: Audience) {
    match serde_json::to_string(data) {
        Ok(text) => frames.push(kind, &text, audience),
        Err(error) => tracing::error!(%error, "an event could not be told"),
    }
}

/// Fields of events that name an agent.
const OF_AGENTS: [&str; 4] = ["agent", "by", "target", "to"];

impl EventView {
    /// Every agent that the event names.
    fn agents(&self) -> impl Iterator<Item = String> {
        let data = self.data().and_then(Value::as_object);
        let fields = data.into_iter().flatten();
        let of_agents = fields.filter(|(field, _)| OF_AGENTS.contains(&field.as_str()));
        of_agents.filter_map(|(_, value)| {
            let agent = value.as_str().or_else(|| value.get("agent")?.as_str());
            agent.map(str::to_owned)
        })
    }
}

/// What happens, as it happens
///
/// A stream of server-sent events: `call` (an entry of a call's log: `call`, `kind`, `data`,
/// `offset_us`), `caller` (who calls, as soon as it is known: `call`, `line`, `caller`, `customer`),
/// `ring` (each ring as the caller hears it: `call`, `line`, `ring`, `apologise`, `customer`),
/// `attention` (somebody should look at a call), `agent` (what an agent does from now on), `queue`
/// (who waits, and who serves), `line` (switched in an emergency, or back), `task` (opened, assigned,
/// claimed, released, tried, late, unread, done), `incident` (for those to whom it was escalated), `report` (for those who answer for the
/// hotline: one was written), `relay` (a record was
/// sent to a department, or read there), `setup` (sections that were set up anew: `revision`,
/// `in_effect`, `sections` of `kind`, `name`, `version`; read them again), `statistics` (the day's figures of lines and queues,
/// at most once a second).
/// Whoever sees his own calls only is told of these. `Last-Event-ID` gives what was missed; an
/// event `reset` says that it is not known any more: read everything anew.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event you had")),
    responses((status = OK, description = "The stream", content_type = "text/event-stream", body = String)))]
pub(super) async fn follow_events(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ProblemDocument> {
    let frames = Arc::clone(&api.hub.frames);
    let told = frames.follow();
    let last = headers.get(&LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let (number, is_lost) = match frames.place(last) {
        Place::After(number) => (number, false),
        Place::Lost => (frames.last(), true),
    };
    let reader = Reader {
        seat: api.seats.take(&caller)?,
        stopping: api.stopping.subscribe(),
        frames,
        told,
        sees_own: caller.decide(Action::SeeCalls, Object::Own) == Decision::Allowed,
        sees_all: caller.decide(Action::SeeCalls, Object::Foreign) == Decision::Allowed,
        sees_desk: caller.decide(Action::SeeAgents, Object::Foreign) == Decision::Allowed,
        caller,
        number,
        greeting: Some(if is_lost { RESET } else { HELLO }),
        spoken_at: now(),
    };
    let stream = FrameStream {
        next: Box::pin(reader.next()),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx would keep events back until it has a buffer full.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

const HELLO: &str = "retry: 2000\n\n";
const RESET: &str = "retry: 2000\nevent: reset\ndata: {}\n\n";

/// One who follows events.
struct Reader {
    frames: Arc<Frames>,
    told: watch::Receiver<u64>,
    seat: Seat,
    stopping: watch::Receiver<bool>,
    caller: Caller,
    /// False for wallboards: whatever else their user may, they are told of no call.
    sees_own: bool,
    sees_all: bool,
    sees_desk: bool,
    number: u64,
    greeting: Option<&'static str>,
    spoken_at: Instant,
}

impl Reader {
    /// The next bytes of the stream, when there are any; `None` when it is over.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if let Some(greeting) = self.greeting.take() {
            return Some((Bytes::from_static(greeting.as_bytes()), self));
        }
        loop {
            if *self.seat.over.borrow() {
                return None;
            }
            let text = self.news();
            if !text.is_empty() {
                self.spoken_at = now();
                return Some((Bytes::from(text), self));
            }
            let quiet_at = self.spoken_at + KEEP_ALIVE;
            tokio::select! {
                told = self.told.changed() => told.ok()?,
                () = over(&mut self.stopping) => return None,
                () = over(&mut self.seat.over) => return None,
                () = tokio::time::sleep_until(quiet_at) => {
                    self.spoken_at = now();
                    return Some((Bytes::from_static(b": quiet\n\n"), self));
                }
            }
        }
    }

    /// What has been told since, as far as it is for this reader.
    fn news(&mut self) -> String {
        let told = *self.told.borrow_and_update();
        if told <= self.number {
            return String::new();
        }
        let Some(frames) = self.frames.after(self.number) else {
            self.number = self.frames.last();
            return RESET.to_owned();
        };
        let mine = frames.iter().filter(|frame| self.may_hear(frame));
        let text = mine.map(|frame| &*frame.text).collect();
        self.number = frames.last().map_or(self.number, |frame| frame.number);
        text
    }

    fn may_hear(&self, frame: &Frame) -> bool {
        match &frame.audience {
            Audience::All => true,
            Audience::Desk => self.sees_desk,
            Audience::Staff => self.sees_own,
            // A wallboard of theirs is not told.
            Audience::Role(role) => self.sees_own && self.caller.roles.contains(role),
            // Whoever sees all was told when it happened.
            Audience::Agents(agents) => {
                let mut agents = agents.iter();
                !self.sees_all && self.sees_own && agents.any(|agent| self.caller.has(agent))
            }
            Audience::Call(_, agents) => {
                let is_in_it = || agents.iter().any(|agent| self.caller.has(agent));
                self.sees_all || self.sees_own && is_in_it()
            }
        }
    }
}

/// Until the service stops, or whoever follows may no longer.
async fn over(is_over: &mut watch::Receiver<bool>) {
    // An error means the same.
    let _ = is_over.wait_for(|is_over| *is_over).await;
}

/// A reader as a stream.
struct FrameStream {
    next: Next,
}

/// The next bytes in the making, and the reader to go on with.
type Next = Pin<Box<dyn Future<Output = Option<(Bytes, Reader)>> + Send>>;

impl Stream for FrameStream {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.next.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                self.next = Box::pin(std::future::pending());
                Poll::Ready(None)
            }
            Poll::Ready(Some((bytes, reader))) => {
                self.next = Box::pin(reader.next());
                Poll::Ready(Some(Ok(bytes)))
            }
        }
    }
}
