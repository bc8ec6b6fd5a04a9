//! 抵扣汇总: what the deduction lists say of a tax period, by use and kind.

use egui::{RichText, Ui};
use piaoxia_domain::Month;
use piaoxia_widgets::button;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use super::table;
use crate::screens::{ScreenCx, Wish, words};
use crate::state::State;
use crate::state::deduction::PERIODS;
use crate::text::stats::deducted;
use crate::text::{Text, fill, problem_line};

/// Draws the tab.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let commands = state.sum_deduction();
    cx.commands.extend(commands);
    state.arrange_deduction(cx.text);
    let words = &cx.text.deduction;
    let summary = &state.deduction.summary;
    if let Some(problem) = summary.problem() {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    ui.add_space(cx.tokens.space.s);
    match summary.value() {
        Some(summary) if summary.is_empty() => {
            let body = fill(&words.nothing, &[("period", &state.tax_period().to_string())]);
            Empty::new(Icon::Chart, &words.nothing_title, &body).show(ui, |ui| {
                let import = button::secondary(&cx.text.ledger.empty_import).icon(Icon::File).enabled(!state.read_only);
                if ui.add(import).clicked() {
                    cx.wish(Wish::PickImportFiles);
                }
            });
        }
        Some(summary) => {
            let assumed = deducted(summary).assumed;
            let said = fill(&words.assumed, &[("n", &assumed.to_string())]);
            let (with, without) = ([words.note.as_str(), &said], [words.note.as_str()]);
            let note = words::sentences(cx.text, if assumed > 0 { &with } else { &without });
            ui.label(RichText::new(note).color(cx.tokens.color.text_secondary));
            let Some(table) = &state.deduction.table else { return };
            if let Some(narrow) = table::draw(ui, (table, &words.title), &mut state.deduction.looked_at, cx) {
                state.open_figure(&narrow);
            }
        }
        None if summary.is_loading() => {
            Waiting::new("deduction", &cx.text.common.loading, state.clock).shape(Shape::Rows(10)).show(ui);
        }
        None => {}
    }
}

/// 税款所属期.
pub(super) fn period_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    let months = periods(Month::of(state.today));
    let labels: Vec<String> = months.iter().map(Month::to_string).collect();
    let mut period = months.iter().position(|month| *month == state.tax_period());
    let name = |index: usize| labels.get(index).map_or("", String::as_str);
    let select = Select::new(&text.deduction.period, &mut period, months.len(), name, words::select(text));
    if select.width(140.0).show(ui).changed() {
        state.deduction.chosen = period.and_then(|index| months.get(index).copied());
    }
}

fn periods(newest: Month) -> Vec<Month> {
    let before = |month: &Month| month.first().yesterday().ok().map(Month::of);
    std::iter::successors(Some(newest), before).take(PERIODS).collect()
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
