//! `[[line]]`: its purposes, outcomes and form.

use super::{Check, add_or_known};
use crate::config::{FormFieldKind, Line};
use crate::rules::{CodeFault, CodeTree};

impl Check<'_> {
    pub(super) fn line_codes(&mut self, key: &str, line: &Line) {
        self.tree(&format!("{key}.outcomes"), line.outcome_tree().err());
        let purposes = match line.purpose_tree() {
            Ok(purposes) => purposes,
            Err(fault) => return self.tree(&format!("{key}.purposes"), Some(fault)),
        };
        if let Some(code) = &line.default_purpose
            && !purposes.offers(code)
        {
            let what = if purposes.has(code) {
                format!("line `{}` begins with retired purpose `{code}`", line.name)
            } else {
                format!("line `{}` names unknown purpose `{code}`", line.name)
            };
            let cure = if line.purposes.is_empty() {
                "write one of those that `thirdring purposes` lists".to_owned()
            } else {
                add_or_known("it to `purposes`", known(&purposes))
            };
            self.report(&format!("{key}.default_purpose"), what, cure);
        }
    }

    fn tree(&mut self, key: &str, fault: Option<(usize, CodeFault)>) {
        let Some((place, fault)) = fault else {
            return;
        };
        let (name, cure) = match fault {
            CodeFault::Empty => ("code", "write one"),
            CodeFault::Twice(_) => ("code", "give each its own"),
            CodeFault::Parent { .. } => ("parent", "name one that stands before it"),
        };
        self.report(&format!("{key}[{place}].{name}"), fault.to_string(), cure);
    }

    pub(super) fn line_form(&mut self, key: &str, line: &Line) {
        let names = line.form.iter().map(|field| field.name.as_str());
        self.unique(&format!("{key}.form"), "name", names);
        let purposes = line.purpose_tree().ok();
        for (index, field) in line.form.iter().enumerate() {
            let key = format!("{key}.form[{index}]");
            let is_choice = field.kind == FormFieldKind::Choice;
            if is_choice == field.choices.is_empty() {
                let what = format!("field `{}` has no choice to make", field.name);
                let cure = "write `kind = \"choice\"` with its `choices`, or neither";
                self.report(&format!("{key}.choices"), what, cure);
            }
            if !field.choices_en.is_empty() && field.choices_en.len() != field.choices.len() {
                let what = format!("field `{}` has other choices in English", field.name);
                let cure = "write one for each of the `choices`, in their order, or none";
                self.report(&format!("{key}.choices_en"), what, cure);
            }
            let Some(purposes) = &purposes else {
                continue;
            };
            for (place, code) in field.purposes.iter().enumerate() {
                if !purposes.has(code) {
                    let what = format!("field `{}` names unknown purpose `{code}`", field.name);
                    let cure = add_or_known("it to `purposes`", known(purposes));
                    self.report(&format!("{key}.purposes[{place}]"), what, cure);
                }
            }
        }
    }
}

fn known(tree: &CodeTree) -> impl Iterator<Item = &str> {
    tree.codes().iter().map(|code| code.code.as_str())
}
