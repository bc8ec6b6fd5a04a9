//! 本机备份.

use std::path::PathBuf;

use piaoxia_engine::BackupView;

/// Backups on this PC, and what is asked of the user.
#[derive(Clone, Debug, Default)]
pub struct Backup {
    /// How they stand.
    pub view: BackupView,
    /// 停止备份 was pressed and waits for the answer.
    pub asking_off: bool,
    /// Of that answer: what is there is removed, too.
    pub remove: bool,
    /// 恢复 was pressed for this one and waits for the answer.
    pub asking_restore: Option<PathBuf>,
}
