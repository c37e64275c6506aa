//! How the service itself is: its trunks, phones, disks, database, log and recordings, each with what
//! to do where it is not well. `/readyz` says whether calls can be taken; this says what to mend.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::call_view::time;
use super::desk::Soon;
use super::{Api, ProblemDocument};

/// How long it may take to look at everything.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whoever knows how the service is.
pub trait Vitals: Send + Sync + 'static {
    /// Looks at everything.
    fn signs(&self) -> Soon<'_, Vec<Sign>>;
}

/// How one part of the service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sign {
    /// What: `database`, `log`, `disk`, `trunk`, `phones`, `recorder`, `copies`, `listener`.
    pub part: &'static str,
    /// Which of its kind: a trunk's name, a folder's use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it is.
    pub condition: Condition,
    /// What there is to say of it: a word for programs, such as `database_away`; `well` if nothing.
    pub code: &'static str,
    /// What to do, in English; empty if nothing.
    pub advice: &'static str,
    /// What was measured, units in the names.
    pub figures: BTreeMap<&'static str, u64>,
}

/// How something is, the better the lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// As it should be.
    Well,
    /// Nobody knows yet.
    Unknown,
    /// It can go on like that for a while.
    Degraded,
    /// Something does not work.
    Failed,
}

impl Sign {
    /// A part that is as it should be.
    pub const fn well(part: &'static str) -> Self {
        Self {
            part,
            name: None,
            condition: Condition::Well,
            code: "well",
            advice: "",
            figures: BTreeMap::new(),
        }
    }

    /// Which of its kind.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// It is not well, and this is to be done.
    #[must_use]
    pub const fn ill(
        mut self,
        condition: Condition,
        code: &'static str,
        advice: &'static str,
    ) -> Self {
        (self.condition, self.code, self.advice) = (condition, code, advice);
        self
    }

    /// With something that was measured.
    #[must_use]
    pub fn with(mut self, figure: &'static str, value: u64) -> Self {
        self.figures.insert(figure, value);
        self
    }
}

/// How the service is.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthView {
    /// When it was looked.
    #[schema(format = DateTime)]
    at: String,
    /// The worst of all parts.
    condition: Condition,
    /// Every part.
    signs: Vec<Sign>,
}

/// How the service itself is, and what to do
#[utoipa::path(get, path = "/api/v1/health", tag = "service",
    responses((status = OK, body = HealthView)))]
pub(super) async fn show(State(api): State<Api>) -> Result<Json<HealthView>, ProblemDocument> {
    let signs = tokio::time::timeout(PATIENCE, api.vitals.signs()).await;
    let signs = signs.map_err(|_| ProblemDocument::away())?;
    let worst = signs.iter().map(|sign| sign.condition).max();
    Ok(Json(HealthView {
        at: time(api.now()),
        condition: worst.unwrap_or(Condition::Unknown),
        signs,
    }))
}
