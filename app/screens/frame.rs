//! What stands around every page: navigation, top bar with the avatar menu, banners, notices.

use std::time::Duration;

use egui::{Align, CentralPanel, Frame, Id, Layout, Margin, Panel, Popup, RichText, ScrollArea, Sense, Ui, ViewportCommand, vec2};
use piaoxia_engine::Command;
use piaoxia_engine::event::TaskKind;
use piaoxia_widgets::dialog::{self, Choice, Question};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::icons::{self, Icon};
use piaoxia_widgets::nav::{NavItem, badge, nav_rail};
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::{button, notice};

use super::banners::banners;
use super::{ScreenCx, keys, words};
use crate::state::{Screen, State};
use crate::text::{fill, thousands};

/// The data folder of most is open before this, seconds.
const MOMENT: f64 = 0.3;
/// After this it is said why it takes so long, seconds.
const LONG: f64 = 5.0;

type Page = fn(&mut Ui, &mut State, &mut ScreenCx<'_>);

/// While the data folder is opened.
pub(super) fn starting(ui: &mut Ui, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.frame;
    let since = stood(ui);
    let said = if since < LONG { &words.starting } else { &words.starting_long };
    CentralPanel::default().show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space(ui.available_height() * 0.4);
            ui.label(RichText::new(&cx.text.common.app_name).strong().size(cx.tokens.font.title));
            ui.label(RichText::new(said).color(cx.tokens.color.text_secondary));
            if since > MOMENT {
                ui.add(Progress::endless(said).width(200.0));
            } else {
                ui.ctx().request_repaint_after(Duration::from_secs_f64(MOMENT - since + 0.02));
            }
        });
    });
}

/// How long the page stands, seconds. The program begins with it, so that it counts from then at first; it comes again when the data
/// folder is opened anew.
fn stood(ui: &Ui) -> f64 {
    let (id, pass, now) = (Id::unique("starting"), ui.ctx().cumulative_pass_nr(), ui.input(|input| input.time));
    ui.ctx().data_mut(|data| {
        let since = match data.get_temp::<(u64, f64)>(id) {
            None => 0.0,
            Some((last, since)) if pass.saturating_sub(last) <= 2 => since,
            Some(_) => now,
        };
        data.insert_temp(id, (pass, since));
        now - since
    })
}

/// A page of its own, in the middle of the window: sign-in and activation.
pub(super) fn bare(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, page: Page) {
    banners(ui, state, cx);
    let fill = cx.tokens.color.window;
    CentralPanel::default().frame(Frame::new().fill(fill)).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| page(ui, state, cx));
    });
}

/// A page with navigation at the left and the top bar.
pub(super) fn full(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, page: Page) {
    banners(ui, state, cx);
    let tokens = cx.tokens;
    let bar = Frame::new().fill(tokens.color.surface).inner_margin(Margin::symmetric(16, 6));
    Panel::top("top bar").frame(bar).exact_size(44.0).show(ui, |ui| top_bar(ui, state, cx));
    let rail = Frame::new().fill(tokens.color.sunken).inner_margin(Margin::symmetric(8, 12));
    Panel::left("navigation")
        .frame(rail)
        .exact_size(words::wide(cx.text, 148.0, 160.0))
        .resizable(false)
        .show(ui, |ui| navigation(ui, state, cx));
    tasks(ui, state, cx);
    // A page that scrolls goes on to the window's edge: a strip below it would cut through its lines.
    let scrolls = matches!(state.screen, Screen::Home | Screen::Company { .. } | Screen::Disks | Screen::Download | Screen::Settings);
    let margin = Margin { bottom: if scrolls { 0 } else { 16 }, ..Margin::symmetric(20, 16) };
    let body = Frame::new().fill(tokens.color.window).inner_margin(margin);
    CentralPanel::default().frame(body).show(ui, |ui| page(ui, state, cx));
    unbind_question(ui, state, cx);
}

/// Messages in the corner.
pub(super) fn notices(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if let Some(command) = notice::show(ui.ctx(), &mut state.notices, &words::notice(cx.text)) {
        cx.send(command);
    }
    if state.unsent > 0 {
        ui.ctx().request_repaint_after(Duration::from_millis(100));
    }
}

/// Running imports and exports, at the bottom: progress and a way to stop.
fn tasks(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>) {
    let text = cx.text;
    let frame = Frame::new().fill(cx.tokens.color.surface).inner_margin(Margin::symmetric(20, 6));
    for (id, task) in &state.export.tasks {
        Panel::bottom(("task", id.0)).frame(frame).show(ui, |ui| {
            ui.horizontal(|ui| {
                let name = match task.kind {
                    TaskKind::Import => &text.import.running,
                    TaskKind::Export => &text.export.running,
                };
                ui.label(name);
                let figures = fill(&text.export.progress, &[("n", &thousands(task.done)), ("m", &thousands(task.total))]);
                let width = (ui.available_width() - 120.0).max(120.0);
                let bar = if task.total == 0 { Progress::endless(name) } else { Progress::new(name, task.done as f32 / task.total as f32) };
                ui.add(bar.text(&figures).width(width));
                if ui.add(button::quiet(&text.export.stop).small()).clicked() {
                    cx.send(Command::CancelTask(*id));
                }
            });
        });
    }
}

fn navigation(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let words = &cx.text.frame;
    let waiting = u32::try_from(state.download.in_need()).unwrap_or(u32::MAX);
    let items = [
        NavItem::new(Icon::Home, &words.nav_home),
        NavItem::new(Icon::Company, &words.nav_companies),
        NavItem::new(Icon::Disk, &words.nav_disks),
        NavItem::new(Icon::Download, &words.nav_download).badge(waiting),
        NavItem::new(Icon::Ledger, &words.nav_ledger),
        NavItem::new(Icon::Chart, &words.nav_stats),
        NavItem::new(Icon::Settings, &words.nav_settings),
    ];
    let chosen = match state.screen {
        Screen::Home => Some(0),
        Screen::Companies | Screen::Company { .. } => Some(1),
        Screen::Disks => Some(2),
        Screen::Download => Some(3),
        Screen::Ledger => Some(4),
        Screen::Stats => Some(5),
        Screen::Settings => Some(6),
        Screen::Starting | Screen::Welcome | Screen::SignIn | Screen::Activation => None,
    };
    if let Some(page) = nav_rail(ui, &items, chosen).and_then(|index| keys::PAGES.get(index)) {
        state.screen = page.clone();
    }
}

fn top_bar(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let (mark, _) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::hover());
        icons::paint(ui.painter(), mark, Icon::Ledger, cx.tokens.color.accent);
        ui.label(RichText::new(&cx.text.common.app_name).strong().size(cx.tokens.font.title));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            avatar(ui, state, cx);
            bell(ui, state, cx);
            if state.vault.can_be_locked() && ui.add(button::icon(Icon::Lock, &cx.text.vault.lock_now)).clicked() {
                cx.send(Command::LockVault);
            }
        });
    });
}

fn bell(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let unread = state.notices.unread();
    let name = if unread == 0 { cx.text.frame.notices.clone() } else { format!("{} {unread}", cx.text.frame.notices) };
    let response = ui.add(button::icon(Icon::Bell, &name));
    if unread > 0 {
        // On the bell's shoulder, over whatever stands beside it.
        let shoulder = response.rect.right_top() + vec2(2.0, 7.0);
        badge(ui, shoulder, u32::try_from(unread).unwrap_or(u32::MAX));
    }
    let opened = Popup::menu(&response).id(Id::unique("notices")).show(|ui| {
        ui.set_width(360.0);
        ScrollArea::vertical().max_height(420.0).show(ui, |ui| notice::history(ui, &state.notices, &words::notice(cx.text))).inner
    });
    if let Some(opened) = opened {
        state.notices.mark_read();
        if let Some(command) = opened.inner {
            cx.send(command);
        }
    }
}

fn avatar(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let name = state.session.person().map(|person| person.name.clone()).unwrap_or_default();
    let response = ui.add(button::icon(Icon::User, &cx.text.frame.avatar_label));
    ui.add(Elided::new(&name).width(160.0));
    Popup::menu(&response).id(Id::unique("avatar menu")).show(|ui| {
        ui.set_width(160.0);
        if ui.add(button::quiet(&cx.text.frame.sign_out).icon(Icon::Exit).entry(150.0)).clicked() {
            cx.send(Command::SignOut);
            ui.close();
        }
        if ui.add(button::quiet(&cx.text.frame.unbind).icon(Icon::Link).entry(150.0)).clicked() {
            state.asking_unbind = true;
            ui.close();
        }
    });
}

/// Asks before what runs is lost with the window.
pub(super) fn quit_question(ui: &Ui, state: &mut State, cx: &ScreenCx<'_>) {
    // What was asked about may be done by now.
    state.asking_quit = state.asking_quit.filter(|_| state.would_lose_work());
    if state.asking_quit.is_none() {
        return;
    }
    let words = &cx.text.frame;
    let question = Question {
        title: &words.quit_title,
        text: &words.quit_body,
        confirm: &words.quit_confirm,
        cancel: &cx.text.common.cancel,
        danger: true,
    };
    match dialog::confirm(ui.ctx(), "quit", &question) {
        Choice::Open => {}
        Choice::Cancelled => state.asking_quit = None,
        Choice::Confirmed => {
            state.quitting = true;
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        }
    }
}

fn unbind_question(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if !state.asking_unbind {
        return;
    }
    let words = &cx.text.frame;
    let person = state.session.person().map(|person| person.name.clone()).unwrap_or_default();
    let body = fill(&words.unbind_body, &[("person", &person)]);
    let question =
        Question { title: &words.unbind_title, text: &body, confirm: &words.unbind_confirm, cancel: &cx.text.common.cancel, danger: true };
    match dialog::confirm(ui.ctx(), "unbind", &question) {
        Choice::Open => {}
        Choice::Cancelled => state.asking_unbind = false,
        Choice::Confirmed => {
            state.asking_unbind = false;
            cx.send(Command::Unbind);
        }
    }
}
