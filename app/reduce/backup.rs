//! 本机备份.

use piaoxia_engine::{BackupWish, Command, Event, FolderWish};

use crate::state::State;
use crate::state::away::Folder;

impl State {
    pub(super) fn on_backup(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Backup(view) => self.backup.view = *view,
            // The view tells of one that could not be written; this is all else.
            Event::BackupProblem(problem) if self.backup.view.problem.as_ref() != Some(&problem) => return self.notify_problem(problem),
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
