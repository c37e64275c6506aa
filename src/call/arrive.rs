//! A call arrives: its row, its ports and its recording are asked for before anything rings.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::Hop;
use super::doing::Doing;
use super::errand::Errand;
use super::event::{
    Circumstances, Diverted, EventKind, HangupParty, NuisancePolicy, Origin, Outcome,
};
use super::flow::{Progress, Situation};
use super::leg::{Leg, Ports, Takes, Wire};
use super::line::{Line, RecordPolicy};
use super::media::{MediaCommand, MediaLeg};
use super::record::SYSTEM;
use super::request::Identity;
use super::stage::StageClock;
use super::state::StateClock;
use super::{Call, DialogName, MediaPlace, Output, Phase, Recording};
use crate::id::{AgentId, CallId, EventId, TrunkId};
use crate::rules::Moment;
use crate::sdp::{Codec, NegotiationError, OfferAnswer, SrtpPolicy};
use crate::sip::dialog::Dialog;
use crate::sip::diversion::Diversion;
use crate::sip::endpoint::ServerTx;
use crate::sip::{Request, StatusCode, ids};

/// How long the log, the ports and the recorder may each take (DESIGN §3.1).
const GATE: Duration = Duration::from_secs(1);
/// The caller hears something by then, whether a phone rings yet or not.
const FIRST_ALERT: Duration = Duration::from_secs(1);
/// What is not closed this long after the end is given up.
pub(super) const FORGET: Duration = Duration::from_secs(100);

/// An INVITE that the switch has let in.
#[derive(Debug)]
pub struct Arrival {
    /// The new call's id.
    pub id: CallId,
    /// The INVITE's transaction; `None` for a call that we make for an agent.
    pub tx: Option<ServerTx>,
    /// The INVITE.
    pub request: Request,
    /// Where the caller's leg lives.
    pub hop: Hop,
    /// The number dialled, as received.
    pub dialled: String,
    /// The line whose habits it has, if the number is ours.
    pub line: Option<Arc<Line>>,
    /// What it is for.
    pub errand: Errand,
    /// The call that the agent who makes it is in meanwhile.
    pub consult_of: Option<CallId>,
    /// From a trunk or from a phone of ours (R019).
    pub origin: Origin,
    /// The trunk it came by.
    pub trunk: Option<TrunkId>,
    /// The agent who calls, if it is one of ours.
    pub author: Option<AgentId>,
    /// Who calls.
    pub identity: Identity,
    /// The area code that local numbers lack.
    pub area_code: Option<String>,
    /// The numbers that sent the call on to us, the latest first.
    pub diversions: Vec<Diversion>,
    /// The caller is on the line's list of nuisance callers.
    pub nuisance: Option<NuisancePolicy>,
    /// How things stand at the line.
    pub situation: Situation,
    /// Where media lives.
    pub place: MediaPlace,
    /// How long its sessions live without a refresh, in seconds (RFC 4028).
    pub session_expires_s: u32,
    /// Refuse it, for this reason, once its row is written.
    pub refusal: Option<Refusal>,
    /// Names the caller's leg.
    pub leg: MediaLeg,
    /// Seeds the ids that the call mints.
    pub seed: u64,
    /// Seeds the SRTP keys that the call mints: as many bits as a key is to be worth.
    pub key_seed: [u8; 32],
    /// Whether the caller's audio is to be encrypted.
    pub srtp: SrtpPolicy,
}

/// Why a call is not let ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status that the caller gets.
    pub status: StatusCode,
    /// What the row says.
    pub outcome: Outcome,
    /// Headers that the status calls for (`Unsupported`, `Accept`).
    pub headers: Vec<(&'static str, String)>,
    /// Why, in words for the row, where the status does not say it all.
    pub reason: Option<String>,
}

/// What the first event tells beside the call's own state.
struct Arrived {
    dialled: String,
    origin: Origin,
    trunk: Option<TrunkId>,
    diversions: Vec<Diversion>,
    consult_of: Option<CallId>,
}

/// What must be there before a call rings.
#[derive(Debug)]
pub(super) struct Gates {
    stored: Option<EventId>,
    deadline: Instant,
}

impl Call {
    /// A call begins: its row is asked for at once, whatever becomes of it (R009).
    pub fn arrive(arrival: Arrival, now: Moment) -> Self {
        let mut rng = StdRng::seed_from_u64(arrival.seed);
        let local_tag = ids::new_tag(&mut rng);
        let mut call = Self {
            id: arrival.id,
            arrived: now,
            place: arrival.place,
            span: tracing::info_span!("call", call.id = %arrival.id),
            phase: Phase::Hunting,
            caller: Leg {
                srtp: arrival.srtp,
                ..Leg::new(arrival.leg, super::event::Side::Caller, arrival.hop)
            },
            caller_codec: None,
            identity: arrival.identity,
            area_code: arrival.area_code,
            nuisance: arrival.nuisance,
            invite_tx: arrival.tx,
            local_tag,
            session_expires_s: arrival.session_expires_s,
            provisional: None,
            described_reliably: false,
            joining: None,
            attempts: Vec::new(),
            attempts_made: 0,
            talker: None,
            transfer: None,
            transfers_made: 0,
            redirects: 0,
            ring: None,
            answered_at: None,
            connected: false,
            notice: None,
            sound: super::hears::Sound::default(),
            desk: None,
            stages: StageClock::default(),
            state_clock: StateClock::default(),
            plays_made: 0,
            recording: Recording::Off,
            alert_at: None,
            repeat_alert_at: None,
            give_up_at: None,
            ring_on_until: None,
            progress: Progress {
                situation: arrival.situation,
                origin: Some(arrival.origin),
                ..Progress::default()
            },
            farewell: None,
            forget_at: None,
            outputs: std::collections::VecDeque::new(),
            line: arrival.line,
            errand: arrival.errand,
            author: arrival.author,
            turned: false,
            invite: arrival.request,
            rng,
            key_rng: StdRng::from_seed(arrival.key_seed),
        };
        if call.is_ours() {
            call.caller.wire = Wire::Gone;
        } else {
            let tag = call.local_tag.clone();
            call.caller.dialog = Some(Dialog::uas(&call.invite, &tag));
            call.caller.takes = Takes::of(&call.invite.headers);
        }
        // A call that is refused never has ports.
        call.caller.ports = Ports::Closed;
        if !call.is_ours() {
            call.own_caller_dialog();
        }
        let arrived = Arrived {
            dialled: arrival.dialled,
            origin: arrival.origin,
            trunk: arrival.trunk,
            diversions: arrival.diversions,
            consult_of: arrival.consult_of,
        };
        let stored = call.store_arrival(arrived, now);
        call.phase = Phase::Preparing(Gates {
            stored: Some(stored),
            deadline: now.instant + GATE,
        });
        let unknown = Refusal {
            status: StatusCode::NOT_FOUND,
            outcome: Outcome::UnknownNumber,
            headers: Vec::new(),
            reason: None,
        };
        let refusal = arrival.refusal.or(call.line.is_none().then_some(unknown));
        match refusal {
            Some(refusal) => call.refuse(&refusal, now),
            None => call.prepare(now),
        }
        call.forget_if_done();
        call
    }

    fn own_caller_dialog(&mut self) {
        let name = DialogName {
            call_id: self.invite.call_id(),
            tag: self.local_tag.clone(),
        };
        self.emit(Output::OwnDialog(self.caller.id, name));
    }

    fn store_arrival(&mut self, arrival: Arrived, now: Moment) -> EventId {
        let mut parties = Vec::new();
        let caller = self.identity.number.clone().map(|number| {
            let mut party = self.new_party(number, now);
            party.name.clone_from(&self.identity.name);
            party
        });
        let caller_id = caller.as_ref().map(|party| party.id);
        parties.extend(caller);
        let mut diversions = Vec::new();
        for Diversion { number, reason } in arrival.diversions {
            let party = self.new_party(number, now);
            let by = party.id;
            diversions.push(Diverted { by, reason });
            parties.push(party);
        }
        let dial = self.errand.dial();
        let outside = dial.and_then(|dial| dial.callee.clone());
        let outside = outside.map(|number| self.new_party(number, now));
        let outside_id = outside.as_ref().map(|party| party.id);
        parties.extend(outside);
        let line = self.line.as_ref().filter(|_| self.errand.is_line());
        let arrived = EventKind::Arrived {
            direction: self.errand.direction(arrival.origin),
            origin: arrival.origin,
            caller: caller_id,
            dialled: arrival.dialled,
            line: line.map(|line| line.id.clone()),
            trunk: arrival.trunk,
            sip_call_id: self.invite.call_id(),
            callee: outside_id,
            consult_of: arrival.consult_of,
            circumstances: Circumstances {
                withheld: self.identity.withheld,
                diversions,
                nuisance: self.nuisance,
            },
        };
        let stored = self.store_with(arrived, parties, now);
        self.store_situation(now);
        let dial = self.errand.dial();
        if let Some(record) = dial.and_then(|dial| dial.record.clone()) {
            self.does(Doing::DialledFrom { record }, now);
        }
        self.store_decision(now);
        if let Some(code) = self.line.as_ref().and_then(|l| l.default_purpose.clone()) {
            let purpose = EventKind::PurposeSet {
                version: 1,
                code,
                author: SYSTEM.to_owned(),
                reason: None,
            };
            self.store(purpose, now);
        }
        stored
    }

    /// Ends a call that never rang.
    fn refuse(&mut self, refusal: &Refusal, now: Moment) {
        tracing::info!(parent: &self.span, sip.status = refusal.status.as_u16(), outcome = ?refusal.outcome, "call refused");
        self.respond_caller_with(refusal.status, None, &refusal.headers);
        if let Some(reason) = &refusal.reason {
            let refused = EventKind::HungUp {
                party: HangupParty::System,
                agent_first: false,
                reason: Some(reason.clone()),
            };
            self.store(refused, now);
        }
        self.end_unanswered(refusal.status, refusal.outcome, None, now);
    }

    fn prepare(&mut self, now: Moment) {
        let Some(line) = self.line.clone() else {
            return;
        };
        tracing::info!(parent: &self.span, line = %line.id, "call arrived");
        // Whom an agent dials is heard to ring when they do.
        let is_heard_to_ring = self.errand.is_line() && !self.is_picked_up_first();
        self.alert_at = is_heard_to_ring.then_some(now.instant + FIRST_ALERT);
        self.give_up_at = Some(now.instant + line.max_preanswer);
        if self.is_ours() {
            return; // its agent's phone is rung first
        }
        self.caller.ports = Ports::Opening;
        self.order(MediaCommand::Open {
            call: self.id,
            leg: self.caller.id,
            local: self.place.address,
        });
        self.open_recording(&line, now);
    }

    /// The agent whom we have called for a call has answered: what a call needs that arrives.
    pub(super) fn prepare_summoned(&mut self, now: Moment) {
        let Some(line) = self.line.clone() else {
            return;
        };
        self.give_up_at = Some(now.instant + line.max_preanswer);
        self.phase = Phase::Preparing(Gates {
            stored: None,
            deadline: now.instant + GATE,
        });
        self.open_recording(&line, now);
        self.ring_if_prepared(now);
    }

    fn open_recording(&mut self, line: &Line, now: Moment) {
        if line.record != RecordPolicy::Off {
            self.recording = Recording::Opening;
            let path = recording_path(self.id, now);
            self.order(MediaCommand::OpenRecording {
                call: self.id,
                leg: self.caller.id,
                path,
            });
        }
    }

    /// The `arrived` row is durable.
    pub(super) fn stored(&mut self, now: Moment) {
        if let Phase::Preparing(gates) = &mut self.phase {
            gates.stored = None;
            self.ring_if_prepared(now);
        }
    }

    /// The id of the event that the call waits for, if it does.
    pub fn awaits_stored(&self) -> Option<EventId> {
        match &self.phase {
            Phase::Preparing(gates) => gates.stored,
            Phase::Summoning
            | Phase::Hunting
            | Phase::Announcing(_)
            | Phase::Dialogue(_)
            | Phase::Talking
            | Phase::Ended => None,
        }
    }

    pub(super) fn ports_opened(&mut self, leg: MediaLeg, address: SocketAddr, now: Moment) {
        let session = OfferAnswer::new(self.id.0.as_u64_pair().1 >> 1, address, self.place.policy);
        let minter = StdRng::from_rng(&mut self.key_rng);
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        if owner.ports != Ports::Opening {
            // The leg was closed while its ports were being opened.
            return self.order(MediaCommand::Close { leg });
        }
        owner.ports = Ports::Open;
        owner.session = Some(session.keyed(owner.keying(minter)));
        if leg == self.caller.id {
            if self.check_offer(now) {
                self.ring_if_prepared(now);
            }
        } else {
            self.invite_attempt(leg, now);
        }
    }

    pub(super) fn ports_failed(&mut self, leg: MediaLeg, now: Moment) {
        if let Some(owner) = self.leg_mut(leg) {
            owner.ports = Ports::Closed;
        }
        // It is not open, but whoever gives out the work still knows it.
        self.order(MediaCommand::Close { leg });
        if leg == self.caller.id {
            tracing::error!(parent: &self.span, "no RTP port is free");
            self.refuse_while_preparing(StatusCode::SERVICE_UNAVAILABLE, Outcome::Failed, now);
        } else {
            self.attempt_unreachable(leg, now);
        }
    }

    /// Refuses at once what no answer of ours could fit: nobody is rung for it (RFC 3264 §6).
    fn check_offer(&mut self, now: Moment) -> bool {
        let Some(session) = &self.caller.session else {
            return true;
        };
        let agreed = if self.invite.body.is_empty() {
            // The offer comes in our 200, if we can make one.
            let is_possible = session.is_possible();
            is_possible
                .then_some(None)
                .ok_or(NegotiationError::Unprotected)
        } else {
            let keying = self.caller.keying(StdRng::from_rng(&mut self.key_rng));
            let mut trial = OfferAnswer::new(0, session.local(), self.place.policy).keyed(keying);
            let answered = trial.answer(&self.invite.body, &Codec::ALL);
            answered.map(|(_, stream)| Some(stream.codec))
        };
        match agreed {
            Ok(codec) => {
                self.caller_codec = codec;
                true
            }
            Err(mismatch) => {
                tracing::info!(parent: &self.span, error = %mismatch, "the caller's offer does not fit");
                let status = StatusCode::new(mismatch.status());
                let is_unprotected = mismatch == NegotiationError::Unprotected;
                let reason = is_unprotected.then(|| mismatch.to_string());
                self.refuse_while_preparing_for(reason, status, Outcome::Refused, now);
                false
            }
        }
    }

    pub(super) fn recorder_ready(&mut self, now: Moment) {
        if self.recording == Recording::Opening {
            self.recording = Recording::Ready;
            self.ring_if_prepared(now);
        }
    }

    /// A call that must be recorded does not go on, be it answered already or not; in others the
    /// row says what is missing.
    pub(super) fn recorder_failed(&mut self, reason: String, now: Moment) {
        tracing::error!(parent: &self.span, reason, "recording failed");
        if self.recording != Recording::Closed {
            // Whatever there is of it is given up: its file, and its place in the media plane.
            self.order(MediaCommand::CloseRecording { call: self.id });
        }
        self.recording = Recording::Closed;
        self.store(EventKind::RecordingFailed { reason }, now);
        let required = self
            .line
            .as_ref()
            .is_some_and(|l| l.record == RecordPolicy::Required);
        if required && !self.connected {
            self.give_up_unrecorded(now);
        } else if required && !matches!(self.phase, Phase::Ended) {
            self.hang_up("the call could no longer be recorded", now);
        }
        self.ring_if_prepared(now);
    }

    fn give_up_unrecorded(&mut self, now: Moment) {
        let status = StatusCode::TEMPORARILY_UNAVAILABLE;
        let outcome = Outcome::RecordingUnavailable;
        self.refuse_while_preparing(status, outcome, now);
        if matches!(self.phase, Phase::Hunting) {
            self.respond_caller(status, None);
            self.end_unanswered(status, outcome, None, now);
        }
    }

    fn refuse_while_preparing(&mut self, status: StatusCode, outcome: Outcome, now: Moment) {
        self.refuse_while_preparing_for(None, status, outcome, now);
    }

    fn refuse_while_preparing_for(
        &mut self,
        reason: Option<String>,
        status: StatusCode,
        outcome: Outcome,
        now: Moment,
    ) {
        if matches!(self.phase, Phase::Preparing(_)) {
            let headers = Vec::new();
            self.refuse(
                &Refusal {
                    status,
                    outcome,
                    headers,
                    reason,
                },
                now,
            );
        }
    }

    fn ring_if_prepared(&mut self, now: Moment) {
        let Phase::Preparing(gates) = &self.phase else {
            return;
        };
        if gates.stored.is_none() && self.is_summoning() {
            return self.summon(now);
        }
        let recorder_done = self.recording != Recording::Opening;
        if gates.stored.is_none() && self.caller.ports == Ports::Open && recorder_done {
            self.phase = Phase::Hunting;
            if self.nuisance == Some(NuisancePolicy::Announce) {
                // Nobody is rung for this caller: the announcement comes at once.
                let prompt = self.line.as_ref().and_then(|it| it.announcement.clone());
                return self.announce_only(prompt, now);
            }
            match self.errand {
                Errand::Line => self.enter_line(now),
                Errand::Dial(_) => self.dial(now),
                Errand::Echo => self.echo(now),
            }
        }
    }

    pub(super) fn gates_deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Preparing(gates) => Some(gates.deadline),
            Phase::Summoning
            | Phase::Hunting
            | Phase::Announcing(_)
            | Phase::Dialogue(_)
            | Phase::Talking
            | Phase::Ended => None,
        }
    }

    /// A gate that stays shut for a second: the call is not let ring without its row.
    pub(super) fn gates_due(&mut self, now: Moment) {
        let Phase::Preparing(gates) = &self.phase else {
            return;
        };
        if gates.deadline > now.instant {
            return;
        }
        let unstored = gates.stored.is_some();
        if unstored || self.caller.ports == Ports::Opening {
            tracing::error!(parent: &self.span, stored = !unstored, "the call could not be prepared in time");
            self.refuse_while_preparing(StatusCode::SERVICE_UNAVAILABLE, Outcome::Failed, now);
        } else if self.recording == Recording::Opening {
            self.recorder_failed("the recorder did not answer within 1 s".to_owned(), now);
        }
    }
}

/// `2026/11/21/<call>.wav`, by the UTC date of arrival.
fn recording_path(id: CallId, now: Moment) -> String {
    let date = now.wall.to_jiff().strftime("%Y/%m/%d");
    format!("{date}/{id}.wav")
}
