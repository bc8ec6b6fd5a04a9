//! What ends with a session and what is asked before the window closes; files that are held over the window.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use piaoxia::state::State;
use piaoxia::state::export::Task;
use piaoxia::text::Text;
use piaoxia_engine::event::{SignedOutBecause, TaskKind};
use piaoxia_engine::{Event, TaskId};

use crate::removing::{QUESTIONS, SCENES, Scene};
use crate::{drawn, says, scenes};

#[test]
fn no_dialog_of_any_scene_outlives_the_session() {
    let mut window = drawn(scenes::home());
    let has_dialog = |window: &Harness<'_, State>| window.ctx.memory(|memory| memory.top_modal_layer().is_some());
    let mut dialogs = 0;
    for (name, scene) in SCENES.iter().chain(QUESTIONS) {
        window.ctx.memory_mut(|memory| {
            let options = memory.options.clone();
            *memory = egui::Memory::default();
            memory.options = options;
        });
        *window.state_mut() = scene();
        window.run_steps(3);
        dialogs += usize::from(has_dialog(&window));
        window.state_mut().apply(Event::SignedOut(SignedOutBecause::Ended));
        window.run_steps(3);
        assert!(!has_dialog(&window), "{name}: a dialog is still open");
    }
    assert!(dialogs > 30, "{dialogs}");
}

#[test]
fn closing_while_an_export_runs_is_asked_about_on_the_lock_screen_too() {
    let text = Text::zh_cn();
    let all: [Scene; 2] = [scenes::ledger, scenes::vault_locked];
    for scene in all {
        let mut window = drawn(scene());
        window.state_mut().export.tasks.insert(TaskId(1), Task { kind: TaskKind::Export, done: 1, total: 2 });
        assert!(!window.state_mut().may_close());
        window.run_steps(3);
        assert!(says(&window, &text.frame.quit_title) && says(&window, &text.frame.quit_body));
        window.query_all_by_role_and_label(Role::Button, &text.common.cancel).last().unwrap().click();
        window.run_steps(3);
        assert!(window.state().asking_quit.is_none() && !says(&window, &text.frame.quit_title));
        // What was asked about ends meanwhile.
        assert!(!window.state_mut().may_close());
        window.state_mut().export.tasks.clear();
        window.run_steps(3);
        assert!(!says(&window, &text.frame.quit_title));
    }
}

#[test]
fn files_that_are_held_over_the_window_say_what_becomes_of_them_unless_they_are_refused() {
    let words = &Text::zh_cn().frame.dropped_files;
    let all: [(Scene, bool); 4] =
        [(scenes::ledger, true), (scenes::sign_in, false), (scenes::vault_locked, false), (scenes::read_only, false)];
    for (scene, told) in all {
        let mut window = drawn(scene());
        assert!(!says(&window, words));
        window.input_mut().hovered_files.push(egui::HoveredFile::default());
        window.run_steps(3);
        assert_eq!(says(&window, words), told);
    }
}
