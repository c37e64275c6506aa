//! One record of the journal: a header that a CRC guards, and a body.
//!
//! ```text
//! 0   CRC-32 (IEEE 802.3) of everything behind it
//! 4   length of the body in bytes
//! 8   kind: 1 open, 2 frames, 3 sealed; seven zeros
//! 16  the call's id
//! 32  the number of the first frame
//! 40  body: the path (open), PCM16 of both channels in turn (frames), nothing (sealed)
//! ```
//! All numbers are little-endian.

use uuid::Uuid;

use crate::id::CallId;
use crate::recording::Stereo;
use crate::recording::wav::push_pcm;

/// What each segment begins with.
pub(super) const MAGIC: &[u8; 8] = b"3RJRNL01";
/// Length of a record without its body.
pub(super) const HEADER: usize = 40;
/// Frames in one record: 1 s. Whoever reads need not believe in a longer one.
pub(super) const MAX_FRAMES: usize = 8000;
const MAX_BODY: usize = 4 * MAX_FRAMES;
/// Bytes of one sample of both channels.
const FRAME: usize = 4;

/// What a record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record<'a> {
    /// Where the recording's file is, below the recordings folder.
    Open { call: CallId, path: &'a str },
    /// Audio from frame `offset` on.
    Frames {
        call: CallId,
        offset: u64,
        pcm: &'a [u8],
    },
    /// The recording is safe under its final name: nothing of it is to be written again.
    Sealed { call: CallId },
}

const OPEN: u8 = 1;
const FRAMES: u8 = 2;
const SEALED: u8 = 3;

pub(super) fn push_open(buffer: &mut Vec<u8>, call: CallId, path: &str) {
    push(buffer, OPEN, call, 0, |body| {
        body.extend_from_slice(path.as_bytes());
    });
}

pub(super) fn push_frames(buffer: &mut Vec<u8>, call: CallId, offset: u64, frames: &[Stereo]) {
    push(buffer, FRAMES, call, offset, |body| push_pcm(body, frames));
}

pub(super) fn push_sealed(buffer: &mut Vec<u8>, call: CallId) {
    push(buffer, SEALED, call, 0, |_| {});
}

fn push(
    buffer: &mut Vec<u8>,
    kind: u8,
    call: CallId,
    offset: u64,
    body: impl FnOnce(&mut Vec<u8>),
) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 8]);
    buffer.extend_from_slice(&[kind, 0, 0, 0, 0, 0, 0, 0]);
    buffer.extend_from_slice(call.0.as_bytes());
    buffer.extend_from_slice(&offset.to_le_bytes());
    body(buffer);
    let length = buffer.len() - start - HEADER;
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let Some((crc, guarded)) = buffer[start..].split_first_chunk_mut::<4>() else {
        return;
    };
    guarded[..4].copy_from_slice(&length.to_le_bytes());
    *crc = crc32fast::hash(guarded).to_le_bytes();
}

/// The records of a segment, up to its end or to the first that is torn or damaged.
#[derive(Debug)]
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    /// Where the next record begins.
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(segment: &'a [u8]) -> Self {
        let is_ours = segment.starts_with(MAGIC);
        Self {
            bytes: segment,
            at: if is_ours { MAGIC.len() } else { 0 },
        }
    }

    /// Where reading stopped, if that is not the end.
    pub(super) fn broken_at(&self) -> Option<u64> {
        (self.at < self.bytes.len()).then_some(self.at as u64)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.at == 0 {
            return None; // no segment of ours
        }
        let (record, length) = read(self.bytes.get(self.at..)?)?;
        self.at += length;
        Some(record)
    }
}

/// The first record of `bytes`, and its length.
fn read(bytes: &[u8]) -> Option<(Record<'_>, usize)> {
    let (crc, rest) = bytes.split_first_chunk::<4>()?;
    let (length, _) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > MAX_BODY {
        return None;
    }
    let guarded = rest.get(..HEADER - 4 + length)?;
    if crc32fast::hash(guarded) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (head, body) = guarded.split_at_checked(HEADER - 4)?;
    let kind = *head.get(4)?;
    let call = CallId(Uuid::from_slice(head.get(12..28)?).ok()?);
    let offset = u64::from_le_bytes(head.get(28..36)?.try_into().ok()?);
    let record = match kind {
        OPEN => Record::Open {
            call,
            path: std::str::from_utf8(body).ok()?,
        },
        FRAMES if body.len().is_multiple_of(FRAME) => Record::Frames {
            call,
            offset,
            pcm: body,
        },
        SEALED => Record::Sealed { call },
        _ => return None,
    };
    Some((record, HEADER + length))
}

/// The text of a segment that holds one recording.
#[derive(Debug)]
pub(in crate::recording) struct SegmentText(Vec<u8>);

impl SegmentText {
    pub(in crate::recording) fn begin(call: CallId, path: &str) -> Self {
        let mut text = MAGIC.to_vec();
        push_open(&mut text, call, path);
        Self(text)
    }

    pub(in crate::recording) fn frames(&mut self, call: CallId, offset: u64, frames: &[Stereo]) {
        let offsets = (offset..).step_by(MAX_FRAMES);
        for (offset, frames) in offsets.zip(frames.chunks(MAX_FRAMES)) {
            push_frames(&mut self.0, call, offset, frames);
        }
    }

    pub(in crate::recording) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(in crate::recording) fn clear(&mut self) {
        self.0.clear();
    }
}
