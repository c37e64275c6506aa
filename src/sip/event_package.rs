//! `Event` and `Subscription-State` (RFC 6665 §8.2), as far as REFER and click-to-answer need them.

use std::fmt;
use std::str::FromStr;

use super::lex::{Scanner, is_space, is_token_text};
use super::{Params, SyntaxError};

/// An event package, and which of several subscriptions to it (RFC 6665 §8.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPackage {
    /// The package's name, such as `refer`.
    pub name: String,
    /// Tells a subscription from others in the same dialog (RFC 3515 §2.4.6).
    pub id: Option<String>,
}

impl EventPackage {
    /// How a transfer goes (RFC 3515).
    pub const REFER: &'static str = "refer";
    /// The phone is to answer, or to take the peer back: what desk phones understand without
    /// any subscription.
    pub const TALK: &'static str = "talk";
    /// The phone is to put its peer on hold.
    pub const HOLD: &'static str = "hold";

    /// A package without an id.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: None,
        }
    }

    /// The subscription that a REFER with this `CSeq` made.
    pub fn of_refer(cseq: u32) -> Self {
        Self {
            name: Self::REFER.to_owned(),
            id: Some(cseq.to_string()),
        }
    }
}

impl FromStr for EventPackage {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, params) = value_and_params(text)?;
        Ok(Self {
            name,
            id: params.get("id").map(str::to_owned),
        })
    }
}

impl fmt::Display for EventPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.id {
            Some(id) => write!(f, ";id={id}"),
            None => Ok(()),
        }
    }
}

/// How a subscription stands (RFC 6665 §8.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubscriptionState {
    /// More will come, within so many seconds.
    Active {
        /// Seconds left.
        expires: Option<u32>,
    },
    /// Not decided yet.
    Pending {
        /// Seconds left.
        expires: Option<u32>,
    },
    /// Nothing more will come.
    Terminated {
        /// Why, such as `noresource`.
        reason: Option<String>,
    },
}

impl FromStr for SubscriptionState {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (state, params) = value_and_params(text)?;
        let expires = params
            .get("expires")
            .and_then(|seconds| seconds.parse().ok());
        match state.to_ascii_lowercase().as_str() {
            "active" => Ok(Self::Active { expires }),
            "pending" => Ok(Self::Pending { expires }),
            "terminated" => Ok(Self::Terminated {
                reason: params.get("reason").map(str::to_owned),
            }),
            _ => Err(SyntaxError::UnexpectedCharacter),
        }
    }
}

impl fmt::Display for SubscriptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, expires) = match self {
            Self::Active { expires } => ("active", expires),
            Self::Pending { expires } => ("pending", expires),
            Self::Terminated { reason } => {
                f.write_str("terminated")?;
                return match reason {
                    Some(reason) => write!(f, ";reason={reason}"),
                    None => Ok(()),
                };
            }
        };
        f.write_str(state)?;
        match expires {
            Some(seconds) => write!(f, ";expires={seconds}"),
            None => Ok(()),
        }
    }
}

/// A token and the parameters behind it.
fn value_and_params(text: &str) -> Result<(String, Params), SyntaxError> {
    let text = text.trim_matches(is_space);
    let mut scanner = Scanner::new(text);
    let value = scanner.take_while(|c| c != ';').trim_matches(is_space);
    if value.is_empty() {
        return Err(SyntaxError::Empty);
    }
    if !is_token_text(value) {
        return Err(SyntaxError::UnexpectedCharacter);
    }
    let params = Params::parse_header(&mut scanner)?;
    // What is no token would have to be quoted, and no package needs that.
    let is_plain = |(_, value): (&str, Option<&str>)| value.is_none_or(is_token_text);
    if !params.iter().all(is_plain) {
        return Err(SyntaxError::UnexpectedCharacter);
    }
    Ok((value.to_owned(), params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_refer_subscription_is_told_apart_by_its_cseq() {
        assert_eq!(EventPackage::of_refer(2).to_string(), "refer;id=2");
        let read: EventPackage = "refer ; id=2".parse().unwrap();
        assert_eq!(read, EventPackage::of_refer(2));
        assert_eq!("talk".parse(), Ok(EventPackage::named(EventPackage::TALK)));
    }

    #[test]
    fn states_are_read_and_others_are_not() {
        let read = |text: &str| text.parse::<SubscriptionState>();
        let ended = SubscriptionState::Terminated {
            reason: Some("noresource".to_owned()),
        };
        assert_eq!(read("terminated;reason=noresource"), Ok(ended));
        let active = SubscriptionState::Active { expires: Some(60) };
        assert_eq!(read("Active; expires=60"), Ok(active));
        for text in ["", ";expires=1", "gone", "active expires=1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(
            name in "[a-zA-Z0-9.-]{1,20}",
            id in proptest::option::of("[a-zA-Z0-9]{1,10}"),
            expires in proptest::option::of(0_u32..),
            reason in proptest::option::of("[a-z]{1,12}"),
            which in 0..3,
        ) {
            let event = EventPackage { name, id };
            prop_assert_eq!(event.to_string().parse(), Ok(event.clone()));
            let state = match which {
                0 => SubscriptionState::Active { expires },
                1 => SubscriptionState::Pending { expires },
                _ => SubscriptionState::Terminated { reason },
            };
            prop_assert_eq!(state.to_string().parse(), Ok(state.clone()));
        }

        #[test]
        fn anything_may_be_read(text in ".{0,60}") {
            if let Ok(read) = text.parse::<EventPackage>() {
                prop_assert_eq!(read.to_string().parse(), Ok(read));
            }
            if let Ok(read) = text.parse::<SubscriptionState>() {
                prop_assert_eq!(read.to_string().parse(), Ok(read));
            }
        }
    }
}
