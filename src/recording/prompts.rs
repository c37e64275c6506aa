//! Prompts: WAV files that are read once, at the start, and named in the configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Error, read_audio};
use crate::media::Prompt;
use crate::media::ticks::SAMPLE_RATE;

/// Why a prompt cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The file cannot be read, or is not PCM16.
    #[error("{0} (a prompt is a WAV file: PCM 16 bit, mono, 8000 Hz)")]
    Unreadable(#[from] Error),
    /// Not 8 kHz mono.
    #[error(
        "{}: {channels} channel(s) at {sample_rate} Hz; a prompt is mono at 8000 Hz \
         (sox IN.wav -r 8000 -c 1 -b 16 OUT.wav)",
        path.display()
    )]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its channels.
        channels: usize,
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
    /// The file cannot be read or is not PCM16, mono, 8 kHz.
    pub fn load(&mut self, name: &str, path: &Path) -> Result<&LoadedPrompt, PromptError> {
        let audio = read_audio(path)?;
        let [samples] = &audio.channels[..] else {
            return Err(format_error(path, &audio));
        };
        if audio.sample_rate != SAMPLE_RATE {
            return Err(format_error(path, &audio));
        }
        if samples.is_empty() {
            return Err(PromptError::Empty(path.to_owned()));
        }
        let bytes = std::fs::read(path).map_err(Error::io(path))?;
        let prompt = Prompt::new(samples);
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

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.prompts.keys().map(String::as_str)
    }
}

fn format_error(path: &Path, audio: &super::Audio) -> PromptError {
    PromptError::Format {
        path: path.to_owned(),
        channels: audio.channels.len(),
        sample_rate: audio.sample_rate,
    }
}

#[cfg(test)]
mod tests {
    use hound::{SampleFormat, WavSpec, WavWriter};

    use super::*;

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

    #[test]
    fn other_formats_are_refused_with_a_cure() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = PromptLibrary::default();
        for (channels, rate) in [(1, 16_000), (2, 8000)] {
            let path = wav(folder.path(), channels, rate, 800);
            let message = library.load("p", &path).unwrap_err().to_string();
            assert!(message.contains("mono at 8000 Hz"), "{message}");
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
