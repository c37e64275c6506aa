//! Lists by the page. A page names the last of its items, and the next page begins after it: what
//! comes in between moves nothing.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rules::Timestamp;

/// Items of a page, where nothing is said.
const USUAL: u32 = 50;
/// Items of a page, at most.
const MOST: u32 = 500;

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items, in the list's order.
    pub(super) items: Vec<T>,
    /// What to ask for as `after` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// A list of nothing.
    pub(super) const fn empty() -> Self {
        Self {
            items: Vec::new(),
            next: None,
        }
    }

    /// The page that `items` are, of which one more than `limit` was asked for.
    pub(super) fn of(mut items: Vec<T>, limit: Limit, id: impl Fn(&T) -> String) -> Self {
        let size = usize::try_from(limit.0).unwrap_or(usize::MAX);
        let has_more = items.len() > size;
        items.truncate(size);
        let next = items.last().filter(|_| has_more).map(id);
        Self { items, next }
    }
}

/// Where a page of a list ends that is ordered by a time: the last item's time and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor(pub(super) Timestamp, pub(super) Uuid);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.0, self.1)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
        let parts = text.split_once('.');
        let cursor = parts.and_then(|(at, id)| {
            let at = Timestamp(at.parse().ok()?);
            Some(Self(at, id.parse().ok()?))
        });
        cursor.ok_or_else(|| de::Error::custom("`after` is the `next` of the page before"))
    }
}

/// How many items a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit(u32);

impl Default for Limit {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl Limit {
    /// How many to ask the store for: one more tells whether there is a next page.
    pub(super) const fn with_next(self) -> u32 {
        self.0 + 1
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
        let number = text
            .parse()
            .ok()
            .filter(|number| (1..=MOST).contains(number));
        let wrong = || de::Error::custom(format!("a limit is a number from 1 to {MOST}"));
        number.map(Self).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor(Timestamp(-3), Uuid::from_u128(7));
        let read = |text: &str| serde_json::from_value::<Cursor>(text.into());
        assert_eq!(read(&cursor.to_string()).unwrap(), cursor);
        for wrong in [
            "",
            ".",
            "1",
            "1.x",
            "x.00000000-0000-0000-0000-000000000000",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_page_names_its_last_item_where_more_follow() {
        let page = |count| Page::of((0..count).collect(), Limit(3), ToString::to_string);
        assert_eq!(page(4).items, [0, 1, 2]);
        assert_eq!(page(4).next.as_deref(), Some("2"));
        assert_eq!(page(3).next, None);
        assert_eq!(page(0).next, None);
    }
}
