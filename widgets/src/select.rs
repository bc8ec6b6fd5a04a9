//! Drop-downs: one of many ([`Select`]) and any of many ([`MultiSelect`]).

use std::collections::BTreeSet;

use egui::{Align, Layout, Response, Ui};

use crate::field;
use crate::icons::Icon;
use crate::option_list::{self, DropButton, OptionList};
use crate::tokens::Tokens;

/// The texts of a drop-down.
#[derive(Clone, Copy, Debug)]
pub struct SelectText<'a> {
    /// Shown while nothing is chosen: "请选择".
    pub placeholder: &'a str,
    /// Hint and accessible name of the filter line: "输入文字筛选".
    pub filter: &'a str,
    /// "显示 {n} / {m} 项"
    pub count: &'a str,
    /// "没有匹配项"
    pub nothing: &'a str,
    /// Between the chosen names of a [`MultiSelect`]: "、".
    pub separator: &'a str,
}

/// What both drop-downs have around them.
#[derive(Clone, Copy)]
struct Around<'a> {
    label: &'a str,
    width: f32,
    help: &'a str,
    error: Option<&'a str>,
    required: bool,
    enabled: bool,
    hide_label: bool,
}

impl<'a> Around<'a> {
    fn new(label: &'a str) -> Self {
        Self { label, width: 220.0, help: "", error: None, required: false, enabled: true, hide_label: false }
    }

    fn show(self, ui: &mut Ui, body: impl FnOnce(&mut Ui) -> Response) -> Response {
        let tokens = Tokens::of(ui.ctx());
        ui.allocate_ui_with_layout(egui::vec2(self.width, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(self.width);
            ui.spacing_mut().item_spacing.y = tokens.space.xs;
            let label = (!self.hide_label).then(|| field::label_row(ui, self.label, self.required, &tokens));
            let mut response = ui.add_enabled_ui(self.enabled, body).inner;
            if let Some(label) = label {
                response = response.labelled_by(label.id);
            }
            field::below(ui, self.error, self.help, &tokens);
            response
        })
        .inner
    }
}

/// The setters that both drop-downs share.
macro_rules! around_setters {
    () => {
        /// The width in points; 220 if not given.
        pub fn width(mut self, width: f32) -> Self {
            self.around.width = width;
            self
        }

        /// A quiet line below; an error takes its place.
        pub fn help(mut self, help: &'a str) -> Self {
            self.around.help = help;
            self
        }

        /// The error line below.
        pub fn error(mut self, error: Option<&'a str>) -> Self {
            self.around.error = error.filter(|text| !text.is_empty());
            self
        }

        /// Marks the label with a red star.
        pub fn required(mut self) -> Self {
            self.around.required = true;
            self
        }

        /// A disabled drop-down shows its value only.
        pub fn enabled(mut self, enabled: bool) -> Self {
            self.around.enabled = enabled;
            self
        }

        /// No visible label; it stays the accessible name.
        pub fn hide_label(mut self) -> Self {
            self.around.hide_label = true;
            self
        }
    };
}

/// One of many. Lists of nine or more get a filter line.
#[must_use = "draw it with `show`"]
pub struct Select<'a, F> {
    around: Around<'a>,
    selected: &'a mut Option<usize>,
    count: usize,
    name: F,
    text: SelectText<'a>,
}

impl<'a, F: Fn(usize) -> &'a str> Select<'a, F> {
    /// `name` gives the text of option 0 to `count - 1`.
    pub fn new(label: &'a str, selected: &'a mut Option<usize>, count: usize, name: F, text: SelectText<'a>) -> Self {
        Self { around: Around::new(label), selected, count, name, text }
    }

    around_setters!();

    /// Draws the drop-down; the response is `changed` when another option was picked.
    pub fn show(self, ui: &mut Ui) -> Response {
        let Self { around, selected, count, name, text } = self;
        let id = ui.make_persistent_id(("select", around.label));
        let keys = option_list::take_keys(ui, id, count);
        around.show(ui, |ui| {
            let value = selected.map_or(text.placeholder, |index| name(index));
            let button = DropButton {
                name: around.label,
                value,
                is_placeholder: selected.is_none(),
                icon: Icon::ChevronDown,
                width: around.width,
                is_wrong: around.error.is_some(),
            };
            let mut response = button.show(ui, id);
            let chosen = *selected;
            let width = option_list::width(ui, &response, around.width, count, &name);
            let picked = option_list::popup(ui, &response, width, |ui| {
                let is_checked = |index| chosen == Some(index);
                let list = OptionList { button: id, count, name: &name, is_checked: &is_checked, text, keys };
                list.show(ui).inspect(|_| ui.close())
            });
            if let Some(index) = picked.flatten()
                && *selected != Some(index)
            {
                *selected = Some(index);
                response.mark_changed();
            }
            response
        })
    }
}

/// Any of many (多选). The empty set means all: a filter that filters nothing.
#[must_use = "draw it with `show`"]
pub struct MultiSelect<'a, F> {
    around: Around<'a>,
    selected: &'a mut BTreeSet<usize>,
    count: usize,
    name: F,
    text: SelectText<'a>,
}

impl<'a, F: Fn(usize) -> &'a str> MultiSelect<'a, F> {
    /// `text.placeholder` is the text of the first row and of the closed control when all are meant: "全部".
    pub fn new(label: &'a str, selected: &'a mut BTreeSet<usize>, count: usize, name: F, text: SelectText<'a>) -> Self {
        Self { around: Around::new(label), selected, count, name, text }
    }

    around_setters!();

    /// Draws the drop-down; the response is `changed` when the set changed. The list stays open for more.
    pub fn show(self, ui: &mut Ui) -> Response {
        let Self { around, selected, count, name, text } = self;
        let id = ui.make_persistent_id(("multi select", around.label));
        let rows = count + 1;
        let keys = option_list::take_keys(ui, id, rows);
        around.show(ui, |ui| {
            let value = summary(selected, &name, &text);
            let button = DropButton {
                name: around.label,
                value: &value,
                is_placeholder: false,
                icon: Icon::ChevronDown,
                width: around.width,
                is_wrong: around.error.is_some(),
            };
            let mut response = button.show(ui, id);
            let chosen = selected.clone();
            // Row 0 is "all"; row n is option n - 1.
            let row_name = |row: usize| row.checked_sub(1).map_or(text.placeholder, |index| name(index));
            let is_checked = |row: usize| row.checked_sub(1).map_or(chosen.is_empty(), |index| chosen.contains(&index));
            let width = option_list::width(ui, &response, around.width, rows, &row_name);
            let picked = option_list::popup(ui, &response, width, |ui| {
                let list = OptionList { button: id, count: rows, name: &row_name, is_checked: &is_checked, text, keys };
                list.show(ui)
            });
            if let Some(row) = picked.flatten() {
                toggle(selected, row, count);
                response.mark_changed();
            }
            response
        })
    }
}

fn toggle(selected: &mut BTreeSet<usize>, row: usize, count: usize) {
    let Some(index) = row.checked_sub(1) else {
        selected.clear();
        return;
    };
    if !selected.remove(&index) {
        selected.insert(index);
    }
    if selected.len() == count {
        selected.clear();
    }
}

fn summary<'a>(selected: &BTreeSet<usize>, name: &impl Fn(usize) -> &'a str, text: &SelectText<'_>) -> String {
    if selected.is_empty() {
        return text.placeholder.to_owned();
    }
    selected.iter().map(|index| name(*index)).collect::<Vec<_>>().join(text.separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_items_one_by_one_are_the_same_as_all() {
        let mut set = BTreeSet::new();
        toggle(&mut set, 1, 3);
        toggle(&mut set, 3, 3);
        assert_eq!(set, BTreeSet::from([0, 2]));
        toggle(&mut set, 1, 3);
        assert_eq!(set, BTreeSet::from([2]));
        toggle(&mut set, 1, 3);
        toggle(&mut set, 2, 3);
        assert_eq!(set, BTreeSet::new());
        toggle(&mut set, 2, 3);
        toggle(&mut set, 0, 3);
        assert_eq!(set, BTreeSet::new());
    }
}
