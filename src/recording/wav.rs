//! WAV files through `hound`: the header of stereo PCM16 at 8 kHz, and a reader for prompts, tests
//! and levels. The audio itself is written as it is: it stands in the journal in the same form.

use std::io::Cursor;
use std::path::Path;
use std::sync::OnceLock;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use super::{Error, Stereo};
use crate::media::ticks::SAMPLE_RATE;

/// Length of the header that hound writes for PCM16.
pub(super) const HEADER_BYTES: u64 = HEADER as u64;
/// Bytes of one sample of both channels.
pub(super) const FRAME_BYTES: u64 = FRAME as u64;
/// 12 hours: WAV counts its bytes in 32 bits, and at 4 GiB the count would wrap.
pub(super) const MAX_FRAMES: u64 = 12 * 3600 * SAMPLE_RATE as u64;

const HEADER: usize = 44;
const FRAME: usize = 4;

const SPEC: WavSpec = WavSpec {
    channels: 2,
    sample_rate: SAMPLE_RATE,
    bits_per_sample: 16,
    sample_format: SampleFormat::Int,
};

/// The header of a file with so many frames: hound's, with the two lengths that a WAV holds, of the
/// RIFF chunk at byte 4 and of the data at byte 40.
pub(super) fn header(frames: u64) -> [u8; HEADER] {
    static EMPTY: OnceLock<[u8; HEADER]> = OnceLock::new();
    let mut header = *EMPTY.get_or_init(empty);
    let data = frames * FRAME_BYTES;
    let length = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    header[4..8].copy_from_slice(&length(HEADER_BYTES - 8 + data));
    header[40..].copy_from_slice(&length(data));
    header
}

/// What hound writes before any sample.
fn empty() -> [u8; HEADER] {
    let mut bytes = Cursor::new(Vec::new());
    let written = WavWriter::new(&mut bytes, SPEC).and_then(WavWriter::finalize);
    if let Err(error) = written {
        tracing::error!(%error, "a WAV header cannot be made");
    }
    bytes.into_inner().try_into().unwrap_or([0; HEADER])
}

/// Adds frames as a file has them.
pub(super) fn push_pcm(out: &mut Vec<u8>, frames: &[Stereo]) {
    let start = out.len();
    out.resize(start + FRAME * frames.len(), 0);
    let (places, _) = out[start..].as_chunks_mut::<FRAME>();
    for (place, [left, right]) in places.iter_mut().zip(frames) {
        let [a, b] = left.to_le_bytes();
        let [c, d] = right.to_le_bytes();
        *place = [a, b, c, d];
    }
}

/// The audio of a WAV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// Samples a second.
    pub sample_rate: u32,
    /// The samples of each channel.
    pub channels: Vec<Vec<i16>>,
}

impl Audio {
    /// Length in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        let samples = self.channels.first().map_or(0, |first| first.len() as u64);
        samples * 1000 / u64::from(self.sample_rate.max(1))
    }
}

/// Reads a whole PCM16 WAV file.
///
/// # Errors
/// The file cannot be read, or is not PCM16.
pub fn read_audio(path: &Path) -> Result<Audio, Error> {
    let reader = WavReader::open(path).map_err(Error::wav(path))?;
    let spec = reader.spec();
    if spec.sample_format != SampleFormat::Int || spec.bits_per_sample != 16 {
        return Err(Error::wav(path)(hound::Error::Unsupported));
    }
    let count = usize::from(spec.channels);
    let mut channels = vec![Vec::new(); count];
    for (index, sample) in reader.into_samples::<i16>().enumerate() {
        let sample = sample.map_err(Error::wav(path))?;
        if let Some(channel) = channels.get_mut(index % count) {
            channel.push(sample);
        }
    }
    Ok(Audio {
        sample_rate: spec.sample_rate,
        channels,
    })
}

/// A WAV file of any depth as one channel.
pub(super) struct Mono {
    pub(super) sample_rate: u32,
    /// How many the file has; the samples are their mean.
    pub(super) channels: u16,
    /// Between -1 and 1.
    pub(super) samples: Vec<f64>,
}

/// Reads a whole WAV file: PCM of 8 to 32 bits, or float.
///
/// # Errors
/// The file cannot be read, or is something else.
pub(super) fn read_mono(path: &Path) -> Result<Mono, Error> {
    let reader = WavReader::open(path).map_err(Error::wav(path))?;
    let spec = reader.spec();
    let values: hound::Result<Vec<f64>> = match spec.sample_format {
        SampleFormat::Float => {
            let values = reader.into_samples::<f32>();
            values.map(|value| value.map(f64::from)).collect()
        }
        SampleFormat::Int => {
            let full_scale = f64::from(spec.bits_per_sample.clamp(1, 32) - 1).exp2();
            let values = reader.into_samples::<i32>();
            values
                .map(|value| value.map(|value| f64::from(value) / full_scale))
                .collect()
        }
    };
    let values = values.map_err(Error::wav(path))?;
    let count = usize::from(spec.channels).max(1);
    let mean = |frame: &[f64]| frame.iter().sum::<f64>() / f64::from(spec.channels.max(1));
    Ok(Mono {
        sample_rate: spec.sample_rate,
        channels: spec.channels,
        samples: values.chunks(count).map(mean).collect(),
    })
}

/// Mean level in dB relative to a full-scale sine; `None` is digital silence.
pub fn level_dbfs(samples: &[i16]) -> Option<f64> {
    let power: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    #[expect(
        clippy::cast_precision_loss,
        reason = "a level needs no more than 52 bits"
    )]
    let mean = power / samples.len().max(1) as f64;
    let full_scale = f64::from(i16::MAX).powi(2) / 2.0;
    (power > 0.0).then(|| 10.0 * (mean / full_scale).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_true_of_what_follows_it() {
        for frames in [0_u64, 1, 11_600] {
            let mut bytes = header(frames).to_vec();
            push_pcm(&mut bytes, &vec![[2, -2]; usize::try_from(frames).unwrap()]);
            let reader = WavReader::new(bytes.as_slice()).unwrap();
            assert_eq!(u64::from(reader.duration()), frames);
            assert_eq!(reader.spec(), SPEC);
            let samples: Vec<i16> = reader.into_samples().map(Result::unwrap).collect();
            assert!(samples.chunks(2).all(|frame| frame == [2, -2]));
        }
    }

    #[test]
    fn the_longest_recording_can_be_counted() {
        let longest = header(MAX_FRAMES);
        let bytes = u32::from_le_bytes(longest[40..].try_into().unwrap());
        assert_eq!(u64::from(bytes), MAX_FRAMES * FRAME_BYTES);
    }

    #[test]
    fn levels_are_relative_to_a_full_sine() {
        let square = [i16::MAX; 100];
        assert!((level_dbfs(&square).unwrap() - 3.01).abs() < 0.01);
        assert_eq!(level_dbfs(&[0; 10]), None);
    }
}
