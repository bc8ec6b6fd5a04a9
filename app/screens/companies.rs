//! 企业: the companies that the person may work for.

use egui::{RichText, Ui};
use jiff::civil::Date;
use piaoxia_domain::{TaxNumber, typed};
use piaoxia_engine::Command;
use piaoxia_service::contract::{Company, TaxpayerKind};
use piaoxia_widgets::banner::Banner;
use piaoxia_widgets::big_table::{BigTable, Cell, Column, TableRows, TableText};
use piaoxia_widgets::button;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::skeleton::{Shape, Waiting, is_late};
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, words};
use crate::state::agenda::SOON;
use crate::state::{Screen, State};
use crate::text::{Text, fill, problem_line};

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    ask(state, cx);
    surface::page_title(ui, &cx.text.companies.title, |ui| {
        let busy = state.companies.list.is_loading() && is_late(ui.ctx(), "companies again", state.clock);
        if ui.add(button::primary(&cx.text.companies.add).icon(Icon::Plus)).clicked() {
            state.screen = Screen::Activation;
        }
        if ui.add(button::secondary(&cx.text.common.refresh).icon(Icon::Refresh).busy(busy)).clicked() {
            state.companies.list.ask();
            cx.send(Command::LoadCompanies);
        }
    });
    Field::new(&cx.text.companies.search, &mut state.companies.search)
        .icon(Icon::Search)
        .hint(&cx.text.companies.search_hint)
        .hide_label()
        .show(ui);
    ui.add_space(cx.tokens.space.s);
    if let Some(problem) = state.companies.list.problem() {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    table(ui, state, cx);
}

/// Says why the companies could not be had, with a way to ask again. Without it a page looks as if there were none.
pub(super) fn trouble(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let list = &mut state.companies.list;
    let Some(problem) = list.problem() else { return };
    let line = problem_line(cx.text, problem);
    let mut banner = Banner::new(Tone::Bad, &line);
    if !list.is_loading() {
        banner = banner.action(&cx.text.common.retry);
    }
    if banner.show(ui) {
        list.ask();
        cx.send(Command::LoadCompanies);
    }
    ui.add_space(cx.tokens.space.s);
}

/// A filter by company. One that is not in the list, because it has left it or the list is not there, is an option of its own, by its tax
/// number: it filters all the same.
pub(super) fn filter(ui: &mut Ui, text: &Text, known: &[Company], wanted: &mut Option<TaxNumber>, width: f32) {
    let place = wanted.as_ref().map(|wanted| known.iter().position(|company| company.tax_no == *wanted));
    let unknown = wanted.clone().filter(|_| place == Some(None));
    let mut chosen = Some(match place {
        None => 0,
        Some(place) => place.unwrap_or(known.len()) + 1,
    });
    let named = |index: usize| known.get(index).map(|company| company.name.as_str()).or(unknown.as_ref().map(TaxNumber::as_str));
    let name = |index: usize| index.checked_sub(1).map_or(text.ledger.all_companies.as_str(), |index| named(index).unwrap_or_default());
    let count = known.len() + 1 + usize::from(unknown.is_some());
    if Select::new(&text.ledger.company, &mut chosen, count, name, words::select(text)).width(width).show(ui).changed() {
        let picked = chosen.and_then(|index| known.get(index.checked_sub(1)?));
        *wanted = picked.map(|company| company.tax_no.clone());
    }
}

/// Asks for the companies once.
pub(super) fn ask(state: &mut State, cx: &mut ScreenCx<'_>) {
    if state.companies.list.is_idle() {
        state.companies.list.ask();
        cx.send(Command::LoadCompanies);
    }
}

fn matching<'a>(companies: &'a [Company], search: &str) -> Vec<&'a Company> {
    let wanted = typed::search(search).to_lowercase();
    companies.iter().filter(|company| holds(&company.name, &wanted) || holds(company.tax_no.as_str(), &wanted)).collect()
}

/// True when the text holds what is wanted, which is in small letters. Every name is asked in every frame, so none is copied for that.
fn holds(text: &str, wanted: &str) -> bool {
    let begins = |rest: &str| {
        let mut letters = rest.chars().flat_map(char::to_lowercase);
        wanted.chars().all(|letter| letters.next() == Some(letter))
    };
    wanted.is_empty() || text.char_indices().any(|(at, _)| text.get(at..).is_some_and(begins))
}

fn table(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.companies;
    let shown = matching(state.companies.list.value().map(Vec::as_slice).unwrap_or_default(), &state.companies.search);
    let columns = [
        Column::new(&words.name, 360.0).stretch(),
        Column::new(&words.tax_no, 172.0),
        Column::new(&words.region, words::wide(cx.text, 72.0, 124.0)),
        Column::new(&words.taxpayer_kind, words::wide(cx.text, 108.0, 158.0)),
        Column::new(&words.accounts, words::wide(cx.text, 120.0, 140.0)),
        Column::new(&words.expires, 140.0),
    ];
    let text = TableText { name: &words.title, row: &words.row };
    let (loading, failed, clock) = (state.companies.list.value().is_none(), state.companies.list.problem().is_some(), state.clock);
    let any = state.companies.list.value().is_some_and(|all| !all.is_empty());
    let empty = |ui: &mut Ui| {
        if !loading {
            let (title, body) = if any { (&words.none_title, &words.none_body) } else { (&words.first_title, &words.first_body) };
            Empty::new(Icon::Company, title, body).show(ui, |_| {});
        } else if !failed {
            Waiting::new("companies", &words.loading_body, clock).shape(Shape::Rows(6)).show(ui);
        }
    };
    let output = BigTable::new("companies", &columns, shown.len() as u64, text).empty(empty).show(
        ui,
        &mut state.companies.table,
        &mut Rows { shown: &shown, cx_text: cx.text, today: state.today },
    );
    let pressed = output.opened.or(output.clicked).and_then(|row| shown.get(usize::try_from(row).ok()?));
    if let Some(id) = pressed.map(|company| company.id.clone()) {
        state.companies.chosen = Some(id.clone());
        state.screen = Screen::Company { id };
    }
}

struct Rows<'a> {
    shown: &'a [&'a Company],
    cx_text: &'a crate::text::Text,
    today: Date,
}

impl TableRows for Rows<'_> {
    fn cell(&mut self, cell: &mut Cell<'_>, row: u64, column: usize) {
        let Some(company) = usize::try_from(row).ok().and_then(|row| self.shown.get(row)) else { return };
        let words = &self.cx_text.companies;
        match column {
            0 => cell.text(&company.name),
            1 => cell.quiet(company.tax_no.as_str()),
            2 => cell.text(self.cx_text.region(&company.region)),
            3 => cell.text(match company.taxpayer_kind {
                TaxpayerKind::General => &words.general,
                TaxpayerKind::Small => &words.small,
            }),
            4 if company.accounts == 0 => cell.chip(&words.no_account, Tone::Warning),
            4 => {
                let signed_in = fill(&words.signed_in, &[("n", &company.signed_in.to_string()), ("m", &company.accounts.to_string())]);
                cell.chip(&signed_in, if company.signed_in > 0 { Tone::Good } else { Tone::Neutral });
            }
            _ => {
                let day = company.entitlement.expires_on;
                match ending(self.today, day) {
                    Some(tone) => {
                        let said = if tone == Tone::Bad { &self.cx_text.companies.ended } else { &self.cx_text.companies.ends };
                        cell.chip(&fill(said, &[("day", &day.to_string())]), tone);
                    }
                    None => cell.quiet(&day.to_string()),
                }
            }
        }
    }

    fn label(&mut self, row: u64) -> String {
        usize::try_from(row).ok().and_then(|row| self.shown.get(row)).map(|company| company.name.clone()).unwrap_or_default()
    }
}

/// How a service stands that ends on `day`; none while that is far.
fn ending(today: Date, day: Date) -> Option<Tone> {
    match today.until(day).map_or(i32::MAX, |left| left.get_days()) {
        ..0 => Some(Tone::Bad),
        0..=SOON => Some(Tone::Warning),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_company_is_found_by_any_part_of_its_name() {
        assert!(holds("上海ABC贸易有限公司", "abc贸") && holds("91310115MA1K35JX4G", "ma1k") && holds("甲", ""));
        assert!(!holds("上海ABC贸易有限公司", "abd") && !holds("甲", "甲乙") && !holds("", "甲"));
    }

    #[test]
    fn a_service_that_ends_soon_stands_out() {
        let today = date(2026, 11, 22);
        let said = |day| ending(today, day);
        assert_eq!((said(date(2026, 11, 21)), said(today)), (Some(Tone::Bad), Some(Tone::Warning)));
        assert_eq!((said(date(2026, 12, 22)), said(date(2026, 12, 23))), (Some(Tone::Warning), None));
        assert_eq!(said(date(2028, 1, 1)), None);
    }
}
