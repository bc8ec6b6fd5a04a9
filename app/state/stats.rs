//! 统计: what is asked, the figures that came, and the table and chart that are shown of them.

use jiff::civil::Date;
use piaoxia_domain::{Behind, DateRange, InvoiceFilter, Month, TaxNumber, Totals};
use piaoxia_store::{Figures, Side};
use piaoxia_widgets::bars::Bar;
use piaoxia_widgets::big_table::TableState;

use crate::loadable::Loadable;
use crate::text::Language;
use crate::text::stats::{Breakdown, Chart, StatTable};

/// 开票期间.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// 本月.
    ThisMonth,
    /// 上月.
    LastMonth,
    /// 本季度.
    ThisQuarter,
    /// 今年.
    #[default]
    ThisYear,
    /// 全部期间.
    Any,
    /// 自选日期.
    Own,
}

impl Period {
    /// All, in the order of the list.
    pub const ALL: [Self; 6] = [Self::ThisMonth, Self::LastMonth, Self::ThisQuarter, Self::ThisYear, Self::Any, Self::Own];

    /// Its days, to the end of month, quarter or year; none for all days. `own` is what the user picked.
    #[must_use]
    pub fn dates(self, today: Date, own: (Date, Date)) -> Option<DateRange> {
        let months = |first: Date, last: Date| DateRange::new(first.first_of_month(), last.last_of_month());
        match self {
            Self::ThisMonth => months(today, today),
            Self::LastMonth => today.first_of_month().yesterday().ok().and_then(|before| months(before, before)),
            Self::ThisQuarter => {
                let month = |number: i8| Date::new(today.year(), number, 1).ok();
                let first = (today.month() - 1) / 3 * 3 + 1;
                months(month(first)?, month(first + 2)?)
            }
            Self::ThisYear => DateRange::new(today.first_of_year(), today.last_of_year()),
            Self::Any => None,
            Self::Own => DateRange::new(own.0.min(own.1), own.0.max(own.1)),
        }
    }
}

/// Tabs of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// A breakdown of the ledger.
    Of(Breakdown),
    /// 抵扣汇总.
    Deduction,
}

impl Default for Tab {
    fn default() -> Self {
        Self::Of(Breakdown::Month)
    }
}

/// What is shown of the figures.
#[derive(Debug)]
pub struct Shown {
    /// Of which figures, by their number.
    pub seq: u64,
    /// By what.
    pub of: Breakdown,
    /// Of one direction, or of all.
    pub side: Option<Side>,
    /// In which language.
    pub language: Language,
    /// What it adds up to by direction, each invoice once: output and input are never added up together.
    pub sums: Vec<(Side, Totals)>,
    /// The table.
    pub table: StatTable,
    /// The chart.
    pub chart: Chart,
    /// Its bars, in 元 or 万元.
    pub bars: Vec<Bar>,
    /// They are in 万元.
    pub in_wan: bool,
}

/// The page.
#[derive(Debug, Default)]
pub struct Stats {
    /// Of one company; none means all.
    pub company: Option<TaxNumber>,
    /// 开票期间.
    pub period: Period,
    /// First and last day of [`Period::Own`].
    pub own: (Date, Date),
    /// 方向; none means all.
    pub side: Option<Side>,
    /// The tab.
    pub tab: Tab,
    /// What the last figures were asked with; another filter means: ask again.
    pub asked: Option<InvoiceFilter>,
    /// Number of the last wish.
    pub seq: u64,
    /// The ledger has changed since.
    pub stale: bool,
    /// The figures.
    pub figures: Loadable<Box<Figures>>,
    /// What is shown of them.
    pub shown: Option<Shown>,
    /// What the table remembers.
    pub table: TableState,
    /// The table that waits for the name of its file.
    pub exporting: Option<piaoxia_export::ShownTable>,
}

impl Stats {
    /// The invoices that are summed up. 作废 does not count.
    #[must_use]
    pub fn filter(&self, today: Date) -> InvoiceFilter {
        InvoiceFilter {
            company: self.company.clone(),
            dates: self.period.dates(today, self.own),
            behind: Behind { without_void: true, ..Behind::default() },
            ..InvoiceFilter::default()
        }
    }

    /// The tax period that 抵扣汇总 opens with: the month before, which is declared now.
    #[must_use]
    pub fn declared(today: Date) -> Month {
        let this = Month::of(today);
        this.first().yesterday().map_or(this, Month::of)
    }
}
