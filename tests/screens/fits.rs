//! Nothing is pushed out of a small window, or cut although there is room.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use piaoxia::state::State;
use piaoxia::text::{Language, Text};

use crate::{Drawn, harness, scenes};

fn selected() -> State {
    let mut state = scenes::ledger();
    state.ledger.table.selection.set(0..3);
    state
}

#[test]
fn the_sums_of_the_ledger_push_nothing_out_of_a_small_window() {
    let (width, height) = (1024.0, 700.0);
    let all: [(Language, fn() -> State); 4] = [
        (Language::ZhCn, selected),
        (Language::ZhCn, scenes::ledger_groups),
        (Language::En, selected),
        (Language::En, scenes::ledger_groups),
    ];
    for (language, scene) in all {
        let text = Text::of(language);
        let page = harness(Drawn { language, ..Drawn::new((width, height)) }, scene());
        let button = page.get_by_role_and_label(Role::Button, &text.claims.title).rect();
        let table = page.get_by_role_and_label(Role::Table, &text.ledger.title).rect();
        assert!(button.right() <= table.right() && table.right() < width, "{language:?}: {button:?}, {table:?}");
        assert!(button.bottom() <= table.top() && table.bottom() <= height, "{language:?}: {button:?}, {table:?}");
    }
}

#[test]
fn long_names_have_the_room_that_there_is() {
    type Scene = fn() -> State;
    let all: [(Scene, &str, f32); 3] = [
        (scenes::batch, "内蒙古自治区", 300.0),
        (scenes::difference, "苏州示例精密机械制造股份有限公司昆山分公司", 294.0),
        (scenes::import_report_many, "空文件.xml", 400.0),
    ];
    for (scene, name, least) in all {
        let page = harness(Drawn::new((1366.0, 768.0)), scene());
        let widest = page.query_all_by_label_contains(name).map(|label| label.rect().width()).fold(0.0, f32::max);
        assert!(widest >= least - 1.0, "{name}: {widest}");
    }
}
