//! The sandbox helper: what a newcomer would read on a phone or in a mail. Nothing of it is shown outside the sandbox.

use egui::{RichText, Ui};
use piaoxia_domain::TaxNumber;
use piaoxia_domain::account::Identity;
use piaoxia_engine::{Command, CompanyRef};
use piaoxia_service::contract::ChallengeKind;
use piaoxia_widgets::button;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::ScreenCx;
use super::accounts::use_link;
use crate::state::accounts::{ChallengeDialog, FormDialog, PasswordDialog};
use crate::state::sandbox::Sandbox;
use crate::text::fill;

const PASSWORD_KEY: &str = "password";

/// In the account form: accounts of the simulated bureau that can be filled in.
pub(super) fn demo_accounts(ui: &mut Ui, sandbox: &mut Sandbox, cx: &mut ScreenCx<'_>, dialog: &mut FormDialog) {
    if sandbox.asked_for.as_deref() != Some(dialog.company.as_str()) {
        sandbox.asked_for = Some(dialog.company.clone());
        sandbox.accounts.clear();
        cx.send(Command::LoadDemoAccounts(CompanyRef {
            id: dialog.company.clone(),
            tax_no: TaxNumber::default(),
            name: dialog.company_name.clone(),
        }));
    }
    if sandbox.accounts.is_empty() {
        return;
    }
    ui.add_space(cx.tokens.space.s);
    surface::titled_card(
        ui,
        &cx.text.sandbox.title,
        |_| {},
        |ui| {
            ui.label(RichText::new(&cx.text.sandbox.accounts_body).small().color(cx.tokens.color.text_secondary));
            for account in &sandbox.accounts {
                let label = fill(&cx.text.sandbox.use_account, &[("person", &account.person)]);
                if use_link(ui, &label) {
                    dialog.values.extend(account.fields.iter().cloned());
                    dialog.identity = Identity::from_code(&account.identity).or(dialog.identity);
                    dialog.problem = None;
                    dialog.marked = false;
                }
            }
        },
    );
}

/// In the password question: the passwords that would fit.
pub(super) fn demo_password(ui: &mut Ui, sandbox: &mut Sandbox, cx: &mut ScreenCx<'_>, dialog: &mut PasswordDialog) {
    if sandbox.asked_for.as_deref() != Some(dialog.company.as_str()) {
        sandbox.asked_for = Some(dialog.company.clone());
        sandbox.accounts.clear();
        cx.send(Command::LoadDemoAccounts(CompanyRef { id: dialog.company.clone(), tax_no: TaxNumber::default(), name: String::new() }));
    }
    let tail = dialog.login_name.chars().rev().take(2).collect::<String>();
    let fitting = sandbox.accounts.iter().find(|account| {
        account.fields.iter().any(|(key, value)| key != PASSWORD_KEY && value.chars().rev().take(2).collect::<String>() == tail)
    });
    let password = fitting.and_then(|account| account.fields.iter().find(|(key, _)| key == PASSWORD_KEY)).map(|(_, value)| value.clone());
    if let Some(password) = password
        && use_link(ui, &cx.text.sandbox.use_password)
    {
        dialog.password = password;
    }
}

/// In the challenge dialog: the message that arrived, or the phone that scans.
pub(super) fn challenge_help(ui: &mut Ui, sandbox: &Sandbox, cx: &mut ScreenCx<'_>, dialog: &mut ChallengeDialog) {
    match &dialog.challenge.kind {
        ChallengeKind::Sms { .. } => {
            ui.add_space(cx.tokens.space.s);
            if let Some(message) = sandbox.newest_sms() {
                let line = fill(&cx.text.sandbox.sms, &[("text", &message.text)]);
                ui.add(egui::Label::new(RichText::new(line).small().color(cx.tokens.tone(Tone::Info).text)).wrap());
                if let Some(code) = &message.code
                    && use_link(ui, &cx.text.sandbox.use_code)
                {
                    dialog.value.clone_from(code);
                }
            } else if ui.add(button::link(&cx.text.sandbox.look_at_phone)).clicked() {
                cx.send(Command::LoadMessages);
            }
        }
        ChallengeKind::Qr { .. } | ChallengeKind::Face { .. } if use_link(ui, &cx.text.sandbox.scan) => {
            cx.send(Command::ScanChallenge { id: dialog.challenge.id.clone() });
        }
        _ => {}
    }
}
