//! 本机备份.

use piaoxia_engine::{BackupWish, Command, Event, FolderWish};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::away::Folder;
use crate::text::{Text, fill, thousands};

impl State {
    pub(super) fn on_backup(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Backup(view) => self.backup.view = *view,
            // The view tells of one that could not be written; this is all else.
            Event::BackupProblem(problem) if self.backup.view.problem.as_ref() != Some(&problem) => return self.notify_problem(problem),
            // That the rest is there is told by the ledger that was built anew from it.
            Event::Restored(lacking) if lacking > 0 => {
                let line = fill(&Text::current().backup.lacking, &[("n", &thousands(lacking))]);
                self.notices.push(Notice::new(Level::Error, line));
            }
            _ => {}
        }
        Vec::new()
    }

    /// 停止备份, answered.
    pub fn turn_backup_off(&mut self) -> Command {
        self.backup.asking_off = false;
        Command::Backup(BackupWish::TurnOff(std::mem::take(&mut self.backup.remove)))
    }

    /// 恢复, answered.
    pub fn restore_backup(&mut self) -> Option<Command> {
        let backup = self.backup.asking_restore.take()?;
        self.folder = Folder::Closing;
        Some(Command::Folder(FolderWish::Restore(backup)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_tells_of_originals_that_the_backup_lacks() {
        let mut state = State::default();
        state.apply(Event::Restored(0));
        assert_eq!(state.notices.unread(), 0);
        state.apply(Event::Restored(12));
        assert!(state.notices.history().any(|notice| notice.level == Level::Error && notice.title.contains("12")));
    }
}
