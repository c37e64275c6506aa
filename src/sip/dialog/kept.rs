//! A confirmed dialog as text, so that it can be ended after the process that had it is gone
//! (RFC 3261 §12).

use serde::{Deserialize, Serialize};

use super::{Dialog, DialogId, State, tag};
use crate::sip::SyntaxError;
use crate::sip::name_addr::NameAddr;

/// Numbers that may have been used after the dialog was kept: DTMF, refreshes of a session that
/// lasts for hours. A `CSeq` may go up by more than one (RFC 3261 §12.2.2).
const ROOM: u32 = 100_000;
/// Whoever was called begins to count below this.
const FIRST_NUMBERS: u32 = 0xFFFF;

/// What the next request of a dialog is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The Call-ID.
    pub call_id: String,
    /// Our address, with our tag.
    pub local: String,
    /// The peer's address, with its tag.
    pub remote: String,
    /// The number of our last request, if we had sent one.
    pub local_cseq: Option<u32>,
    /// The peer's last Contact.
    pub remote_target: String,
    /// The route set, in the order that our requests have it.
    pub routes: Vec<String>,
}

impl Dialog {
    /// The dialog as text.
    pub fn keep(&self) -> Kept {
        Kept {
            call_id: self.id.call_id.clone(),
            local: self.local.to_string(),
            remote: self.remote.to_string(),
            local_cseq: self.local_cseq,
            remote_target: self.remote_target.to_string(),
            routes: self.routes.iter().map(ToString::to_string).collect(),
        }
    }

    /// The dialog again. Its next request has a number above all that can have been used, and
    /// nothing that the peer sends is in order any more.
    ///
    /// # Errors
    /// What was kept is not what [`keep`](Self::keep) gave.
    pub fn revive(kept: &Kept) -> Result<Self, SyntaxError> {
        let local: NameAddr = kept.local.parse()?;
        let remote: NameAddr = kept.remote.parse()?;
        let routes = kept.routes.iter().map(|route| route.parse());
        Ok(Self {
            id: DialogId {
                call_id: kept.call_id.clone(),
                local_tag: tag(&local),
                remote_tag: tag(&remote),
            },
            state: State::Confirmed,
            local,
            remote,
            local_cseq: Some(
                kept.local_cseq
                    .unwrap_or(FIRST_NUMBERS)
                    .saturating_add(ROOM),
            ),
            remote_cseq: None,
            remote_target: kept.remote_target.parse()?,
            routes: routes.collect::<Result<_, _>>()?,
        })
    }
}
