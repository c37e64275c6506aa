//! Who answers for what (R105): matters, the departments that answer for them, and whom a caller can
//! be passed on to.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::agents::overview;
use super::call_view::time;
use super::caller::Caller;
use super::calls::reason;
use super::directory::{KeptVersion, Removal, WrittenVersion, are_entries, by, history, is_keeper};
use super::entry_view::{EntryView, Showing};
use super::extract::{Body, Params, Place};
use super::page::Page;
use super::presence::Whereabouts;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::rules::policy::Action;
use crate::rules::{DirectoryEntry, Fit, Matter};
use crate::store::Registered;

/// Matters that are suggested at once.
const SUGGESTED: usize = 5;

/// Which matters a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MatterQuery {
    /// With this in the name, the words or the department, or at the beginning of the initials.
    q: Option<String>,
    /// That go with this purpose, or with what it is a kind of.
    purpose: Option<String>,
}

/// Something that callers want, and who answers for it.
#[derive(Serialize, ToSchema)]
#[schema(as = Matter)]
pub(super) struct MatterView {
    /// The matter.
    id: Uuid,
    /// Which version this is, from 1.
    version: u32,
    /// When it was written.
    #[schema(format = DateTime)]
    changed_at: String,
    /// What it is.
    name: String,
    /// The purposes that it goes with, by code.
    purposes: Vec<String>,
    /// Words that callers say.
    keywords: Vec<String>,
    /// The department, or the outside unit, that answers for it.
    department: String,
    /// Whom to turn to, the first before the others.
    contacts: Vec<Uuid>,
    /// When it is dealt with; empty is always.
    hours: Vec<String>,
    /// It is dealt with now.
    in_hours: bool,
    /// Whom to turn to where no contact is there.
    substitute: Option<Uuid>,
    /// It is not ours: the caller is told whose it is (R107).
    out_of_scope: bool,
    /// What to tell the caller.
    say: Option<String>,
}

impl MatterView {
    fn of(matter: Registered<Matter>, whereabouts: &Whereabouts<'_>) -> Self {
        let said = matter.document;
        Self {
            id: matter.id,
            version: matter.version,
            changed_at: time(matter.changed_at),
            in_hours: whereabouts.is_open(&said.hours),
            name: said.name,
            purposes: said.purposes,
            keywords: said.keywords,
            department: said.department,
            contacts: said.contacts,
            hours: said.hours,
            substitute: said.substitute,
            out_of_scope: said.out_of_scope,
            say: said.say,
        }
    }
}

/// Matters, and who answers for them
#[utoipa::path(get, path = "/api/v1/matters", tag = "directory", params(MatterQuery),
    responses((status = OK, body = Page<MatterView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    Params(query): Params<MatterQuery>,
) -> Result<Json<Page<MatterView>>, ProblemDocument> {
    let overview = overview(&api).await?;
    let whereabouts = Whereabouts::of(&api, &overview);
    let matters: Vec<Registered<Matter>> = api.store.registered().await?;
    let is_wanted = |matter: &Registered<Matter>| {
        let matter = &matter.document;
        let purpose = query.purpose.as_deref();
        query.q.as_ref().is_none_or(|text| matter.is_found_by(text))
            && purpose.is_none_or(|purpose| matter.fit(Some(purpose), "") > Fit::NOT)
    };
    let found = matters.into_iter().filter(is_wanted);
    Ok(Json(Page {
        items: found
            .map(|matter| MatterView::of(matter, &whereabouts))
            .collect(),
        next: None,
    }))
}

/// A matter to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMatter {
    /// What it is: at most 100 characters.
    name: String,
    /// The purposes that it goes with, by code.
    #[serde(default)]
    purposes: Vec<String>,
    /// Words that callers say.
    #[serde(default)]
    keywords: Vec<String>,
    /// The department, or the outside unit, that answers for it.
    department: String,
    /// Entries of the directory: whom to turn to, the first before the others.
    #[serde(default)]
    contacts: Vec<Uuid>,
    /// When it is dealt with: `mon-fri 09:00-17:30`.
    #[serde(default)]
    hours: Vec<String>,
    /// The entry of whom to turn to where no contact is there.
    #[serde(default)]
    substitute: Option<Uuid>,
    /// It is not ours.
    #[serde(default)]
    out_of_scope: bool,
    /// What to tell the caller.
    #[serde(default)]
    say: Option<String>,
}

impl From<NewMatter> for Matter {
    fn from(new: NewMatter) -> Self {
        Self {
            name: new.name,
            purposes: new.purposes,
            keywords: new.keywords,
            department: new.department,
            contacts: new.contacts,
            hours: new.hours,
            substitute: new.substitute,
            out_of_scope: new.out_of_scope,
            say: new.say,
        }
    }
}

/// A matter anew.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChangeMatter {
    /// The version that was changed.
    base: u32,
    /// Why.
    #[serde(default)]
    reason: Option<String>,
    /// What it says from now on, all of it.
    matter: NewMatter,
}

/// Write a matter down
#[utoipa::path(post, path = "/api/v1/matters", tag = "directory", request_body = NewMatter,
    responses((status = CREATED, body = WrittenVersion)))]
pub(super) async fn add(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<NewMatter>,
) -> Result<(StatusCode, Json<WrittenVersion>), ProblemDocument> {
    let matter = Matter::from(asked);
    are_entries(&api, matter.contacts.iter().chain(&matter.substitute)).await?;
    let written = api.store.register(matter, &by(&caller, None, &api)).await?;
    Ok((StatusCode::CREATED, Json(WrittenVersion::of(&written))))
}

/// Change a matter: a new version
#[utoipa::path(put, path = "/api/v1/matters/{id}", tag = "directory", request_body = ChangeMatter,
    params(("id" = Uuid, Path, description = "The matter")),
    responses((status = OK, body = WrittenVersion)))]
pub(super) async fn change(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<ChangeMatter>,
) -> Result<Json<WrittenVersion>, ProblemDocument> {
    let why = asked.reason.as_deref().map(reason).transpose()?;
    let matter = Matter::from(asked.matter);
    are_entries(&api, matter.contacts.iter().chain(&matter.substitute)).await?;
    let written = by(&caller, why, &api);
    let changed = api.store.register_anew(id, asked.base, matter, &written);
    Ok(Json(WrittenVersion::of(&changed.await?)))
}

/// Remove a matter; its versions stay
#[utoipa::path(delete, path = "/api/v1/matters/{id}", tag = "directory",
    params(("id" = Uuid, Path, description = "The matter"), Removal),
    responses((status = NO_CONTENT)))]
pub(super) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Params(asked): Params<Removal>,
) -> Result<StatusCode, ProblemDocument> {
    let why = asked.reason.as_deref().map(reason).transpose()?;
    let written = by(&caller, why, &api);
    let removed = api.store.unregister::<Matter>(id, asked.base, &written);
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every version of a matter, the first before the others
#[utoipa::path(get, path = "/api/v1/matters/{id}/versions", tag = "directory",
    params(("id" = Uuid, Path, description = "The matter")),
    responses((status = OK, body = Page<KeptVersion>)))]
pub(super) async fn versions(
    State(api): State<Api>,
    Place(id): Place<Uuid>,
) -> Result<Json<Page<KeptVersion>>, ProblemDocument> {
    history::<Matter>(&api, id).await
}

/// A matter that a call may be about, and whom its caller can be passed on to.
#[derive(Serialize, ToSchema)]
pub(super) struct Suggestion {
    /// The matter.
    matter: MatterView,
    /// Whom to turn to, the first before the others.
    contacts: Vec<EntryView>,
    /// Who stands in where nobody of these is there.
    substitute: Option<EntryView>,
    /// Nobody of the contacts can be reached now.
    nobody_is_there: bool,
}

/// What else is known of a call.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TargetQuery {
    /// Why the caller rings, if it is not written down yet.
    purpose: Option<String>,
    /// What the caller says, beside what is written down.
    q: Option<String>,
}

/// Whom a call's caller can be passed on to, by what is known of the matter
///
/// By the purpose, and by the words of the note: the best first, at most five.
#[utoipa::path(get, path = "/api/v1/calls/{id}/targets", tag = "directory",
    params(("id" = Uuid, Path, description = "The call"), TargetQuery),
    responses((status = OK, body = Page<Suggestion>)))]
pub(super) async fn targets(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Params(query): Params<TargetQuery>,
) -> Result<Json<Page<Suggestion>>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let record = &detail.call.record;
    let written = record.purpose().map(|purpose| purpose.code.clone());
    let purpose = query.purpose.or(written);
    let note = api.store.notes(record.id).await?.pop();
    let note = note.and_then(|note| note.text).unwrap_or_default();
    let text = format!("{} {note}", query.q.unwrap_or_default());
    let matters: Vec<Registered<Matter>> = api.store.registered().await?;
    let fitting = matters.into_iter().map(|matter| {
        let fit = matter.document.fit(purpose.as_deref(), &text);
        (fit, matter)
    });
    let mut fitting: Vec<_> = fitting.filter(|(fit, _)| *fit > Fit::NOT).collect();
    fitting.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
    fitting.truncate(SUGGESTED);
    let overview = overview(&api).await?;
    let whereabouts = Whereabouts::of(&api, &overview);
    let showing = Showing {
        api: &api,
        whereabouts: &whereabouts,
        is_keeper: is_keeper(&caller),
        line: record.line.as_ref(),
    };
    let entries: Vec<Registered<DirectoryEntry>> = api.store.registered().await?;
    let suggestions = fitting.into_iter();
    let suggestions = suggestions.map(|(_, matter)| suggest(matter, &entries, &showing));
    Ok(Json(Page {
        items: suggestions.collect(),
        next: None,
    }))
}

/// A contact who is removed meanwhile is left out.
fn suggest(
    matter: Registered<Matter>,
    entries: &[Registered<DirectoryEntry>],
    showing: &Showing<'_>,
) -> Suggestion {
    let view = |id: &Uuid| {
        let entry = entries.iter().find(|entry| entry.id == *id)?;
        Some(showing.registered(entry))
    };
    let contacts: Vec<_> = matter.document.contacts.iter().filter_map(view).collect();
    // A matter's own, else the first that a contact names.
    let of_contacts = || {
        let mut ids = matter.document.contacts.iter();
        ids.find_map(|id| entries.iter().find(|it| it.id == *id)?.document.substitute)
    };
    let substitute = matter.document.substitute.or_else(of_contacts);
    Suggestion {
        nobody_is_there: !contacts.iter().any(|it| it.presence().may_answer()),
        substitute: substitute.as_ref().and_then(view),
        contacts,
        matter: MatterView::of(matter, showing.whereabouts),
    }
}
