//! 逐张核对 in words: which invoices make a difference, for the window, the clipboard and a workbook.

use piaoxia_engine::{Difference, Finding, Findings, Matter};
use piaoxia_export::{ShownTable, Value};

use super::{Text, fill, thousands};

impl Text {
    /// The difference in a few words, and as the name of a sheet.
    #[must_use]
    pub fn difference_name(&self, difference: &Difference) -> String {
        let month = difference.month.strftime("%Y-%m").to_string();
        fill(&self.differences.title, &[("month", &month), ("kind", self.kind_short(&difference.kind))])
    }

    /// What the comparison of the lists came to.
    #[must_use]
    pub fn findings_line(&self, findings: &Findings) -> String {
        let (words, listed) = (&self.differences, thousands(findings.listed));
        if findings.invoices.is_empty() {
            return fill(&words.none, &[("n", &listed)]);
        }
        let number = findings.invoices.len() as u64 + findings.more;
        fill(&words.some, &[("n", &thousands(number)), ("listed", &listed)])
    }

    /// What is the matter with an invoice.
    #[must_use]
    pub fn matter(&self, matter: &Matter) -> String {
        let words = &self.differences;
        match matter {
            Matter::OnlyLedger { by_bureau: true } => words.only_ledger.clone(),
            Matter::OnlyLedger { by_bureau: false } => words.only_document.clone(),
            Matter::Elsewhere => words.elsewhere.clone(),
            Matter::OnlyBureau => words.only_bureau.clone(),
            Matter::Amounts { bureau } => fill(&words.amounts, &[("bureau", &bureau.grouped())]),
        }
    }

    /// Headings of the list.
    #[must_use]
    pub fn finding_headings(&self) -> [&str; 5] {
        let words = &self.ledger;
        [&words.col_number, &words.col_date, &words.col_counterparty, &words.col_gross, &self.differences.matter]
    }

    /// The list for the clipboard, cells divided by tabs.
    #[must_use]
    pub fn findings_lines(&self, findings: &Findings) -> String {
        let line = |one: &Finding| {
            [one.key.number().to_owned(), one.issued_on.to_string(), one.party.clone(), one.gross.to_string(), self.matter(&one.matter)]
                .map(|cell| cell.replace(['\t', '\n', '\r'], " "))
                .join("\t")
        };
        let mut text = self.finding_headings().join("\t");
        for one in &findings.invoices {
            text.push('\n');
            text.push_str(&line(one));
        }
        text
    }

    /// The list for a workbook.
    #[must_use]
    pub fn findings_table(&self, difference: &Difference, findings: &Findings) -> ShownTable {
        const WIDTHS: [u32; 5] = [24, 12, 32, 16, 44];
        let row = |one: &Finding| {
            vec![
                Value::Code(one.key.number().to_owned()),
                Value::Text(one.issued_on.to_string()),
                Value::Text(one.party.clone()),
                Value::Amount(one.gross),
                Value::Text(self.matter(&one.matter)),
            ]
        };
        ShownTable {
            sheet: self.difference_name(difference),
            columns: self.finding_headings().into_iter().map(str::to_owned).zip(WIDTHS).collect(),
            rows: findings.invoices.iter().map(row).collect(),
            total: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use jiff::civil::date;
    use piaoxia_domain::{Kind, Money, Totals};

    use super::*;

    #[test]
    fn every_matter_has_its_words_and_a_name_makes_no_cell_of_its_own() {
        let text = Text::zh_cn();
        let matters = [
            Matter::OnlyLedger { by_bureau: true },
            Matter::OnlyLedger { by_bureau: false },
            Matter::Elsewhere,
            Matter::OnlyBureau,
            Matter::Amounts { bureau: Money::from_fen(11_300) },
        ];
        let one = |matter| Finding {
            key: "26312000000123456789".parse().unwrap(),
            issued_on: date(2026, 10, 8),
            party: "甲\t公司".into(),
            gross: Money::from_fen(10_000),
            matter,
        };
        let findings = Findings { listed: 7, invoices: matters.into_iter().map(one).collect(), more: 0 };
        let lines = text.findings_lines(&findings);
        assert_eq!(lines.lines().count(), 6);
        assert!(lines.lines().all(|line| line.split('\t').count() == 5), "{lines}");
        let words: std::collections::BTreeSet<&str> = lines.lines().filter_map(|line| line.rsplit('\t').next()).collect();
        assert_eq!(words.len(), 6, "{words:?}");
        let difference = Difference {
            kind: Kind::from_code("82"),
            month: date(2026, 10, 1),
            bureau: Totals::default(),
            ledger: Totals::default(),
            findings: None,
        };
        assert_eq!(text.findings_table(&difference, &findings).rows.len(), 5);
        assert_ne!(text.findings_line(&findings), text.findings_line(&Findings::default()));
    }
}
