//! How long talks are by what they are about (R053), and what comes of calls (R107), over any time.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::call_view::{When, time};
use super::super::calls::storable;
use super::super::extract::Params;
use super::super::{Api, ProblemDocument};
use super::view::TimesView;
use crate::id::LineId;
use crate::statistics::Times;
use crate::store::{CallsOf, TalkSteps, TimeSpan};

/// Which calls.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct SpanQuery {
    /// That arrived at this moment or later, RFC 3339; since midnight if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<When>,
    /// That arrived before this moment, RFC 3339; until now if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<When>,
    /// On this line only.
    line: Option<String>,
}

/// Talks by purpose, and calls by outcome.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct PurposeFigures {
    /// Since when.
    #[schema(format = DateTime)]
    from: String,
    /// Until when.
    #[schema(format = DateTime)]
    to: String,
    /// Each purpose, and those of which nobody has said why.
    purposes: Vec<PurposeRow>,
    /// What came of calls, as far as somebody has said so; `out_of_scope` is what was not ours.
    outcomes: Vec<OutcomeRow>,
}

/// Talks about one thing.
#[derive(Serialize, ToSchema)]
struct PurposeRow {
    /// The code of it; absent where nobody has said.
    purpose: Option<String>,
    /// How many talks.
    calls: u64,
    /// How long they were.
    talk_time: TimesView,
}

/// Calls of which the same came.
#[derive(Serialize, ToSchema)]
struct OutcomeRow {
    /// The code of it.
    outcome: String,
    /// How many.
    calls: i64,
}

impl From<CallsOf> for OutcomeRow {
    fn from(of: CallsOf) -> Self {
        Self {
            outcome: of.code,
            calls: of.calls,
        }
    }
}

/// Talk times by purpose, and calls by what came of them
///
/// Of those who called in and were answered: the mean, and what 95 of a hundred did not exceed.
#[utoipa::path(get, path = "/api/v1/statistics/purposes", tag = "desk", params(SpanQuery),
    responses((status = OK, body = PurposeFigures)))]
pub(in crate::http) async fn purposes(
    State(api): State<Api>,
    Params(query): Params<SpanQuery>,
) -> Result<Json<PurposeFigures>, ProblemDocument> {
    let midnight = || api.figures.snapshot().from;
    let span = TimeSpan {
        from: query.from.map_or_else(midnight, |from| from.0),
        to: query.to.map_or_else(|| api.now(), |to| to.0),
        line: query.line.map(|line| LineId(storable(&line))),
    };
    let talks = api.store.talk_times(&span).await?;
    let outcomes = api.store.calls_by_outcome(&span).await?;
    Ok(Json(PurposeFigures {
        from: time(span.from),
        to: time(span.to),
        purposes: by_purpose(talks),
        outcomes: outcomes.into_iter().map(OutcomeRow::from).collect(),
    }))
}

fn by_purpose(talks: Vec<TalkSteps>) -> Vec<PurposeRow> {
    let mut purposes = BTreeMap::<Option<String>, Times>::new();
    // What is counted is never negative.
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    for talk in talks {
        let times = purposes.entry(talk.purpose).or_default();
        times.add_step(
            count(talk.step),
            count(talk.calls),
            count(talk.sum_ms),
            count(talk.longest_ms),
        );
    }
    let rows = purposes.into_iter().map(|(purpose, times)| PurposeRow {
        purpose,
        calls: times.count(),
        talk_time: (&times).into(),
    });
    rows.collect()
}
