//! The strips above every page: what holds for the whole window.

use std::time::Duration;

use egui::{Frame, Panel, Ui};
use piaoxia_domain::Region;
use piaoxia_service::contract::{Notice, NoticeKind};
use piaoxia_widgets::banner::Banner;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, mailbox};
use crate::state::State;
use crate::text::{Frame as Words, Text, clock_sentence, fill, moment};

/// Notices that are shown before the rest is asked for: a day of outages must not push the page out of the window.
const AT_FIRST: usize = 2;
/// Sign-ins elsewhere that are shown at once.
const SIGN_INS: usize = 2;

/// Draws all that apply: what is wrong and what waits for somebody first, what always holds last.
pub(super) fn banners(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let plain = Frame::new().fill(cx.tokens.color.window);
    if state.read_only {
        let text = fill(&cx.text.frame.read_only_banner, &[("path", &state.data.display().to_string())]);
        Panel::top("read-only banner").frame(plain).show(ui, |ui| Banner::new(Tone::Warning, &text).show(ui));
    }
    if let Some(ahead) = state.help.clock {
        let text = fill(&cx.text.help.clock_banner, &[("sentence", &clock_sentence(cx.text, ahead))]);
        Panel::top("clock banner").frame(plain).show(ui, |ui| Banner::new(Tone::Bad, &text).show(ui));
    }
    sign_ins(ui, state, cx);
    outages(ui, state, cx);
    if state.unsent > 0 {
        Panel::top("busy banner").frame(plain).show(ui, |ui| Banner::new(Tone::Info, &cx.text.frame.busy).show(ui));
    }
    if state.session.is_sandbox() {
        let banner = Banner::new(Tone::Info, &cx.text.frame.sandbox_banner).action(&cx.text.sandbox.mailbox);
        if Panel::top("sandbox banner").frame(plain).show(ui, |ui| banner.show(ui)).inner {
            mailbox::open(state, cx);
        }
    }
}

/// What the bureaus announce for the regions of the companies.
fn outages(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let plain = Frame::new().fill(cx.tokens.color.window);
    let words = &cx.text.frame;
    let open: Vec<Notice> = state.companies.open_notices().into_iter().cloned().collect();
    let shown = if state.companies.all_notices { open.len() } else { AT_FIRST };
    for (number, notice) in open.iter().take(shown).enumerate() {
        let (line, tone) = notice_line(cx.text, notice);
        let recovered = notice.kind == NoticeKind::Recovered;
        let mut banner = Banner::new(tone, &line);
        if recovered {
            banner = banner.action(&words.notice_close);
        }
        if Panel::top(("outage", number)).frame(plain).show(ui, |ui| banner.show(ui)).inner {
            state.companies.closed_notices.push(notice.clone());
        }
    }
    let more = open.len().saturating_sub(shown);
    if more > 0 {
        let line = fill(&words.notices_more, &[("n", &more.to_string())]);
        let banner = Banner::new(Tone::Neutral, &line).action(&words.notices_show);
        if Panel::top("more outages").frame(plain).show(ui, |ui| banner.show(ui)).inner {
            state.companies.all_notices = true;
        }
    }
}

fn notice_line(text: &Text, notice: &Notice) -> (String, Tone) {
    let words = &text.frame;
    let (kind, tone) = kind_word(words, notice.kind);
    let region = match Region::from_code(&notice.region) {
        Some(region) => text.region_name(region),
        None if notice.region.is_empty() => &words.notice_everywhere,
        None => &notice.region,
    };
    let line = fill(&words.notice_line, &[("region", region), ("kind", kind), ("text", notice.text.trim())]);
    // An outage that is over has no end to announce.
    match notice.until.filter(|_| notice.kind != NoticeKind::Recovered) {
        Some(until) => (fill(&words.notice_until, &[("line", &line), ("until", &moment(until))]), tone),
        None => (line, tone),
    }
}

fn kind_word(words: &Words, kind: NoticeKind) -> (&str, Tone) {
    match kind {
        NoticeKind::Maintenance => (&words.notice_maintenance, Tone::Warning),
        NoticeKind::Fault => (&words.notice_fault, Tone::Bad),
        NoticeKind::Recovered => (&words.notice_recovered, Tone::Good),
        NoticeKind::Unknown => (&words.notice_other, Tone::Info),
    }
}

/// Sign-ins that were begun elsewhere and wait for somebody.
fn sign_ins(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>) {
    let plain = Frame::new().fill(cx.tokens.color.window);
    let words = &cx.text.challenge;
    let waiting: Vec<_> = state.accounts.elsewhere.iter().filter(|waiting| waiting.ends > state.clock).collect();
    for (number, waiting) in waiting.iter().take(SIGN_INS).enumerate() {
        let challenge = &waiting.challenge;
        let line = fill(&words.elsewhere_line, &[("company", &challenge.company), ("account", &challenge.login_name)]);
        let take = state.take_challenge(challenge);
        let mut banner = Banner::new(Tone::Warning, &line);
        if take.is_some() {
            banner = banner.action(&words.elsewhere_open);
        }
        let pressed = Panel::top(("sign-in elsewhere", number)).frame(plain).show(ui, |ui| banner.show(ui)).inner;
        if let Some(take) = take.filter(|_| pressed) {
            cx.send(take);
        }
    }
    // Drawn again when the next one is over.
    if let Some(next) = waiting.iter().map(|waiting| waiting.ends - state.clock).reduce(f64::min) {
        ui.ctx().request_repaint_after(Duration::try_from_secs_f64(next.max(0.1)).unwrap_or_default());
    }
}
