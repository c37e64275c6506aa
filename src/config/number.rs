//! Dialled numbers as a line claims them.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer};

/// A number, or with a final `*` every number that begins with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NumberPattern {
    digits: String,
    is_prefix: bool,
}

impl NumberPattern {
    /// Reads `4001234567`, `+864001234567`, `400*` or `*`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, is_prefix) = match text.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (text, false),
        };
        let bare = digits.strip_prefix('+').unwrap_or(digits);
        let is_number = bare.chars().all(|c| c.is_ascii_digit());
        let has_some = !bare.is_empty() || (is_prefix && digits.is_empty());
        (is_number && has_some).then(|| Self {
            digits: digits.to_owned(),
            is_prefix,
        })
    }

    /// The digits before a final `*`.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Whether it stands for every number that begins with its digits.
    pub fn is_prefix(&self) -> bool {
        self.is_prefix
    }
}

impl fmt::Display for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.is_prefix { "*" } else { "" };
        write!(f, "{}{star}", self.digits)
    }
}

impl<'de> Deserialize<'de> for NumberPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` is not a number such as `4001234567`, nor a prefix such as `400*`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_makes_a_prefix() {
        let read = |text| NumberPattern::parse(text).map(|one| (one.digits, one.is_prefix));
        assert_eq!(read("4001234567"), Some(("4001234567".to_owned(), false)));
        assert_eq!(read("+86400*"), Some(("+86400".to_owned(), true)));
        assert_eq!(read("*"), Some((String::new(), true)));
        for text in ["", "+", "+*", "12a", "1*2", "1 2"] {
            assert_eq!(NumberPattern::parse(text), None, "{text}");
        }
    }
}
