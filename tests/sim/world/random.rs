//! A world by chance.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::call::command::{Actor, Ticket};
use thirdring::id::AgentId;
use thirdring::phone::Command;
use thirdring::queue::{AgentCommand, Strategy, When};
use thirdring::sip::Transport;
use thirdring::switch::{Command as Asked, Input};

use super::mishap::Mishap;
use super::{DeskPlan, Plan, World};
use crate::behaviour::{AgentHabit, CallerHabit, random_extensions};
use crate::wire::Wire;

impl World {
    /// One to four agents and one to six callers of any habit, over a wire of any badness.
    pub(crate) fn random(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x7468_6972_6472);
        let wire = Wire {
            lost_per_mille: [0, 0, 50, 200][rng.random_range(0..4)],
            doubled_per_mille: [0, 100][rng.random_range(0..2)],
            longest_delay: Duration::from_millis([0, 20, 300][rng.random_range(0..3)]),
        };
        let strategy = Strategy::ALL[rng.random_range(0..5)]; // nobody here has skills
        let plan = Plan {
            strategy,
            dead_peer: rng.random_range(0..4) == 0,
            registers: rng.random_range(0..4) == 0,
            desk: DeskPlan {
                wrap_up: Duration::from_secs([0, 0, 3][rng.random_range(0..3)]),
                most_missed: [None, Some(1), Some(2)][rng.random_range(0..3)],
                log_in: false,
                approve_breaks: rng.random_range(0..2) == 0,
                others_join: [
                    None,
                    Some(When::After(Duration::from_secs(3))),
                    Some(When::Rings(1)),
                ][rng.random_range(0..3)],
                with_trainee: false,
            },
            speaks: seed.is_multiple_of(3).then_some(seed),
            min_ring_ms: [0, 0, 1_000, 7_000][usize::try_from(seed % 4).expect("below 4")],
        };
        let mut world = Self::new(plan, wire, seed);
        world.session_expires_s = [90, 600][rng.random_range(0..2)];
        if rng.random_range(0..2) == 0 {
            world.can(random_extensions(&mut rng));
            world.outside(AgentHabit::random(&mut rng));
        }
        for n in 1..=rng.random_range(1..=4) {
            world.can(random_extensions(&mut rng));
            let by_tcp = rng.random_range(0..3) == 0;
            world.by(if by_tcp {
                Transport::Tcp
            } else {
                Transport::Udp
            });
            world.agent(&format!("100{n}"), AgentHabit::random(&mut rng));
            if n == 1 && rng.random_range(0..3) == 0 {
                world.agent("1001", AgentHabit::random(&mut rng));
                let after = Duration::from_millis(rng.random_range(0..30_000));
                world.takes_over("1001", after);
            }
        }
        for _ in 0..rng.random_range(1..=6) {
            world.can(random_extensions(&mut rng));
            world.caller(CallerHabit::random(&mut rng));
        }
        // Half of the worlds are as busy at the desk as on the wire.
        if rng.random_range(0..2) == 0 {
            world.bustles(rng.random_range(1..90), seed);
        }
        world.mishaps(&mut rng);
        world.calls_out(&mut rng);
        world.says(&mut rng);
        world
    }

    fn mishaps(&mut self, rng: &mut StdRng) {
        for index in 0..self.phones.len() {
            let after = Duration::from_millis(rng.random_range(0..40_000));
            if rng.random_range(0..8) == 0 {
                self.happens(after, Mishap::PowerCut(index));
            }
            if rng.random_range(0..4) == 0 {
                let is_heard_of = rng.random_range(0..2) == 0;
                self.happens(after, Mishap::Break(index, is_heard_of));
            }
        }
        if rng.random_range(0..8) == 0 {
            let after = Duration::from_millis(rng.random_range(0..60_000));
            self.happens(after, Mishap::Restart);
        }
        // Whoever is still on a line that nobody speaks on hangs up.
        for minutes in [7, 9] {
            for index in 0..self.phones.len() {
                self.happens(Duration::from_mins(minutes), Mishap::GiveUp(index));
            }
        }
    }

    /// Agents say what they like of themselves.
    fn says(&mut self, rng: &mut StdRng) {
        for n in 0..[0, 0, 8][rng.random_range(0..3)] {
            let agent = AgentId(format!("100{}", rng.random_range(1..=5)));
            let command = match rng.random_range(0..8) {
                0 => AgentCommand::Busy { reason: None },
                1 => AgentCommand::AskBreak {
                    reason: "tea".to_owned(),
                },
                2 => AgentCommand::AllowBreak,
                3 => AgentCommand::DenyBreak,
                4 => AgentCommand::ExtendWrapUp(Duration::from_secs(5)),
                5 => AgentCommand::EndWrapUp,
                _ => AgentCommand::Ready,
            };
            let by = Actor::User("lead".to_owned());
            let asked = Asked::Agent(agent, command);
            let after = Duration::from_millis(rng.random_range(0..40_000));
            self.tells(after, Input::Command(Ticket(10_000 + n), by, asked));
        }
    }

    /// The first agent calls somebody outside, and may pass them on.
    fn calls_out(&mut self, rng: &mut StdRng) {
        if rng.random_range(0..4) > 0 {
            return;
        }
        let mut after = Duration::from_millis(rng.random_range(0..10_000));
        let to = "01061234567".to_owned();
        self.presses("1001", after, Command::Call { to });
        for to in ["1002", "01061234568", "1003"] {
            after += Duration::from_millis(rng.random_range(0..10_000));
            let to = to.to_owned();
            self.presses("1001", after, Command::Refer { to });
        }
        // At whatever phone the agent has gone on; and whoever was called has enough some day.
        for index in 0..self.phones.len() {
            let patience_s = match self.phones[index].user.as_str() {
                "1001" => 30,
                "outside" => 60,
                _ => continue,
            };
            let after = after + Duration::from_secs(patience_s);
            self.happens(after, Mishap::GiveUp(index));
        }
    }
}
