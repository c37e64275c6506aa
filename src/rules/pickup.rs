//! How an answer is graded: the pick-up profiles of the source documents (R001–R007).
//!
//! A ring is one period of the cadence as the caller hears it; ring `n` begins at `(n - 1) · T`.
//! All intervals are half open, `[from, to)`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One ring as the caller hears it: tone for `on`, then silence for `off`.
///
/// National cadences are listed in ITU-T E.180, Supplement 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    /// Length of the tone in milliseconds.
    pub on_ms: u32,
    /// Length of the silence after it in milliseconds.
    pub off_ms: u32,
}

impl Cadence {
    /// China: 450 Hz, 1 s on, 4 s off.
    pub const CHINA: Self = Self {
        on_ms: 1000,
        off_ms: 4000,
    };

    /// T, one ring: tone and silence together; never zero.
    pub fn period(self) -> Duration {
        Duration::from_millis((u64::from(self.on_ms) + u64::from(self.off_ms)).max(1))
    }

    /// Rings begun `ring_ms` after the first one: `floor(ring_ms / T) + 1` (R001).
    pub fn rings(self, ring_ms: u64) -> RingCount {
        let period = u64::from(self.on_ms) + u64::from(self.off_ms);
        RingCount(
            u32::try_from(ring_ms / period.max(1))
                .unwrap_or(u32::MAX)
                .saturating_add(1),
        )
    }
}

/// Rings that have begun; the first begins at once, so at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RingCount(pub u32);

/// What an answer, or its absence, was worth under a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Answered before the profile wants it.
    Early,
    /// Answered within the target.
    OnTarget,
    /// Neither early, on target nor late.
    Acceptable,
    /// Answered from `late_from` on.
    Late,
    /// Given up by the caller before `late_from`.
    AbandonedInTime,
    /// Given up by the caller from `late_from` on.
    AbandonedLate,
}

impl Grade {
    /// The name that rows, metrics and tables use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::OnTarget => "on_target",
            Self::Acceptable => "acceptable",
            Self::Late => "late",
            Self::AbandonedInTime => "abandoned_in_time",
            Self::AbandonedLate => "abandoned_late",
        }
    }
}

/// Bounds in milliseconds of `caller_ring_ms` (DESIGN §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickupProfile {
    /// What the row remembers it by: `within_3`, or a line's own name.
    pub name: String,
    /// An answer before this is early.
    pub early_below_ms: u64,
    /// Start of the target.
    pub target_from_ms: u64,
    /// End of the target, itself outside.
    pub target_to_ms: u64,
    /// An answer from here on is late.
    pub late_from_ms: u64,
    /// From here on the agent owes the caller an apology (R011).
    pub apology_from_ms: u64,
    /// Nobody and nothing answers before this (R010). What was kept before there was such a bound has
    /// none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub min_ring_ms: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_none(ms: &u64) -> bool {
    *ms == 0
}

impl PickupProfile {
    /// The names of the built-in profiles.
    pub const NAMES: [&'static str; 8] = [
        "within_3",
        "within_3_strict",
        "between_2_and_3",
        "after_2_before_3",
        "before_3",
        "at_2",
        "max_5",
        "immediate",
    ];

    /// The default: within three rings (R001).
    pub fn within_3(cadence: Cadence) -> Self {
        let three_rings = 3 * (u64::from(cadence.on_ms) + u64::from(cadence.off_ms));
        Self {
            name: "within_3".to_owned(),
            early_below_ms: 0,
            target_from_ms: 0,
            target_to_ms: three_rings,
            late_from_ms: three_rings,
            apology_from_ms: three_rings,
            min_ring_ms: 0,
        }
    }

    /// The built-in profile `name`, scaled to `cadence`; `None` for an unknown name.
    pub fn named(name: &str, cadence: Cadence) -> Option<Self> {
        let on = u64::from(cadence.on_ms);
        let t = on + u64::from(cadence.off_ms);
        let (early_below_ms, target_from_ms, target_to_ms, late_from_ms) = match name {
            "within_3" => return Some(Self::within_3(cadence)),
            "within_3_strict" => (0, 0, 2 * t + on, 2 * t + on),
            "between_2_and_3" => (t, t, 3 * t, 3 * t),
            "after_2_before_3" => (t + on, t + on, 2 * t, 2 * t),
            "before_3" => (0, 0, 2 * t, 2 * t),
            "at_2" => (0, t + on, 2 * t, 2 * t),
            "max_5" => (0, 0, 5 * t, 5 * t),
            "immediate" => (0, 0, t, 3 * t),
            _ => return None,
        };
        Some(Self {
            name: name.to_owned(),
            early_below_ms,
            target_from_ms,
            target_to_ms,
            late_from_ms,
            apology_from_ms: 3 * t,
            min_ring_ms: Self::least_ring_ms(early_below_ms, cadence),
        })
    }

    /// How long it rings before the answer, unless somebody says otherwise: where an answer can be
    /// early, until the tone of the first ring has sounded (R010).
    pub fn least_ring_ms(early_below_ms: u64, cadence: Cadence) -> u64 {
        early_below_ms.min(cadence.on_ms.into())
    }

    /// The grade of an answer `ring_ms` after the caller's first ring began.
    pub fn grade(&self, ring_ms: u64) -> Grade {
        if ring_ms < self.early_below_ms {
            Grade::Early
        } else if (self.target_from_ms..self.target_to_ms).contains(&ring_ms) {
            Grade::OnTarget
        } else if ring_ms >= self.late_from_ms {
            Grade::Late
        } else {
            Grade::Acceptable
        }
    }

    /// The grade of a caller who gave up `ring_ms` after the first ring began.
    pub fn grade_abandoned(&self, ring_ms: u64) -> Grade {
        if ring_ms < self.late_from_ms {
            Grade::AbandonedInTime
        } else {
            Grade::AbandonedLate
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades(name: &str, at: &[(u64, Grade)]) {
        let profile = PickupProfile::named(name, Cadence::CHINA).unwrap();
        for &(ring_ms, grade) in at {
            assert_eq!(profile.grade(ring_ms), grade, "{name} at {ring_ms} ms");
        }
    }

    /// R001: rings are counted from the first; the fourth begins at 15 s.
    #[test]
    fn fourth_ring_begins_at_fifteen_seconds() {
        let rings = |ms| Cadence::CHINA.rings(ms).0;
        assert_eq!((rings(0), rings(4_999), rings(5_000)), (1, 1, 2));
        assert_eq!((rings(14_999), rings(15_000)), (3, 4));
    }

    /// R001: within three rings, and its strict reading (the third tone has not ended).
    #[test]
    fn within_three_rings_is_on_target_until_the_fourth_begins() {
        grades(
            "within_3",
            &[
                (0, Grade::OnTarget),
                (14_999, Grade::OnTarget),
                (15_000, Grade::Late),
            ],
        );
        grades(
            "within_3_strict",
            &[(10_999, Grade::OnTarget), (11_000, Grade::Late)],
        );
    }

    /// R002: between the second and the third ring; the first is early.
    #[test]
    fn between_two_and_three_has_a_lower_bound() {
        grades(
            "between_2_and_3",
            &[
                (0, Grade::Early),
                (4_999, Grade::Early),
                (5_000, Grade::OnTarget),
                (14_999, Grade::OnTarget),
                (15_000, Grade::Late),
            ],
        );
    }

    /// R003: the second tone has ended, the third has not begun.
    #[test]
    fn after_the_second_before_the_third() {
        grades(
            "after_2_before_3",
            &[
                (5_999, Grade::Early),
                (6_000, Grade::OnTarget),
                (9_999, Grade::OnTarget),
                (10_000, Grade::Late),
            ],
        );
    }

    /// R004: before the third ring begins.
    #[test]
    fn before_the_third_ring() {
        grades(
            "before_3",
            &[
                (0, Grade::OnTarget),
                (9_999, Grade::OnTarget),
                (10_000, Grade::Late),
            ],
        );
    }

    /// R005: when the second ring has sounded; before that is neither early nor late.
    #[test]
    fn at_two_accepts_what_comes_before_the_target() {
        grades(
            "at_2",
            &[
                (0, Grade::Acceptable),
                (5_999, Grade::Acceptable),
                (6_000, Grade::OnTarget),
                (9_999, Grade::OnTarget),
                (10_000, Grade::Late),
            ],
        );
    }

    /// R006: never more than five rings.
    #[test]
    fn max_five_is_the_loosest_bound() {
        grades("max_5", &[(24_999, Grade::OnTarget), (25_000, Grade::Late)]);
    }

    /// R007: at once; until the fourth ring it is acceptable, then late.
    #[test]
    fn immediate_wants_the_first_ring() {
        grades(
            "immediate",
            &[
                (4_999, Grade::OnTarget),
                (5_000, Grade::Acceptable),
                (14_999, Grade::Acceptable),
                (15_000, Grade::Late),
            ],
        );
    }

    /// R010: only where an answer can be early is there a least time of ringing, one tone.
    #[test]
    fn profiles_with_a_lower_bound_let_it_ring_for_one_tone() {
        let with_bound = PickupProfile::NAMES.into_iter().filter(|name| {
            let profile = PickupProfile::named(name, Cadence::CHINA).unwrap();
            assert!([0, 1_000].contains(&profile.min_ring_ms), "{name}");
            profile.min_ring_ms > 0
        });
        assert!(with_bound.eq(["between_2_and_3", "after_2_before_3"]));
    }

    /// A profile that was kept before there was a least time of ringing has none.
    #[test]
    fn a_profile_of_an_old_log_is_read() {
        let profile = PickupProfile::named("between_2_and_3", Cadence::CHINA).unwrap();
        let mut kept = serde_json::to_value(&profile).unwrap();
        kept.as_object_mut().unwrap().remove("min_ring_ms").unwrap();
        let read: PickupProfile = serde_json::from_value(kept).unwrap();
        assert_eq!(
            (read.min_ring_ms, read.late_from_ms),
            (0, profile.late_from_ms)
        );
    }

    /// R001: a caller who gives up is graded by the same bound.
    #[test]
    fn abandoning_is_in_time_until_the_answer_would_be_late() {
        let profile = PickupProfile::named("within_3", Cadence::CHINA).unwrap();
        assert_eq!(profile.grade_abandoned(14_999), Grade::AbandonedInTime);
        assert_eq!(profile.grade_abandoned(15_000), Grade::AbandonedLate);
    }

    #[test]
    fn profiles_scale_with_the_cadence() {
        let fast = Cadence {
            on_ms: 200,
            off_ms: 800,
        };
        for name in PickupProfile::NAMES {
            let slow = PickupProfile::named(name, Cadence::CHINA).unwrap();
            let quick = PickupProfile::named(name, fast).unwrap();
            assert_eq!(slow.target_to_ms, quick.target_to_ms * 5, "{name}");
            assert_eq!(slow.apology_from_ms, quick.apology_from_ms * 5, "{name}");
        }
    }
}
