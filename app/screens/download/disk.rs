//! 税控模式: what it needs, said line by line, before its filters can be used.

use egui::{RichText, Ui};
use piaoxia_engine::Command;
use piaoxia_engine::disks::{DiskFacts, DiskView, DiskWish, DiskWork};
use piaoxia_service::contract::code;
use piaoxia_widgets::button;
use piaoxia_widgets::icons::{Icon, IconView};
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use crate::screens::{ScreenCx, disks};
use crate::state::download::Mode;
use crate::state::{Screen, State};
use crate::text::{disk_text, fill, problem_line};

/// A need of 税控模式.
struct Need {
    /// None when nobody can know before the disk is in.
    met: Option<bool>,
    line: String,
}

/// Draws the needs; true when all of them are met.
pub(super) fn needs(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) -> bool {
    let commands = state.look_at_disks();
    cx.commands.extend(commands);
    let found = state.disks.of_current(&state.companies).map(|(disk, facts)| (disk.clone(), facts.clone()));
    let needs = [plugged(state, cx, found.as_ref()), password(state, cx, found.as_ref()), session(cx, found.as_ref())];
    let ready = needs.iter().all(|need| need.met == Some(true));
    surface::card(ui, |ui| {
        for need in &needs {
            ui.horizontal(|ui| {
                let (icon, tone) = match need.met {
                    Some(true) => (Icon::Check, Tone::Good),
                    Some(false) => (Icon::Warning, Tone::Warning),
                    None => (Icon::Info, Tone::Neutral),
                };
                ui.add(IconView::new(icon, "").color(cx.tokens.tone(tone).text));
                ui.add(egui::Label::new(&need.line).wrap());
            });
        }
        if !ready {
            ui.add_space(cx.tokens.space.s);
            next(ui, state, cx, found.as_ref().map(|(disk, _)| disk));
        }
    });
    ui.add_space(cx.tokens.space.m);
    ready
}

/// The platform's own limits, so that nobody is surprised by a refusal.
pub(super) fn limits(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let session = state.disks.of_current(&state.companies).and_then(|(disk, _)| disk.session.as_ref());
    if let Some(limits) = session.map(|session| &session.limits) {
        let (left, most) = (limits.current_month_left.to_string(), limits.current_month_most.to_string());
        let line = fill(&cx.text.download.platform_left, &[("left", &left), ("most", &most)]);
        let tone = if limits.current_month_left <= 1 { Tone::Warning } else { Tone::Neutral };
        ui.label(RichText::new(line).color(cx.tokens.tone(tone).text));
    }
    ui.add(egui::Label::new(RichText::new(&cx.text.download.platform_limits).small().color(cx.tokens.color.text_secondary)).wrap());
}

fn plugged(state: &State, cx: &ScreenCx<'_>, found: Option<&(DiskView, DiskFacts)>) -> Need {
    let words = &cx.text.download;
    let company = state.companies.current().map(|company| company.name.as_str()).unwrap_or_default();
    let line = match (found, state.disks.view.disks().next(), &state.disks.view.obstacle) {
        (Some(_), ..) => fill(&words.need_disk_met, &[("company", company)]),
        (None, Some((_, other)), _) => fill(&words.need_disk_other, &[("company", company), ("other", &other.company)]),
        (None, None, Some(obstacle)) => {
            let (title, advice) = disk_text(cx.text, obstacle);
            fill(&cx.text.problem.line, &[("title", &title), ("advice", &advice)])
        }
        (None, None, None) => cx.text.disks.looking.clone(),
    };
    Need { met: Some(found.is_some()), line }
}

fn password(state: &State, cx: &ScreenCx<'_>, found: Option<&(DiskView, DiskFacts)>) -> Need {
    let words = &cx.text.download;
    let met = found.map(|(disk, _)| disk.kept.certificate);
    let locked = state.vault.view.exists && !state.vault.view.open;
    let (met, line) = match met {
        Some(true) => (met, &words.need_password_met),
        _ if locked => (Some(false), &words.need_password_locked),
        Some(false) => (met, &words.need_password),
        // Passwords are kept by disk.
        None => (None, &cx.text.disks.driver_waits),
    };
    Need { met, line: line.clone() }
}

fn session(cx: &ScreenCx<'_>, found: Option<&(DiskView, DiskFacts)>) -> Need {
    let session = found.and_then(|(disk, _)| disk.session.as_ref());
    let line = session.map_or_else(|| cx.text.download.need_session.clone(), |session| disks::session_line(cx.text, session));
    Need { met: Some(session.is_some()), line }
}

/// The one thing to do next.
fn next(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, disk: Option<&DiskView>) {
    let words = &cx.text.download;
    if let Some(problem) = disk.and_then(|disk| disk.problem.as_ref()) {
        ui.add(egui::Label::new(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text)).wrap());
        if problem.is(code::DISK_DIGITAL) {
            if ui.add(button::primary(&words.disk_back)).clicked() {
                state.download.mode = Mode::Digital;
            }
            return;
        }
    }
    ui.horizontal(|ui| {
        match disk.filter(|disk| disk.kept.certificate) {
            Some(disk) => {
                let busy = disk.work == Some(DiskWork::SigningIn);
                if ui.add(button::primary(&cx.text.disks.sign_in).icon(Icon::Link).busy(busy).enabled(disk.work.is_none())).clicked() {
                    cx.send(Command::Disk(DiskWish::SignIn { seat: disk.seat.clone(), consent: None }));
                }
            }
            None => {
                if ui.add(button::primary(&words.to_disks).icon(Icon::Disk)).clicked() {
                    state.screen = Screen::Disks;
                }
            }
        }
        if ui.add(button::quiet(&words.disk_back)).clicked() {
            state.download.mode = Mode::Digital;
        }
    });
}
