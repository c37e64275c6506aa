//! The media plane's arithmetic, pure: RTP and RTCP of a call's legs, G.711, prompts and tones.
//!
//! [`Session`] is one call's media and the one door. It is fed datagrams and the time, and
//! writes what is to be sent into a [`Sink`]; sockets, threads and files belong to `net` and
//! `recording`.

mod dialling;
pub mod dtmf;
pub mod e_model;
pub mod g711;
mod hearing;
mod latch;
mod leg;
mod mix;
mod play;
mod prompt;
pub mod receiver;
mod relay;
pub mod rtcp;
pub mod rtp;
mod session;
mod speaking;
pub mod ticks;
pub mod tone;

pub use dtmf::Key;
pub use hearing::Patience;
pub use latch::Aim;
pub use leg::Figures;
pub use play::Source;
pub use prompt::Prompt;
pub use session::{Frame, LegKey, MovingLeg, Notice, PlayKey, Session, Sink, Way};

/// The law of a [`Frame`]'s audio, for whoever records it.
pub use crate::sdp::Codec;
