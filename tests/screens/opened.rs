//! What opens at a press: menus, calendars, lists to choose from; in Chinese on light, in English on dark.

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use piaoxia::state::State;
use piaoxia::text::{Language, Text};
use piaoxia_widgets::Tokens;
use piaoxia_widgets::notice::{Level, Notice};

use crate::{Drawn, harness, scenes};

/// Presses what has this role and name, and compares what is seen then with its picture.
fn opened(name: &str, scene: fn() -> State, (role, label): (Role, fn(&Text) -> &str)) {
    for (suffix, language, tokens) in [("", Language::ZhCn, Tokens::light()), ("_english_dark", Language::En, Tokens::dark())] {
        let label = label(Text::of(language));
        let mut drawn = harness(Drawn { language, tokens, ..Drawn::new((1366.0, 768.0)) }, scene());
        let named = |is: &egui_kittest::Node<'_>| is.accesskit_node().label().is_some_and(|is| is.contains(label));
        drawn.query_all_by_role(role).find(named).expect(label).click();
        drawn.run_steps(4);
        piaoxia_painter::snapshot(&mut drawn, &format!("opened/{name}{suffix}"));
    }
}

fn with_notices() -> State {
    let mut state = scenes::home();
    let told = [
        (Level::Done, "已导出 1,280 张发票", "发票台账 2026-10.xlsx"),
        (Level::Error, "上海票匣示例贸易有限公司的登录已失效", "请重新登录电子税务局，下载会从断开处继续。"),
        (Level::Info, "已导入 12 张发票", ""),
    ];
    for (level, title, detail) in told {
        state.notices.push(Notice::new(level, title).detail(detail).time("09:41"));
    }
    state
}

#[test]
fn account_menu() {
    opened("account_menu", scenes::home, (Role::Button, |text| &text.frame.avatar_label));
}

#[test]
fn notices() {
    opened("notices", with_notices, (Role::Button, |text| &text.frame.notices));
}

#[test]
fn calendar() {
    opened("calendar", scenes::download, (Role::Button, |text| &text.calendar.open));
}

#[test]
fn presets() {
    opened("presets", scenes::download, (Role::Button, |text| &text.calendar.presets));
}

#[test]
fn default_account() {
    opened("default_account", scenes::company_busy, (Role::Button, |text| &text.accounts.make_default));
}

#[test]
fn kinds() {
    opened("kinds", scenes::ledger, (Role::ComboBox, |text| &text.ledger.kinds));
}

#[test]
fn groups() {
    opened("groups", scenes::ledger, (Role::ComboBox, |text| &text.ledger.group));
}

#[test]
fn companies() {
    opened("companies", scenes::ledger, (Role::ComboBox, |text| &text.ledger.company));
}
