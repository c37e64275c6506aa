//! Prompts: WAV files that are read once, at the start, and named in the configuration. Whatever
//! their rate and depth, they are 8 kHz from then on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Error;
use super::resample::to_telephone;
use super::wav::read_mono;
use crate::media::Prompt;

/// Why a prompt cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The file cannot be read, or is not PCM or float.
    #[error("{0} (a prompt is a WAV file: PCM of 8 to 32 bits, or float)")]
    Unreadable(#[from] Error),
    /// More than two channels, or a rate that no sound has.
    #[error(
        "{}: {channels} channel(s) at {sample_rate} Hz; a prompt is mono or stereo, \
         at 4000 to 192000 Hz",
        path.display()
    )]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its channels.
        channels: u16,
        /// Its samples a second.
        sample_rate: u32,
    },
    /// A file without audio.
    #[error("{}: the prompt is empty", .0.display())]
    Empty(PathBuf),
}

/// A prompt as it was read.
#[derive(Clone, Debug)]
pub struct LoadedPrompt {
    /// Its audio.
    pub prompt: Arc<Prompt>,
    /// SHA-256 of the file, lower-case hex: which words a caller heard is part of the record.
    pub sha256: String,
    /// Length in milliseconds.
    pub length_ms: u64,
}

/// All prompts by name.
#[derive(Clone, Debug, Default)]
pub struct PromptLibrary {
    prompts: BTreeMap<String, LoadedPrompt>,
}

impl PromptLibrary {
    /// Reads the file at `path` as the prompt `name`.
    ///
    /// # Errors
    /// The file cannot be read, is no WAV of sound, or is empty.
    pub fn load(&mut self, name: &str, path: &Path) -> Result<&LoadedPrompt, PromptError> {
        let audio = read_mono(path)?;
        let format = PromptError::Format {
            path: path.to_owned(),
            channels: audio.channels,
            sample_rate: audio.sample_rate,
        };
        if !(1..=2).contains(&audio.channels) {
            return Err(format);
        }
        if audio.samples.is_empty() {
            return Err(PromptError::Empty(path.to_owned()));
        }
        let samples = to_telephone(audio.samples, audio.sample_rate).ok_or(format)?;
        let bytes = std::fs::read(path).map_err(Error::io(path))?;
        let prompt = Prompt::new(&samples);
        let loaded = LoadedPrompt {
            sha256: hex::encode(Sha256::digest(&bytes)),
            length_ms: prompt.length_ms(),
            prompt: Arc::new(prompt),
        };
        let entry = self.prompts.entry(name.to_owned());
        Ok(entry.insert_entry(loaded).into_mut())
    }

    /// The prompt of this name.
    pub fn prompt(&self, name: &str) -> Option<&LoadedPrompt> {
        self.prompts.get(name)
    }

    /// Takes over all prompts of another library; who has an older one of the same name goes on
    /// with that.
    pub fn extend(&mut self, other: Self) {
        self.prompts.extend(other.prompts);
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.prompts.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use hound::{SampleFormat, WavSpec, WavWriter};

    use super::*;
    use crate::media::g711;

    fn wav(folder: &Path, channels: u16, sample_rate: u32, samples: u32) -> PathBuf {
        let path = folder.join("p.wav");
        let spec = WavSpec {
            channels,
            sample_rate,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let mut writer = WavWriter::create(&path, spec).unwrap();
        for _ in 0..samples {
            writer.write_sample(500_i16).unwrap();
        }
        writer.finalize().unwrap();
        path
    }

    #[test]
    fn a_prompt_has_its_length_and_the_hash_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = wav(folder.path(), 1, 8000, 12_000);
        let mut library = PromptLibrary::default();
        library.load("notice", &path).unwrap();
        let loaded = library.prompt("notice").unwrap();
        assert_eq!(loaded.length_ms, 1500);
        let file = std::fs::read(&path).unwrap();
        assert_eq!(loaded.sha256, hex::encode(Sha256::digest(&file)));
        assert_eq!(library.names().collect::<Vec<_>>(), ["notice"]);
    }

    /// A second of a loud square wave of 100 Hz, in every form that a WAV can have.
    #[test]
    fn every_rate_depth_and_number_of_channels_is_the_same_prompt() {
        let folder = tempfile::tempdir().unwrap();
        for rate in [8000, 16_000, 44_100, 48_000] {
            for (bits, format) in [
                (8, SampleFormat::Int),
                (16, SampleFormat::Int),
                (24, SampleFormat::Int),
                (32, SampleFormat::Int),
                (32, SampleFormat::Float),
            ] {
                for channels in [1, 2] {
                    let path = folder.path().join("p.wav");
                    let spec = WavSpec {
                        channels,
                        sample_rate: rate,
                        bits_per_sample: bits,
                        sample_format: format,
                    };
                    let mut writer = WavWriter::create(&path, spec).unwrap();
                    let half = i32::try_from(1_i64 << (bits - 2)).unwrap();
                    for index in 0..rate * u32::from(channels) {
                        let frame = index / u32::from(channels);
                        let sign = if frame * 200 / rate % 2 == 0 { 1 } else { -1 };
                        match format {
                            SampleFormat::Int => writer.write_sample(sign * half).unwrap(),
                            SampleFormat::Float => {
                                let half = if sign > 0 { 0.5_f32 } else { -0.5 };
                                writer.write_sample(half).unwrap();
                            }
                        }
                    }
                    writer.finalize().unwrap();
                    let mut library = PromptLibrary::default();
                    let loaded = library.load("p", &path).unwrap();
                    assert!(loaded.length_ms.abs_diff(1000) <= 1, "{spec:?}");
                    let octets = loaded.prompt.octets(crate::media::Codec::Pcma);
                    let at = |n: usize| g711::decode(crate::media::Codec::Pcma, octets[n]);
                    let (high, low) = (at(4020), at(4060));
                    assert!((15_000..18_000).contains(&high), "{spec:?}: {high}");
                    assert!((-18_000..-15_000).contains(&low), "{spec:?}: {low}");
                }
            }
        }
    }

    #[test]
    fn other_files_are_refused_with_a_cure() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = PromptLibrary::default();
        for (channels, rate) in [(3, 16_000), (1, 1000)] {
            let path = wav(folder.path(), channels, rate, 900);
            let message = library.load("p", &path).unwrap_err().to_string();
            assert!(message.contains("mono or stereo"), "{message}");
        }
        let path = wav(folder.path(), 1, 8000, 0);
        assert!(matches!(
            library.load("p", &path),
            Err(PromptError::Empty(_))
        ));
        let missing = folder.path().join("missing.wav");
        let message = library.load("p", &missing).unwrap_err().to_string();
        assert!(message.contains("missing.wav"), "{message}");
    }
}
