//! Imports.

use std::path::PathBuf;

use piaoxia_engine::{Command, Event, Problem, ReportOrder};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::text::{Text, fill, notes_text, thousands};

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
                let notes = notes_text(Text::current(), &report);
                self.notices.push(Notice::new(Level::Done, fill(&words.done, &values)).detail(notes));
                Vec::new()
            }
            // One that is read, and perhaps not saved yet, is not taken away.
            Ok(report) if self.import.report.is_some() => {
                self.import.queued.push_back(report);
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

    /// Where the report goes that was to be saved; it may be closed by now.
    pub fn report_target_picked(&mut self, target: Option<PathBuf>) -> Vec<Command> {
        let order = target.zip(self.import.saving.take()).map(|(path, report)| ReportOrder { path, report, words: Text::current() });
        order.map(|order| Command::SaveImportReport(Box::new(order))).into_iter().collect()
    }

    /// Closes the report; the next one takes its place.
    pub fn close_report(&mut self) {
        self.import.report = self.import.queued.pop_front();
    }

    /// Takes files that were picked or dropped, unless the window is locked or nobody is signed in: that is said.
    pub fn import_picked(&mut self, paths: Vec<PathBuf>) -> Vec<Command> {
        if paths.is_empty() {
            return Vec::new();
        }
        if self.may_import() {
            return vec![Command::Import(paths)];
        }
        let words = &Text::current().import;
        let why = if self.vault.is_shut() { &words.not_now_locked } else { &words.not_now_signed_out };
        self.notices.push(Notice::new(Level::Warning, &words.not_now).detail(why));
        Vec::new()
    }

    /// Whether files would be imported now.
    #[must_use]
    pub fn may_import(&self) -> bool {
        !self.vault.is_shut() && self.session.person().is_some() && !self.folder.is_away()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_documents::Warning;
    use piaoxia_engine::TaskId;
    use piaoxia_engine::event::{FileNote, ImportReport, RefusedFile};

    #[test]
    fn refused_files_open_the_report() {
        let mut state = State::default();
        let clean = ImportReport { new: 2, known: 1, ..ImportReport::default() };
        state.apply(Event::Imported { id: TaskId(1), result: Ok(clean) });
        assert!(state.import.report.is_none());
        assert_eq!(state.notices.unread(), 1);
        // The bureau's own workbooks have sheets that are not read: told, and no reason for a report.
        let note = Warning::SheetsLeftOut { names: vec!["机动车".into()], count: 1 };
        let noted = ImportReport { notes: vec![FileNote { file: "全量.xlsx".into(), note }], note_count: 1, ..ImportReport::default() };
        state.apply(Event::Imported { id: TaskId(3), result: Ok(noted) });
        assert!(state.import.report.is_none());
        assert!(state.notices.history().next().is_some_and(|told| told.detail.contains("全量.xlsx") && told.detail.contains("机动车")));
        let refused = RefusedFile { file: "a.xml".into(), reason: piaoxia_documents::Refused::Empty };
        let report = ImportReport { refused: vec![refused.clone()], ..ImportReport::default() };
        state.apply(Event::Imported { id: TaskId(2), result: Ok(report) });
        assert!(state.import.report.is_some());
        // One of another import waits until this one is closed.
        let more = ImportReport { refused: vec![refused; 2], ..ImportReport::default() };
        state.apply(Event::Imported { id: TaskId(4), result: Ok(more) });
        assert!(state.report_target_picked(None).is_empty());
        state.import.saving = state.import.report.clone();
        let commands = state.report_target_picked(Some("报告.xlsx".into()));
        assert!(matches!(commands.as_slice(), [Command::SaveImportReport(order)] if order.report.refused.len() == 1));
        let told = state.notices.unread();
        state.apply(Event::ReportSaved(Ok("报告.xlsx".into())));
        assert_eq!(state.notices.unread(), told + 1);
        state.close_report();
        assert!(state.import.report.as_ref().is_some_and(|report| report.refused.len() == 2));
        state.close_report();
        assert!(state.import.report.is_none());
    }

    #[test]
    fn files_that_fall_onto_a_locked_window_or_before_the_sign_in_are_refused_and_that_is_said() {
        let mut state = State::default();
        let drop_file = |state: &mut State| (state.import_picked(vec!["a.xml".into()]).len(), state.notices.unread());
        assert_eq!(drop_file(&mut state), (0, 1), "nobody is signed in");
        let person = piaoxia_service::contract::PersonInfo { id: "p".into(), name: "王会计".into() };
        state.apply(Event::SignedIn { person, activated: true, sandbox: true });
        assert_eq!(drop_file(&mut state), (1, 1));
        state.vault.view = piaoxia_engine::VaultView { exists: true, passphrase: true, ..Default::default() };
        assert!(state.vault.is_shut());
        assert_eq!(drop_file(&mut state), (0, 2));
        assert!(state.import_picked(Vec::new()).is_empty() && state.notices.unread() == 2, "a dialog that was cancelled");
    }
}
