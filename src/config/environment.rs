//! Environment variables over the file: `THIRDRING__DATABASE__URL` sets `database.url`, and
//! `THIRDRING__RECORDING__COPY__SECRET_KEY` `recording.copy.secret_key`, so that secrets need not stand
//! in it.

use serde::Deserialize;
use toml::{Table, Value};

use super::{Config, ConfigError, Problem};

const PREFIX: &str = "THIRDRING__";

/// Lays the variables named `THIRDRING__SECTION__KEY`, or with a section within it, over `config`,
/// which was parsed from `text`; gives the keys and values of the whole beside it.
pub(super) fn overlay(
    config: Config,
    text: &str,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(Config, Table), ConfigError> {
    let ours: Vec<_> = variables
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    let file: Table = text.parse().unwrap_or_default();
    if ours.is_empty() {
        return Ok((config, file));
    }
    let mut merged = file.clone();
    for (name, value) in &ours {
        lay(&mut merged, name, value)?;
    }
    let whole = Config::deserialize(merged.clone());
    let whole = whole.map(|config| (config, merged));
    whole.map_err(|error| {
        // One may need another, such as a key its section's url: the first that is wrong by itself
        // is named, else the last.
        let alone = ours.iter().find_map(|(name, value)| {
            let mut table = file.clone();
            lay(&mut table, name, value).ok()?;
            let error = Config::deserialize(table).err()?;
            Some(problem(name, error.message().trim()))
        });
        let last = ours.last().map_or("", |(name, _)| name);
        alone.unwrap_or_else(|| problem(last, error.message().trim()))
    })
}

/// Sets one key.
fn lay(table: &mut Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let path = name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase();
    let mut sections: Vec<_> = path.split("__").collect();
    let key = sections.pop().unwrap_or_default();
    if sections.is_empty() || sections.contains(&"") || key.is_empty() {
        let form = format!("not of the form {PREFIX}SECTION__KEY");
        return Err(problem(name, &form));
    }
    let section = sections.iter().try_fold(table, |table, section| {
        let section = table.entry(*section);
        let section = section.or_insert_with(|| Value::Table(Table::new()));
        section.as_table_mut()
    });
    let section = section.ok_or_else(|| problem(name, "its section is a list or a value"))?;
    section.insert(key.to_owned(), scalar(value));
    Ok(())
}

fn problem(name: &str, what: &str) -> ConfigError {
    ConfigError {
        problems: vec![Problem {
            file: "environment".into(),
            place: None,
            key: name.to_owned(),
            what: what.to_owned(),
            cure: "correct the variable or unset it".to_owned(),
        }],
    }
}

/// A boolean or a number if the text reads as one, else the text itself.
fn scalar(text: &str) -> Value {
    let boolean = text.parse().map(Value::Boolean).ok();
    let number = || text.parse().map(Value::Integer).ok();
    boolean
        .or_else(number)
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const TEXT: &str =
        "[[sip.listener]]\naddress = \"192.0.2.1:5060\"\n[media]\naddress = \"192.0.2.1\"\n";

    fn read_all(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Config::read(text, Path::new("t.toml"), variables.iter().map(owned))
    }

    fn read(name: &str, value: &str) -> Result<Config, ConfigError> {
        read_all(TEXT, &[(name, value)])
    }

    /// The keys of the copies' store need not stand in the file, in whatever order they come, and
    /// whether the rest of their section does or not.
    #[test]
    fn a_section_within_a_section_is_reached() {
        let keys = [
            ("THIRDRING__RECORDING__COPY__ACCESS_KEY", "key"),
            ("THIRDRING__RECORDING__COPY__SECRET_KEY", "secret"),
        ];
        let url = ("THIRDRING__RECORDING__COPY__URL", "s3://bucket/prefix");
        let inline = "[recording]\nverify_per_day = 7\ncopy = { url = \"s3://bucket/prefix\" }\n";
        let section = "[recording.copy]\nurl = \"s3://bucket/prefix\"\n";
        let files = [
            (TEXT.to_owned() + inline, &keys[..]),
            (TEXT.to_owned() + section, &keys[..]),
            (TEXT.to_owned(), &[keys[0], keys[1], url][..]),
            (TEXT.to_owned(), &[url, keys[0], keys[1]][..]),
        ];
        for (file, variables) in files {
            let config = read_all(&file, variables).unwrap();
            let copy = config.recording.copy.unwrap();
            assert_eq!(copy.url, "s3://bucket/prefix");
            assert_eq!(copy.access_key.as_deref(), Some("key"));
            assert_eq!(copy.secret_key.unwrap().reveal(), "secret");
        }
        let error = read_all(TEXT, &keys).unwrap_err().to_string();
        assert!(
            error.contains("THIRDRING__RECORDING__COPY__ACCESS_KEY"),
            "{error}"
        );
        assert!(error.contains("missing field `url`"), "{error}");
        assert!(!error.contains("secret\""), "{error}");
    }

    #[test]
    fn a_variable_goes_before_the_file() {
        let config = read("THIRDRING__DATABASE__URL", "postgres://u:p@h/d").unwrap();
        assert_eq!(config.database.url.reveal(), "postgres://u:p@h/d");
        let config = read("THIRDRING__MEDIA__ALLOW_LOOPBACK", "true").unwrap();
        assert!(config.media.allow_loopback);
        assert!(read("HOME", "/root").is_ok());
    }

    #[test]
    fn a_wrong_variable_is_named() {
        let message = |name, value| read(name, value).unwrap_err().to_string();
        assert_eq!(
            message("THIRDRING__DATABASE__URI", "x"),
            "environment: THIRDRING__DATABASE__URI: unknown field `uri`, expected one of `url`, `journal`, `journal_limit`; \
             cure: correct the variable or unset it"
        );
        assert!(message("THIRDRING__URL", "x").contains("not of the form"));
        assert!(message("THIRDRING__A____B", "x").contains("not of the form"));
        assert!(message("THIRDRING__LINE__NAME", "x").contains("THIRDRING__LINE__NAME"));
        let below_a_value = message("THIRDRING__RECORDING__FOLDER__NAME", "x");
        assert!(
            below_a_value.contains("THIRDRING__RECORDING__FOLDER__NAME"),
            "{below_a_value}"
        );
    }
}
