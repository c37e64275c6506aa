//! `[[team]]`, `[[emergency]]` and `[line.quality_desk]`: whom a matter goes to.

use std::collections::BTreeMap;

use super::{Check, add_or_known};
use crate::config::{Emergency, Line};

/// The longest number.
const LONGEST_NUMBER: usize = 24;

impl Check<'_> {
    pub(super) fn teams(&mut self) {
        let names = self.config.teams.iter().map(|team| team.name.as_str());
        self.unique("team", "name", names);
        let mut teams = BTreeMap::new();
        for (index, team) in self.config.teams.iter().enumerate() {
            let who = format!("team `{}`", team.name);
            for (place, agent) in team.agents.iter().enumerate() {
                let key = format!("team[{index}].agents[{place}]");
                self.known_agent(&key, &who, agent);
                if let Some(first) = teams.insert(agent, index) {
                    let what = format!("agent `{agent}` is in team[{first}] already");
                    self.report(&key, what, "leave the agent in one team");
                }
            }
            for (level, leader) in team.levels() {
                if let Some(leader) = leader {
                    let key = format!("team[{index}].{level}");
                    self.known_agent(&key, &who, leader);
                }
            }
        }
    }

    pub(super) fn emergencies(&mut self) {
        let names = self.config.emergencies.iter().map(|it| it.name.as_str());
        self.unique("emergency", "name", names);
        for (index, contact) in self.config.emergencies.iter().enumerate() {
            let key = format!("emergency[{index}]");
            let who = format!("emergency `{}`", contact.name);
            let ways = [&contact.number, &contact.agent, &contact.line];
            let ways = ways.into_iter().flatten().count();
            if ways > 1 || ways == 0 && !Emergency::is_built_in(&contact.name) {
                let what = format!("{who} leads nowhere, or to several places");
                self.report(&key, what, "write one of `number`, `agent` and `line`");
            }
            if let Some(number) = &contact.number {
                let is_number = number.chars().all(|c| c.is_ascii_digit())
                    && (2..=LONGEST_NUMBER).contains(&number.len());
                if !is_number {
                    let what = format!("`{number}` is no telephone number");
                    self.report(
                        &format!("{key}.number"),
                        what,
                        "write digits, such as `110`",
                    );
                }
            }
            if let Some(agent) = &contact.agent {
                self.known_agent(&format!("{key}.agent"), &who, agent);
            }
            let lines = self.config.lines.iter().map(|line| line.name.as_str());
            if let Some(line) = &contact.line
                && !lines.clone().any(|name| name == line)
            {
                let what = format!("{who} names unknown line `{line}`");
                self.report(
                    &format!("{key}.line"),
                    what,
                    add_or_known("[[line]]", lines),
                );
            }
            for trunk in &contact.trunk {
                self.trunk_out(&format!("{key}.trunk"), &who, trunk);
            }
        }
    }

    pub(super) fn line_quality_desk(&mut self, key: &str, line: &Line) {
        let Some(desk) = &line.quality_desk else {
            return;
        };
        let key = format!("{key}.quality_desk");
        let who = format!("line `{}`", line.name);
        let ways = [&desk.number, &desk.agent, &desk.line];
        if ways.into_iter().all(Option::is_none) || desk.agent.is_some() && desk.line.is_some() {
            let what = "nobody can be reached there, or two can";
            self.report(&key, what, "write `number`, and `agent` or `line`");
        }
        if let Some(agent) = &desk.agent {
            self.known_agent(&format!("{key}.agent"), &who, agent);
        }
        let lines = self.config.lines.iter().map(|line| line.name.as_str());
        if let Some(other) = &desk.line
            && !lines.clone().any(|name| name == other)
        {
            let what = format!("{who} names unknown line `{other}`");
            self.report(
                &format!("{key}.line"),
                what,
                add_or_known("[[line]]", lines),
            );
        }
    }

    fn known_agent(&mut self, key: &str, who: &str, extension: &str) {
        let known = self.config.agents.iter();
        if !known.clone().any(|agent| agent.extension == *extension) {
            let extensions = known.map(|agent| agent.extension.as_str());
            let what = format!("{who} names unknown agent `{extension}`");
            self.report(key, what, add_or_known("[[agent]]", extensions));
        }
    }
}
