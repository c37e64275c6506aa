//! What one message may make us hold.

use super::framing::{Frame, Framer};
use super::message::{MAX_HEADERS, MAX_MESSAGE_BYTES};
use super::{Message, ParseError};

/// A request with so many header fields, and a body of so many octets.
fn request(headers: usize, body: usize) -> Vec<u8> {
    let head = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK1\r\n\
                From: <sip:c@d>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: e\r\nCSeq: 1 OPTIONS\r\n";
    let more = "X: 1\r\n".repeat(headers - 5);
    let mut octets = format!("{head}{more}Content-Length: {body}\r\n\r\n").into_bytes();
    octets.resize(octets.len() + body, b'x');
    octets
}

fn answer(error: &ParseError) -> Option<u16> {
    error.answer().map(|answer| answer.status.as_u16())
}

/// Threat: flood, memory. Control: a message of just that size is read.
#[test]
fn a_message_of_more_than_64_kib_is_refused() {
    let head = request(5, 10_000).len() - 10_000;
    let largest = request(5, MAX_MESSAGE_BYTES - head);
    assert_eq!(largest.len(), MAX_MESSAGE_BYTES);
    assert!(Message::parse(&largest).is_ok());
    let larger = request(5, MAX_MESSAGE_BYTES - head + 1);
    let error = Message::parse(&larger).unwrap_err();
    assert!(matches!(answer(&error), None | Some(513)), "{error}");
}

/// Threat: flood, memory. On a stream it is refused by its Content-Length, before it has come.
#[test]
fn a_stream_keeps_no_message_of_more_than_64_kib() {
    let larger = request(5, MAX_MESSAGE_BYTES);
    let head = larger.len() - MAX_MESSAGE_BYTES;
    let mut framer = Framer::default();
    framer.push(&larger[..head]);
    let frame = framer.poll();
    assert!(matches!(&frame, Some(Frame::Broken(octets)) if octets.len() <= head));
}

/// Threat: flood, memory. Control: a hundred are read.
#[test]
fn a_message_with_more_than_100_headers_is_refused() {
    assert!(Message::parse(&request(MAX_HEADERS, 0)).is_ok());
    let error = Message::parse(&request(MAX_HEADERS + 1, 0)).unwrap_err();
    assert_eq!(answer(&error), Some(513), "{error}");
}
