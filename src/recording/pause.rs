//! Silence on purpose: where a recording was paused, nothing is missing.

use crate::call::conduct::{MarkKind, RecordingMark};
use crate::call::event::RecordingGap;

/// What is left of a gap beside a pause, up to the packets that were on their way: 200 ms.
const SHORT_MS: u64 = 200;

/// A paused stretch, in milliseconds of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) from_ms: u64,
    pub(super) to_ms: u64,
}

/// The paused stretches of a recording that is `length_ms` long.
pub(super) fn pauses(marks: &[RecordingMark], length_ms: u64) -> Vec<Pause> {
    let mut pauses = Vec::new();
    let mut since = None;
    let end = RecordingMark {
        at_ms: length_ms,
        what: MarkKind::Resumed,
    };
    for mark in marks.iter().chain([&end]) {
        match mark.what {
            MarkKind::Paused => {
                since.get_or_insert(mark.at_ms);
            }
            MarkKind::Resumed => {
                pauses.extend(since.take().map(|from_ms| Pause {
                    from_ms,
                    to_ms: mark.at_ms,
                }));
            }
        }
    }
    pauses
}

/// The gaps that a pause does not explain. What a pause cuts off of one, if it is short, was on its
/// way when the pause began or ended.
pub(super) fn unexplained(gaps: Vec<RecordingGap>, pauses: &[Pause]) -> Vec<RecordingGap> {
    let mut left = gaps;
    for pause in pauses {
        let rest = left.into_iter().flat_map(|gap| without(gap, *pause));
        left = rest.flatten().collect();
    }
    left
}

fn without(gap: RecordingGap, pause: Pause) -> [Option<RecordingGap>; 2] {
    let end = gap.from_ms + gap.length_ms;
    if end <= pause.from_ms || pause.to_ms <= gap.from_ms {
        return [Some(gap), None];
    }
    let part = |from_ms: u64, to_ms: u64| {
        let length_ms = to_ms.saturating_sub(from_ms);
        (length_ms > SHORT_MS).then_some(RecordingGap {
            from_ms,
            length_ms,
            concealed_ms: gap.concealed_ms.min(length_ms),
            ..gap
        })
    };
    [part(gap.from_ms, pause.from_ms), part(pause.to_ms, end)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::event::GapCause;

    fn gap(from_ms: u64, length_ms: u64) -> RecordingGap {
        RecordingGap {
            channel: 1,
            from_ms,
            length_ms,
            concealed_ms: 0,
            cause: GapCause::Lost,
        }
    }

    fn mark(at_ms: u64, what: MarkKind) -> RecordingMark {
        RecordingMark { at_ms, what }
    }

    #[test]
    fn pauses_go_from_mark_to_mark_and_to_the_end() {
        let marks = [
            mark(1_000, MarkKind::Paused),
            mark(1_500, MarkKind::Paused),
            mark(2_000, MarkKind::Resumed),
            mark(9_000, MarkKind::Paused),
        ];
        let stretches: Vec<_> = pauses(&marks, 10_000)
            .iter()
            .map(|pause| (pause.from_ms, pause.to_ms))
            .collect();
        assert_eq!(stretches, [(1_000, 2_000), (9_000, 10_000)]);
    }

    #[test]
    fn a_pause_is_no_gap_and_hides_none() {
        let pauses = [Pause {
            from_ms: 1_000,
            to_ms: 5_000,
        }];
        let gaps = vec![
            gap(100, 60),
            gap(1_015, 4_005),
            gap(6_000, 60),
            gap(4_000, 3_000),
        ];
        let left = unexplained(gaps, &pauses);
        assert_eq!(left, [gap(100, 60), gap(6_000, 60), gap(5_000, 2_000)]);
    }
}
