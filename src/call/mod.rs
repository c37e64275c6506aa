//! One call: a back-to-back user agent of a caller's leg and the legs of the phones it rings.
//!
//! Pure: it takes inputs and a moment, and gives outputs. The SIP transactions are the
//! endpoint's, the agents the queue's, the audio the media plane's; the call decides.
//!
//! ```text
//! Preparing --stored, ports, recorder--> Hunting --an agent's 200--> Talking --BYE--> Ended
//!     `------- refused ----------.         | ^                          |
//!                                |         | `---- failed transfer -----'
//!                                v         `-- max_preanswer --> Announcing --> Ended
//!                              Ended
//! ```
//!
//! Where a line greets first, asks a menu, takes messages or diverts calls, the way from Preparing or
//! Hunting leads through dialogues of caller and system ([`dialogue`], [`course`]).

mod alert;
mod allowance;
mod announce;
mod answer;
mod arrive;
mod asking;
mod attempt;
mod attended;
mod attention;
mod claimed;
mod click;
pub mod command;
pub mod conduct;
mod consult;
mod course;
mod demand;
mod desk;
mod dialogue;
pub mod doing;
mod early;
mod emergency;
mod errand;
mod escalate;
pub mod event;
mod farewell;
pub mod flow;
mod greet;
mod hangup;
mod hears;
mod hold;
mod hunt;
mod info;
mod least_ring;
mod leg;
mod line;
mod manners;
pub mod media;
mod menu;
mod message;
mod park;
mod pass_on;
mod private;
mod provisional;
mod quality;
mod queueing;
pub mod record;
mod refer;
mod refused;
mod renegotiate;
mod replaced;
mod request;
mod ring;
mod session;
mod silence;
mod spoken;
mod stage;
mod standing;
mod state;
mod summon;
mod supervise;
mod survey;
pub mod timeline;
mod transfer;
mod turned;
pub mod wreck;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

pub use crate::sip::Hop;
pub use arrive::{Arrival, Refusal};
pub use attempt::{Callee, Destination};
pub use attended::Moved;
pub use attention::{Attention, Hand};
pub use demand::RecordingDemand;
pub use errand::{Dial, Errand};
pub use escalate::Escalation;
pub use event::{CallEvent, Entry, EventKind, Party};
pub use line::{Line, Prompt, RecordPolicy};
pub use manners::{Manners, PrivateCalls, QualityDesk};
pub use refer::unwanted;
pub use replaced::{Named, Successor};
pub use request::Identity;
pub use standing::{DialogChange, OpenDialog};
pub use state::{CallNow, CallState};
pub use summon::invite_of;
pub use supervise::Beside;

use crate::id::{AgentId, CallId, EventId, LineId, PartyId, TrunkId};
use crate::rules::{Moment, Rung};
use crate::sdp::{AddressPolicy, Codec};
use crate::sip::dialog::DialogId;
use crate::sip::endpoint::ServerTx;
use crate::sip::registrar::BindingId;
use crate::sip::reliable::ReliableSender;
use crate::sip::{Flow, Reason, Replaces, Request, Response, StatusCode};
use attempt::{Attempt, Wanted};
use command::{Actor, Answer, CallCommand, PassTo, Ticket};
use desk::Desk;
use dialogue::Dialogue;
use event::{NuisancePolicy, Outcome, RecordingSummary, TransferResult};
use flow::Progress;
use leg::{Leg, Ports, Wire};
use media::{MediaCommand, MediaEvent, MediaLeg, PlayId};
use provisional::Joining;
use ring::RingClock;
use stage::StageClock;
use state::StateClock;
use transfer::Transfer;

/// What reaches a call.
#[derive(Clone, Debug)]
pub enum Input {
    /// These events of the call are durable.
    Stored(EventId),
    /// The media plane reports.
    Media(MediaEvent),
    /// No agent is free: the call waits at this position, 1 is next.
    Queued(u32),
    /// Ring these phones of one agent, all at once; the agent is claimed for the call.
    Offer(Vec<Destination>),
    /// Another agent is ready: stop ringing whoever has had the shared allowance of rings.
    PassOn,
    /// A response to a request that this call sent on one of its legs.
    Response(MediaLeg, Response),
    /// A challenge to the INVITE of one of its legs has this answer, a header's name and value.
    Authorised(MediaLeg, &'static str, String),
    /// A request on one of its legs found no answer in time.
    TimedOut(MediaLeg, crate::sip::Method),
    /// A request within one of its dialogs.
    Request(MediaLeg, ServerTx, Request),
    /// The caller cancelled the INVITE.
    Cancelled(Request),
    /// The ACK of a 2xx of ours.
    Acknowledged(MediaLeg, Request),
    /// No ACK came for a 2xx of ours.
    AckMissing(MediaLeg),
    /// Whom a transfer goes to, as the switch resolved it; an agent is claimed.
    TransferTo(Callee, Result<Vec<Destination>, TransferResult>),
    /// The caller waits for the agents of this line, for so long at most, by the transfer on its way.
    TransferToLine(LineId, Result<Duration, TransferResult>),
    /// Somebody at the desk asks for something.
    Command(Ticket, Actor, CallCommand),
    /// An agent escalates, and this is the agent's chain, the next one first.
    Escalate(Ticket, Actor, Escalation, Vec<Rung>),
    /// An agent puts the caller through to the emergency contact of this name, who is there.
    Emergency(Ticket, Actor, String, PassTo),
    /// The transfer on its way goes to the number of the emergency contact of this name.
    EmergencyNumber(String),
    /// Ring these phones of a supervisor, all at once, who is claimed for the call.
    Supervise(Actor, AgentId, doing::SuperviseMode, Vec<Destination>),
    /// Ring these phones of an agent who wants the call and is claimed for it.
    PickUp(AgentId, Vec<Destination>),
    /// Ring these phones of whoever takes the caller back and is claimed; none if nobody does.
    Recall(Vec<Destination>),
    /// Ring these phones of the colleague whom a click is for and who is claimed; or why not.
    Fetched(Result<Vec<Destination>, StatusCode>),
    /// The transfer on its way names no dialog that the call could be joined with.
    ReferFailed(StatusCode),
    /// Whether the transfer on its way may go to an outside number.
    Decided(event::OutboundDecision),
    /// The line, or the post, that the call is sent to, and how things stand there.
    OnLine(Arc<Line>, flow::Situation),
    /// There is no such line, or no way to the number.
    NoWay,
    /// The call's place in the queue, 1 is next.
    Place(u32),
    /// The service stops: end the call now.
    Stop,
}

/// What a call wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Answer a request.
    Respond(ServerTx, Response),
    /// Send a request on a leg.
    Send(MediaLeg, Request, Hop),
    /// Acknowledge a leg's 2xx, now and whenever it is repeated.
    Acknowledge(MediaLeg, Request, Hop),
    /// Cancel a leg's INVITE; the text is a `Reason` header's (RFC 3326).
    Cancel(MediaLeg, Option<&'static str>),
    /// Requests with this Call-ID and this tag of ours belong to the leg.
    OwnDialog(MediaLeg, DialogName),
    /// An order to the media plane.
    Media(MediaCommand),
    /// Keep this, in order.
    Store(Entry),
    /// The call wants agents offered.
    Wait,
    /// The call wants no more agents.
    StopWaiting,
    /// An attempt has had the shared allowance of rings: is anybody else ready?
    AttemptDue,
    /// This registered phone said nothing at all to its INVITE.
    PhoneSilent(BindingId),
    /// The agent answered.
    AgentAnswered(AgentId),
    /// The peer of a trunk says nothing at all.
    TrunkSilent(SocketAddr),
    /// The call no longer needs the agent.
    AgentReleased {
        /// Who.
        agent: AgentId,
        /// Why, for the queue's next choice.
        because: Release,
    },
    /// Somebody passes the caller on, or asks somebody meanwhile: may they, and where is it?
    Resolve(PassTo),
    /// The call wants the agents of this line offered.
    WaitOn(LineId),
    /// The caller goes back to this agent, if that can be.
    Recall(AgentId),
    /// The agent has answered who called this colleague by a click: claim the colleague now.
    Fetch(AgentId),
    /// Somebody at the desk should look at this.
    Attention(Attention),
    /// The agent's phone is not to be rung for so long: it said so (RFC 3261 §20.33).
    LeaveAlone(AgentId, Duration),
    /// This peer of a trunk takes no calls for so long: it said so.
    TrunkBusy(SocketAddr, Duration),
    /// The agent's phone says that the agent is at this number now (RFC 3261 §21.3).
    Redirected(AgentId, String),
    /// Whoever is on this leg wants the caller to take the place of the dialog named.
    ResolveReplaces(MediaLeg, Replaces),
    /// The call goes on at this line.
    Reroute(LineId),
    /// The call goes on at this number, if its line may send it there.
    Divert(String),
    /// Which place in the queue is the call's?
    AskPlace,
    /// What came of a command.
    Answer(Ticket, Answer),
    /// A ring begins, as the caller hears it; whoever answers from now on apologises, if so said.
    Ring {
        /// Which, from 1.
        ring: u32,
        /// From `apology_from` on.
        apologise: bool,
    },
    /// Nothing is left of the call.
    Gone,
}

/// Why an agent is free of a call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// The talk is over, or the attempt was withdrawn.
    Done,
    /// The phone rang and nobody answered.
    RingNoAnswer,
    /// The phone refused or could not be reached.
    Refused,
}

/// The half of a dialog's name that does not depend on the peer's tag.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogName {
    /// The Call-ID.
    pub call_id: String,
    /// Our tag.
    pub tag: String,
}

impl From<&DialogId> for DialogName {
    fn from(dialog: &DialogId) -> Self {
        Self {
            call_id: dialog.call_id.clone(),
            tag: dialog.local_tag.clone(),
        }
    }
}

#[derive(Debug)]
enum Phase {
    Preparing(arrive::Gates),
    /// The phone of the agent for whom we call is rung.
    Summoning,
    Hunting,
    Announcing(PlayId),
    Dialogue(Box<Dialogue>),
    Talking,
    Ended,
}

/// Whether there is a file to write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recording {
    Off,
    Opening,
    Ready,
    Running,
    /// Running, with silence on it.
    Silent(demand::Silent),
    Closing,
    /// It was still being sealed when the call could wait no longer.
    Left,
    Closed,
}

/// The person who speaks with the caller.
#[derive(Debug)]
struct Talker {
    leg: MediaLeg,
    callee: Callee,
}

/// One caller's visit, from INVITE to the last BYE.
#[derive(Debug)]
pub struct Call {
    id: CallId,
    arrived: Moment,
    line: Option<Arc<Line>>,
    errand: Errand,
    author: Option<AgentId>,
    /// The agent who made the call has passed on, or is passing on, whom it reached.
    turned: bool,
    place: MediaPlace,
    rng: StdRng,
    key_rng: StdRng,
    span: tracing::Span,

    phase: Phase,
    caller: Leg,
    caller_codec: Option<Codec>,
    identity: Identity,
    area_code: Option<String>,
    nuisance: Option<NuisancePolicy>,
    invite: Request,
    invite_tx: Option<ServerTx>,
    local_tag: String,
    session_expires_s: u32,
    /// Our provisional responses, where they go reliably.
    provisional: Option<ReliableSender>,
    /// What we said of the session in a reliable provisional response: a 2xx says no more of it
    /// (RFC 3262 §5).
    described_reliably: bool,
    /// What waits for a PRACK, or for the caller's first ring: our 200, and what follows it.
    joining: Option<Joining>,

    attempts: Vec<Attempt>,
    attempts_made: u32,
    talker: Option<Talker>,
    transfer: Option<Transfer>,
    transfers_made: u32,
    /// 3xx followed so far.
    redirects: u32,

    ring: Option<RingClock>,
    answered_at: Option<Moment>,
    connected: bool,
    notice: Option<PlayId>,
    sound: hears::Sound,
    /// In a box of its own: most calls are talks of two.
    desk: Option<Box<Desk>>,
    stages: StageClock,
    state_clock: StateClock,
    plays_made: u64,
    recording: Recording,

    alert_at: Option<Instant>,
    repeat_alert_at: Option<Instant>,
    give_up_at: Option<Instant>,
    /// The caller is to hear it ring until then, before our 200 (R010).
    ring_on_until: Option<Instant>,
    /// How far it is with what the line does by itself.
    progress: Progress,
    /// What our BYEs give as their reason.
    farewell: Option<Reason>,
    forget_at: Option<Instant>,
    outputs: VecDeque<Output>,
}

/// Where this node's media lives.
#[derive(Clone, Copy, Debug)]
pub struct MediaPlace {
    /// The address that RTP ports are bound on and that session descriptions name.
    pub address: IpAddr,
    /// Which addresses of peers are acceptable.
    pub policy: AddressPolicy,
}

impl Call {
    /// Its id.
    pub const fn id(&self) -> CallId {
        self.id
    }

    /// The span that its log lines belong to.
    pub const fn span(&self) -> &tracing::Span {
        &self.span
    }

    /// The line it came in on.
    pub fn line(&self) -> Option<&Line> {
        self.line.as_deref()
    }

    /// The agent who speaks with the caller.
    pub fn talking_agent(&self) -> Option<&AgentId> {
        match &self.talker.as_ref()?.callee {
            Callee::Agent(agent) => Some(agent),
            Callee::Number(_) => None,
        }
    }

    /// The caller's own leg.
    pub const fn caller_leg(&self) -> MediaLeg {
        self.caller.id
    }

    /// The agent whose phone a leg is.
    pub fn agent_on(&self, leg: MediaLeg) -> Option<&AgentId> {
        if leg == self.caller.id {
            return self.author.as_ref().filter(|_| !self.turned);
        }
        let attempt = self.attempts.iter().find(|attempt| attempt.leg.id == leg)?;
        match &attempt.destination.callee {
            // An agent at an outside number has proved nothing: whoever answers there is heard,
            // and moves no call.
            Callee::Agent(_) if attempt.destination.trunk.is_some() => None,
            Callee::Agent(agent) => Some(agent),
            Callee::Number(_) => None,
        }
    }

    /// Whether the leg is the caller's.
    pub fn is_caller(&self, leg: MediaLeg) -> bool {
        self.caller.id == leg
    }

    /// The trunk that a leg to an outside number goes by.
    pub fn trunk_on(&self, leg: MediaLeg) -> Option<&TrunkId> {
        let attempt = self.attempts.iter().find(|attempt| attempt.leg.id == leg)?;
        attempt.destination.trunk.as_ref()
    }

    /// The INVITE of a leg that we call, as it was last sent.
    pub fn invite_on(&self, leg: MediaLeg) -> Option<&Request> {
        let attempt = self.attempts.iter().find(|attempt| attempt.leg.id == leg)?;
        attempt.invite.as_ref()
    }

    /// The caller's place among others who wait is behind them all.
    pub fn waits_last(&self) -> bool {
        self.nuisance == Some(NuisancePolicy::Last)
    }

    /// The address that a leg's peer speaks from.
    pub fn peer_of(&self, leg: MediaLeg) -> Option<SocketAddr> {
        let legs = self.attempts.iter().map(|attempt| &attempt.leg);
        let leg = legs.chain([&self.caller]).find(|owner| owner.id == leg)?;
        Some(leg.hop.flow.peer)
    }

    /// Whether some leg's requests go by this flow.
    pub fn goes_by(&self, flow: Flow) -> bool {
        let legs = self.attempts.iter().map(|attempt| &attempt.leg);
        legs.chain([&self.caller]).any(|leg| leg.hop.flow == flow)
    }

    /// A leg's peer has moved to another connection: its requests go there from now on.
    pub fn follow(&mut self, leg: MediaLeg, hop: Hop) {
        if let Some(owner) = self.leg_mut(leg) {
            owner.hop = hop;
        }
    }

    /// Whether a person has answered.
    pub const fn is_answered(&self) -> bool {
        self.answered_at.is_some()
    }

    /// Moves the call by one input.
    pub fn handle_input(&mut self, input: Input, now: Moment) {
        match input {
            Input::Stored(_) => self.stored(now),
            Input::Media(event) => self.media(event, now),
            Input::Queued(position) => self.queued(position, now),
            Input::OnLine(line, situation) => self.on_line(line, situation, now),
            Input::NoWay => self.no_way(now),
            Input::Place(position) => self.place(position, now),
            Input::Offer(phones) => self.offer(phones, Wanted::Answer, now),
            Input::PassOn => self.pass_on(now),
            Input::Response(leg, response) => self.response(leg, &response, now),
            Input::Authorised(leg, name, value) => self.invite_again(leg, name, value),
            Input::TimedOut(leg, method) => self.timed_out(leg, &method, now),
            Input::Request(leg, tx, request) => self.request(leg, tx, &request, now),
            Input::Cancelled(cancel) => self.cancelled(&cancel, now),
            Input::Acknowledged(leg, ack) => self.acknowledged(leg, &ack, now),
            Input::AckMissing(leg) => self.ack_missing(leg, now),
            Input::TransferTo(callee, destination) => self.transfer_to(&callee, destination, now),
            Input::TransferToLine(line, patience) => self.transfer_to_line(line, patience, now),
            Input::Supervise(by, agent, mode, phones) => {
                self.supervise(&by, agent, mode, phones, now);
            }
            Input::PickUp(by, phones) => self.fetch(by, phones, now),
            Input::Recall(phones) => self.recall(phones, now),
            Input::Fetched(phones) => self.ring_colleague(phones, now),
            Input::Command(ticket, by, command) => self.command(ticket, &by, command, now),
            Input::Escalate(ticket, by, asked, chain) => {
                let answer = self.escalate(&by, asked, chain, now);
                self.emit(Output::Answer(ticket, answer));
            }
            Input::Emergency(ticket, by, contact, to) => {
                let answer = self.call_emergency(&by, contact, to, now);
                self.emit(Output::Answer(ticket, answer));
            }
            Input::EmergencyNumber(contact) => self.goes_to_emergency(contact, now),
            Input::ReferFailed(status) => self.refer_failed(status),
            Input::Decided(decision) => self.store(EventKind::OutboundDecided { decision }, now),
            Input::Stop => self.stop(now),
        }
        self.tell_leg_ends(now);
        self.turn_stages(now);
        self.turn_state(now);
        self.forget_if_done();
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.gates_due(now);
        self.alert_due(now);
        self.least_ring_due(now);
        self.attempts_due(now);
        self.give_up_due(now);
        self.dialogue_due(now);
        self.transferor_due(now);
        self.provisional_due(now);
        self.sessions_due(now);
        self.desk_due(now);
        self.turn_stages(now);
        self.turn_state(now);
        self.tell_leg_ends(now);
        if self.forget_at.is_some_and(|at| at <= now.instant) {
            self.abandon_resources();
        }
        self.forget_if_done();
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let hunting = matches!(self.phase, Phase::Hunting);
        let own = [
            self.gates_deadline(),
            self.alert_at.filter(|_| hunting),
            self.repeat_alert_at,
            self.give_up_at.filter(|_| self.may_be_given_up()),
            self.least_ring_deadline(),
            self.forget_at,
            self.ring
                .as_ref()
                .filter(|_| self.answered_at.is_none())
                .and_then(RingClock::poll_timeout),
            self.dialogue_deadline(),
            self.transferor_deadline(),
            self.provisional_deadline(),
            self.sessions_deadline(),
            self.attempts_deadline(),
            self.desk_deadline(),
            self.stages_deadline(),
        ];
        own.into_iter().flatten().min()
    }

    /// The next output, oldest first. Drain it after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if self.outputs.is_empty() {
            // A call is idle for nearly all of its life: what it once had to say takes no room.
            self.outputs = VecDeque::new();
        }
        output
    }

    fn emit(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    fn order(&mut self, command: MediaCommand) {
        self.outputs.push_back(Output::Media(command));
    }

    fn store(&mut self, kind: EventKind, now: Moment) {
        self.store_with(kind, Vec::new(), now);
    }

    fn store_with(&mut self, kind: EventKind, parties: Vec<Party>, now: Moment) -> EventId {
        let id = EventId::mint(now.wall, &mut self.rng);
        let event = CallEvent {
            id,
            call: self.id,
            at: now.wall,
            offset_us: now.us_since(self.arrived),
            kind,
        };
        self.emit(Output::Store(Entry { event, parties }));
        id
    }

    fn new_party(&mut self, number: String, now: Moment) -> Party {
        Party {
            id: PartyId::mint(now.wall, &mut self.rng),
            e164: crate::rules::e164(&number, self.area_code.as_deref()),
            number,
            name: None,
        }
    }

    /// A generator of its own for a step that borrows the call otherwise.
    fn fork_rng(&mut self) -> StdRng {
        StdRng::seed_from_u64(self.rng.next_u64())
    }

    fn new_play(&mut self) -> PlayId {
        self.plays_made += 1;
        PlayId(self.plays_made)
    }

    /// The leg, whoever's it is.
    fn leg_mut(&mut self, id: MediaLeg) -> Option<&mut Leg> {
        if self.caller.id == id {
            return Some(&mut self.caller);
        }
        let legs = self.attempts.iter_mut().map(|attempt| &mut attempt.leg);
        legs.into_iter().find(|leg| leg.id == id)
    }

    fn attempt_index(&self, id: MediaLeg) -> Option<usize> {
        self.attempts
            .iter()
            .position(|attempt| attempt.leg.id == id)
    }

    /// The leg of whoever speaks with the caller.
    fn talking_leg(&self) -> Option<MediaLeg> {
        self.talker.as_ref().map(|talker| talker.leg)
    }

    /// The media plane's news, to whom it concerns.
    fn media(&mut self, event: MediaEvent, now: Moment) {
        match event {
            MediaEvent::Opened { leg, address } => self.ports_opened(leg, address, now),
            MediaEvent::OpenFailed { leg } => self.ports_failed(leg, now),
            MediaEvent::Played {
                leg: _,
                play,
                heard_ms,
                complete,
            } => self.played(play, heard_ms, complete, now),
            // The switch ends a call whose media is broken.
            MediaEvent::Broke { call: _ } => {}
            MediaEvent::RecordingReady { call: _ } => self.recorder_ready(now),
            MediaEvent::RecordingFailed { call: _, reason } => self.recorder_failed(reason, now),
            MediaEvent::RecordingSealed { call: _, recording } => self.sealed(recording, now),
            MediaEvent::FellSilent { leg, one_way } => self.fell_silent(leg, one_way, now),
            MediaEvent::HeardAgain { leg, silent_ms } => self.heard_again(leg, silent_ms, now),
            MediaEvent::FellQuiet { leg } => self.fell_quiet(leg, now),
            MediaEvent::Spoke { leg } => self.spoke(leg),
            MediaEvent::KeyPressed {
                leg,
                digit,
                held_ms: _,
            } => self.key_pressed(leg, digit, now),
            MediaEvent::PeersGone { leg: _, silent_ms } => self.peers_gone(silent_ms, now),
            MediaEvent::Closed { leg, quality } => {
                if let Some(leg) = self.leg_mut(leg)
                    && leg.ports != Ports::Closed
                {
                    leg.ports = Ports::Closed;
                    let side = leg.side;
                    self.store(EventKind::MediaClosed { side, quality }, now);
                }
            }
        }
    }

    fn sealed(&mut self, recording: RecordingSummary, now: Moment) {
        self.recording = Recording::Closed;
        self.store(EventKind::RecordingSealed { recording }, now);
    }

    fn played(&mut self, play: PlayId, heard_ms: u64, complete: bool, now: Moment) {
        if self.hold_prompt_ended(play) {
            return;
        }
        if self.notice == Some(play) {
            self.notice_ended(heard_ms, complete, now);
        } else if matches!(self.phase, Phase::Announcing(announcement) if announcement == play) {
            self.announcement_ended(heard_ms, complete, now);
        } else {
            self.dialogue_played(play, heard_ms, complete, now);
        }
    }

    /// When the call arrived, if it did not wait for its recording to be sealed.
    pub fn left_unsealed(&self) -> Option<Moment> {
        (self.recording == Recording::Left).then_some(self.arrived)
    }

    /// Says once that nothing is left.
    fn forget_if_done(&mut self) {
        let recorded = !matches!(self.recording, Recording::Opening | Recording::Closing);
        let legs_done = self.caller.is_done() && self.attempts.iter().all(|a| a.leg.is_done());
        if matches!(self.phase, Phase::Ended) && recorded && legs_done && self.forget_at.is_some() {
            self.forget_at = None;
            self.emit(Output::Gone);
        }
    }

    /// What is still open long after the end will not close any more.
    fn abandon_resources(&mut self) {
        if matches!(self.recording, Recording::Opening | Recording::Closing) {
            let is_begun = self.recording == Recording::Closing;
            self.recording = if is_begun {
                Recording::Left
            } else {
                Recording::Closed
            };
            self.order(MediaCommand::CloseRecording { call: self.id });
        }
        let mut left_open = Vec::new();
        let legs = self.attempts.iter_mut().map(|attempt| &mut attempt.leg);
        for leg in legs.chain([&mut self.caller]) {
            leg.wire = Wire::Gone;
            if leg.ports != Ports::Closed {
                leg.ports = Ports::Closed;
                left_open.push(leg.id);
            }
        }
        for leg in left_open {
            self.order(MediaCommand::Close { leg });
        }
    }
}
