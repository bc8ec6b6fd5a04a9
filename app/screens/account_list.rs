//! The e-tax accounts (电子税务局账号) of a company: how each stands and what can be done with it.

use std::time::Duration;

use egui::{Response, RichText, Ui};
use jiff::Timestamp;
use piaoxia_domain::account::{Account, DefaultFor, LoginMode, Session, successors};
use piaoxia_engine::{Command, DownloadState};
use piaoxia_service::contract::{Budget, Company};
use piaoxia_widgets::button::{self, ActionButton};
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
        actions(ui, state, cx, row);
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

/// What a button of a row does.
enum Act {
    Answer,
    SignIn,
    SignOut,
    MakeDefault,
    Bind,
    Unbind,
    Edit,
    Delete,
}

/// From left to right; what cannot be had again stands last.
fn actions(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, row: &Row<'_>) {
    let text = cx.text;
    let named = |label: &str| format!("{label} {}", row.account.login_name);
    let (edit, delete) = (named(&text.accounts.edit_account), named(&text.accounts.delete_account));
    let mut buttons = vec![session_button(state, text, row)];
    buttons.extend(default_button(text, row));
    buttons.push(bind_button(text, row));
    buttons.push((button::icon(Icon::Edit, &edit).small(), Act::Edit));
    buttons.push((button::icon(Icon::Trash, &delete).small(), Act::Delete));
    for (response, act) in button::at_right(ui, buttons) {
        if matches!(act, Act::MakeDefault) {
            default_menu(&response, cx, row);
        } else if response.clicked() {
            press(state, cx, row, &act);
        }
    }
}

fn press(state: &mut State, cx: &mut ScreenCx<'_>, row: &Row<'_>, act: &Act) {
    let (account, company) = (row.account, row.company);
    match act {
        Act::Answer => cx.commands.extend(answer(state, row)),
        Act::SignIn => accounts::sign_in(state, cx, company, &account.id, &account.login_name),
        Act::SignOut => cx.send(Command::Logout { company: company.id.clone(), account: account.id.clone() }),
        // What its menu offers does it.
        Act::MakeDefault => {}
        Act::Bind => {
            let command = state.open_binding(company, account);
            cx.send(command);
        }
        Act::Unbind => state.ask_unbinding(company, account),
        Act::Edit => state.open_account_edit(company, account),
        Act::Delete => {
            let successor = successors(row.all, &account.id).into_iter().next();
            state.accounts.deleting =
                Some(DeleteDialog { company: company.id.clone(), account: account.id.clone(), successor, ..DeleteDialog::default() });
        }
    }
}

/// Shows the question that a sign-in begun elsewhere waits with; none where nothing waits.
fn answer(state: &State, row: &Row<'_>) -> Option<Command> {
    state.accounts.waiting(&row.account.id, state.clock).and_then(|waiting| state.take_challenge(&waiting.challenge))
}

fn session_button<'a>(state: &State, text: &'a Text, row: &Row<'a>) -> (ActionButton<'a>, Act) {
    let (words, login_name) = (&text.accounts, row.account.login_name.as_str());
    if matches!(row.account.session, Session::Valid { until } if until > row.now) {
        (button::quiet(&words.sign_out).about(login_name).small(), Act::SignOut)
    } else if answer(state, row).is_some() {
        // Somebody has begun already: a second sign-in would only end the first, and cost a message to the phone.
        (button::primary(&words.answer).about(login_name).small(), Act::Answer)
    } else {
        let busy = state.accounts.signing_in.contains(&row.account.id);
        (button::secondary(&words.sign_in).about(login_name).small().enabled(may_sign_in(state, row)).busy(busy), Act::SignIn)
    }
}

/// A try that the bureau is known to refuse would only cost one of the next.
fn may_sign_in(state: &State, row: &Row<'_>) -> bool {
    let locked = matches!(row.account.session, Session::Locked { until } if until > row.now);
    let used_up =
        state.accounts.budgets.get(&row.account.id).is_some_and(|budget| budget.login_tries_left == 0 && budget.resets_at > row.now);
    !locked && !used_up
}

fn bind_button<'a>(text: &'a Text, row: &Row<'a>) -> (ActionButton<'a>, Act) {
    let bound = row.account.wechat_bound;
    let (label, act) = if bound { (&text.binding.unbind, Act::Unbind) } else { (&text.binding.bind, Act::Bind) };
    (button::quiet(label).about(&row.account.login_name).icon(Icon::Link).small(), act)
}

/// What the account may be made the default of, and whether that is allowed now: not what it is already.
fn defaults<'a>(text: &'a Text, row: &Row<'_>) -> [(&'a str, DefaultFor, bool); 3] {
    let words = &text.accounts;
    let (account, only) = (row.account, row.all.len() == 1);
    let is = |work| account.default_for == Some(DefaultFor::Both) || account.default_for == Some(work);
    [
        (words.make_default_both.as_str(), DefaultFor::Both, account.rights.issue && account.rights.receive && !is(DefaultFor::Both)),
        (words.make_default_issue.as_str(), DefaultFor::Issue, account.rights.issue && !only && !is(DefaultFor::Issue)),
        (words.make_default_receive.as_str(), DefaultFor::Receive, account.rights.receive && !only && !is(DefaultFor::Receive)),
    ]
}

fn default_button<'a>(text: &'a Text, row: &Row<'a>) -> Option<(ActionButton<'a>, Act)> {
    let button = button::quiet(&text.accounts.make_default).about(&row.account.login_name).icon(Icon::ChevronDown).small();
    defaults(text, row).iter().any(|(_, _, allowed)| *allowed).then_some((button, Act::MakeDefault))
}

/// 设为默认: only what the rules allow and is not so already can be pressed.
fn default_menu(response: &Response, cx: &mut ScreenCx<'_>, row: &Row<'_>) {
    let account = row.account;
    let mut chosen = None;
    // Named after the account: the button's own id counts the widgets before it, and a change among them would close the menu.
    let menu = egui::Id::unique("default menu").with(&account.id.0);
    egui::Popup::menu(response).id(menu).show(|ui| {
        ui.set_width(190.0);
        for (label, work, allowed) in defaults(cx.text, row) {
            if ui.add(button::quiet(label).enabled(allowed).entry(180.0)).clicked() {
                chosen = Some(work);
                ui.close();
            }
        }
    });
    if let Some(default_for) = chosen {
        cx.send(Command::SetDefault { company: row.company.id.clone(), account: account.id.clone(), default_for });
    }
}
