//! 导出模板 in the export dialog: the one in use, its name, its columns in their order.

use egui::{Align, Layout, RichText, ScrollArea, Ui};
use piaoxia_export::{Column, LineColumn};
use piaoxia_widgets::button;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::field::Field;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, order, words};
use crate::reduce::{NameUse, heading, line_heading};
use crate::state::State;
use crate::state::export::Sheet;
use crate::text::{Text, fill};

/// Height of the list of columns; the rest scrolls.
const COLUMNS_HEIGHT: f32 = 96.0;

/// Draws the line with the template, and below it what is done with it.
pub(super) fn bar(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.export;
    ui.horizontal_top(|ui| {
        beside(ui, cx, 56.0, |ui| ui.label(&words.template));
        let mut chosen = Some(state.export.picked().map_or(0, |index| index + 1));
        let exports = &state.export;
        let name = |index: usize| match index.checked_sub(1) {
            Some(index) => exports.offered(index).map_or("", |template| cx.text.foreign(&template.name)),
            None => &words.template_none,
        };
        let select = Select::new(&words.template, &mut chosen, exports.count() + 1, name, words::select(cx.text));
        if select.hide_label().width(300.0).show(ui).changed() {
            state.pick_template(chosen.and_then(|index| index.checked_sub(1)));
        }
        if ui.add(button::secondary(&words.template_save)).clicked() {
            let bar = &mut state.export.template;
            (bar.naming, bar.deleting) = (!bar.naming, false);
            bar.name = bar.picked.as_ref().map(|picked| picked.name.clone()).unwrap_or_default();
        }
        if state.export.picked_own().is_some() && ui.add(button::quiet(&words.template_delete)).clicked() {
            let bar = &mut state.export.template;
            (bar.deleting, bar.naming) = (!bar.deleting, false);
        }
    });
    if state.export.template.naming {
        naming(ui, state, cx);
    }
    if state.export.template.deleting {
        deleting(ui, state, cx);
    }
    about(ui, state, cx);
}

/// What the picked template is for, or why it cannot be used. What the program brings is made for Chinese tables.
fn about(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let Some(picked) = &state.export.template.picked else { return };
    if picked.kind().is_none() {
        let said = fill(&cx.text.export.template_newer, &[("name", &picked.name), ("format", &picked.format)]);
        ui.label(RichText::new(said).color(cx.tokens.tone(Tone::Warning).text));
    } else if !picked.note.is_empty() {
        ui.label(RichText::new(cx.text.foreign(&picked.note)).small().color(cx.tokens.color.text_secondary));
    }
}

fn naming(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.export;
    let name_use = state.export.name_use();
    let wrong = fill(&words.template_built_in, &[("name", state.export.template.name.trim())]);
    let error = (name_use == NameUse::BuiltIn).then_some(wrong.as_str());
    let field = Field::new(&words.template_name, &mut state.export.template.name).width(320.0).limit(40).error(error);
    let submitted = field.show(ui).submitted;
    let can_save = matches!(name_use, NameUse::New | NameUse::Replaces);
    ui.horizontal(|ui| {
        let keep = if name_use == NameUse::Replaces { &words.template_replace } else { &words.template_keep };
        if ui.add(button::primary(keep).small().enabled(can_save)).clicked() || (submitted && can_save) {
            let commands = state.save_template();
            cx.commands.extend(commands);
        }
        let can_rename = state.export.picked_own().is_some() && name_use == NameUse::New;
        if can_rename && ui.add(button::secondary(&words.template_rename).small()).clicked() {
            let commands = state.rename_template();
            cx.commands.extend(commands);
        }
        if ui.add(button::quiet(&words.template_leave).small()).clicked() {
            state.export.template.naming = false;
        }
        // Why the export cannot begin now.
        ui.label(RichText::new(&words.template_first).small().color(cx.tokens.color.text_secondary));
    });
}

fn deleting(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.export;
    let name = state.export.picked_own().map(|picked| picked.name.clone()).unwrap_or_default();
    ui.label(fill(&words.template_delete_question, &[("name", &name)]));
    ui.horizontal(|ui| {
        if ui.add(button::danger(&words.template_forget).small()).clicked() {
            let commands = state.delete_template();
            cx.commands.extend(commands);
        }
        if ui.add(button::quiet(&words.template_stay).small()).clicked() {
            state.export.template.deleting = false;
        }
    });
}

/// The program's own heading of a column; the name of one that this version does not know.
pub(super) fn heading_of<'t>(text: &'t Text, sheet: Sheet, id: &'t str) -> &'t str {
    match sheet {
        Sheet::Invoices => Column::from_id(id).map_or(id, |column| heading(text, column)),
        Sheet::Lines => LineColumn::from_id(id).map_or(id, |column| line_heading(text, column)),
    }
}

/// Draws what this version does not know of a sheet's columns, and, when it is wanted, the columns in their order with their
/// headings.
pub(super) fn columns(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, sheet: Sheet) {
    let words = &cx.text.export;
    let unknown: Vec<String> = state.export.unknown(sheet).map(|id| fill(&words.column_unknown, &[("name", id)])).collect();
    if !unknown.is_empty() {
        let said = fill(&words.columns_unknown, &[("names", &unknown.join(&cx.text.widgets.separator))]);
        ui.label(RichText::new(said).color(cx.tokens.tone(Tone::Warning).text));
    }
    let is_open = state.export.template.arranging == Some(sheet);
    let label = match (sheet, is_open) {
        (Sheet::Invoices, false) => &words.columns_arrange,
        (Sheet::Invoices, true) => &words.columns_arranged,
        (Sheet::Lines, false) => &words.line_columns_arrange,
        (Sheet::Lines, true) => &words.line_columns_arranged,
    };
    if ui.add(button::link(label)).clicked() {
        // There is room for one of them.
        state.export.template.arranging = (!is_open).then_some(sheet);
    }
    if is_open {
        ScrollArea::vertical()
            .id_salt(("columns", sheet == Sheet::Lines))
            .max_height(COLUMNS_HEIGHT)
            .auto_shrink([false, true])
            .show(ui, |ui| arranged(ui, state, cx, sheet));
    }
}

fn arranged(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, sheet: Sheet) {
    let words = &cx.text.export;
    ui.spacing_mut().item_spacing.y = cx.tokens.space.xs;
    let offered = sheet.offered();
    let mut moved = None;
    let count = state.export.columns(sheet).len();
    for (index, column) in state.export.columns_mut(sheet).iter_mut().enumerate() {
        ui.horizontal_top(|ui| {
            let own = heading_of(cx.text, sheet, &column.id).to_owned();
            moved = beside(ui, cx, 56.0, |ui| order::buttons(ui, cx, &own, index, count)).or(moved);
            beside(ui, cx, 180.0, |ui| ui.add(Elided::new(&own)));
            if offered.contains(&column.id.as_str()) {
                let label = fill(&words.column_heading, &[("name", &own)]);
                Field::new(&label, &mut column.heading).hide_label().hint(&own).width(300.0).limit(60).show(ui);
            }
        });
    }
    if let Some(index) = moved {
        state.export.move_left(sheet, index);
    }
}

/// A place beside a control: as high as it is, what stands there in its middle.
pub(super) fn beside<R>(ui: &mut Ui, cx: &ScreenCx<'_>, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    let size = egui::vec2(width, cx.tokens.height.control);
    let place = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        add(ui)
    });
    place.inner
}
