//! Queues and desk: the configuration's values as the switch's.

use crate::call::command::PassTo;
use crate::config::{self, Config};
use crate::id::{AgentId, LineId, QueueId, TrunkId};
use crate::queue::{Joining, MinimumAt, Overflow, QueueSettings, Strategy, When};
use crate::switch::{BreakRule, DeskSettings, EmergencyContact};

pub(super) fn settings(queue: &config::Queue) -> QueueSettings {
    let id = QueueId(queue.name.clone());
    QueueSettings {
        skills: queue.skills.clone(),
        overflow: queue.overflow.iter().filter_map(overflow).collect(),
        minimum: usize::try_from(queue.minimum).unwrap_or(usize::MAX),
        minimum_at: queue.minimum_at.iter().map(minimum_at).collect(),
        ..QueueSettings::new(id, strategy(queue.strategy), agents(&queue.agents))
    }
}

/// Who answers a line, and who of them first: by its queue, or by itself.
pub(super) fn of_line(line: &config::Line, config: &Config) -> (Vec<AgentId>, Strategy) {
    let mut queues = config.queues.iter();
    let named = line.queue.as_ref();
    let own = || {
        (
            agents(&line.agents),
            strategy(line.strategy.unwrap_or_default()),
        )
    };
    let shared = named.and_then(|name| queues.find(|queue| queue.name == *name));
    shared.map_or_else(own, |queue| {
        (agents(&queue.agents), strategy(queue.strategy))
    })
}

pub(super) fn desk(config: &Config) -> DeskSettings {
    // Loading the configuration has made sure that there is such a zone.
    let zone = jiff::tz::TimeZone::get(&config.service.time_zone);
    DeskSettings {
        log_in: config.desk.log_in,
        approve_breaks: config.desk.approve_breaks,
        breaks: config.desk.breaks.iter().map(break_rule).collect(),
        most_missed: config.desk.missed(),
        absent_after: config.desk.log_in.then_some(config.desk.absent_after),
        zone: zone.unwrap_or(jiff::tz::TimeZone::UTC),
        teams: config.team_rules(),
        emergencies: config
            .emergency_contacts()
            .into_iter()
            .filter_map(emergency)
            .collect(),
    }
}

/// A contact that leads nowhere does not pass the check of the configuration.
fn emergency(contact: config::Emergency) -> Option<EmergencyContact> {
    let agent = contact.agent.map(|agent| PassTo::Agent(AgentId(agent)));
    let line = || contact.line.map(|line| PassTo::Line(LineId(line)));
    let to = agent.or_else(line);
    Some(EmergencyContact {
        name: contact.name,
        to: to.or_else(|| contact.number.map(PassTo::Number))?,
        trunks: contact.trunk.into_iter().map(TrunkId).collect(),
    })
}

/// Hours that are none do not pass the check of the configuration.
fn minimum_at(slot: &config::MinimumAt) -> MinimumAt {
    let hours = slot.hours.iter().filter_map(|hours| hours.parse().ok());
    MinimumAt {
        hours: hours.collect(),
        agents: usize::try_from(slot.agents).unwrap_or(usize::MAX),
    }
}

fn break_rule(rule: &config::BreakRule) -> BreakRule {
    BreakRule {
        reason: rule.reason.clone(),
        longest: rule.longest,
        at_once: rule.at_once,
    }
}

fn agents(list: &[String]) -> Vec<AgentId> {
    list.iter().cloned().map(AgentId).collect()
}

/// A step without a time or without anybody does not pass the check of the configuration.
fn overflow(step: &config::Overflow) -> Option<Overflow> {
    let when = match (step.after, step.rings) {
        (Some(wait), _) => When::After(wait),
        (None, rings) => When::Rings(rings?),
    };
    let whom = match &step.queue {
        Some(queue) => Joining::Queue(QueueId(queue.clone())),
        None => Joining::Agents(agents(&step.agents)),
    };
    Some(Overflow { when, whom })
}

const fn strategy(strategy: config::Strategy) -> Strategy {
    match strategy {
        config::Strategy::RingAll => Strategy::RingAll,
        config::Strategy::LongestIdle => Strategy::LongestIdle,
        config::Strategy::RoundRobin => Strategy::RoundRobin,
        config::Strategy::FewestCalls => Strategy::FewestCalls,
        config::Strategy::Linear => Strategy::Linear,
        config::Strategy::Skills => Strategy::Skills,
    }
}
