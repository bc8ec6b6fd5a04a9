//! A download as the window shows it: a job with pieces, progress and a reconciliation.
//!
//! [`run()`] does one from counting to reconciling, [`count()`] only counts. The engine's registry runs them by their turn and
//! keeps them over a kill.

mod ask;
mod batch;
mod collect;
mod count;
mod examine;
pub(crate) mod lanes;
mod marks;
mod originals;
mod plan;
mod reconcile;
mod record;
mod refresh;
mod registry;
mod run;
mod turn;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::{AccountId, DateRange, Kind, TaxNumber, Totals};
use piaoxia_service::contract::{Company, Query, SummaryRow};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

pub use batch::{BatchPlan, BatchWish, Planned, Span, plan_batch};
pub use count::count;
pub use examine::{Finding, Findings, Matter};
pub use marks::{Mark, since_last};
pub(crate) use registry::{Registry, Wish};
pub use run::run;

/// Identifies a download.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DownloadId(pub String);

/// The company that a task is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompanyRef {
    /// Id within the service.
    pub id: String,
    /// 纳税人识别号.
    pub tax_no: TaxNumber,
    /// 名称.
    pub name: String,
}

impl From<&Company> for CompanyRef {
    fn from(company: &Company) -> Self {
        Self { id: company.id.clone(), tax_no: company.tax_no.clone(), name: company.name.clone() }
    }
}

/// What the user asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DownloadOrder {
    /// For which company.
    pub company: CompanyRef,
    /// Account; the company's default for 收票 when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// 税控模式: number of the tax disk whose account that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<String>,
    /// Which invoices.
    pub query: Query,
    /// Fetch the originals (XML, OFD, PDF) as well.
    pub originals: bool,
    /// All of it, or only what is new.
    #[serde(default)]
    pub extent: Extent,
    /// Look also for what was taken in before and has become something else: red, void, ticked (状态刷新).
    #[serde(default)]
    pub refresh: bool,
}

/// How much of an order is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Extent {
    /// All of it; what is known already comes again and changes nothing.
    #[default]
    Whole,
    /// 只下载新的: what was taken in before is left out as long as ledger and bureau count the same.
    New,
}

/// Where a download stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum DownloadState {
    /// Kept, not begun.
    Waiting,
    /// Counts and sums are asked.
    Counting,
    /// 需要您处理: the account must be signed in; it goes on by itself then.
    NeedsLogin {
        /// Which account.
        account: AccountId,
    },
    /// Invoices and originals are coming.
    Running,
    /// Stopped by the user; what has come is kept.
    Paused,
    /// Over, but something is missing; see `problem` and `differences`. Can be resumed.
    Partial,
    /// Over, and the ledger holds all that the bureau counts. What it holds beside that from documents alone stands in `differences`.
    Done,
    /// Stopped by an error. Can be resumed.
    Failed,
    /// Stopped for good; what has come is kept.
    Cancelled,
}

impl DownloadState {
    /// True while it works or waits to work.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Waiting | Self::Counting | Self::NeedsLogin { .. } | Self::Running)
    }

    /// True when [`crate::Command::ResumeDownload`] makes sense.
    #[must_use]
    pub fn can_resume(&self) -> bool {
        matches!(self, Self::Paused | Self::Partial | Self::Failed)
    }

    /// True when nothing is left to do: it is done, or nobody wants it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }
}

/// A part of the range that is asked for in one go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// Its days.
    pub dates: DateRange,
    /// Key of the service's job; the same key always finds the same job.
    pub client_key: String,
    /// Where the next page begins; none before the first and after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// All its invoices are in the ledger.
    pub done: bool,
}

/// Where the ledger and the bureau disagree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// 发票票种.
    pub kind: Kind,
    /// First day of the month.
    pub month: Date,
    /// What the bureau counts.
    pub bureau: Totals,
    /// What the ledger holds.
    pub ledger: Totals,
    /// Which invoices it is; none while the bureau's list was not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Findings>,
}

/// A download.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Download {
    /// Id.
    pub id: DownloadId,
    /// What was asked for.
    pub order: DownloadOrder,
    /// Where it stands.
    pub state: DownloadState,
    /// Counts and sums that the bureau gave before it began.
    pub expected: Vec<SummaryRow>,
    /// Invoices that came in this download.
    pub received: Totals,
    /// Of these, new to the ledger.
    pub new: u64,
    /// Of these, known but with another state or amount.
    pub changed: u64,
    /// Invoices that a refresh looked at (状态刷新).
    #[serde(default)]
    pub refreshed: u64,
    /// Originals kept.
    pub originals_done: u64,
    /// Originals that could not be fetched so far.
    pub originals_missing: u64,
    /// Parts of the range.
    pub pieces: Vec<Piece>,
    /// Where ledger and bureau disagree, after the run.
    pub differences: Vec<Difference>,
    /// Why it stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Ordered, UTC.
    pub created_at: Timestamp,
    /// When the bureau expects to be ready with the part that it works on, UTC; not kept.
    #[serde(skip)]
    pub ready_at: Option<Timestamp>,
    /// Until when it waits because of its `problem`, UTC; not kept.
    #[serde(skip)]
    pub waits_until: Option<Timestamp>,
    /// Ended, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Invoices a second, lately; not kept.
    #[serde(skip)]
    pub per_second: f32,
}

impl Download {
    /// Sum over [`Download::expected`].
    #[must_use]
    pub fn expected_totals(&self) -> Totals {
        let mut totals = Totals::default();
        for row in &self.expected {
            totals.merge(&row.totals);
        }
        totals
    }
}
