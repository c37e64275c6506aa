//! A supervisor over real sockets: who hears whom is measured at each peer, by three tones, and in
//! the recording.

use super::*;

const SUPERVISOR: MediaLeg = MediaLeg(3);
const CALLER_HZ: f64 = 400.0;
const AGENT_HZ: f64 = 1000.0;
const SUPERVISOR_HZ: f64 = 1700.0;
const TONES: [f64; 3] = [CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ];
/// What must be heard in a row: 200 ms.
const HEARD: usize = 1600;
/// A tone that is one of two has half of the power, one of three a third.
const THERE: f64 = 0.25;
const NOT_THERE: f64 = 0.01;

/// Caller, agent and supervisor, each speaking a tone of its own all the time.
struct Three {
    bench: Bench,
    peers: [Phone; 3],
    heard: [Vec<i16>; 3],
    began: Instant,
    packets: u32,
}

impl Three {
    /// Caller and agent talk, and are recorded.
    fn start(local: &str) -> Self {
        let bench = Bench::start(local);
        let (caller, agent) = bridged(&bench);
        let supervisor = bench.connect(call(1), SUPERVISOR);
        open_recording(&bench);
        bench.send(MediaCommand::StartRecording { call: call(1) });
        Self {
            bench,
            peers: [caller, agent, supervisor],
            heard: Default::default(),
            began: Clock.now(),
            packets: 0,
        }
    }

    fn mix(&self, leg: MediaLeg, hears: &[MediaLeg]) {
        self.bench.send(MediaCommand::Mix {
            leg,
            hears: hears.to_vec(),
        });
    }

    /// Everybody says the next 20 ms, on time, and listens.
    fn go_on(&mut self) {
        let due = self.began + Duration::from_millis(20) * self.packets;
        std::thread::sleep(due.saturating_duration_since(Clock.now()));
        self.packets += 1;
        for ((peer, heard), hertz) in self.peers.iter_mut().zip(&mut self.heard).zip(TONES) {
            peer.speak(hertz);
            heard.extend(peer.take_samples());
        }
    }

    /// Until each hears exactly those tones: the caller's, the agent's and the supervisor's ear.
    fn until_heard(&mut self, expected: [&[f64]; 3]) {
        self.heard = Default::default();
        let deadline = Clock.now() + Duration::from_secs(30);
        let hears = |samples: &Vec<i16>, tones: &[f64]| {
            let Some(last) = samples.len().checked_sub(HEARD) else {
                return tones.is_empty() && samples.is_empty();
            };
            TONES.iter().all(|hertz| {
                let share = share(&samples[last..], *hertz);
                if tones.contains(hertz) {
                    share > THERE
                } else {
                    share < NOT_THERE
                }
            })
        };
        for _ in 0..20 {
            self.go_on();
        }
        while !self
            .heard
            .iter()
            .zip(expected)
            .all(|(heard, it)| hears(heard, it))
        {
            assert!(Clock.now() < deadline, "not heard: {expected:?}");
            self.go_on();
        }
    }

    /// The recording's channels.
    fn end(self) -> [Vec<i16>; 2] {
        self.bench
            .send(MediaCommand::CloseRecording { call: call(1) });
        let _ = self.bench.sealed();
        let audio = read_audio(&self.bench.folder.path().join(PATH)).unwrap();
        self.bench.plane.stop();
        audio.channels.try_into().expect("stereo")
    }
}

/// The greatest share that a tone has of 200 ms.
fn most(samples: &[i16], hertz: f64) -> f64 {
    let stretches = samples.chunks_exact(HEARD);
    stretches.map(|it| share(it, hertz)).fold(0.0, f64::max)
}

/// R191, the promise of the whisper: a supervisor listens to both and is heard by nobody; whispers to
/// the agent alone; and leaves. Of what the supervisor says nothing is ever on the recording.
#[test]
fn a_supervisor_listens_and_whispers_and_is_not_on_the_recording() {
    let mut three = Three::start("127.0.0.59");
    let both = [CALLER_HZ, AGENT_HZ];
    three.until_heard([&[AGENT_HZ], &[CALLER_HZ], &[]]);
    three.mix(SUPERVISOR, &[CALLER, AGENT]);
    three.until_heard([&[AGENT_HZ], &[CALLER_HZ], &both]);
    three.mix(AGENT, &[CALLER, SUPERVISOR]);
    three.until_heard([&[AGENT_HZ], &[CALLER_HZ, SUPERVISOR_HZ], &both]);
    three.mix(AGENT, &[]);
    three.mix(SUPERVISOR, &[]);
    three.until_heard([&[AGENT_HZ], &[CALLER_HZ], &[]]);
    let [left, right] = three.end();
    assert!(most(&left, CALLER_HZ) > 0.9 && most(&right, AGENT_HZ) > 0.9);
    for (channel, others) in [
        (&left, [AGENT_HZ, SUPERVISOR_HZ]),
        (&right, [CALLER_HZ, SUPERVISOR_HZ]),
    ] {
        for hertz in others {
            let share = share(channel, hertz);
            assert!(share < NOT_THERE, "{hertz} Hz: {share}");
        }
    }
}

/// R191: who barges in is heard by both and hears both, and is on the recording, as the caller was
/// sent it; a supervisor whose leg is closed is gone from it, and the talk goes on.
#[test]
fn a_supervisor_who_barges_in_is_heard_by_both_and_recorded() {
    let mut three = Three::start("127.0.0.60");
    let both = [CALLER_HZ, AGENT_HZ];
    three.until_heard([&[AGENT_HZ], &[CALLER_HZ], &[]]);
    three.mix(CALLER, &[AGENT, SUPERVISOR]);
    three.mix(AGENT, &[CALLER, SUPERVISOR]);
    three.mix(SUPERVISOR, &[CALLER, AGENT]);
    let to_caller = [AGENT_HZ, SUPERVISOR_HZ];
    let to_agent = [CALLER_HZ, SUPERVISOR_HZ];
    three.until_heard([&to_caller, &to_agent, &both]);
    for _ in 0..50 {
        three.go_on();
    }
    three.bench.send(MediaCommand::Close { leg: SUPERVISOR });
    three.mix(CALLER, &[]);
    three.mix(AGENT, &[]);
    three.until_heard([&[AGENT_HZ], &[CALLER_HZ], &[]]);
    let [left, right] = three.end();
    assert!(most(&right, SUPERVISOR_HZ) > THERE && most(&right, AGENT_HZ) > 0.9);
    assert!(
        share(&right, SUPERVISOR_HZ) > 2.0 * NOT_THERE,
        "the control"
    );
    assert!(most(&left, CALLER_HZ) > 0.9);
    assert!(share(&left, SUPERVISOR_HZ) < NOT_THERE);
}
