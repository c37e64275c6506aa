//! Customers whom we know by name (R222): who has which numbers, how they are spoken to, what was
//! changed, and when they called. Numbers are masked; each look is audited (R232).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::calls::{reason, storable};
use super::contacts::ContactView;
use super::extract::{Body, Params, Place};
use super::page::{Limit, Page};
use super::{Api, ProblemDocument};
use crate::id::{CallId, CustomerId};
use crate::rules::policy::{Action, Object};
use crate::rules::{mask_number, national};
use crate::store::{
    AuditEntry, ContactsOf, Customer, CustomerDraft, CustomerFilter, CustomerNumber,
};

/// Which customers a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CustomerQuery {
    /// Whose name has this in it, or whose organisation.
    q: Option<String>,
    /// Who has this number.
    number: Option<String>,
    /// Of this level.
    level: Option<String>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only those after this customer in the list: `next` of the page before.
    after: Option<Uuid>,
}

/// One of a customer's numbers.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomerNumber)]
struct NumberView {
    /// From 1, in the customer's order.
    n: u32,
    /// Masked: `138****5678`.
    number: String,
    /// Which it is: 手机, 办公室.
    label: Option<String>,
}

/// What is written down of a customer.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomerFile)]
struct FileView {
    /// What the customer is called.
    name: String,
    /// How the customer is spoken to: 先生, 女士, 小姐 (R044).
    form: Option<String>,
    /// What level it is: 普通, 大客户 (R224).
    level: Option<String>,
    /// Why.
    level_reason: Option<String>,
    /// Who it is to us: 业主, 会员, 供应商.
    kind: Option<String>,
    /// Whom the customer belongs to.
    organisation: Option<String>,
    /// Where the customer lives, or works.
    address: Option<String>,
    /// What else is good to know.
    note: Option<String>,
    /// Where the customer can be reached, the best first.
    numbers: Vec<NumberView>,
}

impl From<CustomerDraft> for FileView {
    fn from(draft: CustomerDraft) -> Self {
        let numbers = (1..).zip(draft.numbers).map(|(n, it)| NumberView {
            n,
            // Without what people write between digits: the mask counts places.
            number: mask_number(&national(&it.number, None)),
            label: it.label,
        });
        Self {
            name: draft.name,
            form: draft.form,
            level: draft.level,
            level_reason: draft.level_reason,
            kind: draft.kind,
            organisation: draft.organisation,
            address: draft.address,
            note: draft.note,
            numbers: numbers.collect(),
        }
    }
}

/// A customer.
#[derive(Serialize, ToSchema)]
#[schema(as = Customer)]
pub(super) struct CustomerView {
    /// The customer.
    id: Uuid,
    /// Which version this is, from 1.
    version: u32,
    /// What is written down.
    #[serde(flatten)]
    file: FileView,
    /// When it was written down first.
    #[schema(format = DateTime)]
    created_at: String,
    /// When last.
    #[schema(format = DateTime)]
    changed_at: String,
    /// The customer that this one turned out to be: ask for that one.
    merged_into: Option<Uuid>,
}

impl CustomerView {
    pub(super) const fn id(&self) -> Uuid {
        self.id
    }
}

impl From<Customer> for CustomerView {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.id.0,
            version: customer.version,
            file: customer.draft.into(),
            created_at: time(customer.created_at),
            changed_at: time(customer.changed_at),
            merged_into: customer.merged_into.map(|id| id.0),
        }
    }
}

/// Customers, by name
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(CustomerQuery),
    responses((status = OK, body = Page<CustomerView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<CustomerQuery>,
) -> Result<Json<Page<CustomerView>>, ProblemDocument> {
    let after = match query.after {
        Some(id) => {
            let last = api.store.customer(CustomerId(id)).await;
            let last = last.map_err(|error| {
                ProblemDocument::from(error).of_what_is_named(StatusCode::BAD_REQUEST)
            });
            Some(last?)
        }
        None => None,
    };
    let filter = CustomerFilter {
        name: query.q.filter(|name| !name.is_empty()),
        number: query.number,
        level: query.level.map(|level| storable(&level)),
        after: after.map(|customer| (customer.draft.name, customer.id)),
        limit: Some(query.limit.with_next()),
    };
    let customers = api.store.customers(&filter).await?;
    let page = Page::of(customers, query.limit, |it| it.id.to_string());
    let found = format!("{} customers", page.items.len());
    let entry = AuditEntry::of_account("customer.list", &caller.name, found, api.now());
    api.store.audit(&entry).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next: page.next,
    }))
}

/// One customer
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer")),
    responses((status = OK, body = CustomerView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<CustomerView>, ProblemDocument> {
    let customer = api.store.customer(CustomerId(id)).await?;
    looked_at(&api, &caller, customer.id, None).await?;
    Ok(Json(customer.into()))
}

/// Writes down that somebody sees a customer's file (R232).
pub(super) async fn looked_at(
    api: &Api,
    caller: &Caller,
    customer: CustomerId,
    call: Option<CallId>,
) -> Result<(), ProblemDocument> {
    let detail = format!("customer {customer}");
    let mut entry = AuditEntry::of_account("customer.view", &caller.name, detail, api.now());
    entry.call = call;
    Ok(api.store.audit(&entry).await?)
}

/// One version of a customer.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomerVersion)]
pub(super) struct VersionView {
    /// From 1.
    version: u32,
    /// When it was written down.
    #[schema(format = DateTime)]
    at: String,
    /// By whom.
    author: String,
    /// What was written down.
    file: FileView,
}

/// Every version of a customer, the first before the others
#[utoipa::path(get, path = "/api/v1/customers/{id}/versions", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer")),
    responses((status = OK, body = Page<VersionView>)))]
pub(super) async fn versions(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<Page<VersionView>>, ProblemDocument> {
    let id = CustomerId(id);
    api.store.customer(id).await?;
    looked_at(&api, &caller, id, None).await?;
    let versions = api.store.customer_versions(id).await?.into_iter();
    let items = versions.map(|version| VersionView {
        version: version.version,
        at: time(version.at),
        author: version.author,
        file: version.draft.into(),
    });
    Ok(Json(Page {
        items: items.collect(),
        next: None,
    }))
}

/// Which calls of a customer.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ContactQuery {
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only those after this call in the list: `next` of the page before.
    after: Option<Uuid>,
}

/// The calls of a customer, newest first
#[utoipa::path(get, path = "/api/v1/customers/{id}/calls", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer"), ContactQuery),
    responses((status = OK, body = Page<ContactView>)))]
pub(super) async fn calls(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Params(query): Params<ContactQuery>,
) -> Result<Json<Page<ContactView>>, ProblemDocument> {
    let id = CustomerId(id);
    api.store.customer(id).await?;
    looked_at(&api, &caller, id, None).await?;
    let (whose, after) = (ContactsOf::Customer(id), query.after.map(CallId));
    let calls = api.store.contacts(&whose, after, query.limit.with_next());
    let page = Page::of(calls.await?, query.limit, |it| it.record.id.to_string());
    Ok(Json(Page {
        items: page.items.iter().map(ContactView::of).collect(),
        next: page.next,
    }))
}

/// What for.
#[derive(Deserialize, ToSchema)]
pub(super) struct Purposeful {
    /// It stands in the audit.
    #[schema(example = "call back")]
    reason: String,
}

/// A customer's numbers in full.
#[derive(Serialize, ToSchema)]
pub(super) struct RevealedNumbers {
    /// As they were given, in the customer's order.
    numbers: Vec<String>,
}

/// See a customer's numbers in full
///
/// The audit row is durable before the numbers are given. Whoever may reveal numbers of his own calls
/// only gets those of customers who have called him.
#[utoipa::path(post, path = "/api/v1/customers/{id}/reveal", tag = "customers",
    request_body = Purposeful,
    params(("id" = Uuid, Path, description = "The customer")),
    responses((status = OK, body = RevealedNumbers)))]
pub(super) async fn reveal(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Purposeful>,
) -> Result<Json<RevealedNumbers>, ProblemDocument> {
    let customer = api.store.customer(CustomerId(id)).await?;
    let is_own =
        caller.reaches_all(Action::RevealNumber) || served(&api, &caller, &customer).await?;
    caller.may(Action::RevealNumber, Object::owned(is_own))?;
    let why = reason(&asked.reason)?;
    let detail = format!("customer {}", customer.id);
    let mut entry = AuditEntry::of_account("number.reveal", &caller.name, detail, api.now());
    why.clone_into(&mut entry.purpose);
    api.store.audit(&entry).await?;
    let numbers = customer.draft.numbers.into_iter().map(|it| it.number);
    Ok(Json(RevealedNumbers {
        numbers: numbers.collect(),
    }))
}

/// Calls that are looked through for one of whoever asks.
const LOOKED_THROUGH: u32 = 50;

/// Whether one of the customer's last calls was served by the one who asks.
async fn served(api: &Api, caller: &Caller, customer: &Customer) -> Result<bool, ProblemDocument> {
    let whose = ContactsOf::Customer(customer.id);
    let calls = api.store.contacts(&whose, None, LOOKED_THROUGH).await?;
    let own = |agent| caller.has(agent);
    Ok(calls
        .iter()
        .any(|call| call.record.answered_by.as_ref().is_some_and(own)))
}

/// A number of a customer to be.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewCustomerNumber)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNumber {
    /// As anybody writes it.
    number: String,
    /// Which it is.
    #[serde(default)]
    label: Option<String>,
}

impl From<NewNumber> for CustomerNumber {
    fn from(new: NewNumber) -> Self {
        Self {
            number: new.number,
            label: new.label,
        }
    }
}

/// A customer to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCustomer {
    /// What the customer is called: at most 100 characters.
    name: String,
    /// How the customer is spoken to.
    #[serde(default)]
    form: Option<String>,
    /// What level it is.
    #[serde(default)]
    level: Option<String>,
    /// Why.
    #[serde(default)]
    level_reason: Option<String>,
    /// Who it is to us.
    #[serde(default)]
    kind: Option<String>,
    /// Whom the customer belongs to.
    #[serde(default)]
    organisation: Option<String>,
    /// Where the customer lives, or works.
    #[serde(default)]
    address: Option<String>,
    /// What else is good to know: at most 2,000 characters.
    #[serde(default)]
    note: Option<String>,
    /// Where the customer can be reached: 1 to 20 numbers; none if a `call` says it.
    #[serde(default)]
    numbers: Vec<NewNumber>,
    /// The call whose caller it is: the caller's number is taken from it.
    #[serde(default)]
    call: Option<Uuid>,
}

/// Write a customer down
#[utoipa::path(post, path = "/api/v1/customers", tag = "customers", request_body = NewCustomer,
    responses((status = CREATED, body = CustomerView)))]
pub(super) async fn add(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<NewCustomer>,
) -> Result<(StatusCode, Json<CustomerView>), ProblemDocument> {
    let mut numbers: Vec<CustomerNumber> = asked.numbers.into_iter().map(Into::into).collect();
    if let Some(call) = asked.call {
        let number = super::known::number_of(&api, &caller, call).await;
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let number = number.map_err(|problem| problem.of_what_is_named(status))?;
        numbers.insert(
            0,
            CustomerNumber {
                number,
                label: None,
            },
        );
    }
    let draft = CustomerDraft {
        name: asked.name,
        form: asked.form,
        level: asked.level,
        level_reason: asked.level_reason,
        kind: asked.kind,
        organisation: asked.organisation,
        address: asked.address,
        note: asked.note,
        numbers,
    };
    let (by, why) = (&caller.name, "");
    let created = api.store.create_customer(&draft, by, why, api.now());
    Ok((StatusCode::CREATED, Json(created.await?.into())))
}

/// What is to change of a customer; what is absent stays, an empty text goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeCustomer {
    /// The version that was changed.
    base: u32,
    /// Another name.
    #[serde(default)]
    name: Option<String>,
    /// Another form of address.
    #[serde(default)]
    form: Option<String>,
    /// Another level.
    #[serde(default)]
    level: Option<String>,
    /// Why it has this level.
    #[serde(default)]
    level_reason: Option<String>,
    /// Who it is to us.
    #[serde(default)]
    kind: Option<String>,
    /// Another organisation.
    #[serde(default)]
    organisation: Option<String>,
    /// Another address.
    #[serde(default)]
    address: Option<String>,
    /// Another note.
    #[serde(default)]
    note: Option<String>,
    /// Numbers that are added.
    #[serde(default)]
    add: Vec<NewNumber>,
    /// Numbers that go, by their `n`.
    #[serde(default)]
    remove: Vec<u32>,
    /// Why; it stands in the audit.
    #[serde(default)]
    reason: Option<String>,
}

impl ChangeCustomer {
    fn onto(self, draft: CustomerDraft) -> CustomerDraft {
        let numbers = (1..).zip(draft.numbers);
        let kept = numbers.filter(|(n, _)| !self.remove.contains(n));
        let kept = kept.map(|(_, number)| number);
        CustomerDraft {
            name: self.name.unwrap_or(draft.name),
            form: self.form.or(draft.form),
            level: self.level.or(draft.level),
            level_reason: self.level_reason.or(draft.level_reason),
            kind: self.kind.or(draft.kind),
            organisation: self.organisation.or(draft.organisation),
            address: self.address.or(draft.address),
            note: self.note.or(draft.note),
            numbers: kept.chain(self.add.into_iter().map(Into::into)).collect(),
        }
    }
}

/// Change a customer: a new version
#[utoipa::path(patch, path = "/api/v1/customers/{id}", tag = "customers",
    request_body = ChangeCustomer,
    params(("id" = Uuid, Path, description = "The customer")),
    responses((status = OK, body = CustomerView)))]
pub(super) async fn change(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(mut asked): Body<ChangeCustomer>,
) -> Result<Json<CustomerView>, ProblemDocument> {
    let id = CustomerId(id);
    let (base, why) = (asked.base, asked.reason.take().unwrap_or_default());
    let why = storable(&why);
    // If it is another version by now, the numbers that are meant are others: it is refused below.
    let draft = asked.onto(api.store.customer(id).await?.draft);
    let (by, at) = (&caller.name, api.now());
    let changed = api.store.change_customer(id, base, &draft, by, &why, at);
    Ok(Json(changed.await?.into()))
}

/// Who is the same.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    /// The customer that is no longer one of its own.
    from: Uuid,
    /// The version of the customer that goes on.
    base: u32,
    /// Why; it stands in the audit.
    reason: String,
}

/// Make two customers one, who goes on with the numbers of both
#[utoipa::path(post, path = "/api/v1/customers/{id}/merge", tag = "customers",
    request_body = Merge,
    params(("id" = Uuid, Path, description = "The customer that goes on")),
    responses((status = OK, body = CustomerView)))]
pub(super) async fn merge(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Merge>,
) -> Result<Json<CustomerView>, ProblemDocument> {
    let why = reason(&asked.reason)?;
    let (into, from) = (CustomerId(id), CustomerId(asked.from));
    let (by, at) = (&caller.name, api.now());
    let merged = api
        .store
        .merge_customers(into, asked.base, from, by, why, at);
    Ok(Json(merged.await?.into()))
}

/// What went.
#[derive(Serialize, ToSchema)]
#[schema(as = Erased)]
pub(super) struct ErasedView {
    /// Callers in the log.
    parties: u64,
    /// Versions of notes about their calls.
    notes: u64,
}

/// Erase a customer: name, numbers, notes about the calls, and the number in the log's calls
#[utoipa::path(post, path = "/api/v1/customers/{id}/erase", tag = "customers",
    request_body = Purposeful,
    params(("id" = Uuid, Path, description = "The customer")),
    responses((status = OK, body = ErasedView)))]
pub(super) async fn erase(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Purposeful>,
) -> Result<Json<ErasedView>, ProblemDocument> {
    let why = reason(&asked.reason)?;
    let (by, at) = (&caller.name, api.now());
    let erased = api
        .store
        .erase_customer(CustomerId(id), by, why, at)
        .await?;
    Ok(Json(ErasedView {
        parties: erased.parties,
        notes: erased.notes,
    }))
}
