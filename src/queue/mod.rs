//! Who rings next: the agents and what they are doing, the callers who wait, and the strategy
//! that brings the two together. Leaves the ringing itself to [`crate::call`].

mod agent;
mod strategy;
mod waiting;

pub use agent::{AgentState, Agents, Reach};
pub use strategy::{Attempted, Strategy};
pub use waiting::{Waiting, WaitingCall};
