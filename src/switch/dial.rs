//! A click on a number in a record (R042): the agent's phone is rung, then the number, by the policy
//! and within the limits that hold for what the agent's phone dials.

use rand::Rng;

use super::outbound::{Dialled, Dialler};
use super::{Entrant, Switch};
use crate::call::command::{Actor, Answer, Done, Refused};
use crate::call::event::Origin;
use crate::call::flow::Situation;
use crate::call::{Arrival, Call, Errand, Identity, Refusal, invite_of};
use crate::id::CallId;
use crate::rules::Moment;
use crate::sip::{Host, StatusCode, ids};

/// A record's name is no longer than this.
const LONGEST_RECORD: usize = 100;

impl Switch {
    pub(super) fn dial_for(
        &mut self,
        by: &Actor,
        number: String,
        record: String,
        now: Moment,
    ) -> Answer {
        let agent = by.agent().ok_or(Refused::NoSuchAgent)?.clone();
        if !self.agents.contains(&agent) {
            return Err(Refused::NoSuchAgent);
        }
        if self.draining {
            return Err(Refused::Stopping);
        }
        let is_named = !record.trim().is_empty() && record.len() <= LONGEST_RECORD;
        let is_line = self.settings.line_of(&number).is_some();
        let is_echo = self.settings.echo.as_deref() == Some(number.as_str());
        let leads = self.leads_outside(&number)
            || self.agents.contains(&crate::id::AgentId(number.clone()));
        if !is_named || is_line || is_echo || !leads || number == agent.0 {
            return Err(Refused::Unusable);
        }
        if self.agents.calls_of(&agent).next().is_some() {
            return Err(Refused::WrongState);
        }
        let phones = self.phones_of(&agent, now);
        let Some(first) = phones.first() else {
            return Err(Refused::Unavailable);
        };
        let (hop, srtp) = (first.hop.clone(), first.srtp);
        let id = CallId::mint(now.wall, &mut self.rng);
        let dialler = Dialler {
            agent: agent.clone(),
            is_proven: true,
            consult_of: None,
            is_summoned: true,
        };
        let our_host = Host::Ip(hop.advertised.ip());
        let call_id = ids::new_call_id_after(&id.leg_prefix(), &mut self.rng);
        let tag = ids::new_tag(&mut self.rng);
        let request = invite_of(&agent.0, &number, &call_id, &our_host, &tag);
        let Dialled {
            shown,
            habits,
            line: _,
            mut errand,
            refusal,
        } = self.dialled_by(&dialler, number, id, false, now);
        let refused = refusal.as_ref().map(why);
        if let Errand::Dial(dial) = &mut errand {
            dial.record = Some(record);
            if refused.is_none() {
                dial.summons = phones;
            }
        }
        // Nobody is engaged by a call that comes to nothing.
        if refused.is_none() {
            self.agents.engage(&agent, id, now.instant);
        }
        self.arrivals += 1;
        let arrival = Arrival {
            id,
            tx: None,
            request,
            hop,
            dialled: shown,
            line: habits,
            errand,
            consult_of: None,
            origin: Origin::Internal,
            trunk: None,
            author: Some(agent.clone()),
            identity: Identity {
                number: Some(agent.0.clone()),
                ..Identity::default()
            },
            area_code: None,
            diversions: Vec::new(),
            nuisance: None,
            situation: Situation::default(),
            place: self.settings.place,
            session_expires_s: self.settings.session_expires_s,
            refusal,
            leg: self.mint_leg(),
            seed: self.rng.next_u64(),
            key_seed: self.mint_key_seed(),
            srtp,
        };
        let entrant = Entrant {
            call: Call::arrive(arrival, now),
            line: None,
            arrival: self.arrivals,
            since: now.instant,
            trunk: None,
            author: Some(agent),
            invite: None,
            dialogs: Vec::new(),
            legs: Vec::new(),
            requests: Vec::new(),
            deadline: None,
            has_ended: false,
            is_sabotaged: false,
            tickets: Vec::new(),
            asked: None,
        };
        self.calls.insert(id, Box::new(entrant));
        self.touched.push(id);
        refused.map_or(Ok(Done::Began(id)), Err)
    }
}

/// Why a call that an agent's click asked for comes to nothing: it may not be, or whoever is wanted
/// cannot be reached now.
fn why(refusal: &Refusal) -> Refused {
    if refusal.status == StatusCode::FORBIDDEN {
        Refused::Forbidden
    } else {
        Refused::Unavailable
    }
}
