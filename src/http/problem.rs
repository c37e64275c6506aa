//! Errors of the HTTP interface as problem documents (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::archive;
use crate::rules::Fault;
use crate::store;

/// The media type of problem documents.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// A problem document. Its texts are ours: nothing a database or library said reaches a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// What kind of problem: `about:blank` means that the status says it all (§4.2.1).
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status's own phrase.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time, and what to do.
    pub detail: String,
    /// A word for programs, where one status stands for several causes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// Names of what is not well, for `/readyz`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<&'static str>,
    /// Everything that is wrong with what was sent, where a line says what fits.
    #[serde(skip_serializing_if = "<[FaultView]>::is_empty")]
    #[schema(value_type = Vec<FaultView>)]
    pub faults: Box<[FaultView]>,
    /// When to come back, in seconds: the header `Retry-After` (RFC 9110 §10.2.3).
    #[serde(skip)]
    pub retry_after_s: Option<u8>,
}

/// Something that a line does not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Fault)]
pub struct FaultView {
    /// What it is about: `purpose`, `outcome`, `handling`, `field`, or `key` of what is set up.
    pub about: &'static str,
    /// The code, the field's name, or the key; empty where none was given.
    pub name: String,
    /// What is wrong with it.
    pub detail: String,
}

impl From<Fault> for FaultView {
    fn from(fault: Fault) -> Self {
        let detail = fault.to_string();
        let (about, name) = match fault {
            Fault::Purpose(code) => ("purpose", code),
            Fault::Outcome(code) => ("outcome", code),
            Fault::Field(fault) => ("field", fault.field),
            Fault::NoPurpose => ("purpose", String::new()),
            Fault::NoHandling | Fault::Handling(_) => ("handling", String::new()),
            Fault::NoOutcome | Fault::AnonymousCallBack => ("outcome", String::new()),
        };
        Self {
            about,
            name,
            detail,
        }
    }
}

impl ProblemDocument {
    /// A problem that its status explains, with a sentence about this case.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code: None,
            failed: Vec::new(),
            faults: Box::default(),
            retry_after_s: None,
        }
    }

    /// To be tried again after so many seconds.
    #[must_use]
    pub(super) const fn again_after(mut self, seconds: u8) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// With a word for programs.
    #[must_use]
    pub fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// There is nothing, or nothing for the one who asks: both look the same.
    pub(super) fn absent() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "there is no such thing, or not for you",
        )
    }

    /// What a parameter or a body names is not there: the place itself is.
    #[must_use]
    pub(super) fn of_what_is_named(self, status: StatusCode) -> Self {
        if self.status == StatusCode::NOT_FOUND.as_u16() {
            return Self::new(status, "what is named is not there, or not for you");
        }
        self
    }

    /// What was sent is understood and cannot be.
    pub(super) fn unfit(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// It does not fit how things stand, which the error says in words of ours.
    fn conflict(error: &store::Error, code: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, error.to_string()).coded(code)
    }

    /// Something of ours is away.
    pub(super) fn away() -> Self {
        let detail = "the database or the disk does not answer now; try again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

impl From<store::Error> for ProblemDocument {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is no answer to a client is a fault of ours"
    )]
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::UnknownCall(_)
            | store::Error::NoRecording(_)
            | store::Error::UnknownTask(_)
            | store::Error::NoSuchRecord(_)
            | store::Error::UnknownCustomer(_)
            | store::Error::NotRegistered(_)
            | store::Error::UnknownDelivery(_)
            | store::Error::UnknownUser(_) => Self::absent(),
            store::Error::Unfit(faults) => Self {
                faults: faults.into_iter().map(FaultView::from).collect(),
                ..Self::unfit("the line does not take that").coded("unfit")
            },
            store::Error::TooLong { what, most } => {
                let detail = format!("{what} has at most {most} bytes");
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail).coded("too_long")
            }
            store::Error::TooMany { .. } => Self::conflict(&error, "too_many"),
            store::Error::NoCustomer(needs) => {
                Self::unfit(format!("a customer needs {needs}")).coded("no_customer")
            }
            store::Error::Unregistrable(needs) => {
                Self::unfit(format!("it needs {needs}")).coded("unfit")
            }
            store::Error::RegisterChanged { .. } => Self::conflict(&error, "changed"),
            store::Error::SetupMoved => Self::conflict(&error, "setup_moved"),
            store::Error::NoLine => Self::conflict(&error, "no_line"),
            store::Error::Closed(_) => Self::conflict(&error, "closed"),
            store::Error::NoteChanged { .. } => Self::conflict(&error, "note_changed"),
            store::Error::CustomerChanged { .. } => Self::conflict(&error, "customer_changed"),
            store::Error::NumberTaken(_) => Self::conflict(&error, "number_taken"),
            store::Error::TaskState { .. } => Self::conflict(&error, "task_state"),
            store::Error::NobodyTells => Self::conflict(&error, "nobody_tells"),
            store::Error::UserExists(name) => Self::new(
                StatusCode::CONFLICT,
                format!("there is a user `{name}` already"),
            ),
            store::Error::Held(_) => {
                Self::new(StatusCode::CONFLICT, "the recording is held").coded("held")
            }
            error => {
                tracing::error!(%error, "a request could not be answered");
                Self::away()
            }
        }
    }
}

impl From<archive::Error> for ProblemDocument {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is no answer to a client is a fault of ours"
    )]
    fn from(error: archive::Error) -> Self {
        match error {
            archive::Error::Store(error) => error.into(),
            archive::Error::NoPurpose => Self::unfit("say what for"),
            error => {
                tracing::error!(%error, "a recording could not be handed out");
                Self::away()
            }
        }
    }
}

impl IntoResponse for ProblemDocument {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = self.retry_after_s;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(u16::from(seconds)));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"thirdring\""),
            );
        }
        response
    }
}
