//! Reports of incidents (R120): each is escalated as it is written, with when and to whom, and again
//! as often as it takes. Nothing is written over but the text, which can be erased with its caller.

use serde::Serialize;
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::engine::{Tx, in_tx, on_readers};
use super::{Error, Result, Store, outbox};
use crate::id::{CallId, EventId};
use crate::rules::{IncidentKind, Role, Timestamp, WebhookKind};

const LONGEST_TEXT: usize = 4_000;

/// An incident as somebody reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentDraft {
    /// What has happened.
    pub kind: IncidentKind,
    /// In which call, if it was in one.
    pub call: Option<CallId>,
    /// What there is to say of it.
    pub text: String,
    /// Who is to hear of it.
    pub to: Role,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// Its own id.
    pub id: EventId,
    /// What has happened.
    pub kind: IncidentKind,
    /// In which call.
    pub call: Option<CallId>,
    /// What there is to say of it; `None` if erased.
    pub text: Option<String>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// By whom.
    pub reported_by: String,
    /// Who was told of it last.
    pub recipient: Role,
    /// When.
    pub escalated_at: Timestamp,
    /// When one of those said that they know.
    pub acknowledged_at: Option<Timestamp>,
    /// Who.
    pub acknowledged_by: Option<String>,
}

/// What was done about an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentStep {
    /// From 1.
    pub n: u32,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// `escalated` or `acknowledged`.
    pub action: String,
    /// To whom it was escalated.
    pub recipient: Option<Role>,
    /// In that person's words; `None` if erased.
    pub remark: Option<String>,
}

/// Which incidents a list is of.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    /// Reported by this person.
    pub reported_by: Option<String>,
    /// That nobody has acknowledged.
    pub open: bool,
    /// Only what comes after this one in the list: the last one of the page before.
    pub after: Option<(Timestamp, EventId)>,
    /// At most so many.
    pub limit: u32,
}

/// The words that rows use.
const ESCALATED: &str = "escalated";
const ACKNOWLEDGED: &str = "acknowledged";

const COLUMNS: &str = "id, kind, call_id, text, reported_at, reported_by, recipient, escalated_at, \
     acknowledged_at, acknowledged_by";

impl Store {
    /// Writes an incident down, escalated to whoever is to hear of it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`], [`Error::Unregistrable`]; or if the database fails.
    pub async fn report_incident(
        &self,
        draft: &IncidentDraft,
        by: &str,
        at: Timestamp,
    ) -> Result<Incident> {
        let text = checked(&draft.text)?;
        if text.is_empty() {
            return Err(Error::Unregistrable("what has happened, in words"));
        }
        let id = EventId::mint(at, &mut rand::rng());
        let mut tx = self.engine.begin().await?;
        if let Some(call) = draft.call {
            known(&mut tx, call).await?;
        }
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into incidents (id, kind, call_id, text, reported_at, reported_by,
                     recipient, escalated_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $5)",
            )
            .bind(id.0)
            .bind(draft.kind.as_str())
            .bind(draft.call.map(|call| call.0))
            .bind(&text)
            .bind(at.0)
            .bind(by)
            .bind(draft.to.as_str())
            .execute(connection)
            .await?;
        });
        let step = Step {
            action: ESCALATED,
            recipient: Some(draft.to),
            remark: None,
        };
        self.step_of_incident(&mut tx, id, draft.call, &step, by, at)
            .await?;
        tx.commit().await?;
        Ok(self.incident(id).await?.0)
    }

    /// Passes an incident on to somebody else who leads.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRecord`], [`Error::TooLong`]; or if the database fails.
    pub async fn escalate_incident(
        &self,
        id: EventId,
        to: Role,
        remark: Option<&str>,
        by: &str,
        at: Timestamp,
    ) -> Result<Incident> {
        let known = self.incident(id).await?.0;
        let remark = remark.map(checked).transpose()?;
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "update incidents set recipient = $2, escalated_at = $3, acknowledged_at = null,
                     acknowledged_by = null
                 where id = $1",
            )
            .bind(id.0)
            .bind(to.as_str())
            .bind(at.0)
            .execute(connection)
            .await?;
        });
        let step = Step {
            action: ESCALATED,
            recipient: Some(to),
            remark,
        };
        self.step_of_incident(&mut tx, id, known.call, &step, by, at)
            .await?;
        tx.commit().await?;
        Ok(self.incident(id).await?.0)
    }

    /// One of those who lead knows of it; the first counts.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRecord`], [`Error::TooLong`]; or if the database fails.
    pub async fn acknowledge_incident(
        &self,
        id: EventId,
        remark: Option<&str>,
        by: &str,
        at: Timestamp,
    ) -> Result<Incident> {
        let known = self.incident(id).await?.0;
        let remark = remark.map(checked).transpose()?;
        let mut tx = self.engine.begin().await?;
        let is_first = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update incidents set acknowledged_at = $2, acknowledged_by = $3
                 where id = $1 and acknowledged_at is null",
            )
            .bind(id.0)
            .bind(at.0)
            .bind(by)
            .execute(connection)
            .await?
            .rows_affected()
        });
        if is_first > 0 || remark.is_some() {
            let step = Step {
                action: ACKNOWLEDGED,
                recipient: None,
                remark,
            };
            self.step_of_incident(&mut tx, id, known.call, &step, by, at)
                .await?;
        }
        tx.commit().await?;
        Ok(self.incident(id).await?.0)
    }

    /// One incident, with what was done about it, in order.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRecord`]; or if the database fails.
    pub async fn incident(&self, id: EventId) -> Result<(Incident, Vec<IncidentStep>)> {
        let sql = format!("select {COLUMNS} from incidents where id = $1");
        let row: Option<IncidentRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id.0).fetch_optional(pool).await?
        });
        let incident = row.and_then(IncidentRow::read);
        let incident = incident.ok_or(Error::NoSuchRecord(id.0))?;
        let steps: Vec<StepRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select n, at, actor, action, recipient, remark from incident_steps
                 where incident_id = $1 order by n",
            )
            .bind(id.0)
            .fetch_all(pool)
            .await?
        });
        Ok((incident, steps.into_iter().map(Into::into).collect()))
    }

    /// Those that were reported in a call, the first before the others.
    pub(super) async fn incidents_in(&self, call: CallId) -> Result<Vec<Incident>> {
        let sql =
            format!("select {COLUMNS} from incidents where call_id = $1 order by reported_at, id");
        let rows: Vec<IncidentRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(call.0).fetch_all(pool).await?
        });
        Ok(rows.into_iter().filter_map(IncidentRow::read).collect())
    }

    /// Incidents, the one reported first before the others.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn incidents(&self, filter: &IncidentFilter) -> Result<Vec<Incident>> {
        let (after, last) = filter.after.unzip();
        let sql = format!(
            "select {COLUMNS} from incidents
             where ($1 is null or reported_by = $1) and (not $2 or acknowledged_at is null)
                 and (reported_at, id) > ($3, $4)
             order by reported_at, id limit $5"
        );
        let rows: Vec<IncidentRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(filter.reported_by.as_deref())
                .bind(filter.open)
                .bind(after.map_or(i64::MIN, |after: Timestamp| after.0))
                .bind(last.map_or_else(Uuid::nil, |last: EventId| last.0))
                .bind(i64::from(filter.limit))
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().filter_map(IncidentRow::read).collect())
    }

    /// The step, its row of the audit, and what other programs are told.
    async fn step_of_incident(
        &self,
        tx: &mut Tx,
        id: EventId,
        call: Option<CallId>,
        step: &Step,
        by: &str,
        at: Timestamp,
    ) -> Result<()> {
        // Steps are numbered one after another: whoever writes one holds the incident until the end.
        in_tx!(&mut *tx, connection => {
            sqlx::query("update incidents set reported_at = reported_at where id = $1")
                .bind(id.0)
                .execute(connection)
                .await?;
        });
        in_tx!(&mut *tx, connection => {
            sqlx::query(
                "insert into incident_steps (incident_id, n, at, actor, action, recipient, remark)
                 values ($1,
                     (select coalesce(max(n), 0) + 1 from incident_steps where incident_id = $1),
                     $2, $3, $4, $5, $6)",
            )
            .bind(id.0)
            .bind(at.0)
            .bind(by)
            .bind(step.action)
            .bind(step.recipient.map(Role::as_str))
            .bind(&step.remark)
            .execute(connection)
            .await?;
        });
        let to = step.recipient.map_or("", Role::as_str);
        let detail = format!("incident {id}, {to}");
        let action = format!("incident.{}", step.action);
        let mut entry = AuditEntry::of_account(&action, by, detail, at);
        entry.call = call;
        audit::write(tx, &entry).await?;
        let is_told = self.desk().is_some_and(|desk| desk.has_webhooks);
        if is_told && step.action == ESCALATED {
            let data = serde_json::json!({ "incident": id, "to": to, "by": by });
            outbox::post(tx, WebhookKind::IncidentEscalated, call, data, at).await?;
        }
        Ok(())
    }
}

struct Step {
    action: &'static str,
    recipient: Option<Role>,
    remark: Option<String>,
}

/// A text as it is kept.
fn checked(text: &str) -> Result<String> {
    let text = text.trim().replace('\0', "");
    if text.chars().count() > LONGEST_TEXT {
        return Err(Error::TooLong {
            what: "what is said of an incident",
            most: LONGEST_TEXT,
        });
    }
    Ok(text)
}

/// # Errors
///
/// [`Error::UnknownCall`]; or if the database fails.
pub(super) async fn known(tx: &mut Tx, call: CallId) -> Result<()> {
    let known: Option<i64> = in_tx!(tx, connection => {
        sqlx::query_scalar("select arrived_at from calls where id = $1")
            .bind(call.0)
            .fetch_optional(connection)
            .await?
    });
    known.map(|_| ()).ok_or(Error::UnknownCall(call))
}

#[derive(sqlx::FromRow)]
struct IncidentRow {
    id: Uuid,
    kind: String,
    call_id: Option<Uuid>,
    text: Option<String>,
    reported_at: i64,
    reported_by: String,
    recipient: String,
    escalated_at: i64,
    acknowledged_at: Option<i64>,
    acknowledged_by: Option<String>,
}

impl IncidentRow {
    /// `None` for a kind that a later version of the service has.
    fn read(self) -> Option<Incident> {
        Some(Incident {
            id: EventId(self.id),
            kind: IncidentKind::read(&self.kind)?,
            call: self.call_id.map(CallId),
            text: self.text,
            reported_at: Timestamp(self.reported_at),
            reported_by: self.reported_by,
            recipient: self.recipient.parse().ok()?,
            escalated_at: Timestamp(self.escalated_at),
            acknowledged_at: self.acknowledged_at.map(Timestamp),
            acknowledged_by: self.acknowledged_by,
        })
    }
}

#[derive(sqlx::FromRow)]
struct StepRow {
    n: i64,
    at: i64,
    actor: String,
    action: String,
    recipient: Option<String>,
    remark: Option<String>,
}

impl From<StepRow> for IncidentStep {
    fn from(row: StepRow) -> Self {
        Self {
            n: u32::try_from(row.n).unwrap_or(u32::MAX),
            at: Timestamp(row.at),
            actor: row.actor,
            action: row.action,
            recipient: row.recipient.and_then(|role| role.parse().ok()),
            remark: row.remark,
        }
    }
}
