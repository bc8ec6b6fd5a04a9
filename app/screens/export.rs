//! 导出: what, which columns, where; the naming pattern with its live preview.

use egui::{Checkbox, RichText, Ui};
use piaoxia_engine::{ExportKind, PrintBy, PrintOrder, Selection};
use piaoxia_export::{Encoding, PerSheet, PrintGroup};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::field::{Field, label_room};
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::select::MultiSelect;
use piaoxia_widgets::tokens::Tone;

use super::download::count;
use super::{ScreenCx, Wish, templates, words};
use crate::reduce::extension;
use crate::state::State;
use crate::state::export::{ExportDialog, Sheet};
use crate::text::{field_word, fill, pattern_shown, problem_line};

/// Points; the formats in a row take them.
const WIDTH: f32 = 690.0;
/// Room of the button beside the target, points.
const BROWSE: f32 = 110.0;
const ENCODINGS: [Encoding; 2] = [Encoding::Utf8, Encoding::Gb18030];
const PER_SHEET: [PerSheet; 3] = [PerSheet::One, PerSheet::Two, PerSheet::Four];
const PRINT_BY: [PrintBy; 4] = [PrintBy::Ledger, PrintBy::Date, PrintBy::Seller, PrintBy::Amount];
const PRINT_GROUPS: [PrintGroup; 3] = [PrintGroup::None, PrintGroup::Seller, PrintGroup::Month];

/// Draws the dialog while it is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(kind) = state.export.dialog.as_ref().map(|dialog| dialog.kind) else { return };
    let by_pattern = matches!(kind, ExportKind::OriginalsFolder | ExportKind::OriginalsZip);
    let (choice, ()) = Dialog::new("export", &cx.text.export.title)
        .confirm(&cx.text.export.start)
        .cancel(&cx.text.common.cancel)
        .width(WIDTH)
        .can_confirm(can_start(state))
        .show(ui.ctx(), |ui| {
            ui.set_max_width(WIDTH);
            // A template may bring another format: it is taken before the rest is drawn.
            templates::bar(ui, state, cx);
            ui.add_space(cx.tokens.space.s);
            let Some(mut dialog) = state.export.dialog.take() else { return };
            choices(ui, state, cx, &mut dialog);
            state.export.dialog = Some(dialog);
        });
    match choice {
        Choice::Cancelled => state.export.dialog = None,
        Choice::Confirmed => {
            let commands = state.start_export();
            cx.commands.extend(commands);
        }
        Choice::Open if by_pattern => {
            let commands = state.preview_names();
            cx.commands.extend(commands);
        }
        Choice::Open => {}
    }
}

fn can_start(state: &State) -> bool {
    let Some(dialog) = &state.export.dialog else { return false };
    let by_pattern = matches!(dialog.kind, ExportKind::OriginalsFolder | ExportKind::OriginalsZip);
    let pattern_is_wrong = by_pattern && state.export.names_problem.is_some();
    let by_columns = matches!(dialog.kind, ExportKind::Xlsx | ExportKind::Csv | ExportKind::Parquet);
    let no_columns = by_columns && state.export.chosen(Sheet::Invoices).is_empty();
    // Enter in the field of a name keeps the template, and nothing else.
    let is_asked = state.export.template.naming || state.export.template.deleting;
    dialog.count > 0 && !dialog.target.trim().is_empty() && !pattern_is_wrong && !no_columns && !is_asked
}

fn choices(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, dialog: &mut ExportDialog) {
    let which = match dialog.selection {
        Selection::Filter(_) => &cx.text.export.which,
        Selection::Rows(_) => &cx.text.export.which_selected,
    };
    ui.label(fill(which, &[("n", &count(dialog.count))]));
    if kind_ui(ui, cx, dialog) {
        dialog.aim(state.suggested_target(dialog.kind));
    }
    ui.add_space(cx.tokens.space.s);
    match dialog.kind {
        ExportKind::OriginalsFolder | ExportKind::OriginalsZip => pattern_ui(ui, state, cx),
        ExportKind::Print => print_ui(ui, &mut state.export.print, cx),
        ExportKind::Xlsx | ExportKind::Csv | ExportKind::Jsonl | ExportKind::Parquet => columns_ui(ui, state, cx, dialog.kind),
    }
    ui.add_space(cx.tokens.space.s);
    target_ui(ui, state, cx, dialog);
    if let Some(problem) = &dialog.problem {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
}

/// True when another kind was chosen.
fn kind_ui(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &mut ExportDialog) -> bool {
    let words = &cx.text.export;
    let labels = [words.xlsx.as_str(), &words.csv, &words.jsonl, &words.parquet, &words.folder, &words.zip, &words.print];
    let mut chosen = ExportKind::ALL.iter().position(|kind| *kind == dialog.kind).unwrap_or_default();
    let changed = segmented(ui, &words.kind, &labels, &mut chosen).changed();
    dialog.kind = ExportKind::ALL.get(chosen).copied().unwrap_or(ExportKind::Xlsx);
    changed
}

fn columns_ui(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, kind: ExportKind) {
    let words = &cx.text.export;
    if kind == ExportKind::Jsonl {
        ui.label(RichText::new(&words.jsonl_note).color(cx.tokens.color.text_secondary));
        return;
    }
    sheet_ui(ui, state, cx, Sheet::Invoices);
    match kind {
        ExportKind::Xlsx => {
            ui.add(Checkbox::new(&mut state.export.lines_sheet, &words.lines_sheet));
            if state.export.lines_sheet {
                sheet_ui(ui, state, cx, Sheet::Lines);
            }
        }
        ExportKind::Csv => encoding_ui(ui, &mut state.export.encoding, cx),
        ExportKind::Parquet => {
            ui.label(RichText::new(&words.parquet_note).color(cx.tokens.color.text_secondary));
        }
        _ => {}
    }
}

/// Which columns a sheet has, and in which order.
fn sheet_ui(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, sheet: Sheet) {
    let words = &cx.text.export;
    let offered = sheet.offered();
    let name = |index: usize| offered.get(index).map_or("", |id| templates::heading_of(cx.text, sheet, id));
    let texts = piaoxia_widgets::select::SelectText { placeholder: &words.all_columns, ..words::select(cx.text) };
    let label = if sheet == Sheet::Lines { &words.line_columns } else { &words.columns };
    let mut chosen = state.export.chosen(sheet);
    if MultiSelect::new(label, &mut chosen, offered.len(), name, texts).width(WIDTH).show(ui).changed() {
        if chosen.is_empty() {
            // The widget reads an empty choice as "all"; a table needs its columns named.
            chosen = (0..offered.len()).collect();
        }
        state.export.choose(sheet, &chosen);
    }
    templates::columns(ui, state, cx, sheet);
}

fn encoding_ui(ui: &mut Ui, encoding: &mut Encoding, cx: &ScreenCx<'_>) {
    let words = &cx.text.export;
    choice_ui(ui, cx, &words.encoding, &[&words.encoding_utf8, &words.encoding_gb18030], &ENCODINGS, encoding);
    let note = match encoding {
        Encoding::Utf8 => &words.encoding_utf8_note,
        Encoding::Gb18030 => &words.encoding_gb18030_note,
    };
    ui.label(RichText::new(note).color(cx.tokens.color.text_secondary));
}

fn pattern_ui(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let words = &cx.text.export;
    let error = state.export.names_problem.as_ref().map(|(at, problem)| {
        let why = problem_line(cx.text, problem);
        fill(&words.pattern_wrong, &[("at", &(at + 1).to_string()), ("why", &why)])
    });
    Field::new(&words.pattern, &mut state.export.pattern).full_width().error(error.as_deref()).show(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(&words.pattern_fields).small().color(cx.tokens.color.text_secondary));
        for field in piaoxia_domain::names::Field::ALL {
            let word = format!("{{{}}}", field_word(cx.text.language)(field));
            if ui.add(button::quiet(&word).small()).clicked() {
                state.export.pattern.push_str(&word);
            }
        }
        if ui.add(button::link(&words.pattern_reset)).clicked() {
            state.export.pattern = pattern_shown(piaoxia_domain::names::DEFAULT_PATTERN, cx.text.language);
        }
    });
    ui.label(RichText::new(&words.preview).small().color(cx.tokens.color.text_secondary));
    for name in &state.export.names {
        ui.add(Elided::new(name).middle().width(WIDTH));
    }
}

fn print_ui(ui: &mut Ui, print: &mut PrintOrder, cx: &ScreenCx<'_>) {
    let words = &cx.text.export;
    choice_ui(ui, cx, &words.print_per_sheet, &[&words.print_one, &words.print_two, &words.print_four], &PER_SHEET, &mut print.per_sheet);
    let by = [words.print_by_ledger.as_str(), &words.print_by_date, &words.print_by_seller, &words.print_by_amount];
    choice_ui(ui, cx, &words.print_by, &by, &PRINT_BY, &mut print.by);
    let groups = [words.print_group_none.as_str(), &words.print_group_seller, &words.print_group_month];
    choice_ui(ui, cx, &words.print_group, &groups, &PRINT_GROUPS, &mut print.group);
    ui.add(Checkbox::new(&mut print.footer, &words.print_footer_choice));
}

/// A label in its room and one of a few values.
fn choice_ui<T: Copy + PartialEq>(ui: &mut Ui, cx: &ScreenCx<'_>, label: &str, names: &[&str], values: &[T], value: &mut T) {
    ui.horizontal_top(|ui| {
        templates::beside(ui, cx, words::wide(cx.text, 56.0, 76.0), |ui| ui.label(label));
        let mut chosen = values.iter().position(|one| one == value).unwrap_or_default();
        segmented(ui, label, names, &mut chosen);
        *value = values.get(chosen).copied().unwrap_or(*value);
    });
}

fn target_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>, dialog: &mut ExportDialog) {
    let words = &cx.text.export;
    let label = if extension(dialog.kind).is_some() { &words.target_file } else { &words.target_folder };
    let browse = ui.horizontal_top(|ui| {
        Field::new(label, &mut dialog.target).width(WIDTH - BROWSE).limit(1000).show(ui);
        ui.vertical(|ui| {
            // Below a line as high as the label of the field.
            ui.spacing_mut().item_spacing.y = cx.tokens.space.xs;
            label_room(ui);
            ui.add(button::secondary(&words.browse).icon(Icon::Folder)).clicked()
        })
    });
    if browse.inner.inner {
        cx.wish(match extension(dialog.kind) {
            Some(extension) => {
                let name =
                    state.suggested_target(dialog.kind).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                Wish::PickExportFile { name, extension: extension.to_owned() }
            }
            None => Wish::PickExportFolder,
        });
    }
}
