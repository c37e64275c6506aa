//! Saying why a caller rang, after the fact: a new version each time, appended by itself.

use super::addition::Addition;
use super::{Error, Result, Store};
use crate::call::record::CodeVersion;
use crate::id::{CallId, EventId};
use crate::rules::Timestamp;

/// A purpose as somebody wants it from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeChange {
    /// The id that its event gets.
    pub event: EventId,
    /// Now.
    pub at: Timestamp,
    /// A code of the line's tree.
    pub code: String,
    /// Who says so.
    pub author: String,
    /// Why it is changed.
    pub reason: Option<String>,
}

impl Store {
    /// Adds a version to a call's purposes; the versions before it stay readable (R090).
    ///
    /// May be used from another process than the one that handles the call.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`]; [`Error::Unfit`] if the line's tree has no such code; or if the database fails.
    pub async fn set_purpose(&self, call: CallId, change: PurposeChange) -> Result<CodeVersion> {
        let mut addition = Addition::begin(self, call, change.at).await?;
        if let Some(rules) = self.rules_of(addition.line.as_ref())? {
            Error::if_unfit(rules.purpose_fault(&change.code).into_iter().collect())?;
        }
        let reason = change.reason.as_deref();
        let purpose = addition
            .purpose(change.event, &change.code, &change.author, reason)
            .await?;
        addition.commit().await?;
        Ok(purpose)
    }
}
