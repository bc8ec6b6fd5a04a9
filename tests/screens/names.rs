//! What a screen reader says (AccessKit): every control of every scene has a name, and the way from the first start to the export reads as it
//! is written down in `tests/snapshots/tree`.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;
use piaoxia::state::State;

use crate::{Drawn, harness, scenes};

const SIZE: (f32, f32) = (1366.0, 768.0);

/// Roles that one can do something with.
fn is_control(role: Role) -> bool {
    matches!(
        role,
        Role::Button
            | Role::CheckBox
            | Role::RadioButton
            | Role::TextInput
            | Role::MultilineTextInput
            | Role::PasswordInput
            | Role::ComboBox
            | Role::Link
            | Role::Tab
            | Role::Slider
            | Role::SpinButton
            | Role::RadioGroup
            | Role::Switch
    )
}

/// A line a node: how deep, what it is, its name, its value with what it is about.
fn tree(harness: &Harness<'_, State>) -> Vec<(usize, Role, String, String)> {
    let mut lines = Vec::new();
    let mut waiting = vec![(0, harness.root())];
    while let Some((depth, node)) = waiting.pop() {
        let is = node.accesskit_node();
        let name = is.label().or_else(|| is.labelled_by().next().and_then(|label| label.label().or_else(|| label.value())));
        let value = [is.value(), is.description()].into_iter().flatten().collect::<Vec<_>>().join(" | ");
        lines.push((depth, is.role(), name.unwrap_or_default(), value));
        let children: Vec<_> = node.children().collect();
        waiting.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
    }
    lines
}

fn nameless(name: &str, state: State) {
    let drawn = harness(Drawn::new(SIZE), state);
    let without: Vec<_> = tree(&drawn).into_iter().filter(|(_, role, name, _)| is_control(*role) && name.trim().is_empty()).collect();
    assert!(without.is_empty(), "{name}: controls without a name: {without:?}");
}

macro_rules! names {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                nameless(stringify!($name), scenes::$name());
            }
        )+
    };
}

every_scene!(names);

/// What is read of a scene, without what is only there to hold others.
fn read_out(state: State) -> String {
    let mut text = String::new();
    for (_, role, name, value) in tree(&harness(Drawn::new(SIZE), state)) {
        let silent = matches!(role, Role::GenericContainer | Role::Window | Role::Unknown | Role::Pane) && name.is_empty();
        let said = !name.is_empty() || !value.is_empty();
        if said && !silent {
            writeln!(text, "{role:?}: {}", [name, value].iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" = "))
                .unwrap();
        }
    }
    text
}

type Scene = fn() -> State;

/// From the first start to the export.
#[test]
fn the_way_to_the_first_export_is_read_out() {
    let way: [(&str, Scene); 8] = [
        ("1-sign-in", scenes::sign_in),
        ("2-activation", scenes::activation),
        ("3-home", scenes::home_first),
        ("4-account", scenes::account_form),
        ("5-code", scenes::challenge_sms_wrong),
        ("6-download", scenes::download_counted),
        ("7-ledger", scenes::ledger),
        ("8-export", scenes::export),
    ];
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/tree");
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value != "0");
    for (name, state) in way {
        let (path, text) = (folder.join(format!("{name}.txt")), read_out(state()));
        if update {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, kept, "{}: run with UPDATE_SNAPSHOTS=1 to accept what is read now", path.display());
    }
}
