//! Why agents may be away, as far as it is known beforehand (R274).

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::state::BreakInfo;

/// The reasons for breaks.
#[derive(Serialize, ToSchema)]
pub(super) struct Breaks {
    /// Those that are known beforehand; agents may give others.
    items: Vec<BreakReason>,
    /// A break for another reason begins when somebody has allowed it.
    others_need_leave: bool,
}

/// A reason for a break.
#[derive(Serialize, ToSchema)]
struct BreakReason {
    /// As agents give it.
    reason: String,
    /// How long such a break may last, in seconds; what lasts longer is shown.
    longest_s: u64,
    /// It begins at once: nobody has to allow it.
    at_once: bool,
}

impl From<&BreakInfo> for BreakReason {
    fn from(known: &BreakInfo) -> Self {
        Self {
            reason: known.reason.clone(),
            longest_s: known.longest.as_secs(),
            at_once: known.at_once,
        }
    }
}

/// Reasons for breaks
#[utoipa::path(get, path = "/api/v1/breaks", tag = "desk",
    responses((status = OK, body = Breaks)))]
pub(super) async fn list(State(api): State<Api>) -> Json<Breaks> {
    let site = api.site();
    Json(Breaks {
        items: site.breaks.iter().map(BreakReason::from).collect(),
        others_need_leave: site.breaks_need_leave,
    })
}
