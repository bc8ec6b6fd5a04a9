//! The program is killed at every step that touches the disk, and at random; what it acknowledged is there afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic; a child tells its parent by its output"
)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, Status};
use piaoxia_powercut::{Disk, record};

use super::sample::{Bench, all, invoice, noise, put, with_lines};
use crate::probe::Probe;
use crate::{NewOriginal, Store, wait};

const DIR: &str = "PIAOXIA_CRASH_DIR";
const AT: &str = "PIAOXIA_CRASH_AT";
const SCRIPT: &str = "PIAOXIA_CRASH_SCRIPT";

/// Starts this test program again as a child that runs a script and dies at a step; 0 for never.
fn child(dir: &Path, script: &str, at: u64) -> Child {
    command(dir, script, at).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The same, to be ended from outside.
pub(super) fn start(dir: &Path, script: &str) -> Child {
    child(dir, script, 0)
}

fn command(dir: &Path, script: &str, at: u64) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "tests::crash::is_the_child", "--nocapture"]);
    command.env(DIR, dir).env(SCRIPT, script).env(AT, at.to_string());
    command
}

/// What a child said, line by line: `acked N` after each commit, `kept N` after its original, `steps N` when it came to its end.
pub(super) struct Told {
    pub acknowledged: Vec<u32>,
    kept: Vec<u32>,
    steps: Option<u64>,
}

pub(super) fn listen(mut child: Child) -> Told {
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    told(&said)
}

fn told(said: &str) -> Told {
    let mut told = Told { acknowledged: Vec::new(), kept: Vec::new(), steps: None };
    for line in said.lines() {
        // The test harness writes its own words in front of the first line.
        let number = |word: &str| line.split(word).nth(1).and_then(|number| number.trim().parse::<u64>().ok());
        told.acknowledged.extend(number("acked ").map(|number| number as u32));
        told.kept.extend(number("kept ").map(|number| number as u32));
        told.steps = told.steps.or(number("steps "));
    }
    told
}

#[test]
fn is_the_child() {
    let Some(dir) = env::var_os(DIR).map(PathBuf::from) else { return };
    let at: u64 = env::var(AT).unwrap().parse().unwrap();
    static STEPS: AtomicU64 = AtomicU64::new(0);
    let mut bench = Bench::on_sled().small_files();
    bench.setup.probe = Probe::new(move |_| {
        if STEPS.fetch_add(1, Ordering::SeqCst) + 1 == at {
            std::process::abort();
        }
        Ok(())
    });
    let store = Store::open_with(&dir, bench.setup.clone()).unwrap().store;
    match env::var(SCRIPT).unwrap().as_str() {
        "batches" => (1..=COMMITS).for_each(|number| commit(&store, number)),
        "originals" => {
            let next = next_commit(&store);
            (next..next + COMMITS).for_each(|number| {
                commit(&store, number);
                keep(&store, number);
            });
        }
        "forever" => {
            let next = next_commit(&store);
            (next..u32::MAX).for_each(|number| commit(&store, number));
        }
        _ => {}
    }
    wait(store.close()).unwrap();
    println!("steps {}", STEPS.load(Ordering::SeqCst));
}

const COMMITS: u32 = 14;
/// Numbers of the invoices of one commit lie within this.
const SPAN: u32 = 100;
const BATCH: u32 = 3;

fn batch(commit: u32) -> Vec<Invoice> {
    let mut invoices: Vec<Invoice> = (0..BATCH).map(|n| with_lines(commit * SPAN + n, 40)).collect();
    // Each commit changes one of the commit before, too.
    if commit > 1 {
        invoices.push(Invoice { status: Status::Void, ..invoice((commit - 1) * SPAN) });
    }
    invoices
}

fn commit(store: &Store, number: u32) {
    put(store, batch(number));
    println!("acked {number}");
}

fn next_commit(store: &Store) -> u32 {
    all(store).iter().map(number_of).max().map_or(1, |last| last / SPAN + 1)
}

/// Keeps an original of the first invoice of a commit; every other one comes in pieces, and the larger ones of these through a file.
fn keep(store: &Store, number: u32) {
    let (key, bytes) = (invoice(number * SPAN).key, original(number));
    if number.is_multiple_of(2) {
        let content = wait(async {
            let mut draft = store.draft();
            for piece in bytes.chunks(700) {
                draft.write(piece).await.unwrap();
            }
            draft.finish().await.unwrap()
        });
        wait(store.attach_originals(vec![NewOriginal { key, format: Format::Xml, name: "发票.xml".to_owned(), content }])).unwrap();
    } else {
        wait(store.attach_original(&key, Format::Xml, "发票.xml", bytes)).unwrap();
    }
    println!("kept {number}");
}

/// Up to some sectors.
fn original(number: u32) -> Vec<u8> {
    noise(300 * number as usize)
}

fn check_originals(store: &Store, kept: &[u32], context: &str) {
    for number in kept {
        let originals = wait(store.originals_of(&invoice(number * SPAN).key)).unwrap();
        let bytes = wait(store.read_original(originals[0].sha256)).unwrap();
        assert!(bytes == original(*number), "{context}: the original of {number}");
    }
}

fn number_of(invoice: &Invoice) -> u32 {
    invoice.key.to_string()[12..].parse().unwrap()
}

/// The last commit that is there.
pub(super) fn commits(store: &Store) -> Vec<u32> {
    all(store).iter().map(|invoice| number_of(invoice) / SPAN).max().into_iter().collect()
}

/// Everything acknowledged is there and nothing is torn: of each commit all or nothing.
pub(super) fn check(store: &Store, acknowledged: &[u32], context: &str) {
    let found = all(store);
    let numbers: BTreeSet<u32> = found.iter().map(number_of).collect();
    let last = numbers.iter().map(|number| number / SPAN).max().unwrap_or(0);
    assert!(acknowledged.last().copied().unwrap_or(0) <= last, "{context}: {acknowledged:?} acknowledged, {last} found");
    assert!(last <= acknowledged.last().copied().unwrap_or(0) + 1, "{context}");
    let expected: BTreeSet<u32> = (1..=last).flat_map(|commit| (0..BATCH).map(move |n| commit * SPAN + n)).collect();
    assert_eq!(numbers, expected, "{context}");
    for invoice in found {
        let number = number_of(&invoice);
        let changed = number.is_multiple_of(SPAN) && number / SPAN < last;
        let history = wait(store.history(&invoice.key)).unwrap();
        assert_eq!((invoice.lines.len(), invoice.status == Status::Void, history.len()), (40, changed, usize::from(changed)), "{context}");
    }
}

#[test]
fn killed_at_every_step_nothing_acknowledged_is_lost() {
    killed_at_every_step(tempfile::tempdir().unwrap().path());
}

/// Returns how many steps there are.
pub(super) fn killed_at_every_step(dir: &Path) -> u64 {
    let whole = listen(child(&dir.join("whole"), "batches", 0));
    assert_eq!(whole.acknowledged.len(), COMMITS as usize);
    let steps = whole.steps.unwrap();
    assert!(steps > 80, "{steps}");
    for at in 1..=steps {
        let data = dir.join(at.to_string());
        let told = listen(child(&data, "batches", at));
        assert_eq!(told.steps, None, "step {at} was not reached");
        let bench = Bench::on_sled().small_files();
        let store = Store::open_with(&data, bench.setup.clone()).unwrap().store;
        check(&store, &told.acknowledged, &format!("step {at}"));
        put(&store, batch(20));
        wait(store.close()).unwrap();
        fs::remove_dir_all(&data).unwrap();
    }
    steps
}

#[test]
fn killed_at_every_step_of_a_rebuild_it_is_rebuilt_the_next_time() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let acknowledged = listen(child(&data, "batches", 0)).acknowledged;
    for at in 1.. {
        fs::remove_dir_all(data.join("db")).unwrap();
        let killed = listen(child(&data, "open", at)).steps.is_none();
        let store = Store::open_with(&data, Bench::on_sled().small_files().setup.clone()).unwrap().store;
        check(&store, &acknowledged, &format!("step {at}"));
        wait(store.close()).unwrap();
        if !killed {
            assert!(at > 4, "{at}");
            return;
        }
    }
}

#[test]
fn killed_at_random_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut acknowledged = Vec::new();
    for round in 0..10_u64 {
        let mut running = child(&data, "forever", 0);
        std::thread::sleep(std::time::Duration::from_millis(60 + 37 * round % 190));
        running.kill().unwrap();
        acknowledged.extend(listen(running).acknowledged);
        let store = Store::open_with(&data, Bench::on_sled().small_files().setup.clone()).unwrap().store;
        check(&store, &acknowledged, &format!("round {round}"));
        // What was found counts from now on.
        acknowledged = commits(&store);
        wait(store.close()).unwrap();
    }
    assert!(!acknowledged.is_empty());
}

/// Cuts the power in the life of a new store and of one that is used again, so often on each kind of disk.
fn power_is_cut(times: u64) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let (data, cut) = (root.join("data"), root.join("cut"));
    fs::create_dir(&data).unwrap();
    let mut before = Told { acknowledged: Vec::new(), kept: Vec::new(), steps: None };
    for life in ["first", "second"] {
        let recording = record(&command(&data, "originals", 0), &data).unwrap();
        assert!(recording.len() > 500, "{}", recording.len());
        for (disk, seed) in [Disk::Journalled, Disk::Fat].into_iter().flat_map(|disk| (0..times).map(move |seed| (disk, seed))) {
            let state = recording.state(disk, seed);
            state.put_into(&cut).unwrap();
            let told = told(&state.said);
            let context = format!("{life} life, {disk:?}, seed {seed}, after {} of {} changes", state.after, recording.len());
            let store = Store::open_with(&cut, Bench::on_sled().small_files().setup.clone()).unwrap().store;
            check(&store, &[before.acknowledged.as_slice(), &told.acknowledged].concat(), &context);
            check_originals(&store, &[before.kept.as_slice(), &told.kept].concat(), &context);
            wait(store.close()).unwrap();
            fs::remove_dir_all(&cut).unwrap();
        }
        before = told(&recording.end().said);
        assert_eq!(before.acknowledged.len(), COMMITS as usize);
    }
}

#[test]
fn the_power_is_cut_and_nothing_acknowledged_is_lost() {
    power_is_cut(40);
}

#[test]
#[ignore = "a gate: `make gates`"]
fn gate_the_power_is_cut_1000_times() {
    power_is_cut(250);
}
