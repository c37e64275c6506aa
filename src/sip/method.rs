//! The method of a request. Names are case-sensitive (RFC 3261 §7.1), so `invite` is an
//! unknown method and gets 501.

use std::fmt;
use std::str::FromStr;

use super::SyntaxError;
use super::lex::{is_token, is_token_text};

/// A request's method: one that `rsip` knows, or any other token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// A method of RFC 3261 or one of its extensions.
    Known(rsip::Method),
    /// A method that nobody here knows; answered 501.
    Other(String),
}

macro_rules! methods {
    ($($name:ident = $known:ident: $doc:literal),* $(,)?) => {
        impl Method {
            $(#[doc = $doc] pub const $name: Self = Self::Known(rsip::Method::$known);)*

            /// The name as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::Known(rsip::Method::$known) => stringify!($name),)*
                    Self::Other(name) => name,
                }
            }
        }

        impl FromStr for Method {
            type Err = SyntaxError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $(stringify!($name) => Ok(Self::$name),)*
                    _ if is_token_text(text) => Ok(Self::Other(text.to_owned())),
                    _ => Err(SyntaxError::BadMethod),
                }
            }
        }
    };
}

methods! {
    ACK = Ack: "Confirms a final response to INVITE (RFC 3261 §17.1.1.3).",
    BYE = Bye: "Ends a dialog (RFC 3261 §15).",
    CANCEL = Cancel: "Takes an INVITE back (RFC 3261 §9).",
    INFO = Info: "Carries application data within a dialog (RFC 6086).",
    INVITE = Invite: "Asks for a session or changes it (RFC 3261 §13, §14).",
    MESSAGE = Message: "Carries a short text (RFC 3428).",
    NOTIFY = Notify: "Reports an event (RFC 6665).",
    OPTIONS = Options: "Asks what a peer can do, or whether it is there (RFC 3261 §11).",
    PRACK = PRack: "Confirms a reliable provisional response (RFC 3262).",
    PUBLISH = Publish: "Publishes event state (RFC 3903).",
    REFER = Refer: "Asks a peer to call somebody else (RFC 3515).",
    REGISTER = Register: "Binds an address of record to contacts (RFC 3261 §10).",
    SUBSCRIBE = Subscribe: "Asks for events (RFC 6665).",
    UPDATE = Update: "Changes a session before or after its answer (RFC 3311).",
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.as_str();
        if is_token_text(name) {
            return f.write_str(name);
        }
        let legal = name.chars().filter(|c| c.is_ascii() && is_token(*c as u8));
        f.write_str(&legal.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_case_method_is_another_method() {
        assert_eq!("INVITE".parse(), Ok(Method::INVITE));
        assert_eq!("invite".parse(), Ok(Method::Other("invite".to_owned())));
        assert_eq!(
            "RE%47ISTER".parse::<Method>().unwrap().to_string(),
            "RE%47ISTER"
        );
    }

    #[test]
    fn methods_are_patterns() {
        assert!(matches!(Method::BYE, Method::BYE));
    }

    #[test]
    fn a_method_cannot_carry_a_line_end() {
        assert_eq!("A B".parse::<Method>(), Err(SyntaxError::BadMethod));
        assert_eq!(Method::Other("A\r\nB: c".to_owned()).to_string(), "ABc");
    }
}
