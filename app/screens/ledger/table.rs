//! The table of the ledger. Strings are made for visible cells only; a page that is not there yet is drawn grey.

use egui::Ui;
use piaoxia_domain::{Direction, Status};
use piaoxia_engine::Command;
use piaoxia_store::{Row, SortKey};
use piaoxia_widgets::big_table::{BigTable, Cell, Column, SortOrder, TableRows, TableText};
use piaoxia_widgets::button;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::tokens::Tone;

use crate::screens::{ScreenCx, Wish, words};
use crate::state::ledger::Ledger;
use crate::state::{Screen, State};
use crate::text::Text;

/// Columns that sort, by their place.
const SORT_KEYS: [Option<SortKey>; 11] = [
    Some(SortKey::Date),
    Some(SortKey::Kind),
    Some(SortKey::Number),
    None,
    Some(SortKey::Counterparty),
    Some(SortKey::Net),
    Some(SortKey::Tax),
    Some(SortKey::Gross),
    Some(SortKey::Status),
    None,
    None,
];

/// Draws the table.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.ledger;
    let wide = |chinese, english| words::wide(cx.text, chinese, english);
    let columns = [
        Column::new(&words.col_date, 92.0),
        Column::new(&words.col_kind, wide(92.0, 120.0)),
        Column::new(&words.col_number, 176.0),
        Column::new(&words.col_direction, 52.0).unsortable(),
        Column::new(&words.col_counterparty, 200.0).stretch(),
        Column::number(&words.col_net, 108.0),
        Column::number(&words.col_tax, wide(96.0, 92.0)),
        Column::number(&words.col_gross, 112.0),
        Column::new(&words.col_status, wide(88.0, 92.0)),
        Column::new(&words.col_deduction, wide(72.0, 88.0)).unsortable(),
        Column::new(&words.col_originals, wide(104.0, 82.0)).unsortable(),
    ];
    let place = SORT_KEYS.iter().position(|key| *key == Some(state.ledger.sort.by)).unwrap_or_default();
    let order = if state.ledger.sort.descending { SortOrder::Descending } else { SortOrder::Ascending };
    let (nothing_at_all, loading) = (state.ledger.invoices == 0, state.ledger.view.value().is_none());
    let mut go = None;
    let mut wish = None;
    let empty = |ui: &mut Ui| {
        if loading {
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
        });
    };
    let rows = state.ledger.rows();
    let mut table = std::mem::take(&mut state.ledger.table);
    let text = TableText { name: &words.title, row: &words.row };
    let output = BigTable::new("ledger", &columns, rows, text).sort(place, order).empty(empty).show(
        ui,
        &mut table,
        &mut Rows { ledger: &state.ledger, text: cx.text },
    );
    state.ledger.table = table;
    let commands = state.load_rows(output.visible.clone());
    cx.commands.extend(commands);
    if let Some(key) = output.sort.and_then(|column| SORT_KEYS.get(column).copied().flatten()) {
        let sort = &mut state.ledger.sort;
        sort.descending =
            if sort.by == key { !sort.descending } else { matches!(key, SortKey::Date | SortKey::Net | SortKey::Tax | SortKey::Gross) };
        sort.by = key;
    }
    if let Some(key) = output.opened.and_then(|row| state.ledger.row(row)).map(|row| row.key.clone()) {
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

struct Rows<'a> {
    ledger: &'a Ledger,
    text: &'a Text,
}

impl TableRows for Rows<'_> {
    fn cell(&mut self, cell: &mut Cell<'_>, row: u64, column: usize) {
        let Some(row) = self.ledger.row(row) else {
            cell.pending();
            return;
        };
        let words = &self.text.ledger;
        let tone = if row.gross.is_negative() { Tone::Bad } else { Tone::Neutral };
        match column {
            0 => cell.text(&row.issued_at.date().to_string()),
            1 => cell.text(self.text.kind_short(&row.kind)),
            2 => cell.middle(row.key.number()),
            3 => cell.quiet(match row.direction {
                Some(Direction::Issued) => &words.short_issued,
                Some(Direction::Received) => &words.short_received,
                None => "",
            }),
            4 => cell.text(counterparty(row)),
            5 => cell.toned(&row.net.grouped(), tone),
            6 => cell.toned(&row.tax.grouped(), tone),
            7 => cell.toned(&row.gross.grouped(), tone),
            8 => status(cell, self.text, row),
            9 => cell.quiet(row.deduction.map_or("", |state| words::deduction(self.text, state))),
            _ => {
                let held: Vec<String> = row.originals.iter().map(|format| format.extension().to_uppercase()).collect();
                cell.quiet(&held.join(" "));
            }
        }
    }

    fn label(&mut self, row: u64) -> String {
        self.ledger.row(row).map(|row| row.key.number().to_owned()).unwrap_or_default()
    }
}

fn counterparty(row: &Row) -> &str {
    match row.direction {
        Some(Direction::Issued) => &row.buyer.name,
        Some(Direction::Received) | None => &row.seller.name,
    }
}

fn status(cell: &mut Cell<'_>, text: &Text, row: &Row) {
    let said = text.status(&row.status);
    match row.status {
        Status::Normal => cell.quiet(said),
        _ => cell.chip(said, words::status_tone(&row.status)),
    }
}
