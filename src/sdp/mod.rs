//! Session descriptions: reading and writing them (RFC 8866, by `sdp-types`), and what two ends
//! agree on (RFC 3264, ours).
//!
//! [`OfferAnswer`] is the one door: it keeps one leg's side of the conversation and yields a
//! [`Stream`], which is all that the media plane needs to know.

mod address;
mod codec;
mod crypto;
mod direction;
mod keying;
mod media_source;
mod offer_answer;
mod parse;
mod stream;
mod write;

pub use address::AddressPolicy;
pub use codec::Codec;
pub use crypto::{MasterKey, SrtpKeys, SrtpSuite};
pub use direction::Direction;
pub use keying::{Keying, SrtpPolicy};
pub use media_source::MediaSource;
pub use offer_answer::{NegotiationError, OfferAnswer};
pub use parse::UnreadableDescription;
pub use stream::Stream;
