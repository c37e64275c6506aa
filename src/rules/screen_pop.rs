//! The page that an agent's screen shows with a call: a URL of another program's, with what is
//! known of the call in it.

use std::fmt::Write;

/// What can be filled in.
const NAMES: &[&str] = &["number", "call", "line", "agent", "customer"];

/// A URL with places to be filled in: `https://crm.example.com/?from={number}&call={call}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenPop {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(&'static str),
}

/// Why a text is no such URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScreenPopFault {
    /// It is no web page.
    #[error("no `https://` or `http://` URL")]
    Scheme,
    /// Whoever calls could choose the host.
    #[error("a place before the path: it would name the host")]
    Host,
    /// There is nothing of that name.
    #[error("nothing is called `{{{0}}}`")]
    Unknown(String),
    /// A brace without another.
    #[error("a brace without another")]
    Brace,
}

/// What is known of a call; what is not known is left empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The caller's number, as far as the agent may see it.
    pub number: Option<&'a str>,
    /// The call's id.
    pub call: Option<&'a str>,
    /// The line's name.
    pub line: Option<&'a str>,
    /// The agent's extension.
    pub agent: Option<&'a str>,
    /// The customer's id.
    pub customer: Option<&'a str>,
}

impl ScreenPop {
    /// Reads a URL with places.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn parse(template: &str) -> Result<Self, ScreenPopFault> {
        let rest = template
            .strip_prefix("https://")
            .or_else(|| template.strip_prefix("http://"))
            .ok_or(ScreenPopFault::Scheme)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() {
            return Err(ScreenPopFault::Scheme);
        }
        if authority.contains(['{', '}']) {
            return Err(ScreenPopFault::Host);
        }
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((text, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(ScreenPopFault::Brace)?;
            let known = NAMES.iter().find(|known| **known == name);
            let known = known.ok_or_else(|| ScreenPopFault::Unknown(name.to_owned()))?;
            parts.push(Part::Text(text.to_owned()));
            parts.push(Part::Place(known));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        let is_closed = |part: &Part| matches!(part, Part::Text(text) if text.contains('}'));
        if parts.iter().any(is_closed) {
            return Err(ScreenPopFault::Brace);
        }
        Ok(Self { parts })
    }

    /// The URL for a call. What is filled in can be no more than a value of it.
    pub fn url(&self, shown: &Shown<'_>) -> String {
        let mut url = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => url.push_str(text),
                Part::Place(name) => {
                    let value = match *name {
                        "number" => shown.number,
                        "call" => shown.call,
                        "line" => shown.line,
                        "agent" => shown.agent,
                        _ => shown.customer,
                    };
                    encode(value.unwrap_or_default(), &mut url);
                }
            }
        }
        url
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
fn encode(value: &str, url: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_known_of_a_call_stands_in_the_url() {
        let template = "https://crm.example.com/open?from={number}&call={call}&by={agent}#{line}";
        let pop = ScreenPop::parse(template).unwrap();
        let shown = Shown {
            number: Some("+86138&x=1"),
            call: Some("0199"),
            line: Some("前台"),
            agent: None,
            customer: None,
        };
        assert_eq!(
            pop.url(&shown),
            "https://crm.example.com/open?from=%2B86138%26x%3D1&call=0199&by=#%E5%89%8D%E5%8F%B0"
        );
        let plain = ScreenPop::parse("http://crm/").unwrap();
        assert_eq!(plain.url(&shown), "http://crm/");
    }

    #[test]
    fn no_caller_chooses_the_host() {
        let fault = |template| ScreenPop::parse(template).unwrap_err();
        for host in [
            "https://{number}/",
            "https://crm{line}?a",
            "https://a@{call}",
        ] {
            assert_eq!(fault(host), ScreenPopFault::Host, "{host}");
        }
        for scheme in ["javascript:alert({number})", "crm/{number}", "", "https://"] {
            assert_eq!(fault(scheme), ScreenPopFault::Scheme, "{scheme}");
        }
        for brace in [
            "https://crm/{number",
            "https://crm/number}",
            "https://crm/{a{b}",
        ] {
            assert!(matches!(
                fault(brace),
                ScreenPopFault::Brace | ScreenPopFault::Unknown(_)
            ));
        }
        let unknown = ScreenPopFault::Unknown("name".to_owned());
        assert_eq!(fault("https://crm/{name}"), unknown);
    }

    proptest! {
        /// Whatever a peer puts into a value, it stays one value.
        #[test]
        fn a_value_never_ends_where_it_stands(number in ".{0,40}") {
            let pop = ScreenPop::parse("https://crm/?n={number}&z=1").unwrap();
            let url = pop.url(&Shown { number: Some(&number), ..Shown::default() });
            let value = url.strip_prefix("https://crm/?n=").unwrap();
            let value = value.strip_suffix("&z=1").unwrap();
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
            prop_assert!(value.bytes().all(is_plain));
        }
    }
}
