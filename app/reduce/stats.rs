//! Statistics: asked when page, filter or ledger changed; arranged once for every tab, not every frame.

use std::path::PathBuf;

use piaoxia_domain::Totals;
use piaoxia_engine::{Command, Event, Problem, TableOrder};
use piaoxia_store::{Figures, Side};
use piaoxia_widgets::bars::Bar;
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::stats::{Shown, Tab};
use crate::state::{Screen, State};
use crate::text::stats::{Breakdown, Chart, Narrow, StatTable, TOP_PARTIES, chart, narrow_text, table};
use crate::text::{Text, fill};

/// From so many 分 on a chart counts in 万元.
const LARGE: i64 = 10_000_000;

impl State {
    pub(super) fn on_stats(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Figures { seq, result } if seq == self.stats.seq => {
                self.stats.figures.answer(result);
                self.stats.shown = None;
            }
            Event::TableSaved(result) => return self.on_table_saved(result),
            // Late answers to older wishes.
            _ => {}
        }
        Vec::new()
    }

    fn on_table_saved(&mut self, result: Result<PathBuf, Problem>) -> Vec<Command> {
        match result {
            Ok(path) => {
                let file = path.display().to_string();
                self.notices.push(Notice::new(Level::Done, fill(&Text::current().stats.saved, &[("file", &file)])));
                Vec::new()
            }
            Err(problem) => self.notify_problem(problem),
        }
    }

    /// Asks for figures when the filter or the ledger has changed since the last ones. Figures of another filter are not left
    /// standing: what is pressed would not be what it says.
    pub fn ask_figures(&mut self) -> Vec<Command> {
        let filter = self.stats.filter(self.today);
        let stats = &mut self.stats;
        let same = stats.asked.as_ref() == Some(&filter);
        if same && !stats.stale {
            return Vec::new();
        }
        if !same {
            (stats.figures, stats.shown) = (crate::loadable::Loadable::default(), None);
            stats.table.reset();
        }
        stats.stale = false;
        stats.asked = Some(filter.clone());
        stats.seq += 1;
        stats.figures.ask();
        vec![Command::SumFigures { seq: stats.seq, filter: Box::new(filter), top: TOP_PARTIES }]
    }

    /// Makes table and chart of the tab, unless they are there.
    pub fn arrange_stats(&mut self, text: &Text, of: Breakdown) {
        let stats = &mut self.stats;
        // The balance compares directions: it always shows all.
        let side = stats.side.filter(|_| of != Breakdown::Balance);
        let is_there = |shown: &Shown| (shown.seq, shown.of, shown.side, shown.language) == (stats.seq, of, side, text.language);
        let Some(figures) = stats.figures.value() else { return };
        if stats.shown.as_ref().is_some_and(is_there) {
            return;
        }
        if stats.shown.as_ref().is_some_and(|shown| (shown.of, shown.side) != (of, side)) {
            stats.table.reset();
        }
        let sums = sums(figures, side);
        let chart = chart(text, figures, of, side);
        let (bars, in_wan) = bars(&chart);
        let table = table(text, figures, of, side);
        stats.shown = Some(Shown { seq: stats.seq, of, side, language: text.language, sums, table, chart, bars, in_wan });
    }

    /// Shows the invoices behind a figure of the tab in the ledger.
    pub fn open_figure(&mut self, narrow: &Narrow) {
        let base = match self.stats.tab {
            Tab::Of(_) => self.stats.asked.clone(),
            Tab::Deduction => self.deduction.asked.as_ref().map(|(company, _)| piaoxia_engine::deduction::filter(company.clone())),
        };
        let Some(base) = base else { return };
        if let Some(filter) = narrow.within(&base) {
            self.ledger.show_figure(filter, narrow_text(Text::current(), narrow, &base));
            self.screen = Screen::Ledger;
        }
    }

    /// The table of the tab and its name, when it has rows.
    #[must_use]
    pub fn stat_table(&self) -> Option<(&StatTable, &'static str)> {
        let text = Text::current();
        let (table, name) = match self.stats.tab {
            Tab::Of(of) => (self.stats.shown.as_ref().filter(|shown| shown.of == of).map(|shown| &shown.table), of.name(text)),
            Tab::Deduction => (self.deduction.table.as_ref(), text.deduction.title.as_str()),
        };
        table.filter(|table| !table.rows.is_empty()).map(|table| (table, name))
    }

    /// Takes the shown table for a file; the name that is suggested for it.
    pub fn begin_table_export(&mut self) -> Option<String> {
        let (shown, tab) = self.stat_table()?;
        let shown = shown.to_shown(tab);
        // What an open file dialog asks about stays what it is.
        if !self.file_dialog {
            self.stats.exporting = Some(shown);
        }
        Some(fill(&Text::current().stats.file_stem, &[("tab", tab), ("date", &self.today.to_string())]))
    }

    /// 抵扣汇总 of the company whose ledger is looked at.
    pub fn open_deduction(&mut self) {
        self.stats.company = self.ledger.filters.company.clone();
        self.stats.tab = Tab::Deduction;
        self.screen = Screen::Stats;
    }

    /// Where the table goes that was to be exported.
    pub fn table_target_picked(&mut self, target: Option<PathBuf>) -> Vec<Command> {
        let order = target.zip(self.stats.exporting.take()).map(|(path, table)| TableOrder { path, table });
        order.map(|order| Command::SaveTable(Box::new(order))).into_iter().collect()
    }
}

/// What the figures of a direction, or of each, add up to.
fn sums(figures: &Figures, side: Option<Side>) -> Vec<(Side, Totals)> {
    let mut sums: Vec<(Side, Totals)> = Vec::new();
    for figure in figures.kinds.iter().filter(|figure| side.is_none_or(|side| side == figure.side)) {
        match sums.iter_mut().find(|(side, _)| *side == figure.side) {
            Some((_, totals)) => totals.merge(&figure.sums.totals),
            None => sums.push((figure.side, figure.sums.totals)),
        }
    }
    sums
}

/// The bars in the unit of the axis.
fn bars(chart: &Chart) -> (Vec<Bar>, bool) {
    let in_wan = chart.bars.iter().any(|bar| bar.value.abs().fen() >= LARGE);
    let unit = if in_wan { 1_000_000.0 } else { 100.0 };
    // A picture: what is exact stands in tooltip and table.
    let bar = |bar: &crate::text::stats::ChartBar| Bar { group: bar.group, series: bar.series, value: bar.value.fen() as f64 / unit };
    (chart.bars.iter().map(bar).collect(), in_wan)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::state::stats::Period;
    use jiff::civil::date;
    use piaoxia_domain::{DateRange, Direction, Kind, Money, Month};
    use piaoxia_store::{BalanceFigure, Figures, KindFigure, Sums};

    fn figures() -> Figures {
        let totals = Totals { invoices: 3, net: Money::from_fen(20_000_000), tax: Money::from_fen(13), gross: Money::from_fen(20_000_013) };
        let sums = Sums { totals, reds: 1 };
        let month = Month::of(date(2026, 10, 1));
        let none = Totals::default();
        Figures {
            all: sums,
            kinds: vec![KindFigure { month, side: Some(Direction::Received), kind: Kind::from_code("81"), sums }],
            balance: vec![BalanceFigure { month, output: none, input: totals, ticked: none, unknown: none }],
            ..Figures::default()
        }
    }

    fn asked() -> State {
        let mut state = State { today: date(2026, 11, 9), ..State::default() };
        assert!(matches!(state.ask_figures().as_slice(), [Command::SumFigures { seq: 1, .. }]));
        state.apply(Event::Figures { seq: 1, result: Ok(Box::new(figures())) });
        state
    }

    #[test]
    fn figures_are_asked_once_and_again_when_something_changed() {
        let mut state = asked();
        assert!(state.ask_figures().is_empty());
        state.apply(Event::LedgerChanged { invoices: 7 });
        assert_eq!(state.ask_figures().len(), 1);
        assert!(state.stats.figures.value().is_some(), "the old ones stay until the new ones are there");
        state.stats.period = Period::LastMonth;
        assert_eq!(state.ask_figures().len(), 1);
        assert!(state.stats.figures.value().is_none(), "those of another period do not");
        state.apply(Event::Figures { seq: 2, result: Ok(Box::new(figures())) });
        assert!(state.stats.figures.value().is_none(), "a late answer is dropped");
    }

    #[test]
    fn periods_are_whole_months() {
        let today = date(2026, 2, 9);
        let dates = |period: Period| period.dates(today, (date(2026, 5, 2), date(2026, 5, 1)));
        let range = |from, to| DateRange::new(from, to);
        assert_eq!(dates(Period::ThisMonth), range(date(2026, 2, 1), date(2026, 2, 28)));
        assert_eq!(dates(Period::LastMonth), range(date(2026, 1, 1), date(2026, 1, 31)));
        assert_eq!(dates(Period::ThisQuarter), range(date(2026, 1, 1), date(2026, 3, 31)));
        assert_eq!(dates(Period::ThisYear), range(date(2026, 1, 1), date(2026, 12, 31)));
        assert_eq!(dates(Period::Any), None);
        assert_eq!(dates(Period::Own), range(date(2026, 5, 1), date(2026, 5, 2)));
    }

    #[test]
    fn a_figure_opens_the_ledger_with_its_invoices() {
        let mut state = asked();
        state.arrange_stats(Text::zh_cn(), Breakdown::Month);
        let shown = state.stats.shown.as_ref().unwrap();
        assert!(shown.in_wan);
        let narrow = shown.table.behind(&shown.table.rows[0], 4).unwrap();
        state.open_figure(&narrow);
        assert_eq!(state.screen, Screen::Ledger);
        let filter = state.ledger.filters.to_filter();
        assert_eq!(filter.dates, DateRange::new(date(2026, 10, 1), date(2026, 10, 31)));
        assert_eq!((filter.direction, filter.behind.red, filter.behind.without_void), (Some(Direction::Received), Some(true), true));
        assert_eq!(filter.kinds, [Kind::from_code("81")]);
        let what = &state.ledger.filters.behind.as_ref().unwrap().what;
        assert!(what.contains("红字") && what.contains("2026-10"), "{what}");
    }

    #[test]
    fn the_table_that_is_exported_is_the_one_that_was_shown() {
        let mut state = asked();
        assert!(state.table_target_picked(Some("a.xlsx".into())).is_empty());
        state.stats.tab = Tab::Of(Breakdown::Balance);
        assert_eq!(state.begin_table_export(), None);
        state.arrange_stats(Text::zh_cn(), Breakdown::Balance);
        let name = state.begin_table_export().unwrap();
        assert_eq!(name, "统计-进销对比-2026-11-09");
        let commands = state.table_target_picked(Some("a.xlsx".into()));
        assert!(matches!(commands.as_slice(), [Command::SaveTable(order)] if order.table.rows.len() == 1 && order.table.total.len() == 6));
        state.apply(Event::TableSaved(Ok("a.xlsx".into())));
        assert_eq!(state.notices.unread(), 1);
    }
}
