//! The sections of the text file, a struct each.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Declares a section: one `String` a key, none may be missing, none may be unknown.
///
/// The keys are taken out of a map: what serde derives for hundreds of fields is a tenth of the program and most of the time to build it.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($key:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[serde(try_from = "BTreeMap<String, String>")]
        pub struct $name { $(#[doc = concat!("`", stringify!($key), "`")] pub $key: String),+ }

        impl TryFrom<BTreeMap<String, String>> for $name {
            type Error = String;

            fn try_from(words: BTreeMap<String, String>) -> Result<Self, String> {
                let mut words = Words { left: words, missing: Vec::new() };
                let section = Self { $($key: words.take(stringify!($key))),+ };
                words.end().map(|()| section)
            }
        }
    };
}

/// A section while it is read.
struct Words {
    left: BTreeMap<String, String>,
    missing: Vec<&'static str>,
}

impl Words {
    fn take(&mut self, key: &'static str) -> String {
        self.left.remove(key).unwrap_or_else(|| {
            self.missing.push(key);
            String::new()
        })
    }

    /// Fails with the keys that are missing or unknown.
    fn end(self) -> Result<(), String> {
        let unknown: Vec<String> = self.left.into_keys().collect();
        if self.missing.is_empty() && unknown.is_empty() {
            return Ok(());
        }
        Err(format!("missing: {}; unknown: {}", self.missing.join(", "), unknown.join(", ")))
    }
}

section! {
    /// 批量下载, 定时下载.
    Batch {
        title, start, started, companies, all_companies, bare, no_company, no_scope, originals, refresh, refresh_hint, days, days_new,
        days_new_note, days_last_month, days_chosen, from, to, planning, cost, cost_note, col_company, col_scope, col_days, col_mark, col_held,
        col_queries, first_time, schedules, schedules_empty, schedule_add, schedule_edit, schedule_note, schedule_failed, next, begun,
        all_ready, some_companies, at_start, at_day, at_month, every_day, every_month, when, day, day_label, hour_label, minute_label,
        removal_title, removal_body
    }
}
section! {
    /// 报销登记.
    Claims {
        title, which, on, by, note, note_hint, enter, done, before, again, others, all, line, kept, withdrawn, withdraw, withdraw_title, withdraw_body,
        claimed, unclaimed, filter
    }
}
section! {
    /// Words used everywhere.
    Common {
        app_name, ok, cancel, close, save, delete, edit, refresh, retry, search, all, none, copy, copied, back, more,
        loading, net, tax, gross, count, from, to, unknown, request_id
    }
}
section! {
    /// The frame: navigation, avatar menu, banners.
    Frame {
        nav_home, nav_companies, nav_disks, nav_download, nav_ledger, nav_stats, nav_settings, avatar_label, sign_out, unbind, unbind_title, unbind_body,
        unbind_confirm, sandbox_banner, read_only_banner, rebuilt_notice, rebuilt_lost, notices, no_notices, busy, dropped_files, one_file_dialog, quit_title, quit_body,
        quit_confirm, starting, starting_long, notice_everywhere, notice_line, notice_until, notice_maintenance, notice_fault, notice_recovered,
        notice_other, notices_more, notices_show, notice_close, no_dialog, no_dialog_advice, no_browser, no_browser_advice
    }
}
section! {
    /// 体验, 直连 or 连接服务.
    Welcome {
        title, title_again, note, needs, now, stay, not_yet, sandbox, sandbox_whom, sandbox_needs, sandbox_start, hosted, hosted_whom,
        hosted_needs, address, address_hint, connect, connecting, own, own_whom, own_needs, own_start, own_why, other, card,
        card_sandbox, card_hosted, card_named, change, change_title, change_body, change_kept, change_fictional
    }
}
section! {
    /// 登录.
    SignIn {
        title, subtitle, keep, keep_hint, number_hint, waiting, scanned, denied, asking, again, failed, remaining, open_here,
        phones_off, phones_allow, phones_on, signed_out_asked, signed_out_unbound, signed_out_ended, qr_label
    }
}
section! {
    /// 快捷键.
    Keys {
        title, everywhere, ledger, table, this_list, pages, last_month, import, lock, zoom, next, close, search, export, go_to, up_down,
        shift_up_down, move_row, move_page, move_end, extend, all, open_row
    }
}
section! {
    /// 激活.
    Activation {
        title, title_more, back, intro, code_label, code_hint, activate, where_from, where_body, sandbox_title, sandbox_body, sandbox_use, success
    }
}
section! {
    /// 首页.
    Home {
        greeting, greeting_body, look, companies, accounts, signed_in, invoices, companies_note, invoices_note, downloads, waiting, next_title,
        next_account, next_account_button, today, nothing_today, filing, filing_today, filing_note, to_sign_in, to_plug_in, go_sign_in, unfinished, show,
        certificate_ends, certificate_ended, service_ends, service_ended, no_account, add_account, last_month, last_month_note, take_new, take_new_note,
        go_ledger, go_import, recent, no_downloads
    }
}
section! {
    /// 企业.
    Companies {
        title, add, search, search_hint, name, tax_no, region, taxpayer_kind, accounts, expires, general, small, no_account,
        signed_in, row, loading_body, ended, ends, first_title, first_body, none_title, none_body
    }
}
section! {
    /// 保险箱.
    Vault {
        title, body, none_yet, this_pc_only, with_passphrase, is_locked, other_pc, damaged, kept, kept_session, set, set_note, change, lock_now,
        here, here_note, lock_after, after_5, after_10, after_30, after_60, never, empty, empty_title, empty_body, empty_confirm, start,
        start_body, locked, locked_body, passphrase, unlock, wait, skip, skip_note, forgot, remember, remember_note, remember_locked,
        remembered, new, again, hint, fair, good, strong, too_short, too_weak, differs, no_way_back, older, older_advice, mended,
        mended_advice
    }
}
section! {
    /// The data folder is closed: 安全移除, a pulled stick.
    AwayWords {
        remove, remove_note, ask_title, ask_body, closing, closing_body, opening, let_go, let_go_body, let_go_first, let_go_first_body, pulled, pulled_body, refused, in_use, restoring,
        go_on, quit, quit_remove
    }
}
section! {
    /// 本机备份.
    Backup {
        title, body, no_place, none_yet, last, damaged, lacking, failed, full, running, progress, turn_on, now, turn_off, found, restore, restore_title,
        restore_body, off_title, off_body, off_remove
    }
}
section! {
    /// 电子税务局账号.
    Accounts {
        title, add, add_first, add_title, edit_title, back_to_companies, none_title, none_body, default_rules, sign_in,
        sign_out, signed_in_notice, session_none, session_valid, session_expired, session_elsewhere, session_locked, right_issue, right_receive,
        default_both, default_issue, default_receive, make_default, make_default_both, make_default_issue, make_default_receive,
        delete_account, delete_title, delete_body, successor, identity, identity_legal,
        identity_finance, identity_tax, identity_issuer, identity_administrator, mode, mode_manual, mode_hosted, mode_virtual, required,
        wrong_value, password, password_title, password_for, edit_account, edit_confirm, edit_note, needs_answer, needs_login, answer,
        budget_tries, budget_none, budget_switches, budget_collect, delete_refused, rights_both
    }
}
section! {
    /// 税盘管理.
    Disks {
        title, intro, look, looking, plugged, choose, show, plug_simulated, pull_simulated, simulated_note, step_service,
        step_driver, step_disk, step_certificate, step_good, step_bad, step_warning, step_waiting, service_running,
        service_unneeded, service_absent, service_stopped, driver_works, driver_waits, certificate_waits, kind_golden, kind_control,
        kind_ukey, kind_sandbox, kind_unknown, seat_empty, seat_unknown, seat_mute, seat_in_use, tax_no, matched,
        matched_other_name, not_matched, not_matched_note, device, certificate, certificate_details, certificate_title,
        certificate_number, certificate_valid, certificate_soon, certificate_expired, certificate_early, subject, issuer,
        valid_from, valid_to, tries, tries_left, tries_locked, tries_unknown, password, platform_password, confirmation_password,
        password_missing, kept_hint, unproved_hint, saved_unproved, passwords_note, save, saved, vault_locked, sign_in, sign_out, signed_in, download, forget,
        forget_title, forget_body, spend_title, spend_body, last_try_body, spend, to_account, changed_elsewhere,
        changed_elsewhere_note, libraries, libraries_body, add_library, remove_library, no_password, no_password_advice, no_service,
        no_service_advice, stopped, stopped_advice, no_reader, no_reader_advice, no_card, no_card_advice, unknown_card,
        unknown_card_advice, in_use, in_use_advice, removed, removed_advice, reset, reset_advice, wrong_password,
        wrong_password_advice, locked, locked_advice, failed_before, failed_before_advice, needs_consent, needs_consent_advice,
        state_unknown, state_unknown_advice, password_shape, password_shape_advice, not_verified, not_verified_advice, damaged,
        damaged_advice, timeout, timeout_advice, busy, busy_advice, no_driver, no_driver_advice, refused, refused_advice, reader,
        reader_advice, code_no_driver, code_no_driver_advice, code_offline_lock, code_offline_lock_advice, code_not_open, code_parameter, code_authentication,
        code_no_certificate, code_certificate_void, code_certificate_lost, code_certificate_cancelled, code_certificate_expired,
        code_certificate_expired_advice, code_certificate_refused, code_usb, code_card_answer, code_card_fault, code_not_plugged,
        code_wrong_password, code_wrong_password_advice, code_timeout, code_not_initialised, code_password_length,
        code_no_application, code_not_supported, code_unknown, code_plug_again, code_tax_hall, code_vendor, library_unreadable,
        library_unreadable_advice, library_none, library_none_advice, library_architecture, library_architecture_advice,
        library_function, library_function_advice, library_not_loaded, library_not_loaded_advice, library_crashed,
        library_crashed_advice, library_hung, library_hung_advice, library_no_helper, library_no_helper_advice
    }
}
section! {
    /// 微信绑定.
    Binding {
        bind, unbind, bound_mark, title, intro, qr_label, asking, waiting, scanned, bound, bound_body, denied, expired, renew, look,
        remaining, bound_notice, unbind_title, unbind_body, unbind_confirm, sandbox_agree, sandbox_refuse
    }
}
section! {
    /// The challenge dialog.
    Challenge {
        title, about, give_up, submit, picture, no_picture, new_picture, picture_code, sms_sent, sms_code, resend, resend_in,
        apps, scan_with, qr_label, choose_identity, wrong, remaining, confirm_relation, denies_relation, face_with, new_qr, unknown_body,
        unknown_answer, working, working_note, step_done, expired, expired_sms, expired_picture, tries_left, later, elsewhere_note,
        elsewhere_notice, elsewhere_who, elsewhere_line, elsewhere_open
    }
}
section! {
    /// 发票下载.
    Download {
        title, company, mode, mode_digital, mode_disk, tab_deductible, scope_deductible, tab_all, side, side_name, issued, received, dates, from,
        to, this_month, last_month, this_quarter, this_year, kinds, statuses, deductions, originals, start, count, same_day,
        nothing, list, list_empty_title, list_empty_body, state_waiting, state_counting, state_needs_login, state_needs_disk, state_holding, state_running,
        state_paused, state_partial, state_done, state_failed, state_cancelled, received_of, received_short, received_line,
        missing_originals, received_originals, speed, sign_in, pause, resume, kept, cancel, forget, forget_over, older, show_in_ledger, difference,
        needs_login_notice, needs_disk_notice, done_notice, done_nothing_notice, partial_notice, failed_notice, tab_platform_deductible,
        tab_platform_all, need_disk_met, need_disk_other, need_password_met, need_password, need_password_locked, need_session, to_disks,
        platform_limits, platform_left, no_originals_by_disk, needs_disk, ready_at, waits, disk_back, ticks_nothing, company_gone
    }
}
section! {
    /// The question before something is removed.
    Removal {
        confirm, download_title, download_body, download_pause, download_confirm, download_stay, download_keep, record_title, record_body, records_title, records_body, roots_title, roots_body,
        library_title, library_body
    }
}
section! {
    /// 逐张核对.
    Differences {
        show, title, none, some, more, matter, only_ledger, only_document, elsewhere, only_bureau, amounts, copy, export
    }
}
section! {
    /// 台账.
    Ledger {
        title, search, search_hint, company, all_companies, direction, issued, received, short_issued, short_received, kinds,
        statuses, dates, any_date, any_date_again, from, to, sums_all, sums_selected, sums_voided, export, import_files, import_folder, row,
        col_date, col_kind, col_number, col_direction, col_counterparty, col_net, col_tax, col_gross, col_status, col_deduction,
        originals_all, col_originals, col_counterparty_tax_no, col_own, columns, columns_note, columns_usual, group, group_none, group_month, group_company, group_kind, group_counterparty,
        group_status, group_about, group_count, group_no_company, group_no_name, fold_all, unfold_all, go_to, go_to_title, go_to_field, go_to_missing, deduction_open, deduction_ticked, deduction_confirmed, empty_title, empty_body, empty_download,
        empty_import, no_match_title, no_match_body, no_match_clear, sheet_title, code, copy_number, buyer, seller, tax_no, remark,
        no_lines, line_name, line_spec, line_unit, line_quantity, line_price, self_billed, red_of, red_by, red_link, risk,
        no_originals, open_original, changed, nothing_before,
        status_normal, status_void, status_red_full, status_red_part, prove_files, deduction_summary
    }
}
section! {
    /// The details of an invoice.
    SheetWords {
        paper, original, proof, page_name, drawing, smaller, larger, page_before, page_after, page_of, open, proving, nothing_to_prove,
        summary, pass, fail, open_check, fields, seal_name, seal_signer, seal_issuer, seal_time, originals, no_picture
    }
}
section! {
    /// 票面.
    Paper {
        made_from_record, number, code, issued_on, day, check_code, paper_number, buyer, seller, name, tax_no, tax_no_short, contact, bank,
        line_name, line_spec, line_unit, line_quantity, line_price, net, rate, tax, total, gross_words, gross_figures, remark, remark_line,
        drawer, no_lines, fare, ride_from, ride_to, flight, ride_date, ticket_number, buyer_line, seller_line, taxed_name, taxed_rate, taxed_buyer, taxed_seller
    }
}
section! {
    /// 导出.
    Export {
        title, which, which_selected, kind, xlsx, csv, jsonl, parquet, folder, zip, columns, all_columns, encoding, encoding_utf8, encoding_gb18030, encoding_utf8_note, encoding_gb18030_note, lines_sheet, jsonl_note, parquet_note, template, template_none, template_save, template_name, template_keep, template_replace, template_rename, template_leave, template_first, template_delete, template_delete_question, template_stay, template_forget, template_built_in, template_newer, columns_unknown, column_unknown, columns_arrange, columns_arranged, line_columns, line_columns_arrange, line_columns_arranged, column_left, column_right, column_heading, pattern,
        pattern_fields, pattern_reset, pattern_wrong, preview, target_file, target_folder, browse, start, stop, running,
        progress, done, done_detail, done_originals, done_damaged, done_damaged_some, reveal, cancelled, failed, file_stem, folder_stem, sheet_name,
        lines_sheet_name, line_number, total, col_date, col_kind, col_code, col_number, col_digital_number, col_seller_name,
        col_seller_tax_no, col_buyer_name, col_buyer_tax_no, col_net, col_tax, col_gross, col_status, col_blue, col_direction,
        col_deduction, col_risk, col_source, col_drawer, col_remark, col_red_of, col_originals, col_lines, col_ordinal, col_month, col_goods, col_ticked, col_effective_tax, print, print_per_sheet, print_one, print_two, print_four, print_by, print_by_ledger, print_by_date, print_by_seller, print_by_amount, print_group,
        print_group_none, print_group_seller, print_group_month, print_footer_choice, print_footer, print_note
    }
}
section! {
    /// 导入.
    Import {
        title, running, not_now, not_now_locked, not_now_signed_out, done, summary, partial, more, second, note, note_more, save, saved, report_file, report_sheet, report_result, report_name,
        report_reason, report_new, report_known, report_second, report_refused_count, report_refused, report_partial_count, report_partial, report_note_count, report_noted
    }
}
section! {
    /// 核验文件.
    Documents { title, note, reading, more }
}
section! {
    /// 统计.
    StatsWords {
        title, period, this_quarter, any_period, own_range, tab_month, tab_rate, tab_party, tab_balance, side_unknown, note, note_month,
        note_rate, note_party, note_balance, rate_unstated, rate_no_lines, rate_remainder, col_month, col_side, col_kind, col_rate,
        col_party, col_tax_no, col_reds, col_output, col_input, col_ticked, col_difference, col_unknown, others, no_name, only_red,
        only_ticked, without_void, tax_period, behind, behind_clear, behind_shares, export, file_stem, saved, chart_gross, chart_tax, unit_yuan,
        unit_wan, none_title, none_body, empty_title, row, from, to
    }
}
section! {
    /// 抵扣汇总.
    DeductionWords {
        title, period, nothing, nothing_title, note, assumed, col_use, col_kind, col_effective_tax, use_deduct, use_not_deduct, use_refund, use_other, use_open,
        use_undated, total
    }
}
section! {
    /// 设置.
    Settings {
        title, data, data_body, open_folder, ledger_size, look, look_note, language, theme, theme_system, theme_light, theme_dark, zoom, zoom_in, zoom_out, phones, phones_body, phones_close, sandbox, sandbox_body,
        code_fresh,
        code_expired, code_used, copy_code, faults_body, fault_slow, fault_error, fault_throttle, fault_cut, fault_link,
        fault_session, fault_totals, fault_maintenance, fault_hosted, fault_platform_password, about, version, licence, manual, shortcuts
    }
}
section! {
    /// 更新.
    Update {
        title, after_tasks, running, check, looking, from_folder, current, new, not_yet, download, downloading, downloading_version, progress, ready, install, restarting, installed,
        back, back_title, back_body, rolled_back, failed, fell_back, no_release_body, no_release, no_release_advice, no_source,
        no_source_advice, no_manifest, no_manifest_advice, no_signature, signature_unreadable, legacy_signature, unknown_key,
        unknown_key_advice, signature_wrong, comment_wrong, untrusted_advice, manifest_unreadable, manifest_unreadable_advice, too_large,
        other_product, other_product_advice, other_channel, other_channel_advice, expired, expired_advice, clock_behind,
        clock_behind_advice, older, older_advice, below_minimum, below_minimum_advice, next_key_dropped, no_file, no_file_advice, failed_before,
        failed_before_advice, file_missing, file_missing_advice, wrong_size, wrong_hash, wrong_file_advice, nothing_ready,
        nothing_ready_advice, nothing_before, nothing_before_advice
    }
}
section! {
    /// The sandbox's helper panel.
    Sandbox {
        title, accounts_body, use_account, use_password, sms, use_code, look_at_phone, scan, mailbox, mailbox_body, mailbox_by,
        by_sms, by_mail, by_phone, by_other, message_to, copy_message_code, mailbox_empty_title, mailbox_empty_body,
        mailbox_none_title, mailbox_none_body
    }
}
section! {
    /// 网络与诊断.
    Help {
        open, title, body, check, again, running, stop, copy, diagnosis, proxy, proxy_system, proxy_direct, proxy_manual, proxy_address, roots, roots_note,
        roots_used, roots_remove, roots_choose, pin, pin_note, clock_banner, step_proxy, step_name, step_connection, step_identity,
        step_clock, step_gateway, step_notices, step_disk, step_ledger, verdict_skipped, verdict_good, verdict_warning, verdict_bad,
        inside, not_reached, no_proxy, proxy_typed, proxy_found, resolved, connected, proved, not_encrypted, clock_right, clock_ahead,
        clock_behind, clock_advice, minutes, hours, days, years, no_time, speaks, other_contract, other_contract_advice, signed_out,
        no_notices, notices, notices_advice, room, little_room, little_room_advice, folder_read_only, folder_read_only_advice,
        ledger_sound, ledger_rebuilt, ledger_lost, ledger_lost_advice, ledger_read_only, no_ledger, diagnosis_title, diagnosis_note,
        diagnosis_save, diagnosis_saved, diagnosis_file, diagnosis_head, diagnosis_line, diagnosis_version, diagnosis_system,
        diagnosis_data, diagnosis_service, diagnosis_proxy, diagnosis_roots, diagnosis_pin, diagnosis_yes, diagnosis_preferences, diagnosis_checkup,
        diagnosis_unchecked, diagnosis_log
    }
}
section! {
    /// Calendar.
    Calendar {
        month_title, monday, tuesday, wednesday, thursday, friday, saturday, sunday, today, previous_month, next_month, previous_year,
        next_year, open, hint, invalid, out_of_range, joint, presets
    }
}
section! {
    /// Words that belong to the widgets.
    Widgets {
        choose, filter, shown, no_match, separator, show_password, hide_password, close_notice
    }
}
section! {
    /// Errors.
    Problem {
        with_subject, line, upstream, nothing_selected, nothing_selected_advice, not_in_ledger, not_in_ledger_advice, pattern, pattern_advice, too_wide, too_wide_advice, verification,
        verification_advice, unlisted_downloads, unlisted_schedules, unlisted_templates, unlisted_advice, busy, busy_advice, cancelled, cancelled_advice, internal, internal_advice, activation_malformed,
        activation_malformed_advice, activation_unknown, activation_unknown_advice, activation_expired,
        activation_expired_advice, activation_used, activation_used_advice, activation_throttled, activation_throttled_advice,
        not_activated, not_activated_advice, session_invalid, session_invalid_advice, wrong_password, wrong_password_advice,
        account_locked, account_locked_advice, field_invalid, field_invalid_advice, identity_mismatch, identity_mismatch_advice,
        identity_switches, identity_switches_advice, relation_denied, relation_denied_advice, challenge_gone,
        challenge_gone_advice, challenge_failed, challenge_failed_advice, challenge_denied, challenge_denied_advice,
        resend_too_soon, resend_too_soon_advice, account_exists, account_exists_advice,
        default_rule, default_rule_advice, no_default_account, no_default_account_advice, no_receive_right,
        no_receive_right_advice, bureau_session_lost, bureau_session_lost_advice, range_too_large, range_too_large_advice,
        range_in_future, range_in_future_advice, too_many_invoices, too_many_invoices_advice, quota, quota_advice, throttled,
        throttled_advice, maintenance, maintenance_advice, bureau_down, bureau_down_advice, link_expired, link_expired_advice,
        not_found, not_found_advice, other_service, other_service_advice, unreachable, unreachable_advice, timeout,
        timeout_advice, cut, cut_advice, tls, tls_advice, name_unknown, name_unknown_advice, proxy, proxy_advice, unknown_issuer, unknown_issuer_advice, other_host,
        other_host_advice, other_key, other_key_advice, expired, expired_advice, clock, clock_advice, answer_too_large,
        answer_too_large_advice, proxy_address, proxy_address_advice, service_address, service_address_advice, not_encrypted, not_encrypted_advice, unsafe_link, unsafe_link_advice, no_service,
        no_service_advice, no_certificate, no_certificate_advice, no_lan, no_lan_advice, captive_portal, captive_portal_advice, unreadable, unreadable_advice,
        disk_full, disk_full_advice, file_busy, file_busy_advice, file_read_only, file_read_only_advice, file_denied,
        file_denied_advice, file_missing, file_missing_advice, file_too_large, file_too_large_advice, file_settings,
        file_settings_advice, file_planted, file_planted_advice, file_set_aside, file_set_aside_advice, file_other, file_other_advice,
        disk_not_offered, disk_not_offered_advice, disk_challenge_gone, disk_challenge_gone_advice, disk_signature_wrong, disk_signature_wrong_advice,
        disk_certificate_expired, disk_certificate_expired_advice, disk_certificate_early, disk_certificate_early_advice, disk_certificate_unknown, disk_certificate_unknown_advice,
        disk_other_company, disk_other_company_advice, disk_digital, disk_digital_advice,
        platform_password_wrong, platform_password_wrong_advice, platform_confirmation_wrong, platform_confirmation_wrong_advice,
        platform_password_locked, platform_confirmation_locked, platform_locked_advice, platform_password_needed, platform_password_needed_advice,
        platform_password_cancelled, platform_password_cancelled_advice, platform_password_not_allowed, platform_password_not_allowed_advice,
        platform_too_soon, platform_too_soon_advice, platform_quota, platform_quota_advice,
        store_full, store_full_advice, store_too_large, store_too_large_advice, store_read_only, store_read_only_advice, store_missing,
        store_missing_advice, store_in_use, store_in_use_advice, original_damaged, original_damaged_advice, store_damaged,
        store_damaged_advice, preview_not_paged, preview_not_paged_advice, preview_damaged, preview_damaged_advice,
        preview_protected, preview_protected_advice, preview_too_large, preview_too_large_advice,
        vault_missing, vault_missing_advice, vault_locked, vault_locked_advice, vault_wrong, vault_wrong_advice, vault_too_soon,
        vault_too_soon_advice, vault_too_short, vault_too_short_advice, vault_too_weak, vault_too_weak_advice, vault_no_way_in,
        vault_no_way_in_advice, vault_no_place, vault_no_place_advice, vault_damaged, vault_damaged_advice, vault_refused,
        vault_refused_advice, vault_failed_passwords, vault_failed_passwords_advice
    }
}
section! {
    /// Why a document was refused, and what its checks found.
    Document {
        field_number, field_code, field_kind, field_issued_on, field_seller_name, field_seller_tax_no, field_seller_contact,
        field_seller_bank, field_buyer_name, field_buyer_tax_no, field_buyer_contact, field_buyer_bank, field_net, field_tax,
        field_gross, field_drawer, field_remark, field_effective_tax, field_ticked_at, field_tax_period, field_lines, field_line_name, field_line_spec, field_line_unit,
        field_line_quantity, field_line_price, field_line_net, field_line_rate, field_line_tax, field_line_gross,
        field_line_class_code, field_paper_number, field_check_code, field_red_of, source_xml, source_attachment,
        source_custom_data, source_custom_tag, source_layout, source_info, source_text_layer, source_qr, source_workbook,
        source_file_name, source_computed, warn_sources_differ, sources_agree, sources_differ, sources_single, refused_empty, refused_too_large, refused_not_recognised, refused_csv, refused_picture, refused_web_page, refused_other_archive, refused_archive, refused_workbook, refused_other_workbook, format_xls, refused_encrypted_workbook, refused_no_invoice_sheet,
        refused_no_invoice_rows, refused_damaged_part, refused_not_in_yuan, refused_number_rounded, refused_lines_scattered, refused_reader_ended,
        refused_reader_hung,
        refused_doctype, refused_too_complex, refused_not_well_formed, refused_encoding, refused_missing, refused_value,
        refused_line_value, refused_text_too_long, zip_empty, zip_unreadable, zip_damaged, zip_encrypted, zip_bomb, zip_too_many,
        zip_too_large, zip_duplicate, zip_name, zip_method, zip_nested, ofd_missing_part, ofd_bad_path, warn_kind_unknown, warn_kind_from_name, warn_issue_time,
        warn_computed, warn_attachment, warn_absent, warn_repeated, warn_number_year, warn_file_name, warn_line_value, warn_red_label,
        warn_rate_derived, warn_number_rounded, warn_columns_left_out, warn_sheets_left_out, separator,
        totals_fit, totals_differ, totals_computed, line_sums_fit, line_sums_differ, no_lines, lines_fit, lines_differ,
        part_net, part_tax, line_tax_drift, lines_not_computable, check_digit_fits, tax_number_wrong, no_tax_number,
        no_check_digit, number_shape_fits, number_shape_wrong, number_shape_unknown, numbers_agree, numbers_differ, number_stated_once,
        signature_not_provable, no_signature, refused_qr_alone, pdf_unreadable, pdf_encrypted, pdf_too_large, pdf_pages,
        pdf_no_text, warn_lines_left_out, warn_other_invoices, qr_fits, qr_differs, qr_not_public, qr_absent, qr_of_another, no_qr, other_agrees, other_invoice,
        other_differs, refused_other_invoices, refused_other_documents, refused_other_amount, refused_other_amount_row, refused_more_than_kept, warn_other_documents, refused_lines_unread, refused_lines_divided
    }
}
section! {
    /// What the checks of electronic seals found.
    Seals {
        seal, check_digests, check_data_hash, check_signature, check_maker, check_signer_listed, check_validity,
        check_certificate, check_chain, check_coverage, check_time_stamp, several, several_unnamed, bearer_signer, bearer_maker,
        digests_fit, parts_changed, parts_unreadable, parts_missing, signed_later, signed_later_unproved, digest_method_unknown,
        method_unnamed, nothing_signed, names_only, data_hash_fits, data_hash_differs, no_data_hash, signature_fits,
        signature_wrong, no_certificate, algorithm_unknown, value_unreadable, value_empty, value_truncated, value_trailing,
        value_ber, value_unknown, value_version, value_too_large, value_missing, manifest_unreadable, list_unreadable,
        maker_fits, maker_wrong, seal_file_differs, maker_not_valid, maker_renewed, made_by, listed_certificates, listed_digests, not_listed,
        list_unknown, seal_valid, seal_expired, seal_too_early, no_time, certificate_valid, certificate_expired,
        certificate_too_early, not_for_signing, certificate_unreadable, chain_fits, no_trust, issuer_unknown, issuer_wrong,
        issuer_not_valid, not_authority, path_too_long, condition_unknown, covers_all, covers_all_but_head, uncovered,
        uncovered_more, separator, time_stamp_not_checked, hold, fail, open, trust_refused, trust_no_certificate, trust_too_large,
        trust_too_many, trust_not_sm2
    }
}
section! {
    /// The command line.
    Cli {
        about, after_help, heading_usage, usage_options, heading_commands, heading_options, heading_arguments, value_command, value_files, value_paths, about_demo,
        about_inspect, about_import, about_list, about_stats, about_export, about_download, about_gateway, about_disk, arg_disk, arg_serial, arg_spend, arg_library, arg_sandbox_disk, arg_by_disk, disk_line, disk_which, disk_no_password,
        about_update, about_doctor, about_diagnostics, arg_to_diagnosis, arg_update, arg_update_from, arg_help, arg_version,
        about_claim, arg_claimed, arg_numbers, value_numbers, arg_claim_by, arg_claim_on, arg_claim_note, arg_claim_again, claimed_before, claim_twice, claim_again,
        claim_number, arg_since_last, arg_refresh, download_of, no_account, no_accounts, arg_data, arg_json, arg_service, arg_lang, arg_count, arg_seed, arg_out, arg_files, arg_paths, arg_company, arg_company_to_download,
        arg_from, arg_to, arg_to_path, arg_kind, arg_direction, arg_status, arg_text, arg_format, arg_template, arg_encoding, arg_pattern, arg_per_page, arg_order, arg_group,
        arg_no_footer, arg_scope,
        arg_report, arg_deduction, arg_period, arg_by, arg_top, arg_export_table, arg_postings,
        arg_no_originals, arg_sandbox_phone, arg_listen, arg_keep, arg_forget, secret_kept, secret_forgotten, secret_empty, arg_invoices, wrong, wrong_unknown, wrong_command, wrong_missing,
        wrong_no_value, wrong_choice, wrong_value, wrong_twice, wrong_service, wrong_then, range_reversed, no_target, second_target, output_lost,
        no_window, raised, rebuilt, read_only, lost, col_date, col_month, col_direction, col_kind, col_number, col_party,
        col_gross, col_status, list_total, refused, partial, unreadable_missing, unreadable_denied, unreadable_too_many, unreadable_too_deep, unreadable_other, imported, inspected,
        seller, buyer, warning, check_line, check_totals, check_line_sums, check_lines,
        check_seller_tax_no, check_buyer_tax_no, check_number_shape, check_numbers_agree, check_sources_agree, check_qr_crc, check_agrees_with_other, check_signature, exported, progress, not_signed_in, not_activated, not_sandbox, no_company, nothing, expected, received,
        downloaded, originals_missing, agrees, agrees_beside, paused, difference, serving, openapi, serving_stop, stopped, wrong_settings, cannot_listen,
        demo_begin, demo_signed_in, demo_activated, demo_company, demo_picture, demo_sms, demo_qr, demo_identity, demo_account,
        demo_default, demo_side, demo_written, demo_bureau, demo_files, demo_originals, demo_agrees, demo_differs,
        deduction_without_period, period_without_deduction, deduction_filters, posting_filters, posting_no_file,
        encoding_only, no_template, posting_only, posted, posting_refused, posting_row, posting_header, posting_column, posting_value,
        posting_differs, posting_one_sided, posting_unbalanced, posting_unknown, posting_kind, posting_no_entity, posting_table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    section! {
        /// For the test.
        Two { one, other }
    }

    #[test]
    fn a_key_that_is_missing_or_unknown_is_named() {
        let of = |keys: &[&str]| Two::try_from(keys.iter().map(|key| ((*key).to_owned(), format!("{key}!"))).collect::<BTreeMap<_, _>>());
        let whole = of(&["one", "other"]).map(|two| (two.one, two.other));
        assert_eq!(whole, Ok(("one!".to_owned(), "other!".to_owned())));
        assert_eq!(of(&["one", "third"]).map(|_| ()), Err("missing: other; unknown: third".to_owned()));
    }
}
