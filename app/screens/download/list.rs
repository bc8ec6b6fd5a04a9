//! The list of downloads: where each stands, what it brought, what it needs.

use egui::{Align, Layout, RichText, Ui, vec2};
use piaoxia_domain::{AccountId, Scope};
use piaoxia_engine::{Command, Download, DownloadState, Problem};
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{count, differences};
use crate::screens::{ScreenCx, accounts, words};
use crate::state::removal::Removal;
use crate::state::{Screen, State};
use crate::text::{Text, clock, fill, moment, problem_line, problem_text};

/// Draws the list.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.download;
    surface::titled_card(
        ui,
        &words.list,
        |_| {},
        |ui| {
            if state.download.all.is_empty() && !state.batch.schedules.is_empty() {
                // What is planned stands below, and is to be seen.
                ui.label(RichText::new(&words.list_empty_body).color(cx.tokens.color.text_secondary));
                return;
            }
            if state.download.all.is_empty() {
                Empty::new(Icon::Jobs, &words.list_empty_title, &words.list_empty_body).show(ui, |_| {});
                return;
            }
            let all = state.download.all.clone();
            for (number, download) in all.iter().enumerate() {
                if number > 0 {
                    ui.separator();
                }
                ui.push_id(&download.id.0, |ui| item(ui, state, cx, download));
            }
        },
    );
}

/// Room of the state in the lines of the home page, points.
const STATE: f32 = 84.0;

/// One line about a download, for the home page; true when more of it is wanted.
pub(in crate::screens) fn brief(ui: &mut Ui, cx: &ScreenCx<'_>, download: &Download) -> bool {
    let (received, expected) = (download.received.invoices, download.expected_totals().invoices);
    let line = if expected > received {
        fill(&cx.text.download.received_of, &[("n", &count(received)), ("m", &count(expected))])
    } else {
        fill(&cx.text.download.received_short, &[("n", &count(received))])
    };
    ui.horizontal(|ui| {
        let (word, tone) = state_word(cx.text, &download.state);
        let room = vec2(words::wide(cx.text, STATE, STATE + 24.0), cx.tokens.height.control);
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(room);
            ui.add(Chip::new(word, tone))
        });
        ui.add(Elided::new(&subject(cx.text, download)).width((ui.available_width() - 260.0).max(300.0)));
        ui.label(RichText::new(line).color(cx.tokens.color.text_secondary));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(button::link(&cx.text.home.look)).clicked()).inner
    })
    .inner
}

fn item(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, download: &Download) {
    ui.horizontal(|ui| {
        let (word, tone) = state_word(cx.text, &download.state);
        ui.add(Chip::new(word, tone));
        ui.add(Elided::new(&subject(cx.text, download)).width((ui.available_width() - 260.0).max(200.0)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| actions(ui, state, cx, download));
    });
    progress(ui, cx, download);
    if let (DownloadState::NeedsLogin { .. }, Some(serial)) = (&download.state, &download.order.disk) {
        let line = fill(&cx.text.download.needs_disk, &[("serial", serial)]);
        ui.label(RichText::new(line).color(cx.tokens.tone(Tone::Warning).text));
    }
    if let Some(at) = download.ready_at.filter(|_| download.state == DownloadState::Running) {
        ui.label(RichText::new(fill(&cx.text.download.ready_at, &[("time", &moment(at))])).color(cx.tokens.color.text_secondary));
    }
    if let Some(problem) = &download.problem {
        ui.label(RichText::new(trouble(cx.text, download, problem)).color(cx.tokens.tone(Tone::Warning).text));
    }
    nothing_found(ui, cx, download);
    differences::lines(ui, state, cx, download);
}

/// What went wrong; while it waits because of it, until when.
fn trouble(text: &Text, download: &Download, problem: &Problem) -> String {
    let Some(until) = download.waits_until.filter(|_| download.state.is_active()) else { return problem_line(text, problem) };
    // It needs nobody, so nobody is told what to do.
    let said = problem_text(text, problem).title;
    fill(&text.download.waits, &[("problem", &said), ("time", &clock(until))])
}

fn subject(text: &Text, download: &Download) -> String {
    let query = &download.order.query;
    let scope = match query.scope {
        Scope::Deductible if download.order.disk.is_some() => &text.download.tab_platform_deductible,
        Scope::Deductible => &text.download.tab_deductible,
        Scope::Issued => &text.download.issued,
        Scope::Received => &text.download.received,
    };
    format!("{} · {scope} · {} {} {}", download.order.company.name, query.dates.from(), text.calendar.joint, query.dates.to())
}

fn state_word<'t>(text: &'t Text, state: &DownloadState) -> (&'t str, Tone) {
    let words = &text.download;
    match state {
        DownloadState::Waiting => (&words.state_waiting, Tone::Neutral),
        DownloadState::Counting => (&words.state_counting, Tone::Info),
        DownloadState::NeedsLogin { .. } => (&words.state_needs_login, Tone::Warning),
        DownloadState::Running => (&words.state_running, Tone::Info),
        DownloadState::Paused => (&words.state_paused, Tone::Neutral),
        DownloadState::Partial => (&words.state_partial, Tone::Warning),
        DownloadState::Done => (&words.state_done, Tone::Good),
        DownloadState::Failed => (&words.state_failed, Tone::Bad),
        DownloadState::Cancelled => (&words.state_cancelled, Tone::Neutral),
    }
}

fn progress(ui: &mut Ui, cx: &ScreenCx<'_>, download: &Download) {
    let words = &cx.text.download;
    let expected = download.expected_totals().invoices;
    let received = download.received.invoices;
    let mut line = fill(&words.received_line, &[("n", &count(received)), ("m", &count(expected)), ("new", &count(download.new))]);
    if download.order.originals {
        line.push_str(&fill(&words.received_originals, &[("n", &count(download.originals_done))]));
        if download.originals_missing > 0 {
            line.push_str(&fill(&words.missing_originals, &[("n", &count(download.originals_missing))]));
        }
    }
    if matches!(download.state, DownloadState::Running) && download.per_second > 0.1 {
        let left = expected.saturating_sub(received) as f32 / download.per_second;
        let values = [("speed", &*format!("{:.0}", download.per_second)), ("left", &*format!("{:.0}", left.ceil()))];
        line.push_str(&fill(&words.speed, &values));
    }
    let name = subject(cx.text, download);
    match download.state {
        DownloadState::Counting | DownloadState::Waiting => {
            ui.add(Progress::endless(&name).text(&words.state_counting));
        }
        DownloadState::Running | DownloadState::NeedsLogin { .. } | DownloadState::Paused => {
            let fraction = if expected == 0 { 0.0 } else { received as f32 / expected as f32 };
            ui.add(Progress::new(&name, fraction.min(1.0)).text(&line));
        }
        _ => {
            ui.label(RichText::new(line).color(cx.tokens.color.text_secondary));
        }
    }
}

fn actions(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, download: &Download) {
    let words = &cx.text.download;
    let id = || download.id.clone();
    match &download.state {
        DownloadState::NeedsLogin { account } => {
            cancel(ui, state, cx, download);
            if download.order.disk.is_some() {
                if ui.add(button::primary(&words.to_disks).small()).clicked() {
                    state.screen = Screen::Disks;
                }
            } else if ui.add(button::primary(&words.sign_in).small()).clicked() {
                sign_in(state, cx, download, account);
            }
        }
        DownloadState::Waiting | DownloadState::Counting | DownloadState::Running => {
            cancel(ui, state, cx, download);
            if ui.add(button::secondary(&words.pause).icon(Icon::Pause).small()).clicked() {
                cx.send(Command::PauseDownload(id()));
            }
        }
        DownloadState::Paused | DownloadState::Partial | DownloadState::Failed => {
            cancel(ui, state, cx, download);
            if ui.add(button::primary(&words.resume).icon(Icon::Play).small()).clicked() {
                cx.send(Command::ResumeDownload(id()));
            }
        }
        DownloadState::Done | DownloadState::Cancelled => {
            if ui.add(button::icon(Icon::Close, &words.forget).small()).clicked() {
                state.removing = Some(Removal::Record(id()));
            }
            if download.received.invoices > 0 && ui.add(button::quiet(&words.show_in_ledger).small()).clicked() {
                state.ledger.show(&download.order);
                state.screen = Screen::Ledger;
            }
        }
    }
}

fn cancel(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, download: &Download) {
    if ui.add(button::quiet(&cx.text.download.cancel).small()).clicked() {
        state.removing = Some(Removal::Download(download.id.clone()));
    }
}

fn sign_in(state: &mut State, cx: &mut ScreenCx<'_>, download: &Download, account: &AccountId) {
    // The service or a phone has begun: its challenge is shown, no second sign-in is begun.
    if let Some(take) = state.accounts.waiting(account, state.clock).and_then(|waiting| state.take_challenge(&waiting.challenge)) {
        cx.send(take);
        return;
    }
    let known = state.accounts.find(account).map(|(_, account)| account.login_name.clone());
    let Some(company) = state.companies.get(&download.order.company.id).cloned() else { return };
    if known.is_none() {
        cx.send(Command::LoadAccounts { company: company.id.clone() });
    }
    accounts::sign_in(state, cx, &company, account, &known.unwrap_or_default());
}

/// Nothing is a result too: it explains itself.
fn nothing_found(ui: &mut Ui, cx: &ScreenCx<'_>, download: &Download) {
    if download.state != DownloadState::Done || download.received.invoices > 0 {
        return;
    }
    let dates = download.order.query.dates;
    let values = [("company", download.order.company.name.as_str()), ("from", &dates.from().to_string()), ("to", &dates.to().to_string())];
    ui.label(RichText::new(fill(&cx.text.download.nothing, &values)).color(cx.tokens.tone(Tone::Warning).text));
}
