//! The challenge dialog: captcha, SMS code, QR, identity. A wrong answer keeps it open.

use std::time::Duration;

use egui::{ColorImage, RichText, TextureHandle, TextureOptions, Ui, vec2};
use piaoxia_engine::{Command, Secret};
use piaoxia_service::contract::{ChallengeKind, ChallengeOption, QrChoice};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::qr::Qr;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, sandbox};
use crate::state::State;
use crate::state::accounts::ChallengeDialog;
use crate::text::{Text, fill, problem_line};

/// Draws the dialog while a challenge is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.accounts.challenge.take() else { return };
    let by_typing = matches!(dialog.challenge.kind, ChallengeKind::Image { .. } | ChallengeKind::Sms { .. } | ChallengeKind::Unknown);
    let by_choice = dialog.challenge.kind.options().is_some();
    let clock = state.clock;
    let sandboxed = state.session.is_sandbox();
    let mut window = Dialog::new("challenge", &cx.text.challenge.title).cancel(&cx.text.challenge.give_up).busy(dialog.busy).width(480.0);
    if by_typing || by_choice {
        window = window.confirm(&cx.text.challenge.submit).can_confirm(!dialog.value.trim().is_empty());
    }
    let (choice, submitted) = window.show(ui.ctx(), |ui| {
        heading(ui, cx, &dialog);
        let submitted = question(ui, cx, &mut dialog, clock);
        trouble(ui, cx, &dialog);
        if sandboxed {
            sandbox::challenge_help(ui, &state.sandbox, cx, &mut dialog);
        }
        submitted
    });
    match choice {
        Choice::Cancelled => cx.send(Command::CancelChallenge { id: dialog.challenge.id.clone() }),
        Choice::Confirmed => answer(cx, &mut dialog),
        Choice::Open if submitted => answer(cx, &mut dialog),
        Choice::Open => {}
    }
    ui.ctx().request_repaint_after(Duration::from_secs(1));
    state.accounts.challenge = Some(dialog);
}

fn answer(cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog) {
    let value = dialog.value.trim().to_owned();
    if dialog.busy || value.is_empty() {
        return;
    }
    dialog.busy = true;
    dialog.problem = None;
    cx.send(Command::AnswerChallenge { id: dialog.challenge.id.clone(), value: Secret::new(value) });
}

fn heading(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &ChallengeDialog) {
    let region = piaoxia_domain::Region::from_code(&dialog.challenge.region).map_or("", |region| region.name.as_str());
    let values = [("company", dialog.challenge.company.as_str()), ("account", &dialog.challenge.login_name), ("region", region)];
    ui.label(RichText::new(fill(&cx.text.challenge.about, &values)).color(cx.tokens.color.text_secondary));
    ui.add_space(cx.tokens.space.s);
}

/// True when Enter was pressed in the field.
fn question(ui: &mut Ui, cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog, clock: f64) -> bool {
    let kind = dialog.challenge.kind.clone();
    let submitted = match &kind {
        ChallengeKind::Image { png } => image_ui(ui, cx, dialog, png),
        ChallengeKind::Sms { phone, .. } => sms_ui(ui, cx, dialog, phone, clock),
        ChallengeKind::Qr { apps } | ChallengeKind::Face { apps } => {
            qr_ui(ui, cx.text, dialog, apps);
            false
        }
        ChallengeKind::SelectIdentity { options } | ChallengeKind::ConfirmRelation { options } => {
            options_ui(ui, cx.text, dialog, options);
            false
        }
        ChallengeKind::Working { done, doing } => {
            for step in done {
                ui.label(step);
            }
            ui.label(doing);
            false
        }
        ChallengeKind::Unknown => Field::new(&cx.text.challenge.picture_code, &mut dialog.value).focus(true).limit(64).show(ui).submitted,
    };
    let left = (dialog.expires - clock).ceil().max(0.0);
    let line = fill(&cx.text.challenge.remaining, &[("n", &format!("{left:.0}"))]);
    ui.label(RichText::new(line).small().color(cx.tokens.color.text_secondary));
    submitted
}

fn image_ui(ui: &mut Ui, cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog, png: &str) -> bool {
    ui.horizontal(|ui| {
        match picture(ui, png) {
            Some(texture) => {
                ui.add(egui::Image::new(&texture).fit_to_exact_size(vec2(180.0, 60.0)).alt_text(&cx.text.challenge.picture));
            }
            None => {
                ui.label(&cx.text.challenge.no_picture);
            }
        }
        if ui.add(button::quiet(&cx.text.challenge.new_picture).icon(Icon::Refresh).enabled(!dialog.busy)).clicked() {
            cx.send(Command::ResendChallenge { id: dialog.challenge.id.clone() });
        }
    });
    Field::new(&cx.text.challenge.picture_code, &mut dialog.value).half_width().focus(true).limit(12).show(ui).submitted
}

fn sms_ui(ui: &mut Ui, cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog, phone: &str, clock: f64) -> bool {
    ui.label(fill(&cx.text.challenge.sms_sent, &[("phone", phone)]));
    let mut submitted = false;
    ui.horizontal(|ui| {
        submitted = Field::new(&cx.text.challenge.sms_code, &mut dialog.value).code().focus(true).limit(12).width(220.0).show(ui).submitted;
        let wait = (dialog.resend - clock).ceil().max(0.0);
        let label =
            if wait > 0.0 { fill(&cx.text.challenge.resend_in, &[("n", &format!("{wait:.0}"))]) } else { cx.text.challenge.resend.clone() };
        if ui.add(button::secondary(&label).enabled(wait <= 0.0 && !dialog.busy)).clicked() {
            cx.send(Command::ResendChallenge { id: dialog.challenge.id.clone() });
        }
    });
    submitted
}

fn qr_ui(ui: &mut Ui, text: &Text, dialog: &mut ChallengeDialog, apps: &[QrChoice]) {
    let names: Vec<&str> = apps.iter().map(|choice| choice.app.as_str()).collect();
    if names.len() > 1 {
        segmented(ui, &text.challenge.apps, &names, &mut dialog.app);
    }
    if let Some(choice) = apps.get(dialog.app).or_else(|| apps.first()) {
        ui.label(fill(&text.challenge.scan_with, &[("app", &choice.app)]));
        ui.vertical_centered(|ui| ui.add(Qr::new(&choice.text, &text.challenge.qr_label).size(220.0)));
    }
}

fn options_ui(ui: &mut Ui, text: &Text, dialog: &mut ChallengeDialog, options: &[ChallengeOption]) {
    ui.label(&text.challenge.choose_identity);
    for option in options {
        ui.radio_value(&mut dialog.value, option.value.clone(), &option.label);
    }
}

fn trouble(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &ChallengeDialog) {
    let line = if let Some(problem) = &dialog.problem {
        problem_line(cx.text, problem)
    } else if dialog.challenge.rejected {
        fill(&cx.text.challenge.wrong, &[("n", &dialog.challenge.attempts_left.to_string())])
    } else {
        return;
    };
    ui.label(RichText::new(line).color(cx.tokens.tone(Tone::Bad).text));
}

/// The captcha as a texture, decoded once and kept with the dialog's memory.
fn picture(ui: &Ui, png: &str) -> Option<TextureHandle> {
    let id = egui::Id::unique(("captcha", png));
    if let Some(texture) = ui.data(|data| data.get_temp::<TextureHandle>(id)) {
        return Some(texture);
    }
    let image = decode(png)?;
    let texture = ui.ctx().load_texture("captcha", image, TextureOptions::LINEAR);
    ui.data_mut(|data| data.insert_temp(id, texture.clone()));
    Some(texture)
}

/// A small PNG in base64; anything larger than a captcha is refused.
fn decode(png: &str) -> Option<ColorImage> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(png).ok()?;
    let mut reader = image::ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(1024);
    limits.max_image_height = Some(1024);
    limits.max_alloc = Some(8 * 1024 * 1024);
    reader.limits(limits);
    let picture = reader.decode().ok()?.to_rgba8();
    let size = [usize::try_from(picture.width()).ok()?, usize::try_from(picture.height()).ok()?];
    Some(ColorImage::from_rgba_unmultiplied(size, &picture))
}
