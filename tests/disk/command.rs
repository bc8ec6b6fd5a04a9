//! `piaoxia disk` and `piaoxia download --disk`, with a card in a reader.

use std::io::Write;
use std::process::Stdio;

use jiff::ToSpan;
use piaoxia_domain::period::shanghai_day;
use piaoxia_service::contract::SandboxSize;
use piaoxia_taxdisk::sim::{FIRST_PASSWORD, SimState};

use crate::kit;
use crate::run::{Place, Run};

/// The sandbox that the program starts with.
const SIZE: SandboxSize = SandboxSize { seed: 1, invoices: 3000 };

fn verify(place: &Place, password: &str, more: &[&str]) -> Run {
    let mut child = place.command(&[&["disk", "verify", "--json", "--data", &place.data()], more].concat());
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    Run::from(child.wait_with_output().unwrap())
}

fn code(run: &Run) -> String {
    run.objects().pop().unwrap()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_disk_behind_a_vendors_library_is_listed() {
    let (_service, place) = (kit::service(), Place::new());
    let programs = std::env::current_exe().unwrap();
    let library = programs.parent().unwrap().parent().unwrap().join("examples/libskf_library.so");
    assert!(library.exists(), "{} is built by `cargo test --workspace`, or `--examples`", library.display());
    let seen = place.on_data(&["disk", "list", "--library", library.to_str().unwrap(), "--json"]).ends(0).objects();
    assert!(seen.iter().any(|disk| disk["serial"] == "199000000000"), "{seen:?}");
}

#[test]
fn a_library_that_is_none_is_named_and_kept() {
    // Nobody else's cards meanwhile.
    let (_service, place) = (kit::service(), Place::new());
    let library = place.path("skf_api.so");
    std::fs::write(&library, "no library").unwrap();
    for line in [&["disk", "list", "--library", library.to_str().unwrap()][..], &["disk", "list"]] {
        let refused = place.on_data(line).ends(5);
        assert!(refused.err.contains("不是本系统的库文件"), "{}", refused.err);
    }
}

#[test]
fn a_disk_is_listed_verified_and_downloads_by_the_command_line() {
    let (service, place) = (kit::service(), Place::new());
    let none = place.on_data(&["disk", "list", "--json"]).ends(5);
    assert!(none.err.contains("没有卡"), "{}", none.err);

    let card = crate::card(SIZE, true, SimState { left: 3, ..SimState::default() });
    let inserted = service.insert(0, card.clone());
    let seen = place.on_data(&["disk", "list", "--json"]).ends(0).objects().pop().unwrap();
    assert_eq!(
        (seen["serial"].as_str(), seen["triesLeft"].as_u64(), seen["kept"].as_bool()),
        (Some("4499000000001"), Some(3), Some(false))
    );
    let company = seen["taxNumber"].as_str().unwrap().to_owned();

    let wrong = verify(&place, "11111111", &[]).ends(5);
    assert_eq!(code(&wrong), "disk.wrongPassword", "{}", wrong.out);
    // Two are left: nothing is sent without a word of the user's, and only for the number that is true.
    for more in [&[][..], &["--spend", "1"]] {
        let asked = verify(&place, FIRST_PASSWORD, more).ends(5);
        assert_eq!(code(&asked), "disk.needsConsent", "{}", asked.out);
    }
    assert_eq!(card.lock().disk.state().left, 2);
    verify(&place, FIRST_PASSWORD, &["--spend", "2"]).ends(0);
    assert_eq!(card.lock().disk.state().left, 8);

    let to = shanghai_day(jiff::Timestamp::now()).checked_sub(1.day()).unwrap();
    let (from, to) = (to.first_of_month().to_string(), to.to_string());
    let line =
        ["download", "--company", &company, "--scope", "received", "--from", &from, "--to", &to, "--disk", "--sandbox-phone", "--json"];
    let done = place.on_data(&line).ends(0).objects().pop().unwrap();
    assert!(done["received"]["invoices"].as_u64().or(done["invoices"].as_u64()).is_some_and(|invoices| invoices > 0), "{done}");

    drop(inserted);
    let gone = place.on_data(&line).ends(5);
    assert!(code(&gone).starts_with("disk."), "{}", gone.out);
}
