//! The store's conformance suite: every case runs on SQLite and on a real Postgres.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(
    clippy::similar_names,
    reason = "a story is put into a store: no other words fit"
)]

mod bindings;
mod call_list;
#[path = "../support/certificates.rs"]
#[allow(dead_code, reason = "other tests want the rest of it")]
mod certificates;
mod copies;
mod customers;
mod desk;
mod durability;
mod filters;
mod fixture;
mod incidents;
mod line_switches;
mod listing;
mod log_writer;
#[path = "../support/object_server.rs"]
mod object_server;
mod opening;
#[path = "../support/postgres.rs"]
mod postgres;
mod purposes;
mod random;
mod rebuild;
mod record_fields;
mod recordings;
mod relays;
mod rows;
mod sequel;
mod tasks;
mod webhooks;
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
    /// R009
    rows::every_call as every_call_is_a_row_however_it_went,
    /// R019, R022
    rows::origin_and_line as origin_and_line_are_on_the_row,
    /// R046
    rows::hangup as who_hung_up_first_is_on_the_row,
    /// R077
    rows::caller as arrival_caller_and_purpose_are_on_the_row,
    /// R086
    rows::transfer as a_transfer_has_target_kind_times_and_result,
    /// R192
    rows::recording as a_recording_has_its_hash_size_length_and_gaps,
    rows::unfinished as calls_without_an_end_are_found_after_a_restart,
    rows::control_characters as what_a_peer_sends_can_always_be_stored,
    rows::unknown as an_unknown_call_is_an_error_of_its_own,
    /// R110, R120, R219
    sequel::told as what_came_of_a_call_is_told_with_it,
    /// R120
    incidents::at_once as several_who_act_on_an_incident_at_once_lose_no_step,
    /// R090
    purposes::versions as a_purpose_is_a_new_version_and_the_old_ones_stay,
    /// R090, R243
    purposes::append_only as events_can_be_neither_changed_nor_deleted,
    purposes::from_another_process as a_purpose_set_by_another_process_survives_the_call,
    purposes::two_authors as two_authors_at_once_get_two_versions,
    /// R029, R085
    wrap_up::complete as a_call_is_wrapped_up_when_purpose_and_outcome_are_said,
    /// R022, R080, R088
    wrap_up::all_or_nothing as what_does_not_fit_the_line_wraps_nothing_up,
    wrap_up::of_its_tree as an_outcome_is_a_code_of_its_lines_tree,
    /// R078, R079, R093
    record_fields::needed as a_record_needs_who_called_and_what_for_before_it_is_closed,
    /// R083
    record_fields::anonymous as a_caller_who_wants_to_stay_unknown_needs_no_name_and_no_call_back,
    /// R085, R093
    record_fields::closed as a_closed_record_is_only_added_to_with_a_reason,
    /// R023, R087
    record_fields::late as a_record_that_is_written_up_too_late_is_flagged,
    record_fields::running as nothing_is_closed_while_the_call_goes_on,
    /// R081
    call_list::each as the_log_is_narrowed_by_everything_that_a_row_has,
    /// R081
    call_list::ordered as the_log_is_ordered_by_length_page_by_page,
    call_list::by_index as a_page_is_found_by_an_index_alone,
    /// R087
    wrap_up::listed as what_nobody_has_wrapped_up_is_listed_page_by_page,
    /// R065, R090
    wrap_up::notes as notes_begin_with_the_first_ring_and_none_is_written_over,
    wrap_up::trees as what_the_codes_were_can_be_read_later,
    /// R185
    tasks::opened as a_lost_call_opens_a_task_and_a_number_has_one,
    /// R185
    tasks::once as a_lost_call_stored_again_opens_nothing,
    tasks::many as a_flood_of_lost_calls_is_one_task_a_number,
    /// R185
    tasks::nobody as who_must_not_be_called_back_is_no_task,
    /// R171
    tasks::steps as each_step_of_a_task_is_kept_and_told,
    tasks::one_claim as a_task_has_one_who_has_taken_it_on,
    /// R185
    tasks::listed as tasks_are_listed_page_by_page_and_the_late_ones_counted,
    /// R184, R186
    tasks::messages as a_message_is_a_task_with_its_place_in_the_recording,
    /// R220
    tasks::discontent as a_low_score_is_followed_up,
    /// R076
    tasks::visited as whom_an_agent_left_for_a_visitor_is_called_back_by_the_same_agent,
    /// R182, R183
    relays::taken as a_message_is_a_task_of_whoever_it_is_for,
    /// R184
    relays::read as a_message_that_nobody_reads_is_told_of_once,
    /// R123
    relays::assigned as a_call_back_is_whose_first_answer_it_was_until_somebody_says_otherwise,
    /// R185
    relays::late as a_task_is_due_in_working_time_and_told_of_once_when_it_is_late,
    /// R105, R113
    relays::tables as the_command_line_takes_the_directory_in_and_out,
    tasks::commands as the_command_line_lists_and_finishes_tasks,
    /// R044, R222
    customers::known as a_caller_is_known_by_any_number_before_the_answer,
    /// R089, R222, R226
    customers::changed as each_change_of_a_customer_is_kept_and_audited,
    customers::listed as customers_are_found_by_name_and_by_number,
    customers::erased as an_erased_customer_is_in_no_table,
    /// R227
    customers::imported as customers_are_imported_from_a_table_with_a_report,
    webhooks::delivered as other_programs_are_told_signed_and_masked,
    /// R116, R281
    webhooks::escalated as whoever_is_skipped_is_named_to_other_programs,
    webhooks::tried_again as a_message_that_fails_is_tried_again_and_then_given_up,
    webhooks::restarted as a_restart_loses_no_message_and_repeats_none,
    webhooks::hanging as a_program_that_hangs_holds_nobody_else,
    webhooks::private as no_message_goes_to_a_private_address_by_a_name,
    webhooks::certified as who_shows_no_certificate_of_the_right_authority_is_told_nothing,
    webhooks::erased as what_was_told_of_an_erased_customer_is_gone,
    webhooks::nobody as a_short_message_is_audited_and_needs_somebody_who_sends_it,
    filters::each as each_filter_selects_what_it_says,
    filters::pages as pages_follow_one_another_without_gap_or_repeat,
    filters::prefix as a_call_is_found_by_the_beginning_of_its_id,
    durability::reopened as what_was_acknowledged_is_there_after_a_crash,
    durability::twice as an_event_stored_twice_is_stored_once,
    durability::split as batches_cut_anywhere_give_the_same_rows,
    rebuild::equal as rebuilding_two_hundred_random_calls_changes_nothing,
    rebuild::repairs as a_rebuild_puts_damaged_rows_right,
    log_writer::in_order as what_is_stored_is_reported_in_order,
    log_writer::database_away as entries_wait_in_order_while_the_database_is_away,
    log_writer::unstored as finishing_says_how_much_could_not_be_stored,
    log_writer::kept_meanwhile as while_the_database_is_away_the_local_disk_keeps_the_log_in_order,
    log_writer::kept_over_a_crash as what_the_local_disk_keeps_is_stored_at_the_next_start,
    log_writer::full as a_full_journal_loses_nothing,
    opening::closed as nothing_is_written_before_the_database_is_brought_up_to_date,
    opening::successor as what_an_earlier_run_has_left_goes_before_what_this_one_adds,
    /// R192
    opening::recorded as it_is_known_which_calls_have_a_recording,
    bindings::read_back as registrations_are_read_back_as_they_were_kept,
    bindings::written as the_last_state_of_each_agent_is_written,
    /// R279
    line_switches::last as the_last_turn_of_each_lines_switch_counts,
    line_switches::not_kept as a_switch_that_is_not_durable_is_not_said_to_be,
    bindings::database_away as registrations_wait_while_the_database_is_away,
    desk::read_back as the_desk_is_read_back_as_it_was_last_written,
    /// R090
    desk::append_only as what_agents_did_can_be_neither_changed_nor_deleted,
    desk::database_away as what_agents_do_waits_while_the_database_is_away,
    /// R192
    recordings::verified as what_is_damaged_or_missing_is_found,
    /// R192
    recordings::in_turn as each_is_verified_in_its_turn_and_once_a_day,
    /// R193
    recordings::held as what_is_held_survives_every_way_to_delete_it,
    /// R193
    recordings::two_holds as each_of_two_holds_is_released_by_itself,
    recordings::expired as what_is_too_old_is_deleted_and_its_row_stays,
    recordings::half_deleted as a_deletion_that_a_crash_cut_off_is_finished,
    /// R191
    recordings::exported as what_is_copied_out_is_audited_first,
    /// R191
    recordings::unaudited as without_an_audit_row_no_byte_goes_out,
    /// R191, R243
    recordings::append_only as audit_rows_can_be_neither_changed_nor_deleted,
    /// R243
    recordings::chained as what_was_done_to_the_audit_behind_our_back_is_found,
    recordings::commands as the_command_line_holds_verifies_exports_and_deletes,
    copies::to_a_folder as recordings_are_copied_to_a_folder,
    copies::to_s3 as recordings_are_copied_to_s3_in_parts_where_they_are_large,
    /// R192
    copies::faults as a_copy_that_fails_is_tried_again_and_the_file_stays,
    /// R192
    copies::rotten as a_copy_that_has_rotted_is_found_before_the_file_goes,
    /// R192, R193
    copies::left_to_the_copy as old_recordings_are_left_to_their_copies,
    /// R192
    copies::damaged as what_is_damaged_is_not_copied_as_if_it_were_whole,
    /// R090
    listing::commands as the_command_line_lists_shows_and_changes,
    listing::masked as numbers_are_masked_unless_asked_for,
}
