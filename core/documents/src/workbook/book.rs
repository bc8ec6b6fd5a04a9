//! What a workbook consists of, and which of its sheets say something of invoices.

use std::cell::Cell;
use std::collections::HashMap;

use quick_xml::events::Event;

use super::heading::{Column as C, Columns, HEADING_WITHIN, Role};
use super::part::{Package, Part, attribute, prefixed_attribute};
use super::rows::{Row, Rows};
use super::strings::Strings;
use super::title::Title;
use super::values::Epoch;
use crate::encoding::entry_name;
use crate::field::Field;
use crate::limits::SHEETS;
use crate::refused::{Refused, ZipFault, shortened};

/// A workbook whose sheets can be opened as often as they are needed.
pub(super) struct Book<'a> {
    pub package: Package<'a>,
    pub strings: Strings,
    pub epoch: Epoch,
}

/// A sheet with headings that are known.
pub(super) struct Sheet {
    pub name: String,
    /// Of its part in the package.
    index: usize,
    pub columns: Columns,
    pub role: Role,
    /// What stands above the headings.
    pub title: Title,
    /// Row of the headings, from 1.
    heading: u32,
}

/// The sheets in their order.
pub(super) struct Sheets {
    pub known: Vec<Sheet>,
    /// Names of those that say nothing of invoices.
    pub others: Vec<String>,
    /// Sheets that break off before their headings.
    pub damaged: Vec<(String, Refused)>,
}

impl<'a> Book<'a> {
    /// Opens the workbook and reads what its sheets share.
    ///
    /// # Errors
    /// As [`Part::next`].
    pub(super) fn open(mut package: Package<'a>, budget: &Cell<u64>) -> Result<(Self, Vec<(String, usize)>), Refused> {
        let missing = || Refused::from(ZipFault::Damaged);
        let parts = parts(&package);
        let index = *parts.get("xl/workbook.xml").ok_or_else(missing)?;
        let (named, epoch) = listed(&mut package, index, budget)?;
        let relations = match parts.get("xl/_rels/workbook.xml.rels") {
            Some(index) => relations(&mut package, *index, budget)?,
            None => HashMap::new(),
        };
        let strings = match parts.get("xl/sharedstrings.xml") {
            Some(index) => Strings::read(&mut package, *index, budget)?,
            None => Strings::default(),
        };
        let placed = named.into_iter().filter_map(|(name, id)| Some((name, *parts.get(relations.get(&id)?)?))).collect();
        Ok((Self { package, strings, epoch }, placed))
    }

    /// Looks at the first rows of every sheet.
    pub(super) fn sheets(&self, placed: Vec<(String, usize)>, budget: &Cell<u64>) -> Sheets {
        let mut sheets = Sheets { known: Vec::new(), others: Vec::new(), damaged: Vec::new() };
        for (name, index) in placed {
            match self.sheet(&name, index, budget) {
                Ok(Some(sheet)) if sheet.role != Role::Other => sheets.known.push(sheet),
                Ok(_) => sheets.others.push(shortened(&name)),
                Err(refused) => sheets.damaged.push((name, refused)),
            }
        }
        sheets
    }

    fn sheet(&self, name: &str, index: usize, budget: &Cell<u64>) -> Result<Option<Sheet>, Refused> {
        let mut package = self.package.clone();
        let mut rows = Rows::open(&mut package, index, &self.strings, budget)?;
        let (mut above, mut row, mut title) = (Row::default(), Row::default(), Title::default());
        let mut found: Option<(Columns, u32)> = None;
        for _ in 0..HEADING_WITHIN {
            match rows.next(&mut row) {
                Ok(true) => {}
                Err(refused) if found.is_none() => return Err(refused),
                Ok(false) | Err(_) => break,
            }
            let known = found.as_ref().map_or(0, |(columns, _)| columns.known_count);
            // As many: brackets of the headings, or nothing, stand in the lower row.
            let two = Columns::of_two(&above, &row).filter(|two| two.known_count >= known);
            // Headings in one row may be the upper ones of two: what comes next tells.
            let one = if found.is_some() { None } else { Columns::of(&row) };
            match (one, two) {
                (Some(one), Some(two)) if two.known_count > one.known_count => found = Some((two, row.number)),
                (Some(one), _) => {
                    found = Some((one, row.number));
                    std::mem::swap(&mut above, &mut row);
                    continue;
                }
                (None, Some(two)) => found = Some((two, row.number)),
                (None, None) => {}
            }
            if found.is_some() {
                break;
            }
            title.take(&row);
            std::mem::swap(&mut above, &mut row);
        }
        let sheet =
            |(columns, heading): (Columns, u32)| Sheet { name: name.to_owned(), index, role: columns.role(), columns, title, heading };
        Ok(found.map(sheet))
    }
}

impl Sheet {
    /// The rows below the headings.
    ///
    /// # Errors
    /// As [`Part::open`].
    pub(super) fn open<'p, 'a>(
        &'p self,
        package: &'p mut Package<'a>,
        strings: &'p Strings,
        budget: &'p Cell<u64>,
    ) -> Result<Below<'p, 'a>, Refused> {
        Ok(Below { rows: Rows::open(package, self.index, strings, budget)?, sheet: self })
    }

    /// Why nothing of the sheet can be read, though its headings are known.
    pub(super) fn unreadable(&self) -> Option<Refused> {
        if let Some(label) = self.columns.not_in_yuan.as_ref().or(self.title.not_in_yuan.as_ref()) {
            return Some(Refused::NotInYuan { label: label.clone() });
        }
        // A list whose company stands above it alone, by a number that lost its end, is nobody's.
        if self.role == Role::Deduction
            && !self.columns.has(C::BuyerTaxNo)
            && let (None, Some(value)) = (&self.title.tax_no, &self.title.rounded)
        {
            return Some(Refused::NumberRounded { field: Field::BuyerTaxNo, value: value.clone() });
        }
        // One line may leave its tax out (免税); a sheet without the columns knows of no tax at all.
        let untaxed = self.role == Role::Lines && !self.columns.has_totals();
        untaxed.then_some(Refused::MissingField { field: Field::LineTax })
    }
}

/// The rows of a sheet that say something.
pub(super) struct Below<'p, 'a> {
    rows: Rows<'p, 'a>,
    pub sheet: &'p Sheet,
}

impl Below<'_, '_> {
    /// The next row below the headings that is neither blank, nor headings again, nor sums.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, Refused> {
        while self.rows.next(row)? {
            let says = row.number > self.sheet.heading && !row.is_blank() && !self.sheet.columns.repeated_in(row) && !is_sum(row);
            if says {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// 合计 in one of the first cells: the sum of the rows above. What is in it may stand behind, as in `合计（含作废 2 张）`.
fn is_sum(row: &Row) -> bool {
    row.cells().iter().take(3).any(|cell| {
        let text = cell.text.trim().replace([' ', '　'], "");
        let label = text.split_once('（').map_or(text.as_str(), |(label, _)| label);
        matches!(label, "合计" | "总计" | "小计")
    })
}

/// Names and relation ids of the sheets, and the epoch of dates.
fn listed(package: &mut Package<'_>, index: usize, budget: &Cell<u64>) -> Result<(Vec<(String, String)>, Epoch), Refused> {
    let mut part = Part::open(package, index, budget)?;
    let (mut sheets, mut epoch) = (Vec::new(), Epoch::default());
    loop {
        match part.next()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "sheet" if sheets.len() < SHEETS => {
                    let (name, id) = (attribute(&tag, "name"), prefixed_attribute(&tag, "id"));
                    sheets.extend(name.zip(id).map(|(name, id)| (name.into_owned(), id.into_owned())));
                }
                "workbookPr" if matches!(attribute(&tag, "date1904").as_deref(), Some("1" | "true")) => epoch = Epoch::Year1904,
                _ => {}
            },
            Event::Eof => return Ok((sheets, epoch)),
            _ => {}
        }
    }
}

/// Parts by relation id.
fn relations(package: &mut Package<'_>, index: usize, budget: &Cell<u64>) -> Result<HashMap<String, String>, Refused> {
    let mut part = Part::open(package, index, budget)?;
    let mut relations = HashMap::new();
    loop {
        match part.next()? {
            Event::Start(tag) if tag.local_name().as_ref() == "Relationship" && relations.len() < 4 * SHEETS => {
                let (id, target) = (attribute(&tag, "Id"), attribute(&tag, "Target"));
                relations.extend(id.zip(target).map(|(id, target)| (id.into_owned(), part_name(&target))));
            }
            Event::Eof => return Ok(relations),
            _ => {}
        }
    }
}

/// The entries by their names, which writers differ about: their case and slashes do not count.
fn parts(package: &Package<'_>) -> HashMap<String, usize> {
    let name = |raw| entry_name(raw).trim_start_matches(['.', '/']).to_lowercase();
    package.file_names_raw().enumerate().map(|(index, raw)| (name(raw), index)).collect()
}

/// A target as [`parts`] names it: absolute, or beside `xl/workbook.xml`.
fn part_name(target: &str) -> String {
    let target = target.replace('\\', "/").to_lowercase();
    let mut steps = if target.starts_with('/') { Vec::new() } else { vec!["xl"] };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            // Above the root there is no part.
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}
