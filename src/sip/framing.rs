//! Where messages begin and end on a stream (RFC 3261 §18.3), and the keep-alives between them
//! (RFC 5626 §3.5.1): octets in, whole messages out.
//!
//! The headers are read by the one parser that there is, so nobody can make this framer and that
//! parser see different messages in the same octets.

use super::message::MAX_MESSAGE_BYTES;
use super::parse;

/// The largest header section read from a stream, start line included.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;

/// What both ends may send between messages to show that they are there (RFC 5626 §3.5.1).
pub const PING: &[u8] = b"\r\n\r\n";
/// The answer to it.
pub const PONG: &[u8] = b"\r\n";

/// Something whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The octets of one message, for [`Message::parse_by`](super::Message::parse_by). It may be
    /// malformed; the stream goes on after it.
    Message(Vec<u8>),
    /// The octets of a message that does not tell where it ends, is too large, or broke off. It may
    /// be answered; then the stream is to be closed. Nothing follows.
    Broken(Vec<u8>),
    /// A keep-alive, to be answered with [`PONG`].
    Ping,
}

/// The framer of one stream.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where in the buffer the next message begins; what is before has been given out.
    begin: usize,
    /// The octets of [`PING`] that stand before it.
    ping: usize,
    /// Up to where the end of the header section was looked for.
    searched: usize,
    /// Where the message ends, once its header section has been read.
    end: Option<usize>,
    is_broken: bool,
}

impl Framer {
    /// Takes octets as they come, in pieces of any size.
    pub fn push(&mut self, octets: &[u8]) {
        if !self.is_broken {
            self.buffer.extend_from_slice(octets);
        }
    }

    /// The next frame that is whole.
    pub fn poll(&mut self) -> Option<Frame> {
        if self.skip_line_ends() {
            return Some(Frame::Ping);
        }
        if self.end.is_none() && self.begin < self.buffer.len() {
            self.end = match self.find_head()? {
                Ok(end) => Some(end),
                Err(upto) => return Some(self.broken(upto)),
            };
        }
        let end = self.end.filter(|end| *end <= self.buffer.len());
        let Some(end) = end else {
            self.compact();
            return None;
        };
        let message = self.taken(end);
        self.begin = end;
        self.searched = end;
        self.end = None;
        Some(Frame::Message(message))
    }

    /// Whether a message has begun and is not whole.
    pub const fn is_amid(&self) -> bool {
        self.begin < self.buffer.len()
    }

    /// Nothing more comes, or not in time: what there is of a message, if any.
    pub fn finish(&mut self) -> Option<Frame> {
        (!self.is_broken && self.is_amid()).then(|| self.broken(self.buffer.len()))
    }

    /// Passes over line ends before a message (RFC 3261 §7.5); whether they make a keep-alive.
    fn skip_line_ends(&mut self) -> bool {
        if self.end.is_some() {
            return false;
        }
        while let Some(octet @ (b'\r' | b'\n')) = self.buffer.get(self.begin) {
            self.ping = match PING.get(self.ping) {
                Some(expected) if expected == octet => self.ping + 1,
                _ => usize::from(*octet == b'\r'),
            };
            self.begin += 1;
            self.searched = self.begin;
            if self.ping == PING.len() {
                self.ping = 0;
                return true;
            }
        }
        if self.is_amid() {
            self.ping = 0;
        }
        false
    }

    /// Looks for the empty line, and reads how long the body behind it is. The end of the message,
    /// or of what there is of one that cannot be framed.
    fn find_head(&mut self) -> Option<Result<usize, usize>> {
        let limit = self.begin + MAX_HEAD_BYTES;
        let Some(head_end) = self.empty_line() else {
            return (self.buffer.len() > limit).then_some(Err(limit));
        };
        if head_end > limit {
            return Some(Err(limit));
        }
        let head = self.buffer.get(self.begin..head_end)?;
        let length = parse::body_length(head);
        let end = length.and_then(|length| head_end.checked_add(length));
        let fits = end.filter(|end| end - self.begin <= MAX_MESSAGE_BYTES);
        Some(fits.ok_or(head_end))
    }

    /// Where the header section ends: behind the first empty line. Each octet is looked at once,
    /// however they trickle in.
    fn empty_line(&mut self) -> Option<usize> {
        while let Some(octet) = self.buffer.get(self.searched) {
            if *octet == b'\n' {
                let behind = self.buffer.get(self.searched + 1..).unwrap_or_default();
                match behind {
                    [b'\n', ..] => return Some(self.searched + 2),
                    [b'\r', b'\n', ..] => return Some(self.searched + 3),
                    [] | [b'\r'] => return None, // not to be told yet
                    _ => {}
                }
            }
            self.searched += 1;
        }
        None
    }

    fn broken(&mut self, upto: usize) -> Frame {
        let message = self.taken(upto);
        *self = Self {
            is_broken: true,
            ..Self::default()
        };
        Frame::Broken(message)
    }

    fn taken(&self, end: usize) -> Vec<u8> {
        let message = self.buffer.get(self.begin..end);
        message.unwrap_or_default().to_vec()
    }

    /// Forgets what has been given out; an idle stream holds no memory.
    fn compact(&mut self) {
        if self.begin == self.buffer.len() {
            self.buffer = Vec::new();
        } else {
            self.buffer.drain(..self.begin);
        }
        self.searched -= self.begin;
        self.end = self.end.map(|end| end - self.begin);
        self.begin = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sip::{Malformed, Message, Transport};

    const HEAD: &str = "Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
                        To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";

    fn message(length: &str, body: &str) -> String {
        format!("OPTIONS sip:c@d SIP/2.0\r\n{HEAD}{length}\r\n{body}")
    }

    fn frames(octets: &[u8], piece: usize) -> Vec<Frame> {
        let mut framer = Framer::default();
        let mut found = Vec::new();
        for piece in octets.chunks(piece) {
            framer.push(piece);
            found.extend(std::iter::from_fn(|| framer.poll()));
        }
        found.extend(framer.finish());
        found
    }

    fn whole(text: &str) -> Frame {
        Frame::Message(text.as_bytes().to_vec())
    }

    #[test]
    fn joined_messages_come_apart_and_split_ones_together() {
        let first = message("Content-Length: 4\r\n", "body");
        let second = message("l:\r\n 0\r\n", "");
        let octets = format!("{first}\r\n{second}{first}");
        for piece in [1, 2, 7, octets.len()] {
            let expected = [whole(&first), whole(&second), whole(&first)];
            assert_eq!(frames(octets.as_bytes(), piece), expected, "{piece}");
        }
    }

    #[test]
    fn an_empty_line_pair_is_a_keep_alive_and_a_single_one_is_nothing() {
        let text = message("Content-Length: 0\r\n", "");
        let octets = format!("\r\n\r\n\r\n{text}\r\n{text}\r\n\r\n");
        for piece in [1, 3, octets.len()] {
            let expected = [Frame::Ping, whole(&text), whole(&text), Frame::Ping];
            assert_eq!(frames(octets.as_bytes(), piece), expected, "{piece}");
        }
    }

    /// RFC 3261 §18.3: Content-Length must be there; and what it says must be certain.
    #[test]
    fn a_message_without_a_certain_length_ends_the_stream() {
        let next = message("Content-Length: 0\r\n", "");
        for length in [
            "",
            "Content-Length: -1\r\n",
            "Content-Length: 0\r\nl: 0\r\n",
            "Content-Length: 0, 0\r\n",
            "Content-Length 0\r\n",
            "Content-Length: 70000\r\n",
            "Content-Length: 99999999999999999999\r\n",
        ] {
            let text = message(length, "");
            let octets = format!("{text}{next}");
            let expected = [Frame::Broken(text.clone().into_bytes())];
            assert_eq!(frames(octets.as_bytes(), 1), expected, "{length}");
            let answer = Message::parse_by(Transport::Tcp, text.as_bytes()).unwrap_err();
            assert_eq!(answer.answer().unwrap().status.as_u16(), 400, "{length}");
        }
    }

    /// Threat: header injection, smuggling.
    #[test]
    fn a_length_behind_too_many_headers_is_not_believed() {
        let many = "X: 1\r\n".repeat(200);
        let text = message(&format!("Content-Length: 0\r\n{many}l: 50\r\n"), "");
        let [Frame::Broken(broken)] = &frames(text.as_bytes(), 64)[..] else {
            panic!("the stream must end");
        };
        let cause = Message::parse_by(Transport::Tcp, broken).unwrap_err().cause;
        assert_eq!(cause, Malformed::TooManyHeaders);
    }

    /// Threat: flood, memory. A stream that only ever begins a message holds 32 KiB.
    #[test]
    fn a_header_section_has_a_limit() {
        let mut framer = Framer::default();
        framer.push(b"OPTIONS sip:c@d SIP/2.0\r\n");
        for _ in 0..MAX_HEAD_BYTES / 8 - 4 {
            framer.push(b"X: 123\r\n");
            assert_eq!(framer.poll(), None);
        }
        framer.push(b"X: 123\r\nX: 123\r\n");
        let broken = framer.poll();
        assert!(matches!(&broken, Some(Frame::Broken(b)) if b.len() == MAX_HEAD_BYTES));
        framer.push(b"anything");
        assert_eq!(framer.poll(), None);
        assert_eq!(framer.finish(), None);
    }

    #[test]
    fn a_message_that_breaks_off_can_still_be_answered() {
        let text = message("Content-Length: 9\r\n", "short");
        assert_eq!(frames(text.as_bytes(), 5), [Frame::Broken(text.into())]);
    }

    /// Pieces of streams: what peers send, and what only an attacker would.
    fn octets() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            any::<Vec<u8>>(),
            Just(message("Content-Length: 3\r\n", "abc").into_bytes()),
            Just(message("l : 0\r\n", "").replace("\r\n", "\n").into_bytes()),
            Just(message("", "").into_bytes()),
            Just(b"\r\n".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\r\n\r\n".to_vec()),
            Just(b"Content-Length: 7\r\n\r\n".to_vec()),
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_frames(octets in octets(), cuts in any::<Vec<u8>>()) {
            let together = frames(&octets, octets.len().max(1));
            let mut framer = Framer::default();
            let mut cut_frames = Vec::new();
            let mut rest = octets.as_slice();
            for cut in cuts.iter().map(|cut| usize::from(*cut % 40)) {
                let (piece, behind) = rest.split_at(cut.min(rest.len()));
                framer.push(piece);
                cut_frames.extend(std::iter::from_fn(|| framer.poll()));
                rest = behind;
            }
            framer.push(rest);
            cut_frames.extend(std::iter::from_fn(|| framer.poll()));
            cut_frames.extend(framer.finish());
            prop_assert_eq!(cut_frames, together);
        }

        /// Nobody can hide a message in another one: what the parser makes of a frame is what it
        /// makes of the frame and whatever follows.
        #[test]
        fn framer_and_parser_agree_where_a_message_ends(octets in octets()) {
            let mut framer = Framer::default();
            framer.push(&octets);
            while let Some(frame) = framer.poll() {
                if let Frame::Message(message) = frame {
                    let mut followed = message.clone();
                    followed.extend_from_slice(b"INVITE sip:x@y SIP/2.0\r\n\r\n");
                    let alone = Message::parse_by(Transport::Tcp, &message);
                    prop_assert_eq!(alone, Message::parse_by(Transport::Tcp, &followed));
                }
            }
        }
    }
}
