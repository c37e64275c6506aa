//! Byte ranges (RFC 9110 §14): one range of a recording at a time.

use std::ops::Range;

/// What of a thing is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// All of it.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that it does not have.
    Outside,
}

/// Reads a `Range` header for a thing of `size` bytes. What is no single range of bytes counts as
/// not said: a server may leave it unheard (§14.2).
pub(super) fn asked(header: Option<&str>, size: u64) -> Asked {
    let Some((first, last)) = header.and_then(bounds) else {
        return Asked::Whole;
    };
    let range = match (first, last) {
        (Some(first), Some(last)) if last < first => return Asked::Whole,
        (Some(first), last) => {
            let end = last.map_or(size, |last| last.saturating_add(1).min(size));
            first..end
        }
        (None, Some(suffix)) => size.saturating_sub(suffix)..size,
        (None, None) => return Asked::Whole,
    };
    if range.is_empty() {
        Asked::Outside
    } else {
        Asked::Part(range)
    }
}

/// The numbers around the dash of `bytes=…-…`.
fn bounds(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, set) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (is_number(first) && is_number(last)).then(|| (number(first), number(last)))
}

/// A number of digits, if there are any. Larger than any file is the largest.
fn number(digits: &str) -> Option<u64> {
    (!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_what_there_is() {
        let part = |header| asked(Some(header), 100);
        assert_eq!(part("bytes=0-9"), Asked::Part(0..10));
        assert_eq!(part("bytes=90-"), Asked::Part(90..100));
        assert_eq!(part("bytes=90-999"), Asked::Part(90..100));
        assert_eq!(part("Bytes=-10"), Asked::Part(90..100));
        assert_eq!(part("bytes=-1000"), Asked::Part(0..100));
        assert_eq!(part("bytes=0-99999999999999999999999"), Asked::Part(0..100));
    }

    #[test]
    fn what_lies_outside_is_said_so() {
        for header in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(asked(Some(header), 100), Asked::Outside, "{header}");
        }
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Outside);
    }

    #[test]
    fn what_is_no_single_range_is_not_heard() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=0-1,4-5",
            "pages=0-1",
            "bytes=+1-2",
        ] {
            assert_eq!(asked(Some(header), 100), Asked::Whole, "{header}");
        }
        assert_eq!(asked(None, 100), Asked::Whole);
    }
}
