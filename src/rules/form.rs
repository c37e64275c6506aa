//! A line's form: what is asked of each call beside its purpose (R022, R080, R088).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::CodeTree;
use super::identity::is_filled;

/// A longer text is no field's.
const LONGEST_TEXT: usize = 500;
/// Items of a field, at most.
const MOST_ITEMS: usize = 50;

/// What was filled in, by the fields' names.
pub type FieldValues = Map<String, Value>;

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What values are kept by.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What people read in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_en: Option<String>,
    /// What may be filled in.
    pub kind: FieldKind,
    /// The values of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What people read of those values that have other words for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choice_names: Vec<ChoiceName>,
    /// Whether a call cannot be wrapped up without it.
    #[serde(default)]
    pub required: bool,
    /// The purposes that it belongs to, with their kinds; none is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<String>,
}

/// What people read of a value that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceName {
    /// The value, as it is kept.
    pub value: String,
    /// What people read.
    pub name: String,
    /// What people read in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
}

/// What may be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A text of at most 500 characters.
    Text,
    /// A number.
    Number,
    /// A day, `2026-11-22`.
    Date,
    /// A day and a time, `2026-11-22T14:30`.
    Time,
    /// One of the field's choices.
    Choice,
    /// Yes or no.
    Flag,
    /// What was said item by item (R084): a list of at most 50, each with a `text`, and with `time`,
    /// `place` and `name` where they were said.
    Items,
}

/// All fields of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Form {
    /// In the order in which they are asked.
    pub fields: Vec<Field>,
}

/// A value that does not fit, or none where one must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// Which field.
    pub field: String,
    /// What is wrong.
    pub what: FieldWrong,
}

/// What is wrong with a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldWrong {
    /// The form has no such field.
    Unknown,
    /// It must be filled in.
    Missing,
    /// It is not of the field's kind.
    Kind(FieldKind),
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match self.what {
            FieldWrong::Unknown => write!(f, "the form has no field `{field}`"),
            FieldWrong::Missing => write!(f, "`{field}` must be filled in"),
            FieldWrong::Kind(kind) => write!(f, "`{field}` is {}", kind.wanted()),
        }
    }
}

impl FieldKind {
    const fn wanted(self) -> &'static str {
        match self {
            Self::Text => "a text of at most 500 characters",
            Self::Number => "a number",
            Self::Date => "a day such as 2026-11-22",
            Self::Time => "a day and a time such as 2026-11-22T14:30",
            Self::Choice => "one of its choices",
            Self::Flag => "true or false",
            Self::Items => {
                "a list of items, each with a `text`, and perhaps `time`, `place`, `name`"
            }
        }
    }
}

impl Field {
    fn takes(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self.kind {
            FieldKind::Text => text.is_some_and(is_short),
            FieldKind::Number => value.is_number(),
            FieldKind::Date => text.is_some_and(is_date),
            FieldKind::Time => text.is_some_and(is_time),
            FieldKind::Choice => {
                text.is_some_and(|text| self.choices.iter().any(|choice| choice == text))
            }
            FieldKind::Flag => value.is_boolean(),
            FieldKind::Items => value
                .as_array()
                .is_some_and(|items| items.len() <= MOST_ITEMS && items.iter().all(is_item)),
        }
    }

    fn belongs_to(&self, purpose: &str, tree: &CodeTree) -> bool {
        let mut purposes = self.purposes.iter();
        self.purposes.is_empty() || purposes.any(|kind| tree.is_a(purpose, kind))
    }
}

impl Form {
    /// What is wrong with values that somebody is still writing down.
    pub fn faults(&self, values: &FieldValues) -> Vec<FieldFault> {
        let faults = values.iter().filter_map(|(name, value)| {
            let field = self.fields.iter().find(|field| field.name == *name);
            let what = match field {
                None => FieldWrong::Unknown,
                Some(_) if value.is_null() => return None,
                Some(field) if field.takes(value) => return None,
                Some(field) => FieldWrong::Kind(field.kind),
            };
            Some(FieldFault {
                field: name.clone(),
                what,
            })
        });
        faults.collect()
    }

    /// What is missing for a call with this purpose to be wrapped up.
    pub fn missing(&self, values: &FieldValues, purpose: &str, tree: &CodeTree) -> Vec<FieldFault> {
        let required = self.fields.iter().filter(|field| field.required);
        let asked = required.filter(|field| field.belongs_to(purpose, tree));
        let missing = asked.filter(|field| !is_filled(values.get(&field.name)));
        let faults = missing.map(|field| FieldFault {
            field: field.name.clone(),
            what: FieldWrong::Missing,
        });
        faults.collect()
    }
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= LONGEST_TEXT
}

/// One thing that somebody notifies us of.
fn is_item(item: &Value) -> bool {
    let Some(item) = item.as_object() else {
        return false;
    };
    let says_something =
        matches!(item.get("text"), Some(Value::String(text)) if !text.trim().is_empty());
    let fits = |(name, value): (&String, &Value)| match (name.as_str(), value) {
        ("time", Value::String(time)) => is_time(time),
        ("text" | "place" | "name", Value::String(text)) => is_short(text),
        ("time" | "place" | "name", Value::Null) => true,
        _ => false,
    };
    says_something && item.iter().all(fits)
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok()
}

fn is_time(text: &str) -> bool {
    text.contains('T') && text.parse::<jiff::civil::DateTime>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str, kind: FieldKind) -> Field {
        Field {
            name: name.to_owned(),
            label: name.to_owned(),
            label_en: None,
            kind,
            choices: Vec::new(),
            choice_names: Vec::new(),
            required: false,
            purposes: Vec::new(),
        }
    }

    fn form() -> Form {
        let place = Field {
            required: true,
            purposes: vec!["complaint".to_owned(), "repair".to_owned()],
            ..field("place", FieldKind::Text)
        };
        let size = Field {
            choices: vec!["两居".to_owned(), "三居".to_owned()],
            ..field("size", FieldKind::Choice)
        };
        Form {
            fields: vec![
                place,
                size,
                field("rooms", FieldKind::Number),
                field("since", FieldKind::Date),
                field("occurred_at", FieldKind::Time),
                field("read_back", FieldKind::Flag),
            ],
        }
    }

    fn values(value: Value) -> FieldValues {
        serde_json::from_value(value).unwrap()
    }

    /// R060: a purpose whose matter has a place or a time is not wrapped up before somebody says
    /// whether it was read back to the caller; yes and no are both an answer.
    #[test]
    fn whether_it_was_read_back_is_asked_of_certain_purposes() {
        let read_back = Field {
            required: true,
            purposes: vec!["complaint".to_owned(), "repair".to_owned()],
            ..field("read_back_confirmed", FieldKind::Flag)
        };
        let form = Form {
            fields: vec![read_back],
        };
        let tree = CodeTree::purposes();
        let missing = |purpose, said: Value| form.missing(&values(said), purpose, &tree).len();
        assert_eq!(missing("complaint", json!({})), 1);
        assert_eq!(missing("repair", json!({})), 1);
        assert_eq!(missing("consultation", json!({})), 0);
        for said in [true, false] {
            let said = json!({ "read_back_confirmed": said });
            assert_eq!(form.faults(&values(said.clone())), []);
            assert_eq!(missing("complaint", said), 0);
        }
    }

    /// R022
    #[test]
    fn a_value_must_be_what_its_field_asks_for() {
        let good = values(json!({
            "place": "2 号楼", "size": "三居", "rooms": 2.5, "since": "2026-02-28",
            "occurred_at": "2026-11-22T14:30", "read_back": true,
        }));
        assert_eq!(form().faults(&good), []);
        let nothing = values(json!({ "size": null }));
        assert_eq!(form().faults(&nothing), []);
        for (name, bad) in [
            ("place", json!("x".repeat(501))),
            ("place", json!(7)),
            ("size", json!("四居")),
            ("rooms", json!("2")),
            ("since", json!("2026-02-30")),
            ("occurred_at", json!("2026-11-22")),
            ("read_back", json!("yes")),
            ("place", json!({ "a": 1 })),
        ] {
            let faults = form().faults(&values(json!({ name: bad })));
            assert!(
                matches!(faults.as_slice(), [FieldFault { field, what: FieldWrong::Kind(_) }] if field == name),
                "{name}: {bad}: {faults:?}"
            );
        }
        let faults = form().faults(&values(json!({ "colour": "red" })));
        assert_eq!(faults[0].what, FieldWrong::Unknown);
    }

    /// R080: where it happened must be known of a complaint or a repair, not of a question.
    #[test]
    fn what_must_be_filled_in_depends_on_the_purpose() {
        let tree = CodeTree::purposes();
        let missing = |filled: Value, purpose: &str| {
            let faults = form().missing(&values(filled), purpose, &tree);
            faults.len()
        };
        assert_eq!(missing(json!({}), "consultation"), 0);
        assert_eq!(missing(json!({}), "repair.leak"), 1);
        assert_eq!(missing(json!({ "place": " " }), "complaint"), 1);
        assert_eq!(missing(json!({ "place": null }), "complaint"), 1);
        assert_eq!(missing(json!({ "place": "lift" }), "complaint"), 0);
    }
}
