//! A sealed recording: what its summary says against audio that was made to measure.

use std::f64::consts::TAU;
use std::path::Path;

use super::*;
use crate::call::conduct::{Conduct, LevelFlag};
use crate::call::event::GapCause;
use crate::recording::{RecordingFile, Stereo, read_audio};

const PATH: &str = "2026/11/21/0192f0c1-0000-7000-8000-000000000001.wav";
const RATE: usize = 8000;

/// Seals `frames` in a folder of its own, with the default rules.
fn seal(folder: &Path, frames: &[Stereo]) -> RecordingSummary {
    let mut file = RecordingFile::create(folder, PATH).unwrap();
    file.write(frames).unwrap();
    let particulars = Particulars {
        started_at: Some(Timestamp(1_795_248_000_000_000)),
        gaps: vec![RecordingGap {
            channel: 1,
            from_ms: 20,
            length_ms: 40,
            concealed_ms: 0,
            cause: GapCause::Lost,
        }],
        marks: Vec::new(),
    };
    let finished = file.finish().unwrap();
    finished.seal(particulars, &SealRules::default()).unwrap()
}

fn conduct(left: &[i16], right: &[i16]) -> Conduct {
    let folder = tempfile::tempdir().unwrap();
    let frames: Vec<_> = left.iter().zip(right).map(|(l, r)| [*l, *r]).collect();
    *seal(folder.path(), &frames).conduct.unwrap()
}

/// A 400 Hz tone of `dbfs` in each of the stretches (seconds), digital silence between them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "seconds of a test"
)]
fn voice(seconds: usize, dbfs: f64, stretches: &[(f64, f64)]) -> Vec<i16> {
    let mut samples = vec![0; seconds * RATE];
    let peak = 32_767.0 * 10_f64.powf(dbfs / 20.0);
    for (from, to) in stretches {
        let (from, to) = ((from * 8000.0) as usize, (to * 8000.0) as usize);
        for (n, sample) in samples.iter_mut().enumerate().take(to).skip(from) {
            *sample = (peak * (n as f64 * 400.0 / 8000.0 * TAU).sin()).round() as i16;
        }
    }
    samples
}

/// Speech of the fixtures, `at` seconds into a channel of silence.
fn speech(seconds: usize, files: &[(&str, usize)]) -> Vec<i16> {
    let mut samples = vec![0; seconds * RATE];
    for (name, at) in files {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/proto-fixtures/speech");
        let audio = read_audio(&Path::new(folder).join(name)).unwrap();
        let place = samples.iter_mut().skip(at * RATE);
        for (sample, spoken) in place.zip(&audio.channels[0]) {
            *sample = *spoken;
        }
    }
    samples
}

/// R192: what has a final name is whole, and its hash, size and length are the file's own.
#[test]
fn the_summary_is_of_the_file_that_stands_there() {
    let folder = tempfile::tempdir().unwrap();
    let summary = seal(folder.path(), &vec![[100, -100]; 20_001]);
    let wav = folder.path().join(PATH);
    let bytes = fs::read(&wav).unwrap();
    assert_eq!(summary.sha256, hex::encode(Sha256::digest(&bytes)));
    assert_eq!(summary.size_bytes, bytes.len() as u64);
    assert_eq!(summary.duration_ms, 2500);
    assert_eq!(summary.gaps.len(), 1);

    let mut names: Vec<_> = fs::read_dir(wav.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    let [peaks, manifest] = sidecars(&wav);
    assert_eq!(names, [manifest, peaks, wav], "and nothing half");
}

/// R192: the manifest lets somebody else check the file: by its own words, and by the log's.
#[test]
fn the_manifest_vouches_for_the_files_and_the_summary_for_the_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let summary = seal(folder.path(), &vec![[1, 2]; 8000]);
    let [peaks, manifest] = sidecars(&folder.path().join(PATH));
    let text = fs::read(manifest).unwrap();
    let hash = hex::encode(Sha256::digest(&text));
    assert_eq!(summary.manifest_sha256, Some(hash));

    let said: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(said["call"], "0192f0c1-0000-7000-8000-000000000001");
    assert_eq!(said["started_at"], "2026-11-21T08:00:00Z");
    assert_eq!(said["recording"]["sha256"], summary.sha256);
    assert_eq!(said["recording"]["path"], PATH);
    assert_eq!(said["format"]["frames"], 8000);
    assert_eq!(said["gaps"][0]["cause"], "lost");
    let peaks = fs::read(peaks).unwrap();
    let hash = hex::encode(Sha256::digest(&peaks));
    assert_eq!(said["peaks"]["sha256"], hash);
}

/// R192: a crash after the sidecars and before the last rename: the file is sealed again.
#[test]
fn what_stands_beside_an_unfinished_file_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join(PATH);
    let file = RecordingFile::create(folder.path(), PATH).unwrap();
    drop(file);
    fs::remove_file(wav.with_extension("wav.part")).unwrap();
    for stale in sidecars(&wav) {
        fs::write(&stale, "half").unwrap();
    }
    let summary = seal(folder.path(), &vec![[1, 2]; 800]);
    let text = fs::read(wav.with_extension("json")).unwrap();
    let hash = hex::encode(Sha256::digest(&text));
    assert_eq!(summary.manifest_sha256, Some(hash));
}

#[test]
fn a_disk_that_takes_no_sidecar_leaves_the_part() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = RecordingFile::create(folder.path(), PATH).unwrap();
    file.write(&[[1, 2]; 80]).unwrap();
    let wav = folder.path().join(PATH);
    // A folder in the place of the file that is to be written first.
    fs::create_dir(wav.with_extension("peaks.tmp")).unwrap();
    let finished = file.finish().unwrap();
    let result = finished.seal(Particulars::default(), &SealRules::default());
    assert!(matches!(result, Err(Error::Io { .. })), "{result:?}");
    assert!(wav.with_extension("wav.part").exists());
    assert!(!wav.exists());
}

/// The header of one zoom level, and its values.
fn level(bytes: &[u8]) -> ([u32; 6], &[u8], &[u8]) {
    let (header, rest) = bytes.split_at(24);
    let fields = header.as_chunks::<4>().0;
    let fields: Vec<_> = fields.iter().map(|it| u32::from_le_bytes(*it)).collect();
    let length = usize::try_from(fields[4]).unwrap() * 4;
    let (values, rest) = rest.split_at(length);
    (fields.try_into().unwrap(), values, rest)
}

#[test]
fn peaks_are_three_documents_of_audiowaveform_2() {
    let folder = tempfile::tempdir().unwrap();
    let mut frames = vec![[0, 0]; 8000 + 40];
    frames[85] = [12_800, -25_600];
    frames[8020] = [-256, 255];
    seal(folder.path(), &frames);
    let bytes = fs::read(folder.path().join(PATH).with_extension("peaks")).unwrap();

    let (header, fine, rest) = level(&bytes);
    assert_eq!(header, [2, 1, 8000, 80, 101, 2]);
    assert_eq!(fine[4..8], [0, 50, 156, 0], "-100 is 156 without a sign");
    assert_eq!(fine[400..], [255, 0, 0, 0], "the last one is shorter");
    let (header, middle, rest) = level(rest);
    assert_eq!(header, [2, 1, 8000, 800, 11, 2]);
    assert_eq!(middle[..4], [0, 50, 156, 0]);
    let (header, coarse, rest) = level(rest);
    assert_eq!(header, [2, 1, 8000, 8000, 2, 2]);
    assert_eq!(coarse, [0, 50, 156, 0, 255, 0, 0, 0]);
    assert!(rest.is_empty());
}

/// R054: speech is measured where there is speech; pauses do not make a voice quieter.
#[test]
fn levels_are_of_the_speech_alone() {
    let agent = voice(20, -20.0, &[(1.0, 2.0), (15.0, 16.0)]);
    let conduct = conduct(&vec![0; agent.len()], &agent);
    let level = conduct.agent.speech_dbfs_tenths.unwrap();
    assert!((level + 200).abs() <= 2, "{level}");
    let peak = conduct.agent.peak_dbfs_tenths.unwrap();
    assert!((peak + 200).abs() <= 2, "{peak}");
    assert_eq!(conduct.agent.clipped_ppm, 0);
    assert_eq!(conduct.agent_level, None);
    assert_eq!(conduct.caller.speech_dbfs_tenths, None);
    assert_eq!(conduct.caller.peak_dbfs_tenths, None);
}

/// R048: how long the caller had said nothing when the recording ended.
#[test]
fn the_end_is_compared_with_the_callers_last_word() {
    let silent = vec![0; 8 * RATE];
    let quiet = |stretches: &[(f64, f64)]| {
        let caller = voice(8, -20.0, stretches);
        conduct(&caller, &silent).caller_quiet_ms
    };
    assert_eq!(quiet(&[(1.0, 8.0)]), Some(0));
    assert_eq!(quiet(&[(1.0, 2.0), (3.0, 6.5)]), Some(1_500));
    assert_eq!(quiet(&[]), None);
}

/// R054: outside the window the call is flagged, and clipped samples are counted.
#[test]
fn a_voice_outside_the_window_is_flagged() {
    let silent = vec![0; 4 * RATE];
    let flag = |dbfs| conduct(&silent, &voice(4, dbfs, &[(1.0, 3.0)])).agent_level;
    assert_eq!(flag(-36.0), Some(LevelFlag::TooQuiet));
    assert_eq!(flag(-34.0), None);
    assert_eq!(flag(-11.0), None);
    assert_eq!(flag(-9.0), Some(LevelFlag::TooLoud));

    let mut square = silent.clone();
    square[8000..8800].fill(32_124);
    square[8800..9600].fill(31_000);
    assert_eq!(conduct(&silent, &square).agent.clipped_ppm, 25_000);
}

/// R056: long silences of the agent, at the beginning, in between and at the end.
#[test]
fn silences_of_the_agent_are_counted() {
    let agent = voice(50, -20.0, &[(10.5, 11.5), (21.0, 23.0), (38.0, 39.0)]);
    let caller = voice(50, -20.0, &[(0.0, 49.0)]);
    let conduct = conduct(&caller, &agent);
    // 10.5 s, 9.5 s, 15 s and 11 s.
    assert_eq!(conduct.agent_silences, 3);
    assert!(conduct.longest_agent_silence_ms.abs_diff(15_000) <= 40);
    assert_eq!(conduct.silence_limit_ms, 10_000);
    assert!(conduct.agent.talk_ms.abs_diff(4_000) <= 60);
}

/// R056: somebody who never speaks is silent all the time.
#[test]
fn one_who_says_nothing_is_silent_once() {
    let silent = vec![0; 30 * RATE];
    let conduct = conduct(&silent, &silent);
    assert_eq!(conduct.agent_silences, 1);
    assert_eq!(conduct.longest_agent_silence_ms, 30_000);
}

/// R057: who begins to speak while the caller speaks talks over; who was first does not.
#[test]
fn talking_over_is_counted_by_who_began_later() {
    let caller = voice(30, -20.0, &[(1.0, 4.0), (10.0, 12.0), (20.0, 22.0)]);
    // 1.5 s over the caller; 400 ms, which is too short; and the caller cuts in.
    let agent = voice(30, -20.0, &[(2.5, 6.0), (11.6, 13.0), (19.0, 25.0)]);
    let conduct = conduct(&caller, &agent);
    assert_eq!(conduct.talk_overs, 1);
    assert!(conduct.talk_over_ms.abs_diff(1_500) <= 40, "{conduct:?}");
}

/// A noisy line is not speech, and speech on it is found.
#[test]
fn speech_stands_out_of_noise() {
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i16::from((seed >> 24).to_le_bytes()[0]) - 128
    };
    let caller = voice(30, -20.0, &[(10.0, 12.0)]);
    let caller: Vec<_> = caller.iter().map(|sample| sample + noise()).collect();
    let agent: Vec<_> = (0..caller.len()).map(|_| noise()).collect();
    let conduct = conduct(&caller, &agent);
    assert_eq!(conduct.agent.talk_ms, 0);
    assert!(conduct.caller.talk_ms.abs_diff(2_000) <= 60, "{conduct:?}");
}

/// R054, R056, R057 on speech: a caller, an answer, a silence of 12 s, and an agent who cuts in.
#[test]
fn a_conversation_is_measured() {
    let caller = speech(
        40,
        &[("caller-repair.wav", 6), ("caller-complaint.wav", 29)],
    );
    let agent = speech(
        40,
        &[("agent-greeting-1.wav", 1), ("agent-transfer.wav", 31)],
    );
    let conduct = conduct(&caller, &agent);
    let spoken = [conduct.caller.talk_ms, conduct.agent.talk_ms];
    assert!(
        spoken.iter().all(|ms| (5_000..12_000).contains(ms)),
        "{conduct:?}"
    );
    assert_eq!(conduct.agent_level, None, "{conduct:?}");
    assert_eq!(conduct.agent_silences, 1, "{conduct:?}");
    assert_eq!(conduct.talk_overs, 1, "{conduct:?}");
}

#[test]
fn a_recording_of_nothing_has_a_form_too() {
    let folder = tempfile::tempdir().unwrap();
    let summary = seal(folder.path(), &[]);
    assert_eq!(summary.duration_ms, 0);
    let conduct = summary.conduct.unwrap();
    assert_eq!(conduct.longest_agent_silence_ms, 0);
    let bytes = fs::read(folder.path().join(PATH).with_extension("peaks")).unwrap();
    assert_eq!(bytes.len(), 3 * 24);
}
