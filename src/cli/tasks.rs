//! `thirdring tasks`: who is to be called back, and which messages are to be heard.

use std::fmt::Write;

use anyhow::Context;
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::calls::{View, or_nothing, plain_table, printable};
use super::database::with_store;
use super::{ConfigFile, say};
use crate::call::Party;
use crate::clock::Clock;
use crate::config::Config;
use crate::id::{AgentId, TaskId};
use crate::rules::mask_number;
use crate::store::{Task, TaskDetail, TaskFilter, TaskKind, TaskResult, TaskState};

#[derive(Debug, Args)]
pub(super) struct Tasks {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List tasks that are not done, the one opened first before the others
    List(List),
    /// Show one task: its calls, and what was done about it
    Show(Show),
    /// Say whose a task is to be; who had taken it on has it no more
    Assign(Assign),
    /// Say that a task is done, and what came of it
    Done(Done),
}

impl Tasks {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::List(list) => list.run(),
            Action::Show(show) => show.run(),
            Action::Assign(assign) => assign.run(),
            Action::Done(done) => done.run(),
        }
    }
}

#[derive(Debug, Args)]
struct List {
    /// Only of this kind: `call_back`, `message`, `follow_up` or `relay`
    #[arg(long, value_name = "KIND")]
    kind: Option<TaskKind>,
    /// In this state: open, claimed or done
    #[arg(long, value_name = "STATE")]
    state: Option<TaskState>,
    /// Only those that were to be done by now
    #[arg(long)]
    overdue: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show telephone numbers unmasked
    #[arg(long)]
    numbers: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl List {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, self.numbers)?;
        let filter = TaskFilter {
            kind: self.kind,
            state: self.state,
            undone: self.state.is_none(),
            due_before: self.overdue.then(|| Clock.wall()),
            limit: Some(self.limit),
            ..TaskFilter::default()
        };
        let mut tasks = with_store(&config, async |store| Ok(store.tasks(&filter).await?))?;
        if self.json {
            for task in &mut tasks {
                mask(task, self.numbers);
            }
            return say(serde_json::to_string_pretty(&tasks)?);
        }
        let mut table = plain_table(&[
            "task", "kind", "state", "reason", "line", "caller", "calls", "tries", "opened", "due",
        ]);
        for task in tasks {
            let who = task.claimed_by.as_deref().map(printable);
            let whose = task.assigned_to.as_ref().map(|agent| printable(&agent.0));
            let state = match (who.filter(|_| task.state == TaskState::Claimed), whose) {
                (Some(who), _) => format!("claimed by {who}"),
                (None, Some(whose)) => format!("{}, for {whose}", task.state.as_str()),
                (None, None) => task.state.as_str().to_owned(),
            };
            table.add_row([
                task.id.to_string(),
                task.kind.as_str().to_owned(),
                state,
                printable(&task.reason),
                or_nothing(task.line.as_ref().map(|line| printable(&line.0))),
                caller(task.caller.as_ref(), &view),
                task.calls.to_string(),
                task.tries.to_string(),
                view.time(task.opened_at).to_string(),
                or_nothing(task.due_at.map(|due| view.time(due).to_string())),
            ]);
        }
        say(table)
    }
}

#[derive(Debug, Args)]
struct Show {
    /// The task's id
    id: Uuid,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show telephone numbers unmasked
    #[arg(long)]
    numbers: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl Show {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, self.numbers)?;
        let task = TaskId(self.id);
        let mut detail = with_store(&config, async |store| Ok(store.task(task).await?))?;
        if self.json {
            mask(&mut detail.task, self.numbers);
            return say(serde_json::to_string_pretty(&detail)?);
        }
        say(sheet(&detail, &view))
    }
}

fn sheet(detail: &TaskDetail, view: &View) -> String {
    let task = &detail.task;
    let mut lines = vec![
        format!("task      {} ({})", task.id, task.kind.as_str()),
        format!("state     {}", task.state.as_str()),
        format!("caller    {}", caller(task.caller.as_ref(), view)),
    ];
    for call in &detail.about {
        let at = view.time(call.at);
        let mut line = format!(
            "call      {} ({}, {at})",
            call.call,
            printable(&call.reason)
        );
        if let (Some(start_ms), Some(length_ms)) = (call.start_ms, call.length_ms) {
            // Writing to a String cannot fail.
            let _ = write!(line, ", message at {start_ms} ms for {length_ms} ms");
        }
        lines.push(line);
    }
    for step in &detail.steps {
        let (at, who) = (view.time(step.at), printable(&step.actor));
        let result = step.result.map(|result| format!(": {}", result.as_str()));
        let remark = step.remark.as_deref().map(printable);
        let remark = remark.map_or_else(String::new, |remark| format!(" ({remark})"));
        let action = step.action.as_str();
        lines.push(format!(
            "{at} {action} by {who}{}{remark}",
            result.unwrap_or_default()
        ));
    }
    lines.join("\n")
}

#[derive(Debug, Args)]
struct Assign {
    /// The task's id
    id: Uuid,
    /// The agent's extension; without it the task is everybody's
    agent: Option<String>,
    /// What else there is to say
    #[arg(long, value_name = "TEXT")]
    remark: Option<String>,
    /// Who says so
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    user: String,
    #[command(flatten)]
    config: ConfigFile,
}

impl Assign {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let (task, agent) = (TaskId(self.id), self.agent.map(AgentId));
        if let Some(agent) = &agent {
            let mut agents = config.agents.iter();
            let is_known = agents.any(|one| one.extension == agent.0);
            anyhow::ensure!(is_known, "no agent has the extension {agent}");
        }
        with_store(&config, async |store| {
            let remark = self.remark.as_deref();
            let assigned =
                store.assign_task(task, agent.as_ref(), &self.user, remark, Clock.wall());
            Ok(assigned.await?)
        })?;
        let whose = agent.map_or_else(|| "everybody".to_owned(), |agent| agent.to_string());
        say(format_args!("{task}: for {whose}"))
    }
}

#[derive(Debug, Args)]
struct Done {
    /// The task's id
    id: Uuid,
    /// What came of it: reached, `not_reached`, refused, `wrong_number` or obsolete
    result: TaskResult,
    /// What else there is to say
    #[arg(long, value_name = "TEXT")]
    remark: Option<String>,
    /// Who has done it; somebody else must not have taken it on
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    user: String,
    #[command(flatten)]
    config: ConfigFile,
}

impl Done {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let task = TaskId(self.id);
        with_store(&config, async |store| {
            let remark = self.remark.as_deref();
            let done = store.finish_task(task, &self.user, self.result, remark, Clock.wall());
            done.await.context("the task is not done")
        })?;
        say(format_args!("{task}: done ({})", self.result.as_str()))
    }
}

fn caller(caller: Option<&Party>, view: &View) -> String {
    caller.map_or_else(|| "erased".to_owned(), |party| view.party(party))
}

fn mask(task: &mut Task, numbers: bool) {
    let Some(caller) = task.caller.as_mut().filter(|_| !numbers) else {
        return;
    };
    caller.number = mask_number(&caller.number);
    caller.e164 = caller.e164.as_deref().map(mask_number);
    caller.name = None;
}
