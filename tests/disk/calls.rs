//! Several calls of one service, each with a line, a caller and an agent of its own.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::marked::{End, Heard, Missing, Voices, recorded};
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};

/// The first caller's address.
const CARRIER: u8 = 128;

pub(crate) struct Calls {
    pub(crate) callers: Vec<Peer>,
    pub(crate) agents: Vec<Peer>,
}

/// A site for so many calls, whose lines have these keys.
pub(crate) fn site(calls: u8, keys: &[(&str, &str)]) -> Site {
    let mut site = Site::new();
    let carrier = site.network().at(CARRIER);
    for n in 1..=calls {
        let line = Line::new(&format!("line-{n}"), &number(n), &[n]);
        let line = keys
            .iter()
            .fold(line, |line, (key, value)| line.with(key, value));
        site = site.agent(n).line(&line);
    }
    site.section(&format!(
        "[[trunk]]\nname = \"many\"\naddresses = [\"{carrier}/26\"]\nprobe = \"0s\"\n"
    ))
}

/// The number of a line.
pub(crate) fn number(n: u8) -> String {
    format!("400765{n:04}")
}

/// The caller of a line, and its agent's phone.
pub(crate) fn pair(service: &Service, n: u8) -> (Peer, Peer) {
    let network = service.network();
    let caller = Peer::deaf(network.at(CARRIER + n), network);
    let agent = Peer::deaf(network.agent(n), network);
    (caller, agent)
}

/// Calls a line and is answered; where the voices go.
pub(crate) fn connect(caller: &mut Peer, agent: &mut Peer, n: u8) -> [End; 2] {
    caller.dial(&number(n), caller.plain());
    agent.ring();
    let agent_to = agent.pick_up(agent.plain());
    let caller_to = caller.talk();
    [
        (caller.voice.socket(), caller_to),
        (agent.voice.socket(), agent_to),
    ]
}

/// Whether an INVITE has come to a phone that answers nothing.
pub(crate) fn is_rung(phone: &mut Peer) -> bool {
    phone.drain(Duration::from_millis(100));
    let mut came = phone.tally().keys();
    came.any(|(method, way, _)| method == "INVITE" && *way == "out")
}

impl Calls {
    /// Calls every line, from the first on, and lets everybody talk.
    pub(crate) fn talk(service: &Service, calls: u8) -> (Self, Voices) {
        let (mut callers, mut agents, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for n in 1..=calls {
            let (mut caller, mut agent) = pair(service, n);
            ends.push(connect(&mut caller, &mut agent, n));
            callers.push(caller);
            agents.push(agent);
        }
        let voices = Voices::start(ends);
        voices.wait_for(5);
        (Self { callers, agents }, voices)
    }

    pub(crate) fn hang_up(mut self) {
        for (caller, agent) in self.callers.iter_mut().zip(&mut self.agents) {
            caller.bye();
            agent.expect_bye();
        }
    }
}

/// The finished row of a line's call, the `n`-th line's.
pub(crate) fn row_of(rows: &[Value], n: u8) -> &Value {
    let of_line = |row: &&Value| row["line"] == format!("line-{n}");
    rows.iter()
        .find(of_line)
        .unwrap_or_else(|| panic!("no row of line-{n} in {rows:#?}"))
}

/// What the recording of a row lacks of what was heard: the caller's voice is on its left, and the
/// agent's phone heard it.
pub(crate) fn missing(path: &Path, caller: &Heard, agent: &Heard) -> [Missing; 2] {
    let [left, right] = recorded(path);
    [agent.missing_in(&left), caller.missing_in(&right)]
}
