//! One disk: what it says of itself, its passwords, its session.

use egui::{RichText, Ui};
use piaoxia_engine::Command;
use piaoxia_engine::disks::{DiskFacts, DiskView, DiskWish, DiskWork, Keep};
use piaoxia_engine::problem::What;
use piaoxia_service::contract::code;
use piaoxia_taxdisk::{DiskError, Seat, Tries};
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::words;
use crate::screens::{ScreenCx, words as shared};
use crate::state::{Screen, State};
use crate::text::{problem_line, tries_text};

/// Width of a password field, points.
const FIELD: f32 = 260.0;

/// Draws the card of a disk that was read.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, seat: &Seat) {
    let Some((disk, facts)) = state.disks.view.disks().find(|(disk, _)| disk.seat == *seat) else { return };
    let (disk, facts) = (disk.clone(), facts.clone());
    surface::titled_card(
        ui,
        &facts.company,
        |_| {},
        |ui| {
            says(ui, state, cx, &disk, &facts);
            ui.separator();
            // Above what is typed: below the buttons it would be out of sight on a low screen.
            outcome(ui, state, cx, &disk, &facts);
            passwords(ui, state, cx, &disk, &facts);
            ui.add_space(cx.tokens.space.s);
            buttons(ui, state, cx, &disk);
        },
    );
}

/// What the disk says of itself.
fn says(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, disk: &DiskView, facts: &DiskFacts) {
    let words = &cx.text.disks;
    let company = state.companies.list.value().and_then(|all| all.iter().find(|company| company.tax_no == facts.tax_number));
    let matched = company.map(|company| company.name == facts.company);
    egui::Grid::new("disk").num_columns(2).spacing([20.0, 8.0]).show(ui, |ui| {
        let name = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).color(cx.tokens.color.text_secondary));
        name(ui, &words.tax_no);
        ui.horizontal(|ui| {
            ui.label(facts.tax_number.as_str());
            let (chip, tone) = match matched {
                Some(true) => (&words.matched, Tone::Good),
                Some(false) => (&words.matched_other_name, Tone::Info),
                None if state.companies.list.value().is_none() => (&cx.text.common.loading, Tone::Neutral),
                None => (&words.not_matched, Tone::Warning),
            };
            ui.add(Chip::new(chip, tone));
        });
        ui.end_row();
        name(ui, &words.device);
        ui.add(Elided::new(&format!("{} {}", words::kind(cx.text, facts.kind), facts.serial)).width(420.0));
        ui.end_row();
        name(ui, &words.certificate);
        ui.horizontal(|ui| {
            ui.label(words::certificate(cx.text, facts));
            if ui.add(button::link(&words.certificate_details)).clicked() {
                state.disks.certificate = Some(disk.seat.clone());
            }
        });
        ui.end_row();
        name(ui, &words.tries);
        let tone = match facts.tries {
            Tries::Left(left) if left > 2 => Tone::Good,
            Tries::Unknown => Tone::Neutral,
            _ => Tone::Bad,
        };
        ui.add(Chip::new(&tries_text(cx.text, facts.tries), tone));
        ui.end_row();
    });
    if matched.is_none() && state.companies.list.value().is_some() {
        ui.add(egui::Label::new(RichText::new(&words.not_matched_note).color(cx.tokens.tone(Tone::Warning).text)).wrap());
        if ui.add(button::secondary(&cx.text.companies.add).icon(Icon::Plus).small()).clicked() {
            state.screen = Screen::Activation;
        }
    }
}

fn passwords(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, disk: &DiskView, facts: &DiskFacts) {
    let words = &cx.text.disks;
    let free = disk.work.is_none() && facts.tries != Tries::Locked;
    let typed = state.disks.typed.entry(disk.seat.clone()).or_default();
    let missing = (typed.marked && typed.certificate.is_empty() && !disk.kept.certificate).then_some(words.password_missing.as_str());
    let hint = |kept: Keep| match kept {
        Keep::No => "",
        Keep::Unproved => &words.unproved_hint,
        Keep::Proved => &words.kept_hint,
    };
    let certificate = if disk.kept.certificate { Keep::Proved } else { Keep::No };
    ui.horizontal_top(|ui| {
        let fields = [
            (&words.password, &mut typed.certificate, missing, certificate, true),
            (&words.platform_password, &mut typed.platform, None, disk.kept.platform, false),
            (&words.confirmation_password, &mut typed.confirmation, None, disk.kept.confirmation, false),
        ];
        for (label, value, error, kept, required) in fields {
            let field = Field::new(label, value).password(shared::reveal(cx.text)).hint(hint(kept)).error(error).enabled(free).width(FIELD);
            let field = if required { field.required() } else { field };
            ui.vertical(|ui| field.show(ui));
        }
    });
    ui.add(egui::Label::new(RichText::new(&words.passwords_note).small().color(cx.tokens.color.text_secondary)).wrap());
}

fn buttons(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, disk: &DiskView) {
    let words = &cx.text.disks;
    let free = disk.work.is_none();
    ui.horizontal(|ui| {
        let saving = disk.work == Some(DiskWork::Verifying);
        let to_save = !disk.kept.certificate || state.disks.typed.get(&disk.seat).is_some_and(|typed| !typed.is_empty());
        if ui.add(button::primary(&words.save).icon(Icon::Check).busy(saving).enabled(free && to_save && state.vault.takes())).clicked() {
            let command = state.save_disk(&disk.seat, None);
            cx.commands.extend(command);
        }
        if disk.session.is_some() {
            if ui.add(button::secondary(&words.sign_out).icon(Icon::Exit).enabled(free)).clicked() {
                cx.send(Command::Disk(DiskWish::SignOut(disk.seat.clone())));
            }
            if ui.add(button::secondary(&words.download).icon(Icon::Download)).clicked() {
                state.download_by_disk(&disk.seat);
            }
        } else {
            let signing_in = disk.work == Some(DiskWork::SigningIn);
            let digital = disk.problem.as_ref().is_some_and(|problem| problem.is(code::DISK_DIGITAL));
            let ready = free && disk.kept.certificate && !digital;
            if ui.add(button::secondary(&words.sign_in).icon(Icon::Link).busy(signing_in).enabled(ready)).clicked() {
                cx.send(Command::Disk(DiskWish::SignIn { seat: disk.seat.clone(), consent: None }));
            }
        }
        if disk.kept.certificate && ui.add(button::quiet(&words.forget)).clicked() {
            state.disks.forgetting = Some(disk.seat.clone());
        }
    });
}

/// What became of the last wish.
fn outcome(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, disk: &DiskView, facts: &DiskFacts) {
    let words = &cx.text.disks;
    let say = |ui: &mut Ui, tone: Tone, line: &str| ui.add(egui::Label::new(RichText::new(line).color(cx.tokens.tone(tone).text)).wrap());
    if let Some(session) = &disk.session {
        say(ui, Tone::Good, &words::session_line(cx.text, session));
    } else if disk.verified {
        say(ui, Tone::Good, if disk.kept.is_unproved() { &words.saved_unproved } else { &words.saved });
    }
    if !state.vault.takes() {
        say(ui, Tone::Warning, &words.vault_locked);
    }
    let Some(problem) = &disk.problem else { return };
    say(ui, Tone::Bad, &problem_line(cx.text, problem));
    if problem.is(code::DISK_DIGITAL) && ui.add(button::primary(&words.to_account).icon(Icon::Account).small()).clicked() {
        to_account(state, facts);
    }
    if matches!(problem.what, What::Disk(DiskError::FailedBefore { .. }))
        && ui.add(button::link(&words.changed_elsewhere)).on_hover_text(&words.changed_elsewhere_note).clicked()
    {
        cx.send(Command::Disk(DiskWish::ForgetFailed(facts.serial.clone())));
    }
}

/// 90500: the company has moved to 数电; its accounts are the way.
fn to_account(state: &mut State, facts: &DiskFacts) {
    let found = state.companies.list.value().and_then(|all| all.iter().find(|company| company.tax_no == facts.tax_number));
    if let Some(id) = found.map(|company| company.id.clone()) {
        state.companies.chosen = Some(id.clone());
        state.screen = Screen::Company { id };
    }
}
