//! The keyboard's shortcuts (快捷键): what they do everywhere, and the list behind F1.

use egui::{Key, KeyboardShortcut, Modifiers, RichText, Ui};
use piaoxia_engine::Command;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish};
use crate::state::batch::Days;
use crate::state::{Screen, State};
use crate::text::Text;

const CTRL: Modifiers = Modifiers::COMMAND;

/// The pages of the navigation, Ctrl+1 the first.
pub(super) const PAGES: [Screen; 7] =
    [Screen::Home, Screen::Companies, Screen::Disks, Screen::Download, Screen::Ledger, Screen::Stats, Screen::Settings];
const DIGITS: [Key; 7] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7];

/// Takes the keys that mean the same on every page. A dialog that is open takes its own.
pub(super) fn take(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let ctx = ui.ctx();
    let pressed = |modifiers, key| ctx.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(modifiers, key)));
    // A plus is another key on every keyboard.
    let larger = pressed(CTRL, Key::Plus) || pressed(CTRL, Key::Equals);
    if larger || pressed(CTRL, Key::Minus) {
        cx.commands.extend(state.step_zoom(larger));
    }
    if pressed(CTRL, Key::Num0) {
        cx.send(state.set_zoom(100));
    }
    if is_below_dialog(ui) {
        return;
    }
    if pressed(Modifiers::NONE, Key::F1) {
        state.keys_shown = true;
    }
    if !state.screen.is_page() {
        return;
    }
    if let Some((_, page)) = DIGITS.into_iter().zip(PAGES).find(|(key, _)| pressed(CTRL, *key)) {
        state.screen = page;
    }
    if pressed(CTRL, Key::D) && !state.read_only {
        cx.commands.extend(state.open_batch(Days::LastMonth));
    }
    if pressed(CTRL, Key::O) && !state.read_only {
        cx.wish(Wish::PickImportFiles);
    }
    if pressed(CTRL, Key::L) && state.vault.can_be_locked() {
        cx.send(Command::LockVault);
    }
}

/// Takes Ctrl and a key that mean something on one page. A dialog that is open takes its own.
pub(super) fn take_for_page(ui: &Ui, key: Key) -> bool {
    !is_below_dialog(ui) && ui.input_mut(|input| input.consume_key(CTRL, key))
}

fn is_below_dialog(ui: &Ui) -> bool {
    ui.memory(|memory| memory.top_modal_layer().is_some())
}

/// The list.
pub(super) fn draw(ui: &Ui, state: &mut State, cx: &ScreenCx<'_>) {
    if !state.keys_shown {
        return;
    }
    let words = &cx.text.keys;
    let (choice, ()) = Dialog::new("keys", &words.title).cancel(&cx.text.common.close).width(720.0).show(ui.ctx(), |ui| {
        ui.columns_const(|columns: &mut [Ui; 2]| {
            for (column, groups) in columns.iter_mut().zip(groups(cx.text)) {
                for (title, lines) in groups {
                    group(column, cx, title, &lines);
                }
            }
        });
    });
    state.keys_shown = choice == Choice::Open;
}

type Group<'t> = (&'t str, Vec<(&'t str, &'t str)>);

/// By columns.
fn groups(text: &Text) -> [Vec<Group<'_>>; 2] {
    let words = &text.keys;
    let everywhere = vec![
        ("F1", words.this_list.as_str()),
        ("Ctrl 1 - 7", &words.pages),
        ("Ctrl D", &words.last_month),
        ("Ctrl O", &words.import),
        ("Ctrl L", &words.lock),
        ("Ctrl + - 0", &words.zoom),
        ("Tab", &words.next),
        ("Esc", &words.close),
    ];
    let ledger = vec![("Ctrl F", words.search.as_str()), ("Ctrl E", &words.export), ("Ctrl G", &words.go_to)];
    let table = vec![
        (&*words.up_down, words.move_row.as_str()),
        ("PageUp PageDown", &words.move_page),
        ("Home End", &words.move_end),
        (&words.shift_up_down, &words.extend),
        ("Ctrl A", &words.all),
        ("Enter", &words.open_row),
    ];
    [vec![(&*words.everywhere, everywhere)], vec![(&*words.ledger, ledger), (&*words.table, table)]]
}

fn group(ui: &mut Ui, cx: &ScreenCx<'_>, title: &str, lines: &[(&str, &str)]) {
    ui.label(RichText::new(title).strong());
    egui::Grid::new(title).num_columns(2).spacing([16.0, 6.0]).show(ui, |ui| {
        for (keys, what) in lines {
            ui.add(Chip::new(keys, Tone::Neutral));
            ui.add(egui::Label::new(RichText::new(*what).color(cx.tokens.color.text_secondary)).wrap());
            ui.end_row();
        }
    });
    ui.add_space(cx.tokens.space.l);
}
