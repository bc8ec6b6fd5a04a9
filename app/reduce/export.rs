//! Exports: the dialog, the preview of names, progress, ends.

use std::path::{Path, PathBuf};

use piaoxia_engine::event::{ExportReport, TaskKind};
use piaoxia_engine::export::EXPORT_FOLDER;
use piaoxia_engine::templates::Template;
use piaoxia_engine::{Command, Event, ExportKind, ExportOrder, ExportWords, Problem, Selection, TaskId};
use piaoxia_export::{Column, LineColumn};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::export::{ExportDialog, Sheet, Task, TemplateBar};
use crate::state::{State, preferences};
use crate::text::{Language, Text, damaged_text, fill, pattern_kept, pattern_shown, problem_text, thousands, voided_text};

impl State {
    pub(super) fn on_export(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Names { seq, result } if seq == self.export.names_seq => match result {
                Ok(names) => {
                    self.export.names = names;
                    self.export.names_problem = None;
                }
                Err(problem) => self.export.names_problem = Some(problem),
            },
            Event::Templates(templates) => self.export.templates = templates,
            Event::Exported { id, result } => {
                self.export.tasks.remove(&id);
                self.tell_export(result);
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn on_task_progress(&mut self, id: TaskId, kind: TaskKind, done: u64, total: u64) -> Vec<Command> {
        self.export.tasks.insert(id, Task { kind, done, total });
        Vec::new()
    }

    /// Opens the dialog for the selected rows, else for all that match.
    pub fn open_export(&mut self) {
        let rows = self.ledger.rows();
        let selected = self.ledger.selected_rows().count();
        let (selection, count) = match selected > 0 && selected < rows {
            true => (Selection::Rows(self.ledger.selected_ids()), selected),
            false => (Selection::Filter(Box::new(self.ledger.filters.to_filter())), rows),
        };
        let picked = self.export.template.picked.take();
        let kind = picked.as_ref().and_then(Template::kind).unwrap_or(ExportKind::Xlsx);
        self.export.template = TemplateBar { picked, ..TemplateBar::default() };
        let aimed = self.suggested_target(kind);
        self.export.names_asked = None;
        self.export.pattern = pattern_shown(&self.export.pattern, Text::current().language);
        let target = aimed.display().to_string();
        self.export.dialog = Some(ExportDialog { kind, selection, count, target, aimed, problem: None });
    }

    /// A path beside the other exports, named after what is in it.
    #[must_use]
    pub fn suggested_target(&self, kind: ExportKind) -> PathBuf {
        let folder = self.preference(preferences::EXPORT_FOLDER).map_or_else(|| self.data.join(EXPORT_FOLDER), PathBuf::from);
        let words = &Text::current().export;
        let stem = fill(&words.file_stem, &[("date", &self.today.to_string())]);
        match extension(kind) {
            Some(extension) => folder.join(format!("{stem}.{extension}")),
            None => folder.join(fill(&words.folder_stem, &[("date", &self.today.to_string())])),
        }
    }

    /// Takes what the system's dialog answered.
    pub fn export_target_picked(&mut self, target: Option<PathBuf>) -> Vec<Command> {
        if let (Some(dialog), Some(target)) = (&mut self.export.dialog, target) {
            dialog.aim(target);
        }
        Vec::new()
    }

    /// 开始导出.
    pub fn start_export(&mut self) -> Vec<Command> {
        let Some(dialog) = &self.export.dialog else { return Vec::new() };
        let target = dialog.path();
        let mut order = ExportOrder {
            kind: dialog.kind,
            selection: dialog.selection.clone(),
            company: self.ledger.filters.company.clone(),
            sort: self.ledger.sort,
            columns: Vec::new(),
            encoding: self.export.encoding,
            lines_sheet: Some(Text::current().export.lines_sheet_name.clone()),
            line_columns: Vec::new(),
            words: export_words(Text::current()),
            pattern: self.export.pattern.clone(),
            print: self.export.print,
            target: target.clone(),
        };
        self.export.as_template(dialog.kind, String::new()).fill(&mut order, |column| heading(Text::current(), column).to_owned());
        let mut commands = vec![Command::Export(Box::new(order))];
        commands.extend(self.remember_choices());
        // One that is no text cannot be kept, and another is not to be suggested in its place.
        if let Some(folder) = target.parent().and_then(Path::to_str) {
            commands.push(self.prefer(preferences::EXPORT_FOLDER, folder.to_owned()));
        }
        self.export.dialog = None;
        commands
    }

    /// A template keeps its choices itself; without one they are remembered.
    fn remember_choices(&mut self) -> Vec<Command> {
        let picked = self.export.template.picked.as_ref().map(|template| template.name.clone());
        let mut choices = vec![(preferences::TEMPLATE, picked.clone().unwrap_or_default())];
        if picked.is_none() {
            choices.push((preferences::COLUMNS, self.export.columns_text(Sheet::Invoices)));
            choices.push((preferences::PATTERN, pattern_kept(&self.export.pattern)));
            choices.push((preferences::LINE_COLUMNS, self.export.columns_text(Sheet::Lines)));
        }
        choices.into_iter().map(|(name, value)| self.prefer(name, value)).collect()
    }

    /// Asks for the names that the pattern gives, once for each pattern.
    pub fn preview_names(&mut self) -> Vec<Command> {
        let Some(dialog) = &self.export.dialog else { return Vec::new() };
        if self.export.names_asked.as_deref() == Some(self.export.pattern.as_str()) {
            return Vec::new();
        }
        self.export.names_asked = Some(self.export.pattern.clone());
        self.export.names_seq += 1;
        let filter = match &dialog.selection {
            Selection::Filter(filter) => filter.clone(),
            Selection::Rows(_) => Box::new(self.ledger.filters.to_filter()),
        };
        vec![Command::PreviewNames { seq: self.export.names_seq, pattern: self.export.pattern.clone(), filter }]
    }

    fn tell_export(&mut self, result: Result<ExportReport, Problem>) {
        let text = Text::current();
        let words = &text.export;
        match result {
            Ok(report) => {
                let (count, gross) = (thousands(report.totals.invoices), report.totals.gross.grouped());
                let mut detail = fill(&words.done_detail, &[("n", &count), ("gross", &gross)]) + &voided_text(text, report.voided);
                if report.originals > 0 || report.without_original > 0 {
                    let values = [("n", &*thousands(report.originals)), ("without", &*thousands(report.without_original))];
                    detail = fill(&words.done_originals, &values);
                }
                let damaged = damaged_text(text, &report);
                let level = if damaged.is_some() { Level::Warning } else { Level::Done };
                if let Some(damaged) = damaged {
                    detail = format!("{detail}\n{damaged}");
                }
                let mut notice = Notice::new(level, words.done.clone());
                if let Some(first) = report.files.first() {
                    detail = format!("{detail}\n{}", first.display());
                    notice = notice.action(words.reveal.clone(), Command::Reveal(first.clone()));
                }
                self.notices.push(notice.detail(detail));
            }
            Err(problem) if problem.what == piaoxia_engine::problem::What::Cancelled => {
                self.notices.push(Notice::new(Level::Info, words.cancelled.clone()));
            }
            Err(problem) => {
                let said = problem_text(text, &problem);
                self.notices.push(Notice::new(Level::Error, fill(&words.failed, &[("why", &said.title)])).detail(said.advice));
            }
        }
    }
}

/// Words that stand in exported files.
#[must_use]
pub fn export_words(text: &Text) -> ExportWords {
    let words = &text.export;
    ExportWords {
        sheet: words.sheet_name.clone(),
        total: words.total.clone(),
        voided: text.ledger.sums_voided.clone(),
        print_footer: words.print_footer.clone(),
        print_note: words.print_note.clone(),
        line_headings: line_headings(text),
    }
}

/// Headings of the sheet with goods lines; in Chinese it has the bureau's own.
fn line_headings(text: &Text) -> Vec<(LineColumn, String)> {
    match text.language {
        Language::ZhCn => Vec::new(),
        Language::En => LineColumn::all().map(|column| (column, line_heading(text, column).to_owned())).collect(),
    }
}

/// Heading of a column of the sheet with goods lines.
#[must_use]
pub fn line_heading(text: &Text, column: LineColumn) -> &str {
    let w = &text.document;
    match column {
        LineColumn::Invoice(column) => heading(text, column),
        LineColumn::LineNumber => &text.export.line_number,
        LineColumn::ClassCode => &w.field_line_class_code,
        LineColumn::Name => &w.field_line_name,
        LineColumn::Spec => &w.field_line_spec,
        LineColumn::Unit => &w.field_line_unit,
        LineColumn::Quantity => &w.field_line_quantity,
        LineColumn::Price => &w.field_line_price,
        LineColumn::Net => &w.field_line_net,
        LineColumn::Rate => &w.field_line_rate,
        LineColumn::Tax => &w.field_line_tax,
        LineColumn::Gross => &w.field_line_gross,
    }
}

/// Extension of a file; none for a folder.
#[must_use]
pub fn extension(kind: ExportKind) -> Option<&'static str> {
    match kind {
        ExportKind::Xlsx => Some("xlsx"),
        ExportKind::Csv => Some("csv"),
        ExportKind::Jsonl => Some("jsonl"),
        ExportKind::Parquet => Some("parquet"),
        ExportKind::OriginalsZip => Some("zip"),
        ExportKind::Print => Some("pdf"),
        ExportKind::OriginalsFolder => None,
    }
}

/// Heading of a column.
#[must_use]
pub fn heading(text: &Text, column: Column) -> &str {
    let w = &text.export;
    match column {
        Column::Date => &w.col_date,
        Column::Kind => &w.col_kind,
        Column::Code => &w.col_code,
        Column::Number => &w.col_number,
        Column::DigitalNumber => &w.col_digital_number,
        Column::SellerName => &w.col_seller_name,
        Column::SellerTaxNo => &w.col_seller_tax_no,
        Column::BuyerName => &w.col_buyer_name,
        Column::BuyerTaxNo => &w.col_buyer_tax_no,
        Column::Net => &w.col_net,
        Column::Tax => &w.col_tax,
        Column::Gross => &w.col_gross,
        Column::Status => &w.col_status,
        Column::Blue => &w.col_blue,
        Column::Direction => &w.col_direction,
        Column::Deduction => &w.col_deduction,
        Column::Risk => &w.col_risk,
        Column::Source => &w.col_source,
        Column::Drawer => &w.col_drawer,
        Column::Remark => &w.col_remark,
        Column::RedOf => &w.col_red_of,
        Column::Originals => &w.col_originals,
        Column::Lines => &w.col_lines,
        Column::Ordinal => &w.col_ordinal,
        Column::Month => &w.col_month,
        Column::Goods => &w.col_goods,
        Column::Ticked => &w.col_ticked,
        Column::EffectiveTax => &w.col_effective_tax,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    #[test]
    fn an_export_starts_with_the_chosen_columns_and_remembers_them() {
        let mut state = State { data: PathBuf::from("d"), today: jiff::civil::date(2026, 11, 22), ..State::default() };
        state.open_export();
        let dialog = state.export.dialog.as_ref().unwrap();
        assert!(dialog.target.ends_with(".xlsx") && dialog.target.contains("2026-11-22"));
        let commands = state.start_export();
        let Some(Command::Export(order)) = commands.first() else { panic!("no export") };
        assert_eq!(order.columns.len(), Column::DEFAULT.len());
        assert!(order.columns.iter().all(|(_, heading)| !heading.is_empty()));
        assert!(state.export.dialog.is_none());
        let text = state.export.columns_text(Sheet::Invoices);
        let mut other = crate::state::export::Exports { columns: Default::default(), ..Default::default() };
        other.restore_columns(Sheet::Invoices, &text);
        assert_eq!(other.columns, state.export.columns);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_was_picked_is_taken_as_it_is() {
        use std::os::unix::ffi::OsStrExt as _;
        let mut state = State { data: PathBuf::from("d"), ..State::default() };
        let target = |state: &mut State| match state.start_export().into_iter().next() {
            Some(Command::Export(order)) => order.target,
            other => panic!("{other:?}"),
        };
        let picked = Path::new(std::ffi::OsStr::from_bytes(b"/mnt/\xff/a.xlsx ")).to_path_buf();
        state.open_export();
        state.export_target_picked(Some(picked.clone()));
        assert_eq!(target(&mut state), picked);
        assert_eq!(state.preference("export_folder"), None);
        state.open_export();
        state.export_target_picked(Some(picked));
        state.export.dialog.as_mut().unwrap().target = " /mnt/b.xlsx ".to_owned();
        assert_eq!(target(&mut state), Path::new("/mnt/b.xlsx"));
    }

    #[test]
    fn the_end_of_an_export_is_told_and_its_folder_offered() {
        let mut state = State::default();
        state.apply(Event::TaskProgress { id: TaskId(1), kind: TaskKind::Export, done: 1, total: 2 });
        let report = ExportReport { files: vec!["x.xlsx".into()], voided: 2, ..ExportReport::default() };
        state.apply(Event::Exported { id: TaskId(1), result: Ok(report) });
        assert!(state.export.tasks.is_empty());
        assert_eq!(state.notices.unread(), 1);
        let told = state.notices.history().next().unwrap();
        assert!(told.level == Level::Done && told.detail.contains("（含作废 2 张）"), "{}", told.detail);

        let damaged = vec!["26312000000000000018".to_owned()];
        let report = ExportReport { originals: 3, damaged, damaged_count: 1, ..ExportReport::default() };
        state.apply(Event::Exported { id: TaskId(2), result: Ok(report) });
        let told = state.notices.history().next().unwrap();
        assert!(told.level == Level::Warning && told.detail.contains("26312000000000000018"), "{}", told.detail);
    }
}
