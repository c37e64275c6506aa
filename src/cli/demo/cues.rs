//! When people at the desk, and callers who do nothing by themselves, do what: each waits for what
//! comes before, whatever time that takes.

use std::time::Duration;

use anyhow::Context;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::cast::{COLLEAGUE, DESK_AGENT, SHIFT_LEADER};
use super::desk::Desk;
use super::progress::Progress;
use super::stories::{LISTENED_TO, MESSENGER, PASSED_ON, SCORE};
use crate::call::command::{CallCommand, PassTo};
use crate::call::event::{PromptPurpose, TransferResult};
use crate::call::record::CallRecord;
use crate::id::AgentId;
use crate::phone::Command;

/// How long people talk, hold and listen.
const WHILE: Duration = Duration::from_secs(3);
/// How long a message is.
const MESSAGE: Duration = Duration::from_secs(6);

/// Something that a caller's phone is told to do.
#[derive(Debug)]
pub(super) struct Cue {
    pub(super) caller: &'static str,
    pub(super) command: Command,
}

/// Who gives the cues.
pub(super) struct Prompter<'a> {
    pub(super) desk: &'a Desk,
    pub(super) callers: mpsc::Sender<Cue>,
    pub(super) progress: &'a Progress,
}

impl Prompter<'_> {
    /// All of them, at their times.
    ///
    /// # Errors
    /// Something does not happen, or is refused.
    pub(super) async fn give(self) -> anyhow::Result<()> {
        tokio::try_join!(self.message(), self.listening(), self.passing_on())?;
        Ok(())
    }

    /// The caller speaks after the tone, and presses `#`.
    async fn message(&self) -> anyhow::Result<()> {
        let speaks = |row: &CallRecord| row.dialogue.message.is_some();
        self.desk.until(MESSENGER, "a message", speaks).await?;
        self.tell("a caller speaks after the tone");
        sleep(MESSAGE).await;
        self.cue(MESSENGER, Command::Press('#')).await
    }

    /// The shift leader listens in for a while. The caller stays until the next one has been told of
    /// the queue.
    async fn listening(&self) -> anyhow::Result<()> {
        let talks = |row: &CallRecord| row.answered_at.is_some();
        let call = self.desk.until(LISTENED_TO, "an answer", talks).await?;
        self.desk.listen(SHIFT_LEADER, call).await?;
        self.tell("the shift leader listens in");
        let listens = |row: &CallRecord| {
            let mut supervisions = row.desk.supervisions.iter();
            supervisions.any(|it| it.joined_at.is_some())
        };
        let desk = self.desk;
        desk.until(LISTENED_TO, "a listener", listens).await?;
        sleep(WHILE).await;
        let stop = CallCommand::StopSupervising;
        desk.ask(SHIFT_LEADER, call, stop).await?;
        self.tell("the shift leader has heard enough");
        let waits = |row: &CallRecord| has_heard(row, PromptPurpose::Waiting);
        desk.until(PASSED_ON, "a word on the queue", waits).await?;
        self.tell("the next caller knows the place in the queue");
        self.cue(LISTENED_TO, Command::HangUp).await
    }

    /// The agent holds the caller, asks a colleague and passes the caller on; the colleague releases
    /// the caller to the survey.
    async fn passing_on(&self) -> anyhow::Result<()> {
        let desk = self.desk;
        let talks = |row: &CallRecord| row.answered_at.is_some();
        let call = desk.until(PASSED_ON, "an answer", talks).await?;
        sleep(WHILE).await;
        let hold = CallCommand::PutOnHold {
            reason: Some("asks a colleague".to_owned()),
        };
        desk.ask(DESK_AGENT, call, hold).await?;
        self.tell("the agent puts the caller on hold");
        sleep(WHILE).await;
        let colleague = PassTo::Agent(AgentId::from(COLLEAGUE));
        let consult = CallCommand::Consult(colleague);
        desk.ask(DESK_AGENT, call, consult).await?;
        self.tell("the agent asks a colleague");
        let asks = |row: &CallRecord| row.desk.consults.iter().any(|it| it.answered);
        desk.until(PASSED_ON, "a colleague's answer", asks).await?;
        sleep(WHILE).await;
        let complete = CallCommand::CompleteConsult;
        desk.ask(DESK_AGENT, call, complete).await?;
        self.tell("the agent passes the caller on");
        let is_passed_on = |row: &CallRecord| {
            let transfer = row.transfer();
            transfer.is_some_and(|it| it.result == Some(TransferResult::Answered))
        };
        desk.until(PASSED_ON, "the transfer", is_passed_on).await?;
        sleep(WHILE).await;
        desk.ask(COLLEAGUE, call, CallCommand::Release).await?;
        self.tell("the colleague releases the caller to the survey");
        let heard = |row: &CallRecord| has_heard(row, PromptPurpose::Survey);
        desk.until(PASSED_ON, "the survey", heard).await?;
        let key = char::from_digit(SCORE.into(), 10).unwrap_or('0');
        self.cue(PASSED_ON, Command::Press(key)).await
    }

    async fn cue(&self, caller: &'static str, command: Command) -> anyhow::Result<()> {
        if let Command::Press(key) = command {
            self.tell(&format!("caller {caller} presses {key}"));
        }
        let cue = Cue { caller, command };
        self.callers.send(cue).await.context("the callers are gone")
    }

    fn tell(&self, what: &str) {
        self.progress.desk(what);
    }
}

/// The caller has heard what the system says for this.
fn has_heard(row: &CallRecord, purpose: PromptPurpose) -> bool {
    row.dialogue.prompts.iter().any(|it| it.purpose == purpose)
}
