//! Callers for the newcomer, who answers from the console: one rings when that agent takes calls,
//! and the next a while after the work on that one is done.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::Context;
use tokio::time::interval;

use super::cast::{NEWCOMER, RECEPTION};
use super::site::{Site, TRUNK};
use super::speech::{COMPLAINT, CONSULTATION, REPAIR, SUGGESTION, Sentence};
use super::stage::Stage;
use crate::call::command::Actor;
use crate::id::AgentId;
use crate::phone::{Dial, Event, Line, LineConfig, Script, Seen, Sighting, Then};
use crate::queue::{AgentCommand, AgentState};
use crate::switch::Command;

/// How often the newcomer is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How long the newcomer has taken calls when one comes.
const PAUSE: Duration = Duration::from_secs(4);
/// How long a caller stays who was answered: time to hold, to ask somebody, to pass on.
const TALK: Duration = Duration::from_mins(3);
/// What stands beside the newcomer's state until the first call is wanted.
const BEFORE: &str = "示闲即有来电";

/// Somebody who calls the newcomer.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) number: &'static str,
    pub(super) name: &'static str,
    pub(super) says: Sentence,
}

/// They call one after the other, and then again.
pub(super) const GUESTS: [Guest; 4] = [
    guest("13800002001", "王小明", REPAIR),
    guest("13800002002", "李芳", CONSULTATION),
    guest("13800002003", "张伟", COMPLAINT),
    guest("13800002004", "刘洋", SUGGESTION),
];

const fn guest(number: &'static str, name: &'static str, says: Sentence) -> Guest {
    Guest { number, name, says }
}

impl Stage {
    /// Keeps callers from the newcomer until they are asked for.
    ///
    /// # Errors
    /// The agent's state cannot be set.
    pub(super) async fn keep_newcomer_waiting(&self) -> anyhow::Result<()> {
        let newcomer = AgentId::from(NEWCOMER);
        let reason = Some(BEFORE.to_owned());
        let command = Command::Agent(newcomer.clone(), AgentCommand::Busy { reason });
        let answer = self
            .desk
            .signalling
            .command(Actor::Agent(newcomer), command);
        answer.await.context("the newcomer cannot be busy")?;
        Ok(())
    }

    /// Has somebody call whenever the newcomer waits for a call. It does not end by itself.
    ///
    /// # Errors
    /// A caller finds no port.
    pub(super) async fn receive(&mut self, site: &Site) -> anyhow::Result<()> {
        let mut next = GUESTS.iter().cycle();
        let mut looks = interval(LOOK);
        let mut on_the_line: Vec<(&Guest, Line)> = Vec::new();
        let mut waited = Duration::ZERO;
        loop {
            tokio::select! {
                sighting = self.sightings.recv() => {
                    let sighting = sighting.context("the phones are gone")?;
                    let over = on_the_line.iter().position(|(guest, _)| is_end(&sighting, guest));
                    if let Some(over) = over {
                        on_the_line.swap_remove(over).1.stop().await;
                    }
                }
                _ = looks.tick() => {
                    waited = if self.takes_calls() { waited + LOOK } else { Duration::ZERO };
                    if waited < PAUSE {
                        continue;
                    }
                    waited = Duration::ZERO;
                    // Who was passed on may still be talking to a colleague.
                    let talks = |guest: &&Guest| on_the_line.iter().any(|(it, _)| it.number == guest.number);
                    if let Some(guest) = next.by_ref().take(GUESTS.len()).find(|guest| !talks(guest)) {
                        on_the_line.push((guest, self.call_in(site, guest).await?));
                    }
                }
            }
        }
    }

    /// The newcomer's agent has said so, and has no call.
    fn takes_calls(&self) -> bool {
        let board = self.desk.signalling.desk();
        let newcomer = board.agents.get(&AgentId::from(NEWCOMER));
        newcomer.is_some_and(|now| now.state == AgentState::Ready)
    }

    async fn call_in(&self, site: &Site, guest: &Guest) -> anyhow::Result<Line> {
        let script = Script::caller(Dial {
            to: RECEPTION.to_owned(),
            // The line gives up before the caller does.
            give_up: None,
            then: Then::HangUp { after: TALK },
        });
        let config = LineConfig {
            name: Some(guest.name.to_owned()),
            speech: site.speech(guest.says),
            script,
            ..LineConfig::new(guest.number, IpAddr::from(TRUNK), self.sip()?)
        };
        Ok(Line::start(config, self.watchers.clone()).await?)
    }
}

/// This guest's call is over.
fn is_end(sighting: &Sighting, guest: &Guest) -> bool {
    let is_over = matches!(
        sighting.seen,
        Seen::Event(Event::Ended { .. } | Event::Rejected(_))
    );
    is_over && sighting.phone == guest.number
}
