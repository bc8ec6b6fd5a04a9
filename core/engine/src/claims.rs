//! 报销登记 for the window: rows of a view become invoices, and what became of the claim is told.

use std::collections::HashSet;
use std::sync::Arc;

use piaoxia_domain::InvoiceKey;
use piaoxia_store::{Claim, Claimed, Store};

use crate::outbox::panic_problem;
use crate::problem::{Problem, What};
use crate::services::Services;

/// Rows that are looked up at once: of a large selection only the keys are held.
const ROWS: usize = 1_000;

/// The invoices of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOf {
    /// One.
    Invoice(InvoiceKey),
    /// These rows of a view, by their ids: they hold as long as the ledger is open.
    Rows(Arc<[u32]>),
    /// The same but for some of them: those that were claimed before.
    Others {
        /// All of them.
        rows: Arc<[u32]>,
        /// Of these rows, the invoices that are left out.
        but: Arc<[InvoiceKey]>,
    },
}

impl ClaimOf {
    /// How many they are.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Invoice(_) => 1,
            Self::Rows(ids) => ids.len() as u64,
            Self::Others { rows, but } => rows.len().saturating_sub(but.len()) as u64,
        }
    }
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimAnswer {
    /// So many invoices are claimed.
    Done(u64),
    /// These were claimed before; nothing was written of any.
    Before(Vec<Claimed>),
}

pub(crate) async fn claim(services: &Services, of: ClaimOf, claim: Claim, again: bool) -> Result<ClaimAnswer, Problem> {
    let keys = keys(services.store(), of).await?;
    let count = keys.len() as u64;
    let result = services.store().claim(keys, claim, again).await;
    // Views show and filter by it. Of many, a part can be written before the rest fails.
    services.touch(0);
    let before = result?;
    Ok(if before.is_empty() || again { ClaimAnswer::Done(count) } else { ClaimAnswer::Before(before) })
}

async fn keys(store: &Store, of: ClaimOf) -> Result<Vec<InvoiceKey>, Problem> {
    let (ids, but) = match of {
        ClaimOf::Invoice(key) => return Ok(vec![key]),
        ClaimOf::Rows(ids) => (ids, Arc::from([])),
        ClaimOf::Others { rows, but } => (rows, but),
    };
    let (store, wanted) = (store.clone(), ids.len());
    let look_up = move || -> Vec<InvoiceKey> { ids.chunks(ROWS).flat_map(|ids| store.rows(ids)).map(|row| row.key).collect() };
    let mut keys = tokio::task::spawn_blocking(look_up).await.map_err(|_| panic_problem())?;
    if keys.len() != wanted {
        return Err(Problem::new(What::Internal, "a selected row is not in the ledger"));
    }
    let but: HashSet<&InvoiceKey> = but.iter().collect();
    keys.retain(|key| !but.contains(key));
    Ok(keys)
}
