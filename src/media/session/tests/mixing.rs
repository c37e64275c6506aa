//! Listen, whisper, barge and a conference of three, told apart by their tones.

use std::f64::consts::TAU;

use super::*;

const CALLER_HZ: f64 = 500.0;
const AGENT_HZ: f64 = 1000.0;
const SUPERVISOR_HZ: f64 = 1700.0;

fn spoken(hertz: f64, first: u32, law: Codec) -> Vec<u8> {
    let sample = |n: u32| {
        let angle = TAU * hertz * f64::from(n) / 8000.0;
        #[expect(clippy::cast_possible_truncation, reason = "well within 16 bits")]
        let sample = (6000.0 * angle.sin()) as i16;
        g711::encode(law, sample)
    };
    (first..first + 160).map(sample).collect()
}

/// All three speak, each its tone, for so many packets.
fn all_speak(call: &mut Call, first: u16, packets: u16) {
    for index in first..first + packets {
        for (leg, hertz) in [
            (CALLER, CALLER_HZ),
            (AGENT, AGENT_HZ),
            (OTHER, SUPERVISOR_HZ),
        ] {
            let payload = spoken(hertz, u32::from(index) * 160, Codec::Pcma);
            call.receive(
                leg,
                Packet {
                    payload: &payload,
                    ..packet(leg, index)
                },
            );
        }
        call.pass(PACKET);
    }
}

/// Which of the three tones are loud in what is left of these payloads without the first 200 ms.
fn tones(payloads: &[Vec<u8>]) -> [bool; 3] {
    let octets = payloads.iter().skip(10).flatten();
    let samples: Vec<_> = octets
        .map(|o| f64::from(g711::decode(Codec::Pcma, *o)))
        .collect();
    [CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ].map(|hertz| {
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (index, sample) in (0_u32..).zip(&samples) {
            let angle = TAU * hertz * f64::from(index) / 8000.0;
            real += sample * angle.cos();
            imaginary += sample * angle.sin();
        }
        let length = f64::from(u32::try_from(samples.len().max(1)).unwrap());
        2.0 * real.hypot(imaginary) / length > 3000.0
    })
}

fn heard(call: &Call, leg: LegKey) -> [bool; 3] {
    let heard = call.out.heard_by(leg);
    assert_continuous(&heard);
    let payloads: Vec<_> = heard.iter().map(|it| it.payload.clone()).collect();
    tones(&payloads)
}

const CALLER_ALONE: [bool; 3] = [true, false, false];
const AGENT_ALONE: [bool; 3] = [false, true, false];

#[test]
fn a_supervisor_listens_and_nobody_hears_it() {
    let mut call = Call::connected();
    call.session.mix(OTHER, &[CALLER, AGENT], call.now);
    all_speak(&mut call, 1, 60);
    assert_eq!(heard(&call, OTHER), [true, true, false]);
    assert_eq!(heard(&call, CALLER), AGENT_ALONE);
    assert_eq!(heard(&call, AGENT), CALLER_ALONE);
    assert_eq!(
        call.out.heard_by(CALLER).len(),
        60,
        "packets pass as they were"
    );
}

/// Whisper: the agent hears both, the caller and the recording the agent alone.
#[test]
fn what_is_whispered_is_not_on_the_recording() {
    let mut call = Call::connected();
    call.session.tap(CALLER, true);
    call.session.mix(OTHER, &[CALLER, AGENT], call.now);
    call.session.mix(AGENT, &[CALLER, OTHER], call.now);
    all_speak(&mut call, 1, 60);
    assert_eq!(heard(&call, AGENT), [true, false, true]);
    assert_eq!(heard(&call, CALLER), AGENT_ALONE);
    let sent: Vec<_> = call
        .out
        .tapped
        .iter()
        .filter(|(way, _)| *way == Way::Sent)
        .collect();
    let sent: Vec<Vec<u8>> = sent.iter().map(|(_, audio)| audio.clone()).collect();
    assert_eq!(tones(&sent), AGENT_ALONE);

    // The control: in a barge the recording has the supervisor, since the caller heard it.
    call.out = Outputs::default();
    call.session.mix(CALLER, &[AGENT, OTHER], call.now);
    all_speak(&mut call, 61, 60);
    let sent = call.out.tapped.iter().filter(|(way, _)| *way == Way::Sent);
    let sent: Vec<Vec<u8>> = sent.map(|(_, audio)| audio.clone()).collect();
    assert_eq!(tones(&sent), [false, true, true]);
    for (leg, hears) in [
        (CALLER, [false, true, true]),
        (AGENT, [true, false, true]),
        (OTHER, [true, true, false]),
    ] {
        assert_eq!(heard(&call, leg), hears, "{leg:?}");
    }
}

#[test]
fn a_conference_ends_in_a_bridge_when_one_leaves() {
    let mut call = Call::connected();
    for (leg, hears) in [
        (CALLER, [AGENT, OTHER]),
        (AGENT, [CALLER, OTHER]),
        (OTHER, [CALLER, AGENT]),
    ] {
        call.session.mix(leg, &hears, call.now);
    }
    all_speak(&mut call, 1, 30);
    call.session.remove_leg(OTHER, &mut call.out);
    for leg in [CALLER, AGENT] {
        call.session.mix(leg, &[], call.now);
    }
    call.out = Outputs::default();
    all_speak(&mut call, 31, 40);
    assert_eq!(heard(&call, CALLER), AGENT_ALONE);
    assert_eq!(heard(&call, AGENT), CALLER_ALONE);
    assert_eq!(call.out.heard_by(CALLER).len(), 40);
}

/// Loud voices are clipped, not wrapped; late, double and lost packets leave no echo.
#[test]
fn a_sum_is_saturated_and_a_bad_network_is_only_silence() {
    let mut call = Call::connected();
    call.session.mix(OTHER, &[CALLER, AGENT], call.now);
    let loud = [g711::encode(Codec::Pcma, 30_000); 160];
    for index in 1..50 {
        for leg in [CALLER, AGENT] {
            let packet = Packet {
                payload: &loud,
                ..packet(leg, index)
            };
            call.receive(leg, packet);
            call.receive(leg, packet);
        }
        call.pass(PACKET);
    }
    let heard = call.out.heard_by(OTHER);
    let top = g711::decode(Codec::Pcma, g711::encode(Codec::Pcma, i16::MAX));
    let last = &heard[heard.len() - 5].payload;
    assert!(last.iter().all(|o| g711::decode(Codec::Pcma, *o) == top));
    let before = heard.len();
    call.pass(Duration::from_secs(2));
    let rest = call.out.heard_by(OTHER);
    let silence = g711::silence(Codec::Pcma);
    let tail: Vec<_> = rest[before + 10..]
        .iter()
        .flat_map(|it| it.payload.clone())
        .collect();
    assert!(tail.iter().all(|o| *o == silence), "nothing goes round");
}
