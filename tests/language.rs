//! The language changes at once and is known at the next start. A process of its own: the language is the same for the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[allow(dead_code, reason = "the window is driven by more than this")]
#[path = "window/driver.rs"]
mod driver;

use std::time::{Duration, Instant};

use driver::Window;
use piaoxia::boot::Sandbox;
use piaoxia::text::{Language, Text};
use piaoxia_engine::{LANGUAGE, kept_for_window};
use piaoxia_service::contract::SandboxSize;

#[test]
fn the_window_changes_its_language_at_once_and_keeps_it() {
    let place = tempfile::tempdir().unwrap();
    let (data, keys) = (place.path().join("Data"), place.path().join("keys"));
    let sandbox = Sandbox::Quick(SandboxSize { seed: 1, invoices: 30 });
    let mut window = Window::open(&data, &keys, sandbox);
    window.sign_in();
    window.activate();
    window.press("设置");
    window.choose("English");
    window.settle();
    assert!(window.has("Settings") && window.has("Data folder") && !window.has("设置"));
    assert_eq!(Text::current().language, Language::En);
    let deadline = Instant::now() + Duration::from_secs(20);
    while kept_for_window(&data).get(LANGUAGE).map(String::as_str) != Some("en") {
        assert!(Instant::now() < deadline, "it is kept nowhere");
        std::thread::sleep(Duration::from_millis(5));
    }
    window.close();

    // As if the next start did not know: the ledger says it.
    Text::set(Language::ZhCn);
    let mut window = Window::open(&data, &keys, sandbox);
    window.wait("the kept language", |state| state.language == Language::En);
    window.settle();
    assert_eq!(Text::current().language, Language::En);
    window.hear("Scan to sign in");
    window.close();
}
