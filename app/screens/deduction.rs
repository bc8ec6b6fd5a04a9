//! 抵扣汇总: what the deduction lists say of a tax period, by use and kind.

use egui::{Grid, RichText, Ui};
use piaoxia_domain::{Month, TaxNumber};
use piaoxia_engine::deduction::{DeductionSummary, DeductionTotals, Used};
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::select::Select;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, words};
use crate::state::State;
use crate::state::deduction::{Deduction, PERIODS};
use crate::text::{deduction_use, fill, problem_line};

/// Width of a column of figures, points.
const FIGURE: f32 = 112.0;

/// Draws the dialog while it is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let commands = state.sum_deduction();
    cx.commands.extend(commands);
    let Some(mut dialog) = state.deduction.take() else { return };
    let words = &cx.text.deduction;
    let (choice, ()) = Dialog::new("deduction", &words.title).cancel(&cx.text.common.close).width(820.0).show(ui.ctx(), |ui| {
        ui.style_mut().interaction.selectable_labels = true;
        choices(ui, state, cx, &mut dialog);
        ui.add_space(cx.tokens.space.s);
        if let Some(problem) = dialog.summary.problem() {
            ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
        }
        match dialog.summary.value() {
            Some(summary) if summary.is_empty() => {
                ui.label(fill(&words.nothing, &[("period", &dialog.period.to_string())]));
            }
            Some(summary) => table(ui, cx, summary),
            None if dialog.summary.is_loading() => {
                ui.label(&cx.text.common.loading);
            }
            None => {}
        }
    });
    if choice == Choice::Open {
        state.deduction = Some(dialog);
    }
}

fn choices(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>, dialog: &mut Deduction) {
    let companies = state.companies.list.value().map(Vec::as_slice).unwrap_or_default();
    ui.horizontal_top(|ui| {
        let place = |wanted: &TaxNumber| companies.iter().position(|company| company.tax_no == *wanted).map_or(0, |index| index + 1);
        let mut company = Some(dialog.company.as_ref().map_or(0, place));
        let all = cx.text.ledger.all_companies.as_str();
        let name =
            |index: usize| index.checked_sub(1).map_or(all, |index| companies.get(index).map_or("", |company| company.name.as_str()));
        let select = Select::new(&cx.text.ledger.company, &mut company, companies.len() + 1, name, words::select(cx.text));
        if select.width(320.0).show(ui).changed() {
            let chosen = company.and_then(|index| index.checked_sub(1)).and_then(|index| companies.get(index));
            dialog.company = chosen.map(|company| company.tax_no.clone());
        }
        let months = periods(Month::of(state.today));
        let labels: Vec<String> = months.iter().map(Month::to_string).collect();
        let mut period = months.iter().position(|month| *month == dialog.period);
        let name = |index: usize| labels.get(index).map_or("", String::as_str);
        let select = Select::new(&cx.text.deduction.period, &mut period, months.len(), name, words::select(cx.text));
        if select.width(140.0).show(ui).changed()
            && let Some(month) = period.and_then(|index| months.get(index))
        {
            dialog.period = *month;
        }
    });
}

fn periods(newest: Month) -> Vec<Month> {
    let before = |month: &Month| month.first().yesterday().ok().map(Month::of);
    std::iter::successors(Some(newest), before).take(PERIODS).collect()
}

fn table(ui: &mut Ui, cx: &ScreenCx<'_>, summary: &DeductionSummary) {
    let (common, words) = (&cx.text.common, &cx.text.deduction);
    // What is not ticked is in no return: it stays out of the sum.
    let mut ticked = DeductionTotals::default();
    for (_, totals) in summary.iter().filter(|((used, _), _)| *used != Used::Open) {
        ticked.merge(totals);
    }
    Grid::new("deduction").num_columns(6).striped(true).spacing([12.0, 8.0]).show(ui, |ui| {
        for left in [&words.col_use, &words.col_kind] {
            ui.label(RichText::new(left).strong());
        }
        for right in [&common.count, &common.net, &common.tax, &words.col_effective_tax] {
            figure(ui, RichText::new(right).strong());
        }
        ui.end_row();
        for ((used, kind), totals) in summary {
            ui.label(deduction_use(words, *used));
            ui.label(cx.text.kind(kind));
            figures(ui, totals, false);
        }
        ui.label(RichText::new(&cx.text.export.total).strong());
        ui.label("");
        figures(ui, &ticked, true);
    });
    if ticked.assumed > 0 {
        let note = fill(&words.assumed, &[("n", &ticked.assumed.to_string())]);
        ui.label(RichText::new(note).color(cx.tokens.color.text_secondary));
    }
}

fn figures(ui: &mut Ui, totals: &DeductionTotals, strong: bool) {
    let shown = [totals.invoices.to_string(), totals.net.grouped(), totals.tax.grouped(), totals.effective_tax.grouped()];
    for text in shown {
        figure(ui, if strong { RichText::new(text).strong() } else { RichText::new(text) });
    }
    ui.end_row();
}

/// Figures stand at the right of their column.
fn figure(ui: &mut Ui, text: RichText) {
    let room = egui::vec2(FIGURE, ui.text_style_height(&egui::TextStyle::Body));
    ui.allocate_ui_with_layout(room, egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.set_min_width(FIGURE);
        ui.label(text);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn periods_go_back_from_this_month() {
        let shown = periods(Month::of(date(2026, 2, 15)));
        assert_eq!(shown.len(), PERIODS);
        let labels: Vec<String> = shown.iter().take(3).map(Month::to_string).collect();
        assert_eq!(labels, ["2026-02", "2026-01", "2025-12"]);
    }
}
