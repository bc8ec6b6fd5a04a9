//! The challenge dialog: captcha, SMS code, QR, face, identity, relation, a hosted number at work. A wrong answer keeps it open.

use std::time::Duration;

use egui::{ColorImage, Id, RichText, TextureHandle, TextureOptions, Ui, vec2};
use piaoxia_engine::{Command, Secret};
use piaoxia_service::contract::{ChallengeKind, ChallengeOption, QrChoice};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::field::{Field, label_room};
use piaoxia_widgets::icons::{Icon, IconView};
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::qr::Qr;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, sandbox};
use crate::state::State;
use crate::state::accounts::ChallengeDialog;
use crate::text::{Text, fill, problem_line};

const WIDTH: f32 = 480.0;
const QR_SIZE: f32 = 220.0;
/// Longest answer to a question that this version does not know.
const ANSWER: usize = 64;

/// How much time is left.
#[derive(Clone, Copy)]
struct Times {
    /// Seconds until the end; nothing is taken after it.
    left: f64,
    /// Seconds until the code may be sent again.
    resend: f64,
}

impl Times {
    fn of(dialog: &ChallengeDialog, clock: f64) -> Self {
        let until = |then: f64| (then - clock).ceil().max(0.0);
        Self { left: until(dialog.expires), resend: until(dialog.resend) }
    }

    fn over(self) -> bool {
        self.left <= 0.0
    }
}

/// Draws the dialog while a challenge is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.accounts.challenge.take() else { return };
    let times = Times::of(&dialog, state.clock);
    let by_typing = matches!(dialog.challenge.kind, ChallengeKind::Image { .. } | ChallengeKind::Sms { .. } | ChallengeKind::Unknown);
    let by_choice = dialog.challenge.kind.options().is_some();
    let sandboxed = state.session.is_sandbox();
    // Begun elsewhere: to close the dialog must not end what somebody else is at.
    let guest = state.accounts.form.is_none() && state.accounts.password.is_none() && dialog.challenge.account.is_some();
    let words = &cx.text.challenge;
    let cancel = if guest { &words.later } else { &words.give_up };
    let mut window = Dialog::new(("challenge", &dialog.challenge.id), &words.title).cancel(cancel).busy(dialog.busy).width(WIDTH);
    if denies(&dialog) {
        window = window.danger();
    }
    if by_typing || by_choice {
        window = window.confirm(&words.submit).can_confirm(!dialog.value.trim().is_empty() && !times.over());
    }
    let (choice, submitted) = window.show(ui.ctx(), |ui| {
        heading(ui, cx, &dialog);
        let submitted = question(ui, cx, &mut dialog, times);
        trouble(ui, cx, &dialog);
        if sandboxed && !(times.over() && dialog.challenge.kind.apps().is_some()) {
            sandbox::challenge_help(ui, &state.sandbox, cx, &mut dialog);
        }
        if guest {
            guest_ui(ui, cx, &dialog);
        }
        submitted && !times.over()
    });
    match choice {
        Choice::Cancelled if guest => {
            cx.send(Command::LeaveChallenge { id: dialog.challenge.id });
            state.accounts.show_next_challenge();
            return;
        }
        Choice::Cancelled => {
            cx.send(Command::CancelChallenge { id: dialog.challenge.id.clone() });
            state.leave_challenge(&dialog.challenge);
            return;
        }
        Choice::Confirmed => answer(cx, &mut dialog),
        Choice::Open if submitted => answer(cx, &mut dialog),
        Choice::Open => {}
    }
    if !times.over() {
        ui.ctx().request_repaint_after(Duration::from_secs(1));
    }
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

fn renew(cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog) {
    dialog.busy = true;
    dialog.problem = None;
    cx.send(Command::ResendChallenge { id: dialog.challenge.id.clone() });
}

fn heading(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &ChallengeDialog) {
    let region = cx.text.region(&dialog.challenge.region);
    let values = [("company", dialog.challenge.company.as_str()), ("account", &dialog.challenge.login_name), ("region", region)];
    let line = RichText::new(fill(&cx.text.challenge.about, &values)).color(cx.tokens.color.text_secondary);
    ui.add(egui::Label::new(line).wrap());
    ui.add_space(cx.tokens.space.s);
}

/// Whoever opened a sign-in of somebody else may still end it.
fn guest_ui(ui: &mut Ui, cx: &mut ScreenCx<'_>, dialog: &ChallengeDialog) {
    let words = &cx.text.challenge;
    ui.add_space(cx.tokens.space.s);
    ui.label(RichText::new(&words.elsewhere_note).small().color(cx.tokens.color.text_secondary));
    if ui.add(button::link(&words.give_up)).clicked() {
        cx.send(Command::CancelChallenge { id: dialog.challenge.id.clone() });
    }
}

/// True when Enter was pressed in the field.
fn question(ui: &mut Ui, cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog, times: Times) -> bool {
    let kind = dialog.challenge.kind.clone();
    let mut submitted = false;
    match &kind {
        ChallengeKind::Image { png } => submitted = image_ui(ui, cx, dialog, png),
        ChallengeKind::Sms { phone, .. } => submitted = sms_ui(ui, cx, dialog, phone, times),
        ChallengeKind::Qr { apps } => qr_ui(ui, cx, dialog, apps, times),
        ChallengeKind::Face { apps } => qr_ui(ui, cx, dialog, apps, times),
        ChallengeKind::SelectIdentity { options } => options_ui(ui, cx.text, &cx.text.challenge.choose_identity, dialog, options),
        ChallengeKind::ConfirmRelation { options } => {
            options_ui(ui, cx.text, &cx.text.challenge.confirm_relation, dialog, options);
            if denies(dialog) {
                let line = RichText::new(&cx.text.challenge.denies_relation).color(cx.tokens.tone(Tone::Bad).text);
                ui.add(egui::Label::new(line).wrap());
            }
        }
        ChallengeKind::Working { done, doing } => working_ui(ui, cx, done, doing),
        ChallengeKind::Unknown => submitted = unknown_ui(ui, cx.text, dialog),
    }
    remaining(ui, cx, dialog, times);
    submitted
}

/// The time that is left, and the tries.
fn remaining(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &ChallengeDialog, times: Times) {
    let words = &cx.text.challenge;
    let (line, color) = if times.over() {
        let line = match dialog.challenge.kind {
            ChallengeKind::Sms { .. } => &words.expired_sms,
            ChallengeKind::Image { .. } => &words.expired_picture,
            _ => &words.expired,
        };
        (line.clone(), cx.tokens.tone(Tone::Warning).text)
    } else {
        let line = fill(&words.remaining, &[("n", &format!("{:.0}", times.left))]);
        // What a phone or a hosted number answers has no number of tries.
        let tries = dialog.challenge.kind.apps().is_none() && !matches!(dialog.challenge.kind, ChallengeKind::Working { .. });
        let line = if tries && !dialog.challenge.rejected {
            fill(&words.tries_left, &[("line", &line), ("n", &dialog.challenge.attempts_left.to_string())])
        } else {
            line
        };
        (line, cx.tokens.color.text_secondary)
    };
    ui.label(RichText::new(line).small().color(color));
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
            renew(cx, dialog);
        }
    });
    let id = answer_id(dialog);
    Field::new(&cx.text.challenge.picture_code, &mut dialog.value).id(id).half_width().forgetful().first(true).limit(12).show(ui).submitted
}

/// Another challenge has another field, which takes the keyboard anew.
fn answer_id(dialog: &ChallengeDialog) -> Id {
    Id::unique(("answer", &dialog.challenge.id))
}

fn sms_ui(ui: &mut Ui, cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog, phone: &str, times: Times) -> bool {
    ui.label(fill(&cx.text.challenge.sms_sent, &[("phone", phone)]));
    let (id, mut submitted) = (answer_id(dialog), false);
    ui.horizontal_top(|ui| {
        submitted = Field::new(&cx.text.challenge.sms_code, &mut dialog.value)
            .id(id)
            .code()
            .number()
            .first(true)
            .limit(12)
            .width(220.0)
            .show(ui)
            .submitted;
        let label = if times.resend > 0.0 {
            fill(&cx.text.challenge.resend_in, &[("n", &format!("{:.0}", times.resend))])
        } else {
            cx.text.challenge.resend.clone()
        };
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = cx.tokens.space.xs;
            // As high as the field's label: the button stands beside the field itself.
            label_room(ui);
            if ui.add(button::secondary(&label).enabled(times.resend <= 0.0 && !dialog.busy)).clicked() {
                renew(cx, dialog);
            }
        });
    });
    submitted
}

fn qr_ui(ui: &mut Ui, cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog, apps: &[QrChoice], times: Times) {
    let words = &cx.text.challenge;
    let names: Vec<&str> = apps.iter().map(|choice| cx.text.foreign(&choice.app)).collect();
    if names.len() > 1 {
        segmented(ui, &words.apps, &names, &mut dialog.app);
    }
    let Some(choice) = apps.get(dialog.app).or_else(|| apps.first()) else { return };
    let face = matches!(dialog.challenge.kind, ChallengeKind::Face { .. });
    ui.label(fill(if face { &words.face_with } else { &words.scan_with }, &[("app", cx.text.foreign(&choice.app))]));
    ui.vertical_centered(|ui| {
        if times.over() {
            ui.add_space(cx.tokens.space.xl);
            if ui.add(button::primary(&words.new_qr).icon(Icon::Refresh).enabled(!dialog.busy)).clicked() {
                renew(cx, dialog);
            }
            ui.add_space(cx.tokens.space.xl);
        } else {
            ui.add(Qr::new(&choice.text, &words.qr_label).size(QR_SIZE));
        }
    });
}

fn options_ui(ui: &mut Ui, text: &Text, intro: &str, dialog: &mut ChallengeDialog, options: &[ChallengeOption]) {
    ui.label(intro);
    for option in options {
        ui.radio_value(&mut dialog.value, option.value.clone(), text.foreign(&option.label));
    }
}

/// True when what is chosen ends the relation to the company, which nobody should do by a slip.
fn denies(dialog: &ChallengeDialog) -> bool {
    let ChallengeKind::ConfirmRelation { options } = &dialog.challenge.kind else { return false };
    !dialog.value.is_empty() && options.first().is_none_or(|confirms| confirms.value != dialog.value)
}

/// A hosted number answers by itself: what is done, and what it is at.
fn working_ui(ui: &mut Ui, cx: &ScreenCx<'_>, done: &[String], doing: &str) {
    let words = &cx.text.challenge;
    ui.label(&words.working);
    ui.add_space(cx.tokens.space.xs);
    ui.spacing_mut().interact_size.y = 0.0;
    for step in done {
        ui.horizontal(|ui| {
            ui.add(IconView::new(Icon::Check, "").color(cx.tokens.tone(Tone::Good).solid));
            ui.label(fill(&words.step_done, &[("step", cx.text.foreign(step))]));
        });
    }
    let doing = cx.text.foreign(doing);
    ui.add(Progress::endless(doing).text(doing));
    ui.label(RichText::new(&words.working_note).small().color(cx.tokens.color.text_secondary));
}

fn unknown_ui(ui: &mut Ui, text: &Text, dialog: &mut ChallengeDialog) -> bool {
    ui.add(egui::Label::new(&text.challenge.unknown_body).wrap());
    let id = answer_id(dialog);
    Field::new(&text.challenge.unknown_answer, &mut dialog.value).id(id).forgetful().first(true).limit(ANSWER).show(ui).submitted
}

fn trouble(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &ChallengeDialog) {
    let line = if let Some(problem) = &dialog.problem {
        problem_line(cx.text, problem)
    } else if dialog.challenge.rejected {
        fill(&cx.text.challenge.wrong, &[("n", &dialog.challenge.attempts_left.to_string())])
    } else {
        return;
    };
    ui.add(egui::Label::new(RichText::new(line).color(cx.tokens.tone(Tone::Bad).text)).wrap());
}

/// The captcha as a texture, decoded once, good or not. Only the newest is kept: each refresh brings another.
fn picture(ui: &Ui, png: &str) -> Option<TextureHandle> {
    let (place, which) = (Id::unique("captcha"), Id::unique(("captcha", png)));
    let kept = ui.data(|data| data.get_temp::<(Id, Option<TextureHandle>)>(place));
    if let Some((_, texture)) = kept.filter(|(of, _)| *of == which) {
        return texture;
    }
    let texture = decode(png).map(|image| ui.ctx().load_texture("captcha", image, TextureOptions::LINEAR));
    ui.data_mut(|data| data.insert_temp(place, (which, texture.clone())));
    texture
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use base64::Engine;

    use super::*;

    #[test]
    fn a_new_captcha_takes_the_place_of_the_one_before() {
        let png = |shade: u8| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            image::GrayImage::from_pixel(1, 1, image::Luma([shade])).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
            base64::engine::general_purpose::STANDARD.encode(bytes.into_inner())
        };
        egui::__run_test_ui(|ui| {
            let textures = || ui.ctx().tex_manager().read().num_allocated();
            assert!(picture(ui, &png(0)).is_some());
            let one = textures();
            assert!(picture(ui, &png(1)).is_some());
            assert_eq!(textures(), one);
            assert!(picture(ui, "no picture").is_none());
            assert_eq!(textures(), one - 1);
        });
    }
}
