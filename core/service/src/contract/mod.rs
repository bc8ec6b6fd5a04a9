//! Requests and answers of the service, version 1. JSON, camelCase; amounts are text with two decimals, days are
//! `yyyy-MM-dd`, moments are UTC.
//!
//! Shaped after what the tax-invoice services of the field have in common: every long task is a job that is polled, any
//! step can be interrupted by a challenge that needs a person, and every error has a class that says what to do next.

mod account;
mod binding;
mod company;
mod disk;
mod error;
mod files;
mod job;
mod notice;
mod sandbox;
mod session;

pub use account::{
    AccountRequest, AccountsAnswer, Answer, Challenge, ChallengeKind, ChallengeOption, DefaultRequest, FieldKind, FormField, LoginForm,
    LoginRequest, LoginStep, QrChoice,
};
pub use binding::{BindState, BindTicket};
pub use company::{ActivationRequest, ActivationResult, Company, Entitlement, TaxpayerKind};
pub use disk::{DiskChallenge, DiskSession, DiskSignIn, PlatformLimits};
pub use error::{ApiError, ErrorClass, Upstream, code};
pub use files::{FileRef, FilesRequest};
pub use job::{Job, JobKind, JobRequest, JobState, Page, Query, SummaryRow};
pub use notice::{Budget, Notice, NoticeKind};
pub use sandbox::{
    BindAnswer, CodeCondition, CodeRequest, DemoAccount, Fault, FaultRequest, IssuedCode, MessageBy, SandboxMessage, SandboxPhone,
    SandboxSize,
};
pub use session::{Device, LoginTicket, PersonInfo, PollRequest, RefreshRequest, Session, TicketRequest, TicketState, WhoAmI};

/// Header that carries the secret of an embedded gateway, known to this process alone.
pub const SECRET_HEADER: &str = "x-piaoxia-secret";
/// Header by which a gateway says that it is one, so that a captive portal's page is never taken for data.
pub const PROTOCOL_HEADER: &str = "x-piaoxia-protocol";
/// Value of [`PROTOCOL_HEADER`].
pub const PROTOCOL: &str = "1";
/// Header with the id of a request, shown with every error.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
