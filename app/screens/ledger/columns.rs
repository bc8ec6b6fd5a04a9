//! 列: which columns the ledger shows, and in what order.

use egui::{Checkbox, RichText, Ui};
use piaoxia_widgets::big_table::Column;
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};

use crate::screens::{ScreenCx, order, words};
use crate::state::State;
use crate::state::ledger_columns::{LedgerColumn, LedgerColumns};
use crate::state::preferences::LEDGER_COLUMNS;
use crate::text::Text;

/// Head of a column.
pub(super) fn title(text: &Text, column: LedgerColumn) -> &str {
    let words = &text.ledger;
    match column {
        LedgerColumn::Date => &words.col_date,
        LedgerColumn::Kind => &words.col_kind,
        LedgerColumn::Code => &words.code,
        LedgerColumn::Number => &words.col_number,
        LedgerColumn::Direction => &words.col_direction,
        LedgerColumn::Counterparty => &words.col_counterparty,
        LedgerColumn::CounterpartyTaxNo => &words.col_counterparty_tax_no,
        LedgerColumn::Own => &words.col_own,
        LedgerColumn::Net => &words.col_net,
        LedgerColumn::Tax => &words.col_tax,
        LedgerColumn::Gross => &words.col_gross,
        LedgerColumn::Status => &words.col_status,
        LedgerColumn::Deduction => &words.col_deduction,
        LedgerColumn::Originals => &words.col_originals,
    }
}

/// As the table draws it.
pub(super) fn column(text: &Text, column: LedgerColumn) -> Column<'_> {
    let title = title(text, column);
    let wide = |chinese, english| words::wide(text, chinese, english);
    let drawn = match column {
        LedgerColumn::Date => Column::new(title, 92.0),
        LedgerColumn::Kind => Column::new(title, wide(92.0, 122.0)),
        LedgerColumn::Code => Column::new(title, 112.0),
        LedgerColumn::Number => Column::new(title, 176.0),
        LedgerColumn::Direction => Column::new(title, wide(52.0, 64.0)),
        LedgerColumn::Counterparty => Column::new(title, 200.0).stretch().min_width(wide(120.0, 104.0)),
        LedgerColumn::CounterpartyTaxNo => Column::new(title, 168.0),
        LedgerColumn::Own => Column::new(title, 180.0),
        LedgerColumn::Net => Column::number(title, 108.0),
        LedgerColumn::Tax => Column::number(title, wide(96.0, 92.0)),
        LedgerColumn::Gross => Column::number(title, 112.0),
        LedgerColumn::Status => Column::new(title, wide(112.0, 88.0)),
        LedgerColumn::Deduction => Column::new(title, wide(72.0, 96.0)),
        LedgerColumn::Originals => Column::new(title, wide(80.0, 76.0)),
    };
    if column.sort().is_some() { drawn } else { drawn.unsortable() }
}

/// Keeps the columns, and has the table lay them out anew.
pub(super) fn keep(state: &mut State, cx: &mut ScreenCx<'_>) {
    let widths = state.ledger.columns.0.iter().map(|(_, width)| *width).collect();
    state.ledger.table.set_widths(widths);
    let columns = state.ledger.columns.to_text();
    cx.send(state.prefer(LEDGER_COLUMNS, columns));
}

/// Draws the dialog while it is open.
pub(super) fn dialog(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if !state.ledger.arranging {
        return;
    }
    let words = &cx.text.ledger;
    let mut columns = state.ledger.columns.clone();
    let (choice, ()) = Dialog::new("ledger columns", &words.columns).cancel(&cx.text.common.close).width(360.0).show(ui.ctx(), |ui| {
        ui.label(RichText::new(&words.columns_note).small().color(cx.tokens.color.text_secondary));
        ui.spacing_mut().item_spacing.y = cx.tokens.space.xs;
        let shown = columns.0.clone();
        for (index, (column, _)) in shown.iter().enumerate() {
            line(ui, cx, &mut columns, *column, Some(index));
        }
        for column in LedgerColumn::ALL.into_iter().filter(|column| !shown.iter().any(|(other, _)| other == column)) {
            line(ui, cx, &mut columns, column, None);
        }
        if ui.add(button::link(&words.columns_usual)).clicked() {
            columns = LedgerColumns::usual(cx.text.language);
        }
    });
    if columns != state.ledger.columns {
        state.ledger.columns = columns;
        keep(state, cx);
    }
    state.ledger.arranging = choice == Choice::Open;
}

fn line(ui: &mut Ui, cx: &ScreenCx<'_>, columns: &mut LedgerColumns, column: LedgerColumn, place: Option<usize>) {
    let name = title(cx.text, column);
    ui.horizontal(|ui| {
        // What is not shown has no place, but room for the buttons, so that all names stand in one line.
        let (index, count) = place.map_or((0, 0), |place| (place, columns.0.len()));
        if let Some(moved) = order::buttons(ui, cx, name, index, count) {
            columns.move_left(moved);
        }
        let mut shown = place.is_some();
        if ui.add(Checkbox::new(&mut shown, name)).changed() {
            columns.toggle(column);
        }
    });
}
