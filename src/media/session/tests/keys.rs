//! Keys: detected, passed on, pressed for others, and what the recording has of them.

use super::*;
use crate::media::dtmf::TelephoneEvent;
use crate::media::tone;

fn event(from: LegKey, sequence: u16, timestamp: u32, duration: u16, is_end: bool) -> Heard {
    let event = 5;
    let said = TelephoneEvent {
        event,
        is_end,
        duration,
    };
    Heard {
        marker: duration == 160,
        payload_type: 101,
        sequence,
        timestamp,
        ssrc: u32::try_from(from.0).unwrap() * 1000,
        payload: said.to_bytes().to_vec(),
    }
}

fn send(call: &mut Call, from: LegKey, heard: &Heard) {
    let packet = Packet {
        marker: heard.marker,
        payload_type: heard.payload_type,
        sequence: heard.sequence,
        timestamp: heard.timestamp,
        ssrc: heard.ssrc,
        payload: &heard.payload,
    };
    call.receive(from, packet);
}

/// The caller presses 5 for 80 ms.
fn press_five(call: &mut Call, first: u16) {
    for (index, duration) in [(0, 160), (1, 320), (2, 480), (3, 640), (4, 640), (5, 640)] {
        let is_end = index >= 3;
        let said = event(
            CALLER,
            first + index,
            u32::from(first) * 160,
            duration,
            is_end,
        );
        send(call, CALLER, &said);
        call.pass(PACKET);
    }
}

fn pressed(call: &Call) -> Vec<(LegKey, char, u32)> {
    let keys = call.out.noticed.iter().filter_map(|(leg, notice)| {
        if let Notice::Key(key) = notice {
            Some((*leg, key.digit, key.held_ms))
        } else {
            None
        }
    });
    keys.collect()
}

#[test]
fn a_key_is_noticed_once_and_reaches_the_other_as_it_was() {
    let mut call = Call::connected();
    call.talk(CALLER, 1, 10);
    press_five(&mut call, 11);
    call.talk(CALLER, 17, 10);
    assert_eq!(pressed(&call), [(CALLER, '5', 80)]);
    let heard = call.out.heard_by(AGENT);
    let events: Vec<_> = heard.iter().filter(|it| it.payload_type == 101).collect();
    assert_eq!(events.len(), 6);
    assert!(events.iter().all(|it| it.timestamp == events[0].timestamp));
}

/// RFC 4733 §2.5.1: one timestamp, rising durations, a marker, three ends; the stream goes on
/// behind it without a step back, and the recording has silence.
#[test]
fn a_key_that_we_press_is_an_event_as_rfc_4733_has_it() {
    let mut call = Call::connected();
    call.session.tap(AGENT, true);
    call.talk(CALLER, 1, 10);
    call.out = Outputs::default();
    call.session.press(AGENT, '#', 100, call.now);
    call.session.press(AGENT, '0', 1, call.now);
    call.talk(CALLER, 11, 40);
    let heard = call.out.heard_by(AGENT);
    let (events, audio): (Vec<&Heard>, Vec<&Heard>) =
        heard.iter().partition(|it| it.payload_type == 101);
    let said = |it: &&Heard| TelephoneEvent::parse(&it.payload).unwrap();
    let first: Vec<_> = events
        .iter()
        .map(said)
        .filter(|it| it.event == 11)
        .collect();
    let durations: Vec<_> = first.iter().map(|it| (it.duration, it.is_end)).collect();
    assert_eq!(
        durations,
        [
            (160, false),
            (320, false),
            (480, false),
            (640, false),
            (800, true),
            (800, true),
            (800, true)
        ]
    );
    let second: Vec<_> = events.iter().map(said).filter(|it| it.event == 0).collect();
    assert_eq!(
        second.last().map(|it| (it.duration, it.is_end)),
        Some((400, true))
    );
    let stamps: std::collections::BTreeSet<_> = events.iter().map(|it| it.timestamp).collect();
    assert_eq!(stamps.len(), 2, "one for each key");
    let markers = events.iter().filter(|it| it.marker).count();
    assert_eq!(markers, 2);
    for pair in heard.windows(2) {
        let [before, after] = pair else {
            unreachable!()
        };
        assert_eq!(after.sequence, before.sequence.wrapping_add(1));
        assert!(ticks::timestamp_step(before.timestamp, after.timestamp) >= 0);
    }
    let last_event = events.last().unwrap();
    let next = audio
        .iter()
        .find(|it| ticks::sequence_step(last_event.sequence, it.sequence) > 0);
    let step = ticks::timestamp_step(last_event.timestamp, next.unwrap().timestamp);
    assert!(step >= 400, "the time of the key has passed: {step}");
    let silent = call
        .out
        .tapped
        .iter()
        .filter(|(way, audio)| *way == Way::Sent && audio.is_empty());
    assert_eq!(silent.count(), events.len());
}

/// Where no telephone-event was agreed on, the other hears the tones; so does the recording.
#[test]
fn who_takes_no_events_hears_the_tones() {
    let mut call = Call::connected();
    let deaf = Stream {
        send_event_pt: None,
        receive_event_pt: None,
        ..stream(AGENT)
    };
    call.session.connect(AGENT, deaf, call.now);
    call.session.tap(AGENT, true);
    call.talk(CALLER, 1, 10);
    call.out = Outputs::default();
    press_five(&mut call, 11);
    call.pass(Duration::from_millis(500));
    call.talk(CALLER, 40, 5);
    assert_eq!(pressed(&call), [(CALLER, '5', 80)]);
    let heard = call.out.heard_by(AGENT);
    assert!(heard.iter().all(|it| it.payload_type == 8));
    let tones: Vec<u8> = heard[..4]
        .iter()
        .flat_map(|it| it.payload.clone())
        .collect();
    let expected: Vec<u8> = (0..640)
        .map(|n| g711::encode(Codec::Pcma, tone::key('5', n)))
        .collect();
    assert_eq!(tones, expected, "80 ms of 770 and 1336 Hz");
    assert_continuous(&heard);
    let recorded = call.out.tapped.iter().filter(|(way, _)| *way == Way::Sent);
    let recorded: Vec<u8> = recorded.flat_map(|(_, audio)| audio.clone()).collect();
    assert_eq!(recorded[..640], expected[..]);
}

#[test]
fn what_is_no_key_and_a_leg_without_stream_send_nothing() {
    let mut call = Call::new();
    call.session.press(AGENT, '5', 100, call.now);
    call.pass(Duration::from_secs(1));
    assert_eq!(call.out.rtp.len(), 0);
    let mut call = Call::connected();
    call.session.press(AGENT, 'x', 100, call.now);
    call.talk(CALLER, 1, 10);
    assert_eq!(call.out.heard_by(AGENT).len(), 10, "the relay goes on");
}
