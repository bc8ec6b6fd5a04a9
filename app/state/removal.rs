//! What is about to be removed, and waits for the answer to its question.

use std::path::PathBuf;

use piaoxia_engine::DownloadId;

/// What is removed. What has a question of its own (accounts, the vault, claims and others) is kept with its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// 取消任务: a download can no longer go on.
    Download(DownloadId),
    /// 从列表移除: the record of an ended download with its differences.
    Record(DownloadId),
    /// 清除已结束的任务: the records of all that are done or cancelled.
    Records,
    /// The certificates of a company that are believed.
    Roots,
    /// A vendor's library of tax disks.
    Library(PathBuf),
}
