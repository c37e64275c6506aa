//! What a line asks for when a call is over: its purposes, its outcomes and its form, now or as they
//! were.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call_view::When;
use super::calls::storable;
use super::extract::{Params, Place};
use super::{Api, ProblemDocument};
use crate::id::LineId;
use crate::rules::{ChoiceName, Code, CodeTree, Field, FieldKind, LineRules, Timestamp};
use crate::store::TreeKind;

/// What a line asks for.
#[derive(Serialize, ToSchema)]
#[schema(as = Codes)]
pub(super) struct CodesView {
    /// Why callers ring: each code after the one that it is a kind of.
    purposes: Vec<CodeView>,
    /// What comes of it.
    outcomes: Vec<CodeView>,
    /// What else is asked; the form as it is now.
    fields: Vec<FieldView>,
}

/// A code of a tree.
#[derive(Serialize, ToSchema)]
#[schema(as = Code)]
struct CodeView {
    /// What a wrap-up says.
    code: String,
    /// The code that it is a kind of.
    parent: Option<String>,
    /// What people read.
    name: String,
    /// What people read in English.
    name_en: Option<String>,
    /// It is kept for the calls that have it; neither it nor a kind of it is chosen any more.
    retired: bool,
}

impl From<&Code> for CodeView {
    fn from(code: &Code) -> Self {
        Self {
            code: code.code.clone(),
            parent: code.parent.clone(),
            name: code.name.clone(),
            name_en: code.name_en.clone(),
            retired: code.retired,
        }
    }
}

/// A field of a line's form.
#[derive(Serialize, ToSchema)]
#[schema(as = Field)]
struct FieldView {
    /// What its value is kept by.
    name: String,
    /// What people read.
    label: String,
    /// What people read in English.
    label_en: Option<String>,
    /// `text`, `number`, `date`, `time`, `choice` or `flag`.
    #[schema(value_type = String)]
    kind: FieldKind,
    /// The values of a choice.
    choices: Vec<String>,
    /// What people read of those values that have other words for people.
    choice_names: Vec<ChoiceNameView>,
    /// A call cannot be wrapped up without it.
    required: bool,
    /// The purposes that it belongs to, with their kinds; none is all.
    purposes: Vec<String>,
}

/// What people read of a value that can be chosen.
#[derive(Serialize, ToSchema)]
#[schema(as = ChoiceName)]
struct ChoiceNameView {
    /// The value, as it is kept.
    value: String,
    /// What people read.
    name: String,
    /// What people read in English.
    name_en: Option<String>,
}

impl From<&ChoiceName> for ChoiceNameView {
    fn from(choice: &ChoiceName) -> Self {
        Self {
            value: choice.value.clone(),
            name: choice.name.clone(),
            name_en: choice.name_en.clone(),
        }
    }
}

impl From<&Field> for FieldView {
    fn from(field: &Field) -> Self {
        Self {
            name: field.name.clone(),
            label: field.label.clone(),
            label_en: field.label_en.clone(),
            kind: field.kind,
            choices: field.choices.clone(),
            choice_names: field
                .choice_names
                .iter()
                .map(ChoiceNameView::from)
                .collect(),
            required: field.required,
            purposes: field.purposes.clone(),
        }
    }
}

/// Since when.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AtQuery {
    /// The codes as they were at this moment, RFC 3339; as they are now if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<When>,
}

/// What a line asks for when a call is over
#[utoipa::path(get, path = "/api/v1/lines/{id}/codes", tag = "desk",
    params(("id" = String, Path, description = "The line"), AtQuery),
    responses((status = OK, body = CodesView)))]
pub(super) async fn codes(
    State(api): State<Api>,
    Place(id): Place<String>,
    Params(query): Params<AtQuery>,
) -> Result<Json<CodesView>, ProblemDocument> {
    let line = LineId(storable(&id));
    let desk = api.store.desk().ok_or_else(ProblemDocument::absent)?;
    let rules = desk.lines.get(&line).ok_or_else(ProblemDocument::absent)?;
    let (purposes, outcomes) = match query.at {
        None => (rules.purposes.clone(), rules.outcomes.clone()),
        Some(When(at)) => trees_at(&api, &line, at).await?,
    };
    Ok(Json(view(&purposes, &outcomes, rules)))
}

async fn trees_at(
    api: &Api,
    line: &LineId,
    at: Timestamp,
) -> Result<(CodeTree, CodeTree), ProblemDocument> {
    let purposes = api.store.tree_at(line, TreeKind::Purpose, at).await?;
    let outcomes = api.store.tree_at(line, TreeKind::Outcome, at).await?;
    purposes.zip(outcomes).ok_or_else(ProblemDocument::absent)
}

fn view(purposes: &CodeTree, outcomes: &CodeTree, rules: &LineRules) -> CodesView {
    let codes = |tree: &CodeTree| tree.codes().iter().map(CodeView::from).collect();
    CodesView {
        purposes: codes(purposes),
        outcomes: codes(outcomes),
        fields: rules.form.fields.iter().map(FieldView::from).collect(),
    }
}
