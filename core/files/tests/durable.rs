//! What is on the disk after a write that went wrong: the old file or the new one, never a part, never a leftover.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use piaoxia_files::{
    DurableFile, FilesError, create_folder, durable_finish_all, durable_write, durable_write_all, free_space, is_writable, move_folder,
    remove_leftovers,
};

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_whole_and_nothing_else_stays() {
    let dir = tempfile::tempdir().unwrap();
    // 85 hanzi: 255 bytes, the longest name that a file system takes.
    let target = dir.path().join("票".repeat(85));
    durable_write(&target, b"old and longer").unwrap();
    durable_write(&target, b"new").unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
    assert_eq!(names(dir.path()).len(), 1);
}

#[test]
fn a_streamed_file_appears_when_it_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("台账.zip");
    let mut file = DurableFile::create(&target).unwrap();
    file.write_all(b"????body").unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(b"head").unwrap();
    assert!(!target.exists());
    assert_eq!(file.finish().unwrap(), 8);
    assert_eq!(fs::read(&target).unwrap(), b"headbody");
}

#[test]
fn a_dropped_file_leaves_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("a.csv");
    durable_write(&target, b"old").unwrap();
    let mut file = DurableFile::create(&target).unwrap();
    file.write_all(b"half").unwrap();
    drop(file);
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(names(dir.path()), ["a.csv"]);
}

#[test]
fn a_target_that_was_opened_meanwhile_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("a.xlsx");
    durable_write(&target, b"old").unwrap();
    let mut file = DurableFile::create(&target).unwrap();
    file.write_all(b"new").unwrap();
    fs::write(dir.path().join("~$a.xlsx"), "").unwrap();
    assert!(matches!(file.finish(), Err(FilesError::TargetBusy { path }) if path == target));
    assert!(matches!(DurableFile::create(&target), Err(FilesError::TargetBusy { .. })));
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(names(dir.path()), ["a.xlsx", "~$a.xlsx"]);
}

#[test]
fn a_folder_in_the_way_is_an_error_and_nothing_stays() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("x");
    fs::create_dir(&target).unwrap();
    assert!(durable_write(&target, b"1").is_err());
    assert_eq!(names(dir.path()), ["x"]);
}

#[test]
fn a_folder_that_is_gone_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("stick");
    assert!(matches!(durable_write(&inner.join("a"), b"1"), Err(FilesError::Missing { .. })));
    fs::create_dir(&inner).unwrap();
    let file = DurableFile::create(&inner.join("a")).unwrap();
    fs::remove_dir_all(&inner).unwrap();
    assert!(matches!(file.finish(), Err(FilesError::Missing { path }) if path == inner.join("a")));
}

#[test]
fn many_files_are_written_into_many_folders() {
    let dir = tempfile::tempdir().unwrap();
    let mut files: Vec<(PathBuf, &[u8])> = Vec::new();
    for folder in ["a", "b"] {
        fs::create_dir(dir.path().join(folder)).unwrap();
        files.push((dir.path().join(folder).join("1"), b"one"));
        files.push((dir.path().join(folder).join("2"), b"two"));
    }
    durable_write_all(&files).unwrap();
    for (path, bytes) in &files {
        assert_eq!(fs::read(path).unwrap(), *bytes);
    }
    assert_eq!(names(&dir.path().join("a")), ["1", "2"]);
}

#[test]
fn a_file_gets_its_name_in_another_folder_when_what_is_in_it_is_known() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["a", "b"] {
        fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let begun = |body: &[u8]| {
        let mut file = DurableFile::create_unnamed(dir.path()).unwrap();
        file.write_all(body).unwrap();
        file
    };
    assert!(begun(b"nameless").finish().is_err());
    drop(begun(b"given up"));
    let (mut alone, mut one, mut two) = (begun(b"alone"), begun(b"one"), begun(b"two"));
    fs::write(dir.path().join("b/two"), "damaged").unwrap();
    for (file, name) in [(&mut alone, "a/alone"), (&mut one, "a/one"), (&mut two, "b/two")] {
        file.aim(&dir.path().join(name)).unwrap();
    }
    assert_eq!(alone.finish().unwrap(), 5);
    durable_finish_all(vec![one, two]).unwrap();
    for name in ["alone", "one", "two"] {
        let folder = if name == "two" { "b" } else { "a" };
        assert_eq!(fs::read_to_string(dir.path().join(folder).join(name)).unwrap(), name);
    }
    assert_eq!(names(dir.path()), ["a", "b"]);
}

#[test]
fn leftovers_of_a_killed_program_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    for name in [".piaoxia-1-0.part", "mine.part", "keep"] {
        fs::write(dir.path().join(name), "x").unwrap();
    }
    assert_eq!(remove_leftovers(dir.path()).unwrap(), 1);
    assert_eq!(names(dir.path()), ["keep", "mine.part"]);
}

#[test]
fn folders_are_moved_and_asked() {
    let dir = tempfile::tempdir().unwrap();
    create_folder(&dir.path().join("db/a/b")).unwrap();
    create_folder(&dir.path().join("db/a")).unwrap();
    assert!(dir.path().join("db/a/b").is_dir());
    move_folder(&dir.path().join("db"), &dir.path().join("db.corrupt-1")).unwrap();
    assert_eq!(names(dir.path()), ["db.corrupt-1"]);
    assert!(is_writable(dir.path()).unwrap());
    assert!(matches!(is_writable(&dir.path().join("gone")), Err(FilesError::Missing { .. })));
    assert!(free_space(&dir.path().join("not/yet/there")).unwrap() > 0);
    assert_eq!(names(dir.path()), ["db.corrupt-1"]);
}

#[cfg(unix)]
mod child {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::Duration;

    use super::*;

    const TARGET: &str = "PIAOXIA_TEST_TARGET";

    /// Runs one test of this file in a process of its own, under a shell that first does `setup`.
    fn start(test: &str, target: &Path, setup: &str) -> Child {
        let script = format!("{setup} exec \"$0\" --exact \"$1\" --nocapture");
        let exe = std::env::current_exe().unwrap();
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(exe).arg(test).env(TARGET, target);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// None when the test runs in its own right and not as a child: then it has nothing to do.
    fn target() -> Option<PathBuf> {
        std::env::var_os(TARGET).map(PathBuf::from)
    }

    const VERSIONS: [(u8, usize); 2] = [(b'a', 300_000), (b'b', 200_000)];

    #[test]
    fn writes_for_ever() {
        let Some(target) = target() else { return };
        loop {
            for (byte, length) in VERSIONS {
                durable_write(&target, &vec![byte; length]).unwrap();
            }
        }
    }

    #[test]
    fn killed_at_any_moment_the_file_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.pdf");
        durable_write(&target, &vec![b'a'; 300_000]).unwrap();
        for round in 0..12 {
            let mut child = start("child::writes_for_ever", &target, "");
            thread::sleep(Duration::from_millis(20 + 7 * round));
            child.kill().unwrap();
            assert_eq!(child.wait().unwrap().signal(), Some(9));
            let found = fs::read(&target).unwrap();
            assert!(VERSIONS.iter().any(|(byte, length)| found == vec![*byte; *length]), "{} bytes", found.len());
            remove_leftovers(dir.path()).unwrap();
            assert_eq!(names(dir.path()), ["a.pdf"]);
        }
    }

    #[test]
    fn writes_too_much() {
        let Some(target) = target() else { return };
        let error = durable_write(&target, &vec![b'x'; 200_000]).unwrap_err();
        assert!(matches!(error, FilesError::TooLarge { .. }), "{error}");
        // A writer in between may swallow the error; finishing must not.
        let mut file = DurableFile::create(&target).unwrap();
        let swallowed = file.write_all(&vec![b'x'; 200_000]);
        assert!(swallowed.is_err() && file.finish().is_err());
    }

    #[test]
    fn a_file_beyond_the_limit_is_too_large() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.pdf");
        durable_write(&target, b"old").unwrap();
        let status = start("child::writes_too_much", &target, "trap '' XFSZ; ulimit -f 64;").wait().unwrap();
        assert!(status.success());
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["a.pdf"]);
    }
}
