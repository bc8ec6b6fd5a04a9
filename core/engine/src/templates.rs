//! 导出模板: the choices of an export under a name. They are documents of the store, so that they travel with the ledger; some
//! are brought by the program (`resources/data/export_templates.toml`).

use std::sync::LazyLock;

use piaoxia_export::{Column, Encoding, LineColumn, PerSheet, PrintGroup};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use crate::event::Event;
use crate::export::line_heading;
use crate::export_order::{ExportKind, ExportOrder, PrintBy, PrintOrder};
use crate::outbox::Outbox;
use crate::problem::{Kept, Problem};
use crate::services::{Services, collection, readable};

/// Wishes that wait to be fulfilled.
const WAITING: usize = 64;
/// Characters of a name.
const LONGEST_NAME: usize = 40;

/// The choices of an export. What a later version of the program adds is kept as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// What the user calls it.
    #[serde(default)]
    pub name: String,
    /// What to write: [`ExportKind::id`], or one that this version does not know.
    pub format: String,
    /// What it is for; of the program's own alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Columns, left to right; for tables. None: those that the program offers first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<TemplateColumn>,
    /// Name of the sheet; empty: the program's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The sheet with goods lines; for xlsx.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<TemplateLines>,
    /// How text is kept, for csv: `utf-8` or `gb18030`; empty: UTF-8.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub encoding: String,
    /// 命名规则, for originals; empty: the program's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// For a print.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print: Option<TemplatePrint>,
    /// What a later version has added.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A column of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateColumn {
    /// [`Column::id`] or [`LineColumn::id`], or one that this version does not know.
    pub id: String,
    /// Its heading; empty: the program's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heading: String,
}

/// The sheet with goods lines of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateLines {
    /// Its name; empty: the program's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// Its columns; none: those of the bureau's own list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<TemplateColumn>,
}

/// How a template prints. What this version does not know becomes what it does by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplatePrint {
    /// Pages of originals on a sheet of A4: 1, 2 or 4.
    pub per_sheet: usize,
    /// [`PrintBy`]: `ledger`, `date`, `seller` or `amount`.
    pub by: String,
    /// [`PrintGroup`]: `none`, `seller` or `month`.
    pub group: String,
    /// Count and sum at the foot of each sheet.
    pub footer: bool,
}

/// What is wanted of the templates that the user keeps; answered by [`Event::Templates`].
#[derive(Clone, Debug, PartialEq)]
pub enum TemplateWish {
    /// Keep it under its name, in place of an older one.
    Save(Box<Template>),
    /// Another name, which no other template has.
    Rename {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Forget the template of this name.
    Delete(String),
}

static BUILT_IN: LazyLock<Vec<Template>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        template: Vec<Template>,
    }
    #[expect(clippy::expect_used, reason = "compiled in; a test reads it")]
    let file: File =
        toml::from_str(include_str!("../../../resources/data/export_templates.toml")).expect("export_templates.toml is well formed");
    file.template
});

/// The templates that the program brings. Their headings are a sensible start: programs that take invoices in name their columns
/// as they like and change it; the user renames them and keeps the result under a name of their own.
#[must_use]
pub fn built_in() -> &'static [Template] {
    &BUILT_IN
}

/// The templates that the user keeps, by name. One that cannot be read stays where it is, and is left out.
///
/// # Errors
/// The ledger.
pub async fn kept(services: &Services) -> Result<Vec<Template>, Problem> {
    Ok(kept_and_unreadable(services).await?.0)
}

async fn kept_and_unreadable(services: &Services) -> Result<(Vec<Template>, u64), Problem> {
    let (templates, unreadable) = readable(services.store().documents(collection::TEMPLATES).await?);
    let named = |(name, template): (String, Template)| Template { name, ..template };
    Ok((templates.into_iter().map(named).collect(), unreadable))
}

/// The template of this name, the user's own before the program's.
///
/// # Errors
/// The ledger.
pub async fn find(services: &Services, name: &str) -> Result<Option<Template>, Problem> {
    let kept = kept(services).await?;
    let of_name = |template: &&Template| template.name == name.trim();
    Ok(kept.iter().find(of_name).or_else(|| built_in().iter().find(of_name)).cloned())
}

/// A name as it is kept: without blanks around it; none when it is empty, too long or holds what is no character.
#[must_use]
pub fn clean_name(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

/// Fulfils wishes one after the other, and tells after each what there is. Tells first of templates that cannot be read.
pub(crate) fn writer(services: &Services, outbox: &Outbox) -> mpsc::Sender<TemplateWish> {
    let (sender, mut wishes) = mpsc::channel::<TemplateWish>(WAITING);
    let (services, events) = (services.clone(), outbox.clone());
    outbox.spawn_plain(async move {
        let stop = events.stop().clone();
        let unreadable = kept_and_unreadable(&services).await.map_or(0, |(_, unreadable)| unreadable);
        if let Some(problem) = Problem::unlisted(Kept::Templates, unreadable) {
            events.send(Event::Failed(problem)).await;
        }
        // What was taken is written even when the engine stops meanwhile.
        while let Some(wish) = match stop.run_until_cancelled(wishes.recv()).await {
            Some(next) => next,
            None => wishes.try_recv().ok(),
        } {
            let done = match fulfil(&services, wish).await {
                Ok(()) => kept(&services).await,
                Err(problem) => Err(problem),
            };
            events.send(done.map_or_else(Event::Failed, Event::Templates)).await;
        }
    });
    sender
}

async fn fulfil(services: &Services, wish: TemplateWish) -> Result<(), Problem> {
    let store = services.store();
    match wish {
        TemplateWish::Save(template) => {
            let about = |error| Problem::from(error).about(template.name.clone());
            store.put_document(collection::TEMPLATES, &template.name, &*template).await.map_err(about)?;
        }
        TemplateWish::Rename { from, to } => {
            let about = |error| Problem::from(error).about(from.clone());
            // As it lies there, with all that this version does not know.
            let document: Option<Value> = store.get_document(collection::TEMPLATES, &from).await.map_err(about)?;
            if let Some(mut document) = document {
                if let Some(fields) = document.as_object_mut() {
                    fields.insert("name".to_owned(), Value::String(to.clone()));
                }
                store.put_document(collection::TEMPLATES, &to, &document).await.map_err(about)?;
                store.delete_document(collection::TEMPLATES, &from).await.map_err(about)?;
            }
        }
        TemplateWish::Delete(name) => {
            store.delete_document(collection::TEMPLATES, &name).await.map_err(|error| Problem::from(error).about(name.clone()))?;
        }
    }
    Ok(())
}

impl Template {
    /// What it writes; none when this version does not know it.
    #[must_use]
    pub fn kind(&self) -> Option<ExportKind> {
        ExportKind::from_id(&self.format)
    }

    /// How text is kept.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        if self.encoding == encoding_id(Encoding::Gb18030) { Encoding::Gb18030 } else { Encoding::Utf8 }
    }

    /// Orders what the template says; where it says nothing, the order stays as it is, but for the sheet with goods lines: without
    /// one in the template there is none. `heading` gives the program's own headings. Columns that this version does not know
    /// are left out.
    pub fn fill(&self, order: &mut ExportOrder, heading: impl Fn(Column) -> String) {
        if let Some(kind) = self.kind() {
            order.kind = kind;
        }
        let or_own = |column: &TemplateColumn, own: String| if column.heading.trim().is_empty() { own } else { column.heading.clone() };
        if !self.columns.is_empty() {
            let known = self.columns.iter().filter_map(|column| Some((column, Column::from_id(&column.id)?)));
            order.columns = known.map(|(column, known)| (known, or_own(column, heading(known)))).collect();
        }
        if !self.sheet.trim().is_empty() {
            order.words.sheet.clone_from(&self.sheet);
        }
        if let Some(lines) = &self.lines {
            if !lines.sheet.trim().is_empty() {
                order.lines_sheet = Some(lines.sheet.clone());
            }
            let worded = order.words.line_headings.clone();
            let own = |column: LineColumn| match (worded.iter().find(|(other, _)| *other == column), column) {
                (Some((_, heading)), _) => heading.clone(),
                (None, LineColumn::Invoice(column)) => heading(column),
                (None, of_line) => line_heading(of_line).to_owned(),
            };
            let known = lines.columns.iter().filter_map(|column| Some((column, LineColumn::from_id(&column.id)?)));
            order.line_columns = known.map(|(column, known)| (known, or_own(column, own(known)))).collect();
        } else {
            order.lines_sheet = None;
        }
        order.encoding = self.encoding();
        if !self.pattern.trim().is_empty() {
            order.pattern.clone_from(&self.pattern);
        }
        if let Some(print) = &self.print {
            order.print = print.order();
        }
    }
}

/// The name of an encoding in templates and on the command line.
#[must_use]
pub fn encoding_id(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Gb18030 => "gb18030",
    }
}

const PER_SHEET: [PerSheet; 3] = [PerSheet::One, PerSheet::Two, PerSheet::Four];
const PRINT_BY: [(PrintBy, &str); 4] =
    [(PrintBy::Ledger, "ledger"), (PrintBy::Date, "date"), (PrintBy::Seller, "seller"), (PrintBy::Amount, "amount")];
const PRINT_GROUPS: [(PrintGroup, &str); 3] = [(PrintGroup::None, "none"), (PrintGroup::Seller, "seller"), (PrintGroup::Month, "month")];

impl TemplatePrint {
    /// As the engine takes it.
    #[must_use]
    pub fn order(&self) -> PrintOrder {
        PrintOrder {
            per_sheet: PER_SHEET.into_iter().find(|pages| pages.count() == self.per_sheet).unwrap_or_default(),
            by: PRINT_BY.into_iter().find(|(_, id)| *id == self.by).map(|(by, _)| by).unwrap_or_default(),
            group: PRINT_GROUPS.into_iter().find(|(_, id)| *id == self.group).map(|(group, _)| group).unwrap_or_default(),
            footer: self.footer,
        }
    }
}

impl From<PrintOrder> for TemplatePrint {
    fn from(print: PrintOrder) -> Self {
        let by = PRINT_BY.into_iter().find(|(by, _)| *by == print.by).map(|(_, id)| id.to_owned()).unwrap_or_default();
        let group = PRINT_GROUPS.into_iter().find(|(group, _)| *group == print.group).map(|(_, id)| id.to_owned()).unwrap_or_default();
        Self { per_sheet: print.per_sheet.count(), by, group, footer: print.footer }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_the_program_brings_is_known_to_it() {
        let mut names: Vec<&str> = built_in().iter().map(|template| template.name.as_str()).collect();
        for template in built_in() {
            assert!(template.kind().is_some() && clean_name(&template.name).is_some() && template.rest.is_empty(), "{}", template.name);
            assert!(template.columns.iter().all(|column| Column::from_id(&column.id).is_some()), "{}", template.name);
            let lines = template.lines.iter().flat_map(|lines| &lines.columns);
            assert!(lines.into_iter().all(|column| LineColumn::from_id(&column.id).is_some()), "{}", template.name);
        }
        names.dedup();
        assert_eq!(names.len(), built_in().len());
    }

    #[test]
    fn what_a_later_version_adds_survives_reading_and_writing() {
        let text = r#"{"name":"x","format":"ods","columns":[{"id":"new"}],"encoding":"utf-16","chart":{"kind":"bar"}}"#;
        let template: Template = serde_json::from_str(text).unwrap();
        assert_eq!((template.kind(), template.encoding()), (None, Encoding::Utf8));
        let again = serde_json::to_value(&template).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn prints_are_said_and_read_again() {
        for by in PRINT_BY {
            for group in PRINT_GROUPS {
                for per_sheet in PER_SHEET {
                    let print = PrintOrder { per_sheet, by: by.0, group: group.0, footer: per_sheet == PerSheet::One };
                    assert_eq!(TemplatePrint::from(print).order(), print);
                }
            }
        }
    }

    #[test]
    fn a_name_is_cleaned_or_refused() {
        assert_eq!(clean_name(" 给客户 ").as_deref(), Some("给客户"));
        assert!([" ", "a\u{7}b", &"长".repeat(41)].into_iter().all(|name| clean_name(name).is_none()));
    }
}
