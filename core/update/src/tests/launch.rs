//! Starting versions: real processes that work, crash, say nothing, or cannot be started at all.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use super::kit::{NEW, OLD, Release, Signer, stamp};
use crate::launcher::{Launcher, Start};
use crate::mark::{MARK, Mark};
use crate::{Shelf, Version};

const NEWER: Version = Version::new(0, 3, 0);

/// Programs. `$4` is where a version reports, `$7` the first argument of the user.
const WORKS: &str = "printf window > \"$4\"; exit 7";
const COMMAND: &str = "printf command > \"$4\"; exit 3";
const CRASHES: &str = "kill -SEGV $$";
const FAILS: &str = "exit 101";
const HANGS: &str = "exec sleep 600";
const RAISES: &str = "exit 0";
const EXCUSED: &str = "printf excused > \"$4\"; exit 6";

struct Stand {
    folder: tempfile::TempDir,
    signer: Signer,
}

impl Stand {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), signer: Signer::new() }
    }

    fn shelf(&self) -> Shelf {
        Shelf::of(&self.folder.path().join("Data"))
    }

    /// An installed version: a shell script that counts its starts first.
    fn install(&self, version: Version, script: &str) -> PathBuf {
        let starts = self.folder.path().join(version.to_string());
        let program = format!("#!/bin/sh\necho \"$@\" >> '{}'\n{script}\n", starts.display());
        let release = Release::of(version, program.into_bytes());
        let folder = self.shelf().folder(version);
        release.write_to(&folder, &self.signer);
        let file = folder.join(&release.manifest.files[0].name);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    fn launcher(&self) -> Launcher {
        let mut launcher = Launcher::new(stamp(&[&self.signer]), self.shelf(), "/stick/piaoxia".into());
        launcher.patience = Duration::from_millis(1500);
        launcher
    }

    fn start(&self, arguments: &[&str]) -> Start {
        self.launcher().start(&arguments.iter().map(OsString::from).collect::<Vec<_>>())
    }

    /// With what a version was started, start by start.
    fn starts(&self, version: Version) -> Vec<String> {
        let told = fs::read_to_string(self.folder.path().join(version.to_string())).unwrap_or_default();
        told.lines().map(str::to_owned).collect()
    }

    fn mark(&self, version: Version) -> Mark {
        Mark::read(&self.shelf().folder(version))
    }
}

const HERE: Start = Start::Here { fell_back: None };

fn fell_back(from: Version) -> Start {
    Start::Here { fell_back: Some(from) }
}

#[test]
fn without_versions_the_portable_program_runs_and_nothing_is_made() {
    let stand = Stand::new();
    assert_eq!(stand.start(&[]), HERE);
    assert!(!stand.folder.path().join("Data").exists());
}

#[test]
fn the_newest_version_runs_with_the_arguments_of_the_user_and_its_code_is_passed_on() {
    let stand = Stand::new();
    stand.install(NEW, WORKS);
    stand.install(NEWER, WORKS);
    assert_eq!(stand.start(&["--data", "D 1"]), Start::Ended(7));
    let report = stand.shelf().folder(NEWER).join(format!("report-{}", std::process::id()));
    assert_eq!(stand.starts(NEWER), [format!("started-by /stick/piaoxia 0.1.0 {} - --data D 1", report.display())]);
    assert!(!report.exists());
    assert!(stand.starts(NEW).is_empty());
    assert_eq!(stand.mark(NEWER), Mark { window: true, ..Mark::default() });
}

#[test]
fn a_version_that_does_not_start_gives_way_at_once_and_is_tried_twice() {
    for (script, kind) in [(CRASHES, "crashes"), (FAILS, "fails"), (HANGS, "hangs")] {
        let stand = Stand::new();
        stand.install(NEW, WORKS);
        stand.install(NEWER, script);
        for start in 1..=3_usize {
            assert_eq!(stand.start(&[]), Start::Ended(7), "{kind}: the version before runs");
            assert_eq!((stand.starts(NEWER).len(), stand.starts(NEW).len()), (start.min(2), 1), "{kind}");
            // A version that has proved itself takes the process over; here it is to be watched again.
            fs::remove_file(stand.shelf().folder(NEW).join(MARK)).unwrap();
            fs::remove_file(stand.folder.path().join("0.2.0")).unwrap();
        }
        assert!(stand.mark(NEWER).is_bad(), "{kind}");
    }
}

#[test]
fn when_no_version_starts_the_portable_program_runs() {
    let stand = Stand::new();
    stand.install(NEW, FAILS);
    stand.install(NEWER, CRASHES);
    assert_eq!(stand.start(&[]), fell_back(NEWER));
    assert_eq!((stand.starts(NEW).len(), stand.starts(NEWER).len()), (1, 1));
    assert!(stand.starts(NEW)[0].contains(" 0.3.0"), "the next one is told: {:?}", stand.starts(NEW));
    assert_eq!(stand.start(&[]), fell_back(NEWER));
    assert_eq!(stand.start(&[]), HERE, "both are not tried any more");
}

#[test]
fn a_program_that_the_system_cannot_start_gives_way() {
    let stand = Stand::new();
    let release = Release::of(NEW, b"\x7fELF of another processor".to_vec());
    release.write_to(&stand.shelf().folder(NEW), &stand.signer);
    assert_eq!(stand.start(&[]), fell_back(NEW));
}

#[test]
fn an_end_that_is_not_the_version_s_own_fault_says_nothing_about_it() {
    for (script, code) in [(RAISES, 0), (EXCUSED, 6)] {
        let stand = Stand::new();
        stand.install(NEW, script);
        for _ in 0..3 {
            assert_eq!(stand.start(&[]), Start::Ended(code));
        }
        assert_eq!(stand.mark(NEW), Mark::default());
    }
}

#[test]
fn a_command_proves_commands_and_not_the_window() {
    let stand = Stand::new();
    stand.install(NEW, COMMAND);
    assert_eq!(stand.start(&["list"]), Start::Ended(3));
    assert_eq!(stand.mark(NEW), Mark { command: true, ..Mark::default() });
    stand.install(NEW, CRASHES);
    for starts in 1..=2 {
        assert_eq!(stand.start(&["--data", "x"]), fell_back(NEW));
        assert_eq!(stand.mark(NEW).starts, starts);
    }
    assert!(stand.mark(NEW).is_bad());
    assert_eq!(stand.start(&[]), HERE);
}

#[test]
fn a_pc_that_froze_while_a_version_was_started_counts() {
    let stand = Stand::new();
    stand.install(NEW, WORKS);
    Mark { starts: 2, ..Mark::default() }.write(&stand.shelf().folder(NEW)).unwrap();
    assert_eq!(stand.start(&[]), HERE);
    assert!(stand.starts(NEW).is_empty());
}

#[test]
fn what_is_not_signed_or_not_whole_is_never_started() {
    let stand = Stand::new();
    let file = stand.install(NEWER, WORKS);
    let program = fs::read(&file).unwrap();
    fs::write(&file, [&program[..], b"\n# one line more\n"].concat()).unwrap();
    assert_eq!(stand.start(&[]), fell_back(NEWER), "it is damaged, which is said");
    let stranger = Stand { folder: stand.folder, signer: Signer::new() };
    stranger.install(NEWER, WORKS);
    let stand = Stand { folder: stranger.folder, signer: stand.signer };
    assert_eq!(stand.start(&[]), HERE, "signed by a stranger");
    // A good version under another name is the old one in the clothes of the new.
    fs::remove_dir_all(stand.shelf().folder(NEWER)).unwrap();
    stand.install(NEW, WORKS);
    piaoxia_files::move_folder(&stand.shelf().folder(NEW), &stand.shelf().folder(NEWER)).unwrap();
    assert_eq!(stand.start(&[]), HERE);
    assert!(stand.starts(NEWER).is_empty() && stand.starts(NEW).is_empty());
}

#[test]
fn a_second_start_while_the_first_is_watched_does_not_disturb_it() {
    let stand = Stand::new();
    // The first start is slow to report; what another launcher did meanwhile stands in the mark.
    let mark = stand.shelf().folder(NEW).join(MARK);
    stand.install(NEW, &format!("printf '{{\"starts\":2,\"command\":true}}' > '{}'\n{WORKS}", mark.display()));
    assert_eq!(stand.start(&[]), Start::Ended(7));
    assert_eq!(stand.mark(NEW), Mark { window: true, command: true, ..Mark::default() });
    // The second one found the window of the first and ended well: the first one's proof stays.
    fs::remove_file(&mark).unwrap();
    stand.install(NEW, &format!("printf '{{\"starts\":0,\"window\":true}}' > '{}'\n{RAISES}", mark.display()));
    assert_eq!(stand.start(&[]), Start::Ended(0));
    assert_eq!(stand.mark(NEW), Mark { window: true, ..Mark::default() });
}

/// What a file becomes; none: it is gone.
type Damage = fn(Vec<u8>) -> Option<Vec<u8>>;

#[test]
fn whatever_a_power_cut_leaves_of_a_version_what_is_started_is_what_was_signed() {
    let damages: [(&str, Damage); 4] = [
        ("gone", |_| None),
        ("empty", |_| Some(Vec::new())),
        ("its end missing", |bytes| Some(bytes[..bytes.len() / 2].to_vec())),
        ("zeroes", |bytes| Some(vec![0; bytes.len()])),
    ];
    for (damage, change) in damages {
        for at in 0..3 {
            let stand = Stand::new();
            stand.install(NEW, WORKS);
            let mut files: Vec<_> = fs::read_dir(stand.shelf().folder(NEW)).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            assert_eq!(files.len(), 3, "manifest, signature, program");
            let file = &files[at];
            match change(fs::read(file).unwrap()) {
                Some(bytes) => fs::write(file, bytes).unwrap(),
                None => fs::remove_file(file).unwrap(),
            }
            let started = stand.start(&[]);
            assert!(matches!(started, Start::Here { .. }), "{damage} {}: {started:?}", file.display());
            assert!(stand.starts(NEW).is_empty());
        }
        // What is remembered of a version is no reason not to start it.
        let stand = Stand::new();
        stand.install(NEW, WORKS);
        fs::write(stand.shelf().folder(NEW).join(MARK), change(b"{\"starts\":1}".to_vec()).unwrap_or_default()).unwrap();
        assert_eq!(stand.start(&[]), Start::Ended(7), "{damage}");
    }
}

#[test]
fn an_older_version_than_the_portable_program_is_not_started() {
    let stand = Stand::new();
    stand.install(Version::new(0, 0, 9), WORKS);
    stand.install(OLD, WORKS);
    assert_eq!(stand.start(&[]), HERE);
}

#[test]
fn on_a_medium_that_cannot_be_written_only_what_has_proved_itself_is_started() {
    // Root writes anywhere: a folder where the mark should be stands for the write protection.
    let stand = Stand::new();
    stand.install(NEW, WORKS);
    fs::create_dir(stand.shelf().folder(NEW).join(MARK)).unwrap();
    assert_eq!(stand.start(&[]), HERE);
    assert!(stand.starts(NEW).is_empty());
}
