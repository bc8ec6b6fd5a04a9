//! The e-tax accounts (电子税务局账号) of a company: how each stands and what can be done with it.

use std::time::Duration;

use egui::{Align, Layout, RichText, Ui};
use jiff::Timestamp;
use piaoxia_domain::account::{Account, DefaultFor, LoginMode, Session, successors};
use piaoxia_engine::{Command, DownloadState};
use piaoxia_service::contract::{Budget, Company};
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, accounts};
use crate::state::State;
use crate::state::accounts::DeleteDialog;
use crate::text::{Text, fill, moment, problem_line};

/// Tries at which a person should take care.
const FEW_TRIES: u32 = 2;
/// Sessions and locks end by the minute: so often are they looked at.
const LOOK: Duration = Duration::from_secs(30);
/// Share of the row that who it is and how it stands take each, and the least and most of it.
const SHARE: f32 = 0.26;
const COLUMN: std::ops::RangeInclusive<f32> = 180.0..=300.0;

/// What a row is about.
struct Row<'a> {
    company: &'a Company,
    account: &'a Account,
    all: &'a [Account],
    now: Timestamp,
}

/// Draws the list.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, company: &Company) {
    let (list, problem) = {
        let list = state.accounts.list(&company.id);
        (list.value().cloned(), list.problem().cloned())
    };
    if let Some(problem) = problem {
        ui.label(RichText::new(problem_line(cx.text, &problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    match list.as_deref() {
        None if state.accounts.list(&company.id).problem().is_none() => {
            Waiting::new("accounts", &cx.text.common.loading, state.clock).shape(Shape::Rows(3)).show(ui);
        }
        None => {}
        Some([]) => Empty::new(Icon::Account, &cx.text.accounts.none_title, &cx.text.accounts.none_body).show(ui, |ui| {
            if ui.add(button::primary(&cx.text.accounts.add_first)).clicked() {
                state.open_account_form(company);
            }
        }),
        Some(all) => {
            let now = state.accounts.service_now(state.clock);
            for account in all {
                ui.push_id(&account.id.0, |ui| row(ui, state, cx, &Row { company, account, all, now }));
                ui.separator();
            }
            ui.label(RichText::new(&cx.text.accounts.default_rules).small().color(cx.tokens.color.text_secondary));
            ui.ctx().request_repaint_after(LOOK);
        }
    }
}

fn row(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, row: &Row<'_>) {
    let account = row.account;
    ui.horizontal(|ui| {
        let column = (ui.available_width() * SHARE).clamp(*COLUMN.start(), *COLUMN.end());
        ui.vertical(|ui| {
            ui.set_width(column);
            // Two accounts of a person differ in the login name alone: it has a line to itself.
            ui.spacing_mut().item_spacing.y = cx.tokens.space.xs;
            if !account.person.is_empty() {
                ui.add(Elided::new(&account.person).width(column));
            }
            ui.add(Elided::new(&account.login_name).middle().width(column));
            let line = format!("{} · {}", cx.text.identity(account.identity), login_mode(cx.text, account.login_mode));
            ui.add(Elided::new(&line).size(cx.tokens.font.small).color(cx.tokens.color.text_secondary).width(column));
        });
        ui.vertical(|ui| {
            ui.set_width(column);
            ui.spacing_mut().item_spacing.y = cx.tokens.space.xs;
            chips(ui, |ui| standing(ui, state, cx.text, row));
            chips(ui, |ui| marks(ui, state, cx.text, account));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| actions(ui, state, cx, row));
    });
    if let Some(budget) = state.accounts.budgets.get(&account.id) {
        let (line, tone) = budget_line(cx.text, budget);
        ui.add(Elided::new(&line).size(cx.tokens.font.small).color(cx.tokens.tone(tone).text));
    }
}

/// A line of chips that goes on below when it is full.
fn chips(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.spacing_mut().interact_size.y = 0.0;
    ui.horizontal_wrapped(content);
}

fn login_mode(text: &Text, mode: LoginMode) -> &str {
    match mode {
        LoginMode::Manual => &text.accounts.mode_manual,
        LoginMode::HostedPhone => &text.accounts.mode_hosted,
        LoginMode::VirtualPhone => &text.accounts.mode_virtual,
    }
}

/// The session, and whether somebody is waited for.
fn standing(ui: &mut Ui, state: &State, text: &Text, row: &Row<'_>) {
    let words = &text.accounts;
    let (line, tone) = match &row.account.session {
        Session::None => (words.session_none.clone(), Tone::Neutral),
        Session::Valid { until } if *until > row.now => (fill(&words.session_valid, &[("until", &moment(*until))]), Tone::Good),
        Session::Locked { until } if *until > row.now => (fill(&words.session_locked, &[("until", &moment(*until))]), Tone::Bad),
        // A lock that is over leaves nobody signed in.
        Session::Locked { .. } => (words.session_none.clone(), Tone::Neutral),
        Session::Valid { .. } | Session::Expired => (words.session_expired.clone(), Tone::Warning),
        Session::SignedInElsewhere => (words.session_elsewhere.clone(), Tone::Warning),
    };
    ui.add(Chip::new(&line, tone));
    let id = &row.account.id;
    if state.accounts.waiting(id, state.clock).is_some() {
        ui.add(Chip::new(&words.needs_answer, Tone::Warning));
    } else if state.download.all.iter().any(|download| matches!(&download.state, DownloadState::NeedsLogin { account } if account == id)) {
        ui.add(Chip::new(&words.needs_login, Tone::Warning));
    }
}

fn marks(ui: &mut Ui, state: &State, text: &Text, account: &Account) {
    let words = &text.accounts;
    if account.rights.issue {
        ui.add(Chip::new(&words.right_issue, Tone::Neutral));
    }
    if account.rights.receive {
        ui.add(Chip::new(&words.right_receive, Tone::Neutral));
    }
    let default = match account.default_for {
        Some(DefaultFor::Both) => Some(&words.default_both),
        Some(DefaultFor::Issue) => Some(&words.default_issue),
        Some(DefaultFor::Receive) => Some(&words.default_receive),
        None => None,
    };
    if let Some(default) = default {
        ui.add(Chip::new(default, Tone::Accent));
    }
    if state.vault.view.accounts.contains(&account.id) {
        ui.add(Chip::new(&text.vault.remembered, Tone::Good));
    }
    if account.wechat_bound {
        ui.add(Chip::new(&text.binding.bound_mark, Tone::Good));
    }
}

/// 剩余次数 of what the bureau counts.
fn budget_line(text: &Text, budget: &Budget) -> (String, Tone) {
    let words = &text.accounts;
    let number = |template: &str, n: u32| fill(template, &[("n", &n.to_string())]);
    let mut parts = vec![if budget.login_tries_left == 0 {
        fill(&words.budget_none, &[("until", &moment(budget.resets_at))])
    } else {
        number(&words.budget_tries, budget.login_tries_left)
    }];
    parts.extend(budget.identity_switches_left.map(|left| number(&words.budget_switches, left)));
    parts.push(number(&words.budget_collect, budget.collect_calls_left));
    let used_up = budget.login_tries_left == 0 || budget.collect_calls_left == 0;
    let few = budget.login_tries_left <= FEW_TRIES || budget.identity_switches_left == Some(0);
    let tone = if used_up {
        Tone::Bad
    } else if few {
        Tone::Warning
    } else {
        Tone::Neutral
    };
    (parts.join(" · "), tone)
}

fn actions(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, row: &Row<'_>) {
    let (account, company) = (row.account, row.company);
    let named = |label: &str| format!("{label} {}", account.login_name);
    let (delete, edit) = (named(&cx.text.accounts.delete_account), named(&cx.text.accounts.edit_account));
    if ui.add(button::icon(Icon::Trash, &delete).small()).clicked() {
        let successor = successors(row.all, &account.id).into_iter().next();
        state.accounts.deleting =
            Some(DeleteDialog { company: company.id.clone(), account: account.id.clone(), successor, ..DeleteDialog::default() });
    }
    if ui.add(button::icon(Icon::Edit, &edit).small()).clicked() {
        state.open_account_edit(company, account);
    }
    bind_button(ui, state, cx, row);
    default_menu(ui, cx, row);
    if matches!(account.session, Session::Valid { until } if until > row.now) {
        if ui.add(button::quiet(&cx.text.accounts.sign_out).about(&row.account.login_name).small()).clicked() {
            cx.send(Command::Logout { company: company.id.clone(), account: account.id.clone() });
        }
    } else {
        sign_in_button(ui, state, cx, row);
    }
}

fn sign_in_button(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, row: &Row<'_>) {
    let id = &row.account.id;
    // Somebody has begun already: a second sign-in would only end the first, and cost a message to the phone.
    if let Some(take) = state.accounts.waiting(id, state.clock).and_then(|waiting| state.take_challenge(&waiting.challenge)) {
        if ui.add(button::primary(&cx.text.accounts.answer).about(&row.account.login_name).small()).clicked() {
            cx.send(take);
        }
    } else if ui
        .add(button::secondary(&cx.text.accounts.sign_in).about(&row.account.login_name).small().enabled(may_sign_in(state, row)))
        .clicked()
    {
        accounts::sign_in(state, cx, row.company, id, &row.account.login_name);
    }
}

/// A try that the bureau is known to refuse would only cost one of the next.
fn may_sign_in(state: &State, row: &Row<'_>) -> bool {
    let locked = matches!(row.account.session, Session::Locked { until } if until > row.now);
    let used_up =
        state.accounts.budgets.get(&row.account.id).is_some_and(|budget| budget.login_tries_left == 0 && budget.resets_at > row.now);
    !locked && !used_up
}

fn bind_button(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, row: &Row<'_>) {
    let words = &cx.text.binding;
    if row.account.wechat_bound {
        if ui.add(button::quiet(&words.unbind).about(&row.account.login_name).icon(Icon::Link).small()).clicked() {
            state.ask_unbinding(row.company, row.account);
        }
    } else if ui.add(button::quiet(&words.bind).about(&row.account.login_name).icon(Icon::Link).small()).clicked() {
        let command = state.open_binding(row.company, row.account);
        cx.send(command);
    }
}

/// 设为默认: only what the rules allow and is not so already can be pressed.
fn default_menu(ui: &mut Ui, cx: &mut ScreenCx<'_>, row: &Row<'_>) {
    let words = &cx.text.accounts;
    let (account, only) = (row.account, row.all.len() == 1);
    let is = |work| account.default_for == Some(DefaultFor::Both) || account.default_for == Some(work);
    let choices = [
        (&words.make_default_both, DefaultFor::Both, account.rights.issue && account.rights.receive && !is(DefaultFor::Both)),
        (&words.make_default_issue, DefaultFor::Issue, account.rights.issue && !only && !is(DefaultFor::Issue)),
        (&words.make_default_receive, DefaultFor::Receive, account.rights.receive && !only && !is(DefaultFor::Receive)),
    ];
    if !choices.iter().any(|(_, _, allowed)| *allowed) {
        return;
    }
    let response = ui.add(button::quiet(&words.make_default).about(&row.account.login_name).icon(Icon::ChevronDown).small());
    let mut chosen = None;
    // Named after the account: the button's own id counts the widgets before it, and a change among them would close the menu.
    let menu = egui::Id::unique("default menu").with(&account.id.0);
    egui::Popup::menu(&response).id(menu).show(|ui| {
        ui.set_width(190.0);
        for (label, work, allowed) in choices {
            if ui.add(button::quiet(label).enabled(allowed).width(180.0)).clicked() {
                chosen = Some(work);
                ui.close();
            }
        }
    });
    if let Some(default_for) = chosen {
        cx.send(Command::SetDefault { company: row.company.id.clone(), account: account.id.clone(), default_for });
    }
}
