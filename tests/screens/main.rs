//! Every screen as a picture: drawn from a prepared state, on the CPU, with the embedded font alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

#[macro_use]
#[path = "../scenes/list.rs"]
mod list;
mod fits;
mod keyboard;
mod leaving;
mod names;
mod opened;
mod removing;
mod said;
#[path = "../scenes/mod.rs"]
mod scenes;
mod unlisted;
mod variations;
mod waiting;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use piaoxia::screens::{ScreenCx, draw};
use piaoxia::state::State;
use piaoxia::state::ledger_columns::LedgerColumns;
use piaoxia::text::{Language, Text};
use piaoxia_widgets::{Tokens, fonts, tokens};

/// How a scene is drawn.
#[derive(Clone, Copy)]
struct Drawn {
    language: Language,
    tokens: Tokens,
    /// Points.
    size: (f32, f32),
    /// Pixels a point.
    scale: f32,
}

impl Drawn {
    fn new(size: (f32, f32)) -> Self {
        Self { language: Language::ZhCn, tokens: Tokens::light(), size, scale: 1.0 }
    }
}

fn harness(drawn: Drawn, state: State) -> Harness<'static, State> {
    let Drawn { language, tokens, size: (width, height), scale } = drawn;
    let mut state = State { language, ..state };
    if state.ledger.columns == LedgerColumns::default() {
        state.ledger.columns = LedgerColumns::usual(language);
    }
    let mut harness = Harness::builder()
        .with_size([width, height])
        .with_pixels_per_point(scale)
        .with_max_steps(20)
        .with_theme(tokens.theme)
        .with_context_setup(move |ctx| {
            fonts::install(ctx, piaoxia::FONT);
            tokens::apply(ctx, &tokens);
        })
        .renderer(piaoxia_painter::painter())
        .build_ui_state(
            move |ui, state: &mut State| {
                let (mut commands, mut wishes) = (Vec::new(), Vec::new());
                draw(ui, state, &mut ScreenCx { text: Text::of(language), tokens: &tokens, commands: &mut commands, wishes: &mut wishes });
            },
            state,
        );
    // Countdowns never settle.
    harness.run_steps(4);
    harness
}

/// On a PC of 2013.
fn drawn(state: State) -> Harness<'static, State> {
    harness(Drawn::new((1366.0, 768.0)), state)
}

fn says(page: &Harness<'_, State>, words: &str) -> bool {
    page.query_all_by_label_contains(words).next().is_some()
}

/// Draws a scene at the given size and compares it with its picture.
fn picture(name: &str, size: (f32, f32), state: State) {
    piaoxia_painter::snapshot(&mut harness(Drawn::new(size), state), name);
}

fn picture_in(language: Language, name: &str, size: (f32, f32), state: State) {
    piaoxia_painter::snapshot(&mut harness(Drawn { language, ..Drawn::new(size) }, state), name);
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

every_scene!(pictures);

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
        download_waits,
        companies,
        company_busy,
        account_form,
        difference,
        download_counted,
        batch,
        schedule_dialog,
        ledger,
        ledger_columns,
        ledger_groups,
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
