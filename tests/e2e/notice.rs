//! The notice that tells the caller of the recording.

use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER, Talk};
use crate::tone::level;
use crate::voice::Packet;

fn service() -> Service {
    let line = Line::new("hotline", NUMBER, &[1]).with("notice", "\"recording-notice.wav\"");
    Site::new().agent(1).line(&line).start()
}

/// R190: the notice comes at once after the 200 and is stamped with what was heard of it. R188:
/// the right channel is what was sent to the caller, sample for sample: the notice, then the
/// agent.
#[test]
fn the_caller_hears_the_notice_first_and_the_recording_holds_it() {
    let talk = Talk::answered(service());
    talk.both_hear();
    let heard = talk.caller.voice.heard();
    let (service, row) = talk.end();

    let notice = &row["notice"];
    let length_ms = notice["length_ms"].as_u64().unwrap();
    assert_eq!(notice["file"], "recording-notice.wav");
    assert_eq!(notice["heard_ms"], length_ms);
    assert_eq!(notice["complete"], true);
    let after_ms = notice["started_at"].as_i64().unwrap() - row["answered_at"].as_i64().unwrap();
    assert!(
        (0..1_000_000).contains(&after_ms),
        "{after_ms} µs after the answer"
    );

    let wav = service.recording(&row);
    let (agent_from, _) = wav.right.tone_span_ms(AGENT_HZ).expect("the agent");
    assert!(
        agent_from + 100 >= length_ms,
        "the agent after {agent_from} of {length_ms} ms"
    );
    assert!(
        level(wav.right.between(0, length_ms)) > 300.0,
        "the notice is to be heard"
    );
    let (caller_from, _) = wav.left.tone_span_ms(CALLER_HZ).expect("the caller");
    assert!(
        caller_from < length_ms / 2,
        "capture begins with the answer: {caller_from} ms"
    );

    let sent = on_one_time_line(&heard);
    let recorded = wav.right.between(0, wav.length_ms());
    let places = recorded.windows(sent.len()).take(8 * 200);
    let differing = places.map(|place| {
        let pairs = place.iter().zip(&sent).enumerate();
        pairs
            .filter(|(_, (recorded, sent))| recorded != sent)
            .collect::<Vec<_>>()
    });
    let least = differing.min_by_key(Vec::len).expect("a place for it");
    assert!(
        least.is_empty(),
        "of {} samples, at best these (index, recorded, sent) differ: {least:?}",
        sent.len()
    );
    service.stop();
}

/// Up to 2 ms between two packets, as where the notice ends and the agent begins, are a seam.
const LONGEST_SEAM: usize = 16;

/// Packets as their timestamps place them, silence between them; over a seam the last sample goes
/// on, so that it does not click.
fn on_one_time_line(packets: &[Packet]) -> Vec<i16> {
    let first = packets[0].timestamp;
    let mut samples: Vec<i16> = Vec::new();
    for packet in packets {
        let place = usize::try_from(packet.timestamp.wrapping_sub(first)).unwrap();
        let is_seam = place.saturating_sub(samples.len()) <= LONGEST_SEAM;
        let between = samples.last().filter(|_| is_seam).copied();
        samples.resize(place.max(samples.len()), between.unwrap_or(0));
        samples.extend_from_slice(&packet.samples);
    }
    samples
}

/// R190: a caller who leaves in the middle of it has heard so much.
#[test]
fn a_notice_that_is_cut_off_is_stamped_with_what_was_heard() {
    let talk = Talk::answered(service());
    crate::patience::until("a second of the notice", || {
        (talk.caller.voice.count() >= 50).then_some(())
    });
    let (service, row) = talk.end();
    let notice = &row["notice"];
    assert_eq!(notice["complete"], false);
    let heard = notice["heard_ms"].as_u64().unwrap();
    let length = notice["length_ms"].as_u64().unwrap();
    assert!((1000..length).contains(&heard), "{heard} of {length} ms");
    let recorded = service.recording(&row).length_ms();
    assert!(recorded + 100 >= heard, "{recorded} ms");
    service.stop();
}
