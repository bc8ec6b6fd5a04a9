//! 报销登记, while its dialog is open.

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::InvoiceKey;
use piaoxia_engine::{ClaimOf, Problem};
use piaoxia_store::{Claim, Claimed};

/// 报销登记 of some invoices.
#[derive(Clone, Debug)]
pub struct ClaimDialog {
    /// Which.
    pub of: ClaimOf,
    /// 报销日期.
    pub on: Date,
    /// 报销人.
    pub by: String,
    /// 说明.
    pub note: String,
    /// Those that were claimed before, once the ledger has told of them.
    pub before: Vec<Claimed>,
    /// The user wants it nevertheless.
    pub again: bool,
    /// Asked under this number, not answered yet.
    pub asked: Option<u64>,
    /// Why it was not done.
    pub problem: Option<Problem>,
}

impl ClaimDialog {
    /// True when it says enough.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.by.trim().is_empty() && (self.before.is_empty() || self.again)
    }

    /// As it is kept.
    #[must_use]
    pub fn claim(&self, now: Timestamp) -> Claim {
        Claim { on: self.on, by: self.by.trim().to_owned(), note: self.note.trim().to_owned(), at: now, withdrawn: None }
    }
}

/// 撤销登记 that waits for the answer.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// Of which invoice.
    pub key: InvoiceKey,
    /// Id of the claim.
    pub id: String,
}

/// 报销登记.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// The dialog, while open.
    pub dialog: Option<ClaimDialog>,
    /// Number of the last one that was asked for.
    pub seq: u64,
    /// 撤销登记 was pressed.
    pub withdrawing: Option<Withdrawal>,
}
