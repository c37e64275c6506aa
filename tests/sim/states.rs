//! What agents do all day, as the desk is told it and the log of states keeps it.

use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::command::{Actor, Done, Refused, Ticket};
use thirdring::call::event::{Outcome, TransferResult};
use thirdring::id::{AgentId, QueueId};
use thirdring::queue::{AgentCommand, AgentState, MISSED, Strategy, When};
use thirdring::switch::{Command, DeskEntry, Input, News, QueueCommand};

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::call_log::CallLog;
use crate::ms;
use crate::wire::Wire;
use crate::world::{DeskPlan, Plan, World};

fn agent(extension: &str) -> AgentId {
    AgentId::from(extension)
}

fn asks(world: &mut World, after: Duration, n: u64, extension: &str, command: AgentCommand) {
    let by = Actor::Agent(agent(extension));
    let command = Command::Agent(agent(extension), command);
    world.tells(after, Input::Command(Ticket(n), by, command));
}

fn states(world: &World, extension: &str) -> Vec<AgentState> {
    let id = agent(extension);
    world.states(&id).map(|entry| entry.told.state).collect()
}

fn answer(world: &World, n: u64) -> Result<Done, Refused> {
    let mut answers = world.answers.iter();
    let (_, answer) = answers
        .find(|(ticket, _)| *ticket == Ticket(n))
        .expect("an answer");
    answer.clone()
}

/// Each change is kept and told once, and the work after a call holds the next caller back.
#[test]
fn a_call_goes_through_every_state_of_its_agent() {
    let plan = Plan {
        desk: DeskPlan {
            wrap_up: Duration::from_secs(10),
            ..DeskPlan::default()
        },
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 401);
    world.agent("1001", AgentHabit::answers_after(ms(2_000)));
    world.caller(CallerHabit::talks(ms(5_000)));
    world.caller(CallerHabit::talks(ms(5_000)).dials_at(ms(1_000)));
    world.run();

    // Whoever waits is rung in the moment that the work after a call is done.
    let one = [AgentState::Ringing, AgentState::Talking, AgentState::WrapUp];
    let seen = states(&world, "1001");
    assert_eq!(seen[0], AgentState::Ready);
    assert_eq!(seen[1..7], [one, one].concat());
    let answered: Vec<_> = world
        .calls()
        .iter()
        .filter_map(CallLog::answered_at_us)
        .collect();
    let between = Duration::from_micros(answered[1].abs_diff(answered[0]));
    assert_eq!(between, ms(5_000 + 10_000 + 2_000));
    let told = world.news_told.iter().filter_map(|(_, news)| match news {
        News::Agent(now) => Some(now.state),
        News::Line(_) | News::Queue(_) | News::Ring { .. } | News::Attention { .. } => None,
    });
    assert!(told.eq(seen));
    world.nothing_is_left();
}

/// The desk hears who waits at which place, and that nobody does any more.
#[test]
fn the_desk_hears_who_waits() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 402);
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    for n in 0..3 {
        world.caller(CallerHabit::talks(ms(5_000)).dials_at(ms(100 * n)));
    }
    world.run();
    let queues = world.news_told.iter().filter_map(|(_, news)| match news {
        News::Queue(now) => Some(now),
        News::Line(_) | News::Agent(_) | News::Ring { .. } | News::Attention { .. } => None,
    });
    let queues: Vec<_> = queues.collect();
    let longest = queues.iter().map(|now| now.waiting.len()).max();
    assert_eq!(longest, Some(3));
    let places = |now: &&thirdring::switch::QueueNow| {
        let places: Vec<_> = now.waiting.iter().map(|waiter| waiter.place).collect();
        places
            .iter()
            .copied()
            .eq(1..=u32::try_from(places.len()).expect("few"))
    };
    assert!(queues.iter().all(places));
    // After the first talk the wait of those behind is known.
    let known = queues
        .iter()
        .flat_map(|now| &now.waiting)
        .filter(|it| it.expected.is_some());
    assert!(known.count() > 0);
    let last = queues.last().expect("news");
    assert!(last.waiting.is_empty() && last.longest.is_none());
    world.nothing_is_left();
}

/// R009: nobody is rung who has not logged in, and a restart logs nobody out.
#[test]
fn a_restart_logs_nobody_out() {
    let plan = Plan {
        desk: DeskPlan {
            log_in: true,
            ..DeskPlan::default()
        },
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 403);
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    world.agent("1002", AgentHabit::answers_after(ms(1_000)));
    let shift = Some("early".to_owned());
    asks(&mut world, ms(0), 1, "1001", AgentCommand::LogIn { shift });
    asks(&mut world, ms(0), 2, "1002", AgentCommand::Ready);
    asks(&mut world, ms(0), 3, "1009", AgentCommand::LogOut);
    world.service_restarts(ms(20_000));
    world.caller(CallerHabit::talks(ms(1_000)).dials_at(ms(60_000)));
    world.run();

    assert_eq!(answer(&world, 1), Ok(Done::Accepted));
    assert_eq!(answer(&world, 2), Err(Refused::WrongState));
    assert_eq!(answer(&world, 3), Err(Refused::NoSuchAgent));
    assert_eq!(world.only_call().offered(), [agent("1001")]);
    assert_eq!(world.only_call().outcome(), Some(Outcome::Answered));
    let id = agent("1001");
    let last = world.states(&id).next_back().expect("a state");
    assert_eq!(last.told.standing.shift.as_deref(), Some("early"));
    assert!(last.told.standing.phone.is_some());
    assert!(states(&world, "1002").is_empty());
    world.nothing_is_left();
}

/// R013, R265: who lets it ring twice is absent, with the reason; callers go on to the next.
#[test]
fn who_does_not_answer_gets_no_more_calls() {
    let plan = Plan {
        strategy: Strategy::Linear,
        desk: DeskPlan {
            most_missed: Some(2),
            ..DeskPlan::default()
        },
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 404);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.agent("1002", AgentHabit::answers_after(ms(1_000)));
    for n in 0..3 {
        world.caller(CallerHabit::talks(ms(2_000)).dials_at(ms(30_000 * n)));
    }
    world.run();
    let attempts: Vec<_> = world
        .calls()
        .iter()
        .map(|it| it.attempt_results().len())
        .collect();
    assert_eq!(attempts, [2, 2, 1]);
    let id = agent("1001");
    let last = world.states(&id).next_back().expect("a state");
    assert_eq!(last.told.state, AgentState::Absent);
    assert_eq!(last.told.reason.as_deref(), Some(MISSED));
    assert_eq!(last.by, Actor::System);
    world.nothing_is_left();
}

/// R009, R013: when the caller has heard it ring twice others join, and ring at once.
#[test]
fn others_join_when_the_caller_has_heard_two_rings() {
    let plan = Plan {
        desk: DeskPlan {
            others_join: Some(When::Rings(2)),
            ..DeskPlan::default()
        },
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 405);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.agent("1002", AgentHabit::answers_after(ms(3_000)));
    world.caller(CallerHabit::talks(ms(2_000)));
    world.run();
    let call = world.only_call();
    let EventKind::Answered { caller_ring_ms, .. } = call.answered() else {
        panic!("no answer in {call:#?}");
    };
    // Two rings of five seconds, and three seconds of the second phone's.
    assert_eq!(*caller_ring_ms, 13_000);
    // R018: the queue has a minimum of one, who comes when the phone registers.
    let mut missing: Vec<_> = world
        .news_told
        .iter()
        .filter_map(|(_, news)| match news {
            News::Queue(now) => Some(now.missing),
            News::Line(_) | News::Agent(_) | News::Ring { .. } | News::Attention { .. } => None,
        })
        .collect();
    missing.dedup();
    assert_eq!(missing, [1, 0]);
    world.nothing_is_left();
}

/// R251, X18: a trainee gets no customer's call, neither by the queue nor by a transfer.
#[test]
fn trainee_gets_no_customer_by_any_way() {
    let plan = Plan {
        desk: DeskPlan {
            with_trainee: true,
            ..DeskPlan::default()
        },
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 406);
    let first = AgentHabit::answers_after(ms(8_000)).passes_on(ms(3_000), "1002");
    world.agent("1001", first);
    world.agent("1002", AgentHabit::answers_after(ms(0)));
    world.caller(CallerHabit::talks(ms(20_000)));
    world.run();
    let call = world.only_call();
    assert_eq!(call.transfer_results(), [TransferResult::Refused]);
    assert!(!states(&world, "1002").contains(&AgentState::Ringing));
    world.nothing_is_left();
}

/// R274: a break is asked for in a call, allowed by somebody else, and begins after it.
#[test]
fn a_break_begins_when_it_is_allowed_and_the_call_is_over() {
    let plan = Plan {
        desk: DeskPlan {
            approve_breaks: true,
            ..DeskPlan::default()
        },
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 407);
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    world.caller(CallerHabit::talks(ms(10_000)));
    let reason = "lunch".to_owned();
    asks(
        &mut world,
        ms(4_000),
        1,
        "1001",
        AgentCommand::AskBreak { reason },
    );
    let lead = Actor::User("lead".to_owned());
    let allow = Command::Agent(agent("1001"), AgentCommand::AllowBreak);
    world.tells(ms(6_000), Input::Command(Ticket(2), lead.clone(), allow));
    world.run();
    assert_eq!(answer(&world, 2), Ok(Done::Accepted));
    let id = agent("1001");
    let entries: Vec<_> = world.states(&id).collect();
    let asked = entries
        .iter()
        .find(|it| it.told.standing.break_asked.is_some());
    assert_eq!(asked.expect("asked").told.state, AgentState::Talking);
    assert!(entries.iter().any(|it| it.by == lead));
    let last = entries.last().expect("a state");
    assert_eq!(last.told.state, AgentState::Break);
    assert_eq!(last.told.reason.as_deref(), Some("lunch"));
    world.nothing_is_left();
}

/// R015: the duty lead changes the order; it is kept, and each attempt is in the log by it.
#[test]
fn the_hunting_order_is_the_duty_leads() {
    let plan = Plan {
        strategy: Strategy::RoundRobin,
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 408);
    for extension in ["1001", "1002", "1003"] {
        world.agent(extension, AgentHabit::lets_it_ring());
    }
    let lead = Actor::User("lead".to_owned());
    let order = ["1002", "1003", "1001"].map(agent).to_vec();
    for (n, order) in [(1, order.clone()), (2, order[1..].to_vec())] {
        let command = Command::Queue(QueueId::from("hotline"), QueueCommand::Order(order));
        world.tells(ms(0), Input::Command(Ticket(n), lead.clone(), command));
    }
    // The service starts again between the change and the call.
    world.service_restarts(ms(1_000));
    world.caller(CallerHabit::gives_up_after(ms(26_000)).dials_at(ms(60_000)));
    world.run();
    assert_eq!(answer(&world, 1), Ok(Done::Accepted));
    assert_eq!(answer(&world, 2), Err(Refused::WrongState));
    let kept = world.desk.iter().filter_map(|entry| match entry {
        DeskEntry::Order(entry) => Some((&entry.agents, &entry.by)),
        DeskEntry::Agent(_) => None,
    });
    assert!(kept.eq([(&order, &lead)]));
    let shown = world.news_told.iter().filter_map(|(_, news)| match news {
        News::Queue(now) => Some(&*now.order),
        News::Line(_) | News::Agent(_) | News::Ring { .. } | News::Attention { .. } => None,
    });
    assert!(shown.clone().any(|shown| shown != order));
    let mut shown = shown;
    assert!(shown.next_back().is_some_and(|shown| shown == order));
    assert_eq!(world.only_call().offered(), order);
    world.nothing_is_left();
}
