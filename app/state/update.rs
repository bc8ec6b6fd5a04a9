//! Updates of the program.

use piaoxia_engine::update::{Checked, Status};
use piaoxia_engine::{Problem, UpdateSource};

/// Where updates stand.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// Where this installation stands, once that is known.
    pub status: Option<Status>,
    /// Why that is not known.
    pub no_status: Option<Problem>,
    /// What is going on.
    pub work: Work,
    /// What the last check or download came to.
    pub found: Option<Result<Checked, Problem>>,
    /// Where that was found.
    pub source: UpdateSource,
    /// 回到上一个版本 was pressed and waits for the answer.
    pub asking_back: bool,
    /// The window closes so that another version can start.
    pub restart: bool,
}

/// What is going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// Nothing.
    #[default]
    Idle,
    /// 检查更新.
    Checking,
    /// A download.
    Downloading {
        /// Bytes there.
        done: u64,
        /// Of so many; 0 while unknown.
        total: u64,
    },
    /// Another version is put in its place.
    Restarting,
}
