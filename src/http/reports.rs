//! Reports to those who answer for the hotline (R110), and what is told of each as it is written.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::events::push;
use super::extract::{Body, Params, Place};
use super::frames::{Audience, Frames};
use super::page::{Limit, Page};
use super::report_text::ReportText;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::id::{CallId, EventId};
use crate::rules::Role;
use crate::rules::policy::Action;
use crate::store::{ReportCause, TopicReport};

/// A report.
#[derive(Serialize, ToSchema)]
#[schema(as = TopicReport)]
pub(super) struct ReportView {
    /// Its own id.
    id: Uuid,
    /// What it is about: the code of a purpose.
    topic: String,
    /// `count` (so many calls) or `major` (somebody says so).
    #[schema(value_type = String)]
    cause: ReportCause,
    /// When it was written.
    #[schema(format = DateTime)]
    at: String,
    /// Who called it major; `system` where there were so many.
    by: String,
    /// In that person's words.
    reason: Option<String>,
    /// From when on calls were counted.
    #[schema(format = DateTime)]
    from: String,
    /// How many calls there were.
    count: u32,
    /// The last of them.
    calls: Vec<Uuid>,
}

impl From<TopicReport> for ReportView {
    fn from(report: TopicReport) -> Self {
        Self {
            id: report.id.0,
            topic: report.topic,
            cause: report.cause,
            at: time(report.at),
            by: report.by,
            reason: report.reason,
            from: time(report.from),
            count: report.count,
            calls: report.calls.iter().map(|call| call.0).collect(),
        }
    }
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Major {
    /// Why it is a major matter: at most 1,000 characters.
    reason: String,
}

/// Say that a call is about a major matter
///
/// A report of it is written to those who answer for the hotline. A call has one: where it has one
/// already, that is the answer.
#[utoipa::path(post, path = "/api/v1/calls/{id}/major", tag = "calls", request_body = Major,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = CREATED, body = ReportView)))]
pub(super) async fn mark_major(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(said): Body<Major>,
) -> Result<(StatusCode, Json<ReportView>), ProblemDocument> {
    visible(&api, &caller, Action::WriteUpCall, id, Tie::Any).await?;
    let written = api
        .store
        .mark_major(CallId(id), &said.reason, &caller.name, api.now());
    Ok((StatusCode::CREATED, Json(written.await?.into())))
}

/// Which part of a list.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportQuery {
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only those after this report in the list: `next` of the page before.
    after: Option<Uuid>,
}

/// Reports, the newest first
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", params(ReportQuery),
    responses((status = OK, body = Page<ReportView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    Params(query): Params<ReportQuery>,
) -> Result<Json<Page<ReportView>>, ProblemDocument> {
    let before = query.after.map(EventId);
    let reports = api.store.topic_reports(before, query.limit.with_next());
    let page = Page::of(reports.await?, query.limit, |report| report.id.to_string());
    Ok(Json(Page {
        items: page.items.into_iter().map(ReportView::from).collect(),
        next: page.next,
    }))
}

/// One report
#[utoipa::path(get, path = "/api/v1/reports/{id}", tag = "reports",
    params(("id" = Uuid, Path, description = "The report")),
    responses((status = OK, body = ReportView)))]
pub(super) async fn show(
    State(api): State<Api>,
    Place(id): Place<Uuid>,
) -> Result<Json<ReportView>, ProblemDocument> {
    Ok(Json(api.store.topic_report(EventId(id)).await?.into()))
}

/// One report as Markdown
#[utoipa::path(get, path = "/api/v1/reports/{id}/markdown", tag = "reports",
    params(("id" = Uuid, Path, description = "The report")),
    responses((status = OK, content_type = "text/markdown", body = String)))]
pub(super) async fn markdown(
    State(api): State<Api>,
    Place(id): Place<Uuid>,
) -> Result<Response, ProblemDocument> {
    written(&api, id, "text/markdown; charset=utf-8", "md", |text| {
        text.markdown()
    })
    .await
}

/// One report as HTML
#[utoipa::path(get, path = "/api/v1/reports/{id}/html", tag = "reports",
    params(("id" = Uuid, Path, description = "The report")),
    responses((status = OK, content_type = "text/html", body = String)))]
pub(super) async fn html(
    State(api): State<Api>,
    Place(id): Place<Uuid>,
) -> Result<Response, ProblemDocument> {
    written(&api, id, "text/html; charset=utf-8", "html", |text| {
        text.html()
    })
    .await
}

async fn written(
    api: &Api,
    id: Uuid,
    media_type: &'static str,
    ending: &str,
    write: impl FnOnce(&ReportText<'_>) -> String,
) -> Result<Response, ProblemDocument> {
    let report = api.store.topic_report(EventId(id)).await?;
    let site = api.site();
    let names = site.lines.values().flat_map(|line| &line.purposes);
    let mut names = names.filter(|purpose| purpose.code == report.topic);
    let name = names
        .next()
        .map_or(report.topic.as_str(), |purpose| &purpose.name);
    let zone = TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC);
    let text = ReportText {
        report: &report,
        name,
        zone,
    };
    // To be saved, not to be shown as a page of ours.
    let disposition = format!("attachment; filename=\"report-{}.{ending}\"", report.id);
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, write(&text)).into_response())
}

/// Tells those who answer for the hotline of each report.
#[derive(Debug)]
pub(super) struct ReportNews {
    task: JoinHandle<()>,
}

impl Drop for ReportNews {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A report, as readers get it.
#[derive(Serialize)]
struct ReportFrame<'a> {
    report: Uuid,
    topic: &'a str,
    cause: ReportCause,
    count: u32,
}

impl ReportNews {
    pub(super) fn start(news: broadcast::Receiver<TopicReport>, frames: Arc<Frames>) -> Self {
        let task = tokio::spawn(follow(news, frames));
        Self { task }
    }
}

async fn follow(mut news: broadcast::Receiver<TopicReport>, frames: Arc<Frames>) {
    loop {
        let report = match news.recv().await {
            Ok(report) => report,
            // They are all in the list.
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        let text = ReportFrame {
            report: report.id.0,
            topic: &report.topic,
            cause: report.cause,
            count: report.count,
        };
        for role in [Role::Supervisor, Role::Manager] {
            push(&frames, "report", &text, Audience::Role(role));
        }
        frames.tell();
    }
}
