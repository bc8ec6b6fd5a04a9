//! The seam to tax bureaus: a new one is one module that implements [`Connector`].

mod platform;
pub mod sim;

pub use platform::{Disk, DiskGrant, Platform};

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use piaoxia_domain::account::{Identity, LoginMode, Rights, Session};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, InvoiceKey, Scope};
use piaoxia_service::contract::{
    Budget, ChallengeKind, Company, DemoAccount, FaultRequest, LoginForm, Notice, Page, Query, SandboxMessage, SummaryRow,
};

use crate::failure::{Answer, Failure};

/// Most companies that a search gives.
pub const SEARCH_LIMIT: usize = 20;

/// What a connector's call gives in the end.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = Answer<T>> + Send + 'a>>;

/// A bureau, or a service in front of it.
///
/// Tokens of the bureau never leave the gateway. Every call may answer `bureau.sessionLost` once the token is over.
pub trait Connector: Send + Sync + 'static {
    /// Name for [`piaoxia_service::contract::Upstream::service`].
    fn service(&self) -> &'static str;

    /// Companies that an activation code of this gateway may bring.
    fn companies(&self) -> Vec<Company>;

    /// Companies of the register whose name or tax number holds the text, in the register's order: at most
    /// [`SEARCH_LIMIT`], none for a text of less than two characters. A connector without a register finds none.
    fn search<'a>(&'a self, _text: &'a str) -> Task<'a, Vec<Company>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// The companies that can be applied for together (数电升级): the company itself, then its branches (分支机构).
    ///
    /// Not found for a company that is not in the register.
    fn under<'a>(&'a self, company: &'a str) -> Task<'a, Vec<Company>> {
        Box::pin(async move { self.company(company).map(|found| vec![found]).ok_or_else(|| Failure::not_found("company")) })
    }

    /// The company with this id: any of the register, whether or not an activation code may bring it.
    fn company(&self, id: &str) -> Option<Company> {
        self.companies().into_iter().find(|company| company.id == id)
    }

    /// The fields that the region's bureau asks for, with the company's own filled in.
    fn login_form<'a>(&'a self, company: &'a Company, region: &'a str) -> Task<'a, LoginForm>;

    /// Begins to sign in. An open challenge of the same account ends.
    fn begin<'a>(&'a self, company: &'a Company, login: &'a Login) -> Task<'a, Step>;

    /// Answers a challenge. A wrong answer with tries left is a [`Step::Challenge`] with `rejected`.
    fn answer<'a>(&'a self, challenge: &'a str, value: &'a str) -> Task<'a, Step>;

    /// Asks whether a phone has answered.
    fn poll<'a>(&'a self, challenge: &'a str) -> Task<'a, Step>;

    /// Asks for the code again, another picture or a fresh QR.
    fn resend<'a>(&'a self, challenge: &'a str) -> Task<'a, Step>;

    /// Gives a challenge up; one that is over is no error.
    fn cancel<'a>(&'a self, challenge: &'a str) -> Task<'a, ()>;

    /// Ends a session at the bureau.
    fn sign_out<'a>(&'a self, token: &'a str) -> Task<'a, ()>;

    /// State of an account at the bureau, given the token that the gateway holds.
    fn session_state(&self, upstream: &str, token: Option<&str>) -> Session;

    /// Scarce tries of an account, by its id at the bureau.
    fn budget<'a>(&'a self, upstream: &'a str) -> Task<'a, Budget>;

    /// Counts and sums of any range.
    fn summary<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Vec<SummaryRow>>;

    /// Starts to collect; the bureau's limits are checked and one call is spent.
    fn start_collect<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Collection>;

    /// A page of a collection.
    fn page<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query, cursor: Option<&'a str>) -> Task<'a, Page>;

    /// Ends a collection that is fetched or given up.
    fn end_collect<'a>(&'a self, collection: &'a str) -> Task<'a, ()>;

    /// The originals that the bureau has of an invoice: format and file name. Empty for an unknown invoice.
    fn originals<'a>(&'a self, company: &'a Company, token: &'a str, key: &'a InvoiceKey) -> Task<'a, Vec<(Format, String)>>;

    /// Bytes of an original that [`Connector::originals`] named.
    fn original<'a>(&'a self, company: &'a Company, key: &'a InvoiceKey, format: Format) -> Task<'a, Vec<u8>>;

    /// Notices of outages and maintenance.
    fn notices(&self) -> Task<'_, Vec<Notice>>;

    /// 增值税发票综合服务平台, for companies with a tax disk; none where there is no way to it.
    fn platform(&self) -> Option<&dyn Platform> {
        None
    }

    /// The simulated world's own controls; none for a real bureau.
    fn sandbox(&self) -> Option<&dyn SandboxControls> {
        None
    }
}

/// The phone, the mail box and the weather of a simulated bureau.
pub trait SandboxControls: Send + Sync {
    /// Messages to phones, the newest last.
    fn messages(&self) -> Vec<SandboxMessage>;

    /// What the picture of a challenge shows.
    fn captcha(&self, challenge: &str) -> Option<String>;

    /// A phone app scans the QR with this text and agrees, or sees the right face.
    ///
    /// # Errors
    /// `challenge.gone`.
    fn scan(&self, text: &str) -> Answer<()>;

    /// Somebody signs in elsewhere with this account.
    fn kick(&self, upstream: &str);

    /// Shows a fault of the bureau itself; false for one that is the gateway's to show.
    fn fault(&self, request: &FaultRequest) -> bool;

    /// Counts and sums straight from the books.
    fn truth<'a>(&'a self, company: &'a Company, scope: Scope, dates: DateRange) -> Task<'a, Vec<SummaryRow>>;

    /// Accounts that a newcomer may add.
    fn demo_accounts(&self) -> Vec<DemoAccount>;
}

/// What an account signs in with.
pub struct Login {
    /// Values by the form's keys, the password among them.
    pub fields: BTreeMap<String, String>,
    /// 身份类型.
    pub identity: Identity,
    /// 登录类型.
    pub mode: LoginMode,
}

/// Where a sign-in at the bureau stands.
pub enum Step {
    /// A person must answer.
    Challenge(Asked),
    /// Signed in.
    In(Grant),
}

/// A challenge as the connector reports it.
pub struct Asked {
    /// Id at the bureau.
    pub id: String,
    /// Account id at the bureau: one live challenge an account.
    pub upstream: String,
    /// Login name, masked.
    pub login_name: String,
    /// What is asked.
    pub kind: ChallengeKind,
    /// End, UTC.
    pub expires_at: Timestamp,
    /// Tries left.
    pub attempts_left: u32,
    /// The last answer was wrong.
    pub rejected: bool,
}

/// A session at the bureau.
pub struct Grant {
    /// Token for the connector's further calls.
    pub token: String,
    /// Account id at the bureau.
    pub upstream: String,
    /// Login name, masked.
    pub login_name: String,
    /// 姓名.
    pub person: String,
    /// Identity that it was signed in with.
    pub identity: Identity,
    /// What the account may do.
    pub rights: Rights,
}

/// A collection or an application that the bureau works on.
pub struct Collection {
    /// Id.
    pub id: String,
    /// When its pages can be fetched, UTC.
    pub ready_at: Timestamp,
}
