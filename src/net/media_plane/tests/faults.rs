//! A fault of the program in one call's media.

use super::*;

/// Threat: a panic in one call, on a thread that has others. That call's media ends and the core is
/// told so; its recording is sealed and its ports are closed when it says so; the others lose no
/// packet.
#[test]
fn a_fault_in_one_calls_media_leaves_the_others_alone() {
    let fails = |event: &MediaEvent| matches!(event, MediaEvent::Played { leg: CALLER, .. });
    let bench = Bench::failing("127.0.0.87", fails);
    let (mut caller, _agent) = bridged(&bench);
    // Two threads, a call each; the third call is on the thread of the first.
    let _second = bench.connect(call(2), MediaLeg(20));
    let mut third = bench.connect(call(3), MediaLeg(30));
    let mut fourth = bench.connect(call(3), MediaLeg(31));
    let (a, b) = (MediaLeg(30), MediaLeg(31));
    bench.send(MediaCommand::Bridge { a, b });
    until_heard(&mut third, &mut fourth);
    until_heard(&mut fourth, &mut third);
    open_recording(&bench);
    bench.send(MediaCommand::StartRecording { call: call(1) });
    every_packet(20, |_| {
        caller.speak(400.0);
        third.speak(400.0);
        fourth.speak(400.0);
    });
    let (leg, play) = (CALLER, PlayId(1));
    let audio = Audio::Beep;
    bench.send(MediaCommand::Play { leg, play, audio });
    bench.send(MediaCommand::StopPlay { leg });
    assert_eq!(bench.report(), MediaEvent::Broke { call: call(1) });
    every_packet(50, |_| {
        caller.speak(400.0);
        third.speak(400.0);
        fourth.speak(400.0);
    });
    assert!(third.hears(70) >= 70);
    assert!(fourth.hears(70) >= 70);

    bench.send(MediaCommand::CloseRecording { call: call(1) });
    assert!(bench.sealed().duration_ms > 300);
    for leg in [CALLER, AGENT] {
        bench.send(MediaCommand::Close { leg });
        let closed = bench.report();
        let is_it = matches!(closed, MediaEvent::Closed { leg: of, .. } if of == leg);
        assert!(is_it, "{closed:?}");
    }
    assert_eq!(bench.plane.handle().stats().legs_open, 3);
    bench.plane.stop();
}
