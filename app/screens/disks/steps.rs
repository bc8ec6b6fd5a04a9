//! 驱动 → 服务 → 税盘 → 证书: how far it is, with live ticks.

use egui::{Label, RichText, Ui};
use piaoxia_taxdisk::{CertificateState, Presence, Service};
use piaoxia_widgets::foreign::visible;
use piaoxia_widgets::icons::{Icon, IconView};
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::words;
use crate::screens::ScreenCx;
use crate::state::State;
use crate::text::disk_text;

/// Where a step stands, and what is said of it.
struct Step<'t> {
    name: &'t str,
    tone: Tone,
    line: String,
}

/// Draws the list.
pub(super) fn draw(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let steps = [service(state, cx), driver(state, cx), disk(state, cx), certificate(state, cx)];
    surface::card(ui, |ui| {
        // In two columns, so that the fields below stay in sight.
        ui.columns_const(|columns: &mut [Ui; 2]| {
            for (column, steps) in columns.iter_mut().zip(steps.chunks(2)) {
                for step in steps {
                    line(column, step, cx);
                }
            }
        });
    });
}

fn line(ui: &mut Ui, step: &Step<'_>, cx: &ScreenCx<'_>) {
    ui.horizontal_top(|ui| {
        let (icon, word) = match step.tone {
            Tone::Good => (Icon::Check, &cx.text.disks.step_good),
            Tone::Bad => (Icon::Error, &cx.text.disks.step_bad),
            Tone::Warning => (Icon::Warning, &cx.text.disks.step_warning),
            _ => (Icon::Clock, &cx.text.disks.step_waiting),
        };
        ui.add(IconView::new(icon, word).color(cx.tokens.tone(step.tone).text));
        ui.label(RichText::new(step.name).strong());
        ui.add(Label::new(RichText::new(visible(&step.line)).color(cx.tokens.color.text_secondary)).wrap());
    });
}

fn service<'t>(state: &State, cx: &ScreenCx<'t>) -> Step<'t> {
    let words = &cx.text.disks;
    let (tone, line) = match state.disks.view.service {
        Service::Running => (Tone::Good, &words.service_running),
        // A disk that is reached another way needs no card service.
        _ if state.disks.view.disks().next().is_some() => (Tone::Good, &words.service_unneeded),
        Service::Unknown => (Tone::Neutral, &words.looking),
        Service::Absent => (Tone::Neutral, &words.service_absent),
        Service::Stopped => (Tone::Warning, &words.service_stopped),
    };
    Step { name: &words.step_service, tone, line: line.clone() }
}

fn driver<'t>(state: &State, cx: &ScreenCx<'t>) -> Step<'t> {
    let words = &cx.text.disks;
    let view = &state.disks.view;
    let missing = view.seats.iter().find(|disk| matches!(disk.presence, Presence::NoDriver { .. }));
    let (tone, line) = if view.disks().next().is_some() {
        (Tone::Good, words.driver_works.clone())
    } else if let Some(disk) = missing {
        (Tone::Bad, words::why(cx.text, disk).0)
    } else if let Some((_, fault)) = view.library_faults.first() {
        (Tone::Bad, disk_text(cx.text, fault).0)
    } else {
        (Tone::Neutral, words.driver_waits.clone())
    };
    Step { name: &words.step_driver, tone, line }
}

fn disk<'t>(state: &State, cx: &ScreenCx<'t>) -> Step<'t> {
    let words = &cx.text.disks;
    let found = state.disks.current().and_then(|disk| disk.facts.as_ref());
    let (tone, line) = match (found, &state.disks.view.obstacle) {
        (Some(facts), _) => (Tone::Good, format!("{} · {}", words::kind(cx.text, facts.kind), facts.company)),
        (None, Some(obstacle)) => (Tone::Warning, disk_text(cx.text, obstacle).0),
        (None, None) => (Tone::Neutral, words.looking.clone()),
    };
    Step { name: &words.step_disk, tone, line }
}

fn certificate<'t>(state: &State, cx: &ScreenCx<'t>) -> Step<'t> {
    let words = &cx.text.disks;
    let Some(facts) = state.disks.current().and_then(|disk| disk.facts.as_ref()) else {
        return Step { name: &words.step_certificate, tone: Tone::Neutral, line: words.certificate_waits.clone() };
    };
    let tone = match facts.certificate {
        CertificateState::Valid => Tone::Good,
        CertificateState::ExpiresSoon { .. } => Tone::Warning,
        CertificateState::Expired { .. } | CertificateState::NotYetValid => Tone::Bad,
    };
    Step { name: &words.step_certificate, tone, line: words::certificate(cx.text, facts) }
}
