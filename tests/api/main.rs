//! The API against its real router, on SQLite and on Postgres, with whole bodies as snapshots.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(
    clippy::similar_names,
    reason = "a story is put into a store: no other words fit"
)]

mod breaks;
mod call_log;
mod calls;
mod campaigns;
#[path = "../support/certificates.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod certificates;
mod codes;
mod commands;
mod conduct;
mod customers;
mod directory;
mod document;
mod events;
#[path = "../store/fixture.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod fixture;
mod generated;
mod hearing;
mod https;
mod incidents;
mod markers;
mod messages;
mod phones;
#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod postgres;
mod recordings;
mod relays;
mod replay;
mod reports;
mod roles;
mod rulings;
mod running;
mod scripts;
mod sessions;
mod setup;
mod site;
mod statistics;
mod switches;
mod tasks;
mod tokens;
mod users;
mod wrap_up;

/// Runs each case on both databases.
macro_rules! on_both {
    ($($(#[$doc:meta])* $module:ident::$case:ident as $name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                $(#[$doc])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$module::$case(super::fixture::Database::sqlite()).await;
                }
            )+
        }
        mod on_postgres {
            $(
                $(#[$doc])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$module::$case(super::fixture::Database::postgres().await).await;
                }
            )+
        }
    };
}

on_both! {
    /// Threat: session theft, passwords.
    sessions::logs_in as a_person_logs_in_and_out,
    /// Threat: session theft, passwords.
    sessions::same_refusal as a_wrong_name_and_a_wrong_password_look_and_cost_the_same,
    /// Threat: session theft, passwords.
    sessions::new_id as a_session_that_somebody_else_chose_is_worth_nothing,
    /// Threat: session theft, passwords.
    sessions::expires as sessions_end_when_idle_and_after_twelve_hours,
    /// Threat: session theft, passwords.
    sessions::revoked as a_session_that_is_ended_elsewhere_is_over_at_once,
    /// Threat: session theft, passwords.
    sessions::password_change as a_new_password_ends_every_session,
    /// Threat: session theft, passwords.
    sessions::throttled as passwords_cannot_be_tried_for_ever,
    /// Threat: session theft, passwords.
    sessions::behind_a_proxy as behind_a_proxy_the_visitors_own_address_counts,
    /// Threat: IDOR, roles, CSRF.
    sessions::foreign_page as a_foreign_page_changes_nothing,
    sessions::secrets as no_secret_stands_in_the_database,
    /// R231, R241. Threat: IDOR, roles, CSRF.
    roles::every_route as every_route_answers_every_role_as_the_policy_says,
    tokens::lifecycle as a_token_is_shown_once_and_counts_until_it_is_taken_back,
    tokens::scopes as a_token_does_what_its_scopes_say,
    users::kept as users_are_added_changed_and_disabled,
    users::commands as the_command_line_keeps_users_and_tokens,
    calls::listed as calls_are_listed_filtered_and_paged,
    calls::shown as a_call_is_shown_whole_and_masked,
    /// Threat: privacy. R191, R232.
    calls::revealed as a_number_is_revealed_after_its_audit_row,
    /// Threat: privacy.
    calls::withheld as a_withheld_number_is_shown_to_nobody,
    /// R044
    calls::known as a_caller_whom_we_know_has_a_name_while_it_rings,
    /// Threat: IDOR, roles, CSRF.
    calls::foreign as an_agent_sees_his_own_calls_only,
    calls::rung as an_agent_sees_a_call_as_soon_as_the_phone_rings,
    /// R192
    recordings::listed as recordings_are_listed_and_described,
    recordings::ranges as audio_is_served_by_ranges,
    /// R191, R232
    recordings::audited as each_play_and_download_is_audited_before_the_first_byte,
    /// Threat: IDOR, roles, CSRF. R191.
    recordings::beside as whoever_only_listened_hears_no_recording_and_sees_no_number,
    markers::kept as places_in_a_recording_are_marked_and_taken_back,
    /// Threat: IDOR, roles, CSRF.
    markers::foreign as an_agent_marks_his_own_calls_and_takes_back_his_own_markers,
    replay::timeline as a_call_is_shown_on_one_axis_with_its_recording,
    /// Threat: privacy.
    replay::trace as the_messages_of_a_call_are_a_ladder_with_numbers_masked,
    replay::health as the_service_says_what_to_mend,
    /// R116, R275, R281
    rulings::set_up as teams_chains_and_emergency_contacts_are_listed,
    /// R275. Threat: IDOR, roles, CSRF.
    rulings::teams as a_shift_leader_sees_and_leads_the_own_team,
    /// R116
    rulings::skipped as whoever_is_skipped_is_told,
    /// R052, R119, R281
    rulings::flagged as long_talks_many_transfers_and_emergencies_are_flagged,
    /// R072
    rulings::lately as a_caller_who_calls_again_is_known_by_how_often_and_what_for,
    /// R053, R107
    rulings::by_purpose as talks_are_told_by_purpose_and_calls_by_outcome,
    /// R001, R014, R209
    statistics::followed as the_days_figures_are_followed_told_and_read_again,
    /// Threat: IDOR, roles, CSRF.
    statistics::wallboard as a_wallboard_sees_figures_and_states_and_nothing_else,
    recordings::from_the_copy as what_only_the_copy_has_is_read_from_there,
    commands::carried_out as commands_reach_the_core_and_refusals_are_problems,
    /// R042, R047, R050, R058, R059, R066, R067
    conduct::commanded as what_a_person_does_with_a_call_reaches_the_core,
    /// Threat: IDOR, roles, CSRF.
    conduct::forbidden as nobody_does_with_a_call_what_is_not_his_to_do,
    /// R065, R090
    wrap_up::notes as notes_are_saved_in_versions_and_never_written_over,
    /// R184
    hearing::messages as whoever_has_taken_a_message_on_hears_it,
    /// R029, R085
    wrap_up::wrapped_up as a_call_is_wrapped_up_by_what_its_line_asks_for,
    /// R117
    wrap_up::handled as what_the_caller_was_told_of_the_matter_is_kept,
    /// R029
    wrap_up::open as calls_that_nobody_wrapped_up_are_listed,
    /// R171, R184, R185
    tasks::taken_on as a_task_is_claimed_tried_and_done,
    /// Threat: IDOR, roles, CSRF.
    tasks::owned as a_task_is_for_everybody_until_somebody_has_it,
    /// R024, R025, R030
    scripts::of_a_line as a_line_has_a_script_for_each_moment,
    /// R011, R024, R044
    scripts::of_a_call as a_call_has_its_script_from_the_first_ring_on,
    /// R081
    call_log::narrowed as the_log_is_narrowed_and_ordered,
    /// R081, R232
    call_log::taken_out as the_log_is_taken_out_by_those_who_may_after_its_audit_row,
    /// R015, R279
    switches::turned as lines_are_switched_and_queues_are_put_into_order,
    /// R279
    switches::led as whoever_leads_the_shift_switches_a_line,
    /// R066, R067
    running::listed as running_calls_say_how_they_stand,
    phones::listed as phones_are_listed_while_they_are_registered,
    /// R044, R222, R224, R226, R232
    customers::kept as customers_are_written_down_found_and_changed,
    /// Threat: privacy. R222, R231, R232
    customers::revealed as a_customers_numbers_are_for_whoever_served_that_customer,
    /// R222
    customers::merged as two_customers_who_are_one_go_on_as_one,
    /// R044, R118, R223
    customers::shown_on_ring as whoever_is_rung_sees_who_calls_and_what_was_before,
    /// Threat: privacy. R233
    customers::page as the_page_that_opens_with_a_call_knows_what_its_reader_may,
    /// R112, R113
    directory::kept as the_directory_is_kept_in_versions_and_says_who_is_there,
    /// R104, R105, R107
    directory::targets as a_matter_leads_to_who_answers_for_it,
    /// R103
    directory::passed_on as a_caller_is_passed_on_to_an_entry_of_the_directory,
    /// R111, R182
    messages::found as a_colleague_is_looked_for_and_what_else_can_be_offered_is_said,
    /// R183, R184
    messages::taken as a_message_is_taken_or_refused_and_read_by_whoever_it_is_for,
    /// R123
    messages::reassigned as a_task_is_whose_the_shift_leader_says,
    /// R008, R044
    events::caught_up as whoever_is_rung_hears_which_ring_it_is_and_who_calls,
    /// R029, R085
    codes::retired as a_code_that_calls_have_is_retired_and_not_taken_out,
    /// R016
    codes::years as a_years_days_that_are_set_up_hold_together_and_are_shown,
    setup::versions as what_is_set_up_is_a_version_and_goes_over_none_unseen,
    setup::refused as what_does_not_fit_is_refused_whole,
    /// Threat: session theft, passwords.
    setup::passwords as a_phones_password_is_shown_to_nobody,
    setup::at_once as two_changes_that_do_not_go_together_are_not_both_taken,
    setup::prompts as prompts_are_sent_heard_and_taken_away,
    commands::idempotent as a_command_under_a_key_is_carried_out_once,
    events::told as events_are_told_replayed_and_filtered,
    /// R015, R274
    events::floor as the_floor_hears_of_a_new_order_and_of_a_wish,
    /// Threat: session theft, passwords.
    events::revoked as whoever_is_logged_out_hears_no_more,
    /// Threat: session theft, passwords.
    events::seated as whoever_follows_events_stays_logged_in_and_takes_few_places,
    events::set_up as whoever_has_a_page_open_is_told_what_was_set_up_anew,
    /// R274
    breaks::listed as reasons_for_breaks_are_listed,
    /// R223
    customers::called as calls_to_a_customer_are_contacts_too,
    /// R120
    incidents::escalated as an_incident_goes_to_those_who_lead_at_once,
    /// R120
    events::escalated as only_those_to_whom_it_was_escalated_are_told_of_an_incident,
    /// R092
    relays::sent as a_record_is_sent_to_a_department_and_read_there,
    /// R109
    relays::forwarded as how_soon_a_matter_was_passed_on_is_measured,
    /// R110
    reports::counted as what_many_callers_ring_about_is_reported,
    /// R110
    reports::major as what_an_agent_calls_major_is_reported,
    /// R219, R221
    campaigns::asked as customers_are_asked_later_by_a_sample_that_can_be_drawn_again,
    /// R021
    customers::came_by as contacts_that_are_no_calls_have_their_channel,
    generated::everything as generated_requests_get_documented_answers_only,
}
