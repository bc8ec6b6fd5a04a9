//! Columns of the ledger: which, in what order, how wide. Kept as the preference `ledger_columns`, `date,number:180,gross`.

use piaoxia_store::SortKey;

use crate::text::Language;

/// A column of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerColumn {
    /// 开票日期.
    Date,
    /// 票种.
    Kind,
    /// 发票代码.
    Code,
    /// 发票号码.
    Number,
    /// 方向.
    Direction,
    /// 对方名称.
    Counterparty,
    /// 对方税号.
    CounterpartyTaxNo,
    /// 本方名称.
    Own,
    /// 金额.
    Net,
    /// 税额.
    Tax,
    /// 价税合计.
    Gross,
    /// 状态.
    Status,
    /// 抵扣.
    Deduction,
    /// 原件.
    Originals,
}

impl LedgerColumn {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 14] = [
        Self::Date,
        Self::Kind,
        Self::Code,
        Self::Number,
        Self::Direction,
        Self::Counterparty,
        Self::CounterpartyTaxNo,
        Self::Own,
        Self::Net,
        Self::Tax,
        Self::Gross,
        Self::Status,
        Self::Deduction,
        Self::Originals,
    ];

    /// Shown until the user chooses. English words are wider: one column less leaves room for the other party's name.
    fn is_usual(self, language: Language) -> bool {
        match self {
            Self::Code | Self::CounterpartyTaxNo | Self::Own => false,
            Self::Originals => language == Language::ZhCn,
            _ => true,
        }
    }

    /// Stable name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Kind => "kind",
            Self::Code => "code",
            Self::Number => "number",
            Self::Direction => "direction",
            Self::Counterparty => "counterparty",
            Self::CounterpartyTaxNo => "counterpartyTaxNo",
            Self::Own => "own",
            Self::Net => "net",
            Self::Tax => "tax",
            Self::Gross => "gross",
            Self::Status => "status",
            Self::Deduction => "deduction",
            Self::Originals => "originals",
        }
    }

    /// What a press on its head sorts by.
    #[must_use]
    pub fn sort(self) -> Option<SortKey> {
        match self {
            Self::Date => Some(SortKey::Date),
            Self::Kind => Some(SortKey::Kind),
            Self::Number => Some(SortKey::Number),
            Self::Direction => Some(SortKey::Direction),
            Self::Counterparty => Some(SortKey::Counterparty),
            Self::Net => Some(SortKey::Net),
            Self::Tax => Some(SortKey::Tax),
            Self::Gross => Some(SortKey::Gross),
            Self::Status => Some(SortKey::Status),
            Self::Deduction => Some(SortKey::Deduction),
            Self::Originals => Some(SortKey::Originals),
            Self::Code | Self::CounterpartyTaxNo | Self::Own => None,
        }
    }
}

/// The columns that are shown, left to right, with the widths that were dragged, points.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerColumns(pub Vec<(LedgerColumn, Option<f32>)>);

impl Default for LedgerColumns {
    fn default() -> Self {
        Self::usual(Language::default())
    }
}

impl LedgerColumns {
    /// Those that are shown until the user chooses.
    #[must_use]
    pub fn usual(language: Language) -> Self {
        Self(LedgerColumn::ALL.into_iter().filter(|column| column.is_usual(language)).map(|column| (column, None)).collect())
    }

    /// As the preference keeps it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let one = |(column, width): &(LedgerColumn, Option<f32>)| match width {
            Some(width) => format!("{}:{width:.0}", column.id()),
            None => column.id().to_owned(),
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(",")
    }

    /// Back from the preference. What this version does not know is left out; nothing that is left gives the usual columns.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let mut columns = Vec::new();
        for part in text.split(',') {
            let (id, width) = part.split_once(':').map_or((part, None), |(id, width)| (id, width.parse::<f32>().ok()));
            let known = LedgerColumn::ALL.into_iter().find(|column| column.id() == id.trim());
            let width = width.filter(|width| width.is_finite() && (20.0..=2_000.0).contains(width));
            if let Some(column) = known.filter(|column| columns.iter().all(|(other, _)| other != column)) {
                columns.push((column, width));
            }
        }
        if columns.is_empty() { Self::default() } else { Self(columns) }
    }

    /// True for a column that is shown.
    #[must_use]
    pub fn shows(&self, column: LedgerColumn) -> bool {
        self.0.iter().any(|(shown, _)| *shown == column)
    }

    /// Shows a column at the right end, or no longer; the last one stays.
    pub fn toggle(&mut self, column: LedgerColumn) {
        if !self.shows(column) {
            self.0.push((column, None));
        } else if self.0.len() > 1 {
            self.0.retain(|(shown, _)| *shown != column);
        }
    }

    /// One place to the left.
    pub fn move_left(&mut self, index: usize) {
        if index > 0 && index < self.0.len() {
            self.0.swap(index - 1, index);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn columns_are_kept_as_they_are_and_odd_texts_give_the_usual_ones() {
        let mut columns = LedgerColumns::default();
        columns.toggle(LedgerColumn::Code);
        columns.toggle(LedgerColumn::Tax);
        columns.move_left(10);
        columns.0.first_mut().unwrap().1 = Some(123.4);
        let again = LedgerColumns::from_text(&columns.to_text());
        assert_eq!(again.to_text(), columns.to_text());
        assert!(columns.to_text().starts_with("date:123,") && !again.shows(LedgerColumn::Tax) && again.shows(LedgerColumn::Code));
        assert_eq!(LedgerColumns::from_text("date,date,later:9,number:NaN,net:99999").to_text(), "date,number,net");
        assert_eq!(LedgerColumns::from_text(""), LedgerColumns::default());
        let mut one = LedgerColumns::from_text("gross");
        one.toggle(LedgerColumn::Gross);
        assert_eq!(one.to_text(), "gross");
    }
}
