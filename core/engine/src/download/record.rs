//! The kept form of a download: what a killed program finds again.

use jiff::Timestamp;
use piaoxia_domain::{DateRange, Deduction, Status, Totals};
use piaoxia_service::contract::{JobKind, JobRequest, Query};
use piaoxia_store::Store;
use serde::{Deserialize, Serialize};

use super::{Download, DownloadId, DownloadOrder, DownloadState, Piece};
use crate::problem::Problem;
use crate::services::collection;

/// A download with what only the engine needs of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// Its `pieces` stay empty here: [`Record::snapshot`] makes them of `parts`.
    pub download: Download,
    pub parts: Vec<Part>,
    /// Summary jobs asked so far: each has a key of its own, because a key always gives the same answer.
    pub counts: u32,
}

/// Invoices that have become something else since they were taken in (状态刷新).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Look {
    /// 发票状态.
    Status(Status),
    /// 抵扣状态.
    Deduction(Deduction),
}

impl Look {
    /// The same query for these alone.
    pub(crate) fn narrow(&self, query: &Query) -> Query {
        let (statuses, deductions) = match self {
            Self::Status(status) => (vec![status.clone()], Vec::new()),
            Self::Deduction(deduction) => (Vec::new(), vec![*deduction]),
        };
        Query { statuses, deductions, ..query.clone() }
    }

    fn word(&self) -> &str {
        match self {
            Self::Status(status) => status.word(),
            Self::Deduction(deduction) => deduction.word(),
        }
    }
}

/// A part of the range, collected by one job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    pub dates: DateRange,
    /// Which of the invoices, for a part that refreshes what is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// Jobs given up so far: lost by the service, failed, or out of date.
    pub attempt: u32,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Invoices of the job that `cursor` belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    pub received: Totals,
    pub done: bool,
    /// Why it cannot be collected at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

impl Part {
    pub(crate) fn new(dates: DateRange) -> Self {
        Self { dates, look: None, attempt: 0, cursor: None, total: None, received: Totals::default(), done: false, problem: None }
    }

    /// True for a part of the order itself that begins in the month.
    pub(crate) fn is_of(&self, month: &DateRange) -> bool {
        self.look.is_none() && month.contains(self.dates.from())
    }

    /// Begins again with a new job.
    pub(crate) fn restart(&mut self) {
        *self = Self { attempt: self.attempt + 1, look: self.look.take(), ..Self::new(self.dates) };
    }

    /// Reads the same job from its first page.
    pub(crate) fn rewind(&mut self) {
        *self = Self { attempt: self.attempt, look: self.look.take(), ..Self::new(self.dates) };
    }
}

impl Record {
    /// A new download, not begun.
    pub(crate) fn new(order: DownloadOrder) -> Self {
        let created_at = Timestamp::now();
        // The time first, so that ids sort by age.
        let id = DownloadId(format!("{:013}-{:08x}", created_at.as_millisecond(), rand::random::<u32>()));
        let download = Download {
            id,
            order,
            state: DownloadState::Waiting,
            expected: Vec::new(),
            received: Totals::default(),
            new: 0,
            changed: 0,
            refreshed: 0,
            originals_done: 0,
            originals_missing: 0,
            pieces: Vec::new(),
            differences: Vec::new(),
            problem: None,
            created_at,
            ended_at: None,
            ready_at: None,
            per_second: 0.0,
        };
        Self { download, parts: Vec::new(), counts: 0 }
    }

    /// As the window sees it.
    pub(crate) fn snapshot(&self) -> Download {
        let pieces = self.parts.iter().map(|part| Piece {
            dates: part.dates,
            client_key: self.part_key(part),
            cursor: part.cursor.clone(),
            done: part.done,
        });
        let mut received = Totals::default();
        self.parts.iter().filter(|part| part.look.is_none()).for_each(|part| received.merge(&part.received));
        Download { pieces: pieces.collect(), received, ..self.download.clone() }
    }

    /// The request for a part. The same part and attempt always have the same key, so that a job is never made twice.
    pub(crate) fn part_request(&self, part: &Part) -> JobRequest {
        let order = &self.download.order;
        let query = Query { dates: part.dates, ..order.query.clone() };
        let query = part.look.as_ref().map_or(query.clone(), |look| look.narrow(&query));
        self.request(JobKind::Collect, self.part_key(part), query)
    }

    /// The request for the counts and sums of a query, which is the order's own or a narrower one.
    pub(crate) fn count_request(&self, query: Query) -> JobRequest {
        let key = format!("{}-count-{}", self.download.id.0, self.counts);
        self.request(JobKind::Summary, key, query)
    }

    fn request(&self, kind: JobKind, client_key: String, query: Query) -> JobRequest {
        let order = &self.download.order;
        JobRequest { client_key, kind, company: order.company.id.clone(), account: order.account.clone(), query }
    }

    fn part_key(&self, part: &Part) -> String {
        let look = part.look.as_ref().map_or(String::new(), |look| format!("-{}", look.word()));
        format!("{}-{}-{}{look}-{}", self.download.id.0, part.dates.from(), part.dates.to(), part.attempt)
    }

    /// Writes it down.
    pub(crate) async fn save(&self, store: &Store) -> Result<(), Problem> {
        Ok(store.put_document(collection::DOWNLOADS, &self.download.id.0, self).await?)
    }

    /// Those of earlier runs of the program, the oldest first. What was at work waits for its turn again.
    pub(crate) async fn load_all(store: &Store) -> Result<Vec<Self>, Problem> {
        let documents: Vec<(String, serde_json::Value)> = store.documents(collection::DOWNLOADS).await?;
        let mut records = Vec::with_capacity(documents.len());
        for (id, document) in documents {
            match serde_json::from_value::<Self>(document) {
                Ok(mut record) => {
                    if record.download.state.is_active() {
                        record.download.state = DownloadState::Waiting;
                    }
                    records.push(record);
                }
                Err(error) => tracing::warn!(id, %error, "a kept download cannot be read"),
            }
        }
        Ok(records)
    }
}
