//! Statistics (统计) in words, for the window, the command line and the workbook alike: tables, charts, and what stands behind
//! each figure of them.

mod behind;
mod chart;
mod deduction;
mod table;

pub use behind::{Narrow, narrow_text};
pub use chart::{Chart, ChartBar, chart};
pub use deduction::{deducted, deduction_table};
pub use table::{ColumnOf, StatColumn, StatRow, StatTable, table, value_text};

use piaoxia_domain::{Direction, Rate};
use piaoxia_store::Side;

use super::Text;

/// How many parties of each direction are named.
pub const TOP_PARTIES: usize = 20;

/// By what figures are broken down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Breakdown {
    /// 按月: month, direction and kind.
    #[default]
    Month,
    /// 按税率: month, direction and rate.
    Rate,
    /// 对方.
    Party,
    /// 进销对比: output and input of each month.
    Balance,
}

impl Breakdown {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Month, Self::Rate, Self::Party, Self::Balance];

    /// Its name.
    #[must_use]
    pub fn name(self, text: &Text) -> &str {
        let words = &text.stats;
        match self {
            Self::Month => &words.tab_month,
            Self::Rate => &words.tab_rate,
            Self::Party => &words.tab_party,
            Self::Balance => &words.tab_balance,
        }
    }

    /// What a reader has to know of it, in one line.
    #[must_use]
    pub fn note(self, text: &Text) -> &str {
        let words = &text.stats;
        match self {
            Self::Month => &words.note_month,
            Self::Rate => &words.note_rate,
            Self::Party => &words.note_party,
            Self::Balance => &words.note_balance,
        }
    }
}

/// A direction, or that it is not known.
#[must_use]
pub fn side_text(text: &Text, side: Side) -> &str {
    match side {
        Some(Direction::Issued) => &text.ledger.issued,
        Some(Direction::Received) => &text.ledger.received,
        None => &text.stats.side_unknown,
    }
}

/// A rate as the table shows it.
#[must_use]
pub fn rate_text(text: &Text, rate: &Rate) -> String {
    match rate {
        Rate::Unstated => text.stats.rate_unstated.clone(),
        Rate::NoLines => text.stats.rate_no_lines.clone(),
        Rate::Remainder => text.stats.rate_remainder.clone(),
        other => other.word(),
    }
}
