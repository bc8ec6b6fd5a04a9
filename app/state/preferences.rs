//! What the window remembers from start to start, kept in the ledger by these names.

use piaoxia_engine::Command;

use super::State;

/// 30 天免登录: `yes` or `no`.
pub const KEEP_SIGNED_IN: &str = "keep_signed_in";
/// Whether downloads fetch originals: `yes` or `no`.
pub const ORIGINALS: &str = "originals";
/// Minutes without use after which the vault is locked.
pub const LOCK_AFTER: &str = "lock_after";
/// Columns of the ledger.
pub const LEDGER_COLUMNS: &str = "ledger_columns";
/// How the ledger is grouped.
pub const LEDGER_GROUP: &str = "ledger_group";
/// 报销人 of the last 报销登记.
pub const CLAIMED_BY: &str = "claimed_by";
/// Folder of the last export.
pub const EXPORT_FOLDER: &str = "export_folder";
/// Template of the last export.
pub const TEMPLATE: &str = "template";
/// Columns of the last export without a template.
pub const COLUMNS: &str = "columns";
/// Columns of its sheet of lines.
pub const LINE_COLUMNS: &str = "line_columns";
/// Naming pattern of the last export without a template.
pub const PATTERN: &str = "pattern";

impl State {
    /// A preference, if it was ever set.
    #[must_use]
    pub fn preference(&self, name: &str) -> Option<&str> {
        self.preferences.get(name).map(String::as_str)
    }

    /// Remembers a preference, here and by the command in the ledger.
    pub fn prefer(&mut self, name: &str, value: String) -> Command {
        self.preferences.insert(name.to_owned(), value.clone());
        Command::SavePreference { name: name.to_owned(), value }
    }
}
