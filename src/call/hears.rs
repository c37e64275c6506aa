//! Who hears whom, once more than two are in a call, or one of the two is not to hear the other.
//!
//! Said anew after each change, as a whole: whoever talks, is asked, waits or supervises has a set
//! of legs to hear. Two that hear just each other are a bridge, whose audio passes untouched; every
//! other set is a sum. What is played to a leg goes before all of it.

use std::collections::BTreeMap;

use super::doing::SuperviseMode;
use super::leg::Ports;
use super::media::{Audio, MediaCommand, MediaLeg};
use super::{Call, Phase};
use crate::rules::Cadence;

/// What the media plane was ordered last.
#[derive(Debug, Default)]
pub(super) struct Sound {
    /// The caller hears the line's music.
    pub(super) music: bool,
    /// Who hear each other and nobody else.
    bridged: Option<(MediaLeg, MediaLeg)>,
}

type Heard = BTreeMap<MediaLeg, Vec<MediaLeg>>;

impl Call {
    /// Lets everybody in the call hear whom they are to hear. Until the notice has been heard, and
    /// before anybody has answered, nobody does.
    pub(super) fn arrange(&mut self) {
        let ended = matches!(self.phase, Phase::Ended);
        if self.desk.is_none() || self.notice.is_some() || !self.connected || ended {
            return;
        }
        let talk = self.talking_together();
        let heard = self.heard(&talk);
        self.play_to_waiting(&talk);
        self.bridge_pair(&heard);
        self.mix_others(heard);
        self.tone_to_agent();
    }

    /// Two legs hear each other, and nobody else.
    pub(super) fn bridge(&mut self, a: MediaLeg, b: MediaLeg) {
        self.sound.bridged = Some((a, b));
        self.order(MediaCommand::Bridge { a, b });
        if [a, b].contains(&self.caller.id) {
            self.heed_caller();
        }
    }

    /// The leg hears nobody.
    pub(super) fn unbridge(&mut self, leg: MediaLeg) {
        self.sound.bridged = None;
        self.order(MediaCommand::Unbridge { leg });
    }

    fn is_open(&self, leg: MediaLeg) -> bool {
        let legs = self.attempts.iter().map(|attempt| &attempt.leg);
        let mut legs = legs.chain([&self.caller]);
        legs.any(|own| own.id == leg && own.ports == Ports::Open)
    }

    /// Those who are in one conversation now. A caller who waits is in none.
    fn talking_together(&self) -> Vec<MediaLeg> {
        let talker = self
            .talking_leg()
            .filter(|_| self.transfer_target().is_none());
        let Some(talker) = talker.filter(|_| matches!(self.phase, Phase::Talking)) else {
            return Vec::new();
        };
        let caller = (!self.is_on_hold()).then_some(self.caller.id);
        let asked = self
            .desk
            .as_ref()
            .and_then(|desk| desk.consult.as_ref()?.leg);
        let all = caller.into_iter().chain([talker]).chain(asked);
        all.filter(|leg| self.is_open(*leg)).collect()
    }

    fn heard(&self, talk: &[MediaLeg]) -> Heard {
        let Some(desk) = &self.desk else {
            return Heard::new();
        };
        let talker = self.talking_leg();
        let audible = |leg: &MediaLeg| !(desk.is_muted && Some(*leg) == talker);
        let mut heard = Heard::new();
        for leg in talk {
            let others = talk.iter().filter(|other| *other != leg && audible(other));
            heard.insert(*leg, others.copied().collect());
        }
        let Some((supervisor, mode)) = self.supervising().filter(|(leg, _)| self.is_open(*leg))
        else {
            return heard;
        };
        // Without an agent there is the caller, who waits.
        let alone = [self.caller.id];
        let company = if talk.is_empty() { &alone } else { talk };
        let all = company.iter().filter(|leg| audible(leg)).copied();
        heard.insert(supervisor, all.collect());
        for leg in company {
            let is_agent = Some(*leg) == talker;
            let is_heard = match mode {
                SuperviseMode::Listen => false,
                SuperviseMode::Whisper => is_agent,
                SuperviseMode::Barge => true,
            };
            if is_heard {
                heard.entry(*leg).or_default().push(supervisor);
            }
        }
        heard
    }

    /// A caller who waits for the agent hears the line's music.
    fn play_to_waiting(&mut self, talk: &[MediaLeg]) {
        let caller = self.caller.id;
        if talk.contains(&caller) {
            let talker = self.talking_leg();
            let agent = talker.and_then(|leg| self.leg_mut(leg));
            let is_held = agent.is_some_and(|agent| agent.held);
            return self.hold_music(is_held);
        }
        let is_prompted = self
            .desk()
            .hold
            .as_ref()
            .is_some_and(|it| it.prompt.is_some());
        let waits = matches!(self.phase, Phase::Hunting) && self.waits_with_music();
        let is_held = self.is_on_hold() && self.transfer_target().is_none();
        if (waits || is_held) && !is_prompted {
            self.hold_music(true);
        }
    }

    /// The pair that hears each other is bridged, whoever else hears them.
    fn bridge_pair(&mut self, sets: &Heard) {
        let listens = |a: &MediaLeg, b: &MediaLeg| sets.get(a).is_some_and(|it| it.contains(b));
        let mutual = |a: MediaLeg, b: MediaLeg| listens(&a, &b) && listens(&b, &a);
        let talker = self.talking_leg();
        let asked = self
            .desk
            .as_ref()
            .and_then(|desk| desk.consult.as_ref()?.leg);
        let pairs = [
            talker.map(|talker| (self.caller.id, talker)),
            talker.zip(asked),
        ];
        let pair = pairs.into_iter().flatten().find(|(a, b)| mutual(*a, *b));
        if pair == self.sound.bridged {
            return;
        }
        if let Some((a, b)) = pair {
            return self.bridge(a, b);
        }
        if let Some((a, b)) = self.sound.bridged.take() {
            for leg in [a, b] {
                if self.is_open(leg) {
                    self.unbridge(leg);
                }
            }
        }
    }

    fn mix_others(&mut self, sets: Heard) {
        let bridged = self.sound.bridged;
        let partner = |leg: MediaLeg| match bridged {
            Some((a, b)) if a == leg => Some(b),
            Some((a, b)) if b == leg => Some(a),
            Some(_) | None => None,
        };
        let sums: Heard = sets
            .into_iter()
            .filter(|(leg, hears)| !hears.is_empty() && *hears != Vec::from_iter(partner(*leg)))
            .collect();
        let before = std::mem::replace(&mut self.desk().mixed, sums.clone());
        for leg in before.keys().filter(|leg| !sums.contains_key(leg)) {
            if self.is_open(*leg) {
                self.order(MediaCommand::Mix {
                    leg: *leg,
                    hears: Vec::new(),
                });
            }
        }
        for (leg, hears) in sums {
            if before.get(&leg) != Some(&hears) {
                self.order(MediaCommand::Mix { leg, hears });
            }
        }
    }

    /// An agent hears it ring while somebody is being called who is to be asked.
    fn tone_to_agent(&mut self) {
        let consult = self.desk().consult.as_ref();
        let rings = consult.is_some_and(|consult| consult.leg.is_none());
        let is_apart = rings && self.is_on_hold();
        let wanted = self
            .talking_leg()
            .filter(|leg| is_apart && self.is_open(*leg));
        let before = std::mem::replace(&mut self.desk().toned, wanted);
        if before == wanted {
            return;
        }
        if let Some(leg) = before.filter(|leg| self.is_open(*leg)) {
            self.order(MediaCommand::StopPlay { leg });
        }
        if let Some(leg) = wanted {
            let line = self.line.as_ref();
            let cadence = line.map_or(Cadence::CHINA, |line| line.cadence);
            let (on_ms, off_ms) = (cadence.on_ms, cadence.off_ms);
            self.play(leg, Audio::Ringback { on_ms, off_ms });
        }
    }
}
