//! The demo's desk: what people there ask of a running call, and what they see of it.

use std::time::Duration;

use anyhow::Context;
use tokio::time::{sleep, timeout};

use crate::app::Handle;
use crate::call::command::{Actor, CallCommand};
use crate::call::doing::SuperviseMode;
use crate::call::record::CallRecord;
use crate::id::{AgentId, CallId};
use crate::store::{CallFilter, Store, StoredCall};
use crate::switch::Command;

/// How often the log is looked at.
const POLL: Duration = Duration::from_millis(100);
/// How long something may take that has to happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// Who sees every call's row, and commands.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) signalling: Handle,
    pub(super) store: Store,
}

impl Desk {
    /// The row of the call that this number made, if it has made one.
    pub(super) async fn row_of(&self, caller: &str) -> anyhow::Result<Option<StoredCall>> {
        let rows = self.store.calls(&CallFilter::default()).await?;
        let mut rows = rows.into_iter();
        Ok(rows.find(|row| row.caller().is_some_and(|party| party.number == caller)))
    }

    /// Waits until the row of a caller's call tells something.
    ///
    /// # Errors
    /// It does not in time, or the database fails.
    pub(super) async fn until(
        &self,
        caller: &str,
        what: &str,
        tells: impl Fn(&CallRecord) -> bool,
    ) -> anyhow::Result<CallId> {
        let look = async {
            loop {
                let row = self.row_of(caller).await?.map(|row| row.record);
                if let Some(row) = row.filter(&tells) {
                    return anyhow::Ok(row.id);
                }
                sleep(POLL).await;
            }
        };
        let seen = timeout(PATIENCE, look).await;
        seen.with_context(|| format!("the call of {caller}: {what} does not happen"))?
    }

    /// Has an agent's command to a running call carried out.
    ///
    /// # Errors
    /// It is refused.
    pub(super) async fn ask(
        &self,
        agent: &str,
        call: CallId,
        command: CallCommand,
    ) -> anyhow::Result<()> {
        self.command(agent, Command::Call(call, command)).await
    }

    /// Has a supervisor's phone rung, to listen to a running call.
    ///
    /// # Errors
    /// It is refused.
    pub(super) async fn listen(&self, supervisor: &str, call: CallId) -> anyhow::Result<()> {
        let command = Command::Supervise {
            call,
            supervisor: AgentId::from(supervisor),
            mode: SuperviseMode::Listen,
        };
        self.command(supervisor, command).await
    }

    async fn command(&self, agent: &str, command: Command) -> anyhow::Result<()> {
        let by = Actor::Agent(AgentId::from(agent));
        let what = format!("{command:?}");
        let answer = self.signalling.command(by, command).await;
        answer.with_context(|| format!("{agent} is refused {what}"))?;
        Ok(())
    }
}
