//! Figures as bars.

use std::collections::BTreeMap;

use piaoxia_domain::{Direction, Money, Month};
use piaoxia_store::{Figures, Side};

use super::behind::{Narrow, others_name, party_name};
use super::{Breakdown, rate_text, side_text};
use crate::text::Text;

/// Parties of a direction that the chart has room for.
const PARTIES: usize = 8;

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartBar {
    /// Place among the groups.
    pub group: usize,
    /// Place among the series.
    pub series: usize,
    /// Its height.
    pub value: Money,
    /// Its invoices.
    pub narrow: Narrow,
}

/// Bars in groups; the bars of a series have a colour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Names of the series.
    pub series: Vec<String>,
    /// Names of the groups, from the left.
    pub groups: Vec<String>,
    /// The bars, at most one a group and series.
    pub bars: Vec<ChartBar>,
}

impl Chart {
    /// Adds to a bar, or makes it.
    fn add(&mut self, (group, series): (usize, usize), value: Money, narrow: impl FnOnce() -> Narrow) {
        match self.bars.iter_mut().find(|bar| (bar.group, bar.series) == (group, series)) {
            Some(bar) => bar.value += value,
            None => self.bars.push(ChartBar { group, series, value, narrow: narrow() }),
        }
    }

    fn group(&mut self, name: String) -> usize {
        match self.groups.iter().rposition(|known| *known == name) {
            Some(place) => place,
            None => {
                self.groups.push(name);
                self.groups.len() - 1
            }
        }
    }
}

/// The chart of a breakdown: 价税合计, of the balance 税额; of one direction, or of all.
#[must_use]
pub fn chart(text: &Text, figures: &Figures, of: Breakdown, side: Option<Side>) -> Chart {
    let sides = Sides::of(figures, side);
    match of {
        Breakdown::Month => months(text, figures, &sides),
        Breakdown::Rate => rates(text, figures, &sides),
        Breakdown::Party => parties(text, figures, &sides),
        Breakdown::Balance => balance(text, figures),
    }
}

/// The directions that are shown and have invoices: a series each.
struct Sides(Vec<Side>);

impl Sides {
    fn of(figures: &Figures, wanted: Option<Side>) -> Self {
        let has = |side: &Side| figures.kinds.iter().any(|figure| figure.side == *side);
        let all = [Some(Direction::Issued), Some(Direction::Received), None];
        Self(all.into_iter().filter(|side| wanted.is_none_or(|wanted| wanted == *side)).filter(has).collect())
    }

    fn chart(&self, text: &Text) -> Chart {
        Chart { series: self.0.iter().map(|side| side_text(text, *side).to_owned()).collect(), ..Chart::default() }
    }

    fn place(&self, side: Side) -> Option<usize> {
        self.0.iter().position(|known| *known == side)
    }
}

fn months(text: &Text, figures: &Figures, sides: &Sides) -> Chart {
    let mut sums: BTreeMap<(Month, usize), (Side, Money)> = BTreeMap::new();
    for figure in &figures.kinds {
        if let Some(series) = sides.place(figure.side) {
            sums.entry((figure.month, series)).or_insert((figure.side, Money::ZERO)).1 += figure.sums.totals.gross;
        }
    }
    let mut chart = sides.chart(text);
    for ((month, series), (side, value)) in sums {
        let group = chart.group(month.to_string());
        chart.bars.push(ChartBar { group, series, value, narrow: Narrow::month(month, side) });
    }
    chart
}

fn rates(text: &Text, figures: &Figures, sides: &Sides) -> Chart {
    let mut shown: Vec<_> = figures.rates.iter().filter_map(|figure| Some((figure, sides.place(figure.side)?))).collect();
    shown.sort_by_key(|(figure, _)| figure.rate.place());
    let mut chart = sides.chart(text);
    for (figure, series) in shown {
        let group = chart.group(rate_text(text, &figure.rate));
        let narrow = || Narrow { rate: Some(figure.rate.clone()), ..Narrow::of(figure.side) };
        chart.add((group, series), figure.sums.totals.gross, narrow);
    }
    chart
}

fn parties(text: &Text, figures: &Figures, sides: &Sides) -> Chart {
    let mut chart = sides.chart(text);
    for (series, side) in sides.0.iter().enumerate() {
        for figure in figures.parties.iter().filter(|figure| figure.side == *side).take(PARTIES) {
            let name = party_name(text, &figure.party, &figure.name);
            chart.groups.push(name.clone());
            let parties = piaoxia_domain::Counterparties::Among(vec![figure.party.clone()]);
            let narrow = Narrow { parties: Some((parties, name)), ..Narrow::of(*side) };
            chart.bars.push(ChartBar { group: chart.groups.len() - 1, series, value: figure.sums.totals.gross, narrow });
        }
        for figure in figures.others.iter().filter(|figure| figure.side == *side && side.is_none()) {
            chart.groups.push(others_name(text, *side, figure.parties));
            let narrow = Narrow::of(*side);
            chart.bars.push(ChartBar { group: chart.groups.len() - 1, series, value: figure.sums.totals.gross, narrow });
        }
    }
    chart
}

fn balance(text: &Text, figures: &Figures) -> Chart {
    let words = &text.stats;
    let series = [&words.col_output, &words.col_input, &words.col_ticked].map(Clone::clone).to_vec();
    let mut chart = Chart { series, ..Chart::default() };
    for figure in &figures.balance {
        let group = chart.group(figure.month.to_string());
        let received = Some(Direction::Received);
        let narrow = |side| Narrow::month(figure.month, side);
        let ticked = Narrow { ticked: true, ..narrow(received) };
        for (series, (value, narrow)) in
            [(figure.output.tax, narrow(Some(Direction::Issued))), (figure.input.tax, narrow(received)), (figure.ticked.tax, ticked)]
                .into_iter()
                .enumerate()
        {
            chart.bars.push(ChartBar { group, series, value, narrow });
        }
    }
    chart
}
