//! What administrators set up while the service runs: lines, queues, agents, calendars and policies
//! of calls out, and the prompts that they name.
//!
//! A section is set up as the file would have it, under the same keys and the same checks, which
//! look at the whole that would come of it: what does not fit is refused with everything that is
//! wrong, and nothing is taken. Each change is a new version; none is ever lost. A section that was
//! set up counts instead of the file's; the file gives the first set. Whoever runs the service
//! watches the revision and puts the whole into [effect](Effect).

mod administration;
mod codes;
mod effect;
mod error;
mod prompts;
mod seal;

pub use administration::{Administration, Change, Difference, Shown};
pub use effect::{Effect, Effects};
pub use error::Error;
pub use prompts::{LONGEST_PROMPT, PromptFile, Prompts, load, problems};
