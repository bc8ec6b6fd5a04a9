//! What stands behind a figure: the filter that finds exactly its invoices, and that filter in words.

use piaoxia_domain::{Behind, Counterparties, Counterparty, DateRange, Deduction, InvoiceFilter, Kind, Month, Rate, Used};
use piaoxia_store::Side;

use super::{rate_text, side_text};
use crate::text::{Text, deduction_use, fill};

/// What narrows the statistics down to one of their figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    /// 开票月份.
    pub month: Option<Month>,
    /// Directions; empty for all.
    pub sides: Vec<Side>,
    /// 票种.
    pub kind: Option<Kind>,
    /// 税率.
    pub rate: Option<Rate>,
    /// 对方, with the name of the one that is meant.
    pub parties: Option<(Counterparties, String)>,
    /// 红字 alone.
    pub red: bool,
    /// 已勾选 or 已抵扣 alone.
    pub ticked: bool,
    /// Ways of use in a tax period.
    pub used: Option<(Month, Vec<Used>)>,
}

impl Narrow {
    /// Of a direction.
    pub(super) fn of(side: Side) -> Self {
        Self { sides: vec![side], ..Self::default() }
    }

    /// Of a direction in a month.
    pub(super) fn month(month: Month, side: Side) -> Self {
        Self { month: Some(month), ..Self::of(side) }
    }

    /// The filter of the figure, of statistics that were made with `base`. None when the month lies outside of it.
    #[must_use]
    pub fn within(&self, base: &InvoiceFilter) -> Option<InvoiceFilter> {
        let month = self.month.and_then(|month| DateRange::new(month.first(), month.last()));
        let dates = match (base.dates, month) {
            (Some(dates), Some(month)) => Some(dates.intersect(&month)?),
            (dates, month) => month.or(dates),
        };
        let behind = Behind {
            sides: if self.sides.is_empty() { base.behind.sides.clone() } else { self.sides.clone() },
            red: self.red.then_some(true).or(base.behind.red),
            rates: self.rate.iter().cloned().collect(),
            counterparties: self.parties.as_ref().map(|(parties, _)| parties.clone()),
            used: self.used.clone(),
            ..base.behind.clone()
        };
        Some(InvoiceFilter {
            dates,
            kinds: self.kind.as_ref().map_or_else(|| base.kinds.clone(), |kind| vec![kind.clone()]),
            deductions: if self.ticked { vec![Deduction::Ticked, Deduction::Confirmed] } else { base.deductions.clone() },
            behind,
            ..base.clone()
        })
    }
}

/// What the figure is of, of statistics that were made with `base`: `2026-10 · 取得 · 13% · 不含作废`.
#[must_use]
pub fn narrow_text(text: &Text, narrow: &Narrow, base: &InvoiceFilter) -> String {
    let words = &text.stats;
    let mut parts = Vec::new();
    parts.extend(narrow.month.map(|month| month.to_string()));
    if let [side] = narrow.sides.as_slice() {
        parts.push(side_text(text, *side).to_owned());
    }
    parts.extend(narrow.kind.as_ref().map(|kind| text.kind_short(kind).to_owned()));
    parts.extend(narrow.rate.as_ref().map(|rate| rate_text(text, rate)));
    parts.extend(narrow.parties.as_ref().map(|(_, name)| name.clone()));
    if narrow.red {
        parts.push(words.only_red.clone());
    }
    if narrow.ticked {
        parts.push(words.only_ticked.clone());
    }
    if let Some((period, ways)) = &narrow.used {
        parts.push(fill(&words.tax_period, &[("period", &period.to_string())]));
        let ways: Vec<&str> = ways.iter().map(|way| deduction_use(&text.deduction, *way)).collect();
        parts.push(ways.join("、"));
    }
    if base.behind.without_void {
        parts.push(words.without_void.clone());
    }
    parts.join(" · ")
}

/// A party by its name; by its number where it has no name.
pub(super) fn party_name(text: &Text, party: &Counterparty, name: &str) -> String {
    match (name.trim(), party) {
        ("", Counterparty::TaxNumber(number)) => number.as_str().to_owned(),
        ("", Counterparty::Name(_)) => text.stats.no_name.clone(),
        (name, _) => name.to_owned(),
    }
}

/// All parties that are not named, or all invoices of an unknown direction.
pub(super) fn others_name(text: &Text, side: Side, parties: u64) -> String {
    match side {
        Some(_) => fill(&text.stats.others, &[("n", &parties.to_string())]),
        None => text.stats.side_unknown.clone(),
    }
}
