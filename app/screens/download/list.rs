//! The list of downloads: where each stands, what it brought, what it needs.

use egui::{Align, Layout, RichText, Ui, vec2};
use piaoxia_domain::{AccountId, Scope};
use piaoxia_engine::{Command, Download, DownloadState, Problem};
use piaoxia_widgets::button::{self, ActionButton};
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::notice::{Level, Notice};
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{count, differences};
use crate::screens::in_view::in_view;
use crate::screens::{ScreenCx, accounts, words};
use crate::state::removal::Removal;
use crate::state::{Screen, State};
use crate::text::{Text, clock, fill, moment, problem_line, problem_text};

/// Ended downloads that are seen at first.
const NEWEST: usize = 30;

/// Draws the list.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.download;
    let (over, mut clears) = (state.download.over(), false);
    surface::titled_card(
        ui,
        &words.list,
        |ui| clears = over > 1 && ui.add(button::quiet(&words.forget_over).small()).clicked(),
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
            items(ui, state, cx);
        },
    );
    if clears {
        state.removing = Some(Removal::Records);
    }
}

/// The newest, and all that are not over; the others once they are wanted: a firm has thousands of them in a year.
fn items(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let (all, whole) = (std::mem::take(&mut state.download.all), state.download.shows_older);
    let is_seen = |(place, download): &(usize, &Download)| whole || *place < NEWEST || !download.state.is_over();
    let seen: Vec<&Download> = all.iter().enumerate().filter(is_seen).map(|(_, download)| download).collect();
    for (number, download) in seen.iter().enumerate() {
        let id = ui.scope_id().with(("download", &download.id.0));
        let mut draw = |ui: &mut Ui| {
            ui.push_id(&download.id.0, |ui| {
                if number > 0 {
                    ui.separator();
                }
                item(ui, state, cx, download);
            });
        };
        // Some dozens are laid out, seen or not, so that keys and a screen reader find them.
        if whole { in_view(ui, id, draw) } else { draw(ui) }
    }
    let hidden = all.len() - seen.len();
    if hidden > 0 {
        ui.separator();
        if ui.add(button::link(&fill(&cx.text.download.older, &[("n", &count(hidden as u64))]))).clicked() {
            state.download.shows_older = true;
        }
    }
    state.download.all = all;
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
        let (word, tone) = state_word(cx.text, download);
        let room = vec2(words::wide(cx.text, STATE, STATE + 24.0), cx.tokens.height.control);
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(room);
            ui.add(Chip::new(word, tone))
        });
        let (company, what) = subject(cx.text, download);
        ui.add(Elided::new(company).tail(&what).width((ui.available_width() - 260.0).max(300.0)));
        ui.label(RichText::new(line).color(cx.tokens.color.text_secondary));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(button::link(&cx.text.home.look)).clicked()).inner
    })
    .inner
}

fn item(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, download: &Download) {
    ui.horizontal(|ui| {
        let (word, tone) = state_word(cx.text, download);
        ui.add(Chip::new(word, tone));
        let (company, what) = subject(cx.text, download);
        ui.add(Elided::new(company).tail(&what).width((ui.available_width() - 260.0).max(200.0)));
        actions(ui, state, cx, download);
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
    let Some(until) = download.waits_until.filter(|_| download.state.is_active()) else {
        let said = problem_line(text, problem);
        let kept = download.received.invoices > 0;
        return if kept { fill(&text.download.kept, &[("problem", &said)]) } else { said };
    };
    // It needs nobody, so nobody is told what to do.
    let said = problem_text(text, problem).title;
    fill(&text.download.waits, &[("problem", &said), ("time", &clock(until))])
}

/// Its company, and behind that what it asks for.
pub(in crate::screens) fn subject<'a>(text: &Text, download: &'a Download) -> (&'a str, String) {
    let query = &download.order.query;
    let scope = match query.scope {
        Scope::Deductible if download.order.disk.is_some() => &text.download.tab_platform_deductible,
        Scope::Deductible => &text.download.scope_deductible,
        Scope::Issued => &text.download.issued,
        Scope::Received => &text.download.received,
    };
    let what = format!(" · {scope} · {} {} {}", query.dates.from(), text.calendar.joint, query.dates.to());
    (&download.order.company.name, what)
}

fn state_word<'t>(text: &'t Text, download: &Download) -> (&'t str, Tone) {
    let words = &text.download;
    match &download.state {
        DownloadState::NeedsLogin { .. } if download.order.disk.is_some() => (&words.state_needs_disk, Tone::Warning),
        DownloadState::Counting | DownloadState::Running if download.waits_until.is_some() => (&words.state_holding, Tone::Neutral),
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
    let (company, what) = subject(cx.text, download);
    let name = format!("{company}{what}");
    match download.state {
        DownloadState::Counting => {
            ui.add(Progress::endless(&name).text(&words.state_counting));
        }
        // Nothing moves yet.
        DownloadState::Waiting if expected == 0 => {
            ui.label(RichText::new(&words.state_waiting).color(cx.tokens.color.text_secondary));
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

/// What a button of a download does.
enum Act<'a> {
    ToDisks,
    SignIn(&'a AccountId),
    Pause,
    Resume,
    ShowInLedger,
    Cancel,
    Forget,
}

fn actions(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, download: &Download) {
    let (company, what) = subject(cx.text, download);
    let about = format!("{company}{what}");
    let signing_in = |account: &AccountId| state.accounts.signing_in.contains(account);
    let buttons = buttons(cx.text, download, &about, &signing_in);
    let Some((_, act)) = button::at_right(ui, buttons).into_iter().find(|(response, _)| response.clicked()) else { return };
    let id = download.id.clone();
    match act {
        Act::ToDisks => state.screen = Screen::Disks,
        Act::SignIn(account) => sign_in(state, cx, download, account),
        Act::Pause => cx.send(Command::PauseDownload(id)),
        Act::Resume => cx.send(Command::ResumeDownload(id)),
        Act::ShowInLedger => {
            state.ledger.show(&download.order);
            state.screen = Screen::Ledger;
        }
        Act::Cancel => state.removing = Some(Removal::Download(id)),
        Act::Forget => state.removing = Some(Removal::Record(id)),
    }
}

/// From left to right; what cannot be had again stands last.
fn buttons<'a>(
    text: &'a Text,
    download: &'a Download,
    about: &'a str,
    signing_in: &dyn Fn(&AccountId) -> bool,
) -> Vec<(ActionButton<'a>, Act<'a>)> {
    let words = &text.download;
    let cancel = (button::quiet(&words.cancel).about(about).small(), Act::Cancel);
    match &download.state {
        DownloadState::NeedsLogin { .. } if download.order.disk.is_some() => {
            vec![(button::primary(&words.to_disks).about(about).small(), Act::ToDisks), cancel]
        }
        DownloadState::NeedsLogin { account } => {
            let sign_in = button::primary(&words.sign_in).about(about).busy(signing_in(account)).small();
            vec![(sign_in, Act::SignIn(account)), cancel]
        }
        DownloadState::Waiting | DownloadState::Counting | DownloadState::Running => {
            vec![(button::secondary(&words.pause).about(about).icon(Icon::Pause).small(), Act::Pause), cancel]
        }
        DownloadState::Paused | DownloadState::Partial | DownloadState::Failed => {
            vec![(button::primary(&words.resume).about(about).icon(Icon::Play).small(), Act::Resume), cancel]
        }
        DownloadState::Done | DownloadState::Cancelled => {
            let show = (button::quiet(&words.show_in_ledger).about(about).small(), Act::ShowInLedger);
            let forget = (button::icon(Icon::Close, &words.forget).about(about).small(), Act::Forget);
            if download.received.invoices > 0 { vec![show, forget] } else { vec![forget] }
        }
    }
}

fn sign_in(state: &mut State, cx: &mut ScreenCx<'_>, download: &Download, account: &AccountId) {
    // The service or a phone has begun: its challenge is shown, no second sign-in is begun.
    if let Some(take) = state.accounts.waiting(account, state.clock).and_then(|waiting| state.take_challenge(&waiting.challenge)) {
        cx.send(take);
        return;
    }
    let known = state.accounts.find(account).map(|(_, account)| account.login_name.clone());
    let Some(company) = state.companies.get(&download.order.company.id).cloned() else {
        let words = fill(&cx.text.download.company_gone, &[("company", &download.order.company.name)]);
        state.notices.push(Notice::new(Level::Warning, words));
        return;
    };
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
