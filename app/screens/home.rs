//! 首页: where the work stands, and the next step.

use egui::{RichText, Ui};
use piaoxia_engine::DownloadState;
use piaoxia_widgets::banner::Banner;
use piaoxia_widgets::button;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::stat::Stat;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish, companies, download};
use crate::state::batch::Days;
use crate::state::{Screen, State};
use crate::text::fill;

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    companies::ask(state, cx);
    let words = &cx.text.home;
    let person = state.session.person().map(|person| person.name.clone()).unwrap_or_default();
    surface::page_title(ui, &fill(&words.greeting, &[("person", &person)]), |_| {});
    ui.label(RichText::new(&words.greeting_body).color(cx.tokens.color.text_secondary));
    ui.add_space(cx.tokens.space.m);
    if state.companies.brought > 0 {
        let line = fill(&cx.text.activation.success, &[("n", &state.companies.brought.to_string())]);
        if Banner::new(Tone::Good, &line).action(&cx.text.common.close).show(ui) {
            state.companies.brought = 0;
        }
        ui.add_space(cx.tokens.space.s);
    }
    figures(ui, state, cx);
    ui.add_space(cx.tokens.space.l);
    next_step(ui, state, cx);
    ui.add_space(cx.tokens.space.l);
    recent(ui, state, cx);
}

fn figures(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let words = &cx.text.home;
    let companies = state.companies.list.value().map(Vec::as_slice).unwrap_or_default();
    let signed_in: u32 = companies.iter().map(|company| company.signed_in).sum();
    let accounts: u32 = companies.iter().map(|company| company.accounts).sum();
    let waiting = state.download.all.iter().filter(|download| matches!(download.state, DownloadState::NeedsLogin { .. })).count();
    let active = state.download.active();
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 3.0 * ui.spacing().item_spacing.x) / 4.0;
        let with_account = companies.iter().filter(|company| company.accounts > 0).count();
        let note = fill(&words.companies_note, &[("n", &with_account.to_string())]);
        Stat::new(&words.companies, &companies.len().to_string()).note(&note).width(width).show(ui);
        let note = fill(&words.signed_in, &[("n", &signed_in.to_string())]);
        Stat::new(&words.accounts, &accounts.to_string()).note(&note).width(width).show(ui);
        Stat::new(&words.invoices, &download::count(state.ledger.invoices)).note(&words.invoices_note).width(width).show(ui);
        let note = fill(&words.waiting, &[("n", &waiting.to_string())]);
        let tone = if waiting > 0 { Tone::Warning } else { Tone::Neutral };
        Stat::new(&words.downloads, &active.to_string()).note(&note).tone(tone).width(width).show(ui);
    });
}

/// The one thing that a newcomer lacks, else the daily round.
fn next_step(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.home;
    let without_account = state.companies.list.value().and_then(|all| all.iter().find(|company| company.accounts == 0)).cloned();
    let none_at_all = state.companies.list.value().is_some_and(|all| all.iter().all(|company| company.accounts == 0));
    surface::titled_card(
        ui,
        &words.next_title,
        |_| {},
        |ui| {
            if let Some(company) = without_account.filter(|_| none_at_all) {
                ui.label(fill(&words.next_account, &[("company", &company.name)]));
                if ui.add(button::primary(&words.next_account_button).icon(Icon::Account)).clicked() {
                    state.companies.chosen = Some(company.id.clone());
                    state.screen = Screen::Company { id: company.id };
                }
                return;
            }
            ui.label(&words.next_daily);
            ui.horizontal(|ui| {
                if ui.add(button::primary(&words.take_new).icon(Icon::Download).enabled(!state.read_only)).clicked() {
                    cx.commands.extend(state.open_batch(Days::New));
                }
                if ui.add(button::secondary(&words.go_download)).clicked() {
                    state.screen = Screen::Download;
                }
                if ui.add(button::secondary(&words.go_ledger).icon(Icon::Ledger)).clicked() {
                    state.screen = Screen::Ledger;
                }
                if ui.add(button::secondary(&words.go_import).icon(Icon::Upload)).clicked() {
                    cx.wish(Wish::PickImportFiles);
                }
            });
        },
    );
}

fn recent(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.home;
    let newest: Vec<_> = state.download.all.iter().take(4).cloned().collect();
    surface::titled_card(
        ui,
        &words.recent,
        |_| {},
        |ui| {
            if newest.is_empty() {
                ui.label(RichText::new(&words.no_downloads).color(cx.tokens.color.text_secondary));
            }
            for one in &newest {
                download::brief(ui, cx, one);
            }
        },
    );
}
