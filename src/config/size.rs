//! Amounts of storage, written `512MB`.

use bytesize::ByteSize;
use serde::Deserialize;
use serde::de::{self, Deserializer};

/// A number of octets, with or without a unit.
pub(super) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ByteSize, D::Error> {
    let text = String::deserialize(deserializer)?;
    let size = text.parse();
    size.map_err(|_| de::Error::custom(format!("`{text}` is not a size such as `512MB`")))
}
