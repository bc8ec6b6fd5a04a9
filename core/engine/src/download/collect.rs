//! Collecting one part of the range, page by page. A page is in the ledger before the place after it is written down.

use piaoxia_domain::{Direction, Invoice, InvoiceKey, TaxNumber};
use piaoxia_service::contract::{ErrorClass, Page};
use piaoxia_store::{Incoming, Outcome, Source, StoreError, What as Became};

use super::ask::{Failures, Halt, Run, passing};
use super::record::Part;
use super::{Download, plan};
use crate::observe::Observe;
use crate::problem::{NetworkFault, Problem, What};

/// Invoices a page: as many as one request for originals takes.
const PAGE: u32 = 100;
/// Without originals, as many as the service gives: each page is a commit.
pub(super) const LONG_PAGE: u32 = 200;

/// How often the pages of one job may begin again.
const REWINDS: u32 = 3;

/// What a fault asks of a part.
enum Next {
    /// The service lost the job, or it failed for a passing reason: a new job.
    Again(Problem),
    /// Too many invoices: two halves.
    Halve(Problem),
}

impl<O: Observe<Download>> Run<O> {
    /// Collects the part at `index`, or divides it.
    pub(super) async fn collect(&mut self, index: usize) -> Result<(), Halt> {
        let mut failures = Failures::default();
        loop {
            let before = self.received(index);
            let next = match self.collect_once(index).await {
                Ok(()) => return Ok(()),
                Err(Halt::Fault(problem)) => next_after(problem)?,
                Err(halt) => return Err(halt),
            };
            if self.received(index) > before {
                failures = Failures::default();
            }
            match next {
                Next::Again(problem) => {
                    self.wait_out(passing(problem), &mut failures).await?;
                    if let Some(part) = self.record.parts.get_mut(index) {
                        // The place is kept: if the new job holds as many invoices, it goes on there.
                        part.attempt += 1;
                    }
                }
                Next::Halve(problem) => {
                    if !plan::halve(&mut self.record.parts, index)
                        && let Some(part) = self.record.parts.get_mut(index)
                    {
                        part.problem = Some(problem.about(part.dates.from().to_string()));
                    }
                    return self.save().await;
                }
            }
        }
    }

    fn received(&self, index: usize) -> u64 {
        self.record.parts.get(index).map_or(0, |part| part.received.invoices)
    }

    async fn collect_once(&mut self, index: usize) -> Result<(), Halt> {
        let Some(part) = self.record.parts.get(index) else { return Ok(()) };
        let request = self.record.part_request(part);
        let job = self.finish_job(&request).await?;
        let mut rewinds = 0;
        while let Some(part) = self.record.parts.get(index).filter(|part| !part.done) {
            let (cursor, total, received) = (part.cursor.clone(), part.total, part.received.invoices);
            match self.page(&job.id, cursor.as_deref()).await {
                Ok(_) if rewinds > REWINDS => return Err(endless()),
                Ok(page) if total.is_some_and(|total| total != page.total) => {
                    rewinds += 1;
                    self.rewind(index);
                }
                Ok(page) if leads_nowhere(&page, cursor.as_deref(), received) => return Err(endless()),
                Ok(page) => self.take_page(index, page).await?,
                // The place of a lost job means nothing to its successor.
                Err(Halt::Fault(problem)) if cursor.is_some() && problem.class() == Some(ErrorClass::BadRequest) => {
                    rewinds += 1;
                    self.rewind(index);
                }
                Err(halt) => return Err(halt),
            }
        }
        Ok(())
    }

    async fn page(&mut self, job: &str, cursor: Option<&str>) -> Result<Page, Halt> {
        let (services, limit) = (self.services.clone(), if self.record.download.order.originals { PAGE } else { LONG_PAGE });
        self.ask(|| services.client().job_items(job, cursor, limit)).await
    }

    /// What came is in the ledger; it comes again and changes nothing there.
    fn rewind(&mut self, index: usize) {
        if let Some(part) = self.record.parts.get_mut(index) {
            part.rewind();
        }
    }

    async fn take_page(&mut self, index: usize, page: Page) -> Result<(), Halt> {
        let outcomes = self.keep(&page.items).await?;
        if let Some(part) = self.record.parts.get_mut(index) {
            advance(part, &page);
        }
        let refreshes = self.record.parts.get(index).is_some_and(|part| part.look.is_some());
        if refreshes {
            self.record.download.refreshed += page.items.len() as u64;
        }
        self.record.save_page(self.services.store(), index).await?;
        self.tell().await;
        if self.record.download.order.originals && !refreshes {
            let (fresh, known): (Vec<_>, Vec<_>) = outcomes.into_iter().flatten().partition(|outcome| matches!(outcome.what, Became::New));
            let keys = |outcomes: Vec<Outcome>| outcomes.into_iter().map(|outcome| outcome.key).collect::<Vec<InvoiceKey>>();
            self.page_originals(keys(fresh), keys(known)).await?;
            self.tell().await;
        }
        Ok(())
    }

    /// Takes invoices into the ledger. None stands for one that is larger than a record may be: it is left out, so that the reconciliation
    /// tells of it.
    pub(super) async fn keep(&mut self, items: &[Invoice]) -> Result<Vec<Option<Outcome>>, Halt> {
        let outcomes: Vec<Option<Outcome>> = match self.services.store().upsert(self.incoming(items)).await {
            Ok(outcomes) => outcomes.into_iter().map(Some).collect(),
            Err(StoreError::TooLarge { .. }) => self.keep_one_by_one(items).await?,
            Err(error) => return Err(error.into()),
        };
        let mut new = 0;
        for outcome in outcomes.iter().flatten() {
            match &outcome.what {
                Became::New => new += 1,
                Became::Changed(changes) if !changes.is_empty() => self.record.download.changed += 1,
                Became::Changed(_) | Became::Same => {}
            }
        }
        self.record.download.new += new;
        self.services.touch(new);
        Ok(outcomes)
    }

    async fn keep_one_by_one(&mut self, items: &[Invoice]) -> Result<Vec<Option<Outcome>>, Halt> {
        let mut outcomes = Vec::with_capacity(items.len());
        for one in self.incoming(items) {
            let key = one.invoice.key.to_string();
            match self.services.store().upsert(vec![one]).await {
                Ok(kept) => outcomes.push(kept.into_iter().next()),
                Err(error @ StoreError::TooLarge { .. }) => {
                    tracing::warn!(key, %error, "an invoice of a download is left out");
                    outcomes.push(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(outcomes)
    }

    /// Invoices as the ledger takes them.
    fn incoming(&self, items: &[Invoice]) -> Vec<Incoming> {
        let order = &self.record.download.order;
        let direction = order.query.scope.direction();
        let source = Source::Download(order.company.name.clone());
        let incoming = items.iter().map(|invoice| {
            let mut invoice = invoice.clone();
            invoice.direction.get_or_insert(direction);
            // The ledger's own knowledge.
            invoice.both_sides = false;
            invoice.self_billed = direction == Direction::Issued && is_purchase_of(&invoice, &order.company.tax_no);
            if invoice.self_billed {
                invoice.direction = Some(Direction::Received);
            }
            Incoming { invoice, source: source.clone() }
        });
        incoming.collect()
    }
}

/// True of what another sold to this company.
fn is_purchase_of(invoice: &Invoice, company: &TaxNumber) -> bool {
    invoice.buyer.tax_no == *company && invoice.seller.tax_no != *company
}

fn advance(part: &mut Part, page: &Page) {
    for invoice in &page.items {
        part.received.add(invoice);
    }
    part.total = Some(page.total);
    part.done = page.next.is_none();
    part.cursor.clone_from(&page.next);
}

/// True when the page that came from `cursor`, after `received` invoices, names a next one that cannot be: it brought nothing, the next one
/// is the same again, or more has come than there is. Whoever went on would ask for ever.
pub(super) fn leads_nowhere(page: &Page, cursor: Option<&str>, received: u64) -> bool {
    let more = received + page.items.len() as u64 > page.total;
    page.next.as_deref().is_some_and(|next| page.items.is_empty() || Some(next) == cursor || more)
}

/// Pages that never end.
fn endless() -> Halt {
    Halt::Fault(Problem::new(What::Network(NetworkFault::Unreadable), "the pages of the job have no end"))
}

fn next_after(problem: Problem) -> Result<Next, Halt> {
    match problem.class() {
        Some(ErrorClass::TooMany) => Ok(Next::Halve(problem)),
        Some(ErrorClass::NotFound | ErrorClass::Maintenance) => Ok(Next::Again(problem)),
        _ if problem.is_transient() => Ok(Next::Again(problem)),
        _ => Err(problem.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn pages_that_go_round_are_found_out() {
        let page = |next: Option<&str>, total| Page { items: Vec::new(), next: next.map(str::to_owned), total };
        // The last page may bring nothing.
        assert!(!leads_nowhere(&page(None, 200), Some("200"), 200));
        assert!(leads_nowhere(&page(Some("300"), 200), Some("200"), 100), "nothing came");
        let invoice = r#"{"key":"26312000000123456789","kind":"82","issuedAt":"2026-10-08T09:30:00","seller":{"name":"甲"},
            "buyer":{"name":"乙"},"net":"1.00","tax":"0.00","gross":"1.00","status":"normal"}"#;
        let invoice: Invoice = serde_json::from_str(invoice).unwrap();
        let full = |next: &str, total| Page { items: vec![invoice.clone()], ..page(Some(next), total) };
        assert!(!leads_nowhere(&full("2", 9), Some("1"), 1));
        assert!(leads_nowhere(&full("1", 9), Some("1"), 1), "the same place again");
        assert!(leads_nowhere(&full("9", 8), Some("8"), 8), "more than there are");
    }
}
