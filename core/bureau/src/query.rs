//! Asking for invoices (全量发票查询, 发票勾选确认): what a query means, its order, its pages, its counts and sums.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use piaoxia_domain::{DateRange, Deduction, Invoice, InvoiceKey, Kind, Scope, Status, Totals};

use crate::generate::{Day, Generator, KINDS, Record, Source, SourceId, day_from, month_of};
use crate::refusal::Refusal;
use crate::register::CompanyNo;

/// Most invoices on a page.
pub const PAGE_LIMIT: usize = 200;

/// Which invoices are meant. Empty lists mean: all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Query {
    /// Page of the bureau.
    pub scope: Scope,
    /// 开票日期.
    pub dates: DateRange,
    /// 发票票种.
    pub kinds: Vec<Kind>,
    /// 发票状态.
    pub statuses: Vec<Status>,
    /// 抵扣状态, in the scope `Deductible` alone.
    pub deductions: Vec<Deduction>,
}

/// Counts and sums of one kind in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    /// 发票票种.
    pub kind: Kind,
    /// First day of the month.
    pub month: Date,
    /// Counts and sums.
    pub totals: Totals,
}

/// A page of invoices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In the order of date, then number.
    pub items: Vec<Invoice>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
    /// Number of invoices over all pages.
    pub total: u64,
}

impl Query {
    /// Everything of a page of the bureau within these dates.
    #[must_use]
    pub const fn all(scope: Scope, dates: DateRange) -> Self {
        Self { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() }
    }

    /// The deduction filter stands on the deduction page alone; elsewhere it is not asked.
    fn asked_deductions(&self) -> &[Deduction] {
        if self.scope == Scope::Deductible { &self.deductions } else { &[] }
    }

    fn asks_for_states(&self) -> bool {
        !self.statuses.is_empty() || !self.asked_deductions().is_empty()
    }

    fn matches(&self, generator: &Generator, record: &Record<'_>, today: (Date, Day)) -> bool {
        record.is_listed(self.scope)
            && (self.kinds.is_empty() || self.kinds.contains(record.kind()))
            && (self.statuses.is_empty() || self.statuses.contains(&record.status(today.1)))
            && (self.asked_deductions().is_empty()
                || record.deduction(generator, today.0).is_some_and(|state| self.asked_deductions().contains(&state)))
    }
}

/// Counts and sums of a month, by the place of the kind: of everything, and of what can be deducted.
type MonthSums = BTreeMap<(bool, usize), Totals>;

/// Ranges of days whose sums are kept.
const KEPT: usize = 4_096;

/// The invoices, with sums of days that are over, which never change: every page of an export is told their number.
#[derive(Debug)]
pub(crate) struct Archive {
    generator: Generator,
    sums: Mutex<BTreeMap<(SourceId, Day, Day), Arc<MonthSums>>>,
}

impl Archive {
    pub(crate) fn new(generator: Generator) -> Self {
        Self { generator, sums: Mutex::default() }
    }

    pub(crate) fn generator(&self) -> &Generator {
        &self.generator
    }

    /// The invoices of a query in the order of date, then number. Nothing is dated `today` or later.
    pub(crate) fn invoices<'a>(
        &'a self,
        company: CompanyNo,
        query: &'a Query,
        today: Date,
        after: Option<(Day, InvoiceKey)>,
    ) -> impl Iterator<Item = Invoice> + 'a {
        let sources: Vec<Source<'a>> = self.generator.sources(company, query.scope.direction()).collect();
        let days = self.generator.days(query.dates, today);
        let start = after.as_ref().map_or(days.start, |(day, _)| days.start.max(*day));
        (start..days.end).flat_map(move |day| self.sorted_day(&sources, query, day, today, after.as_ref()))
    }

    /// One day's matches by number, behind the cursor.
    fn sorted_day<'a>(
        &'a self,
        sources: &[Source<'a>],
        query: &'a Query,
        day: Day,
        today: Date,
        after: Option<&(Day, InvoiceKey)>,
    ) -> impl Iterator<Item = Invoice> + use<'a> {
        let generator = &self.generator;
        let mut found: Vec<(InvoiceKey, u64, Source<'a>)> = Vec::new();
        for source in sources {
            let records = generator.records_of(*source, day);
            let matching = records.filter(|record| query.matches(generator, record, (today, day_from(today))));
            found.extend(matching.map(|record| (record.keys(generator).0, record.index(), *source)));
        }
        found.retain(|(key, _, _)| after.is_none_or(|(last_day, last)| day > *last_day || key > last));
        found.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        found.into_iter().filter_map(move |(_, index, source)| Some(generator.invoice(&generator.record_of(source, day, index)?, today)))
    }

    fn records<'a>(&'a self, source: Source<'a>, days: Range<Day>) -> impl Iterator<Item = Record<'a>> + 'a {
        days.flat_map(move |day| self.generator.records_of(source, day))
    }

    /// Counts and sums by kind and month, in the order of month, then kind; kinds without invoices are left out.
    pub(crate) fn summary(&self, company: CompanyNo, query: &Query, today: Date) -> Vec<SummaryRow> {
        let sources: Vec<Source<'_>> = self.generator.sources(company, query.scope.direction()).collect();
        let mut rows = Vec::new();
        for days in split_by_month(self.generator.days(query.dates, today)) {
            let month = month_of(days.start);
            let deductible = query.scope == Scope::Deductible;
            let mut by_kind: BTreeMap<usize, Totals> = BTreeMap::new();
            for source in &sources {
                let sums = self.sums(*source, query, days.clone(), today);
                for ((_, place), totals) in sums.iter().filter(|((part, _), _)| *part == deductible) {
                    by_kind.entry(*place).or_default().merge(totals);
                }
            }
            for (entry, totals) in by_kind.into_iter().filter_map(|(place, totals)| Some((KINDS.get(place)?, totals))) {
                if query.kinds.is_empty() || query.kinds.contains(&entry.kind) {
                    rows.push(SummaryRow { kind: entry.kind.clone(), month, totals });
                }
            }
        }
        rows
    }

    fn sums(&self, source: Source<'_>, query: &Query, days: Range<Day>, today: Date) -> Arc<MonthSums> {
        if query.asks_for_states() { Arc::new(self.filtered_sums(source, query, days, today)) } else { self.month_sums(source, days) }
    }

    /// Sums of some days of one month. Days end yesterday at the latest, so that they never change.
    fn month_sums(&self, source: Source<'_>, days: Range<Day>) -> Arc<MonthSums> {
        let key = (source.id(), days.start, days.end);
        if let Some(kept) = self.kept().get(&key) {
            return Arc::clone(kept);
        }
        let mut sums = MonthSums::new();
        for record in self.records(source, days) {
            let totals = record.totals();
            sums.entry((false, record.kind_place())).or_default().merge(&totals);
            if record.is_listed(Scope::Deductible) {
                sums.entry((true, record.kind_place())).or_default().merge(&totals);
            }
        }
        let sums = Arc::new(sums);
        let mut kept = self.kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&sums));
        sums
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, BTreeMap<(SourceId, Day, Day), Arc<MonthSums>>> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn filtered_sums(&self, source: Source<'_>, query: &Query, days: Range<Day>, today: Date) -> MonthSums {
        let mut sums = MonthSums::new();
        let part = query.scope == Scope::Deductible;
        let asked_on = (today, day_from(today));
        for record in self.records(source, days).filter(|record| query.matches(&self.generator, record, asked_on)) {
            sums.entry((part, record.kind_place())).or_default().merge(&record.totals());
        }
        sums
    }

    pub(crate) fn count(&self, company: CompanyNo, query: &Query, today: Date) -> u64 {
        self.summary(company, query, today).iter().map(|row| row.totals.invoices).sum()
    }

    pub(crate) fn page(&self, company: CompanyNo, query: &Query, today: Date, cursor: Option<&str>, limit: usize) -> Result<Page, Refusal> {
        let after = cursor.map(|text| self.read_cursor(text).ok_or(Refusal::BadCursor)).transpose()?;
        let limit = limit.clamp(1, PAGE_LIMIT);
        let mut items: Vec<Invoice> = self.invoices(company, query, today, after).take(limit + 1).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|last| format!("{}~{}", last.issued_on(), last.key)) } else { None };
        Ok(Page { items, next, total: self.count(company, query, today) })
    }

    /// A cursor is the date and number of the last invoice that was handed out.
    fn read_cursor(&self, text: &str) -> Option<(Day, InvoiceKey)> {
        let (date, key) = text.split_once('~')?;
        Some((day_from(date.parse().ok()?), key.parse().ok()?))
    }

    /// The same counts and sums once more, invoice by invoice from its rendered form, without the kept ones.
    pub(crate) fn truth(&self, company: CompanyNo, scope: Scope, dates: DateRange, today: Date) -> Totals {
        let query = Query::all(scope, dates);
        let mut totals = Totals::default();
        for invoice in self.invoices(company, &query, today, None) {
            totals.add(&invoice);
        }
        totals
    }
}

/// The pieces of a range of days that lie in one month each.
fn split_by_month(days: Range<Day>) -> Vec<Range<Day>> {
    let mut pieces = Vec::new();
    let mut start = days.start;
    while start < days.end {
        let end = (day_from(month_of(start).last_of_month()) + 1).min(days.end);
        pieces.push(start..end);
        start = end;
    }
    pieces
}
