#![expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::media::Prompt;
use crate::media::rtcp::Statement;
use crate::sdp::Direction;

mod keys;
mod mixing;
mod presence;
mod speaking;

const CALLER: LegKey = LegKey(1);
const AGENT: LegKey = LegKey(2);
const OTHER: LegKey = LegKey(3);
const PACKET: Duration = Duration::from_millis(20);

/// One RTP packet as a peer got it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heard {
    marker: bool,
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    payload: Vec<u8>,
}

#[derive(Default)]
struct Outputs {
    rtp: Vec<(LegKey, Heard)>,
    rtcp: Vec<(LegKey, Vec<u8>)>,
    tapped: Vec<(Way, Vec<u8>)>,
    played: Vec<(PlayKey, u64, bool)>,
    noticed: Vec<(LegKey, Notice)>,
}

impl Outputs {
    fn heard_by(&self, leg: LegKey) -> Vec<&Heard> {
        let of_leg = self.rtp.iter().filter(|(key, _)| *key == leg);
        of_leg.map(|(_, heard)| heard).collect()
    }
}

impl Sink for Outputs {
    fn rtp(&mut self, leg: LegKey, packet: &[u8]) {
        let view = Packet::parse(packet).unwrap();
        self.rtp.push((
            leg,
            Heard {
                marker: view.marker,
                payload_type: view.payload_type,
                sequence: view.sequence,
                timestamp: view.timestamp,
                ssrc: view.ssrc,
                payload: view.payload.to_vec(),
            },
        ));
    }

    fn rtcp(&mut self, leg: LegKey, packet: &[u8]) {
        self.rtcp.push((leg, packet.to_vec()));
    }

    fn tapped(&mut self, _: LegKey, way: Way, frame: Frame<'_>) {
        self.tapped.push((way, frame.audio.to_vec()));
    }

    fn played(&mut self, _: LegKey, play: PlayKey, heard_ms: u64, complete: bool) {
        self.played.push((play, heard_ms, complete));
    }

    fn noticed(&mut self, leg: LegKey, notice: Notice) {
        self.noticed.push((leg, notice));
    }
}

/// A session and its peers on a virtual clock.
struct Call {
    session: Session,
    now: Instant,
    out: Outputs,
}

impl Call {
    fn new() -> Self {
        let now = Instant::now();
        let mut session = Session::new(WallClock {
            read_at: now,
            unix_us: 1_700_000_000_000_000,
        });
        let mut rng = StdRng::seed_from_u64(7);
        for key in [CALLER, AGENT, OTHER] {
            session.add_leg(key, &mut rng);
        }
        Self {
            session,
            now,
            out: Outputs::default(),
        }
    }

    fn connected() -> Self {
        let mut call = Self::new();
        for key in [CALLER, AGENT, OTHER] {
            call.session.connect(key, stream(key), call.now);
        }
        call.session.bridge(CALLER, AGENT);
        call
    }

    fn receive(&mut self, from: LegKey, packet: Packet<'_>) {
        let source = stream(from).remote;
        self.session
            .handle_rtp(from, &packet.to_bytes(), source, self.now, &mut self.out);
    }

    /// The peer speaks for `packets`, with numbers of its own that start at `sequence`.
    fn talk(&mut self, from: LegKey, sequence: u16, packets: u16) {
        for index in 0..packets {
            let sequence = sequence.wrapping_add(index);
            self.receive(from, packet(from, sequence));
            self.pass(PACKET);
        }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= end) {
            self.now = due;
            self.session.handle_timeout(due, &mut self.out);
        }
        self.now = end;
    }
}

fn stream(leg: LegKey) -> Stream {
    let address = format!("192.0.2.{}", leg.0);
    Stream {
        remote: format!("{address}:4000").parse().unwrap(),
        remote_rtcp: format!("{address}:4001").parse().unwrap(),
        codec: Codec::Pcma,
        send_pt: 8,
        receive_pt: 8,
        send_event_pt: Some(101),
        receive_event_pt: Some(101),
        direction: Direction::SendRecv,
        ptime_ms: 20,
        srtp: None,
    }
}

fn packet(from: LegKey, sequence: u16) -> Packet<'static> {
    Packet {
        marker: false,
        payload_type: 8,
        sequence,
        timestamp: u32::from(sequence) * 160,
        ssrc: u32::try_from(from.0).unwrap() * 1000,
        payload: &[0xAA; 160],
    }
}

/// What one listener hears must be one stream: an SSRC, numbers one by one, timestamps that
/// never go back, and a marker wherever time was skipped.
fn assert_continuous(heard: &[&Heard]) {
    for pair in heard.windows(2) {
        let [before, after] = pair else {
            unreachable!()
        };
        assert_eq!(before.ssrc, after.ssrc);
        assert_eq!(after.sequence, before.sequence.wrapping_add(1));
        let step = ticks::timestamp_step(before.timestamp, after.timestamp);
        assert!(step >= 160, "{before:?} {after:?}");
        assert!(step == 160 || after.marker, "{step} without a marker");
    }
}

#[test]
fn payload_passes_untouched_between_legs_of_one_law() {
    let mut call = Call::connected();
    call.talk(CALLER, 500, 3);
    let heard = call.out.heard_by(AGENT);
    assert_eq!(heard.len(), 3);
    assert!(
        heard
            .iter()
            .all(|h| h.payload == [0xAA; 160] && h.payload_type == 8)
    );
    assert!(heard[0].marker && !heard[1].marker);
    assert_ne!(heard[0].ssrc, 1000, "the SSRC is ours");
    assert_continuous(&heard);
    assert!(call.out.heard_by(CALLER).is_empty());
}

#[test]
fn laws_that_differ_are_transcoded() {
    let mut call = Call::connected();
    let mulaw = Stream {
        codec: Codec::Pcmu,
        send_pt: 0,
        receive_pt: 0,
        ..stream(AGENT)
    };
    call.session.connect(AGENT, mulaw, call.now);
    call.talk(CALLER, 1, 1);
    let heard = call.out.heard_by(AGENT);
    assert_eq!(heard[0].payload_type, 0);
    let mut expected = [0; 160];
    g711::transcode(&[0xAA; 160], Codec::Pcma, &mut expected);
    assert_eq!(heard[0].payload, expected);
}

#[test]
fn telephone_events_keep_their_payload_and_get_the_peers_number() {
    let mut call = Call::connected();
    let other_number = Stream {
        send_event_pt: Some(97),
        ..stream(AGENT)
    };
    call.session.connect(AGENT, other_number, call.now);
    let digit = Packet {
        payload_type: 101,
        marker: true,
        payload: &[5, 10, 0, 160],
        ..packet(CALLER, 1)
    };
    call.receive(CALLER, digit);
    let heard = call.out.heard_by(AGENT);
    assert_eq!(
        (heard[0].payload_type, &heard[0].payload[..]),
        (97, &[5, 10, 0, 160][..])
    );

    // A leg without telephone-event hears nothing of it, and no gap either.
    let mut call = Call::connected();
    let without = Stream {
        send_event_pt: None,
        ..stream(AGENT)
    };
    call.session.connect(AGENT, without, call.now);
    call.talk(CALLER, 1, 1);
    call.receive(
        CALLER,
        Packet {
            sequence: 2,
            ..digit
        },
    );
    call.pass(PACKET);
    call.talk(CALLER, 3, 1);
    let sequences: Vec<_> = call
        .out
        .heard_by(AGENT)
        .iter()
        .map(|h| h.sequence)
        .collect();
    assert_eq!(sequences[1], sequences[0].wrapping_add(1));
}

#[test]
fn a_datagram_from_elsewhere_is_dropped_and_counted() {
    let mut call = Call::connected();
    let bytes = packet(CALLER, 1).to_bytes();
    for source in ["192.0.2.9:4000", "192.0.2.1:4002"] {
        let source = source.parse().unwrap();
        call.session
            .handle_rtp(CALLER, &bytes, source, call.now, &mut call.out);
    }
    assert!(call.out.rtp.is_empty());
    assert_eq!(call.session.figures(CALLER).unwrap().foreign, 2);
    assert_eq!(call.session.figures(CALLER).unwrap().received, 0);
}

#[test]
fn a_held_leg_gets_nothing_and_sees_no_loss_when_it_resumes() {
    let mut call = Call::connected();
    call.talk(CALLER, 1, 3);
    let held = Stream {
        direction: Direction::RecvOnly,
        ..stream(AGENT)
    };
    call.session.connect(AGENT, held, call.now);
    call.talk(CALLER, 4, 50);
    assert_eq!(call.out.heard_by(AGENT).len(), 3);
    call.session.connect(AGENT, stream(AGENT), call.now);
    call.talk(CALLER, 54, 3);
    let heard = call.out.heard_by(AGENT);
    assert_eq!(heard.len(), 6);
    assert_continuous(&heard);
    let step = ticks::timestamp_step(heard[2].timestamp, heard[3].timestamp);
    assert_eq!(
        step,
        51 * 160,
        "the time on hold has passed on the RTP clock too"
    );
}

#[test]
fn a_leg_that_may_not_send_to_us_is_not_relayed() {
    let mut call = Call::connected();
    let send_only = Stream {
        direction: Direction::SendOnly,
        ..stream(AGENT)
    };
    call.session.connect(AGENT, send_only, call.now);
    call.talk(AGENT, 1, 2);
    assert!(call.out.heard_by(CALLER).is_empty());
    call.talk(CALLER, 1, 2);
    assert_eq!(call.out.heard_by(AGENT).len(), 2);
}

#[test]
fn prompt_agent_and_transfer_target_are_one_stream_to_the_caller() {
    let mut call = Call::connected();
    call.session.tap(CALLER, true);
    let prompt = Arc::new(Prompt::new(&[1000; 8 * 110])); // 5.5 packets
    call.session
        .play(CALLER, PlayKey(1), prompt.into(), call.now, &mut call.out);
    call.talk(AGENT, 60_000, 7);
    assert_eq!(call.out.played, [(PlayKey(1), 110, true)]);
    call.talk(AGENT, 60_007, 4);
    call.pass(Duration::from_secs(1));
    call.session.bridge(CALLER, OTHER);
    call.talk(OTHER, 3, 4);
    call.talk(AGENT, 60_011, 4); // nobody hears the first agent any more

    let heard = call.out.heard_by(CALLER);
    assert_eq!(
        heard.len(),
        6 + 5 + 4,
        "the prompt replaced six of the agent's packets"
    );
    assert_continuous(&heard);
    assert!(heard[0].marker && heard[6].marker && heard[11].marker);
    let tapped: Vec<_> = call
        .out
        .tapped
        .iter()
        .map(|(way, audio)| (*way, audio))
        .collect();
    let sent: Vec<_> = heard.iter().map(|h| (Way::Sent, &h.payload)).collect();
    assert_eq!(tapped, sent, "the tap has exactly what the caller was sent");
}

#[test]
fn a_prompt_that_is_cut_off_says_how_much_was_heard() {
    let mut call = Call::connected();
    let prompt = Arc::new(Prompt::new(&[1000; 8000]));
    call.session
        .play(CALLER, PlayKey(4), prompt.into(), call.now, &mut call.out);
    call.pass(Duration::from_millis(90));
    call.session.stop_play(CALLER, &mut call.out);
    assert_eq!(call.out.played, [(PlayKey(4), 100, false)]);
}

#[test]
fn a_prompt_waits_for_the_leg_to_be_connected() {
    let mut call = Call::new();
    let prompt = Arc::new(Prompt::new(&[1000; 800]));
    call.session
        .play(CALLER, PlayKey(1), prompt.into(), call.now, &mut call.out);
    call.pass(Duration::from_secs(2));
    call.session.connect(CALLER, stream(CALLER), call.now);
    call.pass(Duration::from_millis(200));
    assert_eq!(call.out.heard_by(CALLER).len(), 5);
    assert_eq!(call.out.played, [(PlayKey(1), 100, true)]);
}

#[test]
fn packets_are_as_long_as_the_peer_asked() {
    let mut call = Call::connected();
    let long = Stream {
        ptime_ms: 40,
        ..stream(CALLER)
    };
    call.session.connect(CALLER, long, call.now);
    let tone = Source::Ringback {
        on_ms: 1000,
        off_ms: 4000,
    };
    call.session
        .play(CALLER, PlayKey(1), tone, call.now, &mut call.out);
    call.pass(Duration::from_millis(399));
    let heard = call.out.heard_by(CALLER);
    assert_eq!(heard.len(), 10);
    assert!(heard.iter().all(|h| h.payload.len() == 320));
}

#[test]
fn a_thread_that_was_late_sends_no_burst() {
    let mut call = Call::connected();
    let tone = Source::Ringback {
        on_ms: 1000,
        off_ms: 0,
    };
    call.session
        .play(CALLER, PlayKey(1), tone, call.now, &mut call.out);
    call.now += Duration::from_secs(3);
    call.session.handle_timeout(call.now, &mut call.out);
    assert_eq!(call.out.heard_by(CALLER).len(), 1);
}

#[test]
fn each_leg_reports_every_five_seconds_what_it_sent_and_missed() {
    let mut call = Call::connected();
    for sequence in 0..500 {
        if sequence % 10 != 3 {
            call.receive(CALLER, packet(CALLER, sequence));
        }
        call.pass(PACKET);
    }
    let reports = |leg| {
        let of_leg = call.out.rtcp.iter().filter(move |(key, _)| *key == leg);
        of_leg.map(|(_, bytes)| rtcp::statements(bytes).collect::<Vec<_>>())
    };
    // The caller sends and hears nothing: receiver reports of 10 % loss.
    let to_caller: Vec<_> = reports(CALLER).collect();
    assert_eq!(to_caller.len(), 2);
    let [Statement::Block(block)] = to_caller[1][..] else {
        panic!("one block: {to_caller:?}");
    };
    assert_eq!((block.ssrc, block.fraction_lost), (1000, 25));
    // The agent is sent what came: sender reports.
    let to_agent: Vec<_> = reports(AGENT).collect();
    assert_eq!(to_agent.len(), 2);
    let [Statement::Sender(info)] = to_agent[1][..] else {
        panic!("a sender report: {to_agent:?}");
    };
    assert_eq!((info.packets, info.octets), (450, 450 * 160));
    assert_eq!(info.ntp >> 32, 1_700_000_010 + 2_208_988_800);
}

#[test]
fn the_peers_report_gives_the_round_trip_time() {
    let mut call = Call::connected();
    call.talk(CALLER, 1, 300);
    let (_, report) = call.out.rtcp.iter().find(|(key, _)| *key == AGENT).unwrap();
    let Some(Statement::Sender(info)) = rtcp::statements(report).next() else {
        panic!("a sender report");
    };
    let block = rtcp::ReceptionBlock {
        ssrc: info.ssrc,
        fraction_lost: 0,
        total_lost: 3,
        highest_sequence: 0,
        jitter: 0,
        last_sender_report: rtcp::compact(info.ntp),
        delay: 65_536 / 2,
    };
    let answer = rtcp::report(9, None, Some(block), "peer");
    call.now += Duration::from_millis(40); // sent at 5 s; it is 6.04 s now
    let source = stream(AGENT).remote_rtcp;
    call.session.handle_rtcp(AGENT, &answer, source, call.now);
    let figures = call.session.figures(AGENT).unwrap();
    let round_trip = figures.round_trip_us.unwrap();
    assert!((539_000..=541_000).contains(&round_trip), "{round_trip}");
    assert_eq!(figures.lost_at_peer, Some(3));
}

#[test]
fn closing_a_leg_ends_what_was_played_and_frees_its_partner() {
    let mut call = Call::connected();
    let tone = Source::Ringback {
        on_ms: 1000,
        off_ms: 4000,
    };
    call.session
        .play(AGENT, PlayKey(5), tone, call.now, &mut call.out);
    call.talk(CALLER, 1, 2);
    let figures = call.session.remove_leg(AGENT, &mut call.out).unwrap();
    assert_eq!(figures.sent, 3, "at 0, 20 and 40 ms");
    assert_eq!(call.out.played.len(), 1);
    call.talk(CALLER, 3, 2);
    assert_eq!(call.session.figures(CALLER).unwrap().received, 4);
}
