//! The table of the ledger. Strings are made for visible cells only; a page that is not there yet is drawn grey.

use egui::Ui;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Direction, Status, TaxNumber};
use piaoxia_engine::Command;
use piaoxia_service::contract::Company;
use piaoxia_store::{Group, PartyLabel, Row, SortKey};
use piaoxia_widgets::big_table::{BigTable, Cell, Column, GroupHead, SortOrder, TableRows, TableText};
use piaoxia_widgets::button;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use super::{columns, groups};
use crate::screens::{ScreenCx, Wish, words};
use crate::state::ledger::Ledger;
use crate::state::ledger_columns::LedgerColumn;
use crate::state::ledger_groups::Line;
use crate::state::{Screen, State};
use crate::text::Text;

/// Draws the table.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.ledger;
    let shown: Vec<LedgerColumn> = state.ledger.columns.0.iter().map(|(column, _)| *column).collect();
    let drawn: Vec<Column<'_>> = shown.iter().map(|column| columns::column(cx.text, *column)).collect();
    let place = shown.iter().position(|column| column.sort() == Some(state.ledger.sort.by));
    let order = if state.ledger.sort.descending { SortOrder::Descending } else { SortOrder::Ascending };
    let (nothing_at_all, loading) = (state.ledger.invoices == 0, state.ledger.view.value().is_none());
    let (failed, clock) = (state.ledger.view.problem().is_some(), state.clock);
    let mut go = None;
    let mut wish = None;
    let mut clears = false;
    let empty = |ui: &mut Ui| {
        if loading {
            if !failed {
                Waiting::new("ledger", &cx.text.common.loading, clock).shape(Shape::Rows(12)).show(ui);
            }
            return;
        }
        let (title, body) =
            if nothing_at_all { (&words.empty_title, &words.empty_body) } else { (&words.no_match_title, &words.no_match_body) };
        Empty::new(Icon::Ledger, title, body).show(ui, |ui| {
            if nothing_at_all && ui.add(button::primary(&words.empty_download)).clicked() {
                go = Some(Screen::Download);
            }
            if nothing_at_all && ui.add(button::secondary(&words.empty_import)).clicked() {
                wish = Some(Wish::PickImportFiles);
            }
            clears = !nothing_at_all && ui.add(button::secondary(&words.no_match_clear)).clicked();
        });
    };
    let lines = state.ledger.lines();
    let mut table = std::mem::take(&mut state.ledger.table);
    let text = TableText { name: &words.title, row: &words.row };
    let mut big = BigTable::new("ledger", &drawn, lines, text).empty(empty);
    // Sorted by a column that is not shown, no head says so.
    if let Some(place) = place {
        big = big.sort(place, order);
    }
    let companies = state.companies.list.value().map(Vec::as_slice).unwrap_or_default();
    let groups = state.ledger.groups();
    let mut rows = Rows { ledger: &state.ledger, groups: &groups, companies, shown: &shown, text: cx.text };
    let output = big.show(ui, &mut table, &mut rows);
    state.ledger.table = table;
    if clears {
        state.ledger.filters.clear();
    }
    if let Some((line, open)) = output.fold {
        state.ledger.fold(line, open);
    }
    keep_widths(ui, state, cx);
    let commands = state.load_rows(output.visible.clone());
    cx.commands.extend(commands);
    if let Some(key) = output.sort.and_then(|column| shown.get(column)?.sort()) {
        let sort = &mut state.ledger.sort;
        sort.descending =
            if sort.by == key { !sort.descending } else { matches!(key, SortKey::Date | SortKey::Net | SortKey::Tax | SortKey::Gross) };
        sort.by = key;
    }
    if let Some(key) = output.opened.and_then(|line| state.ledger.row_in(line)).map(|row| row.key.clone()) {
        state.ledger.open(key.clone());
        cx.send(Command::LoadInvoice(key));
    }
    if let Some(screen) = go {
        state.screen = screen;
    }
    if let Some(wish) = wish {
        cx.wish(wish);
    }
}

/// Once the mouse lets go: dragging changes them with every frame.
fn keep_widths(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let widths = state.ledger.table.widths();
    let kept = &state.ledger.columns.0;
    let changed = kept.iter().enumerate().any(|(place, (_, width))| widths.get(place).copied().flatten() != *width);
    if changed && !ui.input(|input| input.pointer.any_down()) {
        let widths = widths.to_vec();
        for (place, (_, width)) in state.ledger.columns.0.iter_mut().enumerate() {
            *width = widths.get(place).copied().flatten();
        }
        columns::keep(state, cx);
    }
}

struct Rows<'a> {
    ledger: &'a Ledger,
    groups: &'a [Group],
    companies: &'a [Company],
    shown: &'a [LedgerColumn],
    text: &'a Text,
}

impl TableRows for Rows<'_> {
    fn head(&mut self, line: u64) -> Option<GroupHead> {
        let Line::Head(group) = self.ledger.grouping.line(line) else { return None };
        Some(groups::head(self.text, self.companies, self.shown, self.groups.get(group)?, self.ledger.grouping.is_open(group)))
    }

    fn cell(&mut self, cell: &mut Cell<'_>, line: u64, column: usize) {
        let Some(row) = self.ledger.row_in(line) else {
            cell.pending();
            return;
        };
        let words = &self.text.ledger;
        let company = self.ledger.filters.company.as_ref();
        let tone = groups::amount_tone(row.gross);
        let Some(column) = self.shown.get(column) else { return };
        match column {
            LedgerColumn::Date => cell.text(&row.issued_at.date().to_string()),
            LedgerColumn::Kind => cell.text(self.text.kind_short(&row.kind)),
            LedgerColumn::Code => cell.text(row.key.code().unwrap_or_default()),
            LedgerColumn::Number => cell.middle(row.key.number()),
            LedgerColumn::Direction => cell.quiet(match row.side_of(company) {
                Some(Direction::Issued) => &words.short_issued,
                Some(Direction::Received) => &words.short_received,
                None => "",
            }),
            LedgerColumn::Counterparty => cell.text(&counterparty(row, company).name),
            LedgerColumn::CounterpartyTaxNo => cell.middle(counterparty(row, company).tax_no.as_str()),
            LedgerColumn::Own => cell.text(&own(row, company).name),
            LedgerColumn::Net => cell.toned(&row.net.grouped(), tone),
            LedgerColumn::Tax => cell.toned(&row.tax.grouped(), tone),
            LedgerColumn::Gross => cell.toned(&row.gross.grouped(), tone),
            LedgerColumn::Status => status(cell, self.text, row),
            LedgerColumn::Deduction => cell.quiet(row.deduction_of(company).map_or("", |state| words::deduction(self.text, state))),
            // All three are the rule, and said in one word.
            LedgerColumn::Originals if row.originals.iter().count() == Format::ALL.len() => cell.quiet(&words.originals_all),
            LedgerColumn::Originals => {
                let held: Vec<String> = row.originals.iter().map(|format| format.extension().to_uppercase()).collect();
                cell.quiet(&held.join(" "));
            }
        }
    }

    fn label(&mut self, line: u64) -> String {
        self.ledger.row_in(line).map(|row| row.key.number().to_owned()).unwrap_or_default()
    }
}

fn counterparty<'a>(row: &'a Row, company: Option<&TaxNumber>) -> &'a PartyLabel {
    match row.side_of(company) {
        Some(Direction::Issued) => &row.buyer,
        Some(Direction::Received) | None => &row.seller,
    }
}

fn own<'a>(row: &'a Row, company: Option<&TaxNumber>) -> &'a PartyLabel {
    match row.side_of(company) {
        Some(Direction::Issued) => &row.seller,
        Some(Direction::Received) | None => &row.buyer,
    }
}

/// What is wrong with an invoice comes before that it was used.
fn status(cell: &mut Cell<'_>, text: &Text, row: &Row) {
    let said = text.status(&row.status);
    match row.status {
        Status::Normal if row.is_claimed => cell.chip(&text.claims.claimed, Tone::Info),
        Status::Normal => cell.quiet(said),
        _ => cell.chip(said, words::status_tone(&row.status)),
    }
}
