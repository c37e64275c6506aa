//! `thirdring agents`: who can be rung where, since when, and whether the phone answers, as the
//! service last wrote it down.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::calls::{View, or_nothing, plain_table, printable};
use super::database::{in_force, with_store};
use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::{Agent, Config};
use crate::rules::Timestamp;
use crate::switch::KeptBinding;

#[derive(Debug, Args)]
pub(super) struct Agents {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

/// A phone of an agent, or an agent without one.
#[derive(Debug, Serialize)]
struct Row {
    agent: String,
    name: String,
    state: State,
    contact: Option<String>,
    /// Where it was seen, or is configured to be.
    peer: Option<String>,
    since: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    phone: Option<String>,
}

/// What is known of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It answers, or nothing says otherwise.
    Reachable,
    /// It has not answered lately.
    Unreachable,
    /// It does not register: it is where the configuration says.
    Fixed,
    /// There is none.
    Absent,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Unreachable => "unreachable",
            Self::Fixed => "fixed",
            Self::Absent => "not registered",
        }
    }
}

impl Agents {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let kept = with_store(&config, async |store| Ok(store.bindings().await?))?;
        let rows = rows(&in_force(&config).agents, kept, Clock.wall());
        if self.json {
            return say(serde_json::to_string_pretty(&rows)?);
        }
        let view = View::of(&config, false)?;
        let columns = [
            "agent", "name", "state", "contact", "seen at", "since", "until", "phone",
        ];
        let mut table = plain_table(&columns);
        let time = |at: Option<Timestamp>| or_nothing(at.map(|at| view.time(at).to_string()));
        table.add_rows(rows.iter().map(|row| {
            let text = |text: &Option<String>| or_nothing(text.as_deref().map(printable));
            vec![
                printable(&row.agent),
                printable(&row.name),
                row.state.as_str().to_owned(),
                text(&row.contact),
                text(&row.peer),
                time(row.since),
                time(row.expires_at),
                text(&row.phone),
            ]
        }));
        say(table)
    }
}

/// A row a phone, and one for each agent without a phone, in the order of the configuration.
fn rows(agents: &[Agent], kept: Vec<KeptBinding>, now: Timestamp) -> Vec<Row> {
    let mut phones: BTreeMap<String, Vec<KeptBinding>> = BTreeMap::new();
    for binding in kept.into_iter().filter(|one| one.expires_at > now) {
        let of_agent = phones.entry(binding.agent.0.clone()).or_default();
        of_agent.push(binding);
    }
    let mut rows = Vec::new();
    for agent in agents {
        let registered = phones.remove(&agent.extension).unwrap_or_default();
        if registered.is_empty() {
            rows.push(unregistered(agent));
        }
        rows.extend(registered.into_iter().map(|binding| Row {
            agent: agent.extension.clone(),
            name: agent.name.clone(),
            state: if binding.is_reachable {
                State::Reachable
            } else {
                State::Unreachable
            },
            contact: Some(binding.contact),
            peer: Some(format!("{} {}", binding.transport, binding.peer)),
            since: Some(binding.registered_at),
            expires_at: Some(binding.expires_at),
            phone: binding.user_agent,
        }));
    }
    rows
}

fn unregistered(agent: &Agent) -> Row {
    Row {
        agent: agent.extension.clone(),
        name: agent.name.clone(),
        state: if agent.contact.is_some() {
            State::Fixed
        } else {
            State::Absent
        },
        contact: None,
        peer: agent.contact.map(|contact| contact.to_string()),
        since: None,
        expires_at: None,
        phone: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AgentId;

    #[derive(serde::Deserialize)]
    struct Section {
        agent: Vec<Agent>,
    }

    #[test]
    fn every_agent_has_a_row_for_each_phone_or_one_that_says_there_is_none() {
        let toml = "
[[agent]]
extension = \"1001\"
password = \"x\"
[[agent]]
extension = \"1002\"
password = \"x\"
[[agent]]
extension = \"1003\"
contact = \"192.0.2.3:5060\"
";
        let agents: Section = toml::from_str(toml).unwrap();
        let phone = |expires_at, is_reachable| KeptBinding {
            agent: AgentId::from("1001"),
            contact: "<sip:1001@10.0.0.5>".to_owned(),
            path: String::new(),
            transport: "UDP".to_owned(),
            local: String::new(),
            peer: "192.0.2.9:5060".to_owned(),
            is_behind_nat: true,
            call_id: String::new(),
            cseq: 1,
            instance: None,
            user_agent: None,
            registered_at: Timestamp(1),
            expires_at: Timestamp(expires_at),
            is_reachable,
        };
        let kept = vec![phone(100, true), phone(100, false), phone(50, true)];
        let rows = rows(&agents.agent, kept, Timestamp(50));
        let states: Vec<_> = rows
            .iter()
            .map(|row| (row.agent.as_str(), row.state))
            .collect();
        assert_eq!(
            states,
            [
                ("1001", State::Reachable),
                ("1001", State::Unreachable),
                ("1002", State::Absent),
                ("1003", State::Fixed),
            ]
        );
    }
}
