//! 登录: the QR with its countdown, the number to type on the phone, 30 天免登录.

use std::time::Duration;

use egui::{Checkbox, RichText, Ui};
use piaoxia_engine::Command;
use piaoxia_engine::event::SignedOutBecause;
use piaoxia_service::contract::LoginTicket;
use piaoxia_widgets::button;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::qr::Qr as QrCode;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish, help, welcome};
use crate::state::State;
use crate::state::preferences::KEEP_SIGNED_IN;
use crate::state::session::{Qr, Session};
use crate::text::{fill, problem_text};

const QR_SIZE: f32 = 200.0;

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    ui.vertical_centered(|ui| {
        ui.add_space(((ui.available_height() - 660.0) / 2.0).max(10.0));
        ui.set_max_width(460.0);
        surface::card(ui, |ui| {
            ui.vertical_centered(|ui| {
                ui.label(RichText::new(&cx.text.common.app_name).heading().color(cx.tokens.color.accent));
                ui.label(RichText::new(&cx.text.sign_in.title).size(cx.tokens.font.title));
                ui.label(RichText::new(&cx.text.sign_in.subtitle).color(cx.tokens.color.text_secondary));
                farewell(ui, state, cx);
                phones_off_ui(ui, state, cx);
                // Its quiet zone is room enough, and the card fits a low screen.
                qr_ui(ui, state, cx);
                keep_ui(ui, state, cx);
                phones_ui(ui, state, cx);
                welcome::link(ui, state, cx);
                // The service inside this program needs no network.
                if state.hosted || matches!(state.sign_in.qr, Qr::Failed { .. }) {
                    help::link(ui, state, cx);
                }
            });
        });
    });
}

/// Says why nobody is signed in any more.
fn farewell(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let words = &cx.text.sign_in;
    let line = match state.session {
        Session::Out(SignedOutBecause::Asked) => &words.signed_out_asked,
        Session::Out(SignedOutBecause::Unbound) => &words.signed_out_unbound,
        Session::Out(SignedOutBecause::Ended) => &words.signed_out_ended,
        Session::Out(SignedOutBecause::NeverSignedIn) | Session::Unknown | Session::In { .. } => return,
    };
    ui.label(RichText::new(line).color(cx.tokens.tone(Tone::Info).text));
}

fn qr_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>) {
    match &state.sign_in.qr {
        Qr::Asking => {
            Waiting::new("qr", &cx.text.sign_in.asking, state.clock).shape(Shape::Square(QR_SIZE)).show(ui);
        }
        Qr::Waiting { ticket, expires } => ticket_ui(ui, cx, ticket, *expires - state.clock, false),
        Qr::Scanned { ticket, expires } => ticket_ui(ui, cx, ticket, *expires - state.clock, true),
        Qr::Denied => {
            ui.add_space(60.0);
            ui.label(RichText::new(&cx.text.sign_in.denied).color(cx.tokens.tone(Tone::Warning).text));
            again(ui, state, cx);
            ui.add_space(60.0);
        }
        Qr::Failed { problem, retry } => {
            let left = (retry - state.clock).ceil().max(0.0);
            let words = problem_text(cx.text, problem);
            ui.add_space(40.0);
            ui.label(RichText::new(&words.title).color(cx.tokens.tone(Tone::Bad).text));
            ui.label(RichText::new(&words.advice).color(cx.tokens.color.text_secondary));
            ui.label(fill(&cx.text.sign_in.failed, &[("n", &format!("{left:.0}"))]));
            again(ui, state, cx);
            ui.add_space(40.0);
            ui.ctx().request_repaint_after(Duration::from_secs(1));
        }
    }
}

fn ticket_ui(ui: &mut Ui, cx: &mut ScreenCx<'_>, ticket: &LoginTicket, left: f64, scanned: bool) {
    let words = &cx.text.sign_in;
    ui.add(QrCode::new(&ticket.qr_text, &words.qr_label).size(QR_SIZE));
    let (line, tone) = if scanned { (&words.scanned, Tone::Good) } else { (&words.waiting, Tone::Neutral) };
    ui.label(RichText::new(line).color(cx.tokens.tone(tone).text));
    let seconds = left.ceil().max(0.0);
    let remaining = fill(&words.remaining, &[("n", &format!("{seconds:.0}"))]);
    ui.label(RichText::new(remaining).small().color(cx.tokens.color.text_secondary));
    ui.label(RichText::new(&words.number_hint).color(cx.tokens.color.text_secondary));
    let number = RichText::new(&ticket.number).monospace().size(30.0).color(cx.tokens.color.accent);
    ui.label(number);
    if let Some(url) = &ticket.local_url
        && ui.add(button::link(&words.open_here)).clicked()
    {
        cx.wish(Wish::OpenUrl(url.clone()));
    }
    ui.ctx().request_repaint_after(Duration::from_secs(1));
}

fn again(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>) {
    if ui.add(button::primary(&cx.text.sign_in.again).icon(Icon::Refresh)).clicked() {
        cx.send(Command::StartSignIn { keep_signed_in: state.sign_in.keep_signed_in });
    }
}

fn keep_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let keep = &mut state.sign_in.keep_signed_in;
    let ticked = ui.add(Checkbox::new(keep, &cx.text.sign_in.keep)).on_hover_text(&cx.text.sign_in.keep_hint).changed();
    ui.label(RichText::new(&cx.text.sign_in.keep_hint).small().color(cx.tokens.color.text_hint));
    if ticked {
        // The wish is part of the ticket, so a new one is needed.
        let keep = *keep;
        cx.send(state.prefer(KEEP_SIGNED_IN, if keep { "yes" } else { "no" }.to_owned()));
        cx.send(Command::StartSignIn { keep_signed_in: keep });
    }
}

/// Phones reach the page only once that is allowed, so that is said before the code that they are to scan.
fn phones_off_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>) {
    let has_code = matches!(state.sign_in.qr, Qr::Waiting { .. } | Qr::Scanned { .. });
    if !has_code || state.hosted || !state.phones.is_empty() {
        return;
    }
    ui.add_space(cx.tokens.space.s);
    ui.label(RichText::new(&cx.text.sign_in.phones_off).small().color(cx.tokens.tone(Tone::Warning).text));
    if ui.add(button::secondary(&cx.text.sign_in.phones_allow).icon(Icon::Phone).small()).clicked() {
        cx.send(Command::AllowPhones(true));
        cx.send(Command::StartSignIn { keep_signed_in: state.sign_in.keep_signed_in });
    }
}

fn phones_ui(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let Some(first) = state.phones.first() else { return };
    let address = leads_to(&state.sign_in.qr).unwrap_or(first);
    ui.add_space(cx.tokens.space.s);
    let line = fill(&cx.text.sign_in.phones_on, &[("url", address)]);
    ui.label(RichText::new(line).small().color(cx.tokens.color.text_secondary));
}

/// Where the code on the screen leads: the PC may be in another network than when phones were allowed.
fn leads_to(qr: &Qr) -> Option<&str> {
    let (Qr::Waiting { ticket, .. } | Qr::Scanned { ticket, .. }) = qr else { return None };
    ticket.qr_text.strip_suffix(ticket.id.as_str())?.strip_suffix("/p/login/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_for_phones_is_that_of_the_code_unless_wechat_leads_there() {
        let shown = |qr_text: &str| {
            let (id, number) = ("0123".to_owned(), "427".to_owned());
            let ticket = LoginTicket { id, qr_text: qr_text.to_owned(), local_url: None, number, expires_in: 120 };
            leads_to(&Qr::Waiting { ticket, expires: 0.0 }).map(str::to_owned)
        };
        assert_eq!(shown("http://10.0.0.7:4000/p/login/0123").as_deref(), Some("http://10.0.0.7:4000"));
        assert_eq!(shown("http://weixin.qq.com/q/02"), None);
    }
}
