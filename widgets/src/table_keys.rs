//! The keys of a table that has the focus.

use egui::{Key, Modifiers, Ui};

use crate::big_table::{TableOutput, TableState};
use crate::row_scroll::Extent;

/// Points that an arrow key scrolls sideways.
const SIDE_STEP: f32 = 60.0;

/// Arrows, PageUp, PageDown, Home, End (with Shift: extend), Ctrl+A, Enter. `head` tells whether a group is open whose head the cursor
/// is on: there, Left, Right and Enter close and open it.
pub(crate) fn handle(ui: &Ui, state: &mut TableState, extent: &Extent, head: Option<bool>, output: &mut TableOutput) {
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
        state.selection.set(0..extent.rows);
        return;
    }
    let modifiers = ui.input(|input| input.modifiers);
    let pressed = |key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if let (Some(row), Some(is_open)) = (state.cursor, head) {
        let (left, right, enter) = (pressed(Key::ArrowLeft), pressed(Key::ArrowRight), pressed(Key::Enter));
        let wanted = if enter { !is_open } else { right || (is_open && !left) };
        output.fold = (wanted != is_open).then_some((row, wanted));
    }
    if let Some(row) = target(state, extent, &pressed) {
        // Ctrl has no meaning for a move: a plain move selects.
        state.select(row, Modifiers { command: false, ctrl: false, ..modifiers });
        state.cursor = Some(row);
        state.reveal = Some(row);
    }
    if pressed(Key::ArrowRight) {
        state.scroll_x += SIDE_STEP;
    }
    if pressed(Key::ArrowLeft) {
        state.scroll_x -= SIDE_STEP;
    }
    if pressed(Key::Enter) {
        output.opened = state.cursor;
    }
}

fn target(state: &TableState, extent: &Extent, pressed: &impl Fn(Key) -> bool) -> Option<u64> {
    let last = extent.rows.saturating_sub(1);
    let here = state.cursor.unwrap_or(state.position.row);
    let page = extent.page();
    let row = if pressed(Key::ArrowDown) {
        state.cursor.map_or(here, |row| row.saturating_add(1))
    } else if pressed(Key::ArrowUp) {
        here.saturating_sub(1)
    } else if pressed(Key::PageDown) {
        here.saturating_add(page)
    } else if pressed(Key::PageUp) {
        here.saturating_sub(page)
    } else if pressed(Key::Home) {
        0
    } else if pressed(Key::End) {
        last
    } else {
        return None;
    };
    Some(row.min(last))
}
