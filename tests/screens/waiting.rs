//! Nothing flickers: what is on its way is a shape for a moment, and says so in words after it.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use piaoxia::state::State;
use piaoxia::text::Text;

use crate::{Drawn, harness, scenes};

/// Seconds: just before and just after the moment is over.
const BEFORE: f64 = 0.28;
const AFTER: f64 = 0.32;

type Scene = fn() -> State;

#[test]
fn a_shape_comes_first_and_the_words_after_a_moment() {
    let text = Text::zh_cn();
    let all: [(&str, Scene, &str); 5] = [
        ("companies", scenes::companies_loading, &text.companies.loading_body),
        ("company", scenes::company_loading, &text.common.loading),
        ("ledger", scenes::ledger_loading, &text.common.loading),
        ("stats", scenes::stats_loading, &text.common.loading),
        ("sign-in", scenes::sign_in_asking, &text.sign_in.asking),
    ];
    for (name, scene, words) in all {
        let mut drawn = harness(Drawn::new((1366.0, 768.0)), scene());
        let begun = drawn.state().clock;
        let mut says = |clock: f64| {
            drawn.state_mut().clock = clock;
            drawn.run_steps(2);
            let shown = drawn.query_all_by_role_and_label(Role::ProgressIndicator, words).next().is_some();
            assert!(shown, "{name}: nothing stands where it will be");
            drawn.query_all_by_role_and_label(Role::Label, words).next().is_some()
        };
        assert!(!says(begun), "{name} flickers");
        assert!(!says(begun + BEFORE), "{name} flickers");
        assert!(says(begun + AFTER), "{name} says nothing");
    }
}
