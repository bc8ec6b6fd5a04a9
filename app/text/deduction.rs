//! Uses of an invoice's input tax, in words.

use piaoxia_engine::deduction::Used;

use super::DeductionWords;

/// What became of the input tax.
#[must_use]
pub fn deduction_use(words: &DeductionWords, used: Used) -> &str {
    match used {
        Used::Deduct => &words.use_deduct,
        Used::NotDeduct => &words.use_not_deduct,
        Used::Refund => &words.use_refund,
        Used::Other => &words.use_other,
        Used::Undated => &words.use_undated,
        Used::Open => &words.use_open,
    }
}
