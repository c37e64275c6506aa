//! The configuration's text, and where in it a key stands.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Table;
use toml::de::{DeTable, DeValue};

use super::Problem;
use crate::rules::SetupKind;

/// A configuration file as read.
#[derive(Clone, Default)]
pub(super) struct Source {
    file: PathBuf,
    text: String,
    /// Its keys and values, with what the environment has laid over them.
    table: Table,
    /// The text is ours, made of the file and of what was set up since: nobody knows its lines.
    is_merged: bool,
}

/// The text has passwords in it.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.file).finish()
    }
}

impl Source {
    pub(super) fn new(file: &Path, text: &str) -> Self {
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            table: Table::new(),
            is_merged: false,
        }
    }

    /// The source of a configuration that was made from another one's keys and values.
    pub(super) fn merged(of: &Self, table: Table) -> Self {
        Self {
            file: of.file.clone(),
            // Whatever TOML can hold can be written as TOML.
            text: toml::to_string(&table).unwrap_or_default(),
            table,
            is_merged: true,
        }
    }

    pub(super) fn set_table(&mut self, table: Table) {
        self.table = table;
    }

    pub(super) const fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The file that a problem names, its place there, and its key.
    fn tell(&self, offset: Option<usize>, key: &str) -> (PathBuf, Option<(usize, usize)>, String) {
        if self.is_merged {
            return (PathBuf::from("setup"), None, self.by_name(key));
        }
        let place = offset.map(|offset| self.line_and_column(offset));
        (self.file.clone(), place, key.to_owned())
    }

    /// `line[hotline].numbers` for `line[3].numbers`: who set it up knows no numbers of sections.
    fn by_name(&self, key: &str) -> String {
        let named = || {
            let (list, rest) = key.split_once('[')?;
            let (index, rest) = rest.split_once(']')?;
            let kind: SetupKind = list.parse().ok()?;
            let section = self.table.get(list)?.get(index.parse::<usize>().ok()?)?;
            let name = section.get(kind.name_key())?.as_str()?;
            Some(format!("{list}[{name}]{rest}"))
        };
        named().unwrap_or_else(|| key.to_owned())
    }

    /// The folder that relative paths start from.
    pub(super) fn folder(&self) -> PathBuf {
        match self.file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            // `thirdring.toml` stands in the folder that we are in.
            Some(_) | None => PathBuf::from("."),
        }
    }

    /// A problem at `key`, or at the nearest table around it that the file has.
    pub(super) fn problem(&self, key: &str, what: String, cure: String) -> Problem {
        let nodes = self.nodes();
        let mut nearest = key;
        let offset = loop {
            if let Some(node) = nodes.iter().find(|node| node.key == nearest) {
                break Some(node.name.start);
            }
            let Some(cut) = nearest.rfind(['.', '[']) else {
                break None;
            };
            nearest = &nearest[..cut];
        };
        let (file, place, key) = self.tell(offset, key);
        Problem {
            file,
            place,
            key,
            what,
            cure,
        }
    }

    /// The problem that made the text unreadable as a configuration.
    pub(super) fn parse_problem(&self, error: &toml::de::Error) -> Problem {
        let offset = error.span().map(|span| span.start);
        let message = error.message();
        let (what, cure) = what_and_cure(message);
        let key = offset.map(|at| self.key_at(at)).unwrap_or_default();
        let (file, place, key) = self.tell(offset, &key);
        Problem {
            file,
            place,
            key,
            what,
            cure,
        }
    }

    /// The innermost key whose name or value spans `offset`.
    fn key_at(&self, offset: usize) -> String {
        let nodes = self.nodes();
        let around = nodes.into_iter().filter_map(|node| {
            let spans = [node.name, node.value];
            let length = spans
                .into_iter()
                .filter(|span| span.contains(&offset))
                .map(|span| span.len())
                .min()?;
            Some((length, node.key))
        });
        around
            .min_by_key(|(length, _)| *length)
            .map(|(_, key)| key)
            .unwrap_or_default()
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// Every key of the file with its place; none if the text is not TOML.
    fn nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        if let Ok(table) = DeTable::parse(&self.text) {
            collect_table(table.get_ref(), "", &mut nodes);
        }
        nodes
    }
}

/// A key, where its name stands, and where its value stands.
struct Node {
    key: String,
    name: Range<usize>,
    value: Range<usize>,
}

fn collect_table(table: &DeTable<'_>, path: &str, nodes: &mut Vec<Node>) {
    for (name, value) in table {
        let dot = if path.is_empty() { "" } else { "." };
        let key = format!("{path}{dot}{}", name.get_ref());
        collect_value(value.get_ref(), &key, nodes);
        nodes.push(Node {
            key,
            name: name.span(),
            value: value.span(),
        });
    }
}

fn collect_value(value: &DeValue<'_>, path: &str, nodes: &mut Vec<Node>) {
    if let Some(table) = value.as_table() {
        collect_table(table, path, nodes);
    } else if let Some(array) = value.as_array() {
        for (index, element) in array.iter().enumerate() {
            let key = format!("{path}[{index}]");
            collect_value(element.get_ref(), &key, nodes);
            nodes.push(Node {
                key,
                name: element.span(),
                value: element.span(),
            });
        }
    }
}

/// Turns the parser's words into ours: what is wrong, and what to write instead.
fn what_and_cure(message: &str) -> (String, String) {
    let message = message.lines().next().unwrap_or(message);
    if let Some((unknown, known)) = split_expected(message, "unknown field ") {
        let what = format!("unknown key {unknown}");
        return (what, format!("remove it, or write {known}"));
    }
    if let Some((unknown, known)) = split_expected(message, "unknown variant ") {
        return (format!("bad value {unknown}"), format!("write {known}"));
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return (format!("key {name} is missing"), "add it".to_owned());
    }
    if let Some((what, expected)) = message.split_once(", expected ") {
        return (format!("bad value: {what}"), format!("write {expected}"));
    }
    let cure = "correct it; deploy/thirdring.toml shows every key with its form";
    (format!("bad value: {message}"), cure.to_owned())
}

fn split_expected<'a>(message: &'a str, prefix: &str) -> Option<(&'a str, &'a str)> {
    message.strip_prefix(prefix)?.split_once(", expected ")
}
