//! What challenges and credentials are made of: `Digest name=value, name="value"`
//! (RFC 3261 §25.1).

use crate::sip::lex::{Scanner, is_space};
use crate::sip::params::{without_controls, write_quoted};

/// The parameters behind `Digest`, unquoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a header's value. `None` for another scheme, and for a parameter that stands
    /// twice or cannot be read: what must be guessed proves nothing.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut scanner = Scanner::new(value.trim_matches(is_space));
        if !scanner.token().eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut fields = Self(Vec::with_capacity(12));
        loop {
            scanner.take_while(|c| is_space(c) || c == ',');
            if scanner.is_empty() {
                return Some(fields);
            }
            let name = scanner.token();
            if name.is_empty() || fields.get(name).is_some() || !scanner.eat_spaced('=') {
                return None;
            }
            let value = match scanner.peek() {
                Some('"') => scanner.quoted().ok()?,
                _ => scanner.take_while(|c| !is_space(c) && c != ',').to_owned(),
            };
            fields.0.push((name.to_owned(), without_controls(value)));
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let field = fields.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(&field.1)
    }
}

/// Writes a header's value; a field is quoted or, by the grammar, must not be.
pub(super) fn write(fields: &[(&str, &str, Quoting)]) -> String {
    let mut value = "Digest ".to_owned();
    for (at, (name, text, quoting)) in fields.iter().enumerate() {
        if at > 0 {
            value.push_str(", ");
        }
        value.push_str(name);
        value.push('=');
        match quoting {
            Quoting::Bare => value.push_str(text),
            // Writing to a string cannot fail.
            Quoting::Quoted => drop(write_quoted(&mut value, text)),
        }
    }
    value
}

/// Whether a field's value stands in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    Bare,
    Quoted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_spaces_are_read() {
        let fields =
            Fields::parse("digest username = \"a, \\\"b\\\"\",,nc=00000001 , qop=auth").unwrap();
        assert_eq!(fields.get("Username"), Some("a, \"b\""));
        assert_eq!(fields.get("nc"), Some("00000001"));
    }

    #[test]
    fn other_schemes_and_doubled_fields_are_nothing() {
        for value in [
            "",
            "NoOneKnowsThisScheme opaque-data=here",
            "Digest a=1, A=2",
            "Digest a=\"1",
            "Digest =1",
            "Digest a",
        ] {
            assert_eq!(Fields::parse(value), None, "{value}");
        }
    }
}
