//! 增值税发票综合服务平台: what a company that still has a tax disk (税盘) asks for its invoices.
//!
//! ```text
//! disk signed in ─► session, 12 hours ─► application (下载申请) ─► waits ─► package of one month, any number of invoices
//! ```
//! An application is for a page, a month or a part of it, and kinds. Its package shows the invoices as they were on the day it was
//! applied for. A company that has moved to 数电 is not let in: 90500.

mod applications;
mod passwords;
mod sessions;

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use piaoxia_domain::period::shanghai_day;

use crate::bureau::Bureau;
use crate::limits::check_range;
use crate::query::{Page, Query};
use crate::refusal::Refusal;
use crate::register::CompanyNo;

use applications::Applications;
pub use applications::{APPLICATIONS_A_MONTH, Application, SAME_MONTH_HOURS, SLOWEST_HOURS, USUAL_HOURS, application_duration};
use passwords::Passwords;
pub use passwords::{CONFIRMATION_PASSWORD, GivenPasswords, PASSWORD_ERRORS, PLATFORM_PASSWORD, PasswordDemand, PlatformPassword};
pub use sessions::DiskSession;
use sessions::Sessions;

/// Who is in, and what was applied for.
pub(crate) struct Platform {
    sessions: Mutex<Sessions>,
    applications: Mutex<Applications>,
    passwords: Mutex<Passwords>,
}

impl Platform {
    pub(crate) fn new(seed: u64) -> Self {
        Self { sessions: Mutex::new(Sessions::new(seed)), applications: Mutex::default(), passwords: Mutex::default() }
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn passwords(&self) -> MutexGuard<'_, Passwords> {
        self.passwords.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn applications(&self) -> MutexGuard<'_, Applications> {
        self.applications.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 增值税发票综合服务平台.
impl Bureau {
    /// Lets a company's disk in whose owner has been proved. A session of the same disk ends.
    ///
    /// # Errors
    /// [`Refusal::UnknownCompany`], [`Refusal::Maintenance`], [`Refusal::Digital`]; of the passwords [`Refusal::PlatformPassword`],
    /// [`Refusal::PasswordLocked`], [`Refusal::PasswordNeeded`], [`Refusal::PasswordCancelled`], [`Refusal::PasswordNotAllowed`].
    pub fn sign_in_disk(
        &self,
        company: CompanyNo,
        serial: &str,
        passwords: GivenPasswords<'_>,
        now: Timestamp,
    ) -> Result<DiskSession, Refusal> {
        let company = self.company(company).ok_or(Refusal::UnknownCompany)?;
        self.check_open(company.region, now)?;
        if !company.uses_disk() {
            return Err(Refusal::Digital);
        }
        self.platform.passwords().check(company.no, passwords, now)?;
        Ok(self.platform.sessions().open(company.no, serial, now))
    }

    /// The next `times` sign-ins of disks meet a demand of the platform.
    pub fn demand_platform_password(&self, times: u32, demand: PasswordDemand) {
        self.platform.passwords().demand(times, demand);
    }

    /// The disk was pulled out, or signs out.
    pub fn sign_out_disk(&self, token: &str) {
        self.platform.sessions().close(token);
    }

    /// The session of a token, while the region's bureau is open.
    ///
    /// # Errors
    /// [`Refusal::SessionLost`], [`Refusal::Maintenance`].
    pub fn disk_session(&self, token: &str, now: Timestamp) -> Result<DiskSession, Refusal> {
        let session = self.platform.sessions().find(token, now).ok_or(Refusal::SessionLost)?;
        let company = self.company(session.company).ok_or(Refusal::UnknownCompany)?;
        self.check_open(company.region, now)?;
        Ok(session)
    }

    /// Applications for the current month that a company has left, of the kind with the fewest.
    #[must_use]
    pub fn applications_left(&self, company: CompanyNo, now: Timestamp) -> u32 {
        self.platform.applications().left(company, now)
    }

    /// Applies for the invoices of a query. One that asks for no more than an application of the last 24 hours, or one that is still
    /// being worked on, gives that one.
    ///
    /// # Errors
    /// Those of [`Bureau::disk_session`], then [`Refusal::RangeTooLarge`], [`Refusal::RangeInFuture`], [`Refusal::TooSoon`],
    /// [`Refusal::ApplicationQuota`].
    pub fn apply(&self, token: &str, query: &Query, now: Timestamp) -> Result<Application, Refusal> {
        let session = self.disk_session(token, now)?;
        check_range(query.dates, shanghai_day(now))?;
        let takes = application_duration(query, shanghai_day(now), self.config().pace);
        self.platform.applications().apply(session.company, query, takes, now)
    }

    /// A page of an application's package: what `query` asks of it, as of the day of the application.
    ///
    /// # Errors
    /// Those of [`Bureau::disk_session`], then [`Refusal::ApplicationGone`], [`Refusal::Busy`] before it is ready,
    /// [`Refusal::BadCursor`].
    pub fn package(
        &self,
        token: &str,
        application: &str,
        query: &Query,
        cursor: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, Refusal> {
        let session = self.disk_session(token, now)?;
        let application = self.platform.applications().find(session.company, application, query).ok_or(Refusal::ApplicationGone)?;
        if application.ready_at > now {
            return Err(Refusal::Busy { until: application.ready_at });
        }
        self.page(session.company, query, shanghai_day(application.applied_at), cursor, limit)
    }
}
