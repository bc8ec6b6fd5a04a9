//! One company: details and its e-tax accounts (电子税务局账号).

use egui::{RichText, ScrollArea, Ui};
use piaoxia_engine::Command;
use piaoxia_service::contract::{Company, TaxpayerKind};
use piaoxia_widgets::button;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::surface;

use super::{ScreenCx, account_list, accounts};
use crate::state::{Screen, State};
use crate::text::Text;

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
        surface::titled_card(ui, &cx.text.accounts.title, |_| {}, |ui| account_list::draw(ui, state, cx, &company));
        ui.add_space(cx.tokens.space.m);
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
    let region = text.region(&company.region);
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
