//! What a call's row tells of the desk's doings.

use serde::{Deserialize, Serialize};

use super::write_up::Overrun;
use crate::call::doing::{ConsultEnd, Doing, HangUpReason, QualityOffer, SuperviseMode};
use crate::call::event::{TransferResult, TransferTarget};
use crate::id::{AgentId, PartyId};
use crate::rules::{Level, Timestamp};

/// What people at the desk have done with a call; nothing, for most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Desk {
    /// Holds by order (R058); those of a phone's own are counted in the row's holds only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// Times in which nobody heard the agent (R059).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mutes: Vec<Mute>,
    /// Who was asked meanwhile (R115).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consults: Vec<Consult>,
    /// Who was beside the call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supervisions: Vec<Supervision>,
    /// How often it was parked.
    #[serde(skip_serializing_if = "is_none")]
    pub parks: u32,
    /// Who wanted it although it rang at a colleague's phone, or was parked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub picked_up_by: Vec<AgentId>,
    /// Phones that were picked up before the caller had heard it ring for long enough (R010).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub early_pickups: Vec<EarlyPickup>,
    /// How often an agent asked for help (R066).
    #[serde(skip_serializing_if = "is_none")]
    pub hands_raised: u32,
    /// Somebody above was asked (R067).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub escalated: bool,
    /// Who, and who was passed over (R116).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<Escalated>,
    /// Emergency contacts that the caller was put through to (R281).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emergencies: Vec<Emergency>,
    /// What was done about quality management for a caller who complained (R108).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<QualityOffer>,
    /// The caller was passed on more often than the line has it (R119).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub passed_on_often: bool,
    /// Why it was ended before the customer ended it (R047).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hang_up_reason: Option<HangUpReason>,
    /// It was private (R050, R051).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<Private>,
    /// The record whose number was called by a click (R042).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialled_from: Option<String>,
    /// The caller, who said nothing, was warned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silence_warned: bool,
    /// Stages that took longer than the line allows (R023).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overruns: Vec<Overrun>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_none(count: &u32) -> bool {
    *count == 0
}

/// A phone that was picked up before the caller had heard it ring for long enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlyPickup {
    /// Which attempt.
    pub attempt: u32,
    /// Whose; nobody's of ours at an outside number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AgentId>,
    /// When.
    pub at: Timestamp,
}

/// One hold by order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Who.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The offset at which it began.
    pub since_us: u64,
    /// How long; `None` while it lasts.
    pub ms: Option<u64>,
    /// So long that somebody was told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_long: bool,
}

/// One time in which nobody heard the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Who.
    pub by: String,
    /// The offset at which it began.
    pub since_us: u64,
    /// How long; `None` while it lasts.
    pub ms: Option<u64>,
}

/// Somebody who was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consult {
    /// Number within the call, from 1.
    pub n: u32,
    /// Who asked.
    pub by: AgentId,
    /// Whom.
    pub target: TransferTarget,
    /// When.
    pub at: Timestamp,
    /// Whether they answered.
    pub answered: bool,
    /// All three have talked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub three: bool,
    /// How it ended.
    pub end: Option<ConsultEnd>,
    /// Why nobody could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<TransferResult>,
}

/// Somebody who was beside the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    /// Who.
    pub supervisor: AgentId,
    /// Who asked for it.
    pub by: String,
    /// What the supervisor did, in order.
    pub modes: Vec<SuperviseMode>,
    /// When the supervisor came; `None` if they never did.
    pub joined_at: Option<Timestamp>,
    /// When the supervisor left.
    pub left_at: Option<Timestamp>,
    /// The supervisor took the call over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub took_over: bool,
}

/// One call for help up the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalated {
    /// Who.
    pub by: AgentId,
    /// Whose phone was rung.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<AgentId>,
    /// Where in the chain that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// It could not wait.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// Who was passed over, and told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<AgentId>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// An emergency contact that the caller was put through to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// By whom.
    pub by: AgentId,
    /// Its name.
    pub contact: String,
    /// When.
    pub at: Timestamp,
}

/// A private call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private {
    /// Who said so.
    pub by: AgentId,
    /// Why.
    pub reason: String,
    /// It has passed its bound.
    pub is_over: bool,
}

impl Desk {
    /// Nobody has done anything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The outside numbers that were asked.
    pub(super) fn parties(&self) -> impl Iterator<Item = PartyId> {
        self.consults
            .iter()
            .filter_map(|consult| match consult.target {
                TransferTarget::Number(party) => Some(party),
                TransferTarget::Agent(_) | TransferTarget::Line(_) => None,
            })
    }

    /// Moves on by one doing.
    pub(super) fn apply(&mut self, doing: &Doing, at: Timestamp, offset_us: u64) {
        match doing {
            Doing::PutOnHold { by, reason } => self.holds.push(Hold {
                by: by.clone(),
                reason: reason.clone(),
                at,
                since_us: offset_us,
                ms: None,
                was_long: false,
            }),
            Doing::Retrieved { .. } => self.end_hold(offset_us),
            Doing::HoldIsLong { .. } => {
                if let Some(hold) = self.holds.last_mut() {
                    hold.was_long = true;
                }
            }
            Doing::Muted { by } => self.mutes.push(Mute {
                by: by.clone(),
                since_us: offset_us,
                ms: None,
            }),
            Doing::Unmuted { .. } => self.end_mute(offset_us),
            Doing::ConsultBegan {
                consult,
                by,
                target,
            } => self.consults.push(Consult {
                n: *consult,
                by: by.clone(),
                target: target.clone(),
                at,
                answered: false,
                three: false,
                end: None,
                result: None,
            }),
            Doing::ConsultAnswered { consult } => {
                self.consult(*consult, |consult| consult.answered = true);
            }
            Doing::ThreeJoined { consult, .. } => {
                self.consult(*consult, |consult| consult.three = true);
            }
            Doing::ConsultEnded {
                consult,
                end,
                result,
            } => self.consult(*consult, |consult| {
                (consult.end, consult.result) = (Some(*end), *result);
            }),
            Doing::SupervisorCalled {
                by,
                supervisor,
                mode,
            } => self.supervisions.push(Supervision {
                supervisor: supervisor.clone(),
                by: by.clone(),
                modes: vec![*mode],
                joined_at: None,
                left_at: None,
                took_over: false,
            }),
            Doing::SupervisorJoined { .. } => self.supervision(|it| it.joined_at = Some(at)),
            Doing::SupervisorTurned { mode, .. } => self.supervision(|it| it.modes.push(*mode)),
            Doing::SupervisorLeft { .. } => self.supervision(|it| it.left_at = Some(at)),
            Doing::TookOver { .. } => self.supervision(|it| it.took_over = true),
            Doing::Parked { .. } => self.parks = self.parks.saturating_add(1),
            Doing::PickUpAsked { by } => self.picked_up_by.push(by.clone()),
            Doing::PickedUpEarly { attempt, by } => self.early_pickups.push(EarlyPickup {
                attempt: *attempt,
                by: by.clone(),
                at,
            }),
            Doing::HandRaised { raised, .. } => {
                self.hands_raised = self.hands_raised.saturating_add(u32::from(*raised));
            }
            Doing::Escalated { .. }
            | Doing::EmergencyCalled { .. }
            | Doing::QualityOffered { .. }
            | Doing::PassedOnOften { .. } => self.went_to(doing, at),
            Doing::HangUpReason { reason, .. } => self.hang_up_reason = Some(*reason),
            Doing::MarkedPrivate { by, reason } => {
                self.private = Some(Private {
                    by: by.clone(),
                    reason: reason.clone(),
                    is_over: false,
                });
            }
            Doing::PrivateIsLong { is_over } => {
                if let Some(private) = &mut self.private {
                    private.is_over |= is_over;
                }
            }
            Doing::DialledFrom { record } => self.dialled_from = Some(record.clone()),
            Doing::SilenceWarned => self.silence_warned = true,
            Doing::StageIsLong { stage, limit_ms } => self.overruns.push(Overrun {
                stage: *stage,
                limit_ms: *limit_ms,
                at,
            }),
            Doing::KeysPressed { .. } | Doing::ThreeParted { .. } | Doing::ParkEnded { .. } => {}
        }
    }

    /// Somebody else was to have the caller: up the chain, in an emergency, or by complaint.
    fn went_to(&mut self, doing: &Doing, at: Timestamp) {
        if let Doing::Escalated {
            by,
            to,
            level,
            urgent,
            skipped,
            reason,
        } = doing
        {
            self.escalated = true;
            self.escalations.push(Escalated {
                by: by.clone(),
                to: to.clone(),
                level: *level,
                urgent: *urgent,
                skipped: skipped.clone(),
                reason: reason.clone(),
                at,
            });
        } else if let Doing::EmergencyCalled { by, contact } = doing {
            self.emergencies.push(Emergency {
                by: by.clone(),
                contact: contact.clone(),
                at,
            });
        } else if let Doing::QualityOffered { done, .. } = doing {
            self.quality = Some(*done);
        } else {
            self.passed_on_often |= matches!(doing, Doing::PassedOnOften { .. });
        }
    }

    /// The call is over, and whatever was going on.
    pub(super) fn end(&mut self, offset_us: u64) {
        self.end_hold(offset_us);
        self.end_mute(offset_us);
    }

    fn end_hold(&mut self, offset_us: u64) {
        if let Some(hold) = self.holds.last_mut().filter(|hold| hold.ms.is_none()) {
            hold.ms = Some(offset_us.saturating_sub(hold.since_us) / 1000);
        }
    }

    fn end_mute(&mut self, offset_us: u64) {
        if let Some(mute) = self.mutes.last_mut().filter(|mute| mute.ms.is_none()) {
            mute.ms = Some(offset_us.saturating_sub(mute.since_us) / 1000);
        }
    }

    fn consult(&mut self, n: u32, change: impl FnOnce(&mut Consult)) {
        let mut consults = self.consults.iter_mut().rev();
        if let Some(consult) = consults.find(|consult| consult.n == n) {
            change(consult);
        }
    }

    fn supervision(&mut self, change: impl FnOnce(&mut Supervision)) {
        if let Some(supervision) = self.supervisions.last_mut() {
            change(supervision);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn desk(doings: impl IntoIterator<Item = (u64, Doing)>) -> Desk {
        let mut desk = Desk::default();
        for (seconds, doing) in doings {
            desk.apply(&doing, Timestamp(7), seconds * SECOND);
        }
        desk.end(100 * SECOND);
        desk
    }

    fn by() -> String {
        "1001".to_owned()
    }

    /// R058, R059: what still goes on at the end of the call ends with it.
    #[test]
    fn holds_and_mutes_end_with_the_call() {
        let hold = || Doing::PutOnHold {
            by: by(),
            reason: None,
        };
        let desk = desk([
            (1, hold()),
            (4, Doing::Retrieved { by: by() }),
            (5, Doing::Retrieved { by: by() }),
            (90, hold()),
            (98, Doing::Muted { by: by() }),
        ]);
        let lengths: Vec<_> = desk.holds.iter().filter_map(|hold| hold.ms).collect();
        assert_eq!(lengths, [3_000, 10_000]);
        let muted: Vec<_> = desk.mutes.iter().filter_map(|mute| mute.ms).collect();
        assert_eq!(muted, [2_000]);
    }

    /// A supervision that changes is one; each that begins anew is another.
    #[test]
    fn supervisions_keep_what_was_done() {
        let supervisor = || AgentId::from("1009");
        let called = |mode| Doing::SupervisorCalled {
            by: "li".to_owned(),
            supervisor: supervisor(),
            mode,
        };
        let mode = SuperviseMode::Listen;
        let turned = Doing::SupervisorTurned {
            supervisor: supervisor(),
            mode: SuperviseMode::Barge,
        };
        let desk = desk([
            (1, called(mode)),
            (
                2,
                Doing::SupervisorLeft {
                    supervisor: supervisor(),
                },
            ),
            (3, called(mode)),
            (
                4,
                Doing::SupervisorJoined {
                    supervisor: supervisor(),
                    mode,
                },
            ),
            (5, turned),
        ]);
        let [first, second] = desk.supervisions.as_slice() else {
            panic!("two supervisions");
        };
        assert_eq!((first.joined_at, first.left_at), (None, Some(Timestamp(7))));
        assert_eq!(second.modes, [SuperviseMode::Listen, SuperviseMode::Barge]);
    }

    /// What old rows do not have is nothing; what is nothing takes no room.
    #[test]
    fn nothing_is_written_of_nothing() {
        let nothing = Desk::default();
        assert!(nothing.is_empty());
        assert_eq!(serde_json::to_string(&nothing).unwrap(), "{}");
        let read: Desk = serde_json::from_str("{}").unwrap();
        assert_eq!(read, nothing);
    }
}
