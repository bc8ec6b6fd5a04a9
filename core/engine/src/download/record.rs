//! The kept form of a download: what a killed program finds again.
//!
//! A record grows with the months, kinds and parts of its download, so it is not written at every page: only what pages change is
//! ([`Progress`]), a few hundred bytes in a document of its own.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use piaoxia_domain::{DateRange, Deduction, Status, Totals};
use piaoxia_service::contract::{JobKind, JobRequest, Query};
use piaoxia_store::Store;
use serde::{Deserialize, Serialize};

use super::{Download, DownloadId, DownloadOrder, DownloadState, Piece};
use crate::problem::Problem;
use crate::services::{collection, readable};

/// A download with what only the engine needs of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// Its `pieces` stay empty here: [`Record::snapshot`] makes them of `parts`.
    pub download: Download,
    pub parts: Vec<Part>,
    /// Summary jobs asked so far: each has a key of its own, because a key always gives the same answer.
    pub counts: u32,
    /// Jobs that the service works on, by their ids; what is left of them when the download is cancelled is cancelled with it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub jobs: BTreeSet<String>,
    /// Times that it was written whole.
    #[serde(default)]
    pub saves: u32,
}

/// What the pages of one part have changed since the record was written whole.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    /// [`Record::saves`] of the record that it belongs to: with any other it means nothing.
    saves: u32,
    /// Which part.
    index: usize,
    part: Part,
    new: u64,
    changed: u64,
    refreshed: u64,
    originals_done: u64,
    originals_missing: u64,
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
            waits_until: None,
            per_second: 0.0,
        };
        Self { download, parts: Vec::new(), counts: 0, jobs: BTreeSet::new(), saves: 0 }
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

    /// Writes it down whole.
    pub(crate) async fn save(&mut self, store: &Store) -> Result<(), Problem> {
        // Counted even if the write fails: page records of before do not count beside what is written next.
        self.saves = self.saves.wrapping_add(1);
        Ok(store.put_document(collection::DOWNLOADS, &self.download.id.0, self).await?)
    }

    /// Writes down what a page of this part has changed.
    pub(crate) async fn save_page(&mut self, store: &Store, index: usize) -> Result<(), Problem> {
        let Some(part) = self.parts.get(index).filter(|part| !part.done) else { return self.save(store).await };
        let Download { new, changed, refreshed, originals_done, originals_missing, .. } = self.download;
        let part = part.clone();
        let progress = Progress { saves: self.saves, index, part, new, changed, refreshed, originals_done, originals_missing };
        Ok(store.put_document(collection::PROGRESS, &self.download.id.0, &progress).await?)
    }

    /// One of an earlier time, with what its pages have changed since; none when there is none.
    pub(crate) async fn load(store: &Store, id: &DownloadId) -> Result<Option<Self>, Problem> {
        let Some(mut record) = store.get_document::<Self>(collection::DOWNLOADS, &id.0).await? else { return Ok(None) };
        record.advance(store.get_document(collection::PROGRESS, &id.0).await?);
        Ok(Some(record))
    }

    /// Removes what is kept of it; false when nothing is.
    pub(crate) async fn forget(store: &Store, id: &DownloadId) -> Result<bool, Problem> {
        let there = store.delete_document(collection::DOWNLOADS, &id.0).await?;
        store.delete_document(collection::PROGRESS, &id.0).await?;
        Ok(there)
    }

    /// Without its progress, or with one that cannot be read, a download goes on where it was written whole.
    fn advance(&mut self, progress: Option<serde_json::Value>) {
        let Some(progress) = progress.and_then(|kept| serde_json::from_value::<Progress>(kept).ok()) else { return };
        let Some(part) = self.parts.get_mut(progress.index).filter(|_| progress.saves == self.saves) else { return };
        *part = progress.part;
        let download = &mut self.download;
        (download.new, download.changed, download.refreshed) = (progress.new, progress.changed, progress.refreshed);
        (download.originals_done, download.originals_missing) = (progress.originals_done, progress.originals_missing);
    }

    /// Those of earlier runs of the program, the oldest first, and the number of those that cannot be read. What was at work waits for its
    /// turn again.
    pub(crate) async fn load_all(store: &Store) -> Result<(Vec<Self>, u64), Problem> {
        let (documents, unreadable) = readable::<Self>(store.documents(collection::DOWNLOADS).await?);
        let mut progress: HashMap<String, serde_json::Value> = store.documents(collection::PROGRESS).await?.into_iter().collect();
        let mut records = Vec::with_capacity(documents.len());
        for (id, mut record) in documents {
            record.advance(progress.remove(&id));
            if record.download.state.is_active() {
                record.download.state = DownloadState::Waiting;
            }
            records.push(record);
        }
        Ok((records, unreadable))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use jiff::civil::date;
    use piaoxia_domain::{Scope, TaxNumber};
    use piaoxia_store::OpenOptions;

    use super::super::{CompanyRef, Extent};
    use super::*;

    fn record() -> Record {
        let dates = DateRange::new(date(2026, 1, 1), date(2026, 10, 31)).unwrap();
        let query = Query { scope: Scope::Received, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
        let company = CompanyRef { id: "c".into(), tax_no: TaxNumber::from_document("91310115MA1K35JX4G"), name: "示例公司".into() };
        let order = DownloadOrder { company, account: None, disk: None, query, originals: true, extent: Extent::Whole, refresh: false };
        let mut record = Record::new(order);
        record.parts = (1..=10).map(|month| Part::new(DateRange::new(date(2026, month, 1), date(2026, month, 28)).unwrap())).collect();
        record
    }

    fn store(dir: &tempfile::TempDir) -> Store {
        Store::open(dir.path(), OpenOptions::default()).unwrap().store
    }

    #[tokio::test]
    async fn what_a_page_changed_is_found_again_and_counts_beside_its_own_record_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(&dir);
        let mut record = record();
        record.save(&store).await.unwrap();
        for page in 1..=3_u64 {
            record.parts[4].cursor = Some(format!("page {page}"));
            record.parts[4].received.invoices = 100 * page;
            (record.download.new, record.download.originals_done) = (90 * page, 80 * page);
            record.save_page(&store, 4).await.unwrap();
        }
        let found = Record::load_all(&store).await.unwrap().0.remove(0);
        assert_eq!((&found.parts[4].cursor, found.parts[4].received.invoices), (&Some("page 3".to_owned()), 300));
        assert_eq!((found.download.new, found.download.originals_done), (270, 240));
        assert_eq!(found.snapshot().received.invoices, 300);

        // Parts that were divided: the place of then is another part now.
        record.parts.remove(0);
        record.save(&store).await.unwrap();
        let found = Record::load(&store, &record.download.id).await.unwrap().unwrap();
        assert_eq!((found.parts[3].received.invoices, found.parts[4].received.invoices), (300, 0));

        // The last page of a part is written whole, so that the next part's pages do not hide it.
        record.parts[3].done = true;
        record.save_page(&store, 3).await.unwrap();
        record.parts[4].received.invoices = 7;
        record.save_page(&store, 4).await.unwrap();
        let found = Record::load(&store, &record.download.id).await.unwrap().unwrap();
        assert!(found.parts[3].done && found.parts[4].received.invoices == 7);

        assert!(Record::forget(&store, &record.download.id).await.unwrap());
        assert!(Record::load_all(&store).await.unwrap().0.is_empty());
        assert!(store.documents::<serde_json::Value>(collection::PROGRESS).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_counted_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(&dir);
        record().save(&store).await.unwrap();
        let newer = serde_json::json!({"download": {"of": "a newer version"}});
        store.put_document(collection::DOWNLOADS, "newer", &newer).await.unwrap();
        let (found, unreadable) = Record::load_all(&store).await.unwrap();
        assert_eq!((found.len(), unreadable), (1, 1));
        assert_eq!(store.get_document::<serde_json::Value>(collection::DOWNLOADS, "newer").await.unwrap(), Some(newer));
    }
}
