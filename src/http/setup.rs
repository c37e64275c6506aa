//! What is set up while the service runs: lines, queues, agents, calendars, and policies of calls
//! out. A section's document has the keys that its section of the configuration file has.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call_view::time;
use super::caller::Caller;
use super::calls::storable;
use super::extract::{Body, Params, Place};
use super::page::Page;
use super::problem::FaultView;
use super::{Api, ProblemDocument};
use crate::config::Problem;
use crate::config::setup::{Document, Section};
use crate::rules::{SetupKind, UnknownKind};
use crate::setup::{Change, Difference, Error, Shown};
use crate::store::SetupAuthor;

/// A section as it counts.
#[derive(Serialize, ToSchema)]
#[schema(as = SetupSection)]
pub(super) struct SectionView {
    /// `line`, `queue`, `agent`, `calendar`, `outbound`, `team` or `emergency`.
    kind: &'static str,
    /// Its name: an agent's extension.
    name: String,
    /// Its version, to be sent as `If-Match` by whoever changes it; 0 is the file's.
    version: u32,
    /// Its keys and values, as a section of the configuration file has them; null if it was taken
    /// out. An agent's password is never shown: `has_password` says whether there is one.
    #[schema(value_type = Option<Object>)]
    document: Option<Document>,
    /// Who set it up; absent for what the file says.
    by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Why.
    reason: Option<String>,
}

impl From<Shown> for SectionView {
    fn from(shown: Shown) -> Self {
        let author = shown.author.as_ref();
        Self {
            kind: shown.kind.as_str(),
            version: shown.version,
            by: author.map(|author| author.by.clone()),
            at: author.map(|author| time(author.at)),
            reason: author.map(|author| author.reason.clone()),
            name: shown.name,
            document: shown.document,
        }
    }
}

/// What of all that is set up is in effect.
#[derive(Serialize, ToSchema)]
#[schema(as = SetupState)]
pub(super) struct StateView {
    /// How often something was set up.
    revision: i64,
    /// The revision that calls go by; 0 is the file alone.
    in_effect: i64,
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// The revision that cannot be put into effect; absent if there is none.
    refused: Option<i64>,
    /// What is wrong with it.
    faults: Vec<FaultView>,
    /// How each section that was set up stands to the file's.
    differences: Vec<DifferenceView>,
}

/// How a section that was set up stands to the file's.
#[derive(Serialize, ToSchema)]
#[schema(as = SetupDifference)]
struct DifferenceView {
    /// `line`, `queue`, `agent`, `calendar`, `outbound`, `team` or `emergency`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its version.
    version: u32,
    /// `same`, `differs`, `added` or `removed`.
    difference: &'static str,
}

/// What is set up, and what of it is in effect
#[utoipa::path(get, path = "/api/v1/setup", tag = "setup",
    responses((status = OK, body = StateView)))]
pub(super) async fn state(State(api): State<Api>) -> Result<Json<StateView>, ProblemDocument> {
    let revision = api.setup.revision().await?;
    let differences = api.setup.differences().await?.into_iter();
    let effect = api.setup.effects().now();
    let (refused, problems) = effect.refused.unzip();
    Ok(Json(StateView {
        revision,
        in_effect: effect.revision,
        since: time(effect.since),
        refused,
        faults: problems.map(faults).unwrap_or_default(),
        differences: differences
            .map(|(shown, difference)| DifferenceView {
                kind: shown.kind.as_str(),
                name: shown.name,
                version: shown.version,
                difference: match difference {
                    Difference::Same => "same",
                    Difference::Differs => "differs",
                    Difference::Added => "added",
                    Difference::Removed => "removed",
                },
            })
            .collect(),
    }))
}

/// Which sections a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// With those that were taken out.
    #[serde(default)]
    removed: bool,
}

/// Sections of a kind
#[utoipa::path(get, path = "/api/v1/setup/{kind}", tag = "setup",
    params(("kind" = String, Path, description = "`line`, `queue`, `agent`, `calendar`, `outbound`, `team` or `emergency`"), ListQuery),
    responses((status = OK, body = Page<SectionView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    Place(kind): Place<String>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Page<SectionView>>, ProblemDocument> {
    let sections = api.setup.list(known(&kind)?, query.removed).await?;
    Ok(Json(Page {
        items: sections.into_iter().map(SectionView::from).collect(),
        next: None,
    }))
}

/// One section
#[utoipa::path(get, path = "/api/v1/setup/{kind}/{name}", tag = "setup",
    params(("kind" = String, Path, description = "The kind"), ("name" = String, Path, description = "Its name")),
    responses((status = OK, body = SectionView, headers(("ETag" = String, description = "Its version")))))]
pub(super) async fn show(
    State(api): State<Api>,
    Place((kind, name)): Place<(String, String)>,
) -> Result<Response, ProblemDocument> {
    let shown = api.setup.show(known(&kind)?, &storable(&name)).await?;
    Ok(tagged(shown))
}

/// Every version of a section, the latest first
#[utoipa::path(get, path = "/api/v1/setup/{kind}/{name}/versions", tag = "setup",
    params(("kind" = String, Path, description = "The kind"), ("name" = String, Path, description = "Its name")),
    responses((status = OK, body = Page<SectionView>)))]
pub(super) async fn versions(
    State(api): State<Api>,
    Place((kind, name)): Place<(String, String)>,
) -> Result<Json<Page<SectionView>>, ProblemDocument> {
    let versions = api.setup.versions(known(&kind)?, &storable(&name)).await?;
    Ok(Json(Page {
        items: versions.into_iter().map(SectionView::from).collect(),
        next: None,
    }))
}

/// What a section is to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetupWish)]
pub(super) struct Wish {
    /// Its keys and values, as a section of the configuration file has them; a key that is null is
    /// not there. A `password` replaces an agent's, null takes it away, and without the key it stays.
    #[schema(value_type = Object)]
    document: Document,
    /// Why.
    #[serde(default)]
    reason: String,
}

/// Set a section up
///
/// The whole that would come of it is checked; what does not fit is refused with everything that is
/// wrong, and nothing has changed then. Calls that are up go on as they began.
#[utoipa::path(put, path = "/api/v1/setup/{kind}/{name}", tag = "setup", request_body = Wish,
    params(("kind" = String, Path, description = "The kind"), ("name" = String, Path, description = "Its name"),
        ("If-Match" = Option<String>, Header, description = "The version that it changes; absent for a new section")),
    responses((status = OK, body = SectionView, headers(("ETag" = String, description = "Its version"))),
        (status = PRECONDITION_FAILED, description = "It has been changed meanwhile", body = ProblemDocument, content_type = "application/problem+json"),
        (status = PRECONDITION_REQUIRED, description = "It is there already: send `If-Match`", body = ProblemDocument, content_type = "application/problem+json")))]
pub(super) async fn put(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Place((kind, name)): Place<(String, String)>,
    Body(wish): Body<Wish>,
) -> Result<Response, ProblemDocument> {
    let section = Section {
        kind: known(&kind)?,
        name,
        document: Some(wish.document),
    };
    let base = base(&headers)?;
    let author = author(&api, &caller, wish.reason);
    let shown = api.setup.change(Change { section, base }, &author).await?;
    Ok(tagged(shown))
}

/// Why something is taken out.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhyQuery {
    /// In the person's words.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    reason: String,
}

/// Take a section out
#[utoipa::path(delete, path = "/api/v1/setup/{kind}/{name}", tag = "setup",
    params(("kind" = String, Path, description = "The kind"), ("name" = String, Path, description = "Its name"),
        ("If-Match" = Option<String>, Header, description = "The version that is taken out"), WhyQuery),
    responses((status = NO_CONTENT, description = "It is out"),
        (status = PRECONDITION_FAILED, description = "It has been changed meanwhile", body = ProblemDocument, content_type = "application/problem+json"),
        (status = PRECONDITION_REQUIRED, description = "Send `If-Match`", body = ProblemDocument, content_type = "application/problem+json")))]
pub(super) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Place((kind, name)): Place<(String, String)>,
    Params(why): Params<WhyQuery>,
) -> Result<StatusCode, ProblemDocument> {
    let section = Section {
        kind: known(&kind)?,
        name: storable(&name),
        document: None,
    };
    let base = base(&headers)?;
    let author = author(&api, &caller, why.reason);
    api.setup.change(Change { section, base }, &author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which version is to count again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetupRestore)]
pub(super) struct Again {
    /// Its number; 0 is the file's.
    version: u32,
    /// Why.
    #[serde(default)]
    reason: String,
}

/// Set a section up as an older version had it
///
/// That is a new version. An agent's password stays as it is.
#[utoipa::path(post, path = "/api/v1/setup/{kind}/{name}/restore", tag = "setup", request_body = Again,
    params(("kind" = String, Path, description = "The kind"), ("name" = String, Path, description = "Its name"),
        ("If-Match" = Option<String>, Header, description = "The version that it changes; absent if it was taken out")),
    responses((status = OK, body = SectionView, headers(("ETag" = String, description = "Its version"))),
        (status = PRECONDITION_FAILED, description = "It has been changed meanwhile", body = ProblemDocument, content_type = "application/problem+json"),
        (status = PRECONDITION_REQUIRED, description = "It is there: send `If-Match`", body = ProblemDocument, content_type = "application/problem+json")))]
pub(super) async fn restore(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Place((kind, name)): Place<(String, String)>,
    Body(again): Body<Again>,
) -> Result<Response, ProblemDocument> {
    let (name, base) = (storable(&name), base(&headers)?);
    let author = author(&api, &caller, again.reason);
    let section = (known(&kind)?, name.as_str());
    let restored = api.setup.restore(section, again.version, base, &author);
    Ok(tagged(restored.await?))
}

/// A change that is only looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetupCheck)]
pub(super) struct Trial {
    /// `line`, `queue`, `agent`, `calendar`, `outbound`, `team` or `emergency`.
    kind: String,
    /// Its name.
    name: String,
    /// Its keys and values; null would take it out.
    #[schema(value_type = Option<Object>)]
    document: Option<Document>,
}

/// Say what would be wrong with a change
///
/// Nothing is changed. What is wrong is answered as the change itself would be.
#[utoipa::path(post, path = "/api/v1/setup/check", tag = "setup", request_body = Trial,
    responses((status = NO_CONTENT, description = "Nothing would be wrong")))]
pub(super) async fn check(
    State(api): State<Api>,
    Body(trial): Body<Trial>,
) -> Result<StatusCode, ProblemDocument> {
    let kind = trial.kind.parse();
    let kind = kind.map_err(|error: UnknownKind| ProblemDocument::unfit(error.to_string()))?;
    let section = Section {
        kind,
        name: trial.name,
        document: trial.document,
    };
    api.setup.check(&section).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn known(kind: &str) -> Result<SetupKind, ProblemDocument> {
    kind.parse().map_err(|_| ProblemDocument::absent())
}

fn author(api: &Api, caller: &Caller, reason: String) -> SetupAuthor {
    SetupAuthor {
        by: caller.name.clone(),
        at: api.now(),
        reason,
    }
}

/// The version that whoever asks has seen (RFC 9110 §13.1.1).
fn base(headers: &HeaderMap) -> Result<Option<u32>, ProblemDocument> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    let version = text.trim_start_matches("W/").trim_matches('"').parse();
    let version = version.map_err(|_| {
        let detail = "`If-Match` is a version, such as \"3\"";
        ProblemDocument::new(StatusCode::PRECONDITION_FAILED, detail)
    })?;
    Ok(Some(version))
}

fn tagged(shown: Shown) -> Response {
    let etag = format!("\"{}\"", shown.version);
    ([(header::ETAG, etag)], Json(SectionView::from(shown))).into_response()
}

fn faults(problems: Vec<Problem>) -> Vec<FaultView> {
    let views = problems.into_iter().map(|problem| FaultView {
        about: "key",
        name: problem.key,
        detail: format!("{}; cure: {}", problem.what, problem.cure),
    });
    views.collect()
}

impl From<Error> for ProblemDocument {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is no answer to a client is a fault of ours"
    )]
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::Unfit(problems) => Self {
                faults: faults(problems).into(),
                ..Self::unfit("what would come of it is wrong; nothing has changed").coded("unfit")
            },
            Error::Unknown => Self::absent(),
            Error::Changed(_) => {
                Self::new(StatusCode::PRECONDITION_FAILED, detail).coded("changed")
            }
            Error::Exists => Self::new(StatusCode::PRECONDITION_REQUIRED, detail).coded("exists"),
            Error::PromptName | Error::Prompt(_) => Self::unfit(detail).coded("prompt"),
            Error::PromptInUse(_) => Self::new(StatusCode::CONFLICT, detail).coded("in_use"),
            Error::Store(error) => error.into(),
            error => {
                tracing::error!(%error, "what is set up cannot be read or written");
                Self::away()
            }
        }
    }
}
