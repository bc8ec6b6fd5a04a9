//! 税盘管理: what is plugged in, its passwords, its session with 综合服务平台.

mod card;
mod steps;
mod words;

use egui::{RichText, ScrollArea, Ui};
use piaoxia_engine::Command;
use piaoxia_engine::disks::DiskWish;
use piaoxia_taxdisk::{Presence, Seat, Tries};
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::dialog::{self, Choice, Dialog, Question};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish, companies};
use crate::state::State;
use crate::state::removal::Removal;
use crate::text::{disk_text, fill, moment_day, tries_text};

pub(super) use words::session_line;

/// Room of the names in what a certificate says, points.
const CERTIFICATE: f32 = 130.0;

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    companies::ask(state, cx);
    let commands = state.look_at_disks();
    cx.commands.extend(commands);
    let words = &cx.text.disks;
    surface::page_title(ui, &words.title, |ui| {
        if ui.add(button::secondary(&words.look).icon(Icon::Refresh)).clicked() {
            cx.send(Command::Disk(DiskWish::Look));
        }
        simulated(ui, state, cx);
    });
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.add(egui::Label::new(RichText::new(&words.intro).color(cx.tokens.color.text_secondary)).wrap());
        ui.add_space(cx.tokens.space.s);
        steps::draw(ui, state, cx);
        ui.add_space(cx.tokens.space.m);
        if let Some(seat) = state.disks.current().map(|disk| disk.seat.clone()) {
            others(ui, state, cx, &seat);
            card::draw(ui, state, cx, &seat);
        } else {
            nothing(ui, state, cx);
        }
        ui.add_space(cx.tokens.space.m);
        libraries(ui, state, cx);
        ui.add_space(cx.tokens.space.m);
    });
}

/// The sandbox's own disk.
fn simulated(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.disks;
    if let Some(plugged) = state.disks.view.simulated {
        let label = if plugged { &words.pull_simulated } else { &words.plug_simulated };
        if ui.add(button::secondary(label).icon(Icon::Disk)).on_hover_text(&words.simulated_note).clicked() {
            cx.send(Command::Disk(DiskWish::PlugSimulated(!plugged)));
        }
    }
}

/// Nothing that can be read: what keeps it, and what to do.
fn nothing(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let words = &cx.text.disks;
    surface::card(ui, |ui| match &state.disks.view.obstacle {
        Some(obstacle) if state.disks.view.watching => {
            let (title, advice) = disk_text(cx.text, obstacle);
            Empty::new(Icon::Disk, &title, &advice).show(ui, |_| {});
        }
        _ => Empty::new(Icon::Disk, &words.looking, "").show(ui, |_| {}),
    });
}

/// Several disks: a line each, to choose from; and those that cannot be read.
fn others(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, current: &Seat) {
    // An empty reader beside the disk is nothing to choose.
    if state.disks.view.seats.iter().filter(|disk| disk.presence != Presence::Empty).count() < 2 {
        return;
    }
    let words = &cx.text.disks;
    let mut chosen = None;
    surface::titled_card(
        ui,
        &words.plugged,
        |_| {},
        |ui| {
            for disk in &state.disks.view.seats {
                ui.horizontal(|ui| {
                    let (kind, tone) = words::presence(cx.text, &disk.presence);
                    ui.add(Chip::new(&kind, tone));
                    let name = disk.facts.as_ref().map_or_else(|| words::seat(cx.text, &disk.seat), |facts| facts.company.clone());
                    ui.add(Elided::new(&name).width((ui.available_width() - 120.0).max(120.0)));
                    if disk.facts.is_some() && disk.seat != *current {
                        let show = fill(&words.show, &[("company", &name)]);
                        if ui.add(button::secondary(&words.choose).small()).on_hover_text(&show).clicked() {
                            chosen = Some(disk.seat.clone());
                        }
                    }
                });
                if !matches!(disk.presence, Presence::Disk(_) | Presence::Empty) || disk.fault.is_some() {
                    let (title, advice) = words::why(cx.text, disk);
                    let line = fill(&cx.text.problem.line, &[("title", &title), ("advice", &advice)]);
                    ui.add(egui::Label::new(RichText::new(line).small().color(cx.tokens.tone(Tone::Warning).text)).wrap());
                }
            }
        },
    );
    ui.add_space(cx.tokens.space.m);
    if chosen.is_some() {
        state.disks.chosen = chosen;
    }
}

/// Vendors' libraries (SKF) that the user picked.
fn libraries(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.disks;
    let mut remove = None;
    surface::titled_card(
        ui,
        &words.libraries,
        |_| {},
        |ui| {
            ui.add(egui::Label::new(RichText::new(&words.libraries_body).color(cx.tokens.color.text_secondary)).wrap());
            for path in &state.disks.view.libraries {
                ui.horizontal(|ui| {
                    let shown = path.display().to_string();
                    ui.add(Elided::new(&shown).middle().width((ui.available_width() - 60.0).max(120.0)));
                    let name = fill(&words.remove_library, &[("path", &shown)]);
                    if ui.add(button::icon(Icon::Trash, &name).small()).clicked() {
                        remove = Some(path.clone());
                    }
                });
                if let Some((_, fault)) = state.disks.view.library_faults.iter().find(|(faulty, _)| faulty == path) {
                    let (title, advice) = disk_text(cx.text, fault);
                    let line = fill(&cx.text.problem.line, &[("title", &title), ("advice", &advice)]);
                    ui.add(egui::Label::new(RichText::new(line).color(cx.tokens.tone(Tone::Bad).text)).wrap());
                }
            }
            if ui.add(button::secondary(&words.add_library).icon(Icon::Plus)).clicked() {
                cx.wish(Wish::PickDiskLibrary);
            }
        },
    );
    if let Some(path) = remove {
        state.removing = Some(Removal::Library(path));
    }
}

/// Draws whichever is open.
pub(super) fn dialogs(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.disks;
    if let Some(asking) = state.disks.asking.clone() {
        let left = tries_text(cx.text, asking.left);
        let text = fill(if asking.left == Tries::Left(1) { &words.last_try_body } else { &words.spend_body }, &[("left", &left)]);
        let question =
            Question { title: &words.spend_title, text: &text, confirm: &words.spend, cancel: &cx.text.common.cancel, danger: true };
        match dialog::confirm(ui.ctx(), "spend a try", &question) {
            Choice::Open => {}
            Choice::Cancelled => state.disks.asking = None,
            Choice::Confirmed => cx.commands.extend(state.spend_try()),
        }
    }
    if state.disks.forgetting.is_some() {
        let holder = state.disks.view.disks().find(|(disk, _)| Some(&disk.seat) == state.disks.forgetting.as_ref());
        let company = holder.map_or_else(String::new, |(_, facts)| facts.company.clone());
        let text = fill(&words.forget_body, &[("company", &company)]);
        let question =
            Question { title: &words.forget_title, text: &text, confirm: &words.forget, cancel: &cx.text.common.cancel, danger: true };
        match dialog::confirm(ui.ctx(), "forget disk", &question) {
            Choice::Open => {}
            Choice::Cancelled => state.disks.forgetting = None,
            Choice::Confirmed => cx.commands.extend(state.forget_disk()),
        }
    }
    certificate(ui, state, cx);
}

fn certificate(ui: &Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let words = &cx.text.disks;
    let Some(seat) = &state.disks.certificate else { return };
    let Some((_, facts)) = state.disks.view.disks().find(|(disk, _)| disk.seat == *seat) else {
        state.disks.certificate = None;
        return;
    };
    let holder = &facts.holder;
    let (choice, ()) =
        Dialog::new("disk certificate", &words.certificate_title).cancel(&cx.text.common.close).width(560.0).show(ui.ctx(), |ui| {
            let lines = [
                (&words.subject, holder.subject_full.clone()),
                (&words.issuer, holder.issuer_full.clone()),
                (&words.certificate_number, holder.serial.clone()),
                (&words.valid_from, moment_day(holder.not_before)),
                (&words.valid_to, moment_day(holder.not_after)),
            ];
            for (name, value) in lines {
                ui.horizontal_top(|ui| {
                    ui.allocate_ui(egui::vec2(CERTIFICATE, 0.0), |ui| {
                        ui.set_min_width(CERTIFICATE);
                        ui.label(RichText::new(name).color(cx.tokens.color.text_secondary));
                    });
                    ui.add(egui::Label::new(piaoxia_widgets::foreign::visible(&value).as_ref()).wrap());
                });
            }
        });
    if choice != Choice::Open {
        state.disks.certificate = None;
    }
}
