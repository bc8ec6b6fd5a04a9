//! 设置: how it looks, where the data is, phones, the sandbox's codes, about.

use egui::{RichText, ScrollArea, Ui};
use piaoxia_engine::Command;
use piaoxia_service::contract::{CodeCondition, Fault, FaultRequest};
use piaoxia_widgets::button;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish, backup, help, update, vault, welcome};
use crate::state::State;
use crate::state::look::{ThemeChoice, ZOOMS};
use crate::text::{Language, Settings, fill, rebuilt_line, thousands};

/// Below this the cards stand in one column, points.
const TWO_COLUMNS: f32 = 1000.0;

type Card = fn(&mut Ui, &mut State, &mut ScreenCx<'_>);

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    surface::page_title(ui, &cx.text.settings.title, |_| {});
    let left: [Card; 5] = [look_ui, data_ui, vault::card, phones_ui, about_ui];
    let right: [Card; 5] = [welcome::card, backup::card, update::card, help::card, sandbox_ui];
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if ui.available_width() < TWO_COLUMNS {
            cards(ui, state, cx, &left);
            cards(ui, state, cx, &right);
            return;
        }
        let between = std::mem::replace(&mut ui.spacing_mut().item_spacing.x, cx.tokens.space.m);
        ui.columns_const(|columns: &mut [Ui; 2]| {
            for (column, side) in columns.iter_mut().zip([left.as_slice(), &right]) {
                column.spacing_mut().item_spacing.x = between;
                cards(column, state, cx, side);
            }
        });
    });
}

fn cards(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, cards: &[Card]) {
    for card in cards {
        card(ui, state, cx);
        ui.add_space(cx.tokens.space.m);
    }
}

/// 外观: language, theme, zoom.
fn look_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.settings;
    surface::titled_card(
        ui,
        &words.look,
        |_| {},
        |ui| {
            egui::Grid::new("look").num_columns(2).spacing([16.0, 8.0]).show(ui, |ui| {
                let aside = |ui: &mut Ui, name: &str| ui.label(RichText::new(name).color(cx.tokens.color.text_secondary));
                aside(ui, &words.language);
                let names = Language::ALL.map(Language::own_name);
                let mut chosen = Language::ALL.iter().position(|language| *language == state.language).unwrap_or_default();
                if segmented(ui, &words.language, &names, &mut chosen).changed()
                    && let Some(language) = Language::ALL.get(chosen)
                {
                    cx.commands.push(state.set_language(*language));
                }
                ui.end_row();
                aside(ui, &words.theme);
                let names = [&*words.theme_system, &words.theme_light, &words.theme_dark];
                let mut chosen = ThemeChoice::ALL.iter().position(|theme| *theme == state.look.theme).unwrap_or_default();
                if segmented(ui, &words.theme, &names, &mut chosen).changed()
                    && let Some(theme) = ThemeChoice::ALL.get(chosen)
                {
                    cx.commands.push(state.set_theme(*theme));
                }
                ui.end_row();
                aside(ui, &words.zoom);
                ui.horizontal(|ui| zoom(ui, state, cx));
                ui.end_row();
            });
            ui.add(egui::Label::new(RichText::new(&words.look_note).small().color(cx.tokens.color.text_secondary)).wrap());
        },
    );
}

fn zoom(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.settings;
    let now = state.look.place.zoom;
    let (smaller, larger) = (ZOOMS.iter().any(|zoom| *zoom < now), ZOOMS.iter().any(|zoom| *zoom > now));
    if ui.add(button::icon(Icon::Minus, &words.zoom_out).enabled(smaller)).clicked() {
        cx.commands.extend(state.step_zoom(false));
    }
    ui.label(format!("{now} %"));
    if ui.add(button::icon(Icon::Plus, &words.zoom_in).enabled(larger)).clicked() {
        cx.commands.extend(state.step_zoom(true));
    }
}

fn data_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.settings;
    surface::titled_card(
        ui,
        &words.data,
        |_| {},
        |ui| {
            ui.label(RichText::new(&words.data_body).color(cx.tokens.color.text_secondary));
            let path = state.data.display().to_string();
            ui.add(Elided::new(&path).middle().width(ui.available_width()));
            ui.horizontal(|ui| {
                if ui.add(button::secondary(&words.open_folder).icon(Icon::Folder).small()).clicked() {
                    cx.send(Command::Reveal(state.data.clone()));
                }
                let remove = button::quiet(&cx.text.away.remove).icon(Icon::Exit).small();
                if ui.add(remove).on_hover_text(&cx.text.away.remove_note).clicked() {
                    cx.commands.extend(state.let_go());
                }
            });
            ui.label(fill(&words.ledger_size, &[("n", &thousands(state.ledger.invoices))]));
            if let Some(rebuilt) = state.ledger.rebuilt {
                let tone = if rebuilt.lost == 0 { Tone::Info } else { Tone::Bad };
                ui.add(egui::Label::new(RichText::new(rebuilt_line(cx.text, rebuilt)).color(cx.tokens.tone(tone).text)).wrap());
            }
        },
    );
}

fn phones_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    // A service elsewhere has pages of its own, which this PC neither opens nor closes.
    if !state.service_is_embedded() {
        return;
    }
    let words = &cx.text.settings;
    surface::titled_card(
        ui,
        &words.phones,
        |_| {},
        |ui| {
            ui.label(RichText::new(&words.phones_body).color(cx.tokens.color.text_secondary));
            if state.phones.is_empty() {
                if ui.add(button::secondary(&cx.text.sign_in.phones_allow).icon(Icon::Phone)).clicked() {
                    cx.send(Command::AllowPhones(true));
                }
                return;
            }
            for address in &state.phones {
                ui.horizontal(|ui| {
                    ui.label(address);
                    if ui.add(button::quiet(&cx.text.common.copy).icon(Icon::Copy).small()).clicked() {
                        cx.wish(Wish::Copy(address.clone()));
                    }
                });
            }
            if ui.add(button::secondary(&words.phones_close)).clicked() {
                cx.send(Command::AllowPhones(false));
            }
        },
    );
}

fn sandbox_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if !state.session.is_sandbox() {
        return;
    }
    let words = &cx.text.settings;
    surface::titled_card(
        ui,
        &words.sandbox,
        |_| {},
        |ui| {
            ui.label(RichText::new(&words.sandbox_body).color(cx.tokens.color.text_secondary));
            ui.horizontal_wrapped(|ui| {
                let codes = [
                    (&words.code_fresh, CodeCondition::Fresh),
                    (&words.code_expired, CodeCondition::Expired),
                    (&words.code_used, CodeCondition::Used),
                ];
                for (label, condition) in codes {
                    if ui.add(button::secondary(label).small()).clicked() {
                        cx.send(Command::IssueCode(condition));
                    }
                }
                if let Some(code) = &state.sandbox.code {
                    ui.label(RichText::new(code).monospace());
                    if ui.add(button::quiet(&words.copy_code).icon(Icon::Copy).small()).clicked() {
                        cx.wish(Wish::Copy(code.clone()));
                    }
                }
            });
            ui.add_space(cx.tokens.space.s);
            ui.label(RichText::new(&words.faults_body).color(cx.tokens.color.text_secondary));
            ui.horizontal_wrapped(|ui| {
                for (label, fault, times, arg) in faults(words) {
                    if ui.add(button::secondary(label).small()).clicked() {
                        cx.send(Command::DialFault(FaultRequest::new(fault, times, arg)));
                    }
                }
            });
        },
    );
}

/// Faults that can be tried out, each for the next few requests.
fn faults(words: &Settings) -> [(&str, Fault, u32, u64); 10] {
    [
        (&words.fault_slow, Fault::Slow, 5, 3000),
        (&words.fault_error, Fault::ServerError, 2, 0),
        (&words.fault_throttle, Fault::TooManyRequests, 2, 2),
        (&words.fault_cut, Fault::Cut, 2, 200),
        (&words.fault_link, Fault::LinkExpired, 2, 0),
        (&words.fault_session, Fault::SessionLost, 1, 0),
        (&words.fault_totals, Fault::WrongTotals, 1, 0),
        (&words.fault_maintenance, Fault::Maintenance, 1, 60),
        (&words.fault_hosted, Fault::HostedFails, 1, 0),
        (&words.fault_platform_password, Fault::PlatformPassword, 1, 4),
    ]
}

fn about_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.settings;
    surface::titled_card(
        ui,
        &words.about,
        |_| {},
        |ui| {
            ui.label(fill(&words.version, &[("version", &crate::boot::version().to_string())]));
            ui.horizontal(|ui| {
                if ui.add(button::secondary(&words.manual).icon(Icon::File).small()).clicked() {
                    state.manual = Some(0);
                }
                if ui.add(button::secondary(&words.shortcuts).small()).on_hover_text("F1").clicked() {
                    state.keys_shown = true;
                }
            });
            ui.label(RichText::new(&words.licence).small().color(cx.tokens.color.text_secondary));
        },
    );
}
