//! The folder is on a stick: pulled in the middle of a write, put back elsewhere, written to by another PC meanwhile.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic; a gate says what it did")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::crash;
use super::sample::{Bench, all, invoice, put};
use crate::{Store, wait};

#[test]
fn a_stale_writer_never_forks_the_ledger() {
    // The map in memory knows no lock, like a share whose locks do not work.
    let bench = Bench::in_memory();
    let (here, there) = (bench.open().store, bench.open().store);
    put(&here, [invoice(1)]);
    put(&there, [invoice(2)]);
    put(&here, [invoice(3)]);
    wait(here.put_document("job", "1", &"x")).unwrap();
    put(&there, [invoice(4)]);
    let expected: Vec<_> = (1..=4).map(invoice).collect();
    assert_eq!(all(&there), expected);
    wait(here.close()).unwrap();
    let reopened = bench.reopen(&there).store;
    assert_eq!(all(&reopened), expected);
    assert_eq!(wait(reopened.get_document::<String>("job", "1")).unwrap().as_deref(), Some("x"));
}

/// An exFAT stick: an image on a loop device that exfat-fuse serves. Pulling it is the end of that process.
struct Stick {
    dir: PathBuf,
    device: String,
    plugged: Option<(PathBuf, Child)>,
}

impl Stick {
    fn new(dir: &Path) -> Self {
        let image = dir.join("stick.img");
        std::fs::File::create(&image).unwrap().set_len(96 << 20).unwrap();
        run("mkfs.exfat", &[image.to_str().unwrap()]);
        let device = run("losetup", &["--find", "--show", image.to_str().unwrap()]);
        Self { dir: dir.to_path_buf(), device: device.trim().to_owned(), plugged: None }
    }

    /// Puts it in; the letter is part of the path.
    fn plug(&mut self, letter: &str) -> PathBuf {
        let folder = self.dir.join(letter);
        std::fs::create_dir_all(&folder).unwrap();
        let mut server = Command::new("mount.exfat-fuse");
        server.arg("-d").arg(&self.device).arg(&folder).stdout(Stdio::null()).stderr(Stdio::null());
        let server = server.spawn().unwrap();
        while !is_mounted(&folder) {
            thread::sleep(Duration::from_millis(5));
        }
        self.plugged = Some((folder.clone(), server));
        folder
    }

    fn pull(&mut self) {
        let Some((folder, mut server)) = self.plugged.take() else { return };
        server.kill().unwrap();
        server.wait().unwrap();
        run("umount", &["-l", folder.to_str().unwrap()]);
    }
}

impl Drop for Stick {
    fn drop(&mut self) {
        self.pull();
        run("losetup", &["--detach", &self.device]);
    }
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn is_mounted(folder: &Path) -> bool {
    std::fs::read_to_string("/proc/self/mounts").unwrap().lines().any(|line| line.split(' ').nth(1) == folder.to_str())
}

#[test]
#[ignore = "a gate: `make gates`; needs root, exfat-fuse and exfatprogs"]
fn gate_a_stick_is_pulled_30_times() {
    let dir = tempfile::tempdir().unwrap();
    let mut stick = Stick::new(dir.path());
    let mut acknowledged = Vec::new();
    for round in 0..30_u64 {
        let data = stick.plug(if round % 2 == 0 { "E" } else { "F" }).join("Data");
        let writing = crash::start(&data, "forever");
        thread::sleep(Duration::from_millis(150 + 97 * round % 700));
        stick.pull();
        // It ends by itself: a stick that is gone is an error, not a wait without an end.
        let told = crash::listen(writing);
        println!("round {round}: {} commits acknowledged", told.acknowledged.len());
        acknowledged.extend(told.acknowledged);
        let data = stick.plug("G").join("Data");
        let store = Store::open_with(&data, Bench::on_sled().small_files().setup.clone()).unwrap().store;
        crash::check(&store, &acknowledged, &format!("round {round}"));
        acknowledged = crash::commits(&store);
        wait(store.close()).unwrap();
        drop(store);
        stick.pull();
    }
    assert!(acknowledged.len() == 1 && acknowledged.first().unwrap() > &30);
}

#[test]
#[ignore = "a gate: `make gates`; needs root, exfat-fuse and exfatprogs"]
fn gate_killed_at_every_step_on_exfat() {
    let dir = tempfile::tempdir().unwrap();
    let mut stick = Stick::new(dir.path());
    let folder = stick.plug("E");
    println!("{} steps", crash::killed_at_every_step(&folder));
}
