//! What comes in the packets of real phones: lengths of 10 to 60 ms, comfort noise, another law in
//! mid-call, losses, and the music of a hold.

use std::path::Path;

use serde_json::Value;
use thirdring::recording::sidecars;

use crate::patience::until;
use crate::peer::{Peer, described};
use crate::score::Score;
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER, Talk};
use crate::tone::{Law, is_tone};
use crate::voice::{Packet, Voice};

fn site() -> Site {
    Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
}

/// A description that asks for packets of this length (RFC 8866 §6.4).
fn with_ptime(peer: &Peer, ms: u32) -> Vec<u8> {
    let text = String::from_utf8(peer.plain()).unwrap();
    (text + &format!("a=ptime:{ms}\r\n")).into_bytes()
}

/// The samples of packets in their order.
fn samples(packets: &[Packet]) -> Vec<i16> {
    let samples = packets.iter().flat_map(|packet| &packet.samples);
    samples.copied().collect()
}

/// How many milliseconds of this are a tone, by stretches of 20 ms.
fn tone_ms(samples: &[i16], hz: u32) -> u32 {
    let tones = samples.chunks_exact(160).filter(|it| is_tone(it, hz));
    20 * u32::try_from(tones.count()).unwrap()
}

/// Waits until so many packets have come from `from` on, and takes them.
fn next_packets(voice: &Voice, from: usize, count: usize) -> Vec<Packet> {
    until("the packets", || {
        let heard = voice.heard().split_off(from);
        (heard.len() >= count).then_some(heard)
    })
}

fn gaps(row: &Value, channel: u8) -> Vec<&Value> {
    let gaps = row["recording"]["gaps"].as_array().unwrap().iter();
    gaps.filter(|gap| gap["channel"] == channel).collect()
}

/// R188: packets of 10, 30, 40 and 60 ms on one leg, of 20 ms on the other. Each hears all of the
/// other, without a break, and the file has all of both.
#[test]
fn packets_of_other_lengths_are_heard_and_recorded_whole() {
    for ptime_ms in [10, 30, 40, 60] {
        let says = |peer: &Peer| with_ptime(peer, ptime_ms);
        let mut talk = Talk::between(site().start(), &[], says, Peer::plain);
        talk.tones = vec![talk.agent.voice.speak(talk.agent_to, Law::Pcma, AGENT_HZ)];
        talk.caller.voice.hears(AGENT_HZ);
        let from = talk.agent.voice.count();
        let score = Score::new(1).tone(Law::Pcma, CALLER_HZ, 1200, ptime_ms);
        score.perform(&talk.caller.voice, talk.caller_to);
        let heard = next_packets(&talk.agent.voice, from, score.packets());
        let is_next = |two: &[Packet]| {
            let length = u32::try_from(two[0].samples.len()).unwrap();
            two[1].sequence == two[0].sequence.wrapping_add(1)
                && two[1].timestamp == two[0].timestamp.wrapping_add(length)
        };
        assert!(heard.windows(2).all(is_next), "{ptime_ms} ms");
        assert_eq!(tone_ms(&samples(&heard), CALLER_HZ), 1200, "{ptime_ms} ms");
        talk.caller.voice.hears(AGENT_HZ);
        let (service, row) = talk.end();
        let wav = service.recording(&row);
        let (first, last) = wav.left.tone_span_ms(CALLER_HZ).unwrap();
        let recorded = wav.left.tone_ms(CALLER_HZ);
        assert_eq!(last + 20 - first, recorded, "{ptime_ms} ms: no hole in it");
        assert!(
            (1160..=1200).contains(&recorded),
            "{ptime_ms} ms: {recorded}"
        );
        assert!(gaps(&row, 0).iter().all(|gap| gap["cause"] == "silence"));
        service.stop();
    }
}

/// What we make ourselves has the length that the peer has asked for: a notice in packets of 40 ms.
#[test]
fn our_own_packets_are_as_long_as_was_asked_for() {
    let line = Line::new("hotline", NUMBER, &[1]).with("notice", "\"recording-notice.wav\"");
    let service = Site::new().agent(1).line(&line).start();
    let talk = Talk::between(service, &[], |peer| with_ptime(peer, 40), Peer::plain);
    let heard = next_packets(&talk.caller.voice, 0, 20);
    assert!(heard.iter().all(|packet| packet.samples.len() == 320));
    let steps = heard.windows(2);
    let steps = steps.map(|two| two[1].timestamp.wrapping_sub(two[0].timestamp));
    assert!(steps.into_iter().all(|step| step == 320));
    let (service, _) = talk.end();
    service.stop();
}

/// RFC 3389 §4: comfort noise, which phones send without having offered it, ends a talk spurt. It
/// is no fault, goes to nobody who was not asked, is no loss, and nobody is told of a silent leg.
#[test]
fn comfort_noise_is_silence_that_was_announced() {
    let mut talk = Talk::between(site().start(), &[], Peer::plain, Peer::plain);
    talk.tones = vec![talk.agent.voice.speak(talk.agent_to, Law::Pcma, AGENT_HZ)];
    talk.caller.voice.hears(AGENT_HZ);
    let from = talk.agent.voice.count();
    let score = Score::new(1).tone(Law::Pcma, CALLER_HZ, 400, 20);
    let score = score.comfort_noise().pause(4000);
    let score = score.tone(Law::Pcma, CALLER_HZ, 400, 20);
    score.perform(&talk.caller.voice, talk.caller_to);
    let heard = next_packets(&talk.agent.voice, from, score.packets() - 1);
    assert!(heard.iter().all(|packet| packet.payload_type == 8));
    let is_next = |two: &[Packet]| two[1].sequence == two[0].sequence.wrapping_add(1);
    assert!(heard.windows(2).all(is_next), "its number is not missed");
    let (service, row) = talk.end();
    let [_, pause, ..] = gaps(&row, 0)[..] else {
        panic!("{row:#}");
    };
    let length = pause["length_ms"].as_u64().unwrap();
    assert!((3960..=4040).contains(&length), "{pause}");
    let causes = gaps(&row, 0).into_iter().map(|gap| &gap["cause"]);
    assert!(
        causes.into_iter().all(|cause| cause == "silence"),
        "{row:#}"
    );
    let events = row["events"].as_array().unwrap().iter();
    let silent = events.filter(|event| event["kind"] == "fell_silent");
    let by_caller = silent.filter(|event| event["data"]["side"] == "caller");
    // Until it has said its first word, nobody knows why it says nothing.
    assert!(by_caller.count() <= 1, "{row:#}");
    let dropped = "thirdring_rtp_dropped_packets_total{reason=\"malformed\"}";
    let dropped = service.metrics().get(dropped).copied();
    assert!(dropped.is_none_or(|count| count < 0.5), "{dropped:?}");
    service.stop();
}

/// R188: the caller goes over to µ-law in the middle of a word. The agent, who stays with A-law,
/// hears all of it in one stream; the caller is spoken to in its new law, in one stream too; and the
/// file has the tone from end to end.
#[test]
fn another_law_in_mid_call_breaks_neither_stream_nor_recording() {
    let mut talk = Talk::between(site().start(), &[], Peer::plain, Peer::plain);
    talk.tones = vec![talk.agent.voice.speak(talk.agent_to, Law::Pcma, AGENT_HZ)];
    talk.caller.voice.hears(AGENT_HZ);
    let from = talk.agent.voice.count();
    let score = Score::new(1).tone(Law::Pcma, CALLER_HZ, 600, 20);
    let score = score.tone(Law::Pcmu, CALLER_HZ, 1000, 20);
    let packets = score.packets();
    let speech = score.begin(&talk.caller.voice, talk.caller_to);
    let pcmu = talk.caller.voice.description(&[Law::Pcmu], "sendrecv");
    let answer = talk.caller.reinvite(pcmu);
    assert_eq!(described(&answer), talk.caller_to, "our port stays");
    until("the agent in the other law", || {
        let heard = talk.caller.voice.hears(AGENT_HZ);
        (heard.payload_type == Law::Pcmu.payload_type()).then_some(())
    });
    speech.join().unwrap();
    let is_one = |two: &[Packet]| {
        two[0].ssrc == two[1].ssrc && two[1].sequence == two[0].sequence.wrapping_add(1)
    };
    let heard = next_packets(&talk.agent.voice, from, packets);
    assert!(heard.windows(2).all(is_one));
    assert!(
        heard
            .iter()
            .all(|it| it.payload_type == Law::Pcma.payload_type())
    );
    assert_eq!(tone_ms(&samples(&heard), CALLER_HZ), 1600);
    assert!(talk.caller.voice.heard().windows(2).all(is_one));
    let (service, row) = talk.end();
    let events = row["events"].as_array().unwrap().iter();
    let changed: Vec<_> = events
        .filter(|event| event["kind"] == "media_changed")
        .map(|event| event["data"]["codec"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["PCMU"]);
    let wav = service.recording(&row);
    for (track, hz, least) in [(&wav.left, CALLER_HZ, 1560), (&wav.right, AGENT_HZ, 1000)] {
        let (first, last) = track.tone_span_ms(hz).unwrap();
        let tone = track.tone_ms(hz);
        assert_eq!(last + 20 - first, tone, "{hz} Hz: no hole in it");
        assert!(tone >= least, "{hz} Hz: {tone} ms");
    }
    service.stop();
}

/// A caller whose packets are lost: 40 ms, and 100 ms.
fn lossy(recording: &str) -> (crate::service::Service, Value) {
    let site = site().recording(&format!("reserve = \"0\"\n{recording}\n"));
    let mut talk = Talk::between(site.start(), &[], Peer::plain, Peer::plain);
    talk.tones = vec![talk.agent.voice.speak(talk.agent_to, Law::Pcma, AGENT_HZ)];
    talk.caller.voice.hears(AGENT_HZ);
    let tone = |score: Score| score.tone(Law::Pcma, CALLER_HZ, 500, 20);
    let score = tone(tone(tone(Score::new(1)).lost(40, 20)).lost(100, 20));
    score.perform(&talk.caller.voice, talk.caller_to);
    talk.end()
}

fn lost(row: &Value) -> Vec<(u64, u64)> {
    let lost = gaps(row, 0)
        .into_iter()
        .filter(|gap| gap["cause"] == "lost");
    let figure = |gap: &Value, name: &str| gap[name].as_u64().unwrap();
    lost.map(|gap| (figure(gap, "length_ms"), figure(gap, "concealed_ms")))
        .collect()
}

/// R188: where it is asked for, a short loss is filled, and row, manifest and `thirdring calls show`
/// say so. The control: where it is not, it is silent.
#[test]
fn a_short_loss_is_filled_where_that_is_asked_for_and_marked() {
    let tone_at_loss = |service: &crate::service::Service, row: &Value| {
        let gap = gaps(row, 0).into_iter().find(|gap| gap["cause"] == "lost");
        let from = gap.unwrap()["from_ms"].as_u64().unwrap();
        let wav = service.recording(row);
        is_tone(wav.left.between(from, from + 20), CALLER_HZ)
    };
    let (service, row) = lossy("conceal = true");
    assert_eq!(lost(&row), [(40, 40), (100, 0)]);
    assert!(tone_at_loss(&service, &row));
    let [_, manifest] = sidecars(&service.recording_path(&row));
    let manifest: Value = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    assert_eq!(manifest["gaps"], row["recording"]["gaps"]);
    let (_, shown) = service.command(&["calls", "show", row["id"].as_str().unwrap()]);
    assert!(
        shown.contains("for 40 ms: lost, 40 ms of it concealed"),
        "{shown}"
    );
    service.stop();

    let (service, row) = lossy("");
    assert_eq!(lost(&row), [(40, 0), (100, 0)]);
    assert!(!tone_at_loss(&service, &row));
    service.stop();
}

/// Two seconds of a tone.
fn write_music(path: &Path, hz: u32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for _ in 0..2 {
        for code in Law::Pcma.second_of(hz) {
            writer.write_sample(Law::Pcma.decode(code)).unwrap();
        }
    }
    writer.finalize().unwrap();
}

/// While the agent holds, the caller hears the line's music, over and over, within the one stream;
/// it is on the file, as what the caller was sent (R188).
#[test]
fn a_caller_on_hold_hears_the_music_and_the_recording_has_it() {
    const MUSIC_HZ: u32 = 700;
    let prompts = tempfile::tempdir().unwrap();
    write_music(&prompts.path().join("music.wav"), MUSIC_HZ);
    let line = Line::new("hotline", NUMBER, &[1]).with("hold_music", "\"music.wav\"");
    let site = Site::new().prompts(prompts.path()).agent(1).line(&line);
    let mut talk = Talk::answered(site.start());
    talk.both_hear();
    let hold = talk.agent.voice.description(&[Law::Pcma], "sendonly");
    talk.agent.reinvite(hold);
    let from = talk.caller.voice.count();
    talk.caller.voice.hears(MUSIC_HZ);
    // It has begun anew by then.
    let heard = next_packets(&talk.caller.voice, from, 150);
    let music = tone_ms(&samples(&heard), MUSIC_HZ);
    assert!(music >= 2500, "{music} ms");
    let resume = talk.agent.plain();
    talk.agent.reinvite(resume);
    talk.both_hear();
    let heard = talk.caller.voice.heard();
    let is_one = |two: &[Packet]| {
        two[0].ssrc == two[1].ssrc && two[1].sequence == two[0].sequence.wrapping_add(1)
    };
    assert!(heard.windows(2).all(is_one));
    talk.caller.voice.hears(AGENT_HZ);
    let (service, row) = talk.end();
    assert_eq!(row["holds"]["count"], 1);
    let wav = service.recording(&row);
    let recorded = wav.right.tone_ms(MUSIC_HZ);
    let sent = u64::from(tone_ms(&samples(&heard), MUSIC_HZ));
    assert!(recorded.abs_diff(sent) <= 60, "{recorded} of {sent} ms");
    assert_eq!(wav.left.tone_ms(MUSIC_HZ), 0);
    service.stop();
}
