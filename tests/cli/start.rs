//! Starts that cannot succeed say why, in one sentence, and end.

use std::fs;

use crate::run::{Place, Run};

#[cfg(target_os = "linux")]
#[test]
fn without_a_screen_the_window_says_what_to_do_instead() {
    let place = Place::new();
    let mut command = place.command(&["--data", &place.data(), "--json"]);
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(name);
    }
    let run = Run::from(command.output().unwrap()).ends(5);
    assert_eq!(run.objects()[0]["error"]["code"], "window");
    assert!(run.err.contains("piaoxia demo") && !run.err.contains(".rs"), "{}", run.err);
}

#[test]
fn a_folder_that_cannot_be_read_is_named() {
    let place = Place::new();
    fs::create_dir_all(place.path("Data")).unwrap();
    fs::write(place.path("Data/journal"), "where a folder should be").unwrap();
    let run = place.on_data(&["list", "--json"]).ends(6);
    assert_eq!(run.objects()[0]["error"]["code"], "store.damaged");
    assert!(run.err.contains("Data"), "{}", run.err);
    let run = place.run(&["import", "x", "--data", "Data/journal"]).ends(6);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
}

#[test]
fn a_service_beyond_this_pc_must_be_safe() {
    let place = Place::new();
    let line = ["download", "--company", "91310115MALGJBW58Q", "--scope", "issued", "--from", "2026-01-01", "--to", "2026-01-02"];
    let over = |service: &str| place.on_data(&[&line[..], &["--service", service]].concat());
    assert!(over("http://192.0.2.1:80").ends(2).err.contains("https://"));
    over("no address").ends(2);
    over("http://127.0.0.1:9").ends(3);
}

#[test]
fn english_is_spoken_when_it_is_asked_for() {
    let place = Place::new();
    let chinese = |text: &str| text.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
    for arguments in [&["--lang", "en", "list", "--help"][..], &["list", "--help", "--lang=EN"]] {
        let help = place.run(arguments).ends(0);
        assert!(help.out.contains("Lists the invoices of the ledger") && !chinese(&help.out), "{}", help.out);
    }
    let wrong = place.command(&["frob"]).env("PIAOXIA_LANG", "en").output().unwrap();
    assert_eq!(Run::from(wrong).ends(2).err.trim(), "There is no command frob. --help shows the usage");
    // What is typed goes before the environment, and the environment before Chinese.
    let typed = place.command(&["frob", "--lang", "zh-CN"]).env("PIAOXIA_LANG", "en").output().unwrap();
    assert!(chinese(&Run::from(typed).ends(2).err));
    assert!(place.run(&["list", "--lang", "fr"]).ends(2).err.contains("zh-CN, en"));
}

#[test]
fn help_and_version_are_shown_without_touching_anything() {
    let place = Place::new();
    let help = place.run(&["--help"]).ends(0);
    assert!(help.out.contains("download") && help.err.is_empty());
    assert!(place.run(&["--version"]).ends(0).out.starts_with(concat!("piaoxia ", env!("CARGO_PKG_VERSION"))));
    assert!(fs::read_dir(place.path(".")).unwrap().next().is_none());
}
