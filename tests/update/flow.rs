//! The good way, and being killed on it.

use std::fs;
use std::time::Duration;

use piaoxia::boot::{self, First};
use piaoxia_signer::SecretKey;

use crate::stick::{NEW, OLD, Run, Stick, public};

const PORTABLE: &str = "PIAOXIA_TEST_PORTABLE";

#[test]
fn an_update_from_a_second_stick_is_installed_and_taken_back() {
    let stick = Stick::new();
    stick.answers(OLD);
    assert!(!stick.path("stick/Data").exists(), "without an update nothing is made");
    stick.publish(&stick.release(NEW), &stick.current);

    let found = stick.update("check").ends(0).objects();
    assert_eq!((found[0]["result"].as_str(), found[0]["offered"].as_str()), (Some("new"), Some("0.2.0")));
    assert!(found[0]["notes"]["zh"].as_str().unwrap().contains("检查"));
    assert!(!stick.version(NEW).exists(), "a check installs nothing");
    stick.answers(OLD);

    let portable = fs::read(stick.path("stick/piaoxia")).unwrap();
    let installed = stick.update("apply").ends(0).objects();
    assert_eq!(installed[1]["next"], "0.2.0");
    stick.answers(NEW);
    assert!(fs::read(stick.path("stick/piaoxia")).unwrap() == portable, "the portable executable is never changed");
    // Once more: by now it has proved itself and takes the process over.
    stick.answers(NEW);
    assert_eq!(stick.update("check").ends(0).objects()[0]["result"], "current");
    // The new version finds the data folder of the stick, not one of its own, and its exit codes are passed on.
    stick.run(&["list"]).ends(0);
    assert!(stick.path("stick/Data/manifest").exists() && !stick.version(NEW).join("Data").exists());
    stick.run(&["list", "--kind", "99"]).ends(2);

    assert_eq!(stick.run(&["update", "rollback", "--json"]).ends(0).objects()[0]["next"], "0.1.0");
    stick.answers(OLD);
    assert_eq!(stick.run(&["update", "rollback", "--json"]).ends(3).fault(), "update.nothingBefore");
    stick.update("apply").ends(0);
    stick.answers(NEW);
}

#[test]
fn the_version_before_is_kept_and_the_one_before_that_is_not() {
    let stick = Stick::new();
    let versions = ["0.2.0", "0.3.0", "0.4.0"].map(|text| text.parse().unwrap());
    for version in versions {
        stick.publish(&stick.release(version), &stick.next);
        stick.update("apply").ends(0);
        stick.answers(version);
    }
    assert!(!stick.version(versions[0]).exists());
    assert_eq!(stick.run(&["update", "rollback", "--json"]).ends(0).objects()[0]["next"], "0.3.0");
    stick.answers(versions[1]);
}

/// Started by the test below, in place of a version that the user left for another one.
#[test]
fn is_the_version_that_restarts() {
    let Some(portable) = std::env::var_os(PORTABLE) else { return };
    let launchers = ["started-by".into(), portable, "0.1.0".into(), "-".into(), "-".into()];
    let arguments = ["piaoxia".into()].into_iter().chain(launchers).chain(["update".into(), "rollback".into(), "--json".into()]);
    let First::Run(launch) = boot::first(arguments) else { panic!("it is started by a launcher") };
    // The real portable executable answers in the place of this process.
    panic!("it is still this process: {:?}", launch.again());
}

#[test]
fn a_version_that_was_left_starts_the_portable_executable_as_the_user_did() {
    let stick = Stick::new();
    let mut left = std::process::Command::new(std::env::current_exe().unwrap());
    left.args(["--exact", "flow::is_the_version_that_restarts", "--nocapture"]).env(PORTABLE, stick.path("stick/piaoxia"));
    let run = Run::from(left.output().unwrap()).ends(3);
    assert!(run.out.contains("update.nothingBefore"), "{run:?}");
}

#[test]
fn keys_are_changed_one_at_a_time_and_the_oldest_launcher_follows() {
    let stick = Stick::new();
    let third_key = SecretKey::generate().unwrap();
    let keys = [&stick.next, &third_key];
    let mut announcing = stick.release_of(NEW, stick.build_with(NEW, keys));
    announcing.manifest.keys = keys.map(public).to_vec();
    stick.publish(&announcing, &stick.next);
    stick.update("apply").ends(0);
    stick.answers(NEW);
    // Signed by the third key alone, which the portable executable was not built with.
    let third = "0.3.0".parse().unwrap();
    stick.publish(&stick.release_of(third, stick.build_with(third, keys)), &third_key);
    stick.update("apply").ends(0);
    stick.answers(third);
    // The first key counts no more.
    let fourth = "0.4.0".parse().unwrap();
    stick.publish(&stick.release(fourth), &stick.current);
    assert_eq!(stick.update("apply").ends(4).fault(), "update.unknownKey");
    stick.answers(third);
}

#[test]
fn killed_at_any_moment_of_an_update_the_program_starts_and_the_update_can_be_done() {
    let stick = Stick::new();
    stick.publish(&stick.release(NEW), &stick.current);
    for kill in 0..9 {
        let mut updating = stick.start(&["update", "apply", "--from", &stick.feed()]);
        std::thread::sleep(Duration::from_millis(40 * kill));
        updating.kill().unwrap();
        updating.wait().unwrap();
        let run = stick.run(&["--version"]).ends(0);
        assert!(run.out.starts_with("piaoxia 0.1.0") || run.out.starts_with("piaoxia 0.2.0"), "{run:?}");
    }
    let ended = stick.update("apply").ends(0).objects();
    assert!(ended.last().is_some_and(|last| last["next"] == "0.2.0" || last["result"] == "current"), "{ended:?}");
    stick.answers(NEW);
}
