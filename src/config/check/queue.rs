//! `[[queue]]`, and what lines and agents say of queues.

use std::time::Duration;

use super::{Check, add_or_known};
use crate::config::{Line, Overflow, Queue, Strategy};
use crate::rules::WeeklyHours;

/// Weights and levels of skills are small numbers.
const MOST: u32 = 100;

impl Check<'_> {
    pub(super) fn queues(&mut self) {
        let names = self.config.queues.iter().map(|queue| queue.name.as_str());
        self.unique("queue", "name", names);
        for (index, queue) in self.config.queues.iter().enumerate() {
            let key = format!("queue[{index}]");
            let who = format!("queue `{}`", queue.name);
            self.answerers(&key, &who, &queue.agents);
            self.queue_skills(&key, &who, queue);
            self.minimum_hours(&key, queue);
            for (step, overflow) in queue.overflow.iter().enumerate() {
                self.overflow(&format!("{key}.overflow[{step}]"), queue, overflow);
            }
            let lines = self.config.lines.iter();
            let same = |line: &&Line| line.name == queue.name && line.queue.is_none();
            if lines.clone().any(|line| same(&line)) {
                let what = format!("line `{}` has a queue of its own by this name", queue.name);
                let cure = "write `queue` in the line instead of `agents`, or another name here";
                self.report(&format!("{key}.name"), what, cure);
            }
        }
        if self.config.desk.most_missed == Some(0) {
            let what = "every agent would be taken out at once";
            self.report("desk.most_missed", what, "write 1 or more, or remove it");
        }
        if self.config.desk.absent_after < Duration::from_secs(1) {
            let what = "whose phone registers anew would be absent";
            self.report("desk.absent_after", what, "write 1s or more");
        }
        self.breaks();
        if self.config.desk.lately < Duration::from_hours(1) {
            let what = "too short for anybody to call again";
            self.report("desk.lately", what, "write 1h or more");
        }
        if self.config.desk.unread_within < Duration::from_secs(1) {
            let what = "every message would be late at once";
            self.report("desk.unread_within", what, "write 1s or more");
        }
        if let Err(fault) = self.config.desk.screen_pop() {
            let cure = "write a URL such as `https://crm.example.com/?from={number}&call={call}`";
            self.report("desk.screen_pop", fault.to_string(), cure);
        }
    }

    fn minimum_hours(&mut self, key: &str, queue: &Queue) {
        for (slot, at) in queue.minimum_at.iter().enumerate() {
            let key = format!("{key}.minimum_at[{slot}].hours");
            if at.hours.is_empty() {
                self.report(&key, "no hours", "write such as [\"mon-fri 09:00-12:00\"]");
            }
            for hours in &at.hours {
                if let Err(fault) = hours.parse::<WeeklyHours>() {
                    let cure = "write days, a space, and times";
                    self.report(&key, fault.to_string(), cure);
                }
            }
        }
    }

    fn breaks(&mut self) {
        let breaks = &self.config.desk.breaks;
        self.unique(
            "desk.breaks",
            "reason",
            breaks.iter().map(|it| it.reason.as_str()),
        );
        for (index, rule) in breaks.iter().enumerate() {
            if rule.longest.is_zero() {
                let what = format!("a break for `{}` would be too long at once", rule.reason);
                let key = format!("desk.breaks[{index}].longest");
                self.report(&key, what, "write such as \"45m\"");
            }
        }
    }

    /// A list of agents who answer customers: known, each once, and no trainees.
    pub(super) fn answerers(&mut self, key: &str, who: &str, list: &[String]) {
        if list.is_empty() {
            let what = format!("{who} has no agent");
            let cure = "write the extensions of those who answer it";
            self.report(&format!("{key}.agents"), what, cure);
        }
        for (index, extension) in list.iter().enumerate() {
            let place = format!("{key}.agents[{index}]");
            let known = self.config.agents.iter();
            match known.clone().find(|agent| agent.extension == *extension) {
                None => {
                    let extensions = known.map(|agent| agent.extension.as_str());
                    let what = format!("{who} names unknown agent `{extension}`");
                    let cure = add_or_known("[[agent]]", extensions);
                    self.report(&place, what, cure);
                }
                Some(agent) if agent.trainee => {
                    let what = format!("agent `{extension}` is a trainee, who gets no customer");
                    let cure = "remove the agent here, or `trainee` there";
                    self.report(&place, what, cure);
                }
                Some(_) => {}
            }
            if list.iter().take(index).any(|one| one == extension) {
                let what = format!("agent `{extension}` stands here twice");
                self.report(&place, what, "remove one");
            }
        }
    }

    fn queue_skills(&mut self, key: &str, who: &str, queue: &Queue) {
        let place = format!("{key}.skills");
        let is_by_skills = queue.strategy == Strategy::Skills;
        if is_by_skills == queue.skills.is_empty() {
            let (what, cure) = if is_by_skills {
                (
                    format!("{who} rings by skills, and names none"),
                    "write such as { repair = 3, english = 1 }",
                )
            } else {
                (
                    format!("{who} names skills, and does not ring by them"),
                    "write strategy = \"skills\", or remove them",
                )
            };
            self.report(&place, what, cure);
        }
        if queue.skills.values().any(|it| !(1..=MOST).contains(it)) {
            let what = "a weight is out of range";
            self.report(&place, what, "write a number from 1 to 100");
        }
    }

    fn overflow(&mut self, key: &str, queue: &Queue, step: &Overflow) {
        let is_timed = step.after.is_some() != step.rings.is_some();
        let is_short = step.after.is_some_and(|wait| wait.is_zero()) || step.rings == Some(0);
        if !is_timed || is_short {
            let what = "a step needs one time";
            let cure = "write `after = \"20s\"`, or `rings = 3`";
            self.report(key, what, cure);
        }
        match &step.queue {
            Some(name) if step.agents.is_empty() => {
                let known = self.config.queues.iter().map(|queue| queue.name.as_str());
                let is_known = known.clone().any(|one| one == name);
                if !is_known || *name == queue.name {
                    let what = format!("no other queue `{name}`");
                    let others = known.filter(|one| *one != queue.name);
                    let cure = add_or_known("[[queue]]", others);
                    self.report(&format!("{key}.queue"), what, cure);
                }
            }
            None if !step.agents.is_empty() => self.answerers(key, "the step", &step.agents),
            Some(_) | None => {
                let what = "a step needs somebody who joins";
                self.report(key, what, "write either `agents` or `queue`");
            }
        }
    }

    /// A line names its queue, or those who answer it.
    pub(super) fn line_queue(&mut self, key: &str, line: &Line) {
        let who = format!("line `{}`", line.name);
        match &line.queue {
            None => {
                self.answerers(key, &who, &line.agents);
                if line.strategy == Some(Strategy::Skills) {
                    let what = format!("{who} rings by skills, which only a queue can weigh");
                    let cure = "add [[queue]] with `skills`, and name it in `queue`";
                    self.report(&format!("{key}.strategy"), what, cure);
                }
            }
            Some(name) => {
                let known = self.config.queues.iter().map(|queue| queue.name.as_str());
                if !known.clone().any(|one| one == name) {
                    let what = format!("{who} names unknown queue `{name}`");
                    let cure = add_or_known("[[queue]]", known);
                    self.report(&format!("{key}.queue"), what, cure);
                }
                if !line.agents.is_empty() || line.strategy.is_some() {
                    let what = format!("{who} has a queue, and `agents` or `strategy` beside it");
                    let cure = "write them in the queue";
                    self.report(&format!("{key}.queue"), what, cure);
                }
            }
        }
        if line.urgency > Line::MOST_URGENT {
            let what = format!("{who} is more urgent than there is");
            self.report(&format!("{key}.urgency"), what, "write 0 to 9");
        }
    }

    pub(super) fn agent_skills(&mut self) {
        for (index, agent) in self.config.agents.iter().enumerate() {
            if agent.skills.values().any(|it| !(1..=MOST).contains(it)) {
                let what = "a level is out of range";
                let cure = "write a number from 1 to 100";
                self.report(&format!("agent[{index}].skills"), what, cure);
            }
        }
    }
}
