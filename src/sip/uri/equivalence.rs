//! When two URIs name the same resource (RFC 3261 §19.1.4).

use super::{Uri, cut};
use crate::sip::Params;
use crate::sip::escape::unescaped;

impl Uri {
    /// Whether both name the same resource (RFC 3261 §19.1.4).
    pub fn equivalent(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && self.user_unescaped() == other.user_unescaped()
            && self.password == other.password
            && self.host.is_same(&other.host)
            && self.port == other.port
            && params_agree(&self.params, &other.params)
            && params_agree(&other.params, &self.params)
            && same_headers(self.headers.as_deref(), other.headers.as_deref())
    }
}

/// Whether each parameter of `ours` is matched in `theirs`; one that stands on one side only
/// is ignored, but for the five that never are.
fn params_agree(ours: &Params, theirs: &Params) -> bool {
    const DECISIVE: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];
    ours.iter().all(|(name, value)| {
        if !theirs.has(name) {
            return !DECISIVE
                .iter()
                .any(|decisive| decisive.eq_ignore_ascii_case(name));
        }
        match (value, theirs.get(name)) {
            (Some(a), Some(b)) => unescaped(a).eq_ignore_ascii_case(&unescaped(b)),
            (a, b) => a == b,
        }
    })
}

/// Header components compare in any order, names without case.
fn same_headers(ours: Option<&str>, theirs: Option<&str>) -> bool {
    let sorted = |headers: Option<&str>| {
        let mut parts: Vec<_> = headers
            .unwrap_or_default()
            .split('&')
            .map(|part| {
                let (name, value) = cut(part, '=');
                (name.to_ascii_lowercase(), value.map(unescaped))
            })
            .collect();
        parts.sort();
        parts
    };
    sorted(ours) == sorted(theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn equivalence_follows_section_19_1_4() {
        let same = [
            (
                "sip:%61lice@atlanta.com;transport=TCP",
                "sip:alice@AtlanTa.CoM;Transport=tcp",
            ),
            ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
            (
                "sip:carol@chicago.com;security=on",
                "sip:carol@chicago.com;newparam=5",
            ),
            (
                "sip:a@b?subject=x&priority=urgent",
                "sip:a@b?priority=urgent&subject=x",
            ),
        ];
        let different = [
            ("sip:ALICE@AtlanTa.CoM", "sip:alice@AtlanTa.CoM"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
            (
                "sip:carol@chicago.com;security=on",
                "sip:carol@chicago.com;security=off",
            ),
            ("sip:a@b", "sips:a@b"),
        ];
        for (a, b) in same {
            assert!(uri(a).equivalent(&uri(b)), "{a} {b}");
        }
        for (a, b) in different {
            assert!(!uri(a).equivalent(&uri(b)), "{a} {b}");
        }
    }
}
