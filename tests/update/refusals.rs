//! Releases that are not good, each made from two real builds: nothing of them is installed, and the user is told why.

use std::fs;

use jiff::SignedDuration;
use piaoxia_signer::SecretKey;
use piaoxia_update::{FileEntry, MANIFEST, platform};

use crate::stick::{NEW, OLD, Release, Stick, comment};

/// Offers a release; it must be refused with this code and leave everything as it was.
#[track_caller]
fn refused(stick: &Stick, fault: &str, exit: i32) {
    let run = stick.update("apply").ends(exit);
    assert_eq!(run.fault(), format!("update.{fault}"));
    assert!(run.err.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{}", run.err);
    assert!(!stick.version(NEW).exists(), "{fault}");
    stick.answers(OLD);
}

fn bytes(release: &Release) -> Vec<u8> {
    serde_json::to_vec(&release.manifest).unwrap()
}

#[test]
fn a_program_or_manifest_that_was_changed_is_refused() {
    let stick = Stick::new();
    let mut release = stick.release(NEW);
    let middle = release.program.len() / 2;
    release.program[middle] ^= 1;
    stick.publish(&release, &stick.current);
    refused(&stick, "wrongHash", 4);
    let release = stick.release(NEW);
    let signature = stick.current.sign(&bytes(&release), &comment(&release));
    let mut changed = stick.release(NEW);
    changed.manifest.percent = 99;
    stick.publish_as(&changed, &bytes(&changed), &signature);
    refused(&stick, "signatureWrong", 4);
    // The file of the old version in the place of the new one's: the manifest knows better.
    let mut swapped = stick.release(NEW);
    swapped.program = stick.build(OLD);
    stick.publish(&swapped, &stick.current);
    refused(&stick, "wrongHash", 4);
}

#[test]
fn a_wrong_key_a_signature_of_the_old_kind_and_none_are_refused() {
    let stick = Stick::new();
    let release = stick.release(NEW);
    stick.publish(&release, &SecretKey::generate().unwrap());
    refused(&stick, "unknownKey", 4);
    stick.publish_as(&release, &bytes(&release), &stick.current.sign_as_long_ago(&bytes(&release), &comment(&release)));
    refused(&stick, "legacySignature", 4);
    stick.publish_as(&release, &bytes(&release), "");
    refused(&stick, "signatureUnreadable", 4);
    fs::remove_file(stick.path("feed").join(MANIFEST)).unwrap();
    refused(&stick, "noManifest", 4);
}

#[test]
fn what_is_over_or_older_is_refused() {
    let stick = Stick::new();
    let mut expired = stick.release(NEW);
    expired.manifest.expires = jiff::Timestamp::now() - SignedDuration::from_secs(1);
    stick.publish(&expired, &stick.current);
    refused(&stick, "expired", 3);
    let mut early = stick.release(NEW);
    early.manifest.published = jiff::Timestamp::now() + SignedDuration::from_hours(30);
    stick.publish(&early, &stick.current);
    refused(&stick, "clockBehind", 3);
    let older = "0.0.9".parse().unwrap();
    stick.publish(&stick.release(older), &stick.current);
    refused(&stick, "older", 4);
    // A version that was offered once is not gone below, though it was never installed.
    stick.publish(&stick.release(NEW), &stick.current);
    stick.update("check").ends(0);
    stick.publish(&stick.release("0.1.5".parse().unwrap()), &stick.current);
    refused(&stick, "older", 4);
}

#[test]
fn what_is_for_another_pc_is_refused_and_what_is_not_there_is_named() {
    let stick = Stick::new();
    let mut release = stick.release(NEW);
    assert_ne!(platform(), "windows-x86_64");
    release.manifest.files = vec![FileEntry::of(NEW, "windows-x86_64", &release.program)];
    stick.publish(&release, &stick.current);
    refused(&stick, "noFile", 4);
    let gone = stick.path("gone");
    let run = stick.run(&["update", "check", "--from", gone.to_str().unwrap(), "--json"]).ends(6);
    assert_eq!(run.fault(), "file.missing");
    assert_eq!(stick.run(&["update", "check", "--json"]).ends(3).fault(), "update.noSource");
    stick.run(&["update", "check", "--from", "http://example.com/"]).ends(4);
}

#[test]
fn a_build_that_is_no_release_is_not_updated() {
    let stick = Stick::new();
    stick.publish(&stick.release(NEW), &stick.current);
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_piaoxia"))
        .args(["update", "check", "--json", "--from", &stick.feed()])
        .env("HOME", stick.path("home"))
        .env_remove("XDG_DATA_HOME")
        .output();
    let run = crate::stick::Run::from(run.unwrap()).ends(3);
    assert_eq!(run.fault(), "update.notARelease");
    assert!(!stick.path("home").exists());
}
