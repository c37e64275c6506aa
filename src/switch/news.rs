//! What the desk is told while it happens, and the log does not keep.

use super::LineSwitch;
use super::board::{AgentNow, QueueNow};
use crate::call::Attention;
use crate::id::{CallId, LineId};

/// A piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A line was switched to something else, or back (R279).
    Line(LineSwitch),
    /// A ring begins, as the caller hears it (R001): the first with the first 18x.
    Ring {
        /// Who rings.
        call: CallId,
        /// On which line.
        line: Option<LineId>,
        /// Which ring, from 1.
        ring: u32,
        /// It begins at or after the profile's `apology_from`: whoever answers apologises.
        apologise: bool,
    },
    /// An agent does something else from now on.
    Agent(AgentNow),
    /// Somebody has come to a queue or left it, or its staffing has changed.
    Queue(QueueNow),
    /// Somebody should look at a call.
    Attention {
        /// Which call.
        call: CallId,
        /// On which line.
        line: Option<LineId>,
        /// Why.
        what: Attention,
    },
}
