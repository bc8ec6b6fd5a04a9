//! The store: one ledger of invoices with their history and originals, and the documents of the engine, kept so that nothing
//! that was acknowledged is lost.
//!
//! Every commit goes to an append-only journal first, then to sled, then into the manifest, each synced; snapshots are made
//! as the journal grows. sled is an index: it is compared with journal and manifest at every open and built anew when it
//! does not fit. Originals are files named by their SHA-256,
//! hashed while they come ([`Draft`]). Threads own all of it; [`Store`] is a handle that asks it.
//!
//! ```text
//! Data/  LOCK  manifest  ballast.bin  rows  journal/N.jnl  snap/N.bak  originals/ab/SHA256  db/
//! ```

mod backup;
mod changes;
mod core;
mod count;
mod digest;
mod documents;
mod draft;
mod engine;
mod error;
mod journal;
mod keep;
mod ledger;
mod manifest;
mod open;
mod originals;
mod pack;
mod past;
mod probe;
mod quarantine;
mod record;
mod rows;
mod snapshot;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod thin;
mod thread;

pub use backup::{BackedUp, back_up_originals, restore_backup};
pub use digest::{Digest, DigestError};
pub use draft::{Content, Draft};
pub use error::{Result, StoreError};
pub use ledger::claims::{Claim, Claimed, KeptClaim};
pub use ledger::figures::{
    BalanceFigure, DeductionSummary, DeductionTotals, Figures, KindFigure, OthersFigure, PartyFigure, RateFigure, Side, Sums,
};
pub use ledger::types::{Attached, BATCH_INVOICES, Change, Field, Incoming, NewOriginal, Original, Outcome, Source, What};
pub use ledger::view::{Formats, Group, GroupBy, GroupKey, KindMonth, PartyLabel, Row, RowSums, Sort, SortKey, View};
pub use open::{OpenOptions, OpenReport, ReadOnlyReason, RebuildReason};
pub use store::{Opened, Store};
pub use thread::wait;
