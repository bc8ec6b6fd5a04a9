//! 核验文件.

use std::path::PathBuf;

use piaoxia_engine::problem::What;
use piaoxia_engine::{Command, Event};

use crate::loadable::Loadable;
use crate::state::State;

impl State {
    pub(super) fn on_documents(&mut self, event: Event) -> Vec<Command> {
        if let Event::FilesProved(result) = event
            && self.documents.open
            // Of files that were picked before: these were ended.
            && !result.as_ref().is_err_and(|problem| problem.what == What::Cancelled)
        {
            self.documents.found.answer(result);
        }
        Vec::new()
    }

    /// Closes 核验文件; what is still being read is given up.
    pub fn close_documents(&mut self) -> Vec<Command> {
        self.documents.open = false;
        let unfinished = self.documents.found.is_loading();
        self.documents.found = Loadable::default();
        if unfinished { vec![Command::StopProving] } else { Vec::new() }
    }

    /// Reads and proves files that were picked; nothing is imported.
    pub fn prove_picked(&mut self, paths: Vec<PathBuf>) -> Vec<Command> {
        if paths.is_empty() {
            return Vec::new();
        }
        self.documents.open = true;
        self.documents.found = Loadable::default();
        self.documents.found.ask();
        vec![Command::ProveFiles(paths)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_engine::Problem;
    use piaoxia_engine::proof::FilesProof;

    #[test]
    fn an_answer_after_the_dialog_was_closed_is_dropped() {
        let mut state = State::default();
        assert!(state.prove_picked(Vec::new()).is_empty() && !state.documents.open);
        assert_eq!(state.prove_picked(vec!["a.ofd".into()]).len(), 1);
        assert!(matches!(state.close_documents()[..], [Command::StopProving]));
        state.apply(Event::FilesProved(Ok(FilesProof::default())));
        assert!(state.documents.found.value().is_none());
        state.prove_picked(vec!["a.ofd".into()]);
        state.apply(Event::FilesProved(Err(Problem::cancelled())));
        assert!(state.documents.found.is_loading(), "the end of files that were picked before");
        state.apply(Event::FilesProved(Ok(FilesProof::default())));
        assert!(state.documents.found.value().is_some());
        assert!(state.close_documents().is_empty() && !state.documents.open);
    }
}
