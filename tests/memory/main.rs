//! What is left in the memory of the program once the vault is locked: none of forty secrets, in any writing.
//!
//! The window runs in a process of its own with the program's allocator, and is searched from outside. The service runs in another
//! one: its simulated bureau knows all passwords.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![cfg(target_os = "linux")]

mod canary;
#[path = "../window/driver.rs"]
#[allow(dead_code, reason = "the tests of the window use more of it")]
mod driver;
mod script;
mod search;
mod wire;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use canary::{Canaries, Canary};
use search::{Found, search};
use wire::Wire;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static MEMORY: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// Where the process that is searched finds what it types, and the service.
const FOLDER: &str = "PIAOXIA_MEMORY_FOLDER";
const SERVICE: &str = "PIAOXIA_MEMORY_SERVICE";
/// Of every account of the sandbox.
const PASSWORD: &str = "Piaoxia@2026";
/// What a gateway's operator keeps in the vault; the window decrypts it with everything else.
const OPERATORS: [&str; 4] = ["mail.password", "wechat.secret", "wechat.token", "wechat.encoding_aes_key"];
/// Less than this cannot be the memory of a window, MiB.
const LEAST: usize = 20;

/// A process that is ended when the test is over.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _killed = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_piaoxia"));
    command.env("XDG_STATE_HOME", folder.join("state"));
    command
}

/// The service and its address.
fn service(folder: &Path) -> (Process, String) {
    let mut child = program(folder)
        .args(["gateway", "--listen", "127.0.0.1:0", "--invoices", "100", "--json", "--data"])
        .arg(folder.join("service"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    (Process(child), told["address"].as_str().unwrap().to_owned())
}

fn planted() -> Canaries {
    let mut canaries = Canaries::default();
    canaries.plant("control", 1, "对照+", 16);
    canaries.plant("activation code", 3, "", 20);
    canaries.plant("refused password", 4, "Pw7+", 16);
    canaries.plant("kept password", 4, "Pw8+", 16);
    canaries.plant("cancelled password", 3, "Pw9+", 16);
    canaries.plant("asked password", 2, "Pw6+", 16);
    canaries.plant("short code", 6, "", 12);
    canaries.plant("passphrase", 2, "口令+", 16);
    canaries.plant("wrong passphrase", 4, "口令-", 16);
    canaries.plant("cancelled passphrase", 3, "口令=", 16);
    canaries.plant("proxy password", 2, "Px7-", 16);
    for name in OPERATORS {
        canaries.plant(name, 1, "Op7_", 16);
    }
    canaries
}

/// Puts the operator's secrets into the vault of the window's data folder.
fn keep_operators(folder: &Path, canaries: &Canaries) {
    for name in OPERATORS {
        let mut keep = program(folder)
            .args(["gateway", "--keep", name, "--data"])
            .arg(folder.join("Data"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(keep.stdin.take().unwrap(), "{}", canaries.text(&format!("{name} 1"))).unwrap();
        assert!(keep.wait().unwrap().success());
    }
}

/// The process that is searched.
struct Window {
    process: Process,
    told: Lines<BufReader<ChildStdout>>,
}

impl Window {
    fn start(folder: &Path, service: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "script::is_the_window", "--nocapture"])
            .env(FOLDER, folder)
            .env(SERVICE, service)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { process: Process(child), told }
    }

    /// Waits until it comes to a place and stops there.
    fn comes_to(&mut self, place: &str) {
        let line = self.told.by_ref().map(Result::unwrap).find(|line| line.contains("at "));
        assert!(line.as_ref().is_some_and(|line| line.ends_with(&format!("at {place}"))), "not {place}: {line:?}");
    }

    fn goes_on(&mut self) {
        writeln!(self.process.0.stdin.as_mut().unwrap()).unwrap();
    }

    fn search<'a>(&self, canaries: impl Iterator<Item = (&'a str, &'a Canary)>) -> Found {
        let found = search(self.process.0.id(), canaries);
        assert!(found.searched >= LEAST, "only {} MiB could be read", found.searched);
        found
    }

    fn ends_well(mut self) {
        self.goes_on();
        self.told.by_ref().for_each(drop);
        assert!(self.process.0.wait().unwrap().success());
    }
}

/// What went over the wire, and the key of the vault as this PC has it. Not the token of the session that goes on: downloads go on
/// with it.
fn add_what_nobody_typed(canaries: &mut Canaries, wire: &Wire, folder: &Path) {
    let seen = wire.secrets();
    let last = seen.iter().rfind(|(name, _)| name == "token").cloned();
    let mut count = BTreeMap::<String, usize>::new();
    for (name, value) in seen.iter().filter(|secret| Some(*secret) != last.as_ref()) {
        *count.entry(name.clone()).or_default() += 1;
        canaries.put(format!("{name} {}", count[name]), Canary::new(value));
    }
    assert!(count["token"] >= 1 && count["refreshToken"] >= 2 && count["verifier"] >= 2, "{count:?}");
    let files = std::fs::read_dir(folder.join("state/piaoxia")).unwrap().map(|entry| entry.unwrap().path());
    let key = files.filter(|path| path.extension().is_some_and(|end| end == "key")).map(|path| std::fs::read(path).unwrap()).next();
    canaries.put("key of the vault".to_owned(), Canary::key(&key.unwrap()));
}

#[test]
fn once_it_is_locked_no_password_and_no_passphrase_is_left_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (_service, address) = service(folder.path());
    let mut canaries = planted();
    canaries.write(&folder.path().join("canaries"));
    keep_operators(folder.path(), &canaries);
    let swaps = (1..=4).map(|number| (canaries.text(&format!("kept password {number}")), PASSWORD.to_owned()));
    let wire = Wire::start(&address, swaps.collect());
    let mut window = Window::start(folder.path(), &wire.address);

    window.comes_to("control");
    let found = window.search(canaries.only("control 1")).writings();
    assert_eq!(found, ["Base64", "GB 18030", "URL-encoded", "UTF-16", "hex", "plain"], "the search finds every writing");
    window.goes_on();
    window.comes_to("typed");
    assert!(window.search(canaries.only("cancelled password 2")).writings().contains(&"plain"), "the search finds what is typed");
    window.goes_on();

    window.comes_to("locked");
    add_what_nobody_typed(&mut canaries, &wire, folder.path());
    assert!(canaries.all().count() > 40);
    let found = window.search(canaries.all());
    let told: Vec<String> = found.hits.iter().map(|((name, kind), hits)| format!("{name}, {kind}, {}: {}", hits.len(), hits[0])).collect();
    assert!(told.is_empty(), "{} of {}:\n{}", told.len(), canaries.all().count(), told.join("\n"));
    window.ends_well();
}
