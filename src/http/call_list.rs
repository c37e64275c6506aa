//! Which calls a list is of: what it is narrowed by, and in which order (R081).

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::de::IntoDeserializer;
use serde::de::value::Error as WordError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{CallView, When};
use super::caller::Caller;
use super::calls::{storable, whose};
use super::extract::Params;
use super::page::{Limit, Page};
use super::{Api, ProblemDocument};
use crate::call::CallNow;
use crate::call::event::{Direction, HangupParty, Outcome};
use crate::id::{AgentId, CallId};
use crate::rules::policy::{Action, Object};
use crate::rules::{Grade, Handling};
use crate::store::{CallFilter, CallFlag, CallOrder, StoredCall};

/// Characters that are looked for in notes.
const LONGEST_TEXT: usize = 200;

/// Which calls.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CallSelection {
    /// Arrived at this moment or later, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<When>,
    /// Arrived before this moment, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<When>,
    /// Of this line.
    line: Option<String>,
    /// Who asked for it: `in`, `out` or `internal`.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    direction: Option<Direction>,
    /// Ended so: `answered`, `abandoned`, `no_agent` ...
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    outcome: Option<Outcome>,
    /// Graded so: `on_target`, `late`, `abandoned_in_time` ...
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    grade: Option<Grade>,
    /// With this code as the purpose that counts.
    purpose: Option<String>,
    /// With this code, or a kind of it, as the purpose that counts.
    category: Option<String>,
    /// Whose matter is dealt with so: `answered`, `accepted`, `not_accepted` or `no_longer_accepted`.
    handling: Option<String>,
    /// That this agent was rung for, had, or passed on.
    agent: Option<String>,
    /// From this number, for those who may see numbers. Who withholds it, or wants to stay unknown, is
    /// not found.
    number: Option<String>,
    /// `yes`: passed on; `no`: not.
    transferred: Option<YesNo>,
    /// `yes`: going on now, each with how it stands (`now`); `no`: over.
    running: Option<YesNo>,
    /// Ended by `caller`, `agent` or `system`.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    hangup_party: Option<HangupParty>,
    /// Of which all of this is so, with commas between: `late`, `agent_first`, `stage_exceeded`,
    /// `talk_long`, `passed_on_often`, `emergency`, `withheld`, `anonymous`, `unclosed`.
    flags: Option<String>,
    /// With this in the note, or in the form, that counts.
    text: Option<String>,
    /// `arrived_at`, `ring`, `queue` or `talk`; calls that lack it are not in the list. `arrived_at`
    /// if nothing is said.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    sort: Option<CallOrder>,
    /// `desc`, the greatest or latest first, or `asc`. `desc` if nothing is said.
    way: Option<Way>,
}

/// Whether.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum YesNo {
    /// It is so.
    Yes,
    /// It is not.
    No,
}

/// Which way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Way {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
}

/// Which part of a list.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only those after this call in the list: `next` of the page before.
    after: Option<Uuid>,
}

impl CallSelection {
    /// A number is looked for.
    pub(super) const fn names_number(&self) -> bool {
        self.number.is_some()
    }

    /// # Errors
    /// There is no such flag, or a text is too long.
    pub(super) fn into_filter(
        self,
        api: &Api,
        agent: Option<AgentId>,
    ) -> Result<CallFilter, ProblemDocument> {
        let own = self.agent.map(|agent| AgentId(storable(&agent)));
        if self
            .text
            .as_ref()
            .is_some_and(|text| text.chars().count() > LONGEST_TEXT)
        {
            let detail = format!("look for at most {LONGEST_TEXT} characters");
            return Err(ProblemDocument::unfit(detail));
        }
        Ok(CallFilter {
            from: self.from.map(|from| from.0),
            to: self.to.map(|to| to.0),
            line: self.line.map(|line| storable(&line).as_str().into()),
            direction: self.direction,
            outcome: self.outcome,
            grade: self.grade,
            purpose: self.purpose.map(|purpose| storable(&purpose)),
            category: self.category.map(|code| kinds(api, &storable(&code))),
            handling: self.handling.as_deref().map(handling).transpose()?,
            agent: agent.or(own),
            among: Vec::new(),
            number: self.number.map(|number| storable(&number)),
            transferred: self.transferred.map(|answer| answer == YesNo::Yes),
            running: self.running.map(|answer| answer == YesNo::Yes),
            hangup_party: self.hangup_party,
            flags: flags(self.flags.as_deref().unwrap_or_default())?,
            text: self
                .text
                .map(|text| storable(&text))
                .filter(|text| !text.trim().is_empty()),
            order: self.sort.unwrap_or_default(),
            ascending: self.way == Some(Way::Asc),
            limit: None,
            after: None,
        })
    }
}

/// A code and everything that is a kind of it on some line.
fn kinds(api: &Api, code: &str) -> Vec<String> {
    let desk = api.store.desk().unwrap_or_default();
    let trees = desk.lines.values().map(|rules| &rules.purposes);
    let codes = trees.flat_map(|tree| {
        let codes = tree.codes().iter();
        codes.filter(|known| tree.is_a(&known.code, code))
    });
    let mut codes: Vec<_> = codes.map(|known| known.code.clone()).collect();
    codes.push(code.to_owned());
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn handling(word: &str) -> Result<String, ProblemDocument> {
    if Handling::WORDS.contains(&word) {
        return Ok(word.to_owned());
    }
    let detail = format!("`handling` is one of {}", Handling::WORDS.join(", "));
    Err(ProblemDocument::new(StatusCode::BAD_REQUEST, detail))
}

fn flags(words: &str) -> Result<Vec<CallFlag>, ProblemDocument> {
    let words = words
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let flags = words.map(|word| {
        let flag: Result<CallFlag, WordError> =
            CallFlag::deserialize(IntoDeserializer::<WordError>::into_deserializer(word));
        flag.map_err(|error| ProblemDocument::new(StatusCode::BAD_REQUEST, error.to_string()))
    });
    flags.collect()
}

/// Calls, newest first
///
/// Running calls are among them; with `running=yes` each says how it stands. Whoever may see his own
/// calls only gets these.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", params(CallSelection, Paging),
    responses((status = OK, body = Page<CallView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(selection): Params<CallSelection>,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<CallView>>, ProblemDocument> {
    let asked = selection.agent.clone().map(AgentId);
    let Some((agent, among)) = whose(&caller, Action::SeeCalls, asked).narrowed() else {
        return Ok(Json(Page::empty()));
    };
    if selection.names_number() {
        let is_own = agent.as_ref().is_some_and(|agent| caller.has(agent)) || !among.is_empty();
        let needed = Object::owned(is_own);
        caller.may(Action::RevealNumber, needed)?;
    }
    let mut filter = selection.into_filter(&api, agent)?;
    let wants_running = filter.running == Some(true);
    filter.among = among;
    filter.limit = Some(paging.limit.with_next());
    filter.after = paging.after.map(CallId);
    let calls = api.store.calls(&filter).await?;
    let page = Page::of(calls, paging.limit, |call| call.record.id.to_string());
    let items = if wants_running {
        running(&page.items, calls_now(&api).await?)
    } else {
        page.items.iter().map(CallView::of).collect()
    };
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

async fn calls_now(api: &Api) -> Result<Vec<CallNow>, ProblemDocument> {
    let now = api.desk.calls_now().await;
    now.ok_or_else(|| {
        ProblemDocument::new(StatusCode::SERVICE_UNAVAILABLE, "the service is stopping")
    })
}

/// Those that go on: a row may be a moment behind, and its call over.
fn running(calls: &[StoredCall], now: Vec<CallNow>) -> Vec<CallView> {
    let mut now: HashMap<_, _> = now.into_iter().map(|now| (now.call, now)).collect();
    let going_on = calls.iter().filter_map(|call| {
        let now = now.remove(&call.record.id)?;
        Some(CallView::running(call, now))
    });
    going_on.collect()
}
