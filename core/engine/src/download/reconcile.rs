//! What the ledger holds of a query, against what the bureau counts (对账).

use std::collections::BTreeMap;

use jiff::civil::Date;
use piaoxia_domain::{Behind, DateRange, Deduction, Direction, InvoiceFilter, Kind, Scope, Totals};
use piaoxia_service::contract::SummaryRow;
use piaoxia_store::{Sort, Store};

use super::{Difference, DownloadOrder};
use crate::problem::Problem;

/// Rows of the ledger that are looked at in one go.
const ROWS: usize = 1_000;

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
        direction: (query.scope == Scope::Deductible).then_some(Direction::Received),
        statuses: query.statuses.clone(),
        deductions,
        behind: Behind { list: (query.scope != Scope::Deductible).then_some(query.scope.direction()), ..Behind::default() },
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
    let mut differences = Vec::new();
    for ((month, kind), (bureau, ledger)) in differing {
        let difference = Difference { kind, month, bureau, ledger, findings: None };
        // A voucher of somebody else, which no list of the bureau has, is no difference, unless it was asked for or the bureau told of it.
        let foreign = order.query.kinds.is_empty() && !is_of_bureau(&difference.kind) && difference.bureau.invoices == 0;
        if !foreign || told(store, order, &difference).await?.invoices > 0 {
            differences.push(difference);
        }
    }
    Ok(differences)
}

/// Those of the differences that are open: the bureau counts other invoices than it has told of. Of the rest the ledger holds all that the
/// bureau counts, and beside it invoices that are known from documents alone. The bureau need not be asked for these again, and they keep
/// no download from being complete; they are shown all the same.
pub(super) async fn open(store: &Store, order: &DownloadOrder, differences: Vec<Difference>) -> Result<Vec<Difference>, Problem> {
    let mut open = Vec::new();
    for difference in differences {
        if told(store, order, &difference).await? != difference.bureau {
            open.push(difference);
        }
    }
    Ok(open)
}

/// Invoices of a difference that the ledger has from the bureau itself.
async fn told(store: &Store, order: &DownloadOrder, difference: &Difference) -> Result<Totals, Problem> {
    let mut told = Totals::default();
    let month = DateRange::new(difference.month, difference.month.last_of_month());
    let Some(dates) = month.and_then(|month| month.intersect(&order.query.dates)) else { return Ok(told) };
    let filter = InvoiceFilter { dates: Some(dates), kinds: vec![difference.kind.clone()], ..filter_of(order) };
    let view = store.view(filter, Sort::default()).await?;
    for row in view.ids.chunks(ROWS).flat_map(|ids| store.rows(ids)).filter(|row| row.by_bureau) {
        told.merge(&Totals { invoices: 1, net: row.net, tax: row.tax, gross: row.gross });
    }
    Ok(told)
}

/// True for a kind of the bureau, whose codes have two digits. What other authorities give out (财政电子票据) has a name in its place.
fn is_of_bureau(kind: &Kind) -> bool {
    matches!(kind.code().as_bytes(), [first, second] if first.is_ascii_digit() && second.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vouchers_of_other_authorities_are_told_from_kinds_of_the_bureau() {
        assert!(Kind::all().all(|kind| is_of_bureau(&kind)));
        // One that the table does not know yet.
        assert!(is_of_bureau(&Kind::from_code("99")));
        assert!(!["", "财政电子票据", "8208", "票据"].iter().any(|code| is_of_bureau(&Kind::from_code(code))));
    }
}
