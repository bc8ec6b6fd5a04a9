//! The seam to 增值税发票综合服务平台, where companies sign in by a tax disk (税盘).

use jiff::Timestamp;
use piaoxia_service::contract::{Company, DiskSignIn, Page, PlatformLimits, Query, SummaryRow};

use super::{Collection, Task};

/// The platform, or a service in front of it. Whose disk it is has been proved before it is asked.
///
/// Its tokens never leave the gateway. Every call with a token may answer `bureau.sessionLost` once the token is over.
pub trait Platform: Send + Sync {
    /// Certificates (DER) of authorities whose disks are let in beside those that the operator trusts: of a simulated world alone.
    fn roots(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// Lets a disk of a company in; `disk.digital` when the company has moved to 数电. A session of the same disk ends. The passwords of
    /// the request are compared (`platform.passwordWrong` and its relatives), and never kept.
    fn sign_in<'a>(&'a self, company: &'a Company, disk: &'a Disk, request: &'a DiskSignIn) -> Task<'a, DiskGrant>;

    /// Ends a session.
    fn sign_out<'a>(&'a self, token: &'a str) -> Task<'a, ()>;

    /// How many applications it still takes.
    fn limits<'a>(&'a self, company: &'a Company) -> Task<'a, PlatformLimits>;

    /// Counts and sums of any range.
    fn summary<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Vec<SummaryRow>>;

    /// Applies for a package (下载申请), which may take days; `platform.tooSoon`, `platform.quota`. What was applied for already and is
    /// there or on its way is not applied for again.
    fn apply<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Collection>;

    /// A page of a package that is ready.
    fn package<'a>(
        &'a self,
        company: &'a Company,
        token: &'a str,
        application: &'a str,
        query: &'a Query,
        cursor: Option<&'a str>,
    ) -> Task<'a, Page>;
}

/// A disk, as the program names it.
pub struct Disk {
    /// 设备编号.
    pub serial: String,
    /// 设备类型.
    pub kind: String,
}

/// A session at the platform.
pub struct DiskGrant {
    /// Token for the further calls.
    pub token: String,
    /// End, UTC.
    pub until: Timestamp,
}
