//! Any session description, as an offer and as an answer: nothing panics, and what we answer can
//! be read by a peer and lists the offer's lines.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use thirdring::sdp::{AddressPolicy, Codec, Direction, Keying, OfferAnswer, SrtpPolicy};

fuzz_target!(|body: &[u8]| {
    let local = "192.0.2.1:20000".parse().expect("an address");
    let policy = AddressPolicy::default();
    let mut leg = OfferAnswer::new(1, local, policy).keyed(keying());
    if let Ok((answer, stream)) = leg.answer(body, &Codec::ALL) {
        assert!((10..=60).contains(&stream.ptime_ms));
        assert!(policy.allows(stream.remote.ip()) || !stream.direction.sends());
        assert_eq!(leg.stream(), Some(&stream));
        let again = leg.answer(body, &Codec::ALL).expect("as before");
        assert_eq!(
            again,
            (answer.clone(), stream),
            "nothing new, so no new version"
        );

        // A peer that offered just that can take our answer.
        let mut peer = OfferAnswer::new(2, "192.0.2.2:4000".parse().expect("an address"), policy)
            .keyed(keying());
        peer.offer(&Codec::ALL, Direction::SendRecv);
        let _ = peer.handle_answer(&answer);
        leg.offer(&Codec::ALL, Direction::SendRecv);
    }
    leg.offer(&Codec::ALL, Direction::SendRecv);
    let _ = leg.handle_answer(body);
});

/// SRTP where it is offered, with keys that are the same each time.
fn keying() -> Keying {
    let minter = rand::rngs::StdRng::seed_from_u64(1);
    Keying::new(SrtpPolicy::Optional, true, minter)
}
