//! Customers who are asked later how it was (R219).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{When, time};
use super::caller::Caller;
use super::calls::storable;
use super::extract::{Body, Params, Place};
use super::page::{Limit, Page};
use super::{Api, ProblemDocument};
use crate::id::{EventId, LineId};
use crate::rules::policy::{Action, Object};
use crate::store::{Campaign, CampaignCall, CampaignDraft, CampaignResult, CampaignTally};

/// A campaign.
#[derive(Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(super) struct CampaignView {
    /// Its own id.
    id: Uuid,
    /// What it is called.
    name: String,
    /// Of this line's calls; absent: of all.
    line: Option<String>,
    /// Of calls that arrived at this moment or later.
    #[schema(format = DateTime)]
    from: String,
    /// Of calls that arrived before this moment.
    #[schema(format = DateTime)]
    to: String,
    /// So many of each agent's.
    per_agent: u32,
    /// What the sample was drawn by: the same seed draws the same calls.
    seed: i64,
    /// The highest score that there is.
    best: u8,
    /// When it was begun.
    #[schema(format = DateTime)]
    created_at: String,
    /// By whom.
    created_by: String,
}

impl From<&Campaign> for CampaignView {
    fn from(campaign: &Campaign) -> Self {
        let draft = &campaign.draft;
        Self {
            id: campaign.id.0,
            name: draft.name.clone(),
            line: draft.line.as_ref().map(ToString::to_string),
            from: time(draft.from),
            to: time(draft.to),
            per_agent: draft.per_agent,
            seed: draft.seed,
            best: draft.best,
            created_at: time(campaign.created_at),
            created_by: campaign.created_by.clone(),
        }
    }
}

/// A campaign, with its list and what came of it.
#[derive(Serialize, ToSchema)]
#[schema(as = CampaignDetail)]
pub(super) struct CampaignDetailView {
    #[serde(flatten)]
    campaign: CampaignView,
    /// Where the satisfaction comes from: `callback`.
    source: &'static str,
    /// All agents together.
    total: TallyView,
    /// Each agent.
    agents: Vec<AgentTallyView>,
    /// Who is to be called back, in order.
    calls: Vec<CampaignCallView>,
}

/// What customers said.
#[derive(Serialize, ToSchema)]
#[schema(as = CampaignTally)]
struct TallyView {
    /// So many are to be asked.
    drawn: u32,
    /// So many gave a score.
    answered: u32,
    /// The share of them, from 0 to 1; absent where there is nobody to be asked.
    response_rate: Option<f64>,
    /// The mean of the scores; absent where there is none.
    mean_score: Option<f64>,
}

impl From<CampaignTally> for TallyView {
    fn from(tally: CampaignTally) -> Self {
        let share = |of: u32, all: u32| (all > 0).then(|| f64::from(of) / f64::from(all));
        Self {
            drawn: tally.drawn,
            answered: tally.answered,
            response_rate: share(tally.answered, tally.drawn),
            mean_score: share(tally.score_sum, tally.answered),
        }
    }
}

/// What customers said of an agent.
#[derive(Serialize, ToSchema)]
#[schema(as = CampaignAgent)]
struct AgentTallyView {
    /// The agent.
    agent: String,
    #[serde(flatten)]
    tally: TallyView,
}

/// A call whose customer is asked.
#[derive(Serialize, ToSchema)]
#[schema(as = CampaignCall)]
pub(super) struct CampaignCallView {
    /// Its place in the list, from 1.
    n: u32,
    /// Which call: its number is revealed by the call's own route.
    call: Uuid,
    /// Who answered it.
    agent: String,
    /// `answered`, `refused` or `not_reached`; absent: nobody has asked.
    #[schema(value_type = Option<String>)]
    result: Option<CampaignResult>,
    /// The score.
    score: Option<u8>,
    /// When it was said.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Who asked.
    by: Option<String>,
}

impl From<CampaignCall> for CampaignCallView {
    fn from(call: CampaignCall) -> Self {
        Self {
            n: call.n,
            call: call.call.0,
            agent: call.agent.0,
            result: call.result,
            score: call.score,
            at: call.at.map(time),
            by: call.by,
        }
    }
}

/// What a campaign asks about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCampaign {
    /// What it is called.
    name: String,
    /// Of this line's calls; of all if nothing is said.
    #[serde(default)]
    line: Option<String>,
    /// Of calls that arrived at this moment or later, RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    from: When,
    /// Of calls that arrived before this moment, RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    to: When,
    /// So many of each agent's, 1 to 1,000.
    #[schema(minimum = 1, maximum = 1000)]
    per_agent: u32,
    /// What the sample is drawn by; a new one if nothing is said.
    #[serde(default)]
    seed: Option<i64>,
    /// The highest score that there is, 2 to 10; 5 if nothing is said.
    #[serde(default)]
    #[schema(minimum = 2, maximum = 10)]
    best: Option<u8>,
}

/// Begin a campaign: who is to be called back is drawn now
///
/// Answered calls from outside, so many of each agent's, by a seed that is kept: who has it draws the same
/// calls. Whoever withheld the number or wants to stay unknown is not asked, and nobody twice.
#[utoipa::path(post, path = "/api/v1/campaigns", tag = "campaigns", request_body = NewCampaign,
    responses((status = CREATED, body = CampaignDetailView)))]
pub(super) async fn begin(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<NewCampaign>,
) -> Result<(StatusCode, Json<CampaignDetailView>), ProblemDocument> {
    let draft = CampaignDraft {
        name: asked.name,
        line: asked.line.map(|line| LineId(storable(&line))),
        from: asked.from.0,
        to: asked.to.0,
        per_agent: asked.per_agent,
        seed: asked.seed.unwrap_or_else(rand::random),
        best: asked.best.unwrap_or(5),
    };
    let begun = api.store.begin_campaign(&draft, &caller.name, api.now());
    Ok((StatusCode::CREATED, Json(detail(begun.await?))))
}

fn detail(campaign: Campaign) -> CampaignDetailView {
    let agents = campaign.tally();
    let mut total = CampaignTally::default();
    for tally in agents.values() {
        total.drawn += tally.drawn;
        total.answered += tally.answered;
        total.score_sum += tally.score_sum;
    }
    let of_agents = agents.into_iter().map(|(agent, tally)| AgentTallyView {
        agent: agent.0,
        tally: tally.into(),
    });
    CampaignDetailView {
        campaign: CampaignView::from(&campaign),
        source: "callback",
        total: total.into(),
        agents: of_agents.collect(),
        calls: campaign.calls.into_iter().map(Into::into).collect(),
    }
}

/// Which part of a list.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CampaignQuery {
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only those after this campaign in the list: `next` of the page before.
    after: Option<Uuid>,
}

/// Campaigns, the newest first
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "campaigns", params(CampaignQuery),
    responses((status = OK, body = Page<CampaignView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    Params(query): Params<CampaignQuery>,
) -> Result<Json<Page<CampaignView>>, ProblemDocument> {
    let before = query.after.map(EventId);
    let campaigns = api.store.campaigns(before, query.limit.with_next());
    let page = Page::of(campaigns.await?, query.limit, |it| it.id.to_string());
    Ok(Json(Page {
        items: page.items.iter().map(CampaignView::from).collect(),
        next: page.next,
    }))
}

/// One campaign: its list, the share of those who answered, and the mean score of each agent
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", tag = "campaigns",
    params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = OK, body = CampaignDetailView)))]
pub(super) async fn show(
    State(api): State<Api>,
    Place(id): Place<Uuid>,
) -> Result<Json<CampaignDetailView>, ProblemDocument> {
    Ok(Json(detail(api.store.campaign(EventId(id)).await?)))
}

/// What a customer said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    /// The place in the list.
    n: u32,
    /// `answered`, `refused` or `not_reached`.
    #[schema(value_type = String)]
    result: CampaignResult,
    /// The score, where there is an answer: from 1 to the highest.
    #[serde(default)]
    score: Option<u8>,
}

/// Say what came of calling somebody back
///
/// Nobody says it of his own calls. The last word counts.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/answers", tag = "campaigns",
    request_body = Answer,
    params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = OK, body = CampaignCallView)))]
pub(super) async fn answer(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(said): Body<Answer>,
) -> Result<Json<CampaignCallView>, ProblemDocument> {
    caller.may(Action::WriteUpCall, Object::Foreign)?;
    let campaign = api.store.campaign(EventId(id)).await?;
    let call = campaign.calls.iter().find(|call| call.n == said.n);
    let call = call.ok_or_else(|| ProblemDocument::unfit("the list has no such place"))?;
    if caller.is(&call.agent) {
        let detail = "nobody asks how his own calls were";
        return Err(ProblemDocument::new(StatusCode::CONFLICT, detail).coded("own_call"));
    }
    let what = (said.result, said.score);
    let answered = api
        .store
        .answer_campaign(campaign.id, said.n, what, &caller.name, api.now());
    Ok(Json(answered.await?.into()))
}
