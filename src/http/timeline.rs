//! What happened to a call, on one axis: what a player draws beside the waveform.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{PartyView, time};
use super::caller::Caller;
use super::extract::Place;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::call::event::{Side, TransferTarget};
use crate::call::timeline::{How, Span, Timeline, What};
use crate::rules::policy::Action;
use crate::store::StoredCall;

/// A call on one axis: milliseconds since it arrived, by a clock that does not jump.
#[derive(Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(super) struct TimelineView {
    /// Where the axis begins: when the call arrived.
    #[schema(format = DateTime)]
    arrived_at: String,
    /// Where it ends; absent while the call goes on.
    ended_ms: Option<u64>,
    /// Where second 0 of the recording is; absent if there is none.
    recording_from_ms: Option<u64>,
    /// How long the recording is; absent until it is sealed.
    recording_ms: Option<u64>,
    /// Everything that happened, by its beginning.
    spans: Vec<SpanView>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = Span)]
struct SpanView {
    /// What: `arrival`, `ring`, `target_missed`, `queue`, `attempt`, `prompt`, `menu`, `notice`,
    /// `announcement`, `message`, `survey`, `connected`, `answer`, `talk`, `hold`, `mute`,
    /// `consult`, `three_way`, `park`, `transfer`, `taken_over`, `supervision`, `hand_raised`,
    /// `escalated`, `emergency`, `quality_offered`, `passed_on_often`, `private`, `stage_long`,
    /// `silence_warned`, `silence`, `recording_off`, `gap`, `hang_up` or `end`.
    #[schema(value_type = String)]
    what: What,
    /// When it began.
    #[schema(format = DateTime)]
    at: String,
    /// Where it begins.
    from_ms: u64,
    /// Where it ends: where it begins, of what lasts no time; absent while it lasts.
    to_ms: Option<u64>,
    /// Where it begins in the recording; absent if that is before it or after it.
    recording_from_ms: Option<u64>,
    /// Where it ends in the recording; absent if none of it is there.
    recording_to_ms: Option<u64>,
    /// Which of its kind: the ring, the attempt, the transfer, the consultation.
    n: Option<u32>,
    /// On which side: `caller` or `agent`.
    #[schema(value_type = Option<String>)]
    side: Option<Side>,
    /// Who did it: an agent's extension, a user's name, `system`.
    who: Option<String>,
    /// The agent it was done to.
    to_agent: Option<String>,
    /// The line it was done to.
    to_line: Option<String>,
    /// The outside number it was done to.
    to_number: Option<PartyView>,
    /// What came of it, or how it was done: a word of that thing's own (`ring_no_answer` of an
    /// attempt, `lost` of a gap, `whisper` of a supervision ...).
    #[schema(value_type = Option<String>)]
    how: Option<How>,
}

/// What happened to a call, on one axis
///
/// Stretches and points, with where each is on the recording.
#[utoipa::path(get, path = "/api/v1/calls/{id}/timeline", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = TimelineView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<TimelineView>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let line = Timeline::of(&detail.events);
    Ok(Json(TimelineView::of(&line, &detail.call)))
}

impl TimelineView {
    fn of(line: &Timeline, call: &StoredCall) -> Self {
        let recording = call.record.recording.as_ref();
        let axis = Axis {
            from_us: line.recording_from_us,
            length_ms: recording.map(|file| file.duration_ms),
        };
        let spans = line.spans.iter();
        Self {
            arrived_at: time(call.record.arrived_at),
            ended_ms: line.ended_us.map(|end| end / 1000),
            recording_from_ms: line.recording_from_us.map(|from| from / 1000),
            recording_ms: axis.length_ms,
            spans: spans.map(|span| SpanView::of(span, axis, call)).collect(),
        }
    }
}

/// Where the recording is on the call's axis.
#[derive(Clone, Copy)]
struct Axis {
    from_us: Option<u64>,
    length_ms: Option<u64>,
}

impl Axis {
    /// The part of a stretch that is on the recording, in milliseconds of it.
    fn part(self, span: &Span) -> Option<(u64, Option<u64>)> {
        let zero = self.from_us?;
        // What was over before the recording began is not on it.
        if span.from_us < zero && span.to_us.is_some_and(|to| to <= zero) {
            return None;
        }
        let from = span.from_us.saturating_sub(zero) / 1000;
        let length = self.length_ms.unwrap_or(u64::MAX);
        let to = span.to_us.map(|to| to.saturating_sub(zero) / 1000);
        (from <= length).then(|| (from, to.map(|to| to.min(length))))
    }
}

impl SpanView {
    fn of(span: &Span, axis: Axis, call: &StoredCall) -> Self {
        let part = axis.part(span);
        let (mut to_agent, mut to_line, mut to_number) = (None, None, None);
        match &span.whom {
            Some(TransferTarget::Agent(agent)) => to_agent = Some(agent.to_string()),
            Some(TransferTarget::Line(line)) => to_line = Some(line.to_string()),
            Some(TransferTarget::Number(party)) => {
                to_number = call.parties.get(party).map(PartyView::of);
            }
            None => {}
        }
        let at = call
            .record
            .arrived_at
            .plus(Duration::from_micros(span.from_us));
        Self {
            what: span.what,
            at: time(at),
            from_ms: span.from_us / 1000,
            to_ms: span.to_us.map(|to| to / 1000),
            recording_from_ms: part.map(|(from, _)| from),
            recording_to_ms: part.and_then(|(_, to)| to),
            n: span.n,
            side: span.side,
            who: span.who.clone(),
            to_agent,
            to_line,
            to_number,
            how: span.how,
        }
    }
}
