//! Imports.

use std::path::PathBuf;

use piaoxia_engine::{Command, Event, Problem, ReportOrder};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::text::{Text, fill, thousands};

impl State {
    pub(super) fn on_import(&mut self, event: Event) -> Vec<Command> {
        let (id, result) = match event {
            Event::Imported { id, result } => (id, result),
            Event::ReportSaved(result) => return self.on_report_saved(result),
            _ => return Vec::new(),
        };
        self.export.tasks.remove(&id);
        match result {
            Ok(report) if report.refused.is_empty() && report.unreadable.is_empty() => {
                let words = &Text::current().import;
                let values = [("new", &*thousands(report.new)), ("known", &*thousands(report.known))];
                self.notices.push(Notice::new(Level::Done, fill(&words.done, &values)));
                Vec::new()
            }
            Ok(report) => {
                self.import.report = Some(report);
                Vec::new()
            }
            Err(problem) => self.notify_problem(problem),
        }
    }

    fn on_report_saved(&mut self, result: Result<PathBuf, Problem>) -> Vec<Command> {
        match result {
            Ok(path) => {
                let file = path.display().to_string();
                self.notices.push(Notice::new(Level::Done, fill(&Text::current().import.saved, &[("file", &file)])));
                Vec::new()
            }
            Err(problem) => self.notify_problem(problem),
        }
    }

    /// Where the open report goes.
    pub fn report_target_picked(&mut self, target: Option<PathBuf>) -> Vec<Command> {
        let order = target.zip(self.import.report.clone()).map(|(path, report)| ReportOrder { path, report, words: Text::current() });
        order.map(|order| Command::SaveImportReport(Box::new(order))).into_iter().collect()
    }

    /// Takes files that were picked or dropped. Before activation there is no ledger to put them in.
    pub fn import_picked(&mut self, paths: Vec<PathBuf>) -> Vec<Command> {
        if paths.is_empty() || self.session.person().is_none() { Vec::new() } else { vec![Command::Import(paths)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_engine::TaskId;
    use piaoxia_engine::event::{ImportReport, RefusedFile};

    #[test]
    fn refused_files_open_the_report() {
        let mut state = State::default();
        let clean = ImportReport { new: 2, known: 1, ..ImportReport::default() };
        state.apply(Event::Imported { id: TaskId(1), result: Ok(clean) });
        assert!(state.import.report.is_none());
        assert_eq!(state.notices.unread(), 1);
        let refused = RefusedFile { file: "a.xml".into(), reason: piaoxia_documents::Refused::Empty };
        state.apply(Event::Imported { id: TaskId(2), result: Ok(ImportReport { refused: vec![refused], ..ImportReport::default() }) });
        assert!(state.import.report.is_some());
        assert!(state.report_target_picked(None).is_empty());
        let commands = state.report_target_picked(Some("报告.xlsx".into()));
        assert!(matches!(commands.as_slice(), [Command::SaveImportReport(order)] if order.report.refused.len() == 1));
        let told = state.notices.unread();
        state.apply(Event::ReportSaved(Ok("报告.xlsx".into())));
        assert_eq!(state.notices.unread(), told + 1);
    }
}
