//! What agents, and whoever leads the shift, say of an agent: at work, welcome to ring, away.

use std::time::{Duration, Instant};

use super::agent::Told;
use super::duty::MISSED;
use super::{Agents, Duty, Reach, Standing};
use crate::id::AgentId;

/// The work after one call lasts no longer than this, however often more time is asked for.
pub const LONGEST_WRAP_UP: Duration = Duration::from_hours(1);

/// What is asked of an agent's state, by the agent or by somebody who leads the shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentCommand {
    /// Begins to work, at a phone that is registered; for a shift, if there are any.
    LogIn {
        /// Its name.
        shift: Option<String>,
    },
    /// Ends the work; not during a call.
    LogOut,
    /// Takes calls from now on (示闲). Ends a break and the work after a call.
    Ready,
    /// Takes none, but stays at the desk (示忙). A call that is up goes on.
    Busy {
        /// Why.
        reason: Option<String>,
    },
    /// Wants to be away for a while (小休). Begins at once where nobody has to allow it, else when
    /// it is allowed; a call that is up goes on.
    AskBreak {
        /// Why.
        reason: String,
    },
    /// Wants to leave the place for a while (外出), when it is allowed; a colleague stands in (R265).
    AskAway {
        /// Why.
        reason: String,
        /// Who stands in.
        substitute: AgentId,
    },
    /// Allows the break, or the absence, that was asked for.
    AllowBreak,
    /// Does not.
    DenyBreak,
    /// Gives more time for the work after the call.
    ExtendWrapUp(Duration),
    /// The work after the call is done.
    EndWrapUp,
}

/// Why an agent's state stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// There is no such agent.
    NoSuchAgent,
    /// No phone of the agent is registered.
    NoPhone,
    /// The agent is in a call.
    InCall,
    /// That is not possible in the agent's state.
    WrongState,
    /// So much time is given to nobody.
    TooLong,
    /// Whoever is to stand in is not at work, or nobody.
    NoSubstitute,
}

impl Agents {
    /// Nobody is at work until they log in.
    pub fn begin_logged_out(&mut self) {
        for id in self.ids() {
            self.change(&id, |agent| {
                agent.standing.duty = Duty::Off;
                agent.told.standing.duty = Duty::Off;
            });
        }
    }

    fn ids(&self) -> Vec<AgentId> {
        self.list.iter().map(|agent| agent.id.clone()).collect()
    }

    /// Goes on from what was kept over a restart, unless something was said since. What was told last is what the log holds, so that
    /// whatever is different now is told.
    pub fn restore(&mut self, id: &AgentId, told: Told) {
        self.change(id, |agent| {
            if agent.has_spoken {
                return;
            }
            agent.standing = told.standing.clone();
            agent.answered_today = told.answered_today;
            agent.told = told;
        });
    }

    /// Whether something was said of the agent since the start.
    pub fn has_spoken(&self, id: &AgentId) -> bool {
        self.agent(id).is_some_and(|agent| agent.has_spoken)
    }

    /// What the agent has said.
    pub fn standing(&self, id: &AgentId) -> Option<&Standing> {
        self.agent(id).map(|agent| &agent.standing)
    }

    /// Carries out what is asked of an agent's state. `by` is who asks, `at` is where the agent's phone
    /// is; `asks_first` says that breaks need somebody's word.
    ///
    /// # Errors
    ///
    /// If the facts forbid it; then nothing has changed.
    pub fn obey(
        &mut self,
        id: &AgentId,
        command: AgentCommand,
        by: &str,
        at: Option<String>,
        asks_first: bool,
        now: Instant,
    ) -> Result<(), Unfit> {
        let agent = self.agent(id).ok_or(Unfit::NoSuchAgent)?;
        let is_off = agent.standing.duty == Duty::Off;
        let wrap_up = agent.wrap_up;
        let asked = agent.standing.break_asked.clone();
        let is_about_log_in = matches!(command, AgentCommand::LogIn { .. } | AgentCommand::LogOut);
        if is_off && !is_about_log_in {
            return Err(Unfit::WrongState);
        }
        match command {
            AgentCommand::LogIn { shift } => {
                if agent.reach == Reach::Absent {
                    return Err(Unfit::NoPhone);
                }
                self.stand(id, now, |standing| {
                    *standing = Standing {
                        shift,
                        phone: at,
                        ..Standing::default()
                    };
                });
            }
            AgentCommand::LogOut => {
                if !agent.calls.is_empty() {
                    return Err(Unfit::InCall);
                }
                self.set_wrap_up(id, None);
                self.stand(id, now, |standing| {
                    *standing = Standing {
                        duty: Duty::Off,
                        ..Standing::default()
                    };
                });
            }
            AgentCommand::Ready => {
                self.set_wrap_up(id, None);
                self.stand(id, now, |standing| standing.duty = Duty::Ready);
            }
            AgentCommand::Busy { reason } => {
                self.stand(id, now, |standing| standing.duty = Duty::Busy { reason });
            }
            AgentCommand::AskBreak { reason } if asks_first => {
                self.stand(id, now, |standing| {
                    standing.break_asked = Some(reason);
                    standing.away_asked = None;
                });
            }
            AgentCommand::AskBreak { reason } => {
                self.stand(id, now, |standing| standing.duty = Duty::Break { reason });
            }
            AgentCommand::AskAway { reason, substitute } => {
                self.ask_away(id, reason, substitute, now)?;
            }
            AgentCommand::AllowBreak if self.asks_away(id) => self.allow_away(id, by, now)?,
            AgentCommand::DenyBreak if self.asks_away(id) => self.deny_away(id, now),
            AgentCommand::AllowBreak => {
                let reason = asked.ok_or(Unfit::WrongState)?;
                self.stand(id, now, |standing| {
                    standing.duty = Duty::Break { reason };
                    standing.break_asked = None;
                });
            }
            AgentCommand::DenyBreak => {
                asked.ok_or(Unfit::WrongState)?;
                self.stand(id, now, |standing| standing.break_asked = None);
            }
            AgentCommand::ExtendWrapUp(more) => {
                let mut longer = wrap_up.ok_or(Unfit::WrongState)?;
                longer.until += more.min(LONGEST_WRAP_UP * 2);
                if longer.until > longer.since + LONGEST_WRAP_UP {
                    return Err(Unfit::TooLong);
                }
                self.set_wrap_up(id, Some(longer));
            }
            AgentCommand::EndWrapUp => {
                if !self.end_wrap_up(id, now) {
                    return Err(Unfit::WrongState);
                }
            }
        }
        Ok(())
    }

    /// Whoever takes calls again goes to the end of the idle order, and has missed none yet.
    pub(super) fn stand(&mut self, id: &AgentId, now: Instant, change: impl FnOnce(&mut Standing)) {
        self.change(id, |agent| {
            agent.has_spoken = true;
            let was_ready = agent.standing.duty == Duty::Ready;
            change(&mut agent.standing);
            if agent.standing.duty == Duty::Ready {
                agent.missed = 0;
                if !was_ready {
                    agent.idle_since = now;
                }
            }
        });
    }

    /// The agent's phone rang in vain; with the last of so many in a row the agent is absent (R265),
    /// until somebody says otherwise. Whether that was it.
    pub fn missed(&mut self, id: &AgentId, most: Option<u32>) -> bool {
        let mut is_out = false;
        self.change(id, |agent| {
            agent.missed += 1;
            let is_last = most.is_some_and(|most| agent.missed >= most);
            if is_last && agent.standing.duty == Duty::Ready {
                agent.missed = 0;
                is_out = true;
                agent.standing.duty = Duty::Absent {
                    reason: MISSED.to_owned(),
                };
            }
        });
        is_out
    }
}

#[cfg(test)]
mod tests;
