//! Trees of codes: why a caller rang (R029), and what came of it (R085).

mod built_in;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Hexadecimal digits of a tree's version.
const VERSION_DIGITS: usize = 12;

/// One code of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// What rows and filters use.
    pub code: String,
    /// The code that it is a kind of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What people read.
    pub name: String,
    /// What people read in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// It is kept for the calls that have it, and nobody chooses it any more.
    #[serde(default, skip_serializing_if = "is_chosen")]
    pub retired: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_chosen(retired: &bool) -> bool {
    !*retired
}

/// Codes, each after the one that it is a kind of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CodeTree {
    codes: Vec<Code>,
}

/// Why a list of codes is no tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// A code without a code.
    #[error("the code is empty")]
    Empty,
    /// Two have one code.
    #[error("code `{0}` stands there twice")]
    Twice(String),
    /// It is a kind of something that does not stand before it.
    #[error("`{code}` is a kind of `{parent}`, which does not stand before it")]
    Parent {
        /// Whose parent is wrong.
        code: String,
        /// What it names.
        parent: String,
    },
}

impl CodeTree {
    /// A tree of these codes.
    ///
    /// # Errors
    ///
    /// The place of the first code that does not fit, and why.
    pub fn new(codes: Vec<Code>) -> Result<Self, (usize, CodeFault)> {
        let mut tree = Self {
            codes: Vec::with_capacity(codes.len()),
        };
        for (place, code) in codes.into_iter().enumerate() {
            tree.fits(&code).map_err(|fault| (place, fault))?;
            tree.codes.push(code);
        }
        Ok(tree)
    }

    fn fits(&self, code: &Code) -> Result<(), CodeFault> {
        if code.code.trim().is_empty() {
            return Err(CodeFault::Empty);
        }
        if self.has(&code.code) {
            return Err(CodeFault::Twice(code.code.clone()));
        }
        match &code.parent {
            Some(parent) if !self.has(parent) => Err(CodeFault::Parent {
                code: code.code.clone(),
                parent: parent.clone(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// All codes, each after the one that it is a kind of.
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// Whether there is such a code.
    pub fn has(&self, code: &str) -> bool {
        self.get(code).is_some()
    }

    /// Whether the code can be chosen: neither it nor what it is a kind of is retired.
    pub fn offers(&self, code: &str) -> bool {
        let path = self.path(code);
        !path.is_empty() && !path.iter().any(|known| known.retired)
    }

    /// A code with its names.
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.codes.iter().find(|known| known.code == code)
    }

    /// The code and what it is a kind of, from the root down; empty for a code that is not there.
    pub fn path(&self, code: &str) -> Vec<&Code> {
        let mut path = Vec::new();
        let mut next = self.get(code);
        while let Some(code) = next {
            path.push(code);
            // A parent stands before its children, so this ends.
            next = code.parent.as_deref().and_then(|parent| self.get(parent));
        }
        path.reverse();
        path
    }

    /// Whether `code` is `kind`, or a kind of it.
    pub fn is_a(&self, code: &str, kind: &str) -> bool {
        self.path(code).iter().any(|known| known.code == kind)
    }

    /// Names what the tree says: another for each that differs in anything.
    pub fn version(&self) -> String {
        let mut hasher = Sha256::new();
        for code in &self.codes {
            let parts = [
                Some(code.code.as_str()),
                code.parent.as_deref(),
                Some(code.name.as_str()),
                code.name_en.as_deref(),
            ];
            for part in parts {
                hasher.update(part.unwrap_or_default());
                // No text has this byte.
                hasher.update([0xff]);
            }
            // Trees from before codes could be retired keep their versions.
            if code.retired {
                hasher.update([0xfe]);
            }
        }
        let mut version = hex::encode(hasher.finalize());
        version.truncate(VERSION_DIGITS);
        version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(code: &str, parent: Option<&str>) -> Code {
        Code {
            code: code.to_owned(),
            parent: parent.map(str::to_owned),
            name: code.to_uppercase(),
            name_en: None,
            retired: false,
        }
    }

    /// R029
    #[test]
    fn a_kind_of_complaint_is_a_complaint() {
        let tree = CodeTree::purposes();
        assert!(tree.is_a("complaint.quality", "complaint"));
        assert!(tree.is_a("complaint", "complaint"));
        assert!(!tree.is_a("complaint", "complaint.quality"));
        assert!(!tree.is_a("no such code", "complaint"));
        let path: Vec<_> = tree.path("repair.leak").into_iter().collect();
        let names: Vec<_> = path.iter().map(|code| code.name.as_str()).collect();
        assert_eq!(names, ["报修", "渗漏水"]);
    }

    /// R106: whatever callers ring for has a category.
    #[test]
    fn every_kind_of_matter_has_a_category() {
        let tree = CodeTree::purposes();
        for code in [
            "consultation",
            "complaint",
            "repair",
            "help",
            "suggestion",
            "report",
            "order",
            "appointment",
            "person",
            "notice",
            "private",
            "wrong_number",
        ] {
            assert!(tree.has(code), "{code}");
        }
    }

    /// R029, R085
    #[test]
    fn what_is_built_in_has_a_name_in_both_languages() {
        for tree in [CodeTree::purposes(), CodeTree::outcomes()] {
            // The same list makes a tree again: nothing stands there twice or before its parent.
            assert_eq!(CodeTree::new(tree.codes().to_vec()).unwrap(), tree);
            for code in tree.codes() {
                assert!(!code.name.is_ascii(), "{code:?}");
                let english = code.name_en.as_deref().unwrap_or_default();
                assert!(!english.is_empty() && english.is_ascii(), "{code:?}");
            }
        }
        let outcomes = CodeTree::outcomes();
        for code in [
            "resolved",
            "transferred",
            "callback",
            "complaint_opened",
            "refused",
            "no_answer_possible",
        ] {
            assert!(outcomes.has(code), "{code}");
        }
    }

    #[test]
    fn a_list_that_is_no_tree_is_told_where_it_fails() {
        let fault = |codes| CodeTree::new(codes).unwrap_err();
        assert_eq!(fault(vec![code(" ", None)]), (0, CodeFault::Empty));
        assert_eq!(
            fault(vec![code("a", None), code("a", None)]),
            (1, CodeFault::Twice("a".to_owned()))
        );
        let own = fault(vec![code("a", Some("a"))]);
        let later = fault(vec![code("a", Some("b")), code("b", Some("a"))]);
        assert!(matches!(own, (0, CodeFault::Parent { .. })));
        assert!(matches!(later, (0, CodeFault::Parent { .. })));
    }

    #[test]
    fn each_change_of_a_tree_is_another_version() {
        let tree = |codes| CodeTree::new(codes).unwrap().version();
        let first = tree(vec![code("a", None), code("b", None)]);
        assert_eq!(first, tree(vec![code("a", None), code("b", None)]));
        assert_eq!(first.len(), VERSION_DIGITS);
        assert_ne!(first, tree(vec![code("a", None), code("b", Some("a"))]));
        assert_ne!(first, tree(vec![code("b", None), code("a", None)]));
        let mut named = code("b", None);
        named.name_en = Some("b".to_owned());
        assert_ne!(first, tree(vec![code("a", None), named]));
        let mut retired = code("b", None);
        retired.retired = true;
        assert_ne!(first, tree(vec![code("a", None), retired]));
    }

    /// R029: what was retired stays a kind of what it was, and is not chosen any more.
    #[test]
    fn a_retired_code_is_there_and_not_offered() {
        let mut old = code("old", None);
        old.retired = true;
        let codes = vec![old, code("kind", Some("old")), code("new", None)];
        let tree = CodeTree::new(codes).unwrap();
        assert!(tree.is_a("kind", "old"));
        assert!(tree.has("old") && !tree.offers("old"));
        assert!(tree.has("kind") && !tree.offers("kind"));
        assert!(tree.offers("new") && !tree.offers("no such code"));
    }
}
