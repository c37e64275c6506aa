//! The rules of the hotline as pure arithmetic: how an answer is graded, how a number is masked.

mod number;
mod pickup;
mod timestamp;

pub use number::e164;
pub use pickup::{Cadence, Grade, PickupProfile, RingCount};
pub use timestamp::{Moment, Timestamp};
