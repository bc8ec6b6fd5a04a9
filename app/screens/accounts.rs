//! Dialogs of the company page: 添加账号, the password question, deleting.

use egui::{RichText, Ui};
use piaoxia_domain::account::{Account, AccountId, Identity, LoginMode, inheritance, successors};
use piaoxia_domain::{DefaultFor, Region};
use piaoxia_engine::{Command, HiddenRequest, Secret};
use piaoxia_service::contract::{AccountRequest, Company, FieldKind, FormField, LoginForm};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, binding, sandbox, vault, words};
use crate::loadable::Loadable;
use crate::state::State;
use crate::state::accounts::{DeleteDialog, FormDialog};
use crate::text::{Text, fill, problem_line};

/// Width of one of the two columns of fields, and what stands between them, points.
const HALF: f32 = 280.0;
const GAP: f32 = 12.0;

/// Draws whichever is open. The challenge dialog lies above and hides them while it is open.
pub(super) fn dialogs(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if state.accounts.challenge.is_some() {
        return;
    }
    form_dialog(ui, state, cx);
    password_dialog(ui, state, cx);
    delete_dialog(ui, state, cx);
    binding::dialogs(ui, state, cx);
}

/// Signs an account in with the password that the vault has, else asks for it.
pub(super) fn sign_in(state: &mut State, cx: &mut ScreenCx<'_>, company: &Company, account: &AccountId, login_name: &str) {
    cx.commands.extend(state.sign_in_account(company, account, login_name));
}

fn form_dialog(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.accounts.form.take() else { return };
    if state.accounts.forms.get(&dialog.region).is_none_or(Loadable::is_idle) {
        ask_form(state, cx, &dialog);
    }
    let form = state.accounts.forms.get(&dialog.region).cloned().unwrap_or_default();
    let mut again = false;
    let words = &cx.text.accounts;
    let (title, confirm) =
        if dialog.account.is_some() { (&words.edit_title, &words.edit_confirm) } else { (&words.add_title, &words.sign_in) };
    let (choice, region_changed) = Dialog::new("account form", title)
        .confirm(confirm)
        .cancel(&cx.text.common.cancel)
        .width(620.0)
        .busy(dialog.busy)
        .can_confirm(form.value().is_some())
        .show(ui.ctx(), |ui| {
            ui.label(RichText::new(about(&dialog)).color(cx.tokens.color.text_secondary));
            if dialog.account.is_some() {
                ui.add(egui::Label::new(&cx.text.accounts.edit_note).wrap());
            }
            // The region of an account cannot be changed, only of a new one.
            let changed = dialog.account.is_none() && region_ui(ui, cx.text, &mut dialog);
            match (form.value(), form.problem()) {
                (Some(form), _) => {
                    fields_ui(ui, cx.text, form, &mut dialog);
                    vault::remember(ui, &state.vault, cx.text, &mut dialog.remember);
                }
                (None, Some(problem)) => {
                    ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
                    let retry = button::secondary(&cx.text.common.retry).icon(Icon::Refresh).busy(form.is_loading());
                    again = ui.add(retry).clicked();
                }
                (None, None) => {
                    Waiting::new("form", &cx.text.common.loading, state.clock).shape(Shape::Lines(6)).show(ui);
                }
            }
            if let Some(problem) = &dialog.problem {
                ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
            }
            // Below the whole form only: what stands under the pointer must not move away when the form comes in.
            if form.value().is_some() {
                sandbox::demo_accounts(ui, &mut state.sandbox, cx, &mut dialog);
            }
            changed
        });
    if again {
        ask_form(state, cx, &dialog);
    }
    if region_changed {
        dialog.identity = None;
    }
    match choice {
        Choice::Cancelled => return,
        Choice::Confirmed if !dialog.busy => {
            submit(cx, form.value(), &mut dialog);
            state.accounts.signing_in.extend(dialog.account.clone().filter(|_| dialog.busy));
        }
        Choice::Confirmed | Choice::Open => {}
    }
    state.accounts.form = Some(dialog);
}

/// Asks for what the bureau of the chosen region wants to know.
fn ask_form(state: &mut State, cx: &mut ScreenCx<'_>, dialog: &FormDialog) {
    state.accounts.forms.entry(dialog.region.clone()).or_default().ask();
    cx.send(Command::LoadForm { company: dialog.company.clone(), region: dialog.region.clone() });
}

/// The company, and which of its accounts.
fn about(dialog: &FormDialog) -> String {
    if dialog.login_name.is_empty() { dialog.company_name.clone() } else { format!("{} · {}", dialog.company_name, dialog.login_name) }
}

fn submit(cx: &mut ScreenCx<'_>, form: Option<&LoginForm>, dialog: &mut FormDialog) {
    dialog.marked = true;
    dialog.problem = None;
    let (Some(form), Some(identity), Some(login_mode)) = (form, dialog.identity, dialog.login_mode) else { return };
    let empty = |field: &FormField| field.required && dialog.values.get(&field.key).is_none_or(|value| value.trim().is_empty());
    if form.fields.iter().any(empty) {
        return;
    }
    dialog.busy = true;
    let password = form.fields.iter().find(|field| field.kind == FieldKind::Password).and_then(|field| dialog.values.get(&field.key));
    let remember = password.filter(|_| dialog.remember).map(Secret::new);
    let request = Box::new(HiddenRequest(AccountRequest { fields: dialog.values.clone(), identity, login_mode }));
    let company = dialog.company.clone();
    cx.send(match dialog.account.clone() {
        Some(account) => Command::EditAccount { company, account, request, remember },
        None => Command::AddAccount { company, request, remember },
    });
}

/// True when another region was chosen.
fn region_ui(ui: &mut Ui, text: &Text, dialog: &mut FormDialog) -> bool {
    let regions = Region::all();
    let mut chosen = regions.iter().position(|region| region.code == dialog.region);
    let name = |index: usize| regions.get(index).map_or("", |region| text.region_name(region));
    let changed = Select::new(&text.companies.region, &mut chosen, regions.len(), name, words::select(text)).show(ui).changed();
    if let Some(region) = chosen.and_then(|index| regions.get(index)).filter(|_| changed) {
        dialog.region.clone_from(&region.code);
    }
    changed
}

fn fields_ui(ui: &mut Ui, text: &Text, form: &LoginForm, dialog: &mut FormDialog) {
    for pair in form.fields.chunks(2) {
        ui.horizontal_top(|ui| {
            for field in pair {
                half(ui, |ui| field_ui(ui, text, field, dialog));
            }
        });
    }
    ui.horizontal_top(|ui| {
        half(ui, |ui| identity_ui(ui, text, &form.identities, dialog));
        half(ui, |ui| mode_ui(ui, text, &form.login_modes, dialog));
    });
}

/// One of two columns.
fn half(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.set_width(HALF);
        add(ui);
    });
    ui.add_space(GAP);
}

fn field_ui(ui: &mut Ui, text: &Text, field: &FormField, dialog: &mut FormDialog) {
    let marked = dialog.marked;
    let refused = dialog.problem.as_ref().is_some_and(|problem| refused_field(problem) == Some(field.key.as_str()));
    let value = dialog.values.entry(field.key.clone()).or_default();
    let missing = marked && field.required && value.trim().is_empty();
    let error = if missing {
        Some(text.accounts.required.as_str())
    } else if refused {
        Some(text.accounts.wrong_value.as_str())
    } else {
        None
    };
    let mut input =
        Field::new(text.foreign(&field.label), value).hint(text.foreign(&field.hint)).error(error).enabled(field.fixed.is_none());
    if field.required {
        input = input.required();
    }
    input = match field.kind {
        FieldKind::Password => input.password(words::reveal(text)),
        FieldKind::Phone | FieldKind::IdNumber => input.number(),
        // A select of the service comes as text too: its choices are few and its value is checked there.
        FieldKind::Text | FieldKind::Select | FieldKind::Unknown => input,
    };
    input.show(ui);
}

fn refused_field(problem: &piaoxia_engine::Problem) -> Option<&str> {
    match &problem.what {
        piaoxia_engine::problem::What::Service(error) => error.field.as_deref(),
        _ => None,
    }
}

fn identity_ui(ui: &mut Ui, text: &Text, identities: &[Identity], dialog: &mut FormDialog) {
    let mut chosen = dialog.identity.and_then(|wanted| identities.iter().position(|identity| *identity == wanted));
    let name = |index: usize| identities.get(index).map_or("", |identity| text.identity(*identity));
    Select::new(&text.accounts.identity, &mut chosen, identities.len(), name, words::select(text)).width(HALF).show(ui);
    dialog.identity = chosen.and_then(|index| identities.get(index).copied());
}

fn mode_ui(ui: &mut Ui, text: &Text, modes: &[LoginMode], dialog: &mut FormDialog) {
    let mut chosen = dialog.login_mode.and_then(|wanted| modes.iter().position(|mode| *mode == wanted));
    let name = |index: usize| {
        modes.get(index).map_or("", |mode| match mode {
            LoginMode::Manual => text.accounts.mode_manual.as_str(),
            LoginMode::HostedPhone => &text.accounts.mode_hosted,
            LoginMode::VirtualPhone => &text.accounts.mode_virtual,
        })
    };
    Select::new(&text.accounts.mode, &mut chosen, modes.len(), name, words::select(text)).width(HALF).show(ui);
    dialog.login_mode = chosen.and_then(|index| modes.get(index).copied());
}

fn password_dialog(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.accounts.password.take() else { return };
    let error = dialog.problem.as_ref().map(|problem| problem_line(cx.text, problem));
    let (choice, submitted) = Dialog::new("account password", &cx.text.accounts.password_title)
        .confirm(&cx.text.accounts.sign_in)
        .cancel(&cx.text.common.cancel)
        .busy(dialog.busy)
        .can_confirm(!dialog.password.is_empty())
        .show(ui.ctx(), |ui| {
            ui.label(fill(&cx.text.accounts.password_for, &[("account", &dialog.login_name)]));
            let submitted = Field::new(&cx.text.accounts.password, &mut dialog.password)
                .password(words::reveal(cx.text))
                .error(error.as_deref())
                .first(true)
                .full_width()
                .show(ui)
                .submitted;
            vault::remember(ui, &state.vault, cx.text, &mut dialog.remember);
            sandbox::demo_password(ui, &mut state.sandbox, cx, &mut dialog);
            submitted
        });
    if choice == Choice::Cancelled {
        return;
    }
    if (choice == Choice::Confirmed || submitted) && !dialog.busy && !dialog.password.is_empty() {
        dialog.busy = true;
        dialog.problem = None;
        state.accounts.signing_in.insert(dialog.account.clone());
        let password = Secret::new(std::mem::take(&mut dialog.password));
        cx.send(Command::Login { company: dialog.company.clone(), account: dialog.account.clone(), password, remember: dialog.remember });
    }
    state.accounts.password = Some(dialog);
}

fn delete_dialog(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.accounts.deleting.take() else { return };
    let accounts = state.accounts.known(&dialog.company).to_vec();
    let Some(account) = accounts.iter().find(|account| account.id == dialog.account) else { return };
    let heirs: Vec<&Account> =
        successors(&accounts, &account.id).iter().filter_map(|heir| accounts.iter().find(|other| other.id == *heir)).collect();
    let inheritance = inheritance(&accounts, &account.id);
    let refused = inheritance.filter(|_| heirs.is_empty());
    let error = dialog.problem.as_ref().map(|problem| problem_line(cx.text, problem));
    let mut window = Dialog::new("delete account", &cx.text.accounts.delete_title).danger().busy(dialog.busy);
    window = if refused.is_some() {
        window.cancel(&cx.text.common.close)
    } else {
        window.confirm(&cx.text.common.delete).cancel(&cx.text.common.cancel)
    };
    let (choice, ()) = window.show(ui.ctx(), |ui| {
        if let Some(work) = refused {
            ui.add(egui::Label::new(refusal(cx.text, account, work)).wrap());
            return;
        }
        ui.add(egui::Label::new(fill(&cx.text.accounts.delete_body, &[("account", &account.login_name)])).wrap());
        if inheritance.is_some() {
            heir_ui(ui, cx.text, &heirs, &mut dialog);
        }
        if let Some(error) = &error {
            ui.label(RichText::new(error).color(cx.tokens.tone(Tone::Bad).text));
        }
    });
    match choice {
        Choice::Cancelled => return,
        Choice::Confirmed if !dialog.busy && refused.is_none() => {
            dialog.busy = true;
            dialog.problem = None;
            let successor = dialog.successor.clone().filter(|_| inheritance.is_some());
            cx.send(Command::DeleteAccount { company: dialog.company.clone(), account: dialog.account.clone(), successor });
        }
        Choice::Confirmed | Choice::Open => {}
    }
    state.accounts.deleting = Some(dialog);
}

/// Who takes over the default work: those alone who may.
fn heir_ui(ui: &mut Ui, text: &Text, heirs: &[&Account], dialog: &mut DeleteDialog) {
    let mut chosen = heirs.iter().position(|heir| dialog.successor.as_ref() == Some(&heir.id)).or(Some(0));
    let names: Vec<String> = heirs.iter().map(|heir| format!("{}  {}", heir.person, heir.login_name).trim().to_owned()).collect();
    let name = |index: usize| names.get(index).map_or("", String::as_str);
    Select::new(&text.accounts.successor, &mut chosen, heirs.len(), name, words::select(text)).show(ui);
    dialog.successor = chosen.and_then(|index| heirs.get(index)).map(|heir| heir.id.clone());
}

/// Why a default account cannot be deleted: nobody has the rights that its successor needs.
fn refusal(text: &Text, account: &Account, work: DefaultFor) -> String {
    let words = &text.accounts;
    let rights = match work {
        DefaultFor::Issue => &words.right_issue,
        DefaultFor::Receive => &words.right_receive,
        DefaultFor::Both => &words.rights_both,
    };
    fill(&words.delete_refused, &[("account", &account.login_name), ("rights", rights)])
}

/// A link that fills a demo value in.
pub(super) fn use_link(ui: &mut Ui, label: &str) -> bool {
    ui.add(button::link(label)).clicked()
}
