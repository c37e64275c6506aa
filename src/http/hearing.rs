//! Who hears a recording: whoever served the call, whoever has taken on the message that was left in
//! it (R184), and those who hear everybody's.

use uuid::Uuid;

use super::caller::Caller;
use super::{Api, ProblemDocument};
use crate::id::CallId;
use crate::rules::policy::{Action, Object};
use crate::store::CallDetail;

/// A call whose recording the one who asks may hear.
pub(super) async fn audible(
    api: &Api,
    caller: &Caller,
    id: Uuid,
) -> Result<CallDetail, ProblemDocument> {
    let detail = api.store.call(CallId(id)).await?;
    let own = caller.extension.as_ref();
    let has_served = own.is_some_and(|agent| detail.call.record.was_served_by(agent));
    let is_own = has_served
        || api
            .store
            .has_taken_message(CallId(id), &caller.name)
            .await?;
    caller.may(Action::PlayRecording, Object::owned(is_own))?;
    Ok(detail)
}
