//! Names from elsewhere cannot hide anything, whatever they hold.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{TABLE, harness};
use egui_kittest::kittest::Queryable;
use piaoxia_widgets::big_table::{BigTable, Cell, Column, TableState};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::foreign::{MARK, is_hidden, visible};
use piaoxia_widgets::surface;
use proptest::prelude::*;

/// Names as they are, with what hides in names put between.
fn name() -> impl Strategy<Value = String> {
    #[rustfmt::skip]
    let pieces = prop::sample::select(vec![
        "上海", "票匣", "ABC", "公司", "1,234.50", "\u{202e}", "\u{202a}", "\u{2066}", "\u{2069}", "\u{200b}", "\u{200d}", "\u{200f}", "\u{feff}",
        "\u{61c}", "\u{ad}", "\u{1b}[2J", "\0", "\r", "\n", "\t", "\u{85}", "\u{2028}", "\u{e0041}", "\u{fe0f}", "\u{3164}", "\u{5d0}", "\u{301}",
    ]);
    prop_oneof![prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat()), any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn nothing_stays_hidden_and_nothing_else_changes(text in name()) {
        let shown = visible(&text);
        prop_assert!(!shown.chars().any(is_hidden), "{:?}", shown);
        prop_assert!(!shown.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{:?}", shown);
        let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        prop_assert!(!shown.contains(turns), "{:?}", shown);
        prop_assert_eq!(shown.chars().count(), text.chars().count());
        for (before, after) in text.chars().zip(shown.chars()) {
            prop_assert!(before == after || (after == MARK && is_hidden(before)), "{before:?} became {after:?}");
        }
        prop_assert_eq!(visible(&shown), shown.as_ref());
    }
}

/// Two names that look alike are told apart by what is painted and by what a screen reader says.
#[test]
fn tables_labels_and_titles_show_the_mark() {
    const SPOOF: &str = "上海票匣\u{202e}05.432\u{200b}";
    const SHOWN: &str = "上海票匣□05.432□";
    let columns = [Column::new("名称", 300.0)];
    let harness = harness(TableState::default(), move |ui, table| {
        surface::page_title(ui, &format!("题 {SPOOF}"), |_| {});
        ui.add(Elided::new(&format!("行 {SPOOF}")));
        BigTable::new("table", &columns, 1, TABLE).show(ui, table, &mut |cell: &mut Cell<'_>, _: u64, _: usize| cell.text(SPOOF));
    });
    for label in [SHOWN.to_owned(), format!("题 {SHOWN}"), format!("行 {SHOWN}")] {
        assert!(harness.query_by_label(&label).is_some(), "{label}");
    }
}
