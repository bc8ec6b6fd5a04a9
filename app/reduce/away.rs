//! The data folder goes away and comes back.

use piaoxia_engine::{Away, Command, FolderWish};

use crate::state::State;
use crate::state::away::Folder;

/// Seconds that a question takes to be read.
const READ: f64 = 1.0;

impl State {
    /// Nothing that came from the engine holds any more; the window begins anew when the folder is back.
    pub(super) fn on_away(&mut self, away: Away) -> Vec<Command> {
        let before = std::mem::take(self);
        *self = Self {
            clock: before.clock,
            today: before.today,
            notices: before.notices,
            data: before.data,
            program_is_with_data: before.program_is_with_data,
            service: before.service,
            hosted: before.hosted,
            language: before.language,
            language_is_named: before.language_is_named,
            look: before.look,
            folder: Folder::Away(away),
            file_dialog: before.file_dialog,
            ..Self::default()
        };
        Vec::new()
    }

    /// 安全移除. Asks first when something is at work.
    pub fn let_go(&mut self) -> Option<Command> {
        let working = !self.export.tasks.is_empty() || self.download.all.iter().any(|download| download.state.is_active());
        if working && self.folder != Folder::Asking {
            self.folder = Folder::Asking;
            return None;
        }
        self.folder = Folder::Closing;
        Some(Command::Folder(FolderWish::LetGo))
    }

    /// The window is to be closed. False when it stays: what would be lost is asked about first. Asked again, but not by the second press of
    /// a double click, it closes.
    pub fn may_close(&mut self) -> bool {
        let insists = self.asking_quit.is_some_and(|since| self.clock - since >= READ);
        // Where the folder is closed or restored, what runs was asked about before.
        let may = self.quitting || insists || self.folder.is_away() || !self.would_lose_work();
        self.asking_quit = (!may).then(|| self.asking_quit.unwrap_or(self.clock));
        may
    }

    /// 继续使用: the stick stays where it is.
    pub fn take_back(&mut self) -> Command {
        self.folder = Folder::Opening;
        Command::Folder(FolderWish::TakeBack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Screen, Session};
    use piaoxia_engine::Event;
    use piaoxia_engine::event::TaskKind;

    #[test]
    fn letting_go_asks_while_something_is_at_work() {
        let mut state = State::default();
        assert!(matches!(state.let_go(), Some(Command::Folder(FolderWish::LetGo))));
        assert!(state.folder.is_away());
        let mut state = State::default();
        state.apply(Event::TaskProgress { id: piaoxia_engine::TaskId(1), kind: TaskKind::Export, done: 1, total: 2 });
        assert!(state.let_go().is_none() && state.folder == Folder::Asking);
        assert!(state.let_go().is_some());
    }

    #[test]
    fn closing_asks_while_something_runs_that_would_be_lost() {
        let mut state = State::default();
        assert!(state.may_close(), "nothing runs");
        let download = crate::reduce::download::tests::download("1", piaoxia_engine::DownloadState::Running);
        state.apply(Event::Download(Box::new(download)));
        assert!(state.may_close(), "it goes on at the next start");
        state.apply(Event::TaskProgress { id: piaoxia_engine::TaskId(1), kind: TaskKind::Export, done: 1, total: 2 });
        assert!(!state.may_close() && state.asking_quit.is_some());
        assert!(!state.may_close(), "a double click");
        state.clock += 2.0;
        assert!(state.may_close(), "pressed again");
    }

    #[test]
    fn what_was_agreed_to_is_not_asked_again() {
        let mut state = State::default();
        state.apply(Event::TaskProgress { id: piaoxia_engine::TaskId(1), kind: TaskKind::Export, done: 1, total: 2 });
        assert!(!state.may_close());
        state.quitting = true;
        assert!(state.may_close());
        let mut state = State { folder: Folder::Closing, ..State::default() };
        state.apply(Event::TaskProgress { id: piaoxia_engine::TaskId(1), kind: TaskKind::Export, done: 1, total: 2 });
        assert!(state.may_close(), "the folder is being closed for good");
    }

    #[test]
    fn a_pulled_stick_leaves_nothing_of_the_session() {
        let mut state = State { screen: Screen::Ledger, clock: 7.0, data: "E:/Data".into(), ..State::default() };
        state.sign_in.keep_signed_in = true;
        state.ledger.invoices = 9;
        state.apply(Event::Away(Away::Pulled));
        assert_eq!((state.clock, state.ledger.invoices, &state.folder), (7.0, 0, &Folder::Away(Away::Pulled)));
        assert!(matches!(state.session, Session::Unknown) && state.screen == Screen::Starting);
    }
}
