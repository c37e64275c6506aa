//! What came of a call after it: incidents that were reported in it (R120), the report that calls its
//! matter major (R110), and what its customer said when asked later how it was (R219).

use serde::Serialize;

use super::engine::on_readers;
use super::{Incident, Result, Store, TopicReport};
use crate::id::CallId;
use crate::rules::Timestamp;

/// All of it; nothing, for most calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sequel {
    /// The one reported first before the others.
    pub incidents: Vec<Incident>,
    /// Somebody called it major.
    pub major: Option<TopicReport>,
    /// In campaigns, the first answer before the others.
    pub asked: Vec<AskedLater>,
}

/// Campaign, result, score and the highest one, when, and who asked.
type AskedRow = (String, String, Option<i64>, i64, i64, Option<String>);

/// What a customer said in a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AskedLater {
    /// The campaign's name.
    pub campaign: String,
    /// `answered`, `refused` or `not_reached`.
    pub result: String,
    /// The score.
    pub score: Option<i64>,
    /// The highest score that there is.
    pub best: i64,
    /// When.
    pub at: Timestamp,
    /// Who asked.
    pub by: Option<String>,
}

impl Store {
    /// What came of a call.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn sequel(&self, call: CallId) -> Result<Sequel> {
        Ok(Sequel {
            incidents: self.incidents_in(call).await?,
            major: self.major_report(call).await?,
            asked: self.asked_later(call).await?,
        })
    }

    async fn asked_later(&self, call: CallId) -> Result<Vec<AskedLater>> {
        let rows: Vec<AskedRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select campaigns.name, result, score, best, answered_at, asked_by
                 from campaign_calls join campaigns on campaigns.id = campaign_id
                 where call_id = $1 and result is not null and answered_at is not null
                 order by answered_at, campaign_id",
            )
            .bind(call.0)
            .fetch_all(pool)
            .await?
        });
        let asked = rows.into_iter().map(|row| AskedLater {
            campaign: row.0,
            result: row.1,
            score: row.2,
            best: row.3,
            at: Timestamp(row.4),
            by: row.5,
        });
        Ok(asked.collect())
    }
}
