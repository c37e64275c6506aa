//! The OpenAPI document: made from the routes themselves, with what holds for all of them added
//! once.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, PathItem, Ref, RefOr, ResponseBuilder,
};

use super::login::cookie_name;
use super::{Api, problem};

/// The API's document
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "account", security(()),
    responses((status = OK, description = "OpenAPI 3.1", body = Object)))]
pub(super) async fn serve(State(api): State<Api>) -> impl IntoResponse {
    let document = super::document(api.is_secure);
    ([(header::CONTENT_TYPE, "application/json")], document)
}

/// Errors that every operation may answer with.
const ANYWHERE: [(&str, &str); 6] = [
    ("400", "The request cannot be read"),
    ("401", "Nobody knows who asks"),
    ("403", "It is forbidden"),
    (
        "429",
        "Too many requests; `Retry-After` says when to come back",
    ),
    ("500", "Something of ours failed"),
    ("503", "Something of ours is away; try again"),
];
/// Those that name something.
const NAMED: [(&str, &str); 1] = [("404", "There is no such thing, or not for you")];
/// Those that bring a body.
const WITH_BODY: [(&str, &str); 3] = [
    ("413", "The body is too large"),
    ("415", "The body is not JSON"),
    ("422", "What was sent is understood and cannot be"),
];
/// Those that change something.
const CHANGING: [(&str, &str); 1] = [("409", "It does not fit how things stand")];

/// Adds what holds for all operations.
pub(super) fn complete(document: &mut OpenApi, is_secure: bool) {
    document.info = InfoBuilder::new()
        .title("thirdring")
        .version("1")
        .description(Some(DESCRIPTION))
        .build();
    let components = document.components.get_or_insert_default();
    let cookie = ApiKeyValue::new(cookie_name(is_secure));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components
        .security_schemes
        .insert("session".to_owned(), RefOr::T(cookie));
    components
        .security_schemes
        .insert("token".to_owned(), RefOr::T(token));
    let none: [String; 0] = [];
    document.security = Some(vec![
        SecurityRequirement::new("session", none.clone()),
        SecurityRequirement::new("token", none),
    ]);
    for (path, item) in &mut document.paths.paths {
        for (verb, operation) in operations(item) {
            let is_changing = verb != "get";
            operation.operation_id = Some(operation_id(verb, path));
            add(operation, &ANYWHERE);
            if path.contains('{') {
                add(operation, &NAMED);
            }
            if operation.request_body.is_some() || is_changing {
                add(operation, &WITH_BODY);
            }
            if is_changing {
                add(operation, &CHANGING);
            }
        }
    }
}

const DESCRIPTION: &str = "The desk of thirdring. Errors are problem documents (RFC 9457). Lists \
    come by the page: `next` of one page is `after` of the next. Commands take an \
    `Idempotency-Key`: what is sent again under the same key is carried out once.";

/// The operations of a path, each with its verb.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    let all = all.into_iter();
    all.filter_map(|(verb, operation)| Some((verb, operation.as_mut()?)))
}

/// `get_calls_one_events` for `GET /api/v1/calls/{id}/events`: what generated clients call it.
fn operation_id(verb: &str, path: &str) -> String {
    let path = path
        .trim_start_matches("/api/v1/")
        .trim_end_matches(".json");
    let words = path
        .split('/')
        .map(|part| if part.starts_with('{') { "one" } else { part });
    let words: Vec<_> = std::iter::once(verb).chain(words).collect();
    // A name in every language, too.
    words.join("_").replace('-', "_")
}

fn add(operation: &mut Operation, problems: &[(&str, &str)]) {
    for (status, description) in problems {
        let known = &mut operation.responses.responses;
        known.entry((*status).to_owned()).or_insert_with(|| {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
            let response = ResponseBuilder::new()
                .description(*description)
                .content(problem::MEDIA_TYPE, content.build());
            RefOr::T(response.build())
        });
    }
}
