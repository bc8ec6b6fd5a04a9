//! The program is killed at every step of an update; afterwards what starts is the old version or the new one, whole, and
//! the update can be done again.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

use super::kit::{NEW, OLD, Release, Signer, now};
use crate::keys::PublicKey;
use crate::probe::Probe;
use crate::stamp::Stamp;
use crate::updater::{Updater, UpdaterConfig};
use crate::{Shelf, Source, UpdateError, Version};

const DIR: &str = "PIAOXIA_UPDATE_DIR";
const AT: &str = "PIAOXIA_UPDATE_CRASH_AT";
const KEY: &str = "PIAOXIA_UPDATE_KEY";

fn updater(dir: &Path, key: &str, probe: Probe) -> Updater {
    let mut shelf = Shelf::of(&dir.join("Data"));
    shelf.probe = probe;
    let stamp = Stamp { version: OLD, channel: "stable".into(), feed: None, keys: vec![PublicKey::parse(key).unwrap()] };
    let mut config = UpdaterConfig::new(OLD, Some(stamp), shelf, None);
    config.clock = now;
    Updater::new(config)
}

async fn update(updater: &Updater, dir: &Path) -> Result<Version, UpdateError> {
    updater.download(&Source::Folder(dir.join("feed")), &|_, _| {}, &CancellationToken::new()).await?;
    updater.install().await
}

#[tokio::test]
async fn is_the_child() {
    let Some(dir) = env::var_os(DIR) else { return };
    let at: u64 = env::var(AT).unwrap().parse().unwrap();
    static STEPS: AtomicU64 = AtomicU64::new(0);
    let probe = Probe::new(move |_| {
        if STEPS.fetch_add(1, Ordering::SeqCst) + 1 == at {
            std::process::abort();
        }
    });
    let dir = Path::new(&dir);
    update(&updater(dir, &env::var(KEY).unwrap(), probe), dir).await.unwrap();
    println!("steps {}", STEPS.load(Ordering::SeqCst));
}

/// Runs the update in a process that dies at a step; says the number of steps if it came to its end.
fn run(dir: &Path, key: &str, at: u64) -> Option<u64> {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "tests::crash::is_the_child", "--nocapture"]);
    command.env(DIR, dir).env(KEY, key).env(AT, at.to_string());
    let output = command.stderr(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.split("steps ").nth(1).and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse().ok())
}

/// A folder in which an update waits; another version was begun before, and a broken copy of this one lies in its place.
fn prepare(dir: &Path, signer: &Signer) {
    let program = (0..600_000_u32).map(|at| (at * 7 % 253) as u8).collect();
    let mut release = Release::of(NEW, program);
    release.manifest.keys = vec![signer.public(), Signer::new().public()];
    release.write_to(&dir.join("feed"), signer);
    let shelf = Shelf::of(&dir.join("Data"));
    for left in [shelf.incoming().join("0.1.5"), shelf.folder(NEW), shelf.folder(Version::new(0, 1, 4))] {
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("piaoxia"), "left behind").unwrap();
    }
}

#[tokio::test]
async fn killed_at_every_step_the_old_version_or_the_new_one_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::new();
    let key = signer.public().to_string();
    let whole = folder.path().join("whole");
    prepare(&whole, &signer);
    let steps = run(&whole, &key, 0).unwrap();
    assert!(steps >= 12, "{steps}");
    let (mut before, mut after) = (0, 0);
    for at in 1..=steps {
        let dir = folder.path().join(at.to_string());
        prepare(&dir, &signer);
        assert_eq!(run(&dir, &key, at), None, "step {at} was not reached");
        let shelf = Shelf::of(&dir.join("Data"));
        let keys = shelf.keyring(&[signer.public()], OLD);
        // What the launcher would start: whole, or nothing.
        match Shelf::prove(&shelf.folder(NEW), NEW, keys.all()) {
            Ok(_) => after += 1,
            Err(_) => before += 1,
        }
        let again = updater(&dir, &key, Probe::default());
        assert_eq!(update(&again, &dir).await.unwrap(), NEW, "step {at}");
        Shelf::prove(&shelf.folder(NEW), NEW, shelf.keyring(&[signer.public()], OLD).current()).unwrap();
        assert_eq!((shelf.versions(), shelf.coming()), (vec![NEW], vec![]), "step {at}: nothing is left behind");
        fs::remove_dir_all(&dir).unwrap();
    }
    assert!(before > 8 && after >= 2, "{before} {after}");
}
