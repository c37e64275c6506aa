//! What is set up while the service runs, in the place of what the file says: a section of a list is
//! replaced, added or taken out by its name, and the whole is read and checked as a file would be.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use super::source::Source;
use super::{Config, ConfigError, check};
use crate::rules::SetupKind;

/// The keys and values of one section.
pub type Document = Map<String, Json>;

/// One section, as it is set up.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Of which list.
    pub kind: SetupKind,
    /// Its name there.
    pub name: String,
    /// What it says; `None` takes it out.
    pub document: Option<Document>,
}

impl Config {
    /// This configuration of a file, with these sections in the place of the file's.
    ///
    /// # Errors
    /// Everything that is wrong with the whole, each with its key, in which a section goes by its
    /// name: `line[hotline].numbers[0]`.
    pub fn with_setup(&self, sections: &[Section]) -> Result<Self, ConfigError> {
        let mut table = self.source.table().clone();
        for section in sections {
            put(&mut table, section);
        }
        let merged = Source::merged(&self.source, table);
        let parsed: Result<Self, _> = toml::from_str(merged.text());
        let mut config = parsed.map_err(|error| merged.parse_problem(&error))?;
        config.source = merged;
        config.resolve_paths();
        let problems = check::problems(&config);
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError { problems })
        }
    }

    /// The sections of a list as they are written, by name.
    pub fn sections(&self, kind: SetupKind) -> BTreeMap<String, Document> {
        let list = self.source.table().get(kind.as_str());
        let list = list.and_then(Value::as_array).into_iter().flatten();
        let named = list.filter_map(|section| {
            let name = section.get(kind.name_key())?.as_str()?.to_owned();
            let Ok(Json::Object(document)) = serde_json::to_value(section) else {
                return None;
            };
            Some((name, document))
        });
        named.collect()
    }
}

fn put(table: &mut Table, section: &Section) {
    let list = table.entry(section.kind.as_str());
    let list = list.or_insert_with(|| Value::Array(Vec::new()));
    let Some(list) = list.as_array_mut() else {
        return;
    };
    let key = section.kind.name_key();
    let is_it = |known: &Value| known.get(key).and_then(Value::as_str) == Some(&section.name);
    let place = list.iter().position(is_it);
    let document = section.document.as_ref().map(|document| {
        let mut table = to_table(document);
        table.insert(key.to_owned(), Value::String(section.name.clone()));
        Value::Table(table)
    });
    match (place, document) {
        (Some(place), Some(document)) => list[place] = document,
        (Some(place), None) => {
            list.remove(place);
        }
        (None, Some(document)) => list.push(document),
        (None, None) => {}
    }
}

/// A document as the file would have it; `null` is what is not there.
fn to_table(document: &Document) -> Table {
    let some = document.iter().filter_map(|(key, value)| {
        let value = to_toml(value)?;
        Some((key.clone(), value))
    });
    some.collect()
}

fn to_toml(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => Value::Float(number.as_f64()?),
        },
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::Array(items.iter().filter_map(to_toml).collect()),
        Json::Object(fields) => Value::Table(to_table(fields)),
    })
}

/// A document as TOML, to be read and written by people.
///
/// # Errors
/// It cannot be written so.
pub fn to_text(kind: SetupKind, document: &Document) -> Result<String, toml::ser::Error> {
    let list = Value::Array(vec![Value::Table(to_table(document))]);
    toml::to_string_pretty(&Table::from_iter([(kind.as_str().to_owned(), list)]))
}

/// The documents of a TOML text, which is written as the file is: `[[line]]` and so on.
///
/// # Errors
/// It is no TOML, or has something else than sections that can be set up, by their names.
pub fn from_text(text: &str) -> Result<Vec<Section>, String> {
    let table: Table = text.parse().map_err(|error| format!("{error}"))?;
    let mut sections = Vec::new();
    for (word, list) in table {
        let kind: SetupKind = word.parse().map_err(|error| format!("{error}"))?;
        let list = list.as_array().cloned();
        for section in list.ok_or_else(|| format!("write [[{kind}]]"))? {
            let key = kind.name_key();
            let name = section.get(key).and_then(Value::as_str).map(str::to_owned);
            let name = name.ok_or_else(|| format!("a {kind} has no `{key}`"))?;
            let Ok(Json::Object(document)) = serde_json::to_value(&section) else {
                return Err(format!("{kind} `{name}` is no section"));
            };
            sections.push(Section {
                kind,
                name,
                document: Some(document),
            });
        }
    }
    Ok(sections)
}

#[cfg(test)]
mod tests;
