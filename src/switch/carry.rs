//! Gives calls what concerns them, and carries out what they want.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::Rng;

use super::{Entrant, News, Output, Switch};
use crate::call::command::Refused;
use crate::call::media::{MediaCommand, MediaEvent, MediaLeg};
use crate::call::{DialogName, Entry, EventKind, Hop, Input as CallInput, Output as CallOutput};
use crate::id::CallId;
use crate::rules::Moment;
use crate::sdp::MediaSource;
use crate::sip::{Method, Request, StatusCode};

impl Switch {
    /// Gives one call an input; its outputs are drained when the switch comes to rest.
    pub(super) fn feed(&mut self, call: CallId, input: CallInput, now: Moment) {
        if let CallInput::Command(ticket, ..)
        | CallInput::Escalate(ticket, ..)
        | CallInput::Emergency(ticket, ..) = &input
            && let Some(entrant) = self.calls.get_mut(&call)
        {
            entrant.tickets.push(*ticket);
        }
        let asked = if let CallInput::Request(_, tx, request) = &input {
            Some((*tx, request.respond(StatusCode::SERVER_INTERNAL_ERROR)))
        } else {
            None
        };
        self.step(call, asked, |call| call.handle_input(input, now));
    }

    /// Carries out what a call wants, and notes when it next wants the clock.
    pub(super) fn drain(&mut self, id: CallId, now: Moment) {
        let drained = catch_unwind(AssertUnwindSafe(|| self.drain_call(id, now)));
        if drained.is_err() {
            self.break_off(id);
        }
    }

    fn drain_call(&mut self, id: CallId, now: Moment) {
        if let Some(entrant) = self.calls.get_mut(&id) {
            let changes = entrant.call.dialog_changes();
            self.outputs.extend(changes.map(Output::Dialog));
        }
        while let Some(output) = self.calls.get_mut(&id).and_then(|e| e.call.poll_output()) {
            self.carry_out(id, output, now);
        }
        let Some(entrant) = self.calls.get_mut(&id) else {
            return;
        };
        let next = entrant.call.poll_timeout();
        if next != entrant.deadline {
            if let Some(old) = entrant.deadline.take() {
                self.deadlines.remove(&(old, id));
            }
            if let Some(next) = next {
                self.deadlines.insert((next, id));
            }
            entrant.deadline = next;
        }
    }

    pub(super) fn carry_out(&mut self, id: CallId, output: CallOutput, now: Moment) {
        match output {
            CallOutput::Respond(tx, response) => self.endpoint.respond(tx, response, now.instant),
            CallOutput::Send(leg, request, hop) => self.send(id, leg, request, &hop, now),
            CallOutput::Acknowledge(leg, ack, hop) => {
                let sent = self.invites_sent.get(&leg);
                if let Some(tx) = sent.and_then(|sent| sent.get(&ack.cseq().number)) {
                    self.endpoint.acknowledge(*tx, ack, hop.flow.peer);
                }
            }
            CallOutput::Cancel(leg, reason) => {
                let sent = self.invites_sent.get(&leg);
                if let Some((_, tx)) = sent.and_then(BTreeMap::last_key_value) {
                    self.endpoint.cancel(*tx, reason, now.instant);
                }
            }
            CallOutput::OwnDialog(leg, name) => self.own_dialog(id, leg, name),
            CallOutput::Media(command) => self.order(id, command),
            CallOutput::Store(entry) => self.store(id, entry),
            CallOutput::Wait => {
                self.enqueue(id);
            }
            CallOutput::StopWaiting => self.waiting.leave(id),
            CallOutput::TrunkBusy(peer, wait) => self.trunks.rest(peer, now.instant + wait),
            CallOutput::TrunkSilent(peer) => self.trunks.suspect(peer, now.instant),
            CallOutput::AttemptDue => self.hunt_wanted = true,
            CallOutput::PhoneSilent(binding) => self.phone_silent(binding, now),
            CallOutput::AgentAnswered(agent) => self.answered(id, &agent, now),
            CallOutput::AgentReleased { agent, because } => self.released(id, &agent, because, now),
            CallOutput::Resolve(to) => self.resolve_transfer(id, to, now),
            CallOutput::WaitOn(line) => self.wait_on(id, &line),
            CallOutput::Recall(agent) => self.recall(id, &agent, now),
            CallOutput::Fetch(colleague) => self.fetch(id, &colleague, now),
            CallOutput::Attention(what) => self.tell_attention(id, what),
            CallOutput::LeaveAlone(agent, wait) => {
                self.agents.rest(&agent, now.instant + wait);
            }
            CallOutput::Redirected(agent, number) => self.redirect(id, &agent, number, now),
            CallOutput::ResolveReplaces(leg, replaces) => self.attend(id, leg, &replaces, now),
            CallOutput::Reroute(line) => self.reroute(id, &line, now),
            CallOutput::Divert(number) => self.divert(id, &number, now),
            CallOutput::AskPlace => self.ask_place(id, now),
            CallOutput::Answer(ticket, answer) => {
                if let Some(entrant) = self.calls.get_mut(&id) {
                    entrant.tickets.retain(|asked| *asked != ticket);
                }
                self.answer(ticket, answer);
            }
            CallOutput::Ring { ring, apologise } => self.tell_ring(id, ring, apologise),
            CallOutput::Gone => self.forget(id, now),
        }
    }

    fn send(&mut self, id: CallId, leg: MediaLeg, request: Request, hop: &Hop, now: Moment) {
        let method = request.method.clone();
        let number = request.cseq().number;
        let tx = self.endpoint.send_by(request, hop, now.instant);
        if method == Method::INVITE {
            self.invites_sent.entry(leg).or_default().insert(number, tx);
        }
        self.by_request.insert(tx, (id, leg, method));
        if let Some(entrant) = self.calls.get_mut(&id) {
            entrant.requests.push(tx);
        }
    }

    /// Passes an order on; a leg's reports belong to the call from its first order on.
    pub(super) fn order(&mut self, id: CallId, command: MediaCommand) {
        if let MediaCommand::Open { leg, .. } = &command {
            self.by_leg.insert(*leg, id);
            if let Some(entrant) = self.calls.get_mut(&id) {
                entrant.legs.push(*leg);
            }
            self.seize_channel(id, *leg);
        } else if let MediaCommand::Close { leg } = &command {
            self.free_channel(*leg);
        }
        if let MediaCommand::Connect { leg, .. } = command
            && let Some(source) = self.media_source(id, leg)
        {
            let rule = MediaCommand::HearFrom { leg, source };
            self.outputs.push_back(Output::Media(rule));
        }
        self.outputs.push_back(Output::Media(command));
    }

    /// From where a leg's media may come, if its rule is not the strict one.
    fn media_source(&self, id: CallId, leg: MediaLeg) -> Option<MediaSource> {
        let entrant = self.calls.get(&id)?;
        let from = entrant.call.peer_of(leg)?.ip();
        let is_first = entrant.legs.first() == Some(&leg);
        let author = entrant.author.as_ref().filter(|_| is_first);
        if let Some(agent) = entrant.call.agent_on(leg).or(author) {
            let is_behind = self.settings.behind_nat.contains(agent);
            return is_behind.then_some(MediaSource::Learnt { from });
        }
        let trunk = self.trunks.at(from).next()?;
        self.settings.media_sources.get(trunk.id()).cloned()
    }

    fn tell_ring(&mut self, call: CallId, ring: u32, apologise: bool) {
        let line = self.calls.get(&call).and_then(|e| e.line.clone());
        self.outputs.push_back(Output::News(News::Ring {
            call,
            line,
            ring,
            apologise,
        }));
    }

    fn own_dialog(&mut self, id: CallId, leg: MediaLeg, name: DialogName) {
        self.by_dialog.insert(name.clone(), (id, leg));
        if let Some(entrant) = self.calls.get_mut(&id) {
            entrant.dialogs.push(name);
        }
    }

    fn store(&mut self, id: CallId, entry: Entry) {
        let awaited = self
            .calls
            .get(&id)
            .and_then(|entrant| entrant.call.awaits_stored());
        if matches!(entry.event.kind, EventKind::Ended { .. })
            && let Some(entrant) = self.calls.get_mut(&id)
        {
            entrant.has_ended = true;
        }
        if awaited == Some(entry.event.id) {
            self.unstored.insert(entry.event.id, id);
        }
        self.outputs.push_back(Output::Store(entry));
    }

    pub(super) fn call_of(&self, event: &MediaEvent) -> Option<CallId> {
        match event {
            MediaEvent::Opened { leg, .. }
            | MediaEvent::OpenFailed { leg }
            | MediaEvent::Played { leg, .. }
            | MediaEvent::FellSilent { leg, .. }
            | MediaEvent::HeardAgain { leg, .. }
            | MediaEvent::KeyPressed { leg, .. }
            | MediaEvent::FellQuiet { leg }
            | MediaEvent::Spoke { leg }
            | MediaEvent::PeersGone { leg, .. }
            | MediaEvent::Closed { leg, .. } => self.by_leg.get(leg).copied(),
            MediaEvent::RecordingReady { call }
            | MediaEvent::RecordingFailed { call, .. }
            | MediaEvent::RecordingSealed { call, .. }
            | MediaEvent::Broke { call } => Some(*call),
        }
    }

    /// Nothing of the call is left; whatever still arrives for it belongs to nobody.
    fn forget(&mut self, id: CallId, now: Moment) {
        if let Some(entrant) = self.calls.remove(&id) {
            self.let_go(id, entrant, now);
        }
    }

    /// Lets go whatever belonged to a call.
    pub(super) fn let_go(&mut self, id: CallId, entrant: Box<Entrant>, now: Moment) {
        self.desk.wrapped_up.remove(&id);
        // Whatever it has still to answer is answered by nobody else.
        for ticket in entrant.tickets {
            self.answer(ticket, Err(Refused::NoSuchCall));
        }
        if let Some(deadline) = entrant.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        if let Some(invite) = entrant.invite {
            self.by_invite.remove(&invite);
        }
        for dialog in entrant.dialogs {
            self.by_dialog.remove(&dialog);
        }
        for leg in entrant.legs {
            self.by_leg.remove(&leg);
            self.invites_sent.remove(&leg);
            self.free_channel(leg);
        }
        for request in entrant.requests {
            self.by_request.remove(&request);
            // An INVITE within a dialog whose peer has said 100 and then nothing ends by no timer
            // (RFC 3261 §17.1.1.2), unless it is taken back.
            self.endpoint.cancel(request, None, now.instant);
        }
        if let Some(arrived) = entrant.call.left_unsealed() {
            self.unsealed.insert(id, arrived);
        }
        self.outbound_over(id, now);
        if let Some(agent) = entrant.author {
            self.agents.release(&agent, id, now.instant);
        }
        self.waiting.leave(id);
        self.unstored.retain(|_, call| *call != id);
    }

    pub(super) fn mint_key_seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.key_rng.fill_bytes(&mut seed);
        seed
    }

    pub(super) fn mint_leg(&mut self) -> MediaLeg {
        MediaLeg(self.rng.next_u64())
    }
}
