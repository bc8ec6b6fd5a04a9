//! 报销登记, while its dialog is open.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::InvoiceKey;
use piaoxia_engine::{ClaimOf, Problem};
use piaoxia_store::{Claim, Claimed};

/// What becomes of invoices some of which were claimed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// 只登记其余: the others alone are claimed.
    Others,
    /// 仍然登记: all are.
    All,
}

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
    /// What the user wants of them.
    pub earlier: Option<Earlier>,
    /// Asked under this number, not answered yet.
    pub asked: Option<u64>,
    /// Why it was not done.
    pub problem: Option<Problem>,
}

impl ClaimDialog {
    /// True when it says enough.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.by.trim().is_empty() && (self.before.is_empty() || self.earlier.is_some())
    }

    /// How many were not claimed before.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.of.count().saturating_sub(self.before.len() as u64)
    }

    /// What is to be claimed, and whether also what was claimed before.
    #[must_use]
    pub fn wanted(&self) -> (ClaimOf, bool) {
        match (self.earlier, &self.of) {
            (Some(Earlier::Others), ClaimOf::Rows(rows)) => {
                let but = self.before.iter().map(|claimed| claimed.key.clone()).collect();
                (ClaimOf::Others { rows: Arc::clone(rows), but }, false)
            }
            (earlier, of) => (of.clone(), earlier == Some(Earlier::All)),
        }
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
