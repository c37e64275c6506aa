//! Environment variables over the file: `THIRDRING__DATABASE__URL` sets `database.url`, so that
//! secrets need not stand in it.

use serde::Deserialize;
use toml::{Table, Value};

use super::{Config, ConfigError, Problem};

const PREFIX: &str = "THIRDRING__";

/// Lays the variables named `THIRDRING__SECTION__KEY` over `config`, which was parsed from `text`.
pub(super) fn overlay(
    config: Config,
    text: &str,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut config = config;
    let mut merged: Option<Table> = None;
    for (name, value) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let problem = |what: String| ConfigError {
            problems: vec![Problem {
                file: "environment".into(),
                place: None,
                key: name.clone(),
                what,
                cure: "correct the variable or unset it".to_owned(),
            }],
        };
        let path = path.to_lowercase();
        let Some((section, key)) = path.split_once("__") else {
            let form = format!("not of the form {PREFIX}SECTION__KEY");
            return Err(problem(form));
        };
        let table = merged.get_or_insert_with(|| text.parse().unwrap_or_default());
        let section = table
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(section) = section else {
            return Err(problem("its section is a list".to_owned()));
        };
        section.insert(key.to_owned(), scalar(&value));
        config = Config::deserialize(table.clone())
            .map_err(|error| problem(error.message().trim().to_owned()))?;
    }
    Ok(config)
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

    fn read(name: &str, value: &str) -> Result<Config, ConfigError> {
        let text =
            "[[sip.listener]]\naddress = \"192.0.2.1:5060\"\n[media]\naddress = \"192.0.2.1\"\n";
        let variable = (name.to_owned(), value.to_owned());
        Config::read(text, Path::new("t.toml"), std::iter::once(variable))
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
        assert!(message("THIRDRING__LINE__NAME", "x").contains("THIRDRING__LINE__NAME"));
    }
}
