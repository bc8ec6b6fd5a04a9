//! The simulated tax bureau (电子税务局): companies, accounts, sign-in, invoices and their originals, all fictional.
//!
//! It does no I/O and keeps no clock: every call is told what time it is. Everything follows from a seed, so that the same
//! sandbox shows the same invoices on every start; an invoice is computed from its position when it is asked for, and a
//! million of them take no memory. It is as strict as the real one: limits, locks, challenges and number formats hold.

mod bureau;
mod config;
mod dice;
mod generate;
mod limits;
pub mod login;
pub mod originals;
mod outages;
mod people;
mod platform;
mod query;
mod refusal;
pub mod regions;
mod register;
mod tax_numbers;

pub use bureau::Bureau;
pub use config::BureauConfig;
pub use limits::{Budget, COLLECT_CALLS_PER_MONTH, COLLECT_LIMIT, Export};
pub use login::{BureauSession, Challenge, ChallengeKind, HostedFailure, Message, QrApp, Relation, Step};
pub use outages::Outage;
pub use people::{AccountNo, BureauAccount, DemoAccount};
pub use platform::{
    APPLICATIONS_A_MONTH, Application, CONFIRMATION_PASSWORD, DiskSession, GivenPasswords, PASSWORD_ERRORS, PLATFORM_PASSWORD,
    PasswordDemand, PlatformPassword, SAME_MONTH_HOURS, SLOWEST_HOURS, USUAL_HOURS,
};
pub use query::{PAGE_LIMIT, Page, Query, SummaryRow};
pub use refusal::Refusal;
pub use regions::forms::{Field, FieldKind, Form};
pub use register::{Company, CompanyNo, Taxpayer};
