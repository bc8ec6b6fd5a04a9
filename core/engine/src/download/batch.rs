//! Several companies in one go (批量下载): what would be asked, and what it costs, before anything is.

use jiff::civil::Date;
use piaoxia_domain::{DateRange, Scope, Totals};
use piaoxia_service::contract::Query;
use serde::{Deserialize, Serialize};

use super::marks::{Mark, since_last};
use super::refresh::looks;
use super::{CompanyRef, DownloadOrder, Extent, reconcile};
use crate::problem::Problem;
use crate::services::Services;

/// Which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Span {
    /// 只下载新的: each company from where it was taken in to.
    SinceLast,
    /// What is new of these.
    NewOf(DateRange),
    /// These, all of them.
    Days(DateRange),
}

/// What is wanted of which companies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchWish {
    /// Companies, in the order in which they get their turn.
    pub companies: Vec<CompanyRef>,
    /// Pages of the bureau.
    pub scopes: Vec<Scope>,
    /// Days.
    pub span: Span,
    /// Originals as well.
    pub originals: bool,
    /// 状态刷新.
    pub refresh: bool,
    /// Today in Shanghai.
    pub today: Date,
}

/// A download that would be started.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What would be asked.
    pub order: DownloadOrder,
    /// How far it is taken in; none the first time.
    pub mark: Option<Mark>,
    /// What the ledger holds of these days.
    pub held: Totals,
    /// Questions for counts and sums.
    pub counts: u64,
    /// Queries for invoices, at least and at most, as far as the calendar tells; a month of more than 5,000 takes more.
    pub queries: (u64, u64),
}

/// What would be started, in this order: the first scope of every company, then the next, so that no company waits for all of another.
pub type BatchPlan = Vec<Planned>;

/// Plans without asking the service.
///
/// # Errors
/// The ledger cannot be read.
pub async fn plan_batch(services: &Services, wish: &BatchWish) -> Result<BatchPlan, Problem> {
    let mut plan = BatchPlan::with_capacity(wish.scopes.len() * wish.companies.len());
    for scope in &wish.scopes {
        for company in &wish.companies {
            plan.push(planned(services, wish, *scope, company).await?);
        }
    }
    Ok(plan)
}

async fn planned(services: &Services, wish: &BatchWish, scope: Scope, company: &CompanyRef) -> Result<Planned, Problem> {
    let mark = Mark::load(services.store(), &company.tax_no, scope, false).await?;
    let (dates, extent) = match wish.span {
        Span::SinceLast => (since_last(mark.as_ref(), wish.originals, wish.today), Extent::New),
        Span::NewOf(days) => (days, Extent::New),
        Span::Days(days) => (days, Extent::Whole),
    };
    let query = Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
    let order = DownloadOrder {
        company: company.clone(),
        account: None,
        disk: None,
        query,
        originals: wish.originals,
        extent,
        refresh: wish.refresh,
    };
    let mut held = Totals::default();
    for row in services.store().totals_by(reconcile::filter_of(&order)).await? {
        held.merge(&row.totals);
    }
    let refreshing = if wish.refresh && mark.is_some() { looks(scope).len() as u64 } else { 0 };
    let queries = queries(&order, mark.as_ref(), refreshing);
    Ok(Planned { order, mark, held, counts: 1 + 2 * refreshing, queries })
}

/// A query a month that is not settled; those that are settled ask only when they have changed.
fn queries(order: &DownloadOrder, mark: Option<&Mark>, refreshing: u64) -> (u64, u64) {
    let months = order.query.dates.split_by_month();
    let settled = mark.filter(|_| order.extent == Extent::New).and_then(|mark| mark.settled(order.originals));
    let is_settled = |month: &&DateRange| settled.is_some_and(|days| days.intersect(month) == Some(**month));
    let open = (months.len() - months.iter().filter(is_settled).count()) as u64;
    (open, months.len() as u64 + refreshing * 12)
}
