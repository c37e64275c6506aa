//! How a caller's matter is dealt with (R117), as the API says it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call_view::{When, time};
use crate::rules::Handling;

/// How a caller's matter is dealt with, as the caller was told.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "as", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = HandlingWish)]
pub(super) enum HandlingWish {
    /// It was answered on the spot.
    Answered,
    /// It is accepted, and the caller was told by when it is dealt with.
    Accepted {
        /// By then, RFC 3339.
        #[schema(value_type = String, format = DateTime)]
        due_at: When,
    },
    /// It is not ours, and the caller was told whose it is.
    NotAccepted {
        /// The unit that answers for it.
        unit: String,
        /// By when the caller gets it in writing, if that was asked for, RFC 3339.
        #[serde(default)]
        #[schema(value_type = Option<String>, format = DateTime)]
        written_by: Option<When>,
    },
    /// It is not dealt with any more, and the caller was told why.
    NoLongerAccepted {
        /// Why not.
        reason: String,
    },
}

impl From<HandlingWish> for Handling {
    fn from(wish: HandlingWish) -> Self {
        match wish {
            HandlingWish::Answered => Self::Answered,
            HandlingWish::Accepted { due_at } => Self::Accepted { due_at: due_at.0 },
            HandlingWish::NotAccepted { unit, written_by } => Self::NotAccepted {
                unit,
                written_by: written_by.map(|by| by.0),
            },
            HandlingWish::NoLongerAccepted { reason } => Self::NoLongerAccepted { reason },
        }
    }
}

/// How a caller's matter is dealt with.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Handling)]
pub(super) struct HandlingView {
    /// `answered`, `accepted`, `not_accepted` or `no_longer_accepted`.
    #[serde(rename = "as")]
    kind: &'static str,
    /// By when something is still to be done: the matter dealt with, or the answer written.
    #[schema(format = DateTime)]
    due_at: Option<String>,
    /// The unit that answers for what is not ours.
    unit: Option<String>,
    /// Why it is not dealt with any more.
    reason: Option<String>,
}

impl From<&Handling> for HandlingView {
    fn from(handling: &Handling) -> Self {
        let (unit, reason) = match handling {
            Handling::NotAccepted { unit, .. } => (Some(unit.clone()), None),
            Handling::NoLongerAccepted { reason } => (None, Some(reason.clone())),
            Handling::Answered | Handling::Accepted { .. } => (None, None),
        };
        Self {
            kind: handling.as_str(),
            due_at: handling.due_at().map(time),
            unit,
            reason,
        }
    }
}
