//! Who rings next: the agents and what they are doing, the callers who wait, and the queues that
//! bring the two together. Leaves the ringing itself to [`crate::call`].

mod absence;
mod agent;
mod agents;
mod attempted;
mod duty;
mod estimate;
mod group;
mod ladder;
mod minimum;
mod queues;
mod rank;
mod renewal;
mod said;
pub mod service_level;
mod state;
mod strategy;
mod waiting;

pub use agent::{Reach, Told, WrapUp};
pub use agents::Agents;
pub use attempted::Attempted;
pub use duty::{AwayAsked, Duty, LOST, MISSED, Standing};
pub use ladder::{Heard, Joining, Overflow, When};
pub use minimum::MinimumAt;
pub use queues::{Choice, QueueSettings, Queues, Skills, Staffing};
pub use renewal::Staff;
pub use said::{AgentCommand, LONGEST_WRAP_UP, Unfit};
pub use state::AgentState;
pub use strategy::Strategy;
pub use waiting::{MOST_URGENT, Turn, Waiting, WaitingCall};
