//! What the lines ask of those who have answered a call, as the store checks it.

use crate::config::{Config, FormField, FormFieldKind, Line};
use crate::id::LineId;
use crate::rules::{CodeTree, Field, FieldKind, Form, LineRules};
use crate::store::DeskRules;

/// The rules of all lines of a configuration.
pub fn desk_rules(config: &Config) -> DeskRules {
    let lines = config.lines.iter();
    DeskRules {
        lines: lines
            .map(|line| (LineId(line.name.clone()), rules(line)))
            .collect(),
    }
}

/// A list of codes that is no tree does not pass the check of the configuration.
fn rules(line: &Line) -> LineRules {
    LineRules {
        purposes: line.purpose_tree().unwrap_or_else(|_| CodeTree::purposes()),
        outcomes: line.outcome_tree().unwrap_or_else(|_| CodeTree::outcomes()),
        form: Form {
            fields: line.form.iter().map(field).collect(),
        },
        callback_within: line.callback_within,
    }
}

fn field(field: &FormField) -> Field {
    Field {
        name: field.name.clone(),
        label: field.label.clone(),
        kind: match field.kind {
            FormFieldKind::Text => FieldKind::Text,
            FormFieldKind::Number => FieldKind::Number,
            FormFieldKind::Date => FieldKind::Date,
            FormFieldKind::Time => FieldKind::Time,
            FormFieldKind::Choice => FieldKind::Choice,
            FormFieldKind::Flag => FieldKind::Flag,
        },
        choices: field.choices.clone(),
        required: field.required,
        purposes: field.purposes.clone(),
    }
}
