//! The signalling loop: stamps `now`, feeds the switch one input, drains every output, and
//! sleeps until the switch wants the clock. No call logic lives here.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::handle::{Handle, Live, Order};
use super::media_plane::MediaHandle;
use super::resolver::{Domain, Resolver};
use super::signalling_thread::SignallingThread;
use super::tally::Tally;
use super::traffic;
use super::transports::{News, Transports};
use crate::call::command::{Answer, Refused, Ticket};
use crate::call::media::{MediaCommand, MediaEvent};
use crate::call::{DialogChange, Entry};
use crate::clock::Clock;
use crate::id::{AgentId, EventId};
use crate::metrics::Way;
use crate::rules::Moment;
use crate::sip::Flow;
use crate::sip::endpoint::Transmit;
use crate::switch::{
    Board, DeskEntry, Input, KeptBindings, LineSwitch, Output, Refusals, Settings, Switch,
};
use crate::trace::{Passage, Tap};

/// How long the media plane gets to make room for an order.
const RETRY: Duration = Duration::from_millis(2);
/// How long the log may take to take its last entries.
const LAST_ENTRIES: Duration = Duration::from_secs(10);
/// News of domains that may wait for the core.
const RESOLVED: usize = 16;
/// What the desk's readers may be behind by: some ten seconds of a busy day.
const LIVE: usize = 4096;
/// How often gauges are set.
const GAUGES: Duration = Duration::from_secs(1);

/// The ends of the channels that the loop works between.
#[derive(Debug)]
pub struct Wires {
    /// Our SIP sockets.
    pub transports: Transports,
    /// Where the log takes entries.
    pub entries: mpsc::Sender<Entry>,
    /// What the log has made durable.
    pub stored: mpsc::Receiver<Vec<EventId>>,
    /// Where registrations are kept.
    pub bindings: mpsc::Sender<KeptBindings>,
    /// Where it is kept what happens at the desk.
    pub desk: mpsc::Sender<DeskEntry>,
    /// Where the turns of lines' switches are kept, and who is told when they are.
    pub switches: mpsc::Sender<(LineSwitch, oneshot::Sender<Answer>)>,
    /// Where it is kept which dialogs are open.
    pub dialogs: mpsc::Sender<DialogChange>,
    /// The media plane.
    pub media: MediaHandle,
    /// What the media plane reports.
    pub media_events: mpsc::Receiver<MediaEvent>,
    /// The trunks that are named by a domain, and who finds them.
    pub domains: Option<(Resolver, Vec<Domain>)>,
    /// Where messages are kept for `thirdring trace`, if they are.
    pub tap: Option<Tap>,
}

/// The loop's state.
struct Signalling {
    switch: Switch,
    clock: Clock,
    wires: Wires,
    /// Entries that the log had no room for, in order.
    unlogged: VecDeque<Entry>,
    /// Agents' registrations that their writer had no room for, the last state of each.
    unkept: BTreeMap<AgentId, KeptBindings>,
    /// What happened at the desk, that its writer had no room for, in order.
    unnoted: VecDeque<DeskEntry>,
    /// What became of dialogs, that their writer had no room for, in order.
    untold: VecDeque<DialogChange>,
    /// Orders that the media plane had no room for, in order.
    unordered: VecDeque<MediaCommand>,
    tally: Tally,
    /// What has been counted as refused.
    refused: Refusals,
    /// What goes out now answers somebody who was not heard.
    refusing: bool,
    calls_open: watch::Sender<usize>,
    leaving: watch::Sender<Option<usize>>,
    /// Who waits for the answer to which command.
    asked: HashMap<Ticket, oneshot::Sender<Answer>>,
    tickets: u64,
    live: broadcast::Sender<Live>,
    board: watch::Sender<Board>,
}

/// Starts the loop on its thread; gives the way to it, and the news of its end.
///
/// # Errors
/// The system gives no more threads.
pub fn start(
    thread: SignallingThread,
    switch: Switch,
    clock: Clock,
    wires: Wires,
) -> io::Result<(Handle, oneshot::Receiver<()>)> {
    let (orders, order_queue) = mpsc::channel(8);
    let (calls_open, open) = watch::channel(0);
    let (leaving, registrations_leaving) = watch::channel(None);
    let (live, _) = broadcast::channel(LIVE);
    let tally = Tally::new(switch.queues_of_lines());
    let (board, desk) = watch::channel(switch.board().clone());
    let signalling = Signalling {
        switch,
        clock,
        wires,
        unlogged: VecDeque::new(),
        unkept: BTreeMap::new(),
        unnoted: VecDeque::new(),
        untold: VecDeque::new(),
        unordered: VecDeque::new(),
        tally,
        refused: Refusals::default(),
        refusing: false,
        calls_open,
        leaving,
        asked: HashMap::new(),
        tickets: 0,
        live: live.clone(),
        board,
    };
    let handle = Handle {
        orders,
        calls_open: open,
        registrations_leaving,
        draining: Arc::default(),
        live,
        desk,
    };
    Ok((handle, thread.run(signalling.run(order_queue))?))
}

impl Signalling {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        self.teach_gate();
        let (found, mut resolved) = mpsc::channel(RESOLVED);
        let domains = self.wires.domains.take().into_iter();
        let resolvers: Vec<_> = domains
            .flat_map(|(resolver, domains)| {
                let follow = |domain| resolver.follow(domain, found.clone());
                domains.into_iter().map(follow).collect::<Vec<_>>()
            })
            .collect();
        let mut gauges_at = self.clock.now();
        // What came of the registrations from before the start.
        self.carry_out();
        loop {
            let wake_at = self.wake_at(gauges_at);
            // In this order: what comes by the wire waits until everything else has been heard.
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::Command(by, command, answer)) => {
                        self.tickets += 1;
                        let ticket = Ticket(self.tickets);
                        self.asked.insert(ticket, answer);
                        self.feed(Input::Command(ticket, by, command));
                    }
                    Some(Order::Restore(desk, phones)) => {
                        self.feed(Input::Desk(desk));
                        self.feed(Input::Registrations(phones));
                    }
                    Some(Order::Switches(kept)) => self.feed(Input::Switches(kept)),
                    Some(Order::Calendars(calendars)) => self.feed(Input::Calendars(calendars)),
                    Some(Order::Settings(settings, done)) => {
                        self.set_up(settings);
                        // Whoever has gone away meanwhile need not know.
                        let _ = done.send(());
                    }
                    Some(Order::Overview(shown)) => {
                        // Whoever has gone away meanwhile needs none.
                        let _ = shown.send(self.switch.overview());
                    }
                    Some(Order::Calls(shown)) => {
                        let _ = shown.send(self.switch.calls_now());
                    }
                    Some(Order::Drain) => self.feed(Input::Drain),
                    Some(Order::Stop) => self.feed(Input::Stop),
                    Some(Order::Quit) | None => break,
                },
                Some(events) = self.wires.stored.recv() => self.feed(Input::Stored(events)),
                Some(event) = self.wires.media_events.recv() => self.feed(Input::Media(event)),
                Some((trunk, peers)) = resolved.recv() => self.feed(Input::Resolved(trunk, peers)),
                Some(news) = self.wires.transports.next() => self.news(news),
                () = tokio::time::sleep_until(wake_at.into()) => {}
            }
            self.tick(&mut gauges_at);
        }
        self.keep_waiting();
        self.note_waiting();
        self.tell_waiting();
        for task in resolvers {
            task.abort();
        }
        if tokio::time::timeout(LAST_ENTRIES, self.flush_log())
            .await
            .is_err()
        {
            let lost = self.unlogged.len();
            tracing::error!(lost, "the log took no more entries: the database is away");
        }
    }

    /// When the clock is next wanted: by the switch, by a gauge, or by orders that wait.
    fn wake_at(&self, gauges_at: Instant) -> Instant {
        let retry = (!self.unordered.is_empty()).then(|| self.clock.now() + RETRY);
        let wanted = [self.switch.poll_timeout(), retry];
        wanted
            .into_iter()
            .flatten()
            .min()
            .map_or(gauges_at, |at| at.min(gauges_at))
    }

    fn now(&self) -> Moment {
        Moment {
            instant: self.clock.now(),
            wall: self.clock.wall(),
        }
    }

    fn news(&mut self, news: News) {
        match news {
            News::Message(bytes, flow) => self.message(bytes, flow),
            News::Connected(flow, names) => self.feed(Input::Connected { flow, names }),
            News::Disconnected(flow) => self.feed(Input::Disconnected(flow)),
            News::Unsent(transmits) => {
                for transmit in transmits {
                    self.feed(Input::SendFailed(transmit));
                }
            }
            News::Quiet(flow) => {
                let now = self.now();
                if !self.switch.needs(flow, now) {
                    self.wires.transports.close(flow);
                }
            }
        }
    }

    fn message(&mut self, bytes: Vec<u8>, flow: Flow) {
        let method = traffic::count(&bytes, Way::In);
        let now = self.now();
        let heard = self.switch.handle_message(&bytes, flow, now);
        if heard && let Some(tap) = self.tap(method) {
            tap.keep(Passage::new(now.wall, Way::In, flow, bytes));
        }
        // The refusal of what was not heard is kept no more than what it refuses.
        self.refusing = !heard;
        self.carry_out();
        self.refusing = false;
    }

    /// Where messages of this method are kept, if they are.
    fn tap(&self, method: Option<&str>) -> Option<&Tap> {
        let tap = self.wires.tap.as_ref()?;
        method
            .is_some_and(|method| tap.wants(method))
            .then_some(tap)
    }

    fn transmit(&mut self, transmit: Transmit) -> Result<(), Transmit> {
        let method = traffic::count(&transmit.bytes, Way::Out);
        let flow = transmit.flow;
        let tapped = self.tap(method).filter(|_| !self.refusing);
        let bytes = tapped.map(|_| transmit.bytes.clone());
        self.wires.transports.send(transmit)?;
        if let (Some(tap), Some(bytes)) = (self.tap(method), bytes) {
            tap.keep(Passage::new(self.clock.wall(), Way::Out, flow, bytes));
        }
        Ok(())
    }

    fn feed(&mut self, input: Input) {
        let now = self.now();
        self.switch.handle_input(input, now);
        self.carry_out();
    }

    /// Goes by other settings, and counts what is no more as nothing.
    fn set_up(&mut self, settings: Box<Settings>) {
        let before = self.switch.snapshot();
        self.feed(Input::Settings(settings));
        self.tally.learn(self.switch.queues_of_lines());
        let now = self.switch.snapshot();
        for line in before.calls.keys().filter(|it| !now.calls.contains_key(it)) {
            crate::metrics::calls_active(&line.0, 0);
        }
        for queue in before
            .waiting
            .keys()
            .filter(|it| !now.waiting.contains_key(it))
        {
            crate::metrics::queue_waiting(&queue.0, 0);
        }
        for queue in before
            .missing
            .keys()
            .filter(|it| !now.missing.contains_key(it))
        {
            crate::metrics::queue_agents_missing(&queue.0, 0);
        }
    }

    fn tick(&mut self, gauges_at: &mut Instant) {
        let now = self.now();
        if self
            .switch
            .poll_timeout()
            .is_some_and(|at| at <= now.instant)
        {
            self.switch.handle_timeout(now);
            self.carry_out();
        }
        self.order_waiting();
        if *gauges_at <= now.instant {
            *gauges_at = now.instant + GAUGES;
            self.set_gauges();
            self.log_waiting();
            self.keep_waiting();
            self.note_waiting();
            self.tell_waiting();
        }
        self.teach_gate();
        let leaving = self.switch.registrations_leaving();
        self.leaving
            .send_if_modified(|known| std::mem::replace(known, leaving) != leaving);
        let calls = self.switch.calls_open();
        self.calls_open
            .send_if_modified(|open| std::mem::replace(open, calls) != calls);
    }

    /// Tells the gate whom to know, if that has changed.
    fn teach_gate(&mut self) {
        if let Some(known) = self.switch.take_acquaintance() {
            self.wires.transports.learn(known);
        }
    }

    fn carry_out(&mut self) {
        let mut failed = Vec::new();
        while let Some(output) = self.switch.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    // What a message promises is ordered before it is sent.
                    self.order_waiting();
                    failed.extend(self.transmit(transmit).err());
                }
                Output::Media(command) => self.unordered.push_back(command),
                Output::Bindings(kept) => {
                    let known = self.unkept.remove(&kept.agent);
                    let is_news = kept.is_news || known.is_some_and(|known| known.is_news);
                    let agent = kept.agent.clone();
                    self.unkept.insert(agent, KeptBindings { is_news, ..kept });
                    self.keep_waiting();
                }
                Output::Dialog(change) => {
                    self.untold.push_back(change);
                    self.tell_waiting();
                }
                Output::Desk(entry) => {
                    self.unnoted.push_back(*entry);
                    self.note_waiting();
                }
                Output::Answer(ticket, answer) => {
                    if let Some(asked) = self.asked.remove(&ticket) {
                        // Whoever has gone away meanwhile needs no answer.
                        let _ = asked.send(answer);
                    }
                }
                Output::LineSwitch(ticket, turn) => self.keep_switch(ticket, turn),
                Output::News(news) => {
                    self.board.send_if_modified(|board| board.hear(&news));
                    self.tell(|| Live::News(news));
                }
                Output::Store(entry) => {
                    self.tally.count(&entry);
                    self.tell(|| Live::Entry(Arc::new(entry.clone())));
                    self.unlogged.push_back(entry);
                    self.log_waiting();
                }
            }
        }
        if let Some(board) = self.switch.take_staff() {
            self.board.send_replace(board);
        }
        self.order_waiting();
        for transmit in failed {
            self.feed(Input::SendFailed(transmit));
        }
    }

    /// Has a turn of a line's switch written down. It counts already; whoever asked for it is
    /// answered when it would outlast a crash.
    fn keep_switch(&mut self, ticket: Ticket, turn: LineSwitch) {
        crate::metrics::line_switched(&turn.line.0, turn.to.is_some());
        let Some(asked) = self.asked.remove(&ticket) else {
            return;
        };
        if let Err(error) = self.wires.switches.try_send((turn, asked)) {
            tracing::error!("a line's switch will not outlast a restart");
            let (_, asked) = error.into_inner();
            // Whoever has gone away meanwhile needs no answer.
            let _ = asked.send(Err(Refused::NotKept));
        }
    }

    /// Tells the desk, if anybody there listens.
    fn tell(&self, live: impl FnOnce() -> Live) {
        if self.live.receiver_count() > 0 {
            // The last reader may have gone meanwhile.
            let _ = self.live.send(live());
        }
    }

    /// Hands the log what it has room for. While it has none, entries wait here in order and no
    /// new call gets past its gate.
    fn log_waiting(&mut self) {
        while let Some(entry) = self.unlogged.pop_front() {
            match self.wires.entries.try_send(entry) {
                Ok(()) => {}
                Err(
                    mpsc::error::TrySendError::Full(entry)
                    | mpsc::error::TrySendError::Closed(entry),
                ) => {
                    self.unlogged.push_front(entry);
                    return;
                }
            }
        }
    }

    /// Hands over the registrations that their writer has room for.
    fn keep_waiting(&mut self) {
        while let Ok(room) = self.wires.bindings.try_reserve() {
            let Some((_, kept)) = self.unkept.pop_first() else {
                return;
            };
            room.send(kept);
        }
    }

    /// Hands over what happened at the desk, as far as its writer has room.
    fn note_waiting(&mut self) {
        while let Ok(room) = self.wires.desk.try_reserve() {
            let Some(entry) = self.unnoted.pop_front() else {
                return;
            };
            room.send(entry);
        }
    }

    /// Hands over what became of dialogs, as far as their writer has room.
    fn tell_waiting(&mut self) {
        while let Ok(room) = self.wires.dialogs.try_reserve() {
            let Some(change) = self.untold.pop_front() else {
                return;
            };
            room.send(change);
        }
    }

    /// Gives the media plane the orders it has room for; the rest wait for the next tick.
    fn order_waiting(&mut self) {
        if let Err(error) = self.wires.media.send(&mut self.unordered) {
            tracing::error!(%error, "orders are lost");
            self.unordered.clear();
        }
    }

    async fn flush_log(&mut self) {
        while let Ok(room) = self.wires.entries.reserve().await {
            match self.unlogged.pop_front() {
                Some(entry) => room.send(entry),
                None => return,
            }
        }
    }

    fn set_gauges(&mut self) {
        let snapshot = self.switch.snapshot();
        self.count_refusals(snapshot.refusals.plus(&self.wires.transports.refusals()));
        crate::metrics::calls_broken(self.switch.calls_broken());
        crate::metrics::sip_bans(self.switch.bans(self.clock.now()));
        for (line, count) in &snapshot.calls {
            crate::metrics::calls_active(&line.0, *count);
        }
        for (queue, count) in &snapshot.waiting {
            crate::metrics::queue_waiting(&queue.0, *count);
        }
        for (queue, missing) in &snapshot.missing {
            crate::metrics::queue_agents_missing(&queue.0, *missing);
        }
        for turn in self.switch.switched_lines() {
            crate::metrics::line_switched(&turn.line.0, true);
        }
        for (state, count) in &snapshot.agents {
            crate::metrics::agents(state.as_str(), *count);
        }
        crate::metrics::breaks_overdue(self.switch.overdue_breaks(self.clock.wall()));
        for (trunk, state) in &snapshot.trunks {
            if let Some(up) = state.up {
                crate::metrics::trunk_up(&trunk.0, up);
            }
            if let Some(free) = state.channels_free {
                crate::metrics::channels_free(&trunk.0, free);
            }
        }
        crate::metrics::registrations(snapshot.registrations);
    }

    /// Counts what was refused, and says so in at most a line a second, however much it is.
    fn count_refusals(&mut self, refused: Refusals) {
        let new = refused.since(&self.refused);
        if new.total() == 0 {
            return;
        }
        self.refused = refused;
        let counts = new.iter().filter(|(_, count)| *count > 0);
        let told = counts.map(|(reason, count)| {
            crate::metrics::sip_refused(reason.as_str(), count);
            format!("{count} {}", reason.as_str())
        });
        let told: Vec<_> = told.collect();
        tracing::info!(
            refused = told.join(", "),
            "messages were refused or dropped"
        );
    }
}
