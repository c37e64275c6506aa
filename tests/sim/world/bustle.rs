//! People at the desk who do anything at any time: agents, supervisors, users of the API.

use std::collections::BTreeSet;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::call::command::{Actor, CallCommand, PassTo, Ticket};
use thirdring::call::doing::{HangUpReason, SuperviseMode};
use thirdring::call::{Escalation, EventKind};
use thirdring::id::{AgentId, CallId};
use thirdring::switch::{Command, Input};

use super::World;
use super::phone::Person;

const EXTENSIONS: [&str; 5] = ["1001", "1002", "1003", "1004", "1005"];
/// The tickets of this module are below.
const OTHERS: u64 = 10_000;
const MODES: [SuperviseMode; 3] = [
    SuperviseMode::Listen,
    SuperviseMode::Whisper,
    SuperviseMode::Barge,
];

impl World {
    /// So many orders within two minutes.
    pub(super) fn bustles(&mut self, count: u32, seed: u64) {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x6275_7374_6c65);
        for _ in 0..count {
            let after = Duration::from_millis(rng.random_range(6_000..120_000));
            let n = self.acts.len() as u64;
            self.acts.insert((self.start + after, n), rng.random());
        }
    }

    /// Somebody does something with one of the calls that go on.
    pub(super) fn acts(&mut self, seed: u64) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut running: BTreeSet<CallId> = self.log.iter().map(|event| event.call).collect();
        let ended =
            |event: &&thirdring::call::CallEvent| matches!(event.kind, EventKind::Ended { .. });
        for event in self.log.iter().filter(ended) {
            running.remove(&event.call);
        }
        let running: Vec<_> = running.into_iter().collect();
        let Some(call) = running.get(rng.random_range(0..running.len().max(1))) else {
            return;
        };
        let agents = self.phones.iter();
        let agents = agents.filter(|phone| matches!(phone.person, Person::Agent(_)));
        let agents: Vec<_> = agents.map(|phone| AgentId(phone.user.clone())).collect();
        let Some(agent) = agents.get(rng.random_range(0..agents.len().max(1))) else {
            return;
        };
        // Somebody who may act for whoever talks gets further than an agent by chance.
        let by = if rng.random_range(0..3) == 0 {
            Actor::Agent(agent.clone())
        } else {
            Actor::User("li".to_owned())
        };
        let (by, command) = match rng.random_range(0..12) {
            0 => (
                by,
                Command::Supervise {
                    call: *call,
                    supervisor: agent.clone(),
                    mode: MODES[rng.random_range(0..3)],
                },
            ),
            1 => (Actor::Agent(agent.clone()), Command::PickUp(*call)),
            2 => (
                Actor::Agent(agent.clone()),
                Command::Dial {
                    number: number(&mut rng),
                    record: "case".to_owned(),
                },
            ),
            _ => (by, Command::Call(*call, about_call(&mut rng))),
        };
        let ticket = Ticket(self.tickets + 1);
        self.tickets += 1;
        let moment = self.moment();
        let input = Input::Command(ticket, by, command);
        self.switch().handle_input(input, moment);
    }

    /// Each order was answered once; how many there were.
    pub(crate) fn all_is_answered(&self) -> u64 {
        // Others who give orders have tickets of their own, far above.
        let answered = self.answers.iter().map(|(ticket, _)| ticket.0);
        let mut tickets: Vec<_> = answered.filter(|ticket| *ticket < OTHERS).collect();
        tickets.sort_unstable();
        let asked: Vec<_> = (1..=self.tickets).collect();
        assert_eq!(tickets, asked, "seed {}", self.seed);
        self.tickets
    }
}

fn number(rng: &mut StdRng) -> String {
    let numbers = ["01061234567", "02161234567", "1002", "nobody"];
    numbers[rng.random_range(0..numbers.len())].to_owned()
}

fn whom(rng: &mut StdRng) -> PassTo {
    match rng.random_range(0..4) {
        0 => PassTo::Line(["hotline", "nowhere"][rng.random_range(0..2)].into()),
        1 => PassTo::Number(number(rng)),
        _ => PassTo::Agent(EXTENSIONS[rng.random_range(0..EXTENSIONS.len())].into()),
    }
}

fn about_call(rng: &mut StdRng) -> CallCommand {
    let yes = rng.random_range(0..2) == 0;
    match rng.random_range(0..30) {
        0..=2 => CallCommand::PutOnHold { reason: None },
        3 | 4 => CallCommand::Retrieve,
        5 => CallCommand::Mute(yes),
        6 => CallCommand::Press("1*2".to_owned()),
        7 | 8 => CallCommand::Transfer(whom(rng)),
        9..=12 => CallCommand::Consult(whom(rng)),
        13 | 14 => CallCommand::CompleteConsult,
        15 => CallCommand::CancelConsult,
        16 | 17 | 24..=29 => CallCommand::JoinThree,
        18 => CallCommand::HangUp(yes.then_some(HangUpReason::CallerAsked)),
        19 => CallCommand::Park,
        20 => CallCommand::RaiseHand(yes),
        21 => CallCommand::TurnSupervision(MODES[rng.random_range(0..3)]),
        22 => CallCommand::TakeOver,
        _ if yes => CallCommand::StopSupervising,
        _ => CallCommand::Escalate(Escalation::default()),
    }
}
