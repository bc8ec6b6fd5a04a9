//! The simulated platform of tax disks.

use jiff::Timestamp;
use piaoxia_bureau::{APPLICATIONS_A_MONTH, GivenPasswords, PAGE_LIMIT, SAME_MONTH_HOURS, SLOWEST_HOURS, USUAL_HOURS};
use piaoxia_domain::period::shanghai_day;
use piaoxia_service::contract::{Company, DiskSignIn, Page, PlatformLimits, Query, SummaryRow};
use piaoxia_taxdisk::sim::Authority;

use super::refusal::refused;
use super::{SimConnector, asked_of, now, row};
use crate::connectors::{Collection, Disk, DiskGrant, Platform, Task};

impl Platform for SimConnector {
    fn roots(&self) -> Vec<Vec<u8>> {
        match Authority::new(self.bureau.config().seed) {
            Ok(authority) => vec![authority.root_certificate().to_vec()],
            Err(error) => {
                tracing::warn!(%error, "the sandbox has no authority of tax disks");
                Vec::new()
            }
        }
    }

    fn sign_in<'a>(&'a self, company: &'a Company, disk: &'a Disk, request: &'a DiskSignIn) -> Task<'a, DiskGrant> {
        Box::pin(async move {
            let given =
                GivenPasswords { platform: request.platform_password.as_deref(), confirmation: request.confirmation_password.as_deref() };
            let session = self.bureau.sign_in_disk(self.number(company)?, &disk.serial, given, now()).map_err(refused)?;
            Ok(DiskGrant { token: session.token, until: session.until })
        })
    }

    fn sign_out<'a>(&'a self, token: &'a str) -> Task<'a, ()> {
        self.bureau.sign_out_disk(token);
        Box::pin(async { Ok(()) })
    }

    fn limits<'a>(&'a self, company: &'a Company) -> Task<'a, PlatformLimits> {
        Box::pin(async move {
            Ok(PlatformLimits {
                current_month_left: self.bureau.applications_left(self.number(company)?, now()),
                current_month_most: APPLICATIONS_A_MONTH,
                same_month_hours: SAME_MONTH_HOURS,
                usual_hours: USUAL_HOURS,
                slowest_hours: SLOWEST_HOURS,
            })
        })
    }

    fn summary<'a>(&'a self, _company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Vec<SummaryRow>> {
        Box::pin(async move {
            let (now, query): (Timestamp, _) = (now(), asked_of(query));
            let no = self.bureau.disk_session(token, now).map_err(refused)?.company;
            self.heavy(move |bureau| Ok(bureau.summary(no, &query, shanghai_day(now)).into_iter().map(row).collect())).await
        })
    }

    fn apply<'a>(&'a self, _company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Collection> {
        Box::pin(async move {
            let application = self.bureau.apply(token, &asked_of(query), now()).map_err(refused)?;
            Ok(Collection { id: application.id, ready_at: application.ready_at })
        })
    }

    fn package<'a>(
        &'a self,
        _company: &'a Company,
        token: &'a str,
        application: &'a str,
        query: &'a Query,
        cursor: Option<&'a str>,
    ) -> Task<'a, Page> {
        Box::pin(async move {
            let (token, application, query, cursor) =
                (token.to_owned(), application.to_owned(), asked_of(query), cursor.map(str::to_owned));
            let page = self
                .heavy(move |bureau| bureau.package(&token, &application, &query, cursor.as_deref(), PAGE_LIMIT, now()).map_err(refused))
                .await?;
            Ok(Page { items: page.items, next: page.next, total: page.total })
        })
    }
}
