//! The download page and all downloads.

use std::collections::BTreeSet;

use jiff::civil::Date;
use piaoxia_domain::{DateRange, Deduction, Kind, Scope, Status, Totals};
use piaoxia_engine::{Difference, Download, DownloadId, DownloadOrder, DownloadState};
use piaoxia_service::contract::{Query, SummaryRow};

use super::agenda::unfinished;
use crate::loadable::Loadable;

/// 数电 or 税控, at the top right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// 数电模式: by an e-tax account.
    #[default]
    Digital,
    /// 税控模式: by a tax disk.
    Disk,
}

/// Pages of the bureau.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// 发票勾选确认.
    #[default]
    Deductible,
    /// 发票查询统计.
    All,
}

/// Counts and sums that were asked for.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Of which order.
    pub order: DownloadOrder,
    /// By kind and month.
    pub rows: Loadable<Vec<SummaryRow>>,
}

impl Counted {
    /// Sum over all rows.
    #[must_use]
    pub fn totals(&self) -> Option<Totals> {
        let mut totals = Totals::default();
        for row in self.rows.value()? {
            totals.merge(&row.totals);
        }
        Some(totals)
    }
}

/// The difference whose invoices are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// Of which download.
    pub download: DownloadId,
    /// First day of the month.
    pub month: Date,
    /// 发票票种.
    pub kind: Kind,
}

impl Examined {
    /// A difference of a download.
    #[must_use]
    pub fn of(download: &Download, difference: &Difference) -> Self {
        Self { download: download.id.clone(), month: difference.month, kind: difference.kind.clone() }
    }
}

/// The download page and all downloads.
#[derive(Clone, Debug)]
pub struct DownloadPage {
    /// 数电 or 税控.
    pub mode: Mode,
    /// Tab.
    pub tab: Tab,
    /// On the second tab: 开具发票 instead of 取得发票.
    pub issued: bool,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Chosen kinds, by their place in [`DownloadPage::kinds_offered`]; empty means all.
    pub kinds: BTreeSet<usize>,
    /// Chosen statuses, by their place in [`Status::KNOWN`]; empty means all.
    pub statuses: BTreeSet<usize>,
    /// Chosen deduction states, by their place in [`Deduction::ALL`]; empty means all.
    pub deductions: BTreeSet<usize>,
    /// Fetch originals as well.
    pub originals: bool,
    /// The last counts and sums.
    pub counted: Option<Counted>,
    /// All downloads, newest first.
    pub all: Vec<Download>,
    /// Of those, the ones that ended without everything, and none after them brought it; see [`DownloadPage::recount`].
    pub unfinished: usize,
    /// The older ones are seen as well.
    pub shows_older: bool,
    /// The download whose details are shown.
    pub opened: Option<DownloadId>,
    /// The difference whose invoices are shown.
    pub examined: Option<Examined>,
}

impl Default for DownloadPage {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            tab: Tab::default(),
            issued: false,
            from: Date::default(),
            to: Date::default(),
            kinds: BTreeSet::new(),
            statuses: BTreeSet::new(),
            deductions: BTreeSet::new(),
            originals: true,
            counted: None,
            all: Vec::new(),
            unfinished: 0,
            shows_older: false,
            opened: None,
            examined: None,
        }
    }
}

impl DownloadPage {
    /// Number of downloads that work or wait to work.
    #[must_use]
    pub fn active(&self) -> usize {
        self.all.iter().filter(|download| download.state.is_active()).count()
    }

    /// Number of downloads with nothing left to do.
    #[must_use]
    pub fn over(&self) -> usize {
        self.all.iter().filter(|download| download.state.is_over()).count()
    }

    /// Number of downloads that go on only once the user has signed in to the bureau.
    #[must_use]
    pub fn in_need(&self) -> usize {
        self.all.iter().filter(|download| matches!(download.state, DownloadState::NeedsLogin { .. })).count()
    }

    /// The difference whose invoices are shown, as long as it is there.
    #[must_use]
    pub fn examined(&self) -> Option<(&Download, &Difference)> {
        let wanted = self.examined.as_ref()?;
        let download = self.all.iter().find(|download| download.id == wanted.download)?;
        let is_wanted = |one: &&Difference| one.month == wanted.month && one.kind == wanted.kind;
        Some((download, download.differences.iter().find(is_wanted)?))
    }

    /// Takes the downloads of earlier runs.
    pub fn take_all(&mut self, mut downloads: Vec<Download>) {
        downloads.sort_by_key(|download| std::cmp::Reverse(download.created_at));
        self.all = downloads;
        self.recount();
    }

    /// To be called when a download came, went or got another state: to count in every frame takes too long.
    pub fn recount(&mut self) {
        self.unfinished = unfinished(&self.all);
    }

    /// Scope of the tab.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match (self.tab, self.issued) {
            (Tab::Deductible, _) => Scope::Deductible,
            (Tab::All, true) => Scope::Issued,
            (Tab::All, false) => Scope::Received,
        }
    }

    /// Kinds that the tab can show.
    #[must_use]
    pub fn kinds_offered(&self) -> Vec<Kind> {
        Kind::all().filter(|kind| self.tab == Tab::All || kind.is_deductible()).collect()
    }

    /// The filters as the service takes them; none while the range is empty.
    #[must_use]
    pub fn query(&self) -> Option<Query> {
        let offered = self.kinds_offered();
        let deductible = self.tab == Tab::Deductible;
        Some(Query {
            scope: self.scope(),
            dates: DateRange::new(self.from, self.to)?,
            kinds: self.kinds.iter().filter_map(|index| offered.get(*index).cloned()).collect(),
            statuses: self.statuses.iter().filter_map(|index| Status::KNOWN.get(*index).cloned()).collect(),
            deductions: if deductible {
                self.deductions.iter().filter_map(|index| Deduction::ALL.get(*index).copied()).collect()
            } else {
                Vec::new()
            },
        })
    }
}
