//! Customers who are asked later how it was (R219): a campaign is a list of calls to be called back, with
//! so many of each agent's, drawn by a seed so that anybody can draw it again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::engine::{in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::{AgentId, CallId, EventId, LineId};
use crate::rules::{Timestamp, sample_rank};

const LONGEST_NAME: usize = 100;
/// Calls that a sample is drawn from, at most: the newest.
const CANDIDATES: i64 = 200_000;

/// A campaign as somebody begins it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignDraft {
    /// What it is called.
    pub name: String,
    /// Of this line's calls; `None`: of all.
    pub line: Option<LineId>,
    /// Of calls that arrived at this moment or later.
    pub from: Timestamp,
    /// Of calls that arrived before this moment.
    pub to: Timestamp,
    /// So many of each agent's.
    pub per_agent: u32,
    /// What the sample is drawn by.
    pub seed: i64,
    /// The highest score that there is.
    pub best: u8,
}

/// A campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Campaign {
    /// Its own id.
    pub id: EventId,
    /// What it was begun as.
    #[serde(skip)]
    pub draft: CampaignDraft,
    /// When.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// The calls that were drawn, in order.
    pub calls: Vec<CampaignCall>,
}

/// What came of calling somebody back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignResult {
    /// The customer gave a score.
    Answered,
    /// The customer did not want to say.
    Refused,
    /// The customer was not reached.
    NotReached,
}

impl CampaignResult {
    const ALL: [Self; 3] = [Self::Answered, Self::Refused, Self::NotReached];

    /// The word that rows use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::NotReached => "not_reached",
        }
    }
}

/// A call whose customer is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CampaignCall {
    /// Its place in the list, from 1.
    pub n: u32,
    /// Which call.
    pub call: CallId,
    /// Who answered it.
    pub agent: AgentId,
    /// What came of asking; `None`: nobody has asked.
    pub result: Option<CampaignResult>,
    /// The score.
    pub score: Option<u8>,
    /// When it was said.
    pub at: Option<Timestamp>,
    /// Who asked.
    pub by: Option<String>,
}

/// What customers said of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CampaignTally {
    /// So many are to be asked.
    pub drawn: u32,
    /// So many gave a score.
    pub answered: u32,
    /// The scores together.
    pub score_sum: u32,
}

impl Campaign {
    /// What customers said, of each agent.
    pub fn tally(&self) -> BTreeMap<AgentId, CampaignTally> {
        let mut agents = BTreeMap::<AgentId, CampaignTally>::new();
        for call in &self.calls {
            let tally = agents.entry(call.agent.clone()).or_default();
            tally.drawn += 1;
            if let (Some(CampaignResult::Answered), Some(score)) = (call.result, call.score) {
                tally.answered += 1;
                tally.score_sum += u32::from(score);
            }
        }
        agents
    }
}

impl Store {
    /// Begins a campaign: the sample is drawn now. Whoever withheld the number or wants to stay unknown
    /// is not asked, and nobody twice.
    ///
    /// # Errors
    ///
    /// [`Error::Unregistrable`]; or if the database fails.
    pub async fn begin_campaign(
        &self,
        draft: &CampaignDraft,
        by: &str,
        at: Timestamp,
    ) -> Result<Campaign> {
        let name = draft.name.trim().replace('\0', "");
        let is_named = !name.is_empty() && name.chars().count() <= LONGEST_NAME;
        let fits = (1..=1_000).contains(&draft.per_agent) && draft.from < draft.to;
        if !is_named || !fits || !(2..=10).contains(&draft.best) {
            return Err(Error::Unregistrable(
                "a name, a span of time, 1 to 1,000 calls of each agent, and scores up to 2 to 10",
            ));
        }
        let sample = self.draw(draft).await?;
        let id = EventId::mint(at, &mut rand::rng());
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into campaigns (id, name, line, from_at, to_at, per_agent, seed, best,
                     created_at, created_by)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(id.0)
            .bind(&name)
            .bind(draft.line.as_ref().map(|line| line.0.as_str()))
            .bind(draft.from.0)
            .bind(draft.to.0)
            .bind(i64::from(draft.per_agent))
            .bind(draft.seed)
            .bind(i64::from(draft.best))
            .bind(at.0)
            .bind(by)
            .execute(&mut *connection)
            .await?;
            for (n, (call, agent)) in (1_i64..).zip(&sample) {
                sqlx::query(
                    "insert into campaign_calls (campaign_id, n, call_id, agent)
                     values ($1, $2, $3, $4)",
                )
                .bind(id.0)
                .bind(n)
                .bind(call.0)
                .bind(&agent.0)
                .execute(&mut *connection)
                .await?;
            }
        });
        let detail = format!("campaign {id}, seed {}", draft.seed);
        let entry = AuditEntry::of_account("campaign.begin", by, detail, at);
        audit::write(&mut tx, &entry).await?;
        tx.commit().await?;
        self.campaign(id).await
    }

    /// The sample, in the order that the seed gives.
    async fn draw(&self, draft: &CampaignDraft) -> Result<Vec<(CallId, AgentId)>> {
        let rows: Vec<(Uuid, String, String)> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select calls.id, calls.answered_by, coalesce(parties.e164, parties.number)
                 from calls join parties on parties.id = calls.caller
                 where calls.arrived_at >= $1 and calls.arrived_at < $2
                     and calls.direction = 'in' and calls.answered_by is not null
                     and calls.ended_at is not null and not calls.withheld and not calls.anonymous
                     and ($3 is null or calls.line = $3)
                 order by calls.arrived_at desc limit $4",
            )
            .bind(draft.from.0)
            .bind(draft.to.0)
            .bind(draft.line.as_ref().map(|line| line.0.as_str()))
            .bind(CANDIDATES)
            .fetch_all(pool)
            .await?
        });
        let ranked = rows
            .into_iter()
            .map(|row| (sample_rank(draft.seed, row.0.as_u128()), row));
        let ranked: BTreeMap<_, _> = ranked.collect();
        let (mut of_agent, mut asked) = (BTreeMap::<String, u32>::new(), BTreeSet::new());
        let mut sample = Vec::new();
        for (call, agent, number) in ranked.into_values() {
            let count = of_agent.entry(agent.clone()).or_default();
            if *count < draft.per_agent && asked.insert(number) {
                *count += 1;
                sample.push((CallId(call), AgentId(agent)));
            }
        }
        Ok(sample)
    }

    /// One campaign.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRecord`]; or if the database fails.
    pub async fn campaign(&self, id: EventId) -> Result<Campaign> {
        let row: Option<CampaignRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from campaigns where id = $1")
                .bind(id.0)
                .fetch_optional(pool)
                .await?
        });
        let mut campaign = Campaign::from(row.ok_or(Error::NoSuchRecord(id.0))?);
        let calls: Vec<CallRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from campaign_calls where campaign_id = $1 order by n")
                .bind(id.0)
                .fetch_all(pool)
                .await?
        });
        campaign.calls = calls.into_iter().map(CampaignCall::from).collect();
        Ok(campaign)
    }

    /// Campaigns, the newest first, without their calls; at most `limit`, from before `before`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn campaigns(&self, before: Option<EventId>, limit: u32) -> Result<Vec<Campaign>> {
        let rows: Vec<CampaignRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from campaigns where id < $1 order by id desc limit $2")
                .bind(before.map_or_else(Uuid::max, |before| before.0))
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(Campaign::from).collect())
    }

    /// What came of asking a customer of the list; a score where there is an answer, and no other time.
    /// The last word counts.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRecord`], [`Error::Unregistrable`]; or if the database fails.
    pub async fn answer_campaign(
        &self,
        id: EventId,
        n: u32,
        (result, score): (CampaignResult, Option<u8>),
        by: &str,
        at: Timestamp,
    ) -> Result<CampaignCall> {
        let best = self.campaign(id).await?.draft.best;
        let fits = match result {
            CampaignResult::Answered => score.is_some_and(|score| (1..=best).contains(&score)),
            CampaignResult::Refused | CampaignResult::NotReached => score.is_none(),
        };
        if !fits {
            return Err(Error::Unregistrable(
                "a score of the scale where, and only where, there is one",
            ));
        }
        let mut tx = self.engine.begin().await?;
        let row: Option<CallRow> = in_tx!(&mut tx, connection => {
            sqlx::query_as(
                "update campaign_calls set result = $3, score = $4, answered_at = $5, asked_by = $6
                 where campaign_id = $1 and n = $2 returning *",
            )
            .bind(id.0)
            .bind(i64::from(n))
            .bind(result.as_str())
            .bind(score.map(i64::from))
            .bind(at.0)
            .bind(by)
            .fetch_optional(connection)
            .await?
        });
        let call = CampaignCall::from(row.ok_or(Error::NoSuchRecord(id.0))?);
        let detail = format!("campaign {id}, {n}: {}", result.as_str());
        let mut entry = AuditEntry::of_account("campaign.answer", by, detail, at);
        entry.call = Some(call.call);
        audit::write(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(call)
    }
}

#[derive(sqlx::FromRow)]
struct CampaignRow {
    id: Uuid,
    name: String,
    line: Option<String>,
    from_at: i64,
    to_at: i64,
    per_agent: i64,
    seed: i64,
    best: i64,
    created_at: i64,
    created_by: String,
}

impl From<CampaignRow> for Campaign {
    fn from(row: CampaignRow) -> Self {
        Self {
            id: EventId(row.id),
            draft: CampaignDraft {
                name: row.name,
                line: row.line.map(LineId),
                from: Timestamp(row.from_at),
                to: Timestamp(row.to_at),
                per_agent: u32::try_from(row.per_agent).unwrap_or(u32::MAX),
                seed: row.seed,
                best: u8::try_from(row.best).unwrap_or(u8::MAX),
            },
            created_at: Timestamp(row.created_at),
            created_by: row.created_by,
            calls: Vec::new(),
        }
    }
}

#[derive(sqlx::FromRow)]
struct CallRow {
    n: i64,
    call_id: Uuid,
    agent: String,
    result: Option<String>,
    score: Option<i64>,
    answered_at: Option<i64>,
    asked_by: Option<String>,
}

impl From<CallRow> for CampaignCall {
    fn from(row: CallRow) -> Self {
        let mut results = CampaignResult::ALL.into_iter();
        Self {
            n: u32::try_from(row.n).unwrap_or(u32::MAX),
            call: CallId(row.call_id),
            agent: AgentId(row.agent),
            result: results.find(|known| Some(known.as_str()) == row.result.as_deref()),
            score: row.score.and_then(|score| u8::try_from(score).ok()),
            at: row.answered_at.map(Timestamp),
            by: row.asked_by,
        }
    }
}
