//! Jobs: the long tasks at the bureau.

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::account::AccountId;
use piaoxia_domain::{DateRange, Deduction, Invoice, Kind, Scope, Status, Totals};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum JobKind {
    /// Counts and sums a query by kind and month; cheap, any range.
    Summary,
    /// Collects the invoices of a query; at most 31 days of one month and 5,000 invoices. Under a tax disk any number of invoices.
    Collect,
}

/// Which invoices a job is about. Empty lists mean: all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Query {
    /// Page of the bureau.
    pub scope: Scope,
    /// 开票日期.
    pub dates: DateRange,
    /// 发票票种.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// 发票状态.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<Status>,
    /// 抵扣状态, in the scope `deductible` alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deductions: Vec<Deduction>,
}

/// Starts a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobRequest {
    /// Chosen by the program; the same key always gives the same job.
    pub client_key: String,
    /// What to do.
    pub kind: JobKind,
    /// Company id.
    pub company: String,
    /// Account, of an e-tax account or of a [`super::DiskSession`]; the company's default for 收票 when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Which invoices.
    pub query: Query,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "state")]
#[expect(clippy::large_enum_variant, reason = "jobs are few, and a box would have to be opened by everyone")]
pub enum JobState {
    /// Accepted.
    Queued,
    /// The bureau works on it.
    Running,
    /// Stopped until the account or the disk is signed in again, then it goes on by itself.
    WaitingLogin,
    /// Finished; its items can be fetched.
    Done,
    /// Failed.
    Failed {
        /// Why.
        error: super::ApiError,
    },
    /// Cancelled.
    Cancelled,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Id.
    pub id: String,
    /// What it does.
    pub kind: JobKind,
    /// Account that it runs under.
    pub account: AccountId,
    /// Where it stands.
    pub state: JobState,
    /// Percent done, 0-100.
    pub progress: u8,
    /// When the bureau will have packed what was asked for, UTC, while it works on it and where it says so. Hours or days ahead on
    /// 综合服务平台.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Timestamp>,
    /// Milliseconds to wait before the next poll.
    pub poll_after_ms: u64,
    /// Counts and sums, when a summary is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summary: Vec<SummaryRow>,
    /// Created, UTC.
    pub created_at: Timestamp,
}

/// Counts and sums of one kind in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SummaryRow {
    /// 发票票种.
    pub kind: Kind,
    /// First day of the month.
    #[schema(value_type = String, format = Date)]
    pub month: Date,
    /// Counts and sums.
    pub totals: Totals,
}

/// A page of a job's invoices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// At most 200, without their goods lines where the bureau gives none.
    pub items: Vec<Invoice>,
    /// Cursor of the next page; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Number of invoices over all pages.
    pub total: u64,
}
