//! The day's figures of lines, queues and agents, as a wallboard shows them: folded from the log,
//! event by event while calls go on, or from the rows of a day at the start. Both give the same.
//!
//! Pure: which day it is, and what happened, comes from outside.
//!
//! # What counts
//!
//! A call counts for the line that was dialled, on the day it arrived, if somebody called in. It is
//! *offered* when it wanted a person: it was answered, abandoned, not served, or left a message. Whoever
//! called a closed line, was refused or heard himself is none of these. Rates are of the calls that
//! were offered and are decided; who gives up while the first ring lasts is shown apart (R209).

mod agent;
mod day;
mod facts;
mod tally;
mod times;

pub use agent::AgentTally;
pub use day::{Day, LineTally};
pub use facts::{End, Facts, Stage};
pub use tally::{RING_COLUMNS, Share, Tally};
pub use times::Times;
