//! Any stream, cut anyhow: the cuts change nothing, every message ends where the parser says it
//! ends, and nothing panics.
//!
//! The first octet of the input is how large the pieces are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use thirdring::sip::framing::{Frame, Framer};
use thirdring::sip::{Message, Transport};

fuzz_target!(|input: &[u8]| {
    let Some((size, stream)) = input.split_first() else {
        return;
    };
    let cut = frames(stream, usize::from(*size).max(1));
    assert_eq!(
        cut,
        frames(stream, stream.len().max(1)),
        "a cut changes nothing"
    );
    for frame in cut {
        if let Frame::Message(message) = frame {
            let mut followed = message.clone();
            followed.extend_from_slice(b"BYE sip:x@y SIP/2.0\r\n\r\n");
            let alone = Message::parse_by(Transport::Tcp, &message);
            assert_eq!(alone, Message::parse_by(Transport::Tcp, &followed));
        }
    }
});

fn frames(stream: &[u8], size: usize) -> Vec<Frame> {
    let mut framer = Framer::default();
    let mut found = Vec::new();
    for piece in stream.chunks(size) {
        framer.push(piece);
        found.extend(std::iter::from_fn(|| framer.poll()));
    }
    found.extend(framer.finish());
    found
}
