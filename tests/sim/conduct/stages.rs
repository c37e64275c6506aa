//! Stages that take longer than their line allows (R023).

use thirdring::rules::{Stage, StageLimits};

use super::*;

fn long(stage: Stage, limit: u64) -> Attention {
    Attention::StageIsLong {
        stage,
        limit_ms: limit * 1000,
    }
}

/// R023: each stage has a limit of its own; the desk is told once, as it is passed, and the row says so.
#[test]
fn what_takes_longer_than_the_line_allows_is_told_and_flagged() {
    let mut desk = floor_with(|line| {
        line.manners.limits = StageLimits {
            talk: Some(seconds(40)),
            hold: Some(seconds(10)),
            ..StageLimits::default()
        };
    });
    let mut talk = desk.talk();
    desk.attentions();
    desk.passes(seconds(5));
    desk.does(CallCommand::PutOnHold { reason: None });
    desk.passes(seconds(9));
    assert_eq!(desk.attentions(), []);
    desk.passes(seconds(2));
    assert_eq!(desk.attentions(), [long(Stage::Hold, 10)]);
    desk.passes(seconds(9));
    assert_eq!(desk.attentions(), []);
    desk.does(CallCommand::Retrieve);
    // A second hold is one of its own.
    desk.does(CallCommand::PutOnHold { reason: None });
    desk.passes(seconds(9));
    desk.does(CallCommand::Retrieve);
    desk.passes(seconds(20));
    assert_eq!(desk.attentions(), [long(Stage::Talk, 40)]);
    desk.ends(&mut talk, &[AGENT]);
    let row = desk.first_row();
    assert_eq!(row.stages_exceeded(), [Stage::Talk, Stage::Hold]);
    let call = desk.first_call();
    let events: Vec<_> = desk.events().to_vec();
    let own: Vec<_> = events
        .into_iter()
        .filter(|event| event.call == call)
        .collect();
    let stages = row.stages(&own).into_iter();
    let stages: Vec<_> = stages
        .map(|span| (span.stage, span.ms, span.limit_ms))
        .collect();
    let holds: Vec<_> = stages
        .iter()
        .filter(|(stage, _, _)| *stage == Stage::Hold)
        .collect();
    let expected = [
        &(Stage::Hold, Some(20_000), Some(10_000)),
        &(Stage::Hold, Some(9_000), None),
    ];
    assert_eq!(holds, expected);
    let ring = stages.iter().find(|(stage, _, _)| *stage == Stage::Ring);
    assert_eq!(ring.and_then(|(_, ms, _)| *ms), row.caller_ring_ms);
}

/// R023: a caller who rings for longer than the line allows; without a limit nobody is told.
#[test]
fn ringing_and_waiting_have_limits_too() {
    for limit in [Some(seconds(3)), None] {
        let mut desk = floor_with(|line| line.manners.limits.ring = limit);
        let invite = desk.invite();
        desk.hears(CALLER, invite);
        let offered = desk.request(AGENT, &Method::INVITE);
        desk.answers(&offered, 180, "agent", AGENT, |_| {});
        desk.passes(seconds(4));
        let told: Vec<_> = desk
            .attentions()
            .into_iter()
            .filter(|what| matches!(what, Attention::StageIsLong { .. }))
            .collect();
        let expected: Vec<_> = limit.map(|_| long(Stage::Ring, 3)).into_iter().collect();
        assert_eq!(told, expected);
    }
}
