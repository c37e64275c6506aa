//! Callers who abuse a line: the line's list of numbers, and what happens to their calls. The call
//! has its row like any other (R009).

use super::NumberPattern;
use crate::call::event::{NuisancePolicy, Outcome};
use crate::call::{Identity, Refusal};
use crate::rules::national;
use crate::sip::StatusCode;

/// A line's nuisance callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nuisance {
    /// Who they are.
    pub numbers: Vec<NumberPattern>,
    /// What happens to their calls.
    pub policy: NuisancePolicy,
}

impl Nuisance {
    /// What happens to this caller's call, if the caller is on the list. A caller who withholds the
    /// number is found by the one that the network vouches for.
    pub(super) fn policy_for(
        &self,
        caller: &Identity,
        area_code: Option<&str>,
    ) -> Option<NuisancePolicy> {
        let number = national(caller.number.as_deref()?, area_code);
        let mut patterns = self.numbers.iter();
        let is_listed = patterns.any(|pattern| match pattern {
            NumberPattern::Exact(listed) => national(listed, area_code) == number,
            NumberPattern::Prefix(listed) => number.starts_with(&national(listed, area_code)),
        });
        is_listed.then_some(self.policy)
    }
}

/// How a nuisance call is refused; `None` if it is not.
pub(super) fn refusal(policy: NuisancePolicy) -> Option<Refusal> {
    let (status, reason) = match policy {
        NuisancePolicy::Reject => (StatusCode::DECLINE, "nuisance caller: rejected"),
        NuisancePolicy::Busy => (StatusCode::BUSY_HERE, "nuisance caller: told busy"),
        NuisancePolicy::Announce | NuisancePolicy::Last => return None,
    };
    Some(Refusal {
        status,
        outcome: Outcome::Refused,
        headers: Vec::new(),
        reason: Some(reason.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_caller_is_found_in_any_spelling() {
        let nuisance = Nuisance {
            numbers: vec![
                NumberPattern::Exact("13800138000".to_owned()),
                NumberPattern::Exact("+862161234567".to_owned()),
                NumberPattern::Prefix("170".to_owned()),
                NumberPattern::Prefix("+861671".to_owned()),
            ],
            policy: NuisancePolicy::Busy,
        };
        let listed = |number: &str, withheld| {
            let caller = Identity {
                number: Some(number.to_owned()),
                name: None,
                withheld,
            };
            nuisance.policy_for(&caller, Some("21")).is_some()
        };
        for number in [
            "13800138000",
            "013800138000",
            "+86 138 0013 8000",
            "61234567",
            "02161234567",
            "17012345678",
            "+8617012345678",
            "16712345678",
        ] {
            assert!(listed(number, false) && listed(number, true), "{number}");
        }
        for number in [
            "13800138001",
            "1380013800",
            "62234567",
            "01061234567",
            "7012345678",
        ] {
            assert!(!listed(number, false), "{number}");
        }
        let nobody = Identity::default();
        assert_eq!(nuisance.policy_for(&nobody, None), None);
    }
}
