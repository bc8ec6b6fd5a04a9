//! The export dialog and running exports.

use std::collections::{BTreeMap, BTreeSet};

use piaoxia_engine::event::TaskKind;
use piaoxia_engine::templates::{Template, TemplateColumn, TemplateLines};
use piaoxia_engine::{ExportKind, PrintOrder, Problem, Selection, TaskId};
use piaoxia_export::{Column, Encoding, LineColumn};

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
    /// Chosen columns, left to right; those that this version does not know stay where they are.
    pub columns: Vec<TemplateColumn>,
    /// Name of the sheet; empty: the program's own.
    pub sheet: String,
    /// How the text of a CSV file is kept.
    pub encoding: Encoding,
    /// A second sheet with the goods lines.
    pub lines_sheet: bool,
    /// How that sheet looks, where a template says so.
    pub lines: TemplateLines,
    /// 命名规则.
    pub pattern: String,
    /// How a print looks.
    pub print: PrintOrder,
    /// Templates that the user keeps, by name.
    pub templates: Vec<Template>,
    /// The template in use, and what is done with it.
    pub template: TemplateBar,
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

/// What is done with templates in the dialog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateBar {
    /// The one that was picked; what it says may have been changed since.
    pub picked: Option<Template>,
    /// A name is being typed.
    pub naming: bool,
    /// As typed so far.
    pub name: String,
    /// Whether to forget it is being asked.
    pub deleting: bool,
    /// The columns are being arranged.
    pub arranging: bool,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            dialog: None,
            columns: Column::DEFAULT.into_iter().map(column).collect(),
            sheet: String::new(),
            encoding: Encoding::default(),
            lines_sheet: false,
            lines: TemplateLines::default(),
            pattern: piaoxia_domain::names::DEFAULT_PATTERN.to_owned(),
            print: PrintOrder { footer: true, ..PrintOrder::default() },
            templates: Vec::new(),
            template: TemplateBar::default(),
            names_seq: 0,
            names_asked: None,
            names: Vec::new(),
            names_problem: None,
            tasks: BTreeMap::new(),
        }
    }
}

fn column(column: Column) -> TemplateColumn {
    TemplateColumn { id: column.id().to_owned(), heading: String::new() }
}

impl Exports {
    /// The chosen columns as the preference keeps them.
    #[must_use]
    pub fn columns_text(&self) -> String {
        self.columns.iter().map(|column| column.id.as_str()).collect::<Vec<_>>().join(",")
    }

    /// Takes the columns of the preference; names that are not known are left out.
    pub fn restore_columns(&mut self, text: &str) {
        let wanted: Vec<TemplateColumn> = text.split(',').filter_map(Column::from_id).map(column).collect();
        if !wanted.is_empty() {
            self.columns = wanted;
        }
    }

    /// The chosen columns by their places in [`Column::ALL`].
    #[must_use]
    pub fn chosen(&self) -> BTreeSet<usize> {
        let is_chosen = |known: Column| self.columns.iter().any(|column| column.id == known.id());
        Column::ALL.into_iter().enumerate().filter(|(_, column)| is_chosen(*column)).map(|(index, _)| index).collect()
    }

    /// Takes the choice of columns; what was chosen before keeps its place and its heading, what is new comes behind the
    /// one before it in [`Column::ALL`].
    pub fn choose(&mut self, wanted: &BTreeSet<usize>) {
        let place = |id: &str| Column::ALL.iter().position(|known| known.id() == id);
        self.columns.retain(|column| place(&column.id).is_none_or(|index| wanted.contains(&index)));
        for index in wanted {
            let Some(new) = Column::ALL.get(*index).filter(|known| self.columns.iter().all(|column| column.id != known.id())) else {
                continue;
            };
            let before = |(at, chosen): (usize, &TemplateColumn)| Some((place(&chosen.id).filter(|other| other < index)?, at));
            let at = self.columns.iter().enumerate().filter_map(before).max().map_or(0, |(_, at)| at + 1);
            self.columns.insert(at, column(*new));
        }
    }

    /// Moves a column before its left neighbour.
    pub fn move_left(&mut self, index: usize) {
        if let Some(before) = index.checked_sub(1).filter(|_| index < self.columns.len()) {
            self.columns.swap(before, index);
        }
    }

    /// Columns that this version does not know.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let of_table = self.columns.iter().map(|column| column.id.as_str()).filter(|id| Column::from_id(id).is_none());
        let of_lines = self.lines.columns.iter().map(|column| column.id.as_str()).filter(|id| LineColumn::from_id(id).is_none());
        of_table.chain(of_lines.filter(|_| self.lines_sheet))
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
