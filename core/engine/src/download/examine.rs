//! 逐张核对: which invoices make a difference between ledger and bureau.
//!
//! The bureau is asked for its list once more, of the kinds and months that differ alone, and every invoice of it is compared with the
//! ledger's. What the list brings is taken in as any other, so that a difference which it settles is none any more. It costs one query for
//! 5,000 invoices of a difference, and memory for one list at a time: [`LISTS`] lists a run, of [`LISTED`] invoices at most; a longer one is
//! not asked for, and the window says so. By tax disk nothing is asked: the platform takes five applications a month.

use std::collections::BTreeMap;

use jiff::civil::Date;
use piaoxia_domain::{DateRange, Direction, Invoice, InvoiceFilter, InvoiceKey, Money, TaxNumber};
use piaoxia_service::contract::{ErrorClass, JobKind, JobRequest, Query};
use piaoxia_store::{Row, Sort};
use serde::{Deserialize, Serialize};

use super::ask::{Halt, Run};
use super::collect::{LONG_PAGE, leads_nowhere};
use super::plan::PART_LIMIT;
use super::{Difference, Download, DownloadOrder, reconcile};
use crate::observe::Observe;
use crate::problem::Problem;

/// Differences that are examined in one run.
const LISTS: usize = 24;
/// Most invoices of one list.
const LISTED: u64 = 50_000;
/// Invoices that are told of; of the rest the number.
const TOLD: usize = 200;
/// Rows of the ledger that are looked at in one go.
const ROWS: usize = 1_000;

/// What the invoices of a difference say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// Invoices in the bureau's list.
    pub listed: u64,
    /// Those that are the matter, at most 200.
    pub invoices: Vec<Finding>,
    /// How many more there are.
    #[serde(default)]
    pub more: u64,
}

/// An invoice that is the matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Its key.
    pub key: InvoiceKey,
    /// 开票日期.
    pub issued_on: Date,
    /// 名称 of the other side.
    pub party: String,
    /// 价税合计, as the ledger has it where it has it.
    pub gross: Money,
    /// What is the matter.
    pub matter: Matter,
}

/// What is the matter with an invoice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is")]
pub enum Matter {
    /// The ledger counts it, the bureau does not list it.
    OnlyLedger {
        /// The bureau has told of it before; otherwise it is known from documents alone.
        #[serde(rename = "byBureau")]
        by_bureau: bool,
    },
    /// The bureau lists it, the ledger has it under another company, direction, kind or day.
    Elsewhere,
    /// The bureau lists it, the ledger does not have it.
    OnlyBureau,
    /// Both have it, with other amounts.
    Amounts {
        /// 价税合计 of the bureau.
        bureau: Money,
    },
}

/// An invoice of the bureau's list.
struct Listed {
    issued_on: Date,
    party: String,
    amounts: [Money; 3],
}

impl<O: Observe<Download>> Run<O> {
    /// Finds out which invoices make the differences. What cannot be found out leaves a difference as it is.
    pub(super) async fn examine(&mut self, differences: Vec<Difference>) -> Result<Vec<Difference>, Halt> {
        let order = self.record.download.order.clone();
        if order.disk.is_some() || differences.is_empty() {
            return Ok(differences);
        }
        let mut found = BTreeMap::new();
        for difference in differences.iter().filter(|one| one.bureau.invoices.max(one.ledger.invoices) <= LISTED).take(LISTS) {
            match self.findings(&order, difference).await {
                Ok(Some(findings)) => drop(found.insert((difference.month, difference.kind.clone()), findings)),
                Ok(None) => {}
                Err(Halt::Fault(problem)) => tracing::warn!(problem.detail, "a difference cannot be examined"),
                Err(halt) => return Err(halt),
            }
        }
        // The lists may have brought what was missing.
        let mut left = reconcile::differences(self.services.store(), &order, &self.record.download.expected).await?;
        for difference in &mut left {
            difference.findings = found.remove(&(difference.month, difference.kind.clone()));
        }
        Ok(left)
    }

    async fn findings(&mut self, order: &DownloadOrder, difference: &Difference) -> Result<Option<Findings>, Halt> {
        let month = DateRange::new(difference.month, difference.month.last_of_month());
        let Some(dates) = month.and_then(|month| month.intersect(&order.query.dates)) else { return Ok(None) };
        let query = Query { dates, kinds: vec![difference.kind.clone()], ..order.query.clone() };
        let listed = self.list(&query, difference.bureau.invoices).await?;
        let narrow = DownloadOrder { query, ..order.clone() };
        Ok(Some(self.compare(reconcile::filter_of(&narrow), listed).await?))
    }

    /// The bureau's list of a query; what it holds is taken in.
    async fn list(&mut self, query: &Query, count: u64) -> Result<BTreeMap<InvoiceKey, Listed>, Halt> {
        self.record.counts += 1;
        self.save().await?;
        let (mut listed, mut open) = (BTreeMap::new(), vec![(query.dates, count)]);
        while let Some((dates, count)) = open.pop() {
            let halves = dates.halves().map(|(first, second)| [(second, count / 2), (first, count / 2)]);
            let part = match halves {
                Some(halves) if count > PART_LIMIT => {
                    open.extend(halves);
                    continue;
                }
                _ => self.list_part(&Query { dates, ..query.clone() }, &mut listed).await,
            };
            match (part, halves) {
                (Ok(()), _) => {}
                (Err(Halt::Fault(problem)), Some(halves)) if problem.class() == Some(ErrorClass::TooMany) => open.extend(halves),
                (Err(halt), _) => return Err(halt),
            }
        }
        Ok(listed)
    }

    async fn list_part(&mut self, query: &Query, listed: &mut BTreeMap<InvoiceKey, Listed>) -> Result<(), Halt> {
        let request = self.list_request(query);
        let job = self.finish_job(&request).await?;
        let (services, mut cursor, mut received) = (self.services.clone(), None::<String>, 0);
        loop {
            let page = self.ask(|| services.client().job_items(&job.id, cursor.as_deref(), LONG_PAGE)).await?;
            let outcomes = self.keep(&page.items).await?;
            let direction = query.scope.direction();
            // Under the keys that the ledger has them under, or would have.
            let company = &self.record.download.order.company.tax_no;
            let of = |invoice: &Invoice| Listed::of(invoice, direction, company);
            let kept = outcomes.into_iter().zip(&page.items);
            listed.extend(kept.map(|(outcome, invoice)| (outcome.map_or_else(|| invoice.key.clone(), |outcome| outcome.key), of(invoice))));
            let is_last = leads_nowhere(&page, cursor.as_deref(), received) || listed.len() as u64 > LISTED;
            received += page.items.len() as u64;
            match page.next {
                // Pages that never end are the bureau's fault; what is known is known.
                Some(_) if is_last => break,
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        Ok(())
    }

    fn list_request(&self, query: &Query) -> JobRequest {
        let order = &self.record.download.order;
        let kind = query.kinds.first().map(|kind| kind.code().to_owned()).unwrap_or_default();
        let client_key =
            format!("{}-list-{}-{kind}-{}-{}", self.record.download.id.0, self.record.counts, query.dates.from(), query.dates.to());
        JobRequest {
            client_key,
            kind: JobKind::Collect,
            company: order.company.id.clone(),
            account: order.account.clone(),
            query: query.clone(),
        }
    }

    async fn compare(&self, filter: InvoiceFilter, mut listed: BTreeMap<InvoiceKey, Listed>) -> Result<Findings, Problem> {
        let store = self.services.store();
        let mut findings = Findings { listed: listed.len() as u64, ..Findings::default() };
        let company = filter.company.clone();
        let view = store.view(filter, Sort::default()).await?;
        for ids in view.ids.chunks(ROWS) {
            for row in store.rows(ids) {
                if let Some(finding) = of_row(&row, company.as_ref(), listed.remove(&row.key)) {
                    findings.add(finding);
                }
            }
        }
        for (key, one) in listed {
            let matter = if store.get(&key).await?.is_some() { Matter::Elsewhere } else { Matter::OnlyBureau };
            let [_, _, gross] = one.amounts;
            findings.add(Finding { key, issued_on: one.issued_on, party: one.party, gross, matter });
        }
        findings.invoices.sort_by(|one, other| (&one.matter, one.issued_on, &one.key).cmp(&(&other.matter, other.issued_on, &other.key)));
        Ok(findings)
    }
}

impl Findings {
    fn add(&mut self, finding: Finding) {
        if self.invoices.len() < TOLD {
            self.invoices.push(finding);
        } else {
            self.more += 1;
        }
    }
}

impl Listed {
    fn of(invoice: &Invoice, direction: Direction, company: &TaxNumber) -> Self {
        // What the buyer issued (收购) stands in its list of issued ones.
        let is_sale = direction == Direction::Issued && invoice.buyer.tax_no != *company;
        let party = if is_sale { &invoice.buyer } else { &invoice.seller };
        Self { issued_on: invoice.issued_on(), party: party.name.clone(), amounts: [invoice.net, invoice.tax, invoice.gross] }
    }
}

/// What is the matter with a row of the ledger; none when the bureau lists the same.
fn of_row(row: &Row, company: Option<&TaxNumber>, listed: Option<Listed>) -> Option<Finding> {
    let matter = match listed {
        None => Matter::OnlyLedger { by_bureau: row.by_bureau },
        Some(listed) if listed.amounts == [row.net, row.tax, row.gross] => return None,
        Some(Listed { amounts: [_, _, bureau], .. }) => Matter::Amounts { bureau },
    };
    let party = if row.side_of(company) == Some(Direction::Issued) { &row.buyer } else { &row.seller };
    Some(Finding { key: row.key.clone(), issued_on: row.issued_at.date(), party: party.name.clone(), gross: row.gross, matter })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use std::sync::Arc;

    use jiff::civil::date;
    use piaoxia_domain::{Kind, Status};
    use piaoxia_store::{Formats, PartyLabel};

    use super::*;

    fn row(gross: i64) -> Row {
        let party = |name: &str| Arc::new(PartyLabel { name: name.into(), tax_no: TaxNumber::from_document("91310115MA1K35JX4G") });
        Row {
            id: 0,
            key: "26312000000123456789".parse().unwrap(),
            kind: Kind::from_code("82"),
            direction: Some(Direction::Received),
            both_sides: false,
            issued_at: date(2026, 10, 8).at(9, 30, 0, 0),
            seller: party("卖方公司"),
            buyer: party("买方公司"),
            net: Money::from_fen(gross - 100),
            tax: Money::from_fen(100),
            gross: Money::from_fen(gross),
            status: Status::Normal,
            deduction: None,
            originals: Formats::default(),
            by_bureau: false,
            is_claimed: false,
        }
    }

    fn listed(gross: i64) -> Listed {
        let amounts = [Money::from_fen(gross - 100), Money::from_fen(100), Money::from_fen(gross)];
        Listed { issued_on: date(2026, 10, 8), party: "卖方公司".into(), amounts }
    }

    #[test]
    fn a_row_is_the_matter_when_the_bureau_lists_another_or_none() {
        assert_eq!(of_row(&row(11_300), None, Some(listed(11_300))), None);
        let alone = of_row(&row(11_300), None, None).unwrap();
        assert_eq!(
            (alone.party.as_str(), alone.issued_on, alone.matter),
            ("卖方公司", date(2026, 10, 8), Matter::OnlyLedger { by_bureau: false })
        );
        let other = of_row(&row(11_300), None, Some(listed(11_301))).unwrap();
        assert_eq!((other.gross, other.matter), (Money::from_fen(11_300), Matter::Amounts { bureau: Money::from_fen(11_301) }));
    }

    #[test]
    fn of_many_only_some_are_told() {
        let mut findings = Findings::default();
        for _ in 0..TOLD + 7 {
            findings.add(of_row(&row(11_300), None, None).unwrap());
        }
        assert_eq!((findings.invoices.len(), findings.more), (TOLD, 7));
        let kept: Findings = serde_json::from_str(&serde_json::to_string(&findings).unwrap()).unwrap();
        assert_eq!(kept, findings);
    }
}
