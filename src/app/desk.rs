//! What comes after calls: what the lines ask of those who have answered, what is to be done, and
//! who is told of it.

use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;

use super::webhooks::endpoints;
use crate::clock::Clock;
use crate::config::{Config, FormField, FormFieldKind, IdentityPolicy, Line};
use crate::id::LineId;
use crate::rules::{CodeTree, Field, FieldKind, Form, Identity, LineRules, Timestamp};
use crate::store::{DeskRules, Store, TaskKind, TopicRules};
use crate::webhook::{WebhookSettings, Webhooks};

/// How often it is counted what is to be done.
const COUNTING: Duration = Duration::from_secs(15);

/// How far back it is looked what was to be passed on.
const A_MONTH_US: i64 = 31 * 24 * 3_600_000_000;

/// The rules of all lines of a configuration.
pub fn desk_rules(config: &Config) -> DeskRules {
    let lines = config.lines.iter();
    DeskRules {
        lines: lines
            .map(|line| {
                let rules = rules(line, &config.service.time_zone);
                (LineId(line.name.clone()), rules)
            })
            .collect(),
        has_webhooks: !config.webhooks.is_empty(),
    }
}

/// What goes on beside calls, until it is dropped.
#[derive(Debug)]
pub(super) struct AfterCalls {
    _webhooks: Webhooks,
    _tasks: JoinSet<()>,
}

impl AfterCalls {
    pub(super) async fn start(
        store: &Store,
        config: &Config,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let settings = WebhookSettings::default();
        let webhooks = Webhooks::start(store.clone(), endpoints(config)?, settings, clock);
        let webhooks = webhooks.await;
        let webhooks = webhooks.context("cannot read what other programs are to be told")?;
        let mut tasks = JoinSet::new();
        tasks.spawn(keep_trees(store.clone(), clock));
        tasks.spawn(count_tasks(store.clone()));
        tasks.spawn(count_topics(store.clone(), topic_rules(config)));
        let unread_within = config.desk.unread_within;
        tasks.spawn(super::due::tell(store.clone(), unread_within, clock));
        Ok(Self {
            _webhooks: webhooks,
            _tasks: tasks,
        })
    }
}

/// Writes down what the lines' codes are, as soon as the database is there.
async fn keep_trees(store: Store, clock: Clock) {
    let since = clock.wall();
    while let Err(error) = store.keep_trees(since).await {
        if !error.is_away() {
            tracing::error!(%error, "the lines' codes cannot be written down");
            return;
        }
        tokio::time::sleep(COUNTING).await;
    }
}

/// Counts what is to be done, for ops, until it is dropped.
async fn count_tasks(store: Store) {
    let mut tick = tokio::time::interval(COUNTING);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        // While the database is away the last figures stand, and there is an alarm of its own.
        let Ok(undone) = store.undone_tasks(Clock.wall()).await else {
            continue;
        };
        for (kind, count, late) in undone {
            crate::metrics::tasks_open(kind.as_str(), count);
            if kind == TaskKind::CallBack {
                crate::metrics::callbacks_overdue(late);
            }
        }
        if let Ok(count) = overdue_forwards(&store, Clock.wall()).await {
            crate::metrics::forwards_overdue(count);
        }
    }
}

fn topic_rules(config: &Config) -> TopicRules {
    TopicRules {
        purposes: config.topics.purposes.clone(),
        threshold: config.topics.threshold,
        window: config.topics.window,
    }
}

/// Writes a report of what callers ring about too often, until it is dropped (R110).
async fn count_topics(store: Store, rules: TopicRules) {
    let mut tick = tokio::time::interval(COUNTING);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match store.report_topics(&rules, Clock.wall()).await {
            Ok(0) => {}
            Ok(written) => tracing::warn!(written, "callers ring about the same too often"),
            Err(error) if error.is_away() => {}
            Err(error) => tracing::error!(%error, "topics cannot be counted"),
        }
    }
}

/// How many calls of the last month have a matter that was to be passed on by now (R109).
async fn overdue_forwards(store: &Store, now: Timestamp) -> crate::store::Result<usize> {
    let since = Timestamp(now.0.saturating_sub(A_MONTH_US));
    let open = store.unforwarded(since, None).await?;
    Ok(open.iter().filter(|call| call.due_at < now).count())
}

/// A list of codes that is no tree does not pass the check of the configuration.
fn rules(line: &Line, time_zone: &str) -> LineRules {
    LineRules {
        purposes: line.purpose_tree().unwrap_or_else(|_| CodeTree::purposes()),
        outcomes: line.outcome_tree().unwrap_or_else(|_| CodeTree::outcomes()),
        form: Form::with_standard(line.form.iter().map(field).collect()),
        callback_within: line.callback_within,
        forward_within: line.forward_within,
        follow_up: line.survey.as_ref().map_or(0, |survey| survey.follow_up),
        identity: match line.identity {
            IdentityPolicy::Required => Identity::Required,
            IdentityPolicy::Asked => Identity::Asked,
        },
        unidentified: line.unidentified.clone(),
        script: line.script.rules(time_zone),
        limits: line.stages.limits(line.callback_within),
        handling: line.handling,
    }
}

fn field(field: &FormField) -> Field {
    Field {
        name: field.name.clone(),
        label: field.label.clone(),
        label_en: field.label_en.clone(),
        kind: match field.kind {
            FormFieldKind::Text => FieldKind::Text,
            FormFieldKind::Number => FieldKind::Number,
            FormFieldKind::Date => FieldKind::Date,
            FormFieldKind::Time => FieldKind::Time,
            FormFieldKind::Choice => FieldKind::Choice,
            FormFieldKind::Flag => FieldKind::Flag,
            FormFieldKind::Items => FieldKind::Items,
        },
        choices: field.choices.clone(),
        choice_names: field.choices_named().collect(),
        required: field.required,
        purposes: field.purposes.clone(),
    }
}
