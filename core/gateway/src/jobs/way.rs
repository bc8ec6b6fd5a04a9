//! The way that a job takes to its invoices: the bureau with an e-tax account, or the platform with a tax disk.

use piaoxia_domain::AccountId;
use piaoxia_service::contract::{Company, Page, Query, SummaryRow};

use crate::app::App;
use crate::connectors::{Collection, Connector, Platform, Task};
use crate::disks;
use crate::failure::Answer;

/// The same questions to either.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// 电子税务局账号.
    Account(&'a dyn Connector),
    /// 税盘.
    Disk(&'a dyn Platform),
}

impl<'a> Way<'a> {
    /// The way of an account.
    ///
    /// # Errors
    /// `disk.notOffered`.
    pub(super) fn of(app: &'a App, account: &AccountId) -> Answer<Self> {
        if disks::is_disk(account) { app.platform().map(Self::Disk) } else { Ok(Self::Account(&*app.connector)) }
    }

    pub(super) fn summary(self, company: &'a Company, token: String, query: &'a Query) -> Task<'a, Vec<SummaryRow>> {
        Box::pin(async move {
            match self {
                Self::Account(bureau) => bureau.summary(company, &token, query).await,
                Self::Disk(platform) => platform.summary(company, &token, query).await,
            }
        })
    }

    pub(super) fn start(self, company: &'a Company, token: String, query: &'a Query) -> Task<'a, Collection> {
        Box::pin(async move {
            match self {
                Self::Account(bureau) => bureau.start_collect(company, &token, query).await,
                Self::Disk(platform) => platform.apply(company, &token, query).await,
            }
        })
    }

    pub(super) fn page(
        self,
        company: &'a Company,
        token: String,
        started: &'a Collection,
        query: &'a Query,
        cursor: Option<&'a str>,
    ) -> Task<'a, Page> {
        Box::pin(async move {
            match self {
                Self::Account(bureau) => bureau.page(company, &token, query, cursor).await,
                Self::Disk(platform) => platform.package(company, &token, &started.id, query, cursor).await,
            }
        })
    }
}
