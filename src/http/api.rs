//! The routes of the API, and what every request to them passes.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::limit::RequestBodyLimitLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::login::{self, Backend, Sessions};
use super::{
    Api, ProblemDocument, account, agent_state, agents, audit, breaks, calendars, call_list,
    caller, calls, campaigns, chain, codes, commands, conduct, customers, deliveries, directory,
    emergency, events, export, find, forwards, guard, idempotency, incidents, known, lines,
    markers, matters, messages, openapi, phones, prompts, proxy, quality, recordings, relays,
    reports, scripts, session, setup, statistics, switches, tasks, throttle, timeline, tokens,
    trace, users, visits, vitals, wrap_up,
};
use crate::clock::Clock;
use crate::setup::LONGEST_PROMPT;

/// No body of the API's is larger.
const LARGEST_BODY: usize = 64 * 1024;

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(ProblemDocument)))]
struct Components;

/// All routes of the API, ready to serve.
pub(super) fn routes(api: &Api) -> Router {
    let (log_in, _) = log_in().split_for_parts();
    let (others, _) = others(api).split_for_parts();
    let (uploads, _) = uploads().split_for_parts();
    let uploads = uploads.with_state(api.clone());
    let small = RequestBodyLimitLayer::new(LARGEST_BODY);
    let log_in = throttle::tries_by_source(log_in.with_state(api.clone()));
    let backend = Backend::new(api.store.clone(), api.passwords.clone());
    let sessions = Sessions::new(api.store.clone(), Clock);
    let router = log_in
        .merge(others.with_state(api.clone()))
        .layer(small)
        .merge(uploads.layer(RequestBodyLimitLayer::new(LONGEST_PROMPT)))
        .route_layer(from_fn(guard::authorise))
        .layer(from_fn(guard::same_origin))
        .layer(from_fn_with_state(api.clone(), caller::recognise))
        .layer(login::layer(backend, sessions, api.is_secure))
        .layer(from_fn(guard::keep_cookie))
        .layer(from_fn(proxy::guard_cookie))
        .layer(DefaultBodyLimit::disable());
    throttle::by_source(router).layer(from_fn(guard::tidy))
}

/// The API's document, as JSON.
pub fn document(is_secure: bool) -> String {
    let mut document = Components::openapi();
    document.merge(log_in().into_openapi());
    document.merge(others_documented().into_openapi());
    document.merge(uploads().into_openapi());
    openapi::complete(&mut document, is_secure);
    document.to_pretty_json().unwrap_or_default()
}

fn log_in() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(session::log_in))
}

/// What brings more than a few words along.
fn uploads() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(prompts::put, prompts::remove))
}

fn others(api: &Api) -> OpenApiRouter<Api> {
    let commands = commands().route_layer(from_fn_with_state(api.clone(), idempotency::once));
    reads().merge(commands)
}

fn others_documented() -> OpenApiRouter<Api> {
    reads().merge(commands())
}

/// What carries something out, once for each `Idempotency-Key`.
fn commands() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(commands::talk))
        .routes(routes!(commands::hold))
        .routes(routes!(commands::record))
        .routes(routes!(commands::release))
        .routes(routes!(agent_state::set))
        .routes(routes!(conduct::wait))
        .routes(routes!(conduct::retrieve))
        .routes(routes!(conduct::mute))
        .routes(routes!(conduct::unmute))
        .routes(routes!(conduct::press))
        .routes(routes!(conduct::transfer))
        .routes(routes!(conduct::consult))
        .routes(routes!(conduct::complete_consult))
        .routes(routes!(conduct::cancel_consult))
        .routes(routes!(conduct::join_three))
        .routes(routes!(conduct::hang_up))
        .routes(routes!(conduct::park))
        .routes(routes!(conduct::pick_up))
        .routes(routes!(conduct::raise_hand))
        .routes(routes!(conduct::lower_hand))
        .routes(routes!(chain::escalate))
        .routes(routes!(chain::teams))
        .routes(routes!(chain::chain))
        .routes(routes!(emergency::contacts))
        .routes(routes!(emergency::call))
        .routes(routes!(quality::show, quality::offer))
        .routes(routes!(conduct::mark_private))
        .routes(routes!(conduct::supervise, conduct::turn_supervision))
        .routes(routes!(conduct::take_over))
        .routes(routes!(conduct::stop_supervising))
        .routes(routes!(conduct::dial))
        .routes(routes!(find::begin))
        .routes(routes!(messages::take))
        .routes(routes!(tasks::call_back))
        .routes(routes!(relays::send))
        .routes(routes!(visits::register, visits::list))
        .routes(routes!(campaigns::begin, campaigns::list))
        .routes(routes!(campaigns::answer))
        .routes(routes!(reports::mark_major))
        .routes(routes!(incidents::report, incidents::list))
        .routes(routes!(incidents::escalate))
        .routes(routes!(incidents::acknowledge))
        .routes(routes!(switches::switch))
        .routes(routes!(switches::restore))
        .routes(routes!(switches::order))
        .routes(routes!(commands::agent_talk))
        .routes(routes!(commands::agent_hold))
}

fn reads() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(openapi::serve))
        .routes(routes!(session::whoami, session::log_out))
        .routes(routes!(session::list))
        .routes(routes!(session::end))
        .routes(routes!(account::password))
        .routes(routes!(tokens::list, tokens::add))
        .routes(routes!(tokens::revoke))
        .routes(routes!(users::list, users::add))
        .routes(routes!(users::show, users::change))
        .routes(routes!(users::end_sessions))
        .routes(routes!(call_list::list))
        .routes(routes!(calls::show))
        .routes(routes!(export::export))
        .routes(routes!(calls::events))
        .routes(routes!(calls::reveal))
        .routes(routes!(known::card))
        .routes(routes!(known::screen_pop))
        .routes(routes!(customers::list, customers::add))
        .routes(routes!(customers::show, customers::change))
        .routes(routes!(customers::versions))
        .routes(routes!(customers::calls))
        .routes(routes!(customers::reveal))
        .routes(routes!(customers::merge))
        .routes(routes!(customers::erase))
        .routes(routes!(directory::list, directory::add))
        .routes(routes!(directory::change, directory::remove))
        .routes(routes!(directory::versions))
        .routes(routes!(matters::list, matters::add))
        .routes(routes!(matters::change, matters::remove))
        .routes(routes!(matters::versions))
        .routes(routes!(matters::targets))
        .routes(routes!(find::show))
        .routes(routes!(messages::list))
        .routes(routes!(messages::read))
        .routes(routes!(tasks::assign))
        .routes(routes!(incidents::show))
        .routes(routes!(forwards::list))
        .routes(routes!(relays::list))
        .routes(routes!(campaigns::show))
        .routes(routes!(reports::list))
        .routes(routes!(reports::show))
        .routes(routes!(reports::markdown))
        .routes(routes!(reports::html))
        .routes(routes!(relays::read))
        .routes(routes!(timeline::show))
        .routes(routes!(trace::show))
        .routes(routes!(trace::pcap))
        .routes(routes!(wrap_up::notes))
        .routes(routes!(wrap_up::save))
        .routes(routes!(wrap_up::show, wrap_up::wrap_up))
        .routes(routes!(wrap_up::open))
        .routes(routes!(codes::codes))
        .routes(routes!(scripts::of_line))
        .routes(routes!(scripts::of_call))
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::show))
        .routes(routes!(tasks::claim))
        .routes(routes!(tasks::release))
        .routes(routes!(tasks::tried))
        .routes(routes!(tasks::done))
        .routes(routes!(tasks::reveal))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::replay))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::show))
        .routes(routes!(recordings::audio))
        .routes(routes!(recordings::peaks))
        .routes(routes!(recordings::download))
        .routes(routes!(markers::list, markers::set))
        .routes(routes!(markers::remove))
        .routes(routes!(agents::list))
        .routes(routes!(agents::show))
        .routes(routes!(breaks::list))
        .routes(routes!(lines::lines))
        .routes(routes!(lines::queues))
        .routes(routes!(lines::trunks))
        .routes(routes!(phones::phones))
        .routes(routes!(setup::state))
        .routes(routes!(setup::check))
        .routes(routes!(setup::list))
        .routes(routes!(setup::show, setup::put, setup::remove))
        .routes(routes!(setup::versions))
        .routes(routes!(setup::restore))
        .routes(routes!(calendars::list))
        .routes(routes!(prompts::list))
        .routes(routes!(prompts::audio))
        .routes(routes!(statistics::today))
        .routes(routes!(statistics::purposes::purposes))
        .routes(routes!(vitals::show))
        .routes(routes!(audit::list))
        .routes(routes!(events::follow_events))
}
