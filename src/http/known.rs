//! Who calls: all that whoever answers is shown of a caller (R044, R223), and the page of another
//! program that opens with the call.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{PartyView, time};
use super::caller::Caller;
use super::calls::known_caller;
use super::contacts::ContactView;
use super::customers::{CustomerView, looked_at};
use super::extract::Place;
use super::tasks::TaskView;
use super::tie::{Tie, is_own, visible};
use super::{Api, ProblemDocument};
use crate::call::Party;
use crate::call::record::{CallRecord, Transfer};
use crate::id::CustomerId;
use crate::rules::policy::{Action, Decision, Object};
use crate::rules::{Shown, Timestamp, mask_number};
use crate::store::{AuditEntry, CallDetail, CalledFor, ContactsOf, Note, TaskFilter};

/// Earlier calls that are shown at once (R223).
const CONTACTS: u32 = 5;

/// Who calls.
#[derive(Serialize, ToSchema)]
pub(super) struct CallerCard {
    /// The call.
    call: Uuid,
    /// Its line.
    line: Option<String>,
    /// The caller's number, masked; absent if anonymous, withheld or erased.
    caller: Option<PartyView>,
    /// The caller withholds the number.
    withheld: bool,
    /// The customer, where we know who it is.
    customer: Option<CustomerView>,
    /// The caller's last calls before this one, the newest first.
    contacts: Vec<ContactView>,
    /// How often the caller has called lately, before this call, and what for (R072); absent if nobody
    /// knows who it is.
    lately: Option<Lately>,
    /// What is still to be done for the caller.
    tasks: Vec<TaskView>,
    /// The code of why the caller rings, as far as somebody has said so (R118).
    purpose: Option<String>,
    /// What has been written down about this call so far (R118).
    note: Option<NoteOfCall>,
    /// Who passed the caller on last.
    passed_on_by: Option<String>,
    /// How often the caller was passed on.
    transfers: usize,
    /// The caller was passed on more often than the line has it (R119).
    is_passed_on_too_often: bool,
}

/// How often a caller has called lately.
#[derive(Serialize, ToSchema)]
struct Lately {
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// How often, for whatever.
    calls: i64,
    /// What for, the most frequent first.
    purposes: Vec<CalledForView>,
}

/// How often a caller has called for something.
#[derive(Serialize, ToSchema)]
#[schema(as = CalledFor)]
struct CalledForView {
    /// The code of why; absent where nobody has said.
    purpose: Option<String>,
    /// How often.
    calls: i64,
}

impl Lately {
    fn of(since: Timestamp, called: Vec<CalledFor>) -> Self {
        let purposes = called.into_iter().map(|it| CalledForView {
            purpose: it.purpose,
            calls: it.calls,
        });
        let purposes: Vec<_> = purposes.collect();
        Self {
            since: time(since),
            calls: purposes.iter().map(|it| it.calls).sum(),
            purposes,
        }
    }
}

/// What has been written down about a call.
#[derive(Serialize, ToSchema)]
struct NoteOfCall {
    /// The version that counts.
    version: u32,
    /// Who wrote it.
    author: String,
    /// The text; absent if it was erased.
    text: Option<String>,
}

impl From<Note> for NoteOfCall {
    fn from(note: Note) -> Self {
        Self {
            version: note.version,
            author: note.author,
            text: note.text,
        }
    }
}

/// Who calls: the customer, what was before, and what is known of this call
///
/// A customer's file is shown after its audit row is durable (R232).
#[utoipa::path(get, path = "/api/v1/calls/{id}/caller", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = CallerCard)))]
pub(super) async fn card(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<CallerCard>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let record = &detail.call.record;
    let customer = customer_of(&api, &caller, &detail).await?;
    let party = shown_party(&detail);
    let whose = match &customer {
        Some(customer) => Some(ContactsOf::Customer(CustomerId(customer.id()))),
        None => party.and_then(ContactsOf::of),
    };
    let contacts = match &whose {
        Some(whose) => api.store.contacts(whose, Some(record.id), CONTACTS).await?,
        None => Vec::new(),
    };
    let lately = match &whose {
        Some(whose) => Some(lately(&api, whose, record).await?),
        None => None,
    };
    let tasks = match party {
        Some(party) => tasks_for(&api, &caller, party).await?,
        None => Vec::new(),
    };
    let note = api.store.notes(record.id).await?.pop();
    Ok(Json(CallerCard {
        call: id,
        line: record.line.as_ref().map(ToString::to_string),
        caller: party.map(PartyView::of),
        withheld: record.circumstances.withheld,
        customer,
        contacts: contacts.iter().map(ContactView::of).collect(),
        lately,
        tasks,
        purpose: record.purpose().map(|it| it.code.clone()),
        note: note.map(Into::into),
        passed_on_by: last_transfer(record).map(|it| it.by.to_string()),
        transfers: record.transfers.len(),
        is_passed_on_too_often: record.desk.passed_on_often,
    }))
}

/// R072: before this call, within the site's days.
async fn lately(
    api: &Api,
    whose: &ContactsOf,
    record: &CallRecord,
) -> Result<Lately, ProblemDocument> {
    let days_us = i64::try_from(api.site().lately.as_micros()).unwrap_or(i64::MAX);
    let since = Timestamp(record.arrived_at.0.saturating_sub(days_us));
    let called = api.store.called_for(whose, since, record).await?;
    Ok(Lately::of(since, called))
}

fn last_transfer(record: &CallRecord) -> Option<&Transfer> {
    record.transfers.last()
}

/// The caller, unless nobody knows or may know who it is.
fn shown_party(detail: &CallDetail) -> Option<&Party> {
    let record = &detail.call.record;
    let caller = record.caller.filter(|_| !record.circumstances.withheld)?;
    detail.call.parties.get(&caller)
}

/// The customer's file, for those who may see customers.
async fn customer_of(
    api: &Api,
    caller: &Caller,
    detail: &CallDetail,
) -> Result<Option<CustomerView>, ProblemDocument> {
    if caller.decide(Action::SeeCustomers, Object::Foreign) != Decision::Allowed {
        return Ok(None);
    }
    let Some(known) = known_caller(api, detail).await? else {
        return Ok(None);
    };
    let customer = api.store.customer(known.customer).await?;
    looked_at(api, caller, customer.id, Some(detail.call.record.id)).await?;
    Ok(Some(customer.into()))
}

async fn tasks_for(
    api: &Api,
    caller: &Caller,
    party: &Party,
) -> Result<Vec<TaskView>, ProblemDocument> {
    let Some(ContactsOf::Number(number)) = ContactsOf::of(party) else {
        return Ok(Vec::new());
    };
    let filter = TaskFilter {
        number: Some(number),
        undone: true,
        limit: Some(CONTACTS),
        ..TaskFilter::default()
    };
    let tasks = api.store.tasks(&filter).await?;
    let shown = tasks
        .iter()
        .filter(|task| super::tasks::is_shown(task, caller));
    Ok(shown.map(TaskView::of).collect())
}

/// The number of a call's caller, for those who have to do with the call.
///
/// # Errors
/// There is no such call, or not for whoever asks; nobody knows the number, or it is withheld.
pub(super) async fn number_of(
    api: &Api,
    caller: &Caller,
    call: Uuid,
) -> Result<String, ProblemDocument> {
    let detail = visible(api, caller, Action::SeeCalls, call, Tie::Any).await?;
    let party = shown_party(&detail);
    let party = party.ok_or_else(|| {
        ProblemDocument::unfit("nobody knows the number of this caller").coded("no_number")
    })?;
    Ok(party.e164.clone().unwrap_or_else(|| party.number.clone()))
}

/// A page of another program.
#[derive(Serialize, ToSchema)]
pub(super) struct ScreenPopPage {
    /// Where it is; absent if no program is configured.
    url: Option<String>,
}

/// The page of another program that opens with a call
///
/// It holds the caller's number in full for those who may reveal it, after an audit row; else
/// masked. A number that its caller withholds is not in it.
#[utoipa::path(get, path = "/api/v1/calls/{id}/screen-pop", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = ScreenPopPage)))]
pub(super) async fn screen_pop(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<ScreenPopPage>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let Some(pop) = api.site().screen_pop.clone() else {
        return Ok(Json(ScreenPopPage { url: None }));
    };
    let record = &detail.call.record;
    let known = known_caller(&api, &detail).await?;
    let number = match shown_party(&detail) {
        Some(party) => Some(number_for(&api, &caller, record, party).await?),
        None => None,
    };
    let (call, customer) = (id.to_string(), known.map(|it| it.customer.to_string()));
    let own = caller.extension.as_ref().or(record.answered_by.as_ref());
    let url = pop.url(&Shown {
        number: number.as_deref(),
        call: Some(&call),
        line: record.line.as_ref().map(|line| line.0.as_str()),
        agent: own.map(|agent| agent.0.as_str()),
        customer: customer.as_deref(),
    });
    Ok(Json(ScreenPopPage { url: Some(url) }))
}

/// The caller's number as far as whoever asks may see it.
async fn number_for(
    api: &Api,
    caller: &Caller,
    record: &CallRecord,
    party: &Party,
) -> Result<String, ProblemDocument> {
    let number = party.e164.as_ref().unwrap_or(&party.number);
    let own = is_own(api, caller, record, Tie::Any).await?;
    if caller.decide(Action::RevealNumber, Object::owned(own)) != Decision::Allowed {
        return Ok(mask_number(number));
    }
    let (name, now) = (&caller.name, api.now());
    let mut entry = AuditEntry::of_recording("number.reveal", record.id, name, "screen pop", now);
    entry.detail = Some(format!("party {}", party.id));
    api.store.audit(&entry).await?;
    Ok(number.clone())
}
