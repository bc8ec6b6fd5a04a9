//! 逐张核对 in words: which invoices make a difference, for the window, the clipboard and a workbook.

use piaoxia_engine::{Difference, DownloadOrder, Finding, Findings, Matter};
use piaoxia_export::{ShownTable, Value};

use super::{Text, fill, thousands};

impl Text {
    /// The difference in a few words: what was asked for by the order, in which month and kind.
    #[must_use]
    pub fn difference_name(&self, order: &DownloadOrder, difference: &Difference) -> String {
        let month = difference.month.strftime("%Y-%m").to_string();
        let (scope, kind) = (self.scope(order.query.scope), self.kind_short(&difference.kind));
        fill(&self.differences.title, &[("company", &order.company.name), ("scope", scope), ("month", &month), ("kind", kind)])
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

    /// The list for the clipboard below its name, cells divided by tabs.
    #[must_use]
    pub fn findings_lines(&self, order: &DownloadOrder, difference: &Difference, findings: &Findings) -> String {
        let line = |one: &Finding| {
            [one.key.number().to_owned(), one.issued_on.to_string(), one.party.clone(), one.gross.to_string(), self.matter(&one.matter)]
                .map(|cell| cell.replace(['\t', '\n', '\r'], " "))
                .join("\t")
        };
        let mut text = format!("{}\n{}", self.difference_name(order, difference), self.finding_headings().join("\t"));
        for one in &findings.invoices {
            text.push('\n');
            text.push_str(&line(one));
        }
        text
    }

    /// The list for a workbook. Each row says whose it is, so that lists of several downloads can be joined.
    #[must_use]
    pub fn findings_table(&self, order: &DownloadOrder, difference: &Difference, findings: &Findings) -> ShownTable {
        const WIDTHS: [u32; 7] = [32, 14, 24, 12, 32, 16, 44];
        let scope = self.scope(order.query.scope);
        let row = |one: &Finding| {
            vec![
                Value::Text(order.company.name.clone()),
                Value::Text(scope.to_owned()),
                Value::Code(one.key.number().to_owned()),
                Value::Text(one.issued_on.to_string()),
                Value::Text(one.party.clone()),
                Value::Amount(one.gross),
                Value::Text(self.matter(&one.matter)),
            ]
        };
        let whose = [self.ledger.company.as_str(), &self.batch.col_scope];
        ShownTable {
            // A sheet's name has no room for that of a company.
            sheet: format!("{scope} {} {}", difference.month.strftime("%Y-%m"), self.kind_short(&difference.kind)),
            columns: whose.into_iter().chain(self.finding_headings()).map(str::to_owned).zip(WIDTHS).collect(),
            rows: findings.invoices.iter().map(row).collect(),
            total: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use jiff::civil::date;
    use piaoxia_domain::{Kind, Money, Scope, Totals};
    use piaoxia_engine::{Command, DownloadState};

    use super::*;
    use crate::reduce::download::tests::download;
    use crate::state::State;

    fn difference() -> Difference {
        Difference {
            kind: Kind::from_code("82"),
            month: date(2026, 10, 1),
            bureau: Totals::default(),
            ledger: Totals::default(),
            findings: None,
        }
    }

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
        let (order, difference) = (download("1", DownloadState::Done).order, difference());
        let lines = text.findings_lines(&order, &difference, &findings);
        let (name, lines) = lines.split_once('\n').unwrap();
        assert_eq!(name, text.difference_name(&order, &difference));
        assert_eq!(lines.lines().count(), 6);
        assert!(lines.lines().all(|line| line.split('\t').count() == 5), "{lines}");
        let words: std::collections::BTreeSet<&str> = lines.lines().filter_map(|line| line.rsplit('\t').next()).collect();
        assert_eq!(words.len(), 6, "{words:?}");
        let table = text.findings_table(&order, &difference, &findings);
        assert_eq!((table.rows.len(), table.columns.len()), (5, 7));
        assert!(table.rows.iter().all(|row| row.len() == 7 && row.first() == Some(&Value::Text("示例公司".into()))));
        assert_ne!(text.findings_line(&findings), text.findings_line(&Findings::default()));
    }

    #[test]
    fn lists_of_two_downloads_have_names_of_their_own() {
        let (text, difference) = (Text::zh_cn(), difference());
        let received = download("1", DownloadState::Done).order;
        let (mut issued, mut other) = (received.clone(), received.clone());
        issued.query.scope = Scope::Issued;
        other.company.name = "另一家公司".into();
        let names = [&received, &issued, &other].map(|order| text.difference_name(order, &difference));
        assert_eq!(names.first().map(String::as_str), Some("对账差异 示例公司 取得发票 2026-10 数电普票"));
        assert_eq!(std::collections::BTreeSet::from(names).len(), 3);
        let table = text.findings_table(&received, &difference, &Findings::default());
        assert_eq!(table.sheet, "取得发票 2026-10 数电普票");
        let mut state = State::default();
        state.stats.exporting = Some(table);
        let commands = state.table_target_picked(Some("差异.xlsx".into()));
        assert!(matches!(commands.as_slice(), [Command::SaveTable(_)]));
    }
}
