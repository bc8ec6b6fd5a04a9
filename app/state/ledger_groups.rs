//! Groups of the ledger (分组): which are open, and which line of the table is what. A line is a group's head or an invoice.

use std::collections::HashSet;
use std::ops::Range;

use piaoxia_store::{Group, GroupBy, GroupKey};
use piaoxia_widgets::big_table::Selection;

/// The ways to group, with their stable names for the preference `ledger_group`.
pub const WAYS: [(GroupBy, &str); 5] = [
    (GroupBy::Month, "month"),
    (GroupBy::Company, "company"),
    (GroupBy::Kind, "kind"),
    (GroupBy::Counterparty, "counterparty"),
    (GroupBy::Status, "status"),
];

/// As the preference keeps it; empty for one list.
#[must_use]
pub fn to_text(by: Option<GroupBy>) -> &'static str {
    WAYS.into_iter().find(|(way, _)| Some(*way) == by).map_or("", |(_, id)| id)
}

/// Back from the preference; what this version does not know is one list.
#[must_use]
pub fn from_text(text: &str) -> Option<GroupBy> {
    WAYS.into_iter().find(|(_, id)| *id == text).map(|(way, _)| way)
}

/// What stands in a line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The head of a group, by its place among the groups.
    Head(usize),
    /// An invoice, by its place in the view.
    Row(u64),
}

/// A group's share of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    /// Line of its head.
    line: u64,
    /// Place of its first invoice in the view.
    row: u64,
    rows: u64,
    is_open: bool,
}

/// How the ledger is grouped.
#[derive(Debug, Default)]
pub struct Grouping {
    /// By what; none for one list.
    pub by: Option<GroupBy>,
    /// Groups that are closed, or those that are open where most are closed.
    odd: HashSet<GroupKey>,
    most_are_closed: bool,
    parts: Vec<Part>,
}

impl Grouping {
    /// Lays the lines out anew for the groups of a view; true when they are others than before.
    pub fn lay_out(&mut self, groups: &[Group]) -> bool {
        let before = std::mem::take(&mut self.parts);
        let (mut line, mut row) = (0, 0);
        for group in groups {
            let (rows, is_open) = (group.totals.invoices, self.odd.contains(&group.key) == self.most_are_closed);
            self.parts.push(Part { line, row, rows, is_open });
            line += 1 + if is_open { rows } else { 0 };
            row += rows;
        }
        self.parts != before
    }

    /// True while the view at hand is grouped.
    #[must_use]
    pub fn is_grouped(&self) -> bool {
        !self.parts.is_empty()
    }

    /// True for a group whose invoices are shown.
    #[must_use]
    pub fn is_open(&self, group: usize) -> bool {
        self.parts.get(group).is_some_and(|part| part.is_open)
    }

    /// Opens or closes one group.
    pub fn set_open(&mut self, groups: &[Group], group: usize, open: bool) {
        let Some(key) = groups.get(group).map(|group| &group.key).filter(|_| self.is_open(group) != open) else { return };
        if !self.odd.remove(key) {
            self.odd.insert(key.clone());
        }
        self.lay_out(groups);
    }

    /// Opens or closes all.
    pub fn set_all(&mut self, groups: &[Group], open: bool) {
        self.odd.clear();
        self.most_are_closed = !open;
        self.lay_out(groups);
    }

    /// Another way of grouping: all of it open.
    pub fn choose(&mut self, by: Option<GroupBy>) {
        *self = Self { by, ..Self::default() };
    }

    /// Lines of a view with so many invoices.
    #[must_use]
    pub fn lines(&self, rows: u64) -> u64 {
        self.parts.last().map_or(rows, |part| part.line + 1 + if part.is_open { part.rows } else { 0 })
    }

    /// What stands in a line.
    #[must_use]
    pub fn line(&self, line: u64) -> Line {
        let after = self.parts.partition_point(|part| part.line <= line);
        match after.checked_sub(1).and_then(|group| Some((group, self.parts.get(group)?))) {
            None => Line::Row(line),
            Some((group, part)) if part.line == line => Line::Head(group),
            Some((_, part)) => Line::Row(part.row + (line - part.line - 1)),
        }
    }

    /// The line of an invoice, and its group, which may be closed.
    #[must_use]
    pub fn line_of(&self, row: u64) -> (u64, Option<usize>) {
        let after = self.parts.partition_point(|part| part.row <= row);
        match after.checked_sub(1).and_then(|group| Some((group, self.parts.get(group)?))) {
            None => (row, None),
            Some((group, part)) if part.is_open => (part.line + 1 + (row - part.row), Some(group)),
            Some((group, part)) => (part.line, Some(group)),
        }
    }

    /// The invoices between two lines, heads left out.
    #[must_use]
    pub fn rows_between(&self, lines: Range<u64>) -> Range<u64> {
        let first = |line: u64| match self.line(line) {
            Line::Row(row) => row,
            Line::Head(group) => self.parts.get(group).map_or(0, |part| part.row),
        };
        let last = lines.end.checked_sub(1).map_or(0, |line| match self.line(line) {
            Line::Row(row) => row + 1,
            Line::Head(group) => self.parts.get(group).map_or(0, |part| part.row),
        });
        first(lines.start)..last
    }

    /// The invoices that selected lines mean. A head that is selected without the invoice below it means its whole group.
    #[must_use]
    pub fn meant(&self, lines: &Selection) -> Selection {
        let mut rows = self.rows_in(lines);
        let whole = self.heads(lines).filter(|(_, is_whole)| *is_whole);
        for part in whole.filter_map(|(group, _)| self.parts.get(group)) {
            rows.add(part.row..part.row + part.rows);
        }
        rows
    }

    /// The invoices in selected lines, those left out that only a head means.
    #[must_use]
    pub fn rows_in(&self, lines: &Selection) -> Selection {
        if !self.is_grouped() {
            return lines.clone();
        }
        let mut rows = Selection::new();
        lines.ranges().iter().for_each(|range| rows.add(self.rows_between(range.clone())));
        rows
    }

    /// The heads in selected lines, as places of groups; true with one that means its whole group.
    pub fn heads<'a>(&'a self, lines: &'a Selection) -> impl Iterator<Item = (usize, bool)> + 'a {
        lines.ranges().iter().flat_map(move |range| {
            let from = self.parts.partition_point(|part| part.line < range.start);
            let heads = self.parts.get(from..).unwrap_or_default().iter().take_while(move |part| part.line < range.end);
            (from..).zip(heads).map(move |(group, part)| (group, !part.is_open || part.line + 1 == range.end))
        })
    }

    /// The lines of a group, its head first.
    #[must_use]
    pub fn group_lines(&self, group: usize) -> Option<Range<u64>> {
        let part = self.parts.get(group)?;
        Some(part.line..part.line + 1 + if part.is_open { part.rows } else { 0 })
    }

    /// The lines in which invoices stand; those of closed groups stand in none.
    #[must_use]
    pub fn lines_of(&self, rows: &Selection) -> Selection {
        if !self.is_grouped() {
            return rows.clone();
        }
        let mut lines = Selection::new();
        for range in rows.ranges() {
            let from = self.parts.partition_point(|part| part.row + part.rows <= range.start);
            let touched = self.parts.get(from..).unwrap_or_default().iter().take_while(|part| part.row < range.end);
            for part in touched.filter(|part| part.is_open) {
                let (first, end) = (range.start.max(part.row), range.end.min(part.row + part.rows));
                lines.add(part.line + 1 + first - part.row..part.line + 1 + end - part.row);
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_domain::{Money, Totals};

    fn groups(sizes: &[u64]) -> Vec<Group> {
        let key = |month: usize| GroupKey::Month(format!("2026-{:02}", month + 1).parse().unwrap());
        let totals = |invoices| Totals { invoices, net: Money::ZERO, tax: Money::ZERO, gross: Money::ZERO };
        sizes.iter().enumerate().map(|(month, size)| Group { key: key(month), totals: totals(*size) }).collect()
    }

    /// Each line: `g` and the group's place, or the invoice's place.
    fn lines(grouping: &Grouping, rows: u64) -> Vec<String> {
        let said = |line| match grouping.line(line) {
            Line::Head(group) => format!("g{group}"),
            Line::Row(row) => row.to_string(),
        };
        (0..grouping.lines(rows)).map(said).collect()
    }

    #[test]
    fn lines_are_heads_and_the_invoices_of_what_is_open() {
        let groups = groups(&[2, 1, 3]);
        let mut grouping = Grouping::default();
        assert_eq!(lines(&grouping, 3), ["0", "1", "2"]);
        grouping.lay_out(&groups);
        assert_eq!(lines(&grouping, 6), ["g0", "0", "1", "g1", "2", "g2", "3", "4", "5"]);
        grouping.set_open(&groups, 0, false);
        assert_eq!(lines(&grouping, 6), ["g0", "g1", "2", "g2", "3", "4", "5"]);
        assert_eq!((grouping.line_of(0), grouping.line_of(5)), ((0, Some(0)), (6, Some(2))));
        grouping.set_all(&groups, false);
        assert_eq!(lines(&grouping, 6), ["g0", "g1", "g2"]);
        grouping.set_open(&groups, 1, true);
        grouping.set_open(&groups, 1, true);
        assert_eq!(lines(&grouping, 6), ["g0", "g1", "2", "g2"]);
        // The same groups in another view stay as they are.
        grouping.lay_out(groups.get(1..).unwrap());
        assert_eq!(lines(&grouping, 4), ["g0", "0", "g1"]);
    }

    #[test]
    fn every_line_finds_its_way_back() {
        let groups = groups(&[5, 0, 1, 7, 2]);
        for closed in 0..32_u32 {
            let mut grouping = Grouping::default();
            grouping.lay_out(&groups);
            for group in (0..groups.len()).filter(|group| closed >> group & 1 == 1) {
                grouping.set_open(&groups, group, false);
            }
            for line in 0..grouping.lines(15) {
                if let Line::Row(row) = grouping.line(line) {
                    assert_eq!(grouping.line_of(row).0, line, "{closed:b}");
                }
            }
        }
    }

    #[test]
    fn a_head_means_its_group_unless_only_a_part_of_it_is_selected() {
        let groups = groups(&[2, 1, 3]);
        let mut grouping = Grouping::default();
        grouping.lay_out(&groups);
        let meant = |grouping: &Grouping, lines: &[Range<u64>]| {
            let mut selection = Selection::new();
            lines.iter().for_each(|range| selection.add(range.clone()));
            grouping.meant(&selection).rows().collect::<Vec<_>>()
        };
        assert_eq!(meant(&grouping, std::slice::from_ref(&(0..9))), [0, 1, 2, 3, 4, 5]);
        assert_eq!(meant(&grouping, std::slice::from_ref(&(5..6))), [3, 4, 5]);
        assert_eq!(meant(&grouping, std::slice::from_ref(&(2..7))), [1, 2, 3], "of the last group one");
        assert_eq!(meant(&grouping, &[1..2, 8..9]), [0, 5]);
        grouping.set_all(&groups, false);
        assert_eq!(meant(&grouping, std::slice::from_ref(&(0..3))), [0, 1, 2, 3, 4, 5]);
        assert_eq!(meant(&grouping, std::slice::from_ref(&(1..2))), [2]);
    }

    #[test]
    fn the_choice_is_kept_by_name() {
        for (way, id) in WAYS {
            assert_eq!((to_text(Some(way)), from_text(id)), (id, Some(way)));
        }
        assert_eq!((to_text(None), from_text("later")), ("", None));
    }
}
