//! The ledger page: filters, the view, pages of rows, one invoice's details.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use piaoxia_domain::typed;
use piaoxia_domain::{Behind, DateRange, Deduction, Direction, InvoiceFilter, InvoiceKey, Kind, Status, TaxNumber, Totals};
use piaoxia_engine::event::{InvoiceSheet, Rebuilt};
use piaoxia_engine::{Command, DownloadOrder, Problem};
use piaoxia_store::{Group, GroupBy, Row, RowSums, Sort, View};
use piaoxia_widgets::big_table::{Selection, TableState};

use super::ledger_columns::LedgerColumns;
use super::ledger_groups::{Grouping, Line};
use super::sheet::Looking;
use crate::loadable::Loadable;

/// Rows that are fetched in one go.
pub const PAGE: u64 = 200;

/// Filters of the ledger, as the page shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Tax number of the company; none means all.
    pub company: Option<TaxNumber>,
    /// The dates count.
    pub dated: bool,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// 开具 or 取得; none means both.
    pub direction: Option<Direction>,
    /// Chosen kinds, by their place among all; empty means all.
    pub kinds: BTreeSet<usize>,
    /// Chosen statuses, by their place in [`Status::KNOWN`]; empty means all.
    pub statuses: BTreeSet<usize>,
    /// 已报销, 未报销; none means both.
    pub claimed: Option<bool>,
    /// Search words.
    pub text: String,
    /// A figure of the statistics whose invoices are shown.
    pub behind: Option<FromFigure>,
}

/// What a figure of the statistics (统计) narrows the ledger down to, beyond the filters of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FromFigure {
    /// The figure, in words.
    pub what: String,
    /// Kinds that the list of kinds does not name.
    pub kinds: Vec<Kind>,
    /// 抵扣状态.
    pub deductions: Vec<Deduction>,
    /// The rest.
    pub behind: Behind,
}

impl Filters {
    /// Every invoice again; the days stay for whoever wants them.
    pub fn clear(&mut self) {
        *self = Self { from: self.from, to: self.to, ..Self::default() };
    }

    /// As the ledger takes them.
    #[must_use]
    pub fn to_filter(&self) -> InvoiceFilter {
        let kinds: Vec<Kind> = Kind::all().collect();
        let chosen = self.kinds.iter().filter_map(|index| kinds.get(*index).cloned());
        let figure = self.behind.as_ref();
        InvoiceFilter {
            company: self.company.clone(),
            dates: if self.dated { DateRange::new(self.from, self.to) } else { None },
            kinds: chosen.chain(figure.iter().flat_map(|figure| figure.kinds.clone())).collect(),
            direction: self.direction,
            statuses: self.statuses.iter().filter_map(|index| Status::KNOWN.get(*index).cloned()).collect(),
            deductions: figure.map(|figure| figure.deductions.clone()).unwrap_or_default(),
            claimed: self.claimed,
            text: typed::search(&self.text),
            behind: figure.map(|figure| figure.behind.clone()).unwrap_or_default(),
        }
    }
}

/// Selected rows that the window sums up by itself: they are loaded.
const SUMMED_HERE: u64 = 10 * PAGE;

/// Sums of a large selection that were asked for.
#[derive(Debug)]
pub struct Summing {
    /// Of which selection of which view.
    pub of: (Selection, u64),
    /// The sums.
    pub sums: Option<RowSums>,
}

/// An invoice that is being looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Number of the question.
    pub seq: u64,
    /// Number of the search in whose view it is looked for.
    pub view_seq: u64,
    /// Its 发票号码.
    pub number: String,
}

/// 转到行: a row, or an invoice, that is being gone to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoTo {
    /// Number of a row, or 发票号码.
    pub text: String,
    /// It is an invoice, and the answer is awaited.
    pub asked: Option<Sought>,
    /// There is none.
    pub missing: bool,
}

/// The ledger page.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Number of invoices in the whole ledger.
    pub invoices: u64,
    /// The ledger was built anew.
    pub rebuilt: Option<Rebuilt>,
    /// Filters as shown.
    pub filters: Filters,
    /// Order.
    pub sort: Sort,
    /// What the last search was asked with; another one means: ask again.
    pub asked: Option<(Filters, Sort, Option<GroupBy>)>,
    /// The ledger has changed since: ask again.
    pub stale: bool,
    /// Number of the last search.
    pub seq: u64,
    /// What it found.
    pub view: Loadable<View>,
    /// Number of the search that the view and the pages belong to.
    pub view_seq: u64,
    /// Rows by page number.
    pub pages: BTreeMap<u64, Arc<[Row]>>,
    /// Pages that were asked for.
    pub asked_pages: BTreeSet<u64>,
    /// Rows of earlier views whose pages are not there again yet, by their ids: the page that each is of, and its place in it.
    pub(super) kept: HashMap<u32, (Arc<[Row]>, usize)>,
    /// How often a view or rows of it have come.
    pub(super) answers: u64,
    /// What the table remembers.
    pub table: TableState,
    /// Which columns it shows.
    pub columns: LedgerColumns,
    /// They are being chosen.
    pub arranging: bool,
    /// How the rows are grouped.
    pub grouping: Grouping,
    /// Where to go is being asked.
    pub going: Option<GoTo>,
    /// Sums of a large selection.
    pub summing: Option<Summing>,
    /// Sums of a small one, and the answers that were there.
    summed: Option<(Selection, u64, Option<RowSums>)>,
    /// Number of the last sums that were asked for.
    pub sum_seq: u64,
    /// Number of the last invoice that was looked for.
    pub find_seq: u64,
    /// The invoice whose details are wanted.
    pub wanted: Option<InvoiceKey>,
    /// Its details.
    pub sheet: Option<InvoiceSheet>,
    /// Why there are none, or none newer.
    pub sheet_problem: Option<Problem>,
    /// How they are looked at.
    pub looking: Looking,
}

impl Ledger {
    /// Opens the details of an invoice.
    pub fn open(&mut self, key: InvoiceKey) {
        (self.sheet, self.sheet_problem) = (None, None);
        self.looking = Looking { tickets: self.looking.tickets, ..Looking::default() };
        self.wanted = Some(key);
    }

    /// Closes the details.
    pub fn close(&mut self) {
        (self.sheet, self.sheet_problem) = (None, None);
        self.wanted = None;
    }

    /// The session is over: what is open is closed, and all invoices are listed again. They belong to the data folder and stay.
    pub fn leave(&mut self) {
        self.close();
        self.filters.clear();
        (self.going, self.arranging) = (None, false);
    }

    /// Number of invoices of the view.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.view.value().map_or(0, |view| view.ids.len() as u64)
    }

    /// Ids of the view.
    pub(super) fn ids(&self) -> Arc<[u32]> {
        self.view.value().map_or_else(|| Arc::from([]), |view| Arc::clone(&view.ids))
    }

    /// Number of lines of the table: invoices that are shown, and the heads of groups.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.grouping.lines(self.rows())
    }

    /// The groups of the view.
    #[must_use]
    pub fn groups(&self) -> Arc<[Group]> {
        self.view.value().map_or_else(|| Arc::from([]), |view| Arc::clone(&view.groups))
    }

    /// Opens or closes the group whose head stands in a line.
    pub fn fold(&mut self, line: u64, open: bool) {
        let Line::Head(group) = self.grouping.line(line) else { return };
        self.grouping.set_open(&self.groups(), group, open);
        // What is below has moved.
        self.table.selection.set(line..line + 1);
        self.table.go_to(line);
    }

    /// Opens or closes all groups.
    pub fn fold_all(&mut self, open: bool) {
        self.grouping.set_all(&self.groups(), open);
        self.table.reset();
    }

    /// Asks where in the view an invoice stands. None while there is no view.
    pub fn seek(&mut self, number: String) -> Option<Command> {
        let ids = Arc::clone(&self.view.value()?.ids);
        let going = self.going.as_mut()?;
        self.find_seq += 1;
        let sought = Sought { seq: self.find_seq, view_seq: self.view_seq, number: number.clone() };
        (going.asked, going.missing) = (Some(sought), false);
        Some(Command::FindRow { seq: self.find_seq, ids, number })
    }

    /// Shows an invoice of the view and selects it.
    pub fn go_to(&mut self, row: u64) {
        if let (_, Some(group)) = self.grouping.line_of(row) {
            self.grouping.set_open(&self.groups(), group, true);
        }
        let (line, _) = self.grouping.line_of(row);
        self.table.selection.set(line..line + 1);
        self.table.go_to(line);
    }

    /// The invoices that are selected, by their places in the view.
    #[must_use]
    pub fn selected_rows(&self) -> Selection {
        self.grouping.meant(&self.table.selection)
    }

    /// The invoice in a line of the table, when its page is there.
    #[must_use]
    pub fn row_in(&self, line: u64) -> Option<&Row> {
        match self.grouping.line(line) {
            Line::Row(row) => self.row(row),
            Line::Head(_) => None,
        }
    }

    /// An invoice of the view, when its page is there, or was there in the view before.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<&Row> {
        if let Some(rows) = self.pages.get(&(row / PAGE)) {
            return rows.get(usize::try_from(row % PAGE).ok()?);
        }
        let id = self.view.value()?.ids.get(usize::try_from(row).ok()?)?;
        let (rows, place) = self.kept.get(id)?;
        rows.get(*place)
    }

    /// Ids of the selected invoices, however many.
    #[must_use]
    pub fn selected_ids(&self) -> Arc<[u32]> {
        let ids = self.view.value().map(|view| &view.ids[..]).unwrap_or_default();
        let of = |range: &std::ops::Range<u64>| ids.get(range.start as usize..(range.end as usize).min(ids.len())).unwrap_or_default();
        let selected = self.selected_rows();
        let parts: Vec<&[u32]> = selected.ranges().iter().map(of).collect();
        parts.concat().into()
    }

    /// Sums of the selected rows, once they are known; asks for them when they are many.
    pub fn sum_selected(&mut self) -> (Option<RowSums>, Option<Command>) {
        let selected = self.selected_rows();
        if selected.count() <= SUMMED_HERE {
            return (self.sum_here(selected), None);
        }
        let current = (selected, self.view_seq);
        if self.summing.as_ref().is_some_and(|summing| summing.of == current) {
            return (self.summing.as_ref().and_then(|summing| summing.sums), None);
        }
        self.sum_seq += 1;
        self.summing = Some(Summing { of: current, sums: None });
        (None, Some(Command::SumRows { seq: self.sum_seq, ids: self.selected_ids() }))
    }

    /// Adds the selected rows up, once for all frames until another selection or other rows come.
    fn sum_here(&mut self, selected: Selection) -> Option<RowSums> {
        if let Some((of, answers, sums)) = &self.summed
            && *of == selected
            && *answers == self.answers
        {
            return *sums;
        }
        let add = |mut sums: RowSums, row: &Row| {
            sums.totals.merge(&Totals { invoices: 1, net: row.net, tax: row.tax, gross: row.gross });
            sums.voided += u64::from(row.status == Status::Void);
            sums
        };
        let sums = self.selected().map(|rows| rows.into_iter().fold(RowSums::default(), add));
        self.summed = Some((selected, self.answers, sums));
        sums
    }

    /// The selected invoices, all of them loaded; none when one is not.
    #[must_use]
    pub fn selected(&self) -> Option<Vec<&Row>> {
        self.selected_rows().rows().map(|row| self.row(row)).collect()
    }

    /// Shows what stands behind a figure of the statistics: what the page has a filter for is put there, to be changed.
    pub fn show_figure(&mut self, filter: InvoiceFilter, what: String) {
        let InvoiceFilter { company, dates, kinds, mut direction, mut behind, deductions, .. } = filter;
        if let [Some(side)] = behind.sides.as_slice() {
            direction = Some(*side);
            behind.sides.clear();
        }
        let place = |kind: &Kind| Kind::all().position(|known| known == *kind);
        self.filters = Filters {
            company,
            dated: dates.is_some(),
            from: dates.map(|dates| dates.from()).unwrap_or_default(),
            to: dates.map(|dates| dates.to()).unwrap_or_default(),
            direction,
            kinds: kinds.iter().filter_map(place).collect(),
            behind: Some(FromFigure { what, kinds: kinds.into_iter().filter(|kind| place(kind).is_none()).collect(), deductions, behind }),
            ..Filters::default()
        };
        self.table.reset();
    }

    /// Shows what a download brought.
    pub fn show(&mut self, order: &DownloadOrder) {
        self.filters = Filters {
            company: Some(order.company.tax_no.clone()),
            dated: true,
            from: order.query.dates.from(),
            to: order.query.dates.to(),
            direction: Some(order.query.scope.direction()),
            ..Filters::default()
        };
    }
}
