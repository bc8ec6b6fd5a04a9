//! The export dialog and running exports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

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
    /// The columns of this sheet are being arranged.
    pub arranging: Option<Sheet>,
}

/// A sheet of the workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// With a row an invoice; the only one of other tables.
    Invoices,
    /// 项目明细, with a row a goods line.
    Lines,
}

impl Sheet {
    /// The columns that it can have, in the order in which they are offered.
    #[must_use]
    pub fn offered(self) -> Vec<&'static str> {
        match self {
            Self::Invoices => Column::ALL.into_iter().map(Column::id).collect(),
            Self::Lines => LineColumn::all().map(LineColumn::id).collect(),
        }
    }
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            dialog: None,
            columns: Column::DEFAULT.into_iter().map(|column| of_id(column.id())).collect(),
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

fn of_id(id: &str) -> TemplateColumn {
    TemplateColumn { id: id.to_owned(), heading: String::new() }
}

impl Exports {
    /// The same without the dialog. What runs goes on.
    #[must_use]
    pub fn closed(self) -> Self {
        let template = TemplateBar { picked: self.template.picked, ..TemplateBar::default() };
        Self { dialog: None, template, ..self }
    }

    /// The columns of a sheet, left to right; none: those of the bureau's own list.
    #[must_use]
    pub fn columns(&self, sheet: Sheet) -> &[TemplateColumn] {
        match sheet {
            Sheet::Invoices => &self.columns,
            Sheet::Lines => &self.lines.columns,
        }
    }

    /// The same, to be changed: those of the bureau's own list are named one by one from now on.
    pub fn columns_mut(&mut self, sheet: Sheet) -> &mut Vec<TemplateColumn> {
        match sheet {
            Sheet::Invoices => &mut self.columns,
            Sheet::Lines => {
                if self.lines.columns.is_empty() {
                    self.lines.columns = LineColumn::DEFAULT.into_iter().map(|column| self.usual(column)).collect();
                }
                &mut self.lines.columns
            }
        }
    }

    /// A column of the sheet with goods lines as it is exported without a choice: under the heading that the invoice's own has.
    fn usual(&self, column: LineColumn) -> TemplateColumn {
        let heading = self.columns.iter().find(|other| other.id == column.id()).map(|other| other.heading.clone());
        TemplateColumn { id: column.id().to_owned(), heading: heading.unwrap_or_default() }
    }

    /// The columns of a sheet as the preference keeps them.
    #[must_use]
    pub fn columns_text(&self, sheet: Sheet) -> String {
        self.columns(sheet).iter().map(|column| column.id.as_str()).collect::<Vec<_>>().join(",")
    }

    /// Takes the columns of the preference; names that are not known are left out.
    pub fn restore_columns(&mut self, sheet: Sheet, text: &str) {
        let offered = sheet.offered();
        let wanted: Vec<TemplateColumn> = text.split(',').filter(|id| offered.contains(id)).map(of_id).collect();
        if !wanted.is_empty() {
            *self.columns_mut(sheet) = wanted;
        }
    }

    /// The columns of a sheet by their places among the offered ones.
    #[must_use]
    pub fn chosen(&self, sheet: Sheet) -> BTreeSet<usize> {
        let columns = self.columns(sheet);
        let usual = LineColumn::DEFAULT.map(LineColumn::id);
        let is_chosen = |id: &str| match columns.is_empty() && sheet == Sheet::Lines {
            true => usual.contains(&id),
            false => columns.iter().any(|column| column.id == id),
        };
        sheet.offered().into_iter().enumerate().filter(|(_, id)| is_chosen(id)).map(|(index, _)| index).collect()
    }

    /// Takes the choice of columns; what was chosen before keeps its place and its heading, what is new comes behind the
    /// offered one before it.
    pub fn choose(&mut self, sheet: Sheet, wanted: &BTreeSet<usize>) {
        let offered = sheet.offered();
        let place = |id: &str| offered.iter().position(|known| *known == id);
        let columns = self.columns_mut(sheet);
        columns.retain(|column| place(&column.id).is_none_or(|index| wanted.contains(&index)));
        for index in wanted {
            let Some(new) = offered.get(*index).filter(|known| columns.iter().all(|column| column.id != **known)) else { continue };
            let before = |(at, chosen): (usize, &TemplateColumn)| Some((place(&chosen.id).filter(|other| other < index)?, at));
            let at = columns.iter().enumerate().filter_map(before).max().map_or(0, |(_, at)| at + 1);
            columns.insert(at, of_id(new));
        }
    }

    /// Moves a column before its left neighbour.
    pub fn move_left(&mut self, sheet: Sheet, index: usize) {
        let columns = self.columns_mut(sheet);
        if let Some(before) = index.checked_sub(1).filter(|_| index < columns.len()) {
            columns.swap(before, index);
        }
    }

    /// Columns of a sheet that this version does not know.
    pub fn unknown(&self, sheet: Sheet) -> impl Iterator<Item = &str> {
        let offered = sheet.offered();
        self.columns(sheet).iter().map(|column| column.id.as_str()).filter(move |id| !offered.contains(id))
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
    /// The path that was suggested or picked last.
    pub aimed: PathBuf,
    /// Why the last try could not begin.
    pub problem: Option<Problem>,
}

impl ExportDialog {
    /// Shows a path that is suggested or was picked.
    pub fn aim(&mut self, path: PathBuf) {
        self.target = path.display().to_string();
        self.aimed = path;
    }

    /// Where it goes. Text cannot name every path, so that one which was not typed over is taken as it came.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        if self.aimed.display().to_string() == self.target { self.aimed.clone() } else { PathBuf::from(self.target.trim()) }
    }
}
