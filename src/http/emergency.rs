//! Emergency contacts, and the one key that puts a caller through to one (R281).

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::commands::{Accepted, Answered, with_call};
use super::extract::{Body, Place};
use super::page::Page;
use crate::call::command::CallCommand;
use crate::config::Emergency;
use crate::rules::policy::Action;

/// Somebody whom callers can be put through to in an emergency.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencyContact)]
pub(super) struct ContactView {
    /// The name to ask by: `police`, `fire`, `ambulance`, or one that is set up.
    name: String,
    /// What people read.
    label: String,
    /// What people read in English.
    label_en: Option<String>,
    /// The number outside.
    number: Option<String>,
    /// Somebody of ours, by extension.
    agent: Option<String>,
    /// A line whose agents answer.
    line: Option<String>,
}

impl ContactView {
    fn of(contact: &Emergency) -> Self {
        let label = contact.label.as_ref().unwrap_or(&contact.name);
        Self {
            name: contact.name.clone(),
            label: label.clone(),
            label_en: contact.label_en.clone(),
            number: contact.number.clone(),
            agent: contact.agent.clone(),
            line: contact.line.clone(),
        }
    }
}

/// Whom callers can be put through to in an emergency
#[utoipa::path(get, path = "/api/v1/emergency-contacts", tag = "directory",
    responses((status = OK, body = Page<ContactView>)))]
pub(super) async fn contacts(State(api): State<Api>) -> Json<Page<ContactView>> {
    let site = api.site();
    Json(Page {
        items: site.emergencies.iter().map(ContactView::of).collect(),
        next: None,
    })
}

/// Whom to put the caller through to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmergencyCall {
    /// A contact's name.
    #[schema(example = "ambulance")]
    contact: String,
}

/// Put the caller through to an emergency contact
///
/// No policy of line or agent stands in the way. If nobody answers there, the caller is back with the
/// agent. The call's row is flagged.
#[utoipa::path(post, path = "/api/v1/calls/{id}/emergency", tag = "commands", request_body = EmergencyCall,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn call(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<EmergencyCall>,
) -> Answered {
    let command = CallCommand::Emergency(asked.contact);
    with_call(&api, &caller, Action::ConductCall, id, command).await
}
