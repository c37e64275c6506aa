//! The log of calls as a sheet, for those who may take it out (R081, R232).

use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use jiff::tz::TimeZone;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

use super::call_list::CallSelection;
use super::caller::Caller;
use super::calls::reason;
use super::extract::Body;
use super::{Api, ProblemDocument};
use crate::export::{Format, Reader, Sheet};
use crate::rules::policy::{Action, Object};
use crate::store::AuditEntry;

/// Pieces that wait for whoever reads.
const PIECES: usize = 2;

/// What is taken out, how, and what for.
#[derive(Deserialize, ToSchema)]
pub(super) struct CallExport {
    /// `csv` or `json`.
    #[serde(default)]
    format: ExportFormat,
    /// What for; it stands in the audit.
    #[schema(example = "monthly report")]
    reason: String,
    /// With telephone numbers in full, for those who may see everybody's.
    #[serde(default)]
    numbers: bool,
    /// Which calls; all of them if nothing is said.
    #[serde(default)]
    filter: CallSelection,
}

/// In what form.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ExportFormat {
    /// Comma-separated values.
    #[default]
    Csv,
    /// An array of objects.
    Json,
}

/// Take the log of calls out
///
/// The audit row is durable before the first byte. Calls are in the order of the list.
#[utoipa::path(post, path = "/api/v1/calls/export", tag = "calls", request_body = CallExport,
    responses((status = OK, description = "The sheet",
        content((String = "text/csv"), (Object = "application/json")))))]
pub(super) async fn export(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<CallExport>,
) -> Result<Response, ProblemDocument> {
    let reason = reason(&asked.reason)?;
    if asked.numbers || asked.filter.names_number() {
        caller.may(Action::RevealNumber, Object::Foreign)?;
    }
    let (format, kind, name) = match asked.format {
        ExportFormat::Csv => (Format::Csv, "text/csv", "calls.csv"),
        ExportFormat::Json => (Format::Json, "application/json", "calls.json"),
    };
    let numbers = if asked.numbers { "in full" } else { "masked" };
    let filter = asked.filter.into_filter(&api, None)?;
    let detail = format!("{name}, numbers {numbers}, {}", told(&filter));
    let mut entry = AuditEntry::of_account("calls.export", &caller.name, detail, api.now());
    reason.clone_into(&mut entry.purpose);
    let reader = Reader {
        zone: zone(&api),
        sees_numbers: asked.numbers,
    };
    let mut sheet = Sheet::new(api.store.clone(), filter, format, reader);
    // What cannot be read at all is an error, and no half an answer.
    api.store.audit(&entry).await?;
    let first = sheet.next().await?;
    let (sender, receiver) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        let mut next = Ok(first);
        while let Ok(Some(piece)) = next {
            if sender.send(Ok(piece)).await.is_err() {
                return;
            }
            next = sheet.next().await;
        }
        if let Err(error) = next {
            tracing::error!(%error, "the log of calls breaks off for whoever takes it out");
            let broken = std::io::Error::other("the log of calls breaks off");
            let _ = sender.send(Err(broken)).await;
        }
    });
    let mut response = Response::new(Bytes::from_stream(ReceiverStream::new(receiver)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = format!("attachment; filename=\"{name}\"").try_into() {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// What the audit says of the selection; a number that is looked for is not written down.
fn told(filter: &crate::store::CallFilter) -> String {
    let time = |at: Option<crate::rules::Timestamp>| {
        at.map_or_else(|| "…".to_owned(), |at| at.to_string())
    };
    let line = filter
        .line
        .as_ref()
        .map_or("all lines", |line| line.0.as_str());
    format!("{line}, from {} to {}", time(filter.from), time(filter.to))
}

/// The site's zone: every line has it.
fn zone(api: &Api) -> TimeZone {
    let desk = api.store.desk().unwrap_or_default();
    let rules = desk.lines.values().next();
    let zone = rules.and_then(|rules| TimeZone::get(&rules.script.time_zone).ok());
    zone.unwrap_or(TimeZone::UTC)
}
