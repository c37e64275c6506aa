//! Where a peer is that does not register: `192.0.2.1:5060`, or with a transport,
//! `tls:192.0.2.1:5061`.

use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::sip::Target;

/// Reads a place that may be left out.
pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Target>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let target = text.map(|text| text.parse::<Target>()).transpose();
    target.map_err(de::Error::custom)
}

/// Reads places.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Target>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let targets = texts.iter().map(|text| text.parse::<Target>());
    targets.collect::<Result<_, _>>().map_err(de::Error::custom)
}
