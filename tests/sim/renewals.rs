//! Lines, queues and agents that are set up anew while calls go on (R015).

use std::sync::Arc;
use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::event::Outcome;
use thirdring::id::{AgentId, QueueId};
use thirdring::phone::Command;
use thirdring::queue::{AgentState, Agents, Duty, QueueSettings, Queues, Staff, Strategy};
use thirdring::sip::auth::Credentials;
use thirdring::switch::{Input, LineSettings, NumberPattern, PhoneSettings, Settings};

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::call_log::CallLog;
use crate::office::Office;
use crate::wire::Wire;
use crate::world::{Plan, World, at};
use crate::{ms, seeds};

fn world(agents: &[AgentHabit]) -> World {
    let mut world = World::new(Plan::default(), Wire::perfect(), 21);
    for (n, habit) in (1..).zip(agents) {
        world.agent(&format!("100{n}"), *habit);
    }
    world
}

fn renewed(world: &mut World, after: Duration, change: impl FnOnce(&mut Settings)) {
    let mut settings = world.settings();
    change(&mut settings);
    world.tells(after, Input::Settings(Box::new(settings)));
}

fn answers(world: &World) -> Vec<Option<AgentId>> {
    let calls = world.calls();
    let answers = calls.iter().map(|call| {
        call.0.iter().find_map(|event| {
            let EventKind::Answered { agent, .. } = &event.kind else {
                return None;
            };
            Some(agent.clone())
        })
    });
    answers.collect()
}

/// A line that is taken out keeps the calls that it has, whether they talk or wait, and takes
/// no new one.
#[test]
fn a_line_that_is_taken_out_serves_those_who_are_there() {
    let mut world = world(&[AgentHabit::answers_after(ms(1_000))]);
    world.caller(CallerHabit::talks(ms(5_000)));
    world.caller(CallerHabit::talks(ms(1_000)).dials_at(ms(100)));
    world.caller(CallerHabit::talks(ms(1_000)).dials_at(ms(4_000)));
    renewed(&mut world, ms(3_000), |settings| settings.lines.clear());
    world.run();
    let outcomes: Vec<_> = world.calls().iter().map(CallLog::outcome).collect();
    let expected = [Outcome::Answered, Outcome::Answered, Outcome::UnknownNumber];
    assert_eq!(outcomes, expected.map(Some));
    world.nothing_is_left();
}

/// R015: who waits in a queue that is no more waits in the one that the line has now, in the same
/// order, and is answered by those who are there.
#[test]
fn waiting_callers_keep_their_order_in_the_lines_new_queue() {
    let mut world = world(&[
        AgentHabit::answers_after(ms(1_000)),
        AgentHabit::answers_after(ms(1_000)),
    ]);
    let only_first = |settings: &mut Settings| {
        for line in &mut settings.lines {
            Arc::make_mut(line).agents = vec!["1001".into()];
        }
    };
    renewed(&mut world, ms(0), only_first);
    for n in 1..=4 {
        world.caller(CallerHabit::talks(ms(20_000)).dials_at(ms(100 * n)));
    }
    renewed(&mut world, ms(5_000), |settings| {
        let shared = QueueId::from("shared");
        let agents = vec!["1002".into()];
        settings.queues = vec![QueueSettings::new(shared.clone(), Strategy::Linear, agents)];
        for line in &mut settings.lines {
            Arc::make_mut(line).queue = Some(shared.clone());
        }
    });
    world.run();
    let first = AgentId::from("1001");
    let second = AgentId::from("1002");
    let expected = [&first, &second, &second, &second].map(|agent| Some(agent.clone()));
    // The fourth gives up by the line's own limit, or is answered, but by nobody of the old queue.
    assert_eq!(answers(&world)[..3], expected[..3]);
    assert_ne!(answers(&world)[3], Some(first));
    let calls = world.calls();
    let times: Vec<_> = calls.iter().filter_map(CallLog::answered_at_us).collect();
    assert!(times.is_sorted(), "{times:?}");
    world.nothing_is_left();
}

/// A number that is added is answered, and a new agent is rung, without a restart.
#[test]
fn a_new_line_and_a_new_agent_are_there_at_once() {
    let mut world = world(&[
        AgentHabit::answers_after(ms(1_000)),
        AgentHabit::answers_after(ms(1_000)),
    ]);
    renewed(&mut world, ms(0), |settings| {
        settings.agents.truncate(1);
        for line in &mut settings.lines {
            let line = Arc::make_mut(line);
            line.agents = vec!["1001".into()];
            line.numbers = vec![NumberPattern::Exact("4007654321".to_owned())];
        }
    });
    // Nobody has the number, until a second line has it, with an agent who was none meanwhile.
    world.caller(CallerHabit::talks(ms(1_000)).dials_at(ms(1_000)));
    renewed(&mut world, ms(5_000), |settings| {
        let line = settings.lines[0].clone();
        let sales = LineSettings {
            line: Arc::new(thirdring::call::Line {
                id: "sales".into(),
                ..(*line.line).clone()
            }),
            agents: vec!["1002".into()],
            ..(*line).clone()
        };
        Arc::make_mut(&mut settings.lines[0]).numbers =
            vec![NumberPattern::Exact("4007654321".to_owned())];
        settings.lines.push(Arc::new(sales));
    });
    world.presses("1002", ms(6_000), register());
    world.caller(CallerHabit::talks(ms(1_000)).dials_at(ms(8_000)));
    world.run();
    let outcomes: Vec<_> = world.calls().iter().map(CallLog::outcome).collect();
    assert_eq!(
        outcomes,
        [Some(Outcome::UnknownNumber), Some(Outcome::Answered)]
    );
    assert_eq!(answers(&world)[1], Some("1002".into()));
    world.nothing_is_left();
}

fn register() -> Command {
    Command::Register {
        user: "1002".to_owned(),
        password: crate::world::PASSWORD.to_owned(),
        registrar: crate::world::SWITCH,
        expires: Duration::from_hours(1),
    }
}

/// Who is no agent any more finishes the call, is logged out then, and is rung no more; who stays
/// keeps what was said.
#[test]
fn an_agent_who_is_taken_out_finishes_the_call_and_is_logged_out() {
    let mut world = world(&[AgentHabit::answers_after(ms(1_000))]);
    world.caller(CallerHabit::talks(ms(10_000)));
    world.caller(CallerHabit::gives_up_after(ms(20_000)).dials_at(ms(5_000)));
    renewed(&mut world, ms(4_000), |settings| settings.agents.clear());
    world.run();
    let calls = world.calls();
    assert_eq!(calls[0].outcome(), Some(Outcome::Answered));
    assert_eq!(
        calls[0].hung_up_by(),
        Some(thirdring::call::event::HangupParty::Caller)
    );
    assert!(calls[1].offered().is_empty(), "{:?}", calls[1]);
    let agent = AgentId::from("1001");
    let last = world.states(&agent).next_back().expect("a state");
    assert_eq!(
        (last.told.state, &last.told.standing.duty),
        (AgentState::Offline, &Duty::Off)
    );
    world.nothing_is_left();
}

/// Whoever knows an agent's old password is not rung any more; a phone that knows the new one is,
/// whether the service keeps the password or what RFC 7616 §3.4.2 has a server keep of it.
#[test]
fn another_password_makes_the_phone_register_again() {
    let phones = PhoneSettings {
        probe: Duration::ZERO,
        ..PhoneSettings::default()
    };
    let mut office = Office::new(phones, &["1001"]);
    let there = at(101, 5060);
    let phone = office.register("1001", there, there);
    assert_eq!(office.agents(AgentState::Ready), 1);
    let sealed = |settings: &Settings| {
        let md5 = thirdring::sip::auth::Algorithm::Md5;
        let digest = md5.seal("1001", &settings.realm, crate::world::PASSWORD);
        Some(Credentials::sealed(vec![(md5, digest)]))
    };
    // It is the same password, kept in another way.
    office.sets_up(|settings| settings.agents[0].password = sealed(settings));
    assert_eq!(office.agents(AgentState::Ready), 1);
    office.sets_up(|settings| {
        settings.agents[0].password = Some(Credentials::new("another one"));
    });
    assert_eq!(office.agents(AgentState::Ready), 0);
    assert!(office.all_kept().is_empty());
    office.renew(phone);
    assert_eq!(office.agents(AgentState::Ready), 0);

    office.sets_up(|settings| settings.agents[0].password = sealed(settings));
    office.renew(phone);
    assert_eq!(office.agents(AgentState::Ready), 1);
    office.call();
    assert_eq!(office.phones[phone].calls(), 1);
}

/// R015: the order that the duty lead has given a queue's agents outlasts a change of who they are;
/// where nobody has changed it, the list's own counts.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
fn the_duty_leads_order_outlasts_a_change_of_the_queue() {
    let now = std::time::Instant::now();
    let ids = |names: &[&str]| -> Vec<AgentId> {
        names.iter().map(|name| AgentId::from(*name)).collect()
    };
    let (hotline, sales) = (QueueId::from("hotline"), QueueId::from("sales"));
    let queues_of = |names: &[&str]| {
        [&hotline, &sales].map(|id| QueueSettings::new(id.clone(), Strategy::Linear, ids(names)))
    };
    let staff = |names: &[&str]| -> Vec<Staff> {
        let staff = ids(names).into_iter().map(|id| Staff {
            id,
            max_calls: 1,
            is_trainee: false,
            skills: std::collections::BTreeMap::new(),
        });
        staff.collect()
    };
    let mut agents = Agents::default();
    let mut queues = Queues::default();
    let first = ["1001", "1002", "1003"];
    queues.renew(&queues_of(&first), &staff(&first), &mut agents, false, now);
    let order = ids(&["1003", "1001", "1002"]);
    assert!(queues.reorder(&hotline, &order, &mut agents));

    let more = ["1004", "1001", "1002", "1003"];
    queues.renew(&queues_of(&more), &staff(&more), &mut agents, false, now);
    let orders = |queues: &Queues, agents: &Agents| {
        [&hotline, &sales].map(|id| queues.order(id, agents).cloned().collect::<Vec<_>>())
    };
    let expected = [ids(&["1003", "1001", "1002", "1004"]), ids(&more)];
    assert_eq!(orders(&queues, &agents), expected);

    let fewer = ["1004", "1003"];
    queues.renew(&queues_of(&fewer), &staff(&fewer), &mut agents, false, now);
    agents.see_off();
    assert_eq!(agents.forget_leavers(), ids(&["1001", "1002"]));
    let expected = [ids(&["1003", "1004"]), ids(&fewer)];
    assert_eq!(orders(&queues, &agents), expected);
}

/// R009, R015: whatever is set up at any time, no caller is lost and no agent is stuck: each call
/// has one row and one end, and nothing stays.
#[test]
fn nothing_is_left_over_whatever_is_set_up() {
    let (mut answered, mut unknown) = (0, 0);
    for seed in 0..seeds() {
        let mut world = World::random(seed);
        world.renews(1 + u32::try_from(seed % 7).expect("a digit"), seed);
        world.run();
        world.nothing_is_left();
        for call in world.calls() {
            answered += u32::from(call.outcome() == Some(Outcome::Answered));
            unknown += u32::from(call.outcome() == Some(Outcome::UnknownNumber));
        }
    }
    assert!(
        answered > 0 && unknown > 0,
        "{answered} answered, {unknown} unknown"
    );
}
