//! What an invoice, a company and an account are, and the rules that hold for them. No I/O.
//!
//! Everything else in the workspace stands on this package: the service contract carries these types, the store keeps
//! them, the window draws them. Money is exact, long numbers are text, dates are Asia/Shanghai civil dates, and a code
//! that nobody knows is kept and shown as it came.

pub mod account;
pub mod activation;
pub mod amount_words;
pub mod filter;
pub mod invoice;
pub mod key;
pub mod kind;
pub mod money;
pub mod names;
pub mod period;
pub mod qr;
pub mod rate;
pub mod redact;
pub mod region;
pub mod status;
pub mod tax_number;
pub mod totals;
pub mod typed;
pub mod usage;

pub use account::{Account, AccountId, DefaultFor, Identity, LoginMode};
pub use filter::{Behind, Counterparties, Counterparty, InvoiceFilter, SEARCHED_LINES};
pub use invoice::{Invoice, InvoiceLine, Party};
pub use key::InvoiceKey;
pub use kind::Kind;
pub use money::Money;
pub use period::{DateRange, Month};
pub use rate::{Rate, Share};
pub use region::Region;
pub use status::{Deduction, Direction, Scope, Status};
pub use tax_number::TaxNumber;
pub use totals::Totals;
pub use usage::{Purpose, Usage, Used};
