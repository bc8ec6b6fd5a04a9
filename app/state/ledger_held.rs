//! What stays when a view comes again: rows stay on screen until their pages are there, and selection, keyboard and screen follow
//! their invoices, because every invoice that a download brings moves the lines below it.

use std::collections::HashMap;
use std::sync::Arc;

use piaoxia_engine::Problem;
use piaoxia_store::{Group, GroupKey, Row, View};
use piaoxia_widgets::big_table::Selection;

use super::ledger::{Ledger, PAGE};
use super::ledger_groups::Line;

/// Pages whose rows are kept over a new view.
const KEPT: u64 = 50;

/// What stands in a line, by what it is in every view.
#[derive(Debug)]
enum Spot {
    /// The head of a group.
    Head(GroupKey),
    /// An invoice, by its id.
    Row(u32),
}

/// What the table remembers, while the view below it is changed.
#[derive(Debug)]
struct Held {
    ids: Arc<[u32]>,
    groups: Arc<[Group]>,
    /// Selected invoices, by their places in the view.
    rows: Selection,
    /// Selected heads, by their places among the groups; true with one that means its whole group.
    heads: Vec<(usize, bool)>,
    /// What stands in the lines that the table remembers beside the selection.
    spots: Vec<(u64, Spot)>,
}

impl Ledger {
    /// Takes the answer of the last search.
    pub(crate) fn take_view(&mut self, seq: u64, result: Result<View, Problem>) {
        let held = self.hold();
        self.keep_rows();
        self.view.answer(result);
        self.view_seq = seq;
        self.answers += 1;
        let groups = self.groups();
        let moved = self.grouping.lay_out(&groups);
        self.put_back(&held, moved);
    }

    /// Takes rows of the view.
    pub(crate) fn take_rows(&mut self, first: u64, rows: Arc<[Row]>) {
        for row in rows.iter() {
            self.kept.remove(&row.id);
        }
        self.pages.insert(first / PAGE, rows);
        self.answers += 1;
    }

    /// All pages are asked for again; until they come, their rows are shown, each found by its id.
    fn keep_rows(&mut self) {
        let top = self.table.position.row;
        let middle = self.grouping.rows_between(top..top + 1).start / PAGE;
        let near = middle.saturating_sub(KEPT / 2)..middle + KEPT / 2;
        let are_few = self.pages.len() as u64 <= KEPT;
        if self.kept.len() as u64 > KEPT * PAGE {
            self.kept.clear();
        }
        for (page, rows) in std::mem::take(&mut self.pages) {
            if are_few || near.contains(&page) {
                self.kept.extend(rows.iter().enumerate().map(|(place, row)| (row.id, (Arc::clone(&rows), place))));
            }
        }
        self.asked_pages.clear();
    }

    fn hold(&self) -> Held {
        let (ids, groups) = (self.ids(), self.groups());
        let spot = |line: u64| -> Option<Spot> {
            match self.grouping.line(line) {
                Line::Head(group) => groups.get(group).map(|group| Spot::Head(group.key.clone())),
                Line::Row(row) => ids.get(usize::try_from(row).ok()?).map(|id| Spot::Row(*id)),
            }
        };
        let mut lines: Vec<u64> = self.table.places().collect();
        lines.sort_unstable();
        lines.dedup();
        let spots = lines.into_iter().filter_map(|line| Some((line, spot(line)?))).collect();
        let selected = &self.table.selection;
        let heads = self.grouping.heads(selected).collect();
        Held { rows: self.grouping.rows_in(selected), heads, spots, ids, groups }
    }

    /// Puts what was held where it stands now; what is no longer in the view is let go. `moved` says that the lines of groups are
    /// others than before.
    fn put_back(&mut self, held: &Held, moved: bool) {
        let ids = self.ids();
        if !moved && (Arc::ptr_eq(&ids, &held.ids) || ids == held.ids) {
            return;
        }
        let groups = self.groups();
        // Only where one is looked for: groups can be as many as counterparties.
        let by_key = !held.heads.is_empty() || held.spots.iter().any(|(_, spot)| matches!(spot, Spot::Head(_)));
        let named = groups.iter().take(if by_key { groups.len() } else { 0 });
        let places: HashMap<&GroupKey, usize> = named.enumerate().map(|(place, group)| (&group.key, place)).collect();
        let lines_of = |key: &GroupKey| self.grouping.group_lines(*places.get(key)?);
        let mut lines = self.grouping.lines_of(&places_of(&held.ids, &held.rows, &ids));
        for (group, is_whole) in &held.heads {
            let Some(shown) = held.groups.get(*group).and_then(|group| lines_of(&group.key)) else { continue };
            let (head, below) = (shown.start..shown.start + 1, shown.start + 1..shown.end);
            if *is_whole {
                // The head alone stands for its group; with the row below it selected too, only that row would count.
                lines.remove(below);
                lines.add(head);
            } else if !below.is_empty() && lines.contains(below.start) {
                lines.add(head);
            }
        }
        let now = |spot: &Spot| -> Option<u64> {
            match spot {
                Spot::Head(key) => Some(lines_of(key)?.start),
                Spot::Row(id) => Some(self.grouping.line_of(ids.iter().position(|other| other == id)? as u64).0),
            }
        };
        let to: Vec<(u64, u64)> = held.spots.iter().filter_map(|(line, spot)| Some((*line, now(spot)?))).collect();
        self.table.follow(lines, |line| to.iter().find(|(before, _)| *before == line).map(|(_, after)| *after));
    }
}

/// The places in a view of those invoices that were selected in the one before. One pass over each, and a bit an invoice: both can be
/// millions.
fn places_of(before: &[u32], selected: &Selection, now: &[u32]) -> Selection {
    let mut places = Selection::new();
    if selected.is_empty() {
        return places;
    }
    let mut bits: Vec<u64> = Vec::new();
    for range in selected.ranges() {
        let (first, end) = (range.start as usize, (range.end as usize).min(before.len()));
        for id in before.get(first..end).unwrap_or_default() {
            let word = *id as usize / 64;
            if word >= bits.len() {
                bits.resize(word + 1, 0);
            }
            if let Some(bits) = bits.get_mut(word) {
                *bits |= 1 << (id % 64);
            }
        }
    }
    let is_wanted = |id: &u32| bits.get(*id as usize / 64).is_some_and(|bits| bits >> (id % 64) & 1 == 1);
    let mut place = 0;
    for run in now.chunk_by(|one, next| is_wanted(one) == is_wanted(next)) {
        let end = place + run.len() as u64;
        if run.first().is_some_and(is_wanted) {
            places.add(place..end);
        }
        place = end;
    }
    places
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use piaoxia_domain::{Kind, Money, Status, TaxNumber, Totals};
    use piaoxia_engine::Event;
    use piaoxia_store::{Formats, GroupBy, PartyLabel};

    use super::*;
    use crate::state::State;

    fn view(ids: &[u32]) -> View {
        View { ids: ids.into(), totals: Totals::default(), voided: 0, groups: Arc::from([]), generation: 0 }
    }

    /// Invoices by month.
    fn by_month(months: &[(&str, &[u32])]) -> View {
        let group = |(month, ids): &(&str, &[u32])| Group {
            key: GroupKey::Month(month.parse().unwrap()),
            totals: Totals { invoices: ids.len() as u64, ..Totals::default() },
        };
        let ids: Vec<u32> = months.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
        View { groups: months.iter().map(group).collect(), ..view(&ids) }
    }

    fn row(id: u32) -> Row {
        let party = || Arc::new(PartyLabel { name: String::new(), tax_no: TaxNumber::default() });
        Row {
            id,
            key: format!("2631200000012345{id:04}").parse().unwrap(),
            kind: Kind::from_code("81"),
            direction: None,
            both_sides: false,
            issued_at: jiff::civil::date(2026, 10, 8).at(9, 0, 0, 0),
            seller: party(),
            buyer: party(),
            net: Money::from_fen(100),
            tax: Money::ZERO,
            gross: Money::from_fen(100),
            status: Status::Normal,
            deduction: None,
            originals: Formats::default(),
            by_bureau: true,
            is_claimed: false,
        }
    }

    /// Asks once more, as after a commit of a download, and answers.
    fn refresh(state: &mut State, view: View) {
        state.apply(Event::LedgerChanged { invoices: 0 });
        state.search_ledger();
        state.apply(Event::View { seq: state.ledger.seq, result: Ok(view) });
    }

    #[test]
    fn selection_and_cursor_follow_their_invoices() {
        let mut state = State::default();
        refresh(&mut state, view(&[5, 70, 1]));
        state.ledger.table.selection.set(1..3);
        state.ledger.table.go_to(2);
        // Two above, one between.
        refresh(&mut state, view(&[9, 5, 8, 70, 7, 1]));
        assert_eq!(state.ledger.table.selection.ranges(), [3..4, 5..6]);
        assert_eq!((&*state.ledger.selected_ids(), state.ledger.table.cursor), ([70, 1].as_slice(), Some(5)));
        // One is gone, and the one with the cursor.
        refresh(&mut state, view(&[9, 70, 5, 8]));
        assert_eq!((&*state.ledger.selected_ids(), state.ledger.table.cursor), ([70].as_slice(), None));
        refresh(&mut state, view(&[9, 70, 5, 8]));
        assert_eq!(state.ledger.table.selection.ranges(), std::slice::from_ref(&(1..2)));
        // Another filter begins anew.
        state.ledger.filters.text = "示例".into();
        refresh(&mut state, view(&[70]));
        assert!(state.ledger.table.selection.is_empty());
    }

    #[test]
    fn what_is_on_screen_stays_there_but_the_top_stays_the_top() {
        let mut state = State::default();
        refresh(&mut state, view(&[5, 3, 1]));
        refresh(&mut state, view(&[9, 5, 3, 1]));
        assert_eq!(state.ledger.table.position.row, 0);
        state.ledger.table.position.row = 2;
        refresh(&mut state, view(&[8, 7, 9, 5, 3, 1]));
        assert_eq!(state.ledger.table.position.row, 4);
    }

    #[test]
    fn a_head_goes_on_meaning_its_group_and_a_row_itself_alone() {
        let mut state = State::default();
        state.group_ledger(Some(GroupBy::Month));
        refresh(&mut state, by_month(&[("2026-10", &[5, 3]), ("2026-09", &[2])]));
        // The second month is closed and selected, and of the first its head with the first invoice below it.
        state.ledger.fold(3, false);
        state.ledger.table.selection.set(0..2);
        state.ledger.table.selection.add(3..4);
        assert_eq!(&*state.ledger.selected_ids(), [5, 2].as_slice());
        refresh(&mut state, by_month(&[("2026-11", &[9]), ("2026-10", &[8, 5, 3]), ("2026-09", &[2, 4])]));
        assert_eq!(&*state.ledger.selected_ids(), [5, 2, 4].as_slice());
        assert_eq!((state.ledger.table.selection.ranges(), state.ledger.table.cursor), ([4..5, 6..7].as_slice(), Some(6)));
        // The head of an open month stands for all of it, whatever is new.
        state.ledger.table.selection.set(2..3);
        refresh(&mut state, by_month(&[("2026-10", &[7, 8, 5, 3]), ("2026-09", &[2, 4])]));
        assert_eq!(&*state.ledger.selected_ids(), [7, 8, 5, 3].as_slice());
    }

    #[test]
    fn rows_stay_on_screen_until_newer_ones_come_and_each_in_its_own_line() {
        let mut state = State::default();
        refresh(&mut state, view(&[5, 3]));
        state.load_rows(0..2);
        state.apply(Event::Rows { seq: state.ledger.seq, first: 0, rows: [5, 3].map(row).into() });
        state.ledger.table.selection.set(1..2);
        assert_eq!(state.ledger.sum_selected().0.unwrap().totals.gross, Money::from_fen(100));
        refresh(&mut state, view(&[9, 5, 3]));
        assert_eq!([0, 1, 2].map(|line| state.ledger.row(line).map(|row| row.id)), [None, Some(5), Some(3)]);
        assert_eq!(state.load_rows(0..3).len(), 1, "all are asked for again");
        let changed = Row { gross: Money::from_fen(700), ..row(3) };
        state.apply(Event::Rows { seq: state.ledger.seq, first: 0, rows: Arc::from([row(9), row(5), changed]) });
        assert_eq!(state.ledger.sum_selected().0.unwrap().totals.gross, Money::from_fen(700));
        assert!(state.ledger.kept.is_empty());
    }
}
