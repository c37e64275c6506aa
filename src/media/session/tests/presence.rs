//! Silent legs, one-way audio, and the end of a session whose peers are gone.

use super::*;

const NEVER: [u64; 0] = [];
const NOTHING: [(LegKey, Notice); 0] = [];

/// Packets of both sides for so long, one of them only if it is said so.
fn talk_for(call: &mut Call, speakers: &[LegKey], first: u16, seconds: u16) {
    for index in 0..seconds * 50 {
        for speaker in speakers {
            call.receive(*speaker, packet(*speaker, first + index));
        }
        call.pass(PACKET);
    }
}

fn noise(from: LegKey, sequence: u16) -> Packet<'static> {
    Packet {
        payload_type: 13,
        payload: &[78],
        ..packet(from, sequence)
    }
}

fn hold(call: &mut Call, leg: LegKey, direction: Direction) {
    let stream = Stream {
        direction,
        ..stream(leg)
    };
    call.session.connect(leg, stream, call.now);
}

/// R055: one side stops, the other goes on: told within 3 s, and how long it was.
#[test]
fn one_way_audio_is_noticed_within_three_seconds() {
    let mut call = Call::connected();
    talk_for(&mut call, &[CALLER, AGENT], 1, 5);
    assert_eq!(call.out.noticed, NOTHING);
    talk_for(&mut call, &[AGENT], 251, 3);
    let one_way = Notice::Silent { one_way: true };
    assert_eq!(call.out.noticed, [(CALLER, one_way)]);
    talk_for(&mut call, &[AGENT], 401, 2);
    talk_for(&mut call, &[CALLER, AGENT], 501, 5);
    let [_, (CALLER, Notice::HeardAgain { silent_ms })] = call.out.noticed[..] else {
        panic!("it is heard again: {:?}", call.out.noticed);
    };
    assert!((5000..=5300).contains(&silent_ms), "{silent_ms}");
    let figures = call.session.figures(CALLER).unwrap();
    assert_eq!(figures.silent_ms, silent_ms);
    assert_eq!(call.session.figures(AGENT).unwrap().silent_ms, 0);
}

/// A leg that was never heard, and one that turns one-way only when the other begins.
#[test]
fn a_leg_that_never_speaks_is_noticed() {
    let mut call = Call::connected();
    call.pass(Duration::from_secs(3));
    let silent = Notice::Silent { one_way: false };
    assert_eq!(call.out.noticed, [(CALLER, silent), (AGENT, silent)]);
    talk_for(&mut call, &[AGENT], 1, 1);
    let [.., (first, first_is), (second, second_is)] = call.out.noticed[..] else {
        panic!("both are told of");
    };
    let one_way = Notice::Silent { one_way: true };
    let again = matches!(second_is, Notice::HeardAgain { .. });
    assert_eq!((first, first_is, second), (CALLER, one_way, AGENT));
    assert!(again, "{second_is:?}");
}

/// Holding, comfort noise, the echo, and who talks with nobody: no alarm.
#[test]
fn who_may_be_silent_is_not_told_of() {
    let mut call = Call::connected();
    talk_for(&mut call, &[CALLER, AGENT], 1, 1);
    hold(&mut call, AGENT, Direction::RecvOnly);
    call.pass(Duration::from_mins(10));
    assert_eq!(call.out.noticed, NOTHING, "one holds");

    let mut call = Call::connected();
    talk_for(&mut call, &[CALLER, AGENT], 1, 1);
    call.receive(CALLER, noise(CALLER, 51));
    talk_for(&mut call, &[AGENT], 51, 20);
    assert_eq!(call.out.noticed, NOTHING, "comfort noise says so");
    assert_eq!(call.session.figures(CALLER).unwrap().malformed, 0);

    let mut call = Call::connected();
    call.session.unbridge(CALLER);
    call.pass(Duration::from_mins(10));
    assert_eq!(call.out.noticed, NOTHING, "nobody is to be heard");
}

/// A phone that sends nothing while nobody speaks does not fill the log.
#[test]
fn only_so_many_silences_are_told() {
    let mut call = Call::connected();
    for round in 0..20 {
        talk_for(&mut call, &[CALLER, AGENT], round * 250 + 1, 1);
        talk_for(&mut call, &[AGENT], round * 250 + 51, 4);
    }
    assert_eq!(call.out.noticed.len(), 16);
}

/// Threat: partition, dead peer. Nobody has sent RTP or RTCP for 30 s.
#[test]
fn a_session_that_both_have_left_is_over_after_thirty_seconds() {
    let mut call = Call::connected();
    talk_for(&mut call, &[CALLER, AGENT], 1, 1);
    let gone = |call: &Call| -> Vec<u64> {
        let gone = call.out.noticed.iter().filter_map(|(_, notice)| {
            if let Notice::Gone { silent_ms } = notice {
                Some(*silent_ms)
            } else {
                None
            }
        });
        gone.collect()
    };
    call.pass(Duration::from_millis(29_900));
    assert_eq!(gone(&call), NEVER);
    call.pass(Duration::from_millis(600));
    let [silent_ms] = gone(&call)[..] else {
        panic!("told once: {:?}", call.out.noticed);
    };
    assert!((30_000..=30_300).contains(&silent_ms), "{silent_ms}");

    // The controls: one sends reports; one sends comfort noise; one holds; no limit.
    let mut call = Call::connected();
    talk_for(&mut call, &[CALLER, AGENT], 1, 1);
    for _ in 0..20 {
        let report = rtcp::report(7, None, None, "peer");
        let source = stream(CALLER).remote_rtcp;
        call.session.handle_rtcp(CALLER, &report, source, call.now);
        call.pass(Duration::from_secs(5));
    }
    assert_eq!(gone(&call), NEVER, "reports are signs of life");

    let mut call = Call::connected();
    for second in 0..20 {
        call.receive(CALLER, noise(CALLER, second));
        call.pass(Duration::from_secs(5));
    }
    assert_eq!(gone(&call), NEVER, "comfort noise is RTP");

    let mut call = Call::connected();
    talk_for(&mut call, &[CALLER, AGENT], 1, 1);
    hold(&mut call, AGENT, Direction::Inactive);
    call.pass(Duration::from_hours(1));
    assert_eq!(gone(&call), NEVER, "a call on hold is the session timer's");
    hold(&mut call, AGENT, Direction::SendRecv);
    call.pass(Duration::from_secs(29));
    assert_eq!(gone(&call), NEVER, "the hold has only just ended");
    call.pass(Duration::from_secs(2));
    assert_eq!(gone(&call).len(), 1);

    let mut call = Call::connected();
    call.session.be_patient(Patience {
        dead: None,
        ..Patience::default()
    });
    call.pass(Duration::from_hours(1));
    assert_eq!(gone(&call), NEVER, "switched off");
}

/// R055: a clean line is worth 4.4; with 2 % lost it is worth much less, on that side alone.
#[test]
fn loss_shows_in_the_opinion_of_the_side_it_struck() {
    let mut call = Call::connected();
    for index in 0..500 {
        if index % 50 != 7 {
            call.receive(CALLER, packet(CALLER, index));
        }
        call.receive(AGENT, packet(AGENT, index));
        call.pass(PACKET);
    }
    let [caller, agent] = [CALLER, AGENT].map(|leg| call.session.figures(leg).unwrap());
    assert_eq!((caller.lost, agent.lost), (10, 0));
    let [from_caller, from_agent] = [caller, agent].map(|it| it.mos_hundredths.unwrap());
    assert!((435..=441).contains(&from_agent), "{from_agent}");
    assert!((300..=340).contains(&from_caller), "{from_caller}");
    assert_eq!(caller.codec, Some(Codec::Pcma));
    assert_eq!(caller.mos_at_peer_hundredths, None, "it reported nothing");
    assert_eq!(
        Call::connected()
            .session
            .figures(CALLER)
            .unwrap()
            .mos_hundredths,
        None
    );
}
