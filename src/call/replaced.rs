//! An agent goes on at another phone (RFC 3891): its INVITE names the dialog that the agent is in,
//! or that rings, and takes that dialog's place.
//!
//! Only the leg's SIP side is exchanged. Its ports, its place in the media plane and whatever is
//! being recorded stay; the dialog before lives on under a leg of its own, without ports, until
//! its BYE or CANCEL is done.

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::attempt::{Attempt, Callee, Destination, State, Wanted};
use super::event::{AttemptResult, EventKind, HangupParty};
use super::hunt::ELSEWHERE;
use super::leg::{Leg, Ports, Takes, Wire};
use super::media::{MediaCommand, MediaLeg, preference};
use super::{Call, DialogName, Hop, Output, Phase, request};
use crate::id::AgentId;
use crate::rules::Moment;
use crate::sdp::{Direction, OfferAnswer, SrtpPolicy, Stream};
use crate::sip::dialog::Dialog;
use crate::sip::endpoint::ServerTx;
use crate::sip::inspect::session;
use crate::sip::{Request, StatusCode, ids};

/// The INVITE that takes a dialog's place.
#[derive(Clone, Debug)]
pub struct Successor {
    /// Its transaction.
    pub tx: ServerTx,
    /// The INVITE.
    pub request: Request,
    /// Where its phone is.
    pub hop: Hop,
    /// Whether its audio is to be encrypted.
    pub srtp: SrtpPolicy,
    /// What the dialog before is called from now on.
    pub former: MediaLeg,
}

/// What a `Replaces` finds (RFC 3891 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// No such dialog.
    Nothing,
    /// A dialog that is over.
    Ended,
    /// A dialog that its peer began, and that has no answer: it cannot be replaced.
    EarlyOfPeer,
    /// A dialog that we began, and that has no answer.
    Early,
    /// A dialog that was answered.
    Confirmed,
}

/// A leg's new SIP side, and what it agreed on.
struct Agreed {
    leg: Leg,
    description: Vec<u8>,
    stream: Option<Stream>,
}

impl Call {
    /// How the dialog of a leg stands whose peer has this tag.
    pub fn names(&self, leg: MediaLeg, remote_tag: &str) -> Named {
        let attempt = self.attempts.iter().find(|attempt| attempt.leg.id == leg);
        let is_caller = leg == self.caller.id;
        let Some(owner) = attempt
            .map(|attempt| &attempt.leg)
            .or(is_caller.then_some(&self.caller))
        else {
            return Named::Nothing;
        };
        let early = owner.early.iter().map(|fork| &fork.dialog);
        let mut dialogs = owner.dialog.iter().chain(early);
        if !dialogs.any(|dialog| dialog.id().remote_tag == remote_tag) {
            return Named::Nothing;
        }
        let is_open = owner.ports == Ports::Open && !matches!(self.phase, Phase::Ended);
        let takes_part =
            is_caller || self.talking_leg() == Some(leg) || attempt.is_some_and(Attempt::is_live);
        match owner.wire {
            Wire::Early if is_caller && is_open => Named::EarlyOfPeer,
            Wire::Early if is_open && takes_part => Named::Early,
            Wire::Up if is_open && takes_part => Named::Confirmed,
            Wire::Early | Wire::Up | Wire::Leaving | Wire::Gone => Named::Ended,
        }
    }

    /// Puts the successor into the place of a leg's dialog.
    ///
    /// # Errors
    /// What it offers does not fit: the status; nothing has changed then.
    pub fn succeed(
        &mut self,
        leg: MediaLeg,
        successor: &Successor,
        by: &AgentId,
        now: Moment,
    ) -> Result<(), StatusCode> {
        let tag = ids::new_tag(&mut self.rng);
        let agreed = self.agree_with(leg, successor, &tag)?;
        let unknown = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
        let owner = self.leg_mut(leg).ok_or(unknown)?;
        let side = owner.side;
        let mut former = std::mem::replace(owner, agreed.leg);
        former.id = successor.former;
        former.ports = Ports::Closed;
        former.session = None;
        former.timer = None;

        let request = &successor.request;
        let mut response = request::reply(request, StatusCode::OK, &tag, &successor.hop);
        request::with_sdp(
            &mut response.headers,
            &mut response.body,
            agreed.description,
        );
        self.agree_on_timer(leg, request, &mut response, now);
        let name = DialogName {
            call_id: request.call_id(),
            tag,
        };
        self.emit(Output::OwnDialog(leg, name));
        self.emit(Output::Respond(successor.tx, response));
        let agent = by.clone();
        self.store(EventKind::TakenOver { side, agent }, now);
        self.unsubscribe(leg);
        let was_early = former.wire == Wire::Early;
        self.part_from(former, leg, by, successor);
        if was_early {
            self.picked_up(leg, agreed.stream, now);
        } else if let Some(stream) = agreed.stream {
            self.restream(leg, stream, now);
        }
        Ok(())
    }

    /// The leg as it will be: the same ports, and a session that begins anew.
    fn agree_with(
        &mut self,
        leg: MediaLeg,
        successor: &Successor,
        tag: &str,
    ) -> Result<Agreed, StatusCode> {
        let request = &successor.request;
        let caller_codec = self.caller_codec;
        let place = self.place;
        let id = self.id.0.as_u64_pair().1 >> 1;
        let unknown = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
        let minter = StdRng::from_rng(&mut self.key_rng);
        let owner = self.leg_mut(leg).ok_or(unknown)?;
        let local = owner.session.as_ref().ok_or(unknown)?.local();
        let codec = owner.stream.as_ref().map(|stream| stream.codec);
        let codecs = preference(codec.or(caller_codec));
        let fresh = Leg {
            srtp: successor.srtp,
            ..Leg::new(owner.id, owner.side, successor.hop.clone())
        };
        let new_session = OfferAnswer::new(id, local, place.policy);
        let mut new_session = new_session.keyed(fresh.keying(minter));
        let (description, stream) = match session(&request.headers, &request.body) {
            Some(offer) => {
                let answered = new_session.answer(offer, &codecs);
                let (answer, stream) =
                    answered.map_err(|mismatch| StatusCode::new(mismatch.status()))?;
                (answer, Some(stream))
            }
            None if !new_session.is_possible() => return Err(StatusCode::NOT_ACCEPTABLE_HERE),
            None => (new_session.offer(&codecs, Direction::SendRecv), None),
        };
        let mut dialog = Dialog::uas(request, tag);
        dialog.confirm();
        let leg = Leg {
            wire: Wire::Up,
            ports: owner.ports,
            session: Some(new_session),
            stream: owner.stream.clone(),
            dialog: Some(dialog),
            held: owner.held,
            awaits_answer: stream.is_none(),
            takes: Takes::of(&request.headers),
            ..fresh
        };
        Ok(Agreed {
            leg,
            description,
            stream,
        })
    }

    /// Whoever is to be told of a transfer was told in the dialog before.
    fn unsubscribe(&mut self, leg: MediaLeg) {
        if let Some(transfer) = &mut self.transfer
            && transfer.transferor == leg
        {
            transfer.subscription = None;
        }
    }

    /// Ends the dialog before: BYE where it was answered, CANCEL where it was not.
    fn part_from(&mut self, former: Leg, leg: MediaLeg, by: &AgentId, successor: &Successor) {
        let id = former.id;
        let is_early = former.wire == Wire::Early;
        let attempt = self
            .attempt_index(leg)
            .and_then(|index| self.attempts.get_mut(index));
        let (number, destination, invite) = match attempt {
            Some(attempt) => {
                let destination = attempt.destination.clone();
                (attempt.number, destination, attempt.invite.take())
            }
            None => (0, by_agent(by, &former, successor), None),
        };
        let state = if is_early {
            State::Cancelling
        } else {
            State::Over
        };
        self.attempts.push(Attempt {
            number,
            destination,
            leg: former,
            state,
            invite,
            asked: true,
            wanted: Wanted::Answer,
            rang_since: None,
            hears_early: None,
            ended: is_early.then_some((AttemptResult::Cancelled, None)),
        });
        if is_early {
            if let Some(former) = self.leg_mut(id) {
                former.ended(HangupParty::System, None, Vec::new());
            }
            self.emit(Output::Cancel(id, Some(ELSEWHERE)));
        } else {
            self.send_bye(id);
        }
    }

    /// The agent answers a call that rings, at another phone than those that ring.
    fn picked_up(&mut self, leg: MediaLeg, stream: Option<Stream>, now: Moment) {
        let Some(index) = self.attempt_index(leg) else {
            return;
        };
        if let Some(stream) = stream {
            self.attempts[index].leg.stream = Some(stream.clone());
            self.order(MediaCommand::Connect { leg, stream });
        }
        self.won(index, now);
    }
}

/// Where the phone of an agent who had called was; nobody is called there any more.
fn by_agent(by: &AgentId, former: &Leg, successor: &Successor) -> Destination {
    let dialog = former.dialog.as_ref();
    let uri = dialog.map_or_else(
        || successor.request.uri.clone(),
        |dialog| dialog.remote_target().clone(),
    );
    Destination {
        callee: Callee::Agent(by.clone()),
        to: uri.clone(),
        uri,
        hop: former.hop.clone(),
        route: Vec::new(),
        binding: None,
        trunk: None,
        srtp: former.srtp,
        further: Vec::new(),
    }
}
