//! 导出模板 in the export dialog: picked, kept, renamed, forgotten.

use piaoxia_engine::templates::{Template, TemplateWish, built_in, clean_name, encoding_id};
use piaoxia_engine::{Command, ExportKind};
use piaoxia_export::Encoding;

use crate::state::State;
use crate::state::export::{Exports, Sheet, TemplateBar};
use crate::state::preferences::{COLUMNS, LINE_COLUMNS, PATTERN, TEMPLATE};
use crate::text::{Text, pattern_kept, pattern_shown};

/// What a typed name can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameUse {
    /// Nothing: it is empty or too long.
    Nothing,
    /// Nothing: the program brings a template of this name.
    BuiltIn,
    /// For a new template, or as another name.
    New,
    /// For a template in place of the one that has it.
    Replaces,
}

impl Exports {
    /// The templates that the program brings, then those that the user keeps.
    #[must_use]
    pub fn offered(&self, index: usize) -> Option<&Template> {
        let own = built_in();
        own.get(index).or_else(|| self.templates.get(index.checked_sub(own.len())?))
    }

    /// The place of the picked one among them.
    #[must_use]
    pub fn picked(&self) -> Option<usize> {
        let picked = self.template.picked.as_ref()?;
        (0..self.count()).find(|index| self.offered(*index).is_some_and(|offered| offered.name == picked.name))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        built_in().len() + self.templates.len()
    }

    /// The picked template, if it is one that the user keeps.
    #[must_use]
    pub fn picked_own(&self) -> Option<&Template> {
        self.template.picked.as_ref().filter(|picked| self.templates.iter().any(|kept| kept.name == picked.name))
    }

    /// What the typed name can be used for.
    #[must_use]
    pub fn name_use(&self) -> NameUse {
        let Some(name) = clean_name(&self.template.name) else { return NameUse::Nothing };
        if built_in().iter().any(|template| template.name == name) {
            NameUse::BuiltIn
        } else if self.templates.iter().any(|template| template.name == name) {
            NameUse::Replaces
        } else {
            NameUse::New
        }
    }

    /// The choices as they are now. What a later version has put into the picked template stays in it.
    #[must_use]
    pub fn as_template(&self, kind: ExportKind, name: String) -> Template {
        Template {
            name,
            format: kind.id().to_owned(),
            note: String::new(),
            columns: self.columns.clone(),
            sheet: self.sheet.clone(),
            lines: self.lines_sheet.then(|| self.lines.clone()),
            encoding: if self.encoding == Encoding::Utf8 { String::new() } else { encoding_id(self.encoding).to_owned() },
            pattern: pattern_kept(&self.pattern),
            print: Some(self.print.into()),
            rest: self.template.picked.as_ref().map(|picked| picked.rest.clone()).unwrap_or_default(),
        }
    }

    fn take(&mut self, template: &Template) {
        let own = Self::default();
        self.columns = if template.columns.is_empty() { own.columns } else { template.columns.clone() };
        self.sheet.clone_from(&template.sheet);
        self.lines_sheet = template.lines.is_some();
        self.lines = template.lines.clone().unwrap_or_default();
        self.encoding = template.encoding();
        let pattern = if template.pattern.trim().is_empty() { &own.pattern } else { &template.pattern };
        self.pattern = pattern_shown(pattern, Text::current().language);
        self.print = template.print.as_ref().map_or(own.print, |print| print.order());
        self.template.picked = Some(template.clone());
    }
}

impl State {
    /// Takes a template's choices, or, without one, those of before. A template of a later version is picked, and nothing taken.
    pub fn pick_template(&mut self, index: Option<usize>) {
        self.export.template = TemplateBar { arranging: self.export.template.arranging, ..TemplateBar::default() };
        let Some(template) = index.and_then(|index| self.export.offered(index)).cloned() else {
            let own = Exports::default();
            (self.export.columns, self.export.sheet, self.export.lines) = (own.columns, own.sheet, own.lines);
            self.restore_export();
            return;
        };
        let Some(kind) = template.kind() else {
            self.export.template.picked = Some(template);
            return;
        };
        self.export.take(&template);
        let target = self.suggested_target(kind);
        if let Some(dialog) = self.export.dialog.as_mut().filter(|dialog| dialog.kind != kind) {
            dialog.kind = kind;
            dialog.aim(target);
        }
    }

    /// What was remembered of the last export: columns, pattern, template.
    pub(super) fn restore_export(&mut self) {
        if let Some(pattern) = self.preferences.get(PATTERN) {
            self.export.pattern = pattern_shown(pattern, Text::current().language);
        }
        if let Some(columns) = self.preferences.get(COLUMNS) {
            self.export.restore_columns(Sheet::Invoices, columns);
        }
        if let Some(columns) = self.preferences.get(LINE_COLUMNS) {
            self.export.restore_columns(Sheet::Lines, columns);
        }
    }

    /// The template that was used last, if it is still there.
    pub(super) fn restore_template(&mut self) {
        let Some(name) = self.preference(TEMPLATE).map(str::to_owned) else { return };
        let place = (0..self.export.count()).find(|index| self.export.offered(*index).is_some_and(|offered| offered.name == name));
        if let Some(template) = place.and_then(|index| self.export.offered(index)).filter(|template| template.kind().is_some()).cloned() {
            self.export.take(&template);
        }
    }

    /// 保存模板.
    pub fn save_template(&mut self) -> Vec<Command> {
        let usable = matches!(self.export.name_use(), NameUse::New | NameUse::Replaces);
        let (Some(kind), Some(name)) =
            (self.export.dialog.as_ref().map(|dialog| dialog.kind), clean_name(&self.export.template.name).filter(|_| usable))
        else {
            return Vec::new();
        };
        let template = self.export.as_template(kind, name);
        self.export.template.naming = false;
        self.export.template.picked = Some(template.clone());
        vec![Command::Template(TemplateWish::Save(Box::new(template)))]
    }

    /// 改名, of the picked template that the user keeps.
    pub fn rename_template(&mut self) -> Vec<Command> {
        if self.export.name_use() != NameUse::New {
            return Vec::new();
        }
        let (Some(from), Some(to)) = (self.export.picked_own().map(|picked| picked.name.clone()), clean_name(&self.export.template.name))
        else {
            return Vec::new();
        };
        self.export.template.naming = false;
        if let Some(picked) = &mut self.export.template.picked {
            picked.name.clone_from(&to);
        }
        vec![Command::Template(TemplateWish::Rename { from, to })]
    }

    /// 删除模板. What it chose stays chosen.
    pub fn delete_template(&mut self) -> Vec<Command> {
        let Some(name) = self.export.picked_own().map(|picked| picked.name.clone()) else { return Vec::new() };
        self.export.template = TemplateBar { arranging: self.export.template.arranging, ..TemplateBar::default() };
        vec![Command::Template(TemplateWish::Delete(name))]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
    use std::collections::BTreeSet;

    use piaoxia_engine::Event;
    use piaoxia_engine::templates::TemplateColumn;
    use piaoxia_export::{Column, LineColumn};

    use super::*;

    fn dialog() -> State {
        let mut state = State { data: "d".into(), today: jiff::civil::date(2026, 11, 22), ..State::default() };
        state.open_export();
        state
    }

    fn saved(state: &mut State, name: &str) -> Template {
        name.clone_into(&mut state.export.template.name);
        let commands = state.save_template();
        let [Command::Template(TemplateWish::Save(template))] = commands.as_slice() else { panic!("{commands:?}") };
        let mut all = state.export.templates.clone();
        all.retain(|kept| kept.name != template.name);
        all.push((**template).clone());
        state.apply(Event::Templates(all));
        (**template).clone()
    }

    #[test]
    fn what_was_saved_is_what_is_exported_when_it_is_picked() {
        let mut state = dialog();
        state.export.dialog.as_mut().unwrap().kind = ExportKind::Csv;
        state.export.encoding = Encoding::Gb18030;
        state.export.choose(Sheet::Invoices, &BTreeSet::from([0, 4, 11]));
        state.export.columns[2].heading = "含税金额".to_owned();
        state.export.move_left(Sheet::Invoices, 2);
        saved(&mut state, " 每月给客户 ");
        assert_eq!(state.export.picked(), Some(state.export.count() - 1));

        let mut other = dialog();
        other.apply(Event::Templates(state.export.templates.clone()));
        other.pick_template(Some(other.export.count() - 1));
        assert!(other.export.dialog.as_ref().unwrap().target.ends_with(".csv"));
        let commands = other.start_export();
        let Some(Command::Export(order)) = commands.first() else { panic!("no export") };
        assert_eq!((order.kind, order.encoding, order.lines_sheet.is_none()), (ExportKind::Csv, Encoding::Gb18030, true));
        let columns: Vec<(Column, &str)> = order.columns.iter().map(|(column, heading)| (*column, heading.as_str())).collect();
        let expected = [(Column::Date, "开票日期"), (Column::Gross, "含税金额"), (Column::DigitalNumber, "数电发票号码")];
        assert_eq!(columns, expected);
        // The columns of a template are no choice for exports without one.
        let name = |command: &Command| matches!(command, Command::SavePreference { name, .. } if name == "columns");
        assert!(!commands.iter().any(name));
        other.pick_template(None);
        assert_eq!(other.export.columns.len(), Column::DEFAULT.len());
        assert!(other.export.template.picked.is_none());
    }

    #[test]
    fn columns_of_the_goods_lines_are_chosen_ordered_and_headed() {
        let mut state = dialog();
        state.export.lines_sheet = true;
        let place = |id: &str| Sheet::Lines.offered().iter().position(|known| *known == id).unwrap();
        assert_eq!(state.export.chosen(Sheet::Lines).len(), LineColumn::DEFAULT.len(), "the bureau's own list is what is offered first");
        assert!(state.export.columns(Sheet::Lines).is_empty(), "and looking at it changes nothing");
        state.export.choose(Sheet::Lines, &["date", "line.name", "line.gross"].map(place).into());
        state.export.move_left(Sheet::Lines, 1);
        state.export.columns_mut(Sheet::Lines)[0].heading = "品名".to_owned();
        let text = state.export.columns_text(Sheet::Lines);
        assert_eq!(text, "line.name,date,line.gross");
        let template = saved(&mut state, "明细");
        state.pick_template(None);
        state.pick_template(Some(state.export.count() - 1));
        assert_eq!(state.export.lines, template.lines.unwrap());
        let Some(Command::Export(order)) = state.start_export().into_iter().next() else { panic!("no export") };
        let headings: Vec<&str> = order.line_columns.iter().map(|(_, heading)| heading.as_str()).collect();
        assert_eq!(headings, ["品名", "开票日期", "价税合计"]);
        // Without a template the choice is remembered by itself.
        let mut other = dialog();
        other.preferences.insert("line_columns".to_owned(), format!("{text},line.later"));
        other.restore_export();
        assert_eq!(other.export.columns_text(Sheet::Lines), text);
    }

    #[test]
    fn what_a_later_version_wrote_is_kept() {
        let mut state = dialog();
        let later: Template = serde_json::from_str(
            r#"{"name":"新","format":"xlsx","columns":[{"id":"date"},{"id":"seller.score","heading":"评分"},{"id":"gross"}],"chart":{"kind":"bar"}}"#,
        )
        .unwrap();
        state.apply(Event::Templates(vec![later.clone()]));
        state.pick_template(Some(state.export.count() - 1));
        assert_eq!(state.export.unknown(Sheet::Invoices).collect::<Vec<_>>(), ["seller.score"]);
        // Another choice leaves it where it was.
        state.export.choose(Sheet::Invoices, &BTreeSet::from([0, 9]));
        assert_eq!(state.export.columns_text(Sheet::Invoices), "date,net,seller.score");
        let kept = saved(&mut state, "新");
        assert_eq!((&kept.columns[2], &kept.rest), (&later.columns[1], &later.rest));
        let Some(Command::Export(order)) = state.start_export().into_iter().next() else { panic!("no export") };
        assert_eq!(order.columns.len(), 2);
    }

    #[test]
    fn a_template_of_an_unknown_format_is_shown_and_not_taken() {
        let mut state = dialog();
        let columns = vec![TemplateColumn { id: "net".to_owned(), heading: String::new() }];
        let later = Template { name: "新".to_owned(), format: "ods".to_owned(), columns, ..Template::default() };
        state.apply(Event::Templates(vec![later]));
        let before = state.export.columns.clone();
        state.pick_template(Some(state.export.count() - 1));
        assert!(state.export.picked().is_some() && state.export.columns == before);
        assert_eq!(state.export.dialog.as_ref().unwrap().kind, ExportKind::Xlsx);
    }

    #[test]
    fn names_are_checked_and_own_templates_alone_are_renamed_and_deleted() {
        let mut state = dialog();
        saved(&mut state, "一");
        for (name, wanted) in [("一", NameUse::Replaces), (" ", NameUse::Nothing), ("二", NameUse::New)] {
            name.clone_into(&mut state.export.template.name);
            assert_eq!(state.export.name_use(), wanted, "{name}");
        }
        let renamed = state.rename_template();
        assert!(matches!(renamed.as_slice(), [Command::Template(TemplateWish::Rename { from, to })] if from == "一" && to == "二"));
        built_in()[0].name.clone_into(&mut state.export.template.name);
        assert_eq!((state.export.name_use(), state.save_template().len()), (NameUse::BuiltIn, 0));
        state.pick_template(Some(0));
        assert!(state.delete_template().is_empty() && state.rename_template().is_empty());
        state.pick_template(Some(state.export.count() - 1));
        assert!(matches!(state.delete_template().as_slice(), [Command::Template(TemplateWish::Delete(name))] if name == "一"));
    }

    #[test]
    fn what_the_program_brings_can_be_exported() {
        let mut state = dialog();
        for index in 0..built_in().len() {
            state.open_export();
            state.pick_template(Some(index));
            let template = &built_in()[index];
            assert!(
                template.kind().is_some()
                    && [Sheet::Invoices, Sheet::Lines].into_iter().all(|sheet| state.export.unknown(sheet).next().is_none())
                    && !template.note.is_empty(),
                "{}",
                template.name
            );
            let Some(Command::Export(order)) = state.start_export().into_iter().next() else { panic!("no export") };
            assert_eq!(order.columns.len(), template.columns.len(), "{}", template.name);
            let lines = template.lines.as_ref().map_or(0, |lines| lines.columns.len());
            assert_eq!(order.line_columns.len(), lines, "{}", template.name);
        }
    }
}
