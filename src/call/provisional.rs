//! Our provisional responses to the caller, reliable where the caller wants them so (RFC 3262),
//! and the PRACKs that confirm them.

use std::time::Instant;

use rand::Rng;

use super::event::Outcome;
use super::flow::Step;
use super::media::{MediaCommand, MediaLeg, preference};
use super::{Call, Output, request};
use crate::rules::Moment;
use crate::sdp::{Direction, NegotiationError};
use crate::sip::endpoint::ServerTx;
use crate::sip::inspect::session;
use crate::sip::reliable::{self, Fit, ReliableSender};
use crate::sip::{Request, Response, StatusCode};

/// What follows once the caller may get our 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Joining {
    /// The leg of the person who answered.
    Person(MediaLeg),
    /// What the line does with a call that nobody has answered.
    Step(Step),
}

impl Call {
    /// Sends the caller a provisional response: reliably if the caller requires it, or can have
    /// it so and it says something of the session.
    pub(super) fn progress_caller(
        &mut self,
        status: StatusCode,
        description: Option<Vec<u8>>,
        now: Moment,
    ) {
        if self.is_ours() {
            return; // it has been answered
        }
        let headers = &self.invite.headers;
        let is_required = headers.lists("Require", reliable::OPTION_TAG);
        let is_possible = is_required || headers.lists("Supported", reliable::OPTION_TAG);
        if !is_required && (!is_possible || description.is_none()) {
            return self.respond_caller(status, description);
        }
        let description = description.or_else(|| self.first_offer());
        let mut response = request::reply(&self.invite, status, &self.local_tag, &self.caller.hop);
        if let Some(description) = description {
            request::with_sdp(&mut response.headers, &mut response.body, description);
            self.described_reliably = true;
        }
        let first = self.rng.next_u32() & 0x00FF_FFFF;
        let number = self.invite.cseq().number;
        let sender = self
            .provisional
            .get_or_insert_with(|| ReliableSender::new(number, first));
        sender.send(response, now.instant);
        self.send_provisional(now);
    }

    /// An INVITE without an offer gets ours in the first reliable response (RFC 3262 §5).
    fn first_offer(&mut self) -> Option<Vec<u8>> {
        if !self.invite.body.is_empty() || self.described_reliably {
            return None;
        }
        let session = self.caller.session.as_mut()?;
        self.caller.awaits_answer = true;
        Some(session.offer(&preference(self.caller_codec), Direction::SendRecv))
    }

    /// PRACK (RFC 3262 §3, §5): it may bring the answer to our offer, or an offer.
    pub(super) fn prack(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        let Some(rack) = request.headers.rack() else {
            return self.respond(leg, tx, request, StatusCode::BAD_REQUEST);
        };
        let sender = self.provisional.as_mut().filter(|_| leg == self.caller.id);
        let fit = sender.map(|sender| sender.confirm(&rack, now.instant));
        if fit != Some(Fit::Confirms) {
            let status = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
            return self.respond(leg, tx, request, status);
        }
        match session(&request.headers, &request.body).map(<[u8]>::to_vec) {
            Some(description) if self.caller.awaits_answer => {
                self.answer_in_prack(tx, request, &description, now);
            }
            Some(offer) => self.offer_in_prack(tx, request, &offer, now),
            None if self.caller.awaits_answer => {
                self.unusable_prack(tx, request, &NegotiationError::NoOffer, now);
            }
            None => self.respond(leg, tx, request, StatusCode::OK),
        }
        self.send_provisional(now);
        self.join_if_confirmed(now);
    }

    fn answer_in_prack(&mut self, tx: ServerTx, request: &Request, answer: &[u8], now: Moment) {
        let leg = self.caller.id;
        let Some(session) = self.caller.session.as_mut() else {
            return;
        };
        match session.handle_answer(answer) {
            Ok(stream) => {
                self.caller.awaits_answer = false;
                self.caller_codec = Some(stream.codec);
                self.caller.stream = Some(stream.clone());
                self.order(MediaCommand::Connect { leg, stream });
                self.respond(leg, tx, request, StatusCode::OK);
                self.bridge_early();
            }
            Err(mismatch) => self.unusable_prack(tx, request, &mismatch, now),
        }
    }

    fn offer_in_prack(&mut self, tx: ServerTx, request: &Request, offer: &[u8], now: Moment) {
        let leg = self.caller.id;
        if !self.described_reliably {
            // The first offer is still to be answered; there is no room for a second one.
            return self.refuse_for_now(leg, tx, request);
        }
        self.answer_offer(leg, tx, request, offer, now);
    }

    /// Without an answer to our offer there is no session to be had.
    fn unusable_prack(
        &mut self,
        tx: ServerTx,
        request: &Request,
        mismatch: &NegotiationError,
        now: Moment,
    ) {
        tracing::info!(parent: &self.span, error = %mismatch, "the PRACK brought no usable answer");
        self.respond(
            self.caller.id,
            tx,
            request,
            StatusCode::new(mismatch.status()),
        );
        self.give_up_caller(StatusCode::NOT_ACCEPTABLE_HERE, Outcome::Refused, now);
    }

    fn give_up_caller(&mut self, status: StatusCode, outcome: Outcome, now: Moment) {
        if self.connected || matches!(self.phase, super::Phase::Ended) {
            return;
        }
        self.respond_caller(status, None);
        self.end_unanswered(status, outcome, None, now);
    }

    /// Whether our 200 to the caller must wait for a PRACK (RFC 3262 §3).
    pub(super) fn success_waits(&self) -> bool {
        let sender = self.provisional.as_ref();
        sender.is_some_and(ReliableSender::holds_back_success)
    }

    pub(super) fn join_if_confirmed(&mut self, now: Moment) {
        if self.success_waits() || self.ring_on_until.is_some() {
            return;
        }
        match self.joining.take() {
            Some(Joining::Person(leg)) => {
                let leg = self.talking_leg().unwrap_or(leg);
                self.connect_caller(leg, now);
            }
            Some(Joining::Step(step)) => self.take_step(step, now),
            None => {}
        }
    }

    pub(super) fn provisional_deadline(&self) -> Option<Instant> {
        self.provisional.as_ref()?.poll_timeout()
    }

    pub(super) fn provisional_due(&mut self, now: Moment) {
        if let Some(sender) = &mut self.provisional {
            sender.handle_timeout(now.instant);
            self.send_provisional(now);
        }
    }

    fn next_provisional(&mut self) -> Option<reliable::Output> {
        self.provisional.as_mut()?.poll_output()
    }

    fn send_provisional(&mut self, now: Moment) {
        let mut unconfirmed = false;
        while let Some(output) = self.next_provisional() {
            match output {
                reliable::Output::Send(response) => self.respond_invite(response),
                reliable::Output::Unconfirmed => unconfirmed = true,
            }
        }
        if unconfirmed {
            tracing::warn!(parent: &self.span, "the caller confirms no provisional response");
            self.give_up_caller(StatusCode::SERVER_TIME_OUT, Outcome::Failed, now);
        }
    }

    /// Answers the caller's INVITE; with a final answer, provisional ones end.
    pub(super) fn respond_invite(&mut self, response: Response) {
        if response.status.is_final()
            && let Some(sender) = &mut self.provisional
        {
            sender.finish();
        }
        if let Some(tx) = self.invite_tx {
            self.emit(Output::Respond(tx, response));
        }
    }
}
