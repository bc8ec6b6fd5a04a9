//! The checks, one function each.

pub(crate) mod coverage;
pub(crate) mod digests;
mod earlier;
pub(crate) mod seal;
pub(crate) mod value;

use jiff::Timestamp;

use crate::finding::Period;

/// Where a time lies: before, in or after a period.
pub(crate) enum Place {
    Before(Period),
    Within(Period),
    After(Period),
}

/// Where `at` lies; none when a time is not known.
pub(crate) fn place(from: Option<Timestamp>, to: Option<Timestamp>, at: Option<Timestamp>) -> Option<Place> {
    let period = Period { from: from?, to: to?, at: at? };
    Some(if period.at < period.from {
        Place::Before(period)
    } else if period.at > period.to {
        Place::After(period)
    } else {
        Place::Within(period)
    })
}
