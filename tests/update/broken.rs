//! New versions that are signed and good, and do not work.

use crate::stick::{NEW, OLD, Stick};

/// The real program whose first instruction is a trap.
fn crashing(mut program: Vec<u8>) -> Vec<u8> {
    let long = |at: usize| u64::from_le_bytes(program[at..at + 8].try_into().unwrap());
    let short = |at: usize| usize::from(u16::from_le_bytes(program[at..at + 2].try_into().unwrap()));
    assert_eq!(&program[..5], b"\x7fELF\x02");
    let (entry, headers, size, count) = (long(24), long(32) as usize, short(54), short(56));
    let segments = (0..count).map(|n| headers + n * size).filter(|at| program[*at] == 1);
    let at = segments
        .map(|at| (long(at + 8), long(at + 16), long(at + 32)))
        .find(|(_, address, length)| (*address..address + length).contains(&entry))
        .map(|(offset, address, _)| (offset + entry - address) as usize)
        .unwrap();
    let trap = if cfg!(target_arch = "x86_64") { 0xcc } else { 0 };
    program[at..at + 16].fill(trap);
    program
}

#[test]
fn a_new_version_that_crashes_at_start_gives_way_to_the_old_one() {
    let stick = Stick::new();
    stick.publish(&stick.release_of(NEW, crashing(stick.build(NEW))), &stick.current);
    stick.update("apply").ends(0);
    for told in [true, true, false] {
        let run = stick.run(&["update", "rollback", "--json"]);
        // The old version answers, and says what happened while the new one is still being tried.
        assert_eq!(run.fault(), "update.nothingBefore");
        assert_eq!(run.err.contains("新版本 0.2.0 没能启动，已改用 0.1.0"), told, "{}", run.err);
    }
    stick.answers(OLD);
    // It is not tried again, nor offered; the next one is.
    assert_eq!(stick.update("apply").ends(3).fault(), "update.failedBefore");
    let third = "0.3.0".parse().unwrap();
    stick.publish(&stick.release(third), &stick.current);
    stick.update("apply").ends(0);
    stick.answers(third);
    assert!(!stick.version(NEW).exists());
}

#[test]
fn a_new_version_that_was_damaged_on_the_stick_gives_way_to_the_one_before() {
    let stick = Stick::new();
    let third = "0.3.0".parse().unwrap();
    for version in [NEW, third] {
        stick.publish(&stick.release(version), &stick.current);
        stick.update("apply").ends(0);
        stick.answers(version);
    }
    let program = std::fs::read_dir(stick.version(third)).unwrap().flatten().map(|entry| entry.path());
    let program = program.into_iter().find(|path| path.to_string_lossy().contains("piaoxia-0.3.0")).unwrap();
    let mut bytes = std::fs::read(&program).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&program, bytes).unwrap();
    stick.answers(NEW);
}

#[test]
fn a_new_version_for_another_processor_gives_way_to_the_old_one() {
    let stick = Stick::new();
    let mut program = stick.build(NEW);
    // The machine of the header.
    program[18] = 0xf3;
    stick.publish(&stick.release_of(NEW, program), &stick.current);
    stick.update("apply").ends(0);
    stick.answers(OLD);
}
