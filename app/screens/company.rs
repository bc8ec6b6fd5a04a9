//! One company: details and its e-tax accounts (电子税局账号).

use egui::{Align, Layout, RichText, ScrollArea, Ui};
use jiff::Timestamp;
use piaoxia_domain::account::{Account, DefaultFor, LoginMode, Session};
use piaoxia_domain::{AccountId, Region};
use piaoxia_engine::Command;
use piaoxia_service::contract::{Company, TaxpayerKind};
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, accounts};
use crate::state::accounts::{DeleteDialog, PasswordDialog};
use crate::state::{Screen, State};
use crate::text::{Text, fill, moment, problem_line};

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Screen::Company { id } = state.screen.clone() else { return };
    let Some(company) = state.companies.get(&id).cloned() else {
        state.screen = Screen::Companies;
        return;
    };
    ask_for_accounts(state, cx, &id);
    surface::page_title(ui, &company.name, |ui| {
        if ui.add(button::primary(&cx.text.accounts.add).icon(Icon::Plus)).clicked() {
            state.open_account_form(&company);
        }
        if ui.add(button::secondary(&cx.text.common.refresh).icon(Icon::Refresh)).clicked() {
            state.accounts.list(&id).ask();
            cx.send(Command::LoadAccounts { company: id.clone() });
        }
        if ui.add(button::quiet(&cx.text.accounts.back_to_companies).icon(Icon::ChevronLeft)).clicked() {
            state.screen = Screen::Companies;
        }
    });
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        details(ui, cx.text, &company);
        ui.add_space(cx.tokens.space.m);
        surface::titled_card(ui, &cx.text.accounts.title, |_| {}, |ui| list_ui(ui, state, cx, &company));
    });
    accounts::dialogs(ui, state, cx);
}

fn ask_for_accounts(state: &mut State, cx: &mut ScreenCx<'_>, company: &str) {
    let list = state.accounts.list(company);
    if list.is_idle() {
        list.ask();
        cx.send(Command::LoadAccounts { company: company.to_owned() });
    }
}

fn details(ui: &mut Ui, text: &Text, company: &Company) {
    let words = &text.companies;
    let region = Region::from_code(&company.region).map_or(company.region.as_str(), |region| region.name.as_str());
    let kind = match company.taxpayer_kind {
        TaxpayerKind::General => &words.general,
        TaxpayerKind::Small => &words.small,
    };
    let expires = company.entitlement.expires_on.to_string();
    surface::card(ui, |ui| {
        egui::Grid::new("company details").num_columns(4).spacing([24.0, 8.0]).show(ui, |ui| {
            pair(ui, &words.tax_no, company.tax_no.as_str());
            pair(ui, &words.region, region);
            ui.end_row();
            pair(ui, &words.taxpayer_kind, kind);
            pair(ui, &words.expires, &expires);
            ui.end_row();
        });
    });
}

fn pair(ui: &mut Ui, label: &str, value: &str) {
    let secondary = piaoxia_widgets::tokens::Tokens::of(ui.ctx()).color.text_secondary;
    ui.label(RichText::new(label).color(secondary));
    ui.label(value);
}

fn list_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, company: &Company) {
    let (list, problem) = {
        let list = state.accounts.list(&company.id);
        (list.value().cloned(), list.problem().cloned())
    };
    if let Some(problem) = problem {
        ui.label(RichText::new(problem_line(cx.text, &problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    match list.as_deref() {
        None => {
            ui.label(&cx.text.common.loading);
        }
        Some([]) => Empty::new(Icon::Account, &cx.text.accounts.none_title, &cx.text.accounts.none_body).show(ui, |ui| {
            if ui.add(button::primary(&cx.text.accounts.add_first)).clicked() {
                state.open_account_form(company);
            }
        }),
        Some(accounts) => {
            let now = state.accounts.now.unwrap_or(Timestamp::UNIX_EPOCH);
            for account in accounts {
                account_ui(ui, state, cx, company, account, accounts, now);
                ui.separator();
            }
            ui.label(RichText::new(&cx.text.accounts.default_rules).small().color(cx.tokens.color.text_secondary));
        }
    }
}

fn account_ui(
    ui: &mut Ui,
    state: &mut State,
    cx: &mut ScreenCx<'_>,
    company: &Company,
    account: &Account,
    all: &[Account],
    now: Timestamp,
) {
    ui.push_id(&account.id.0, |ui| {
        ui.horizontal(|ui| {
            ui.vertical(|ui| {
                ui.set_width(300.0);
                let who = if account.person.is_empty() {
                    account.login_name.clone()
                } else {
                    format!("{}  {}", account.person, account.login_name)
                };
                ui.add(Elided::new(&who).width(290.0));
                let line = format!("{} · {}", account.identity.name(), login_mode(cx.text, account.login_mode));
                ui.label(RichText::new(line).small().color(cx.tokens.color.text_secondary));
            });
            ui.vertical(|ui| {
                ui.set_width(250.0);
                ui.horizontal(|ui| session_chip(ui, cx.text, &account.session, now));
                ui.horizontal(|ui| marks(ui, cx.text, account));
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| actions(ui, state, cx, company, account, all));
        });
    });
}

fn login_mode(text: &Text, mode: LoginMode) -> &str {
    match mode {
        LoginMode::Manual => &text.accounts.mode_manual,
        LoginMode::HostedPhone => &text.accounts.mode_hosted,
        LoginMode::VirtualPhone => &text.accounts.mode_virtual,
    }
}

fn session_chip(ui: &mut Ui, text: &Text, session: &Session, now: Timestamp) {
    let words = &text.accounts;
    let (line, tone) = match session {
        Session::None => (words.session_none.clone(), Tone::Neutral),
        Session::Valid { until } if *until > now => (fill(&words.session_valid, &[("until", &moment(*until))]), Tone::Good),
        Session::Valid { .. } | Session::Expired => (words.session_expired.clone(), Tone::Warning),
        Session::SignedInElsewhere => (words.session_elsewhere.clone(), Tone::Warning),
        Session::Locked { until } => (fill(&words.session_locked, &[("until", &moment(*until))]), Tone::Bad),
    };
    ui.add(Chip::new(&line, tone));
}

fn marks(ui: &mut Ui, text: &Text, account: &Account) {
    let words = &text.accounts;
    if account.rights.issue {
        ui.add(Chip::new(&words.right_issue, Tone::Neutral));
    }
    if account.rights.receive {
        ui.add(Chip::new(&words.right_receive, Tone::Neutral));
    }
    let default = match account.default_for {
        Some(DefaultFor::Both) => &words.default_both,
        Some(DefaultFor::Issue) => &words.default_issue,
        Some(DefaultFor::Receive) => &words.default_receive,
        None => return,
    };
    ui.add(Chip::new(default, Tone::Accent));
}

fn actions(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, company: &Company, account: &Account, all: &[Account]) {
    let named = |label: &str| format!("{label} {}", account.login_name);
    let delete = named(&cx.text.accounts.delete_account);
    if ui.add(button::icon(Icon::Trash, &delete).small()).clicked() {
        let successor = all.iter().find(|other| other.id != account.id).map(|other| other.id.clone());
        state.accounts.deleting =
            Some(DeleteDialog { company: company.id.clone(), account: account.id.clone(), successor, ..DeleteDialog::default() });
    }
    default_menu(ui, cx, company, account, all.len() == 1);
    if matches!(account.session, Session::Valid { .. }) {
        if ui.add(button::quiet(&cx.text.accounts.sign_out).small()).clicked() {
            cx.send(Command::Logout { company: company.id.clone(), account: account.id.clone() });
        }
    } else if ui.add(button::secondary(&cx.text.accounts.sign_in).small()).clicked() {
        state.accounts.password = Some(password_dialog(company, &account.id, &account.login_name));
    }
}

/// The question for an account's password.
pub(super) fn password_dialog(company: &Company, account: &AccountId, login_name: &str) -> PasswordDialog {
    PasswordDialog { company: company.id.clone(), account: account.clone(), login_name: login_name.to_owned(), ..PasswordDialog::default() }
}

/// 设为默认: only what the rules allow can be pressed.
fn default_menu(ui: &mut Ui, cx: &mut ScreenCx<'_>, company: &Company, account: &Account, only: bool) {
    let words = &cx.text.accounts;
    let choices = [
        (&words.make_default_both, DefaultFor::Both, account.rights.issue && account.rights.receive),
        (&words.make_default_issue, DefaultFor::Issue, account.rights.issue && !only),
        (&words.make_default_receive, DefaultFor::Receive, account.rights.receive && !only),
    ];
    let response = ui.add(button::quiet(&words.make_default).icon(Icon::ChevronDown).small());
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
        cx.send(Command::SetDefault { company: company.id.clone(), account: account.id.clone(), default_for });
    }
}
