//! What a signature leaves out.

use std::collections::BTreeSet;

use crate::finding::{Found, Outcome, Reason};
use crate::limits::NAMED;
use crate::name::shown;

/// Compares all parts with those covered. `own` are the files of the signatures themselves, which no signature can cover
/// altogether.
pub(crate) fn coverage(all: &[String], covered: &BTreeSet<String>, own: &BTreeSet<String>) -> Found {
    let left: Vec<&String> = all.iter().filter(|path| !covered.contains(*path) && !own.contains(*path)).collect();
    let is_head = |path: &str| path.trim_start_matches('/').eq_ignore_ascii_case("OFD.xml");
    let others: Vec<&String> = left.iter().copied().filter(|path| !is_head(path)).collect();
    if others.is_empty() {
        let reason = if left.is_empty() { Reason::CoversAll } else { Reason::CoversAllButHead };
        return (Outcome::Pass, reason);
    }
    let paths = others.iter().take(NAMED).map(|path| shown(path)).collect();
    // Real invoices leave out templates: what is left out is unproved, which is not the same as wrong.
    (Outcome::NotChecked, Reason::Uncovered { paths, more: others.len().saturating_sub(NAMED) })
}
