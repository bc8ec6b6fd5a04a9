//! Which goods lines belong to which invoice. The bureau writes both sheets in one order, so that a line is at hand when its
//! invoice comes; a workbook that was sorted anew is read too, as long as not too many lines have to wait.

use std::cell::Cell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use super::book::{Below, Book, Sheet};
use super::heading::Column;
use super::record::{CODE, NUMBER};
use super::rows::Row;
use super::values::{digits, padded};
use crate::limits::WAITING_LINES;
use crate::refused::Refused;

/// How many lines each invoice has, by the hash of its number: eight bytes for a number instead of forty.
pub(super) struct Counts {
    of: HashMap<u64, u32>,
    /// Invoices whose lines stand on several sheets.
    divided: Rc<HashSet<u64>>,
    hasher: RandomState,
}

impl Counts {
    /// Of each sheet, or why it cannot be read: goes over its lines once, reading nothing but their numbers.
    pub(super) fn of_all(book: &Book<'_>, sheets: &[&Sheet], budget: &Cell<u64>) -> Vec<Result<Self, Refused>> {
        let hasher = RandomState::new();
        let mut all: Vec<_> = sheets.iter().map(|sheet| Self::read(book, sheet, &hasher, budget)).collect();
        if all.len() > 1 {
            let mut seen = HashSet::new();
            let divided = all.iter().flatten().flat_map(|counts| counts.of.keys().copied()).filter(|key| !seen.insert(*key));
            let divided = Rc::new(divided.collect::<HashSet<u64>>());
            all.iter_mut().flatten().for_each(|counts| counts.divided = Rc::clone(&divided));
        }
        all
    }

    fn read(book: &Book<'_>, sheet: &Sheet, hasher: &RandomState, budget: &Cell<u64>) -> Result<Self, Refused> {
        let mut counts = Self { of: HashMap::new(), divided: Rc::default(), hasher: hasher.clone() };
        let mut package = book.package.clone();
        let mut below = sheet.open(&mut package, &book.strings, budget)?;
        let mut row = Row::default();
        while below.next(&mut row)? {
            if let Some(key) = counts.key(sheet, &row) {
                *counts.of.entry(key).or_default() += 1;
            }
        }
        Ok(counts)
    }

    /// Of the invoice that a row names; none where its number is missing or unreadable.
    fn key(&self, sheet: &Sheet, row: &Row) -> Option<u64> {
        let cell = |column| sheet.columns.cell(row, column);
        if let Some(digital) = cell(Column::Digital) {
            return Some(self.hasher.hash_one(digits(digital)?.as_bytes()));
        }
        let number = padded(cell(Column::Number)?, &NUMBER)?;
        let code = match cell(Column::Code) {
            Some(code) => padded(code, &CODE)?,
            None => return Some(self.hasher.hash_one(number.as_bytes())),
        };
        Some(self.hasher.hash_one(format!("{code}-{number}").as_bytes()))
    }
}

/// The lines of one sheet, handed out by invoice.
pub(super) struct Matching<'p, 'a> {
    below: Below<'p, 'a>,
    counts: Counts,
    /// Lines that came before their invoice, in the order of the sheet.
    waiting: HashMap<u64, Vec<Row>>,
    waiting_lines: usize,
    /// Invoices of lines alone, once they are asked for.
    ready: Option<VecDeque<Vec<Row>>>,
    /// Nothing can be read of the sheet any more.
    over: bool,
    /// Why not, where that is not its end.
    broken: Option<Refused>,
}

/// What came of asking for lines.
pub(super) enum Lines {
    /// All of the invoice, in the order of the sheet; empty when it has none.
    Found(Vec<Row>),
    /// They lie too far away, or the sheet broke off before them.
    Lost(Refused),
}

impl<'p, 'a> Matching<'p, 'a> {
    pub(super) fn new(below: Below<'p, 'a>, counts: Counts) -> Self {
        Self { below, counts, waiting: HashMap::new(), waiting_lines: 0, ready: None, over: false, broken: None }
    }

    /// The lines of the invoice in a row of `sheet`. Asked again for the same invoice, there are none.
    pub(super) fn lines_of(&mut self, sheet: &Sheet, row: &Row) -> Lines {
        let Some(key) = self.counts.key(sheet, row) else { return Lines::Found(Vec::new()) };
        let Some(wanted) = self.counts.of.remove(&key) else { return Lines::Found(Vec::new()) };
        let mut found = self.waiting.remove(&key).unwrap_or_default();
        self.waiting_lines -= found.len();
        while found.len() < wanted as usize {
            let mut line = Row::default();
            match self.step(&mut line) {
                Ok(Some(other)) if other == key => found.push(line),
                Ok(Some(other)) if self.waiting_lines < WAITING_LINES => self.wait(other, line),
                Ok(Some(_)) => self.break_off(Refused::LinesScattered { limit: WAITING_LINES }),
                Ok(None) => return Lines::Lost(self.broken.clone().unwrap_or(Refused::DamagedPart)),
                Err(refused) => self.break_off(refused),
            }
        }
        Lines::Found(found)
    }

    /// More lines of the same invoice stand on another sheet.
    pub(super) fn is_divided(&self, line: &Row) -> bool {
        self.counts.key(self.below.sheet, line).is_some_and(|key| self.counts.divided.contains(&key))
    }

    /// The next invoice that no row asked for: its lines in the order of the sheet.
    ///
    /// # Errors
    /// Why the rest of the sheet was not read; told once, behind it there are none.
    pub(super) fn left_over(&mut self) -> Result<Option<Vec<Row>>, Refused> {
        if self.ready.is_none() {
            self.ready = Some(self.complete());
        }
        if let Some(lines) = self.ready.as_mut().and_then(VecDeque::pop_front) {
            return Ok(Some(lines));
        }
        loop {
            let mut line = Row::default();
            let key = match self.step(&mut line) {
                Ok(Some(key)) => key,
                Ok(None) => return self.broken.take().map_or(Ok(None), Err),
                Err(refused) => {
                    self.break_off(refused);
                    continue;
                }
            };
            let Some(wanted) = self.counts.of.get(&key).map(|count| *count as usize) else { continue };
            if self.waiting_lines >= WAITING_LINES {
                self.break_off(Refused::LinesScattered { limit: WAITING_LINES });
                continue;
            }
            self.wait(key, line);
            if self.waiting.get(&key).is_some_and(|lines| lines.len() == wanted) {
                let lines = self.waiting.remove(&key).unwrap_or_default();
                self.waiting_lines -= lines.len();
                return Ok(Some(lines));
            }
        }
    }

    /// What waits with all its lines, in the order of the sheet.
    fn complete(&mut self) -> VecDeque<Vec<Row>> {
        let counts = &self.counts.of;
        let whole = |key: &u64, lines: &mut Vec<Row>| counts.get(key).is_some_and(|count| *count as usize == lines.len());
        let mut complete: Vec<Vec<Row>> = self.waiting.extract_if(whole).map(|(_, lines)| lines).collect();
        self.waiting_lines -= complete.iter().map(Vec::len).sum::<usize>();
        complete.sort_by_key(|lines| lines.first().map(|line| line.number));
        complete.into()
    }

    fn break_off(&mut self, because: Refused) {
        self.over = true;
        self.broken = Some(because);
    }

    fn wait(&mut self, key: u64, line: Row) {
        self.waiting.entry(key).or_default().push(line);
        self.waiting_lines += 1;
    }

    /// The next line with a number; none at the end.
    fn step(&mut self, line: &mut Row) -> Result<Option<u64>, Refused> {
        while !self.over {
            match self.below.next(line) {
                Ok(true) => {
                    if let Some(key) = self.counts.key(self.below.sheet, line) {
                        return Ok(Some(key));
                    }
                }
                Ok(false) => self.over = true,
                Err(refused) => {
                    self.over = true;
                    return Err(refused);
                }
            }
        }
        Ok(None)
    }
}
