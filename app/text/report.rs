//! The report of an import, in words.

use piaoxia_documents::{Refused, Words};
use piaoxia_engine::event::ImportReport;
use piaoxia_engine::import::ReportWords;
use piaoxia_engine::problem::FileFault;

use super::Text;

impl ReportWords for Text {
    fn sheet(&self) -> String {
        self.import.report_sheet.clone()
    }

    fn headings(&self) -> [String; 3] {
        [&self.import.report_result, &self.import.report_name, &self.import.report_reason].map(Clone::clone)
    }

    fn counts(&self, report: &ImportReport) -> Vec<(String, u64)> {
        let words = &self.import;
        let refused = (report.refused.len() + report.unreadable.len()) as u64;
        vec![
            (words.report_new.clone(), report.new),
            (words.report_known.clone(), report.known),
            (words.report_second.clone(), report.second_originals),
            (words.report_refused_count.clone(), refused),
        ]
    }

    fn refused(&self) -> String {
        self.import.report_refused.clone()
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
}
