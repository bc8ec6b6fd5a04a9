//! 体验信箱: what the sandbox would have sent to phones and mail boxes. Nothing of it is shown outside the sandbox.

use std::time::Duration;

use egui::{Align, Layout, RichText, Ui};
use piaoxia_engine::Command;
use piaoxia_service::contract::{MessageBy, SandboxMessage};
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish};
use crate::state::State;
use crate::state::sandbox::Mailbox;
use crate::text::{Sandbox as Words, fill, moment};

/// Seconds after which an open mailbox asks again.
const AGAIN: f64 = 5.0;
const WIDTH: f32 = 720.0;

/// Opens it and asks for messages.
pub(super) fn open(state: &mut State, cx: &mut ScreenCx<'_>) {
    state.sandbox.mailbox = Some(Mailbox { by: None, asked: state.clock });
    cx.send(Command::LoadMessages);
}

/// Draws it while it is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut mailbox) = state.sandbox.mailbox.take() else { return };
    if !state.session.is_sandbox() {
        return;
    }
    if state.clock - mailbox.asked >= AGAIN {
        mailbox.asked = state.clock;
        cx.send(Command::LoadMessages);
    }
    ui.ctx().request_repaint_after(Duration::from_secs_f64(AGAIN));
    let (choice, ()) = Dialog::new("mailbox", &cx.text.sandbox.mailbox).cancel(&cx.text.common.close).width(WIDTH).show(ui.ctx(), |ui| {
        ui.label(RichText::new(&cx.text.sandbox.mailbox_body).color(cx.tokens.color.text_secondary));
        head(ui, cx, &mut mailbox, state.clock);
        ui.add_space(cx.tokens.space.s);
        messages(ui, state, cx, mailbox);
    });
    if choice == Choice::Open {
        state.sandbox.mailbox = Some(mailbox);
    }
}

fn head(ui: &mut Ui, cx: &mut ScreenCx<'_>, mailbox: &mut Mailbox, clock: f64) {
    let words = &cx.text.sandbox;
    let ways = [None, Some(MessageBy::Sms), Some(MessageBy::Mail), Some(MessageBy::Phone)];
    let labels = [cx.text.common.all.as_str(), &words.by_sms, &words.by_mail, &words.by_phone];
    ui.horizontal(|ui| {
        let mut chosen = ways.iter().position(|way| *way == mailbox.by).unwrap_or(0);
        segmented(ui, &words.mailbox_by, &labels, &mut chosen);
        mailbox.by = ways.get(chosen).copied().flatten();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(button::quiet(&cx.text.common.refresh).icon(Icon::Refresh)).clicked() {
                mailbox.asked = clock;
                cx.send(Command::LoadMessages);
            }
        });
    });
}

fn messages(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>, mailbox: Mailbox) {
    let words = &cx.text.sandbox;
    let mut any = false;
    for (number, message) in state.sandbox.newest_first(mailbox.by).enumerate() {
        any = true;
        ui.push_id(number, |ui| surface::card(ui, |ui| message_ui(ui, state, cx, message)));
    }
    if any {
        return;
    }
    let (title, body) = if state.sandbox.messages.is_empty() {
        (&words.mailbox_empty_title, &words.mailbox_empty_body)
    } else {
        (&words.mailbox_none_title, &words.mailbox_none_body)
    };
    Empty::new(Icon::Bell, title, body).show(ui, |_| {});
}

fn message_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>, message: &SandboxMessage) {
    let words = &cx.text.sandbox;
    ui.horizontal(|ui| {
        let (way, tone) = way_word(words, message.by);
        ui.add(Chip::new(way, tone));
        ui.add(Elided::new(&fill(&words.message_to, &[("to", &message.to)])).width(ui.available_width() * 0.5));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new(moment(message.sent_at)).small().color(cx.tokens.color.text_secondary));
            if let Some(code) = &message.code {
                let label = fill(&words.copy_message_code, &[("code", code)]);
                if ui.add(button::secondary(&label).icon(Icon::Copy).small()).clicked() {
                    cx.wish(Wish::Copy(code.clone()));
                }
            }
        });
    });
    if !message.subject.is_empty() {
        ui.add(egui::Label::new(RichText::new(&message.subject).strong()).wrap());
    }
    ui.spacing_mut().interact_size.y = 0.0;
    for line in message.text.lines().filter(|line| !line.trim().is_empty()) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            line_ui(ui, state, cx, line);
        });
    }
}

fn way_word(words: &Words, by: MessageBy) -> (&str, Tone) {
    match by {
        MessageBy::Sms => (&words.by_sms, Tone::Info),
        MessageBy::Mail => (&words.by_mail, Tone::Accent),
        MessageBy::Phone => (&words.by_phone, Tone::Good),
        MessageBy::Unknown => (&words.by_other, Tone::Neutral),
    }
}

/// A line of a message; addresses of the service's own pages can be pressed, any other is plain text.
fn line_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>, line: &str) {
    let own = |url: &str| std::iter::once(&state.service).chain(&state.phones).any(|base| is_under(url, base));
    for part in parts(line) {
        match part {
            Part::Address(url) if own(url) => {
                if ui.link(url).clicked() {
                    cx.wish(Wish::OpenUrl(url.to_owned()));
                }
            }
            Part::Address(text) | Part::Text(text) => {
                ui.label(text);
            }
        }
    }
}

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Address(&'a str),
}

/// Cuts a line at its addresses. An address ends where something stands that no address has: a blank, a Chinese character.
fn parts(line: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = next_address(rest) {
        let (before, from) = rest.split_at(at);
        let length = from.find(|c: char| !c.is_ascii_graphic()).unwrap_or(from.len());
        let address = from.get(..length).unwrap_or(from).trim_end_matches(['.', ',', ';', ')', ']', '>', '"', '\'']);
        if !before.is_empty() {
            found.push(Part::Text(before));
        }
        found.push(Part::Address(address));
        rest = from.get(address.len()..).unwrap_or_default();
    }
    if !rest.is_empty() {
        found.push(Part::Text(rest));
    }
    found
}

fn next_address(text: &str) -> Option<usize> {
    ["http://", "https://"].iter().filter_map(|scheme| text.find(scheme)).min()
}

/// True when an address lies under the base, an origin with or without a path. Nothing that only begins alike: no longer
/// port, no name before an at sign.
fn is_under(url: &str, base: &str) -> bool {
    let base = base.trim_end_matches('/');
    if base.is_empty() {
        return false;
    }
    url.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        let line = "1. 打开 http://127.0.0.1:8/p/key#AB-CD，用手机（https://a.example/x）。";
        let expected = [
            Part::Text("1. 打开 "),
            Part::Address("http://127.0.0.1:8/p/key#AB-CD"),
            Part::Text("，用手机（"),
            Part::Address("https://a.example/x"),
            Part::Text("）。"),
        ];
        assert_eq!(parts(line), expected);
        assert_eq!(parts("see http://a/b)."), [Part::Text("see "), Part::Address("http://a/b"), Part::Text(").")]);
        assert_eq!(parts("没有"), [Part::Text("没有")]);
        assert!(parts("").is_empty());
        // Nothing but the scheme still ends.
        assert_eq!(parts("http://...").first(), Some(&Part::Address("http://")));
    }

    #[test]
    fn only_pages_of_the_own_service_are_under_it() {
        let base = "http://127.0.0.1:43127/";
        for own in ["http://127.0.0.1:43127", "http://127.0.0.1:43127/p/me", "http://127.0.0.1:43127/p/key#X", "http://127.0.0.1:43127?a"] {
            assert!(is_under(own, base), "{own}");
        }
        for other in [
            "http://127.0.0.1:431270/p",
            "http://127.0.0.1:43127@evil.example/",
            "http://127.0.0.1:43127.evil.example/",
            "https://127.0.0.1:43127/p",
            "http://evil.example/http://127.0.0.1:43127/",
        ] {
            assert!(!is_under(other, base), "{other}");
        }
        assert!(is_under("https://host.example/prefix/p", "https://host.example/prefix/"));
        assert!(!is_under("https://host.example/prefix-evil/p", "https://host.example/prefix/"));
        assert!(!is_under("http://anything", ""));
    }
}
