//! The reports of imports and exports, in words.

use piaoxia_documents::{Refused, Warning, Words};
use piaoxia_engine::event::{ExportReport, FileNote, ImportReport};
use piaoxia_engine::import::ReportWords;
use piaoxia_engine::problem::FileFault;

use super::{Text, fill, thousands};

/// The first notes of an import, a line each: what of which workbook was not read. Empty where there are none.
#[must_use]
pub fn notes_text(text: &Text, report: &ImportReport) -> String {
    const SHOWN: usize = 3;
    let line = |noted: &FileNote| {
        let file = noted.file.rsplit(['/', '\\']).next().unwrap_or_default();
        fill(&text.import.note, &[("file", file), ("what", &text.warning(&noted.note))])
    };
    let mut lines: Vec<String> = report.notes.iter().take(SHOWN).map(line).collect();
    let more = report.note_count.saturating_sub(lines.len() as u64);
    if more > 0 {
        lines.push(fill(&text.import.note_more, &[("n", &thousands(more))]));
    }
    lines.join("\n")
}

/// Invoices with a damaged or missing original, which an export left out: how many, and the first numbers. None where all are sound.
#[must_use]
pub fn damaged_text(text: &Text, report: &ExportReport) -> Option<String> {
    const NAMED: usize = 5;
    if report.damaged_count == 0 {
        return None;
    }
    let named: Vec<&str> = report.damaged.iter().take(NAMED).map(String::as_str).collect();
    let mut numbers = named.join(&text.document.separator);
    if report.damaged_count > named.len() as u64 {
        numbers = fill(&text.export.done_damaged_some, &[("numbers", &numbers)]);
    }
    Some(fill(&text.export.done_damaged, &[("n", &thousands(report.damaged_count)), ("numbers", &numbers)]))
}

/// What stands behind a sum with voided invoices (作废) in it; nothing where there are none.
#[must_use]
pub fn voided_text(text: &Text, voided: u64) -> String {
    if voided == 0 { String::new() } else { fill(&text.ledger.sums_voided, &[("n", &thousands(voided))]) }
}

impl ReportWords for Text {
    fn sheet(&self) -> String {
        self.import.report_sheet.clone()
    }

    fn headings(&self) -> [String; 3] {
        [&self.import.report_result, &self.import.report_name, &self.import.report_reason].map(Clone::clone)
    }

    fn counts(&self, report: &ImportReport) -> Vec<(String, u64)> {
        let words = &self.import;
        vec![
            (words.report_new.clone(), report.new),
            (words.report_known.clone(), report.known),
            (words.report_second.clone(), report.second_originals),
            (words.report_refused_count.clone(), report.not_imported()),
            (words.report_partial_count.clone(), report.partial()),
            (words.report_note_count.clone(), report.note_count),
        ]
    }

    fn refused(&self) -> String {
        self.import.report_refused.clone()
    }

    fn partial(&self) -> String {
        self.import.report_partial.clone()
    }

    fn reason(&self, reason: &Refused) -> String {
        Words::refused(self, reason)
    }

    fn fault(&self, fault: FileFault) -> String {
        match fault {
            FileFault::Missing => self.cli.unreadable_missing.clone(),
            FileFault::Denied => self.cli.unreadable_denied.clone(),
            FileFault::TooMany => self.cli.unreadable_too_many.clone(),
            FileFault::TooDeep => self.cli.unreadable_too_deep.clone(),
            _ => self.cli.unreadable_other.clone(),
        }
    }

    fn noted(&self) -> String {
        self.import.report_noted.clone()
    }

    fn note(&self, note: &Warning) -> String {
        Words::warning(self, note)
    }
}

#[cfg(test)]
mod tests {
    use piaoxia_engine::event::RefusedFile;

    use super::*;

    #[test]
    fn a_file_that_gave_an_invoice_does_not_count_as_not_imported() {
        let text = Text::zh_cn();
        let refused = |reason| RefusedFile { file: "a.pdf".into(), reason };
        let amount = |fen| piaoxia_domain::Money::from_fen(fen);
        let reasons = [
            Refused::Empty,
            Refused::MoreThanKept,
            Refused::OtherInvoices { next: "26312000000123456790".into(), count: 1 },
            Refused::OtherDocuments { count: 2 },
            Refused::OtherAmount { field: piaoxia_documents::Field::Gross, ledger: amount(1), file: amount(2), kept: true },
        ];
        let report = ImportReport { new: 3, refused: reasons.map(refused).into(), ..ImportReport::default() };
        let counts = text.counts(&report);
        let counted = |what: &str| counts.iter().find(|(name, _)| name == what).map(|(_, count)| *count);
        assert_eq!(counted(&text.import.report_refused_count), Some(2));
        assert_eq!(counted(&text.import.report_partial_count), Some(3));
    }

    #[test]
    fn the_first_notes_are_told_and_the_others_counted() {
        let text = Text::zh_cn();
        let note = Warning::SheetsLeftOut { names: vec!["机动车".into(), "建筑服务".into()], count: 2 };
        let noted = FileNote { file: "D:\\票\\全量.xlsx".into(), note };
        let report = |notes: usize, count| ImportReport { notes: vec![noted.clone(); notes], note_count: count, ..ImportReport::default() };
        assert_eq!(notes_text(text, &report(0, 0)), "");
        let one = notes_text(text, &report(1, 1));
        assert!(one.starts_with("全量.xlsx：") && one.contains("机动车、建筑服务") && !one.contains(['{', '\n']), "{one}");
        let many = notes_text(text, &report(9, 1_200));
        assert!(many.lines().count() == 4 && many.contains("1,197"), "{many}");
    }

    #[test]
    fn damaged_originals_are_named_within_bounds() {
        let text = Text::zh_cn();
        assert_eq!(damaged_text(text, &ExportReport::default()), None);
        let report = |named: usize, count| ExportReport {
            damaged: (0..named).map(|number| format!("2631000000000000000{number}")).collect(),
            damaged_count: count,
            ..ExportReport::default()
        };
        let two = damaged_text(text, &report(2, 2)).unwrap_or_default();
        assert!(two.contains("26310000000000000000、26310000000000000001。") && !two.contains('{'), "{two}");
        let many = damaged_text(text, &report(9, 300)).unwrap_or_default();
        assert!(many.contains("300") && many.contains("26310000000000000004 等") && !many.contains("26310000000000000005"), "{many}");
    }
}
