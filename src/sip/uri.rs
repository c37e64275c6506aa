//! URIs (RFC 3261 §19.1, RFC 3966): `sip:`, `sips:`, `tel:`, and any other scheme as it is.

mod equivalence;

use std::fmt;
use std::str::FromStr;

use super::escape::{
    escape_all, escaped, in_headers, in_number, in_opaque, in_password, in_user, unescaped,
};
use super::host::write_with_port;
use super::{Host, Params, SyntaxError};

/// The scheme of a URI.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`
    Tel,
    /// One we cannot route by, in lower case; 416 in a Request-URI.
    Other(String),
}

/// A URI. Its parts hold what stands on the wire, escapes included; octets that may not stand
/// there as they are have been escaped on reading and are escaped again on writing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Uri {
    /// The scheme.
    pub scheme: Scheme,
    /// The user part with the parameters inside it, the number of a `tel:` URI, or all that
    /// follows an unknown scheme.
    pub user: Option<String>,
    /// The password that nobody should send.
    pub password: Option<String>,
    /// Where to; [`Host::None`] for `tel:` and unknown schemes.
    pub host: Host,
    /// The port, if one is written.
    pub port: Option<u16>,
    /// Parameters of the URI, not those of the header around it.
    pub params: Params,
    /// What follows `?`, unread: it must never become headers of a request unseen.
    pub headers: Option<String>,
}

impl Uri {
    /// A `sip:` URI. The user is plain text, as [`number`](Self::number) and
    /// [`user_unescaped`](Self::user_unescaped) give it: what a user part may not hold is
    /// escaped, `%` included. An empty one is none.
    pub fn sip(user: Option<&str>, host: Host, port: Option<u16>) -> Self {
        Self {
            scheme: Scheme::Sip,
            user: user
                .filter(|user| !user.is_empty())
                .map(|user| escape_all(user, in_user)),
            password: None,
            host,
            port,
            params: Params::new(),
            headers: None,
        }
    }

    /// Reads a URI.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let forbidden =
            |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '"');
        if text.contains(forbidden) {
            return Err(SyntaxError::UnexpectedCharacter);
        }
        let (scheme, rest) = text.split_once(':').ok_or(SyntaxError::BadScheme)?;
        match parse_scheme(scheme)? {
            scheme @ (Scheme::Sip | Scheme::Sips) => parse_sip(scheme, rest),
            Scheme::Tel => parse_tel(rest),
            scheme @ Scheme::Other(_) => Ok(Self::hostless(
                scheme,
                escaped(rest, in_opaque).into_owned(),
            )),
        }
    }

    /// The user part without its escapes, undone once: `%2541` is `%41`, not `A`.
    pub fn user_unescaped(&self) -> Option<String> {
        self.user.as_deref().map(unescaped)
    }

    /// The number that the URI dials: the user part or the `tel:` number, unescaped, without
    /// the parameters inside the user part; if it is a telephone number, also without its
    /// visual separators (RFC 3966 §5.1.1).
    pub fn number(&self) -> Option<String> {
        if matches!(self.scheme, Scheme::Other(_)) {
            return None;
        }
        let user = self.user.as_deref()?;
        let number = unescaped(user.split(';').next().unwrap_or(user));
        let dialled: String = number
            .chars()
            .filter(|c| !matches!(c, '-' | '.' | '(' | ')'))
            .collect();
        let is_telephone = |c: char| c.is_ascii_digit() || matches!(c, '+' | '*' | '#');
        let is_number = !dialled.is_empty() && dialled.chars().all(is_telephone);
        Some(if is_number { dialled } else { number }).filter(|number| !number.is_empty())
    }

    /// The value of a URI parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    fn hostless(scheme: Scheme, user: String) -> Self {
        Self {
            scheme,
            user: Some(user),
            password: None,
            host: Host::None,
            port: None,
            params: Params::new(),
            headers: None,
        }
    }
}

/// Reads what follows `sip:`. A user part may hold `;`, `?` and `/`, so the `@` is looked for
/// first.
fn parse_sip(scheme: Scheme, rest: &str) -> Result<Uri, SyntaxError> {
    let (userinfo, rest) = match rest.split_once('@') {
        Some((userinfo, rest)) => (Some(userinfo), rest),
        None => (None, rest),
    };
    let (user, password) = match userinfo.map(|info| info.split_once(':').ok_or(info)) {
        Some(Ok((user, password))) => (Some(user), Some(password)),
        Some(Err(user)) => (Some(user), None),
        None => (None, None),
    };
    let (rest, headers) = cut(rest, '?');
    let (host, params) = cut(rest, ';');
    let (host, port) = Host::parse_with_port(host)?;
    let user = user.filter(|user| !user.is_empty());
    Ok(Uri {
        scheme,
        password: user
            .and(password)
            .map(|password| escaped(password, in_password).into_owned()),
        user: user.map(|user| escaped(user, in_user).into_owned()),
        host,
        port,
        params: params.map(Params::parse_uri).unwrap_or_default(),
        headers: headers.map(|headers| escaped(headers, in_headers).into_owned()),
    })
}

fn parse_tel(rest: &str) -> Result<Uri, SyntaxError> {
    let (number, params) = cut(rest, ';');
    if number.is_empty() {
        return Err(SyntaxError::Empty);
    }
    let mut uri = Uri::hostless(Scheme::Tel, escaped(number, in_number).into_owned());
    uri.params = params.map(Params::parse_uri).unwrap_or_default();
    Ok(uri)
}

fn parse_scheme(text: &str) -> Result<Scheme, SyntaxError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if !starts_well || !text.bytes().all(legal) {
        return Err(SyntaxError::BadScheme);
    }
    Ok(match text.to_ascii_lowercase().as_str() {
        "sip" => Scheme::Sip,
        "sips" => Scheme::Sips,
        "tel" => Scheme::Tel,
        other => Scheme::Other(other.to_owned()),
    })
}

/// Cuts at the first `at`, which belongs to neither part.
fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

impl FromStr for Uri {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.user.as_deref().unwrap_or_default();
        match &self.scheme {
            Scheme::Tel => {
                write!(f, "tel:{}", escaped(user, in_number))?;
                return self.params.write_uri(f);
            }
            Scheme::Other(scheme) => {
                let legal = scheme
                    .chars()
                    .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
                return write!(
                    f,
                    "{}:{}",
                    legal.collect::<String>(),
                    escaped(user, in_opaque)
                );
            }
            Scheme::Sip => f.write_str("sip:")?,
            Scheme::Sips => f.write_str("sips:")?,
        }
        if !user.is_empty() {
            f.write_str(&escaped(user, in_user))?;
            if let Some(password) = &self.password {
                write!(f, ":{}", escaped(password, in_password))?;
            }
            f.write_str("@")?;
        }
        write_with_port(f, &self.host, self.port)?;
        self.params.write_uri(f)?;
        match &self.headers {
            Some(headers) => write!(f, "?{}", escaped(headers, in_headers)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn a_user_part_may_hold_parameters_and_an_escaped_at() {
        let uri = uri("sip:user;par=u%40example.net@example.com;lr");
        assert_eq!(uri.user.as_deref(), Some("user;par=u%40example.net"));
        assert!(uri.params.has("lr"));
        assert_eq!(uri.number().as_deref(), Some("user"));
    }

    #[test]
    fn escapes_are_undone_once() {
        let twice = uri("sip:sips%3Auser%2540example.com@example.net");
        assert_eq!(
            twice.user_unescaped().as_deref(),
            Some("sips:user%40example.com")
        );
        assert_eq!(
            uri("sip:null-%00-null@h").user_unescaped().as_deref(),
            Some("null-\0-null")
        );
        assert_eq!(uri("sip:%Z%45@h").to_string(), "sip:%25Z%45@h");
    }

    #[test]
    fn numbers_lose_their_visual_separators() {
        assert_eq!(
            uri("tel:+86-10-(6555)1234;phone-context=x")
                .number()
                .as_deref(),
            Some("+861065551234")
        );
        assert_eq!(
            uri("sip:4008-001-234;npdi@trunk.example")
                .number()
                .as_deref(),
            Some("4008001234")
        );
        assert_eq!(uri("sip:%2A21%23@h").number().as_deref(), Some("*21#"));
        assert_eq!(uri("sip:a.b-c@h").number().as_deref(), Some("a.b-c"));
        assert_eq!(uri("sip:h").number(), None);
    }

    #[test]
    fn a_made_user_cannot_leave_its_place() {
        let made = Uri::sip(Some("a@b>\r\nEvil: \"x\""), "h".parse().unwrap(), None);
        assert_eq!(uri(&made.to_string()), made);
        assert_eq!(
            made.user_unescaped().as_deref(),
            Some("a@b>\r\nEvil: \"x\"")
        );
    }

    #[test]
    fn what_must_be_guessed_is_refused() {
        for text in [
            "",
            "sip:",
            "user@host",
            "<sip:a@b>",
            "sip:a@b c",
            "sip:a@b@c",
            "sip:2001:db8::10",
            "1x:y",
            "tel:",
        ] {
            assert!(text.parse::<Uri>().is_err(), "{text}");
        }
    }

    #[test]
    fn other_schemes_are_kept_as_they_are() {
        assert_eq!(
            uri("nobodyKnowsThisScheme:totallyopaquecontent").scheme,
            Scheme::Other("nobodyknowsthisscheme".to_owned())
        );
        assert_eq!(
            uri("soap.beep://192.0.2.103:3002").to_string(),
            "soap.beep://192.0.2.103:3002"
        );
    }
}
