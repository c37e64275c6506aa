//! What the desk is told while it happens.

use thirdring::switch::News;

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

/// R001: the desk hears of each ring as the caller does, and from the apology line on that whoever
/// answers apologises; of none after the end.
#[test]
fn the_desk_hears_each_ring_as_it_begins() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 311);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.caller(CallerHabit::gives_up_after(ms(18_000)));
    world.run();

    let mut told = Vec::new();
    let mut first = None;
    for (at, news) in &world.news_told {
        let News::Ring {
            ring, apologise, ..
        } = news
        else {
            continue;
        };
        let first = *first.get_or_insert(*at);
        told.push((at.duration_since(first), *ring, *apologise));
    }
    let rings = [
        (ms(0), 1, false),
        (ms(5_000), 2, false),
        (ms(10_000), 3, false),
        (ms(15_000), 4, true),
    ];
    assert_eq!(told, rings);
    world.nothing_is_left();
}
