//! Which route is for whom: one row a route. A route without a row is for nobody, and fails the
//! tests.

use axum::http::Method;

use crate::rules::policy::Action;

/// What a route asks of whoever comes by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is for everybody.
    Nothing,
    /// That the policy allows this.
    Action(Action),
}

/// Every route of the API.
#[rustfmt::skip]
pub const ROUTES: &[(Method, &str, Need)] = &[
    (Method::GET,    "/api/v1/openapi.json",                                 Need::Nothing),
    (Method::POST,   "/api/v1/session",                                      Need::Nothing),
    (Method::GET,    "/api/v1/session",                                      Need::Action(Action::UseAccount)),
    (Method::DELETE, "/api/v1/session",                                      Need::Action(Action::UseAccount)),
    (Method::GET,    "/api/v1/sessions",                                     Need::Action(Action::UseAccount)),
    (Method::DELETE, "/api/v1/sessions/{id}",                                Need::Action(Action::UseAccount)),
    (Method::PUT,    "/api/v1/account/password",                             Need::Action(Action::UseAccount)),
    (Method::GET,    "/api/v1/tokens",                                       Need::Action(Action::UseAccount)),
    (Method::POST,   "/api/v1/tokens",                                       Need::Action(Action::UseAccount)),
    (Method::DELETE, "/api/v1/tokens/{id}",                                  Need::Action(Action::UseAccount)),
    (Method::GET,    "/api/v1/users",                                        Need::Action(Action::SeeUsers)),
    (Method::POST,   "/api/v1/users",                                        Need::Action(Action::KeepUsers)),
    (Method::GET,    "/api/v1/users/{name}",                                 Need::Action(Action::SeeUsers)),
    (Method::PATCH,  "/api/v1/users/{name}",                                 Need::Action(Action::KeepUsers)),
    (Method::DELETE, "/api/v1/users/{name}/sessions",                        Need::Action(Action::KeepUsers)),
    (Method::GET,    "/api/v1/calls",                                        Need::Action(Action::SeeCalls)),
    (Method::POST,   "/api/v1/calls/export",                                 Need::Action(Action::ExportCalls)),
    (Method::GET,    "/api/v1/calls/{id}",                                   Need::Action(Action::SeeCalls)),
    (Method::GET,    "/api/v1/calls/{id}/events",                            Need::Action(Action::SeeCalls)),
    (Method::POST,   "/api/v1/calls/{id}/reveal",                            Need::Action(Action::RevealNumber)),
    (Method::GET,    "/api/v1/calls/{id}/caller",                            Need::Action(Action::SeeCalls)),
    (Method::GET,    "/api/v1/calls/{id}/screen-pop",                        Need::Action(Action::SeeCalls)),
    (Method::GET,    "/api/v1/customers",                                    Need::Action(Action::SeeCustomers)),
    (Method::POST,   "/api/v1/customers",                                    Need::Action(Action::KeepCustomers)),
    (Method::GET,    "/api/v1/customers/{id}",                               Need::Action(Action::SeeCustomers)),
    (Method::PATCH,  "/api/v1/customers/{id}",                               Need::Action(Action::KeepCustomers)),
    (Method::GET,    "/api/v1/customers/{id}/versions",                      Need::Action(Action::SeeCustomers)),
    (Method::GET,    "/api/v1/customers/{id}/calls",                         Need::Action(Action::SeeCustomers)),
    (Method::POST,   "/api/v1/customers/{id}/reveal",                        Need::Action(Action::RevealNumber)),
    (Method::POST,   "/api/v1/customers/{id}/merge",                         Need::Action(Action::KeepCustomers)),
    (Method::POST,   "/api/v1/customers/{id}/erase",                         Need::Action(Action::EraseCustomer)),
    (Method::GET,    "/api/v1/calls/{id}/targets",                           Need::Action(Action::SeeCalls)),
    (Method::GET,    "/api/v1/directory",                                    Need::Action(Action::SeeAgents)),
    (Method::POST,   "/api/v1/directory",                                    Need::Action(Action::KeepDirectory)),
    (Method::PUT,    "/api/v1/directory/{id}",                               Need::Action(Action::KeepDirectory)),
    (Method::DELETE, "/api/v1/directory/{id}",                               Need::Action(Action::KeepDirectory)),
    (Method::GET,    "/api/v1/directory/{id}/versions",                      Need::Action(Action::KeepDirectory)),
    (Method::GET,    "/api/v1/matters",                                      Need::Action(Action::SeeAgents)),
    (Method::POST,   "/api/v1/matters",                                      Need::Action(Action::KeepDirectory)),
    (Method::PUT,    "/api/v1/matters/{id}",                                 Need::Action(Action::KeepDirectory)),
    (Method::DELETE, "/api/v1/matters/{id}",                                 Need::Action(Action::KeepDirectory)),
    (Method::GET,    "/api/v1/matters/{id}/versions",                        Need::Action(Action::KeepDirectory)),
    (Method::POST,   "/api/v1/calls/{id}/find",                              Need::Action(Action::ConductCall)),
    (Method::GET,    "/api/v1/calls/{id}/find",                              Need::Action(Action::SeeCalls)),
    (Method::POST,   "/api/v1/calls/{id}/messages",                          Need::Action(Action::WriteUpCall)),
    (Method::POST,   "/api/v1/calls/{id}/call-back",                         Need::Action(Action::WriteUpCall)),
    (Method::GET,    "/api/v1/messages",                                     Need::Action(Action::SeeCalls)),
    (Method::POST,   "/api/v1/messages/{id}/read",                           Need::Action(Action::RevealNumber)),
    (Method::POST,   "/api/v1/tasks/{id}/assign",                            Need::Action(Action::AssignTask)),
    (Method::POST,   "/api/v1/calls/{id}/talk",                              Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/hold",                              Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/record",                            Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/release",                           Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/wait",                              Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/retrieve",                          Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/mute",                              Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/unmute",                            Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/keys",                              Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/transfer",                          Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/consult",                           Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/consult/complete",                  Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/consult/cancel",                    Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/consult/join",                      Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/hang-up",                           Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/park",                              Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/pick-up",                           Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/hand/raise",                        Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/hand/lower",                        Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/escalate",                          Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/private",                           Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/calls/{id}/supervision",                       Need::Action(Action::ListenIn)),
    (Method::PATCH,  "/api/v1/calls/{id}/supervision",                       Need::Action(Action::ListenIn)),
    (Method::POST,   "/api/v1/calls/{id}/supervision/take-over",             Need::Action(Action::JoinIn)),
    (Method::POST,   "/api/v1/calls/{id}/supervision/stop",                  Need::Action(Action::ListenIn)),
    (Method::POST,   "/api/v1/dial",                                         Need::Action(Action::ConductCall)),
    (Method::GET,    "/api/v1/calls/{id}/notes",                             Need::Action(Action::SeeCalls)),
    (Method::PUT,    "/api/v1/calls/{id}/note",                              Need::Action(Action::WriteUpCall)),
    (Method::GET,    "/api/v1/calls/{id}/wrap-up",                           Need::Action(Action::SeeCalls)),
    (Method::PUT,    "/api/v1/calls/{id}/wrap-up",                           Need::Action(Action::WriteUpCall)),
    (Method::GET,    "/api/v1/wrap-ups",                                     Need::Action(Action::SeeCalls)),
    (Method::GET,    "/api/v1/lines/{id}/codes",                             Need::Action(Action::SeeQueues)),
    (Method::GET,    "/api/v1/lines/{id}/script",                            Need::Action(Action::SeeQueues)),
    (Method::GET,    "/api/v1/calls/{id}/script",                            Need::Action(Action::SeeCalls)),
    (Method::GET,    "/api/v1/tasks",                                        Need::Action(Action::SeeCalls)),
    (Method::GET,    "/api/v1/tasks/{id}",                                   Need::Action(Action::SeeCalls)),
    (Method::POST,   "/api/v1/tasks/{id}/claim",                             Need::Action(Action::WriteUpCall)),
    (Method::POST,   "/api/v1/tasks/{id}/release",                           Need::Action(Action::WriteUpCall)),
    (Method::POST,   "/api/v1/tasks/{id}/try",                               Need::Action(Action::WriteUpCall)),
    (Method::POST,   "/api/v1/tasks/{id}/done",                              Need::Action(Action::WriteUpCall)),
    (Method::POST,   "/api/v1/tasks/{id}/reveal",                            Need::Action(Action::RevealNumber)),
    (Method::POST,   "/api/v1/lines/{id}/switch",                            Need::Action(Action::SetUp)),
    (Method::POST,   "/api/v1/lines/{id}/restore",                           Need::Action(Action::SetUp)),
    (Method::PUT,    "/api/v1/queues/{id}/order",                            Need::Action(Action::SetAgent)),
    (Method::GET,    "/api/v1/deliveries",                                   Need::Action(Action::SetUp)),
    (Method::POST,   "/api/v1/deliveries/{id}/replay",                       Need::Action(Action::SetUp)),
    (Method::POST,   "/api/v1/agents/{id}/state",                            Need::Action(Action::SetAgent)),
    (Method::GET,    "/api/v1/calls/{id}/recording",                         Need::Action(Action::SeeRecordings)),
    (Method::GET,    "/api/v1/calls/{id}/recording/audio",                   Need::Action(Action::PlayRecording)),
    (Method::GET,    "/api/v1/calls/{id}/recording/peaks",                   Need::Action(Action::PlayRecording)),
    (Method::POST,   "/api/v1/calls/{id}/recording/download",                Need::Action(Action::TakeRecording)),
    (Method::GET,    "/api/v1/recordings",                                   Need::Action(Action::SeeRecordings)),
    (Method::GET,    "/api/v1/agents",                                       Need::Action(Action::SeeAgents)),
    (Method::GET,    "/api/v1/agents/{id}",                                  Need::Action(Action::SeeAgents)),
    (Method::POST,   "/api/v1/agents/{id}/talk",                             Need::Action(Action::ConductCall)),
    (Method::POST,   "/api/v1/agents/{id}/hold",                             Need::Action(Action::ConductCall)),
    (Method::GET,    "/api/v1/queues",                                       Need::Action(Action::SeeQueues)),
    (Method::GET,    "/api/v1/lines",                                        Need::Action(Action::SeeQueues)),
    (Method::GET,    "/api/v1/phones",                                       Need::Action(Action::SeeTrunks)),
    (Method::GET,    "/api/v1/trunks",                                       Need::Action(Action::SeeTrunks)),
    (Method::GET,    "/api/v1/setup",                                        Need::Action(Action::SetUp)),
    (Method::POST,   "/api/v1/setup/check",                                  Need::Action(Action::SetUp)),
    (Method::GET,    "/api/v1/setup/{kind}",                                 Need::Action(Action::SetUp)),
    (Method::GET,    "/api/v1/setup/{kind}/{name}",                          Need::Action(Action::SetUp)),
    (Method::PUT,    "/api/v1/setup/{kind}/{name}",                          Need::Action(Action::SetUp)),
    (Method::DELETE, "/api/v1/setup/{kind}/{name}",                          Need::Action(Action::SetUp)),
    (Method::GET,    "/api/v1/setup/{kind}/{name}/versions",                 Need::Action(Action::SetUp)),
    (Method::POST,   "/api/v1/setup/{kind}/{name}/restore",                  Need::Action(Action::SetUp)),
    (Method::GET,    "/api/v1/prompts",                                      Need::Action(Action::SetUp)),
    (Method::GET,    "/api/v1/prompts/{name}/audio",                         Need::Action(Action::SetUp)),
    (Method::PUT,    "/api/v1/prompts/{name}",                               Need::Action(Action::SetUp)),
    (Method::DELETE, "/api/v1/prompts/{name}",                               Need::Action(Action::SetUp)),
    (Method::GET,    "/api/v1/audit",                                        Need::Action(Action::ReadAudit)),
    (Method::GET,    "/api/v1/events",                                       Need::Action(Action::FollowEvents)),
];

/// What a route asks for; `None` if it is in no row. Whoever may read may ask for the header only.
pub fn need(method: &Method, path: &str) -> Option<Need> {
    let method = if *method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let row = ROUTES
        .iter()
        .find(|(known, place, _)| known == method && *place == path);
    row.map(|(_, _, need)| *need)
}
