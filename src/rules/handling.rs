//! How a caller's matter is dealt with, as the caller was told (R117): answered on the spot, accepted
//! with a time, not ours, or not dealt with any more.

use serde::{Deserialize, Serialize};

use super::Timestamp;

const LONGEST_UNIT: usize = 100;
const LONGEST_REASON: usize = 1_000;

/// How a matter is dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Handling {
    /// Answered on the spot (当场答复).
    Answered,
    /// Accepted (受理); the caller was told by when it is dealt with.
    Accepted {
        /// By then.
        due_at: Timestamp,
    },
    /// Not ours (不予受理); the caller was told whose it is.
    NotAccepted {
        /// The unit that answers for it.
        unit: String,
        /// By when the caller gets it in writing, if that was asked for (书面答复).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        written_by: Option<Timestamp>,
    },
    /// Not dealt with any more (不再受理); the caller was told why.
    NoLongerAccepted {
        /// Why not.
        reason: String,
    },
}

impl Handling {
    /// The words of all of them.
    pub const WORDS: [&str; 4] = ["answered", "accepted", "not_accepted", "no_longer_accepted"];

    /// The word that rows and filters use.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Accepted { .. } => "accepted",
            Self::NotAccepted { .. } => "not_accepted",
            Self::NoLongerAccepted { .. } => "no_longer_accepted",
        }
    }

    /// By when something is still to be done.
    pub const fn due_at(&self) -> Option<Timestamp> {
        match self {
            Self::Accepted { due_at } => Some(*due_at),
            Self::NotAccepted { written_by, .. } => *written_by,
            Self::Answered | Self::NoLongerAccepted { .. } => None,
        }
    }

    /// What it lacks, said at this moment.
    ///
    /// # Errors
    /// What it needs.
    pub fn check(&self, now: Timestamp) -> Result<(), &'static str> {
        let is_text = |text: &str, most| {
            let length = text.trim().chars().count();
            (1..=most).contains(&length) && !text.contains('\0')
        };
        if self.due_at().is_some_and(|due| due <= now) {
            return Err("a time that is still to come");
        }
        match self {
            Self::NotAccepted { unit, .. } if !is_text(unit, LONGEST_UNIT) => {
                Err("the unit that answers for it, in at most 100 characters")
            }
            Self::NoLongerAccepted { reason } if !is_text(reason, LONGEST_REASON) => {
                Err("why not, in at most 1,000 characters")
            }
            Self::Answered
            | Self::Accepted { .. }
            | Self::NotAccepted { .. }
            | Self::NoLongerAccepted { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);
    const LATER: Timestamp = Timestamp(2_000);

    /// R117: what is accepted has its time, what is not ours has its unit, and what is dropped its reason.
    #[test]
    fn each_needs_what_the_caller_was_told() {
        let not_ours = |unit: &str, written_by| Handling::NotAccepted {
            unit: unit.to_owned(),
            written_by,
        };
        let dropped = |reason: &str| Handling::NoLongerAccepted {
            reason: reason.to_owned(),
        };
        for fits in [
            Handling::Answered,
            Handling::Accepted { due_at: LATER },
            not_ours("供电局", None),
            not_ours("供电局", Some(LATER)),
            dropped("三次答复,意见相同"),
        ] {
            assert_eq!(fits.check(NOW), Ok(()), "{fits:?}");
            assert!(Handling::WORDS.contains(&fits.as_str()));
            let written = serde_json::to_value(&fits).unwrap();
            assert_eq!(written["as"], fits.as_str());
            assert_eq!(serde_json::from_value::<Handling>(written).unwrap(), fits);
        }
        for unfit in [
            Handling::Accepted { due_at: NOW },
            not_ours(" ", None),
            not_ours("供电局", Some(NOW)),
            not_ours(&"x".repeat(101), None),
            dropped(""),
            dropped("a\0b"),
        ] {
            assert!(unfit.check(NOW).is_err(), "{unfit:?}");
        }
    }
}
