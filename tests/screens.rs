//! Every screen as a picture: drawn from a prepared state, on the CPU, with the embedded font alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod scenes;

use egui_kittest::Harness;
use piaoxia::screens::{ScreenCx, draw};
use piaoxia::state::State;
use piaoxia::text::{Language, Text};
use piaoxia_widgets::{Tokens, fonts, tokens};

/// Draws a scene at the given size and compares it with its picture.
fn picture(name: &str, size: (f32, f32), state: State) {
    picture_in(Language::ZhCn, name, size, state);
}

fn picture_in(language: Language, name: &str, (width, height): (f32, f32), state: State) {
    let state = State { language, ..state };
    let mut harness = Harness::builder()
        .with_size([width, height])
        .with_max_steps(20)
        .with_theme(egui::Theme::Light)
        .with_context_setup(|ctx| {
            fonts::install(ctx, piaoxia::FONT);
            tokens::apply(ctx, &Tokens::light());
        })
        .renderer(piaoxia_painter::painter())
        .build_ui_state(
            |ui, state: &mut State| {
                let (mut commands, mut wishes) = (Vec::new(), Vec::new());
                let tokens = Tokens::light();
                draw(ui, state, &mut ScreenCx { text: Text::of(language), tokens: &tokens, commands: &mut commands, wishes: &mut wishes });
            },
            state,
        );
    // Countdowns never settle.
    harness.run_steps(4);
    piaoxia_painter::snapshot(&mut harness, name);
}

macro_rules! pictures {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                picture(stringify!($name), (1366.0, 768.0), scenes::$name());
            }
        )+
    };
}

pictures!(
    starting,
    sign_in,
    sign_in_scanned,
    sign_in_failed,
    activation,
    activation_refused,
    home_first,
    home,
    companies,
    company_empty,
    company,
    company_busy,
    outages,
    account_form,
    edit_account,
    challenge_image,
    challenge_sms_wrong,
    challenge_qr,
    challenge_face,
    challenge_relation,
    challenge_working,
    challenge_unknown,
    binding_waiting,
    binding_done,
    binding_expired,
    mailbox,
    mailbox_empty,
    password,
    delete_account,
    delete_account_heir,
    download,
    download_counted,
    download_nothing,
    difference,
    batch,
    batch_nobody,
    schedules_kept,
    schedule_dialog,
    claim_again,
    sheet_claimed,
    ledger_columns,
    download_no_disk,
    download_by_disk,
    disks_none,
    disks_no_driver,
    disks_read,
    disks_signed_in,
    disks_wrong_password,
    disks_last_try,
    disks_digital,
    disks_certificate,
    ledger,
    ledger_empty,
    ledger_no_match,
    sheet,
    sheet_rail,
    sheet_air,
    sheet_legacy,
    sheet_proof,
    sheet_pages,
    prove_files,
    stats,
    stats_rates,
    stats_parties,
    stats_balance,
    stats_none,
    stats_empty,
    stats_behind,
    deduction,
    deduction_nothing,
    export_csv,
    export_template,
    export_template_name,
    export_parquet,
    export_print,
    export,
    export_originals,
    import_report,
    settings,
    update_found,
    update_downloading,
    update_ready,
    update_refused,
    update_back,
    checkup,
    checkup_running,
    network_settings,
    diagnosis,
    clock_wrong,
    vault_start,
    vault_locked,
    vault_settings,
    vault_passphrase,
    vault_accounts,
    read_only,
    backup_on,
    backup_running,
    backup_found,
    backup_off_question,
    let_go_question,
    away_let_go,
    away_pulled,
    away_refused,
    away_restoring,
    unbind,
);

/// In English, whose words are longer, the pages and dialogs that are fullest.
mod english {
    use super::*;

    macro_rules! pictures {
        ($($name:ident),+ $(,)?) => {
            $(
                #[test]
                fn $name() {
                    picture_in(Language::En, concat!("english_", stringify!($name)), (1366.0, 768.0), scenes::$name());
                }
            )+
        };
    }

    pictures!(
        home,
        companies,
        company_busy,
        account_form,
        difference,
        download_counted,
        batch,
        schedule_dialog,
        ledger,
        ledger_columns,
        claim_again,
        stats,
        stats_parties,
        sheet,
        sheet_legacy,
        sheet_proof,
        export,
        export_print,
        settings,
        sign_in,
        vault_settings,
        checkup,
        disks_read,
    );
}

#[test]
fn large_window() {
    picture("large_window", (1920.0, 1080.0), scenes::download_counted());
}

#[test]
fn small_window() {
    picture("small_window", (1024.0, 700.0), scenes::ledger());
}

/// The statistics where there is little room.
#[test]
fn small_stats() {
    picture("small_stats", (1024.0, 700.0), scenes::stats());
}

/// The accounts of a company where there is little room.
#[test]
fn small_company() {
    picture("small_company", (1024.0, 700.0), scenes::company_busy());
}
