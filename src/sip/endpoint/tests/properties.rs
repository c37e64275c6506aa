//! Whatever peers send and the user does, an endpoint never panics, and once everything is
//! answered and the peers fall silent it is empty.

use proptest::prelude::*;

use super::pair::{Pair, T_END, request, tagged};
use super::*;

/// One thing that happens. The numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Wait(u16),
    Lose(&'static str),
    CallerSends(&'static str, u8),
    Respond(u8, u16),
    Acknowledge(u8),
    Cancel(u8),
    ReplayTo(bool, u8),
    Garbage(Vec<u8>),
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_endpoint_survives_everything_and_ends_empty(
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        world.close();
        world.pair.assert_over();
    }
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        Just("INVITE"),
        Just("ACK"),
        Just("CANCEL"),
        Just("100 INVITE"),
        Just("180 INVITE"),
        Just("200 INVITE"),
        Just("486 INVITE"),
        Just("200 CANCEL"),
    ];
    let method = prop_oneof![Just("INVITE"), Just("OPTIONS"), Just("BYE")];
    let status = prop_oneof![
        Just(100),
        Just(180),
        Just(183),
        Just(200),
        Just(302),
        Just(486)
    ];
    prop_oneof![
        any::<u16>().prop_map(Step::Wait),
        kind.prop_map(Step::Lose),
        (method, any::<u8>()).prop_map(|(method, number)| Step::CallerSends(method, number)),
        (any::<u8>(), status).prop_map(|(which, status)| Step::Respond(which, status)),
        any::<u8>().prop_map(Step::Acknowledge),
        any::<u8>().prop_map(Step::Cancel),
        (any::<bool>(), any::<u8>()).prop_map(|(caller, which)| Step::ReplayTo(caller, which)),
        prop::collection::vec(any::<u8>(), 0..64).prop_map(Step::Garbage),
    ]
}

/// A pair, and what its users have learnt.
struct World {
    pair: Pair,
    sent: Vec<(ClientTx, Request)>,
    asked: Vec<(ServerTx, Request)>,
    answers: Vec<(ClientTx, Response)>,
}

impl World {
    fn new() -> Self {
        Self {
            pair: Pair::new(),
            sent: Vec::new(),
            asked: Vec::new(),
            answers: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) {
        let now = self.pair.now;
        match step {
            Step::Wait(ms) => self.pair.run_for(Duration::from_millis(ms.into())),
            Step::Lose(kind) => self.pair.lose(kind, 2),
            Step::CallerSends(method, number) => {
                let request = request(method.parse().unwrap(), number.into());
                let (local, to) = (self.pair.caller.address, self.pair.callee.address);
                let endpoint = &mut self.pair.caller.endpoint;
                let tx = endpoint.send(request.clone(), Flow::udp(local, to), now);
                self.sent.push((tx, request));
            }
            Step::Respond(which, status) => {
                if let Some((tx, request)) = pick(&self.asked, which) {
                    let status = StatusCode::new(status);
                    self.pair.respond(tx, tagged(&request, status, "b"));
                }
            }
            Step::Acknowledge(which) => {
                if let Some((tx, ok)) = pick(&self.answers, which) {
                    self.pair.confirm(tx, &ok);
                }
            }
            Step::Cancel(which) => {
                if let Some((tx, _)) = pick(&self.sent, which) {
                    self.pair.cancel(tx, None);
                }
            }
            Step::ReplayTo(caller, which) => self.pair.replay(caller, which.into()),
            Step::Garbage(bytes) => self.pair.inject_to_caller(&bytes),
        }
        self.learn();
    }

    /// The user answers whatever is open, and gives up what it asked; then time passes.
    fn close(&mut self) {
        self.pair.forgive();
        for _ in 0..3 {
            for (tx, _) in self.sent.clone() {
                self.pair.cancel(tx, None);
            }
            self.learn();
            for (tx, request) in std::mem::take(&mut self.asked) {
                self.pair
                    .respond(tx, request.respond(StatusCode::BUSY_HERE));
            }
            self.pair.run_for(T_END);
            self.learn();
        }
    }

    fn learn(&mut self) {
        self.pair.settle();
        for event in self.pair.callee.events.drain(..) {
            if let Event::Request { tx, request, .. } = event {
                self.asked.push((tx, request));
            }
        }
        let heard: Vec<_> = self.pair.caller.events.drain(..).collect();
        for event in heard {
            if let Event::Response { tx, response, .. } = event {
                self.answers.push((tx, response));
            } else if let Event::Request { tx, request, .. } = event {
                // It was replayed: nobody calls the caller.
                let refusal = request.respond(StatusCode::BUSY_HERE);
                self.pair.caller_responds(tx, refusal);
            }
        }
    }
}

fn pick<T: Clone>(all: &[T], which: u8) -> Option<T> {
    all.get(usize::from(which).checked_rem(all.len())?).cloned()
}
