//! WAV files through `hound`: stereo PCM16 at 8 kHz, written so that the header is true after
//! every write, and a reader for prompts, tests and levels.

use std::io::{Seek, Write};
use std::path::Path;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use super::{Error, Stereo};
use crate::media::ticks::SAMPLE_RATE;

/// Length of the header that hound writes for PCM16.
pub(super) const HEADER_BYTES: u64 = 44;
/// Bytes of one sample of both channels.
pub(super) const FRAME_BYTES: u64 = 4;
/// 12 hours: WAV counts its bytes in 32 bits, and hound wraps silently at 4 GiB.
const MAX_FRAMES: u64 = 12 * 3600 * SAMPLE_RATE as u64;
/// hound counts the samples of one block in 32 bits; so many frames at once are plenty.
const BLOCK_FRAMES: usize = 8192;

const SPEC: WavSpec = WavSpec {
    channels: 2,
    sample_rate: SAMPLE_RATE,
    bits_per_sample: 16,
    sample_format: SampleFormat::Int,
};

/// Writes a stereo WAV.
pub(super) struct Writer<W: Write + Seek> {
    inner: WavWriter<W>,
    frames: u64,
}

impl<W: Write + Seek> Writer<W> {
    /// Writes the header at once: an empty file is no WAV.
    pub(super) fn new(target: W) -> hound::Result<Self> {
        let mut inner = WavWriter::new(target, SPEC)?;
        inner.flush()?;
        Ok(Self { inner, frames: 0 })
    }

    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    pub(super) fn has_room_for(&self, frames: usize) -> bool {
        self.frames + frames as u64 <= MAX_FRAMES
    }

    /// Appends whole frames and makes the header true. Half a frame never comes here: hound
    /// would be left standing behind its header.
    pub(super) fn write(&mut self, frames: &[Stereo]) -> hound::Result<()> {
        for block in frames.chunks(BLOCK_FRAMES) {
            let samples = u32::try_from(2 * block.len()).unwrap_or(0);
            let mut writer = self.inner.get_i16_writer(samples);
            for sample in block.as_flattened() {
                writer.write_sample(*sample);
            }
            writer.flush()?;
        }
        self.inner.flush()?;
        self.frames += frames.len() as u64;
        Ok(())
    }

    pub(super) fn finalize(self) -> hound::Result<()> {
        self.inner.finalize()
    }
}

impl<W: Write + Seek> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({} frames)", self.frames)
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
    use std::io::Cursor;

    use super::*;

    #[test]
    fn the_file_is_true_after_every_write() {
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = Writer::new(&mut bytes).unwrap();
        writer.write(&[[1, -1]; 1600]).unwrap();
        writer.write(&vec![[2, -2]; 10_000]).unwrap();
        drop(writer);
        let bytes = bytes.into_inner();
        assert_eq!(bytes.len() as u64, HEADER_BYTES + 11_600 * FRAME_BYTES);
        let reader = WavReader::new(bytes.as_slice()).unwrap();
        assert_eq!(reader.duration(), 11_600);
        assert_eq!(reader.spec(), SPEC);
    }

    #[test]
    fn a_file_without_audio_has_a_header() {
        let mut bytes = Cursor::new(Vec::new());
        Writer::new(&mut bytes).unwrap();
        assert_eq!(WavReader::new(bytes.get_ref().as_slice()).unwrap().len(), 0);
    }

    #[test]
    fn levels_are_relative_to_a_full_sine() {
        let square = [i16::MAX; 100];
        assert!((level_dbfs(&square).unwrap() - 3.01).abs() < 0.01);
        assert_eq!(level_dbfs(&[0; 10]), None);
    }
}
