//! Our own identifiers. SIP's Call-IDs, tags and branches are data of the wire and live in
//! [`crate::sip`]; they never name a row or a file.

use std::fmt;

use rand::Rng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rules::Timestamp;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Mints a `UUIDv7` (RFC 9562 §5.7) from a given time and randomness: the core
            /// reads neither clock nor operating system.
            pub fn mint(at: Timestamp, rng: &mut impl Rng) -> Self {
                let mut random = [0; 10];
                rng.fill_bytes(&mut random);
                Self(uuid::Builder::from_unix_timestamp_millis(at.unix_ms(), &random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_id! {
    /// One caller's visit, from INVITE to the last BYE: one row, one recording.
    CallId
}
impl CallId {
    /// What the Call-IDs of our own legs begin with: 32 hexadecimal digits.
    pub fn leg_prefix(self) -> String {
        self.0.simple().to_string()
    }
}

uuid_id! {
    /// One entry of a call's append-only log.
    EventId
}
uuid_id! {
    /// A person's number and name, kept in a table of their own so that they can be erased.
    PartyId
}

uuid_id! {
    /// Something that is to be done: a caller to be called back, a message to be heard.
    TaskId
}
uuid_id! {
    /// A customer whom we know by name.
    CustomerId
}
uuid_id! {
    /// One message to one of the programs that want to be told.
    DeliveryId
}

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

name_id! {
    /// An agent, by the extension that the agent's phone registers as (`1001`).
    AgentId
}
name_id! {
    /// A line, by its name in the configuration (`hotline`).
    LineId
}
name_id! {
    /// A queue, by its name in the configuration; a line without one has its own, by its name.
    QueueId
}
name_id! {
    /// A trunk, by its name in the configuration (`carrier`).
    TrunkId
}
