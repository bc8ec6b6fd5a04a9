//! 首页: where the work stands, and the next step.

use egui::{RichText, ScrollArea, Ui};
use piaoxia_service::contract::Company;
use piaoxia_widgets::banner::Banner;
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::icons::{Icon, IconView};
use piaoxia_widgets::stat::Stat;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish, companies, download};
use crate::state::agenda::{Filing, Matter};
use crate::state::batch::Days;
use crate::state::{Screen, State};
use crate::text::fill;

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    companies::ask(state, cx);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        page(ui, state, cx);
        ui.add_space(cx.tokens.space.m);
    });
}

fn page(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
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
    companies::trouble(ui, state, cx);
    figures(ui, state, cx);
    ui.add_space(cx.tokens.space.l);
    today(ui, state, cx);
    ui.add_space(cx.tokens.space.l);
    recent(ui, state, cx);
}

fn figures(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let (words, common, list) = (&cx.text.home, &cx.text.common, &state.companies.list);
    let companies = list.value().map(Vec::as_slice).unwrap_or_default();
    // Before the list is there nobody knows how many: a zero would be wrong.
    let figure = |count: String| if list.value().is_some() { count } else { "-".to_owned() };
    let unknown = if list.problem().is_some() { &common.unknown } else { &common.loading };
    let below = |line: String| if list.value().is_some() { line } else { unknown.clone() };
    let signed_in: u32 = companies.iter().map(|company| company.signed_in).sum();
    let accounts: u32 = companies.iter().map(|company| company.accounts).sum();
    let waiting = state.download.in_need();
    let active = state.download.active();
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 3.0 * ui.spacing().item_spacing.x) / 4.0;
        let with_account = companies.iter().filter(|company| company.accounts > 0).count();
        let note = below(fill(&words.companies_note, &[("n", &with_account.to_string())]));
        Stat::new(&words.companies, &figure(companies.len().to_string())).note(&note).width(width).show(ui);
        let note = below(fill(&words.signed_in, &[("n", &signed_in.to_string())]));
        Stat::new(&words.accounts, &figure(accounts.to_string())).note(&note).width(width).show(ui);
        Stat::new(&words.invoices, &download::count(state.ledger.invoices)).note(&words.invoices_note).width(width).show(ui);
        let note = fill(&words.waiting, &[("n", &waiting.to_string())]);
        let tone = if waiting > 0 { Tone::Warning } else { Tone::Neutral };
        Stat::new(&words.downloads, &active.to_string()).note(&note).tone(tone).width(width).show(ui);
    });
}

/// The one thing that a newcomer lacks, else what needs the user today and the daily round.
fn today(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.home;
    let companies = state.companies.list.value().map(Vec::as_slice).unwrap_or_default();
    let none_at_all = companies.iter().all(|company| company.accounts == 0) && state.disks.view.disks().next().is_none();
    if let Some(company) = companies.first().filter(|_| none_at_all).cloned() {
        first_account(ui, state, cx, company);
        return;
    }
    let (line, tone) = deadline(cx, Filing::after(state.today));
    surface::titled_card(
        ui,
        &words.today,
        |ui| {
            ui.add(Chip::new(&line, tone)).on_hover_text(&words.filing_note);
        },
        |ui| {
            let matters = state.agenda();
            // Without the list nobody knows that there is nothing to do.
            if matters.is_empty() && state.companies.list.value().is_some() {
                ui.horizontal(|ui| {
                    ui.add(IconView::new(Icon::Check, "").color(cx.tokens.tone(Tone::Good).text));
                    ui.label(RichText::new(&words.nothing_today).color(cx.tokens.color.text_secondary));
                });
            }
            for one in &matters {
                matter(ui, state, cx, one);
            }
            ui.add_space(cx.tokens.space.s);
            round(ui, state, cx);
        },
    );
}

fn first_account(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, company: Company) {
    let words = &cx.text.home;
    surface::titled_card(
        ui,
        &words.next_title,
        |_| {},
        |ui| {
            ui.label(fill(&words.next_account, &[("company", &company.name)]));
            if ui.add(button::primary(&words.next_account_button).icon(Icon::Account)).clicked() {
                state.companies.chosen = Some(company.id.clone());
                state.screen = Screen::Company { id: company.id };
            }
        },
    );
}

/// 申报期, as far as it is away.
fn deadline(cx: &ScreenCx<'_>, filing: Filing) -> (String, Tone) {
    let words = &cx.text.home;
    let day = filing.last.to_string();
    let line = match filing.days {
        0 => fill(&words.filing_today, &[("day", &day)]),
        days => fill(&words.filing, &[("day", &day), ("n", &days.to_string())]),
    };
    let tone = match filing.days {
        ..=2 => Tone::Bad,
        3..=7 => Tone::Warning,
        _ => Tone::Neutral,
    };
    (line, tone)
}

/// What needs the user, and the way there.
fn matter(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, matter: &Matter) {
    let words = &cx.text.home;
    let count = |line: &str, n: usize| fill(line, &[("n", &n.to_string())]);
    let (tone, line, button, page) = match matter {
        Matter::SignIn { downloads } => (Tone::Warning, count(&words.to_sign_in, *downloads), &words.go_sign_in, Screen::Download),
        Matter::Disk { downloads } => (Tone::Warning, count(&words.to_plug_in, *downloads), &cx.text.download.to_disks, Screen::Disks),
        Matter::Unfinished { downloads } => (Tone::Bad, count(&words.unfinished, *downloads), &words.show, Screen::Download),
        Matter::Certificate { company, days } => {
            let line = if *days < 0 { &words.certificate_ended } else { &words.certificate_ends };
            let line = fill(line, &[("company", company), ("n", &days.abs().to_string())]);
            (if *days < 0 { Tone::Bad } else { Tone::Warning }, line, &words.show, Screen::Disks)
        }
        Matter::Service { company, companies, last } => {
            let has_ended = *last < state.today;
            let line = if has_ended { &words.service_ended } else { &words.service_ends };
            let line = fill(line, &[("company", company), ("n", &companies.to_string()), ("day", &last.to_string())]);
            (if has_ended { Tone::Bad } else { Tone::Warning }, line, &words.show, Screen::Companies)
        }
        Matter::NoAccount { companies } => (Tone::Info, count(&words.no_account, *companies), &words.add_account, Screen::Companies),
    };
    ui.horizontal(|ui| {
        let icon = match tone {
            Tone::Info => Icon::Info,
            Tone::Bad => Icon::Error,
            _ => Icon::Warning,
        };
        ui.add(IconView::new(icon, "").color(cx.tokens.tone(tone).text));
        let link = button::link(button);
        ui.add(Elided::new(&line).width(ui.available_width() - 120.0));
        if ui.add(link).on_hover_text(&line).clicked() {
            state.screen = page;
        }
    });
}

/// The daily round: take in, look, export.
fn round(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.home;
    ui.horizontal(|ui| {
        let free = !state.read_only;
        if ui.add(button::primary(&words.last_month).icon(Icon::Download).enabled(free)).on_hover_text(&words.last_month_note).clicked() {
            cx.commands.extend(state.open_batch(Days::LastMonth));
        }
        if ui.add(button::secondary(&words.take_new).icon(Icon::Refresh).enabled(free)).on_hover_text(&words.take_new_note).clicked() {
            cx.commands.extend(state.open_batch(Days::New));
        }
        if ui.add(button::secondary(&words.go_ledger).icon(Icon::Ledger)).clicked() {
            state.screen = Screen::Ledger;
        }
        if ui.add(button::secondary(&words.go_import).icon(Icon::File).enabled(free)).clicked() {
            cx.wish(Wish::PickImportFiles);
        }
    });
}

fn recent(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.home;
    let mut wanted = false;
    surface::titled_card(
        ui,
        &words.recent,
        |_| {},
        |ui| {
            if state.download.all.is_empty() {
                ui.label(RichText::new(&words.no_downloads).color(cx.tokens.color.text_secondary));
            }
            for one in state.download.all.iter().take(4) {
                wanted |= ui.push_id(&one.id.0, |ui| download::brief(ui, cx, one)).inner;
            }
        },
    );
    if wanted {
        state.screen = Screen::Download;
    }
}
