//! Scenes of the data folder: backups, a stick that goes away.

use std::path::PathBuf;

use piaoxia::state::State;
use piaoxia::state::away::Folder;
use piaoxia_engine::problem::{FileFault, StoreFault, What};
use piaoxia_engine::{Away, BackupNote, BackupView, FoundBackup, Problem};

use super::pages::settings;

fn note(at: &str, invoices: u64) -> BackupNote {
    BackupNote { at: at.parse().unwrap(), invoices, generation: 1, damaged: 0, of: PathBuf::from("E:\\票匣\\Data") }
}

fn with_folder() -> State {
    let mut state = settings();
    state.backup.view.folder = Some("C:\\Users\\li\\AppData\\Local\\Piaoxia-State\\backups\\5f".into());
    state
}

pub fn backup_on() -> State {
    let mut state = with_folder();
    state.backup.view =
        BackupView { on: true, last: Some(BackupNote { damaged: 2, ..note("2026-11-20T10:05:00Z", 12_345) }), ..state.backup.view };
    state
}

pub fn backup_running() -> State {
    let mut state = backup_on();
    state.backup.view.running = Some((8_320, 30_155));
    state
}

/// An empty ledger on a PC that has backups of a stick that is lost, and a disk that was too full for the last try.
pub fn backup_found() -> State {
    let mut state = with_folder();
    state.ledger.invoices = 0;
    let folder = PathBuf::from("C:\\backups\\1");
    let old = BackupNote {
        of: "F:\\上海华盟供应链管理有限公司代账资料（二〇二六年度）\\票匣便携版\\Data".into(),
        ..note("2026-10-31T09:00:00Z", 8_001)
    };
    state.backup.view.others =
        vec![FoundBackup { folder: folder.clone(), note: note("2026-11-20T10:05:00Z", 12_345) }, FoundBackup { folder, note: old }];
    let full = What::File { fault: FileFault::DiskFull, path: "C:\\Users\\li\\AppData\\Local\\Piaoxia-State\\backups\\5f".into() };
    state.backup.view.problem = Some(Problem::new(full, ""));
    state
}

pub fn backup_off_question() -> State {
    let mut state = backup_on();
    state.backup.asking_off = true;
    state
}

fn away(away: Away) -> State {
    State { folder: Folder::Away(away), data: "E:\\票匣\\Data".into(), ..State::default() }
}

pub fn away_let_go() -> State {
    away(Away::LetGo)
}

pub fn away_pulled() -> State {
    away(Away::Pulled)
}

pub fn away_refused() -> State {
    away(Away::Refused(Problem::new(What::Store(StoreFault::InUse), "").about("F:\\票匣\\Data")))
}

pub fn away_restoring() -> State {
    away(Away::Restoring { done: 8_320, total: 30_155 })
}

pub fn let_go_question() -> State {
    let mut state = settings();
    state.folder = Folder::Asking;
    state
}
