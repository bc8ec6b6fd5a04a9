//! The export dialog and running exports.

use std::collections::{BTreeMap, BTreeSet};

use piaoxia_engine::event::TaskKind;
use piaoxia_engine::{ExportKind, PrintOrder, Problem, Selection, TaskId};
use piaoxia_export::{Column, Encoding};

/// A running import or export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Which.
    pub kind: TaskKind,
    /// Done so far.
    pub done: u64,
    /// Of so many; 0 while unknown.
    pub total: u64,
}

/// The export dialog, while open, and everything that is remembered for it.
#[derive(Clone, Debug)]
pub struct Exports {
    /// The dialog.
    pub dialog: Option<ExportDialog>,
    /// Chosen columns, by their place in [`Column::ALL`].
    pub columns: BTreeSet<usize>,
    /// How the text of a CSV file is kept.
    pub encoding: Encoding,
    /// A second sheet with the goods lines.
    pub lines_sheet: bool,
    /// 命名规则.
    pub pattern: String,
    /// How a print looks.
    pub print: PrintOrder,
    /// Number of the last preview that was asked for.
    pub names_seq: u64,
    /// What it was asked with.
    pub names_asked: Option<String>,
    /// Names that the pattern gives.
    pub names: Vec<String>,
    /// Why the pattern cannot be used, and where (in characters).
    pub names_problem: Option<(usize, Problem)>,
    /// Running imports and exports.
    pub tasks: BTreeMap<TaskId, Task>,
}

impl Default for Exports {
    fn default() -> Self {
        let columns = Column::ALL.iter().enumerate().filter(|(_, column)| Column::DEFAULT.contains(column)).map(|(index, _)| index);
        Self {
            dialog: None,
            columns: columns.collect(),
            encoding: Encoding::default(),
            lines_sheet: false,
            pattern: piaoxia_domain::names::DEFAULT_PATTERN.to_owned(),
            print: PrintOrder { footer: true, ..PrintOrder::default() },
            names_seq: 0,
            names_asked: None,
            names: Vec::new(),
            names_problem: None,
            tasks: BTreeMap::new(),
        }
    }
}

impl Exports {
    /// The chosen columns as the preference keeps them.
    #[must_use]
    pub fn columns_text(&self) -> String {
        let ids: Vec<&str> = self.columns.iter().filter_map(|index| Column::ALL.get(*index)).map(|column| column.id()).collect();
        ids.join(",")
    }

    /// Takes the columns of the preference; names that are not known are left out.
    pub fn restore_columns(&mut self, text: &str) {
        let wanted: Vec<Column> = text.split(',').filter_map(Column::from_id).collect();
        if !wanted.is_empty() {
            self.columns = Column::ALL.iter().enumerate().filter(|(_, column)| wanted.contains(column)).map(|(index, _)| index).collect();
        }
    }
}

/// The export dialog.
#[derive(Clone, Debug)]
pub struct ExportDialog {
    /// What to write.
    pub kind: ExportKind,
    /// Which invoices.
    pub selection: Selection,
    /// How many these are.
    pub count: u64,
    /// Target, as typed or picked.
    pub target: String,
    /// Why the last try could not begin.
    pub problem: Option<Problem>,
}
