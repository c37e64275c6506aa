//! What a request brings along, with every mistake in it as a problem document.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::ProblemDocument;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ProblemDocument;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemDocument> {
        match <Json<T> as FromRequest<S>>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(wrong) => Err(ProblemDocument::new(wrong.status(), wrong.body_text())),
        }
    }
}

/// A JSON body that may be left out: then nothing is said.
pub(super) struct Perhaps<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for Perhaps<T> {
    type Rejection = ProblemDocument;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemDocument> {
        let body = <Json<Option<T>> as OptionalFromRequest<S>>::from_request(request, state);
        match body.await {
            Ok(body) => Ok(Self(body.and_then(|Json(said)| said).unwrap_or_default())),
            Err(wrong) => Err(ProblemDocument::new(wrong.status(), wrong.body_text())),
        }
    }
}

/// The parameters after the question mark.
pub(super) struct Params<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ProblemDocument;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ProblemDocument> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(wrong) => Err(ProblemDocument::new(wrong.status(), wrong.body_text())),
        }
    }
}

/// What the path names.
pub(super) struct Place<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Place<T> {
    type Rejection = ProblemDocument;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ProblemDocument> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(place)) => Ok(Self(place)),
            Err(wrong) => Err(ProblemDocument::new(wrong.status(), wrong.body_text())),
        }
    }
}
