//! A load generator on the same SIP core: callers, agents and their voices in one process, for
//! whoever sizes a machine, and for the measurements of the service itself.
//!
//! Every packet is marked in its G.711 payload ([`Marker`]), so that what was lost, came twice, out
//! of order or late is known exactly, also when RTP is numbered anew on the way. [`Signals`] is the
//! signalling, pure; [`Tally`] keeps the account of what came; [`run()`] puts both on sockets.

mod marker;
mod recordings;
mod run;
mod sequence;
mod signals;
mod sockets;
mod tally;
mod usage;
mod voices;

pub use marker::{Marker, Side};
pub use recordings::{Recordings, check_recordings, recordings_in};
pub use run::{Measured, Plan, run};
pub use signals::{Places, Signals, Talk};
pub use tally::{Delays, Figures, Tally};
pub use usage::{Usage, usage};
