//! What has to be reported upwards at once, whoever notices it (R120).

use serde::{Deserialize, Serialize};

use super::Role;

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// A grave error, an accident, or a breach of the discipline of the lines (重大差错、事故).
    GraveError,
    /// A political matter, or a secret that got out (政治问题和失泄密).
    Leak,
    /// Somebody's safety, or that of the equipment (危及设备人身安全).
    Safety,
    /// Something that is not for whoever noticed it to decide (超出本职范围).
    BeyondRemit,
}

impl IncidentKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::GraveError,
        Self::Leak,
        Self::Safety,
        Self::BeyondRemit,
    ];

    /// The word that rows and the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GraveError => "grave_error",
            Self::Leak => "leak",
            Self::Safety => "safety",
            Self::BeyondRemit => "beyond_remit",
        }
    }

    /// The kind with this word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Who hears of it where nobody else is named.
    pub const fn recipient(self) -> Role {
        match self {
            Self::BeyondRemit => Role::ShiftLeader,
            Self::GraveError => Role::Supervisor,
            Self::Leak | Self::Safety => Role::Manager,
        }
    }
}

impl Role {
    /// Those to whom something is escalated, from the lowest to the highest.
    pub const LEADERS: [Self; 3] = [Self::ShiftLeader, Self::Supervisor, Self::Manager];

    /// How high among [`LEADERS`](Self::LEADERS); `None` for others.
    pub fn rank(self) -> Option<usize> {
        Self::LEADERS.into_iter().position(|role| role == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R120: every kind goes to somebody who leads, and to nobody lower than the shift's leader.
    #[test]
    fn every_kind_has_a_word_and_somebody_who_hears_of_it() {
        for kind in IncidentKind::ALL {
            assert_eq!(IncidentKind::read(kind.as_str()), Some(kind));
            assert!(kind.recipient().rank().is_some(), "{kind:?}");
        }
        assert!(Role::Manager.rank() > Role::Supervisor.rank());
        assert_eq!(Role::Agent.rank(), None);
    }
}
