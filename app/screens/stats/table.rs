//! The table of a breakdown: every figure can be pressed.

use egui::Ui;
use piaoxia_export::Value;
use piaoxia_widgets::big_table::{BigTable, Cell, Column, TableRows, TableState, TableText};
use piaoxia_widgets::tokens::Tone;

use crate::screens::ScreenCx;
use crate::text::stats::{Narrow, StatRow, StatTable, value_text};

/// Points a character of a column's width, with its margins.
const CHARACTER: f32 = 8.4;

/// A column of names this wide takes the room that is left, characters.
const WIDE: u32 = 18;

/// Draws a table with its name; the figure that was pressed.
pub(super) fn draw(ui: &mut Ui, (table, name): (&StatTable, &str), state: &mut TableState, cx: &ScreenCx<'_>) -> Option<Narrow> {
    let named = (0..).zip(&table.columns).filter(|(_, column)| column.key.is_empty());
    let widest = named.max_by_key(|(_, column)| column.width).filter(|(_, column)| column.width >= WIDE).map(|(place, _)| place);
    let columns: Vec<Column<'_>> = (0..)
        .zip(&table.columns)
        .map(|(place, column)| {
            let width = CHARACTER * column.width as f32;
            let made = if column.key.is_empty() { Column::new(&column.heading, width) } else { Column::number(&column.heading, width) };
            if widest == Some(place) { made.unsortable().stretch() } else { made.unsortable() }
        })
        .collect();
    let mut rows = Rows { table, pressed: None };
    // The sums stand behind the last row, as on paper.
    let count = table.rows.len() as u64 + 1;
    let text = TableText { name, row: &cx.text.stats.row };
    let output = BigTable::new(("stats", name), &columns, count, text).show(ui, state, &mut rows);
    let opened = output.opened.and_then(|row| Some(rows.row(row)?.narrow.clone()));
    rows.pressed.or(opened)
}

struct Rows<'a> {
    table: &'a StatTable,
    pressed: Option<Narrow>,
}

impl Rows<'_> {
    fn row(&self, row: u64) -> Option<&StatRow> {
        let row = usize::try_from(row).ok()?;
        if row == self.table.rows.len() { Some(&self.table.total) } else { self.table.rows.get(row) }
    }
}

impl TableRows for Rows<'_> {
    fn cell(&mut self, cell: &mut Cell<'_>, row: u64, column: usize) {
        let Some(found) = self.row(row) else { return };
        let Some(value) = found.values.get(column) else { return };
        if row == self.table.rows.len() as u64 {
            cell.rule_above();
        }
        let tone = match value {
            Value::Amount(amount) if amount.is_negative() => Tone::Bad,
            _ => Tone::Neutral,
        };
        let pressed = match self.table.behind(found, column) {
            Some(narrow) => cell.press(&value_text(value), tone).then_some(narrow),
            None => {
                cell.text(&value_text(value));
                None
            }
        };
        self.pressed = self.pressed.take().or(pressed);
    }

    fn label(&mut self, row: u64) -> String {
        match self.row(row) {
            Some(found) => found.values.iter().take(2).map(value_text).collect::<Vec<_>>().join(" "),
            None => String::new(),
        }
    }
}
