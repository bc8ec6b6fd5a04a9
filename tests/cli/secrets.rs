//! Secrets of the gateway's settings, kept in the vault by `gateway --keep`.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::run::Place;

const CANARY: &str = "Canary-of-the-mail-server-91";
const SETTINGS: &str = "[mail]\nhost = '127.0.0.1'\nport = 25\nsecurity = 'none'\nuser = 'notice'\n\
                        from = { name = '票匣', address = 'notice@example.com' }\n";

fn gateway(place: &Place, arguments: &[&str], input: &str) -> Output {
    let mut child = place.command(&[&["gateway"], arguments, &["--data", &place.data()]].concat());
    child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Every byte of every file below a folder.
fn bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.extend(if path.is_dir() { bytes(&path) } else { std::fs::read(&path).unwrap() });
    }
    all
}

#[test]
fn a_secret_that_settings_leave_out_comes_from_the_vault() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("Data/gateway")).unwrap();
    std::fs::write(place.path("Data/gateway/settings.toml"), SETTINGS).unwrap();
    // A port that is taken: settings are read before it is asked for.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let without = gateway(&place, &["--listen", &address], "");
    assert!(said(&without).contains("user and password come together"), "{}", said(&without));

    let empty = gateway(&place, &["--keep", "mail.password"], "\n");
    assert!(!empty.status.success() && said(&empty).contains("没有读到内容"));
    let kept = gateway(&place, &["--keep", "mail.password"], &format!("{CANARY}\n"));
    assert!(kept.status.success(), "{}", said(&kept));
    for folder in ["Data", "XDG_STATE_HOME"] {
        assert!(memchr::memmem::find(&bytes(&place.path(folder)), CANARY.as_bytes()).is_none(), "{folder}");
    }
    assert!(memchr::memmem::find(&[kept.stdout, kept.stderr].concat(), CANARY.as_bytes()).is_none());
    let with = gateway(&place, &["--listen", &address], "");
    assert!(said(&with).contains(&address) && !said(&with).contains("come together"), "{}", said(&with));

    assert!(gateway(&place, &["--forget", "mail.password"], "").status.success());
    assert!(said(&gateway(&place, &["--listen", &address], "")).contains("come together"));
    assert!(!gateway(&place, &["--keep", "mail.host"], "x").status.success());
}
