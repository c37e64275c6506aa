//! What to say now: a line's words for each moment, and those of a call, with hints on how to speak
//! with whom (R024, R025, R030, R044, R223).

use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::When;
use super::caller::Caller;
use super::calls::{known_caller, storable};
use super::extract::{Params, Place};
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::call::event::{Direction, Origin};
use crate::call::record::CallRecord;
use crate::id::{AgentId, LineId};
use crate::rules::policy::Action;
use crate::rules::script::{CustomerType, HINTS, Hint, Occasion, Part, Scene, Script, Step};
use crate::rules::{Timestamp, identity};
use crate::store::KnownCaller;

/// For which moment, and in which circumstances.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ScriptQuery {
    /// `answer`, `late`, `hold`, `return`, `absent`, `consult`, `transfer`, `unavailable`,
    /// `complaint`, `relay`, `opinion`, `close` or `outbound`; `answer` if nothing is said.
    moment: Option<String>,
    /// For a caller from inside.
    #[serde(default)]
    internal: bool,
    /// At this moment, RFC 3339, by the script as it was then; now if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<When>,
}

/// For which moment.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CallScriptQuery {
    /// As of a line; if nothing is said, what the answer needs: `late` once the caller is owed an
    /// apology, `outbound` for a call that the agent makes.
    moment: Option<String>,
}

/// What to say.
#[derive(Serialize, ToSchema)]
#[schema(as = Script)]
pub(super) struct ScriptView {
    /// The line.
    line: String,
    /// Names the text of all moments: another for each change (R030).
    version: String,
    /// For which moment it is.
    moment: &'static str,
    /// What is said, in order.
    parts: Vec<PartView>,
    /// Every moment that there are words for.
    moments: Vec<&'static str>,
    /// What nobody says.
    forbidden: Vec<String>,
    /// What is said often.
    courtesy: Vec<String>,
}

/// What to say in a call, and how.
#[derive(Serialize, ToSchema)]
pub(super) struct CallScriptView {
    /// What is said.
    #[serde(flatten)]
    script: ScriptView,
    /// The caller is owed an apology for the wait.
    apologise: bool,
    /// How the caller is spoken to, where we know.
    customer: Option<AddressView>,
    /// What helps with every caller.
    hints: Vec<HintView>,
    /// Kinds of callers who are hard to speak with: the one that the record names, else all.
    customer_types: Vec<CustomerTypeView>,
}

/// A part of what is said.
#[derive(Serialize, ToSchema)]
#[schema(as = ScriptPart)]
struct PartView {
    /// What it does: `apology`, `greeting`, `identity`, `agent`, `offer` ...
    #[schema(value_type = String)]
    step: Step,
    /// In Chinese.
    text: String,
    /// In English.
    text_en: String,
}

impl From<Part> for PartView {
    fn from(part: Part) -> Self {
        Self {
            step: part.step,
            text: part.words.zh,
            text_en: part.words.en,
        }
    }
}

/// How a customer is spoken to.
#[derive(Serialize, ToSchema)]
struct AddressView {
    /// The name.
    name: String,
    /// The form of address.
    form: Option<String>,
    /// What kind of customer it is.
    level: Option<String>,
}

impl From<KnownCaller> for AddressView {
    fn from(known: KnownCaller) -> Self {
        Self {
            name: known.name,
            form: known.form,
            level: known.level,
        }
    }
}

/// A piece of advice.
#[derive(Serialize, ToSchema)]
#[schema(as = Hint)]
struct HintView {
    /// In Chinese.
    text: &'static str,
    /// In English.
    text_en: &'static str,
}

impl From<Hint> for HintView {
    fn from(hint: Hint) -> Self {
        Self {
            text: hint.zh,
            text_en: hint.en,
        }
    }
}

/// A kind of caller who is hard to speak with.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomerType)]
struct CustomerTypeView {
    /// What the field `customer_trait` of a record keeps it by.
    code: &'static str,
    /// What people call it.
    name: &'static str,
    /// The same in English.
    name_en: &'static str,
    /// By what it is known.
    signs: HintView,
    /// What is behind it.
    analysis: HintView,
    /// What helps.
    response: HintView,
}

impl From<CustomerType> for CustomerTypeView {
    fn from(kind: CustomerType) -> Self {
        Self {
            code: kind.code,
            name: kind.name,
            name_en: kind.name_en,
            signs: kind.signs.into(),
            analysis: kind.analysis.into(),
            response: kind.response.into(),
        }
    }
}

/// What a line's agents say at a moment of a call
#[utoipa::path(get, path = "/api/v1/lines/{id}/script", tag = "desk",
    params(("id" = String, Path, description = "The line"), ScriptQuery),
    responses((status = OK, body = ScriptView)))]
pub(super) async fn of_line(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<String>,
    Params(query): Params<ScriptQuery>,
) -> Result<Json<ScriptView>, ProblemDocument> {
    let line = LineId(storable(&id));
    let at = query.at.map(|When(at)| at);
    let script = script(&api, &line, at).await?;
    let moment = occasion(query.moment.as_deref())?.unwrap_or(Occasion::Answer);
    let scene = Scene {
        is_internal: query.internal,
        hour: hour(&script, at.unwrap_or_else(|| api.now())),
        ..speaker(&api, caller.extension.as_ref())
    };
    Ok(Json(view(&line, &script, moment, &scene)))
}

/// What to say in a call now, and how to speak with whom
#[utoipa::path(get, path = "/api/v1/calls/{id}/script", tag = "calls",
    params(("id" = Uuid, Path, description = "The call"), CallScriptQuery),
    responses((status = OK, body = CallScriptView)))]
pub(super) async fn of_call(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Params(query): Params<CallScriptQuery>,
) -> Result<Json<CallScriptView>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let record = &detail.call.record;
    let line = record.line.clone().ok_or_else(ProblemDocument::absent)?;
    let script = script(&api, &line, Some(record.arrived_at)).await?;
    let apologise = record.owes_apology();
    let moment = occasion(query.moment.as_deref())?;
    let moment = moment.unwrap_or(match record.direction {
        Direction::Out => Occasion::Outbound,
        Direction::In | Direction::Internal if apologise => Occasion::Late,
        Direction::In | Direction::Internal => Occasion::Answer,
    });
    let scene = scene(&api, &caller, record, &script);
    let known = known_caller(&api, &detail).await?;
    let note = api.store.note(record.id).await?;
    let named = note.and_then(|note| {
        let kind = note
            .fields
            .get(identity::CUSTOMER_TRAIT)?
            .as_str()?
            .to_owned();
        Some(kind)
    });
    let kinds = CustomerType::ALL.into_iter();
    let kinds = kinds.filter(|kind| named.as_deref().is_none_or(|named| named == kind.code));
    Ok(Json(CallScriptView {
        script: view(&line, &script, moment, &scene),
        apologise,
        customer: known.map(AddressView::from),
        hints: HINTS.into_iter().map(HintView::from).collect(),
        customer_types: kinds.map(CustomerTypeView::from).collect(),
    }))
}

/// What the line's agents said at that time, if it was written down then, else what they say now.
async fn script(
    api: &Api,
    line: &LineId,
    at: Option<Timestamp>,
) -> Result<Script, ProblemDocument> {
    if let Some(at) = at
        && let Some(script) = api.store.script_at(line, at).await?
    {
        return Ok(script);
    }
    let desk = api.store.desk().ok_or_else(ProblemDocument::absent)?;
    let rules = desk.lines.get(line).ok_or_else(ProblemDocument::absent)?;
    Ok(rules.script.clone())
}

fn occasion(word: Option<&str>) -> Result<Option<Occasion>, ProblemDocument> {
    let known = word.map(Occasion::from_str).transpose();
    known.map_err(|error| {
        let known = Occasion::ALL.map(Occasion::as_str).join(", ");
        let code = axum::http::StatusCode::BAD_REQUEST;
        ProblemDocument::new(code, format!("{error}; there are {known}"))
    })
}

fn scene(api: &Api, caller: &Caller, record: &CallRecord, script: &Script) -> Scene {
    // A script that a supervisor looks at is that of whoever answered.
    let agent = caller.extension.as_ref().or(record.answered_by.as_ref());
    let hours = record.dialogue.hours.as_ref();
    Scene {
        is_internal: record.origin == Origin::Internal && record.direction != Direction::Out,
        hour: hour(script, record.answered_at.unwrap_or(record.arrived_at)),
        holiday: hours.and_then(|hours| hours.holiday.clone()),
        ..speaker(api, agent)
    }
}

fn speaker(api: &Api, agent: Option<&AgentId>) -> Scene {
    let site = api.site();
    let info = agent.and_then(|agent| site.agents.get(agent));
    let number = info.and_then(|info| info.work_number.clone());
    let name = info.map(|info| info.name.clone());
    Scene {
        agent_number: number.or_else(|| agent.map(|agent| agent.0.clone())),
        agent_name: name.filter(|name| !name.is_empty()),
        ..Scene::default()
    }
}

/// The hour of the day at the site.
fn hour(script: &Script, at: Timestamp) -> Option<u8> {
    let zone = jiff::tz::TimeZone::get(&script.time_zone).ok()?;
    let local = at.to_jiff().to_zoned(zone);
    u8::try_from(local.hour()).ok()
}

fn view(line: &LineId, script: &Script, moment: Occasion, scene: &Scene) -> ScriptView {
    let parts = script.parts(moment, scene).into_iter();
    ScriptView {
        line: line.0.clone(),
        version: script.version(),
        moment: moment.as_str(),
        parts: parts.map(PartView::from).collect(),
        moments: Occasion::ALL.map(Occasion::as_str).to_vec(),
        forbidden: script.forbidden.clone(),
        courtesy: script.courtesy.clone(),
    }
}
