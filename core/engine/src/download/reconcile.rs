//! What the ledger holds of a query, against what the bureau counts (对账).

use std::collections::BTreeMap;

use jiff::civil::Date;
use piaoxia_domain::{Deduction, InvoiceFilter, Kind, Scope, Totals};
use piaoxia_service::contract::SummaryRow;
use piaoxia_store::Store;

use super::{Difference, DownloadOrder};
use crate::problem::Problem;

/// The part of the ledger that a query asks the bureau for.
pub(crate) fn filter_of(order: &DownloadOrder) -> InvoiceFilter {
    let query = &order.query;
    // It lists what can be deducted, and says of each how far it is: red and void ones, which 发票查询统计 brought, are none of these.
    let deductions = match query.scope {
        Scope::Deductible if query.deductions.is_empty() => Deduction::ALL.to_vec(),
        _ => query.deductions.clone(),
    };
    let kinds = match query.scope {
        // The page 发票勾选确认 shows no other kinds.
        Scope::Deductible if query.kinds.is_empty() => Kind::all().filter(Kind::is_deductible).collect(),
        _ => query.kinds.clone(),
    };
    InvoiceFilter {
        company: Some(order.company.tax_no.clone()),
        dates: Some(query.dates),
        kinds,
        direction: Some(query.scope.direction()),
        statuses: query.statuses.clone(),
        deductions,
        ..InvoiceFilter::default()
    }
}

/// Where ledger and bureau disagree, by month and kind.
pub(crate) async fn differences(store: &Store, order: &DownloadOrder, expected: &[SummaryRow]) -> Result<Vec<Difference>, Problem> {
    let mut both: BTreeMap<(Date, Kind), (Totals, Totals)> = BTreeMap::new();
    for row in expected {
        both.entry((row.month, row.kind.clone())).or_default().0.merge(&row.totals);
    }
    for held in store.totals_by(filter_of(order)).await? {
        both.entry((held.month, held.kind)).or_default().1.merge(&held.totals);
    }
    let differing = both.into_iter().filter(|(_, (bureau, ledger))| bureau != ledger);
    Ok(differing.map(|((month, kind), (bureau, ledger))| Difference { kind, month, bureau, ledger, findings: None }).collect())
}
