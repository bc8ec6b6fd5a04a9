//! A stick with the program on it, and releases that it may be offered.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use piaoxia_signer::SecretKey;
use piaoxia_update::{FileEntry, MANIFEST, Manifest, Notes, PublicKey, SIGNATURE, Stamp, Version, platform, trusted_comment};
use serde_json::Value;
use tempfile::TempDir;

pub const OLD: Version = Version::new(0, 1, 0);
pub const NEW: Version = Version::new(0, 2, 0);

/// The executable as it was built, without what only a debugger reads: a release is not larger than 128 MiB.
static BUILT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let stripped = folder.path().join("piaoxia");
    let strip = Command::new("strip").arg("-o").arg(&stripped).arg(env!("CARGO_BIN_EXE_piaoxia")).status().unwrap();
    assert!(strip.success());
    fs::read(stripped).unwrap()
});

/// The stick: the portable executable of 0.1.0, and two keys that it believes.
pub struct Stick {
    dir: TempDir,
    pub current: SecretKey,
    pub next: SecretKey,
}

/// A release on its way: what is wrong with it can be set before it is written.
pub struct Release {
    pub manifest: Manifest,
    pub program: Vec<u8>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Stick {
    pub fn new() -> Self {
        let stick =
            Self { dir: tempfile::tempdir().unwrap(), current: SecretKey::generate().unwrap(), next: SecretKey::generate().unwrap() };
        fs::create_dir(stick.path("stick")).unwrap();
        fs::write(stick.path("stick/portable.txt"), "").unwrap();
        write_program(&stick.path("stick/piaoxia"), &stick.build(OLD));
        stick
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn feed(&self) -> String {
        self.path("feed").to_str().unwrap().to_owned()
    }

    /// A version's folder on the stick.
    pub fn version(&self, version: Version) -> PathBuf {
        self.path("stick/Data/app").join(version.to_string())
    }

    /// The real program as a release of this version.
    pub fn build(&self, version: Version) -> Vec<u8> {
        self.build_with(version, [&self.current, &self.next])
    }

    /// The same with other keys pinned.
    pub fn build_with(&self, version: Version, keys: [&SecretKey; 2]) -> Vec<u8> {
        let keys = keys.map(public).to_vec();
        let mut program = BUILT.clone();
        Stamp { version, channel: "stable".into(), feed: None, keys }.set(&mut program).unwrap();
        program
    }

    pub fn release(&self, version: Version) -> Release {
        self.release_of(version, self.build(version))
    }

    pub fn release_of(&self, version: Version, program: Vec<u8>) -> Release {
        let now = Timestamp::now();
        let manifest = Manifest {
            product: "piaoxia".into(),
            channel: "stable".into(),
            version,
            minimum: Version::new(0, 0, 1),
            published: now - SignedDuration::from_hours(48),
            expires: now + SignedDuration::from_hours(240),
            percent: 100,
            notes: Notes { zh: "更新可以自己检查了。".into(), en: "Updates can be checked.".into() },
            keys: Vec::new(),
            files: vec![FileEntry::of(version, &platform(), &program)],
        };
        Release { manifest, program }
    }

    /// Puts a release into the feed, signed by this key.
    pub fn publish(&self, release: &Release, key: &SecretKey) {
        let bytes = serde_json::to_vec(&release.manifest).unwrap();
        let signature = key.sign(&bytes, &comment(release));
        self.publish_as(release, &bytes, &signature);
    }

    pub fn publish_as(&self, release: &Release, manifest: &[u8], signature: &str) {
        let feed = self.path("feed");
        fs::create_dir_all(&feed).unwrap();
        fs::write(feed.join(MANIFEST), manifest).unwrap();
        fs::write(feed.join(SIGNATURE), signature).unwrap();
        fs::write(feed.join(&release.manifest.files[0].name), &release.program).unwrap();
    }

    /// The portable executable, as a user starts it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("stick/piaoxia"));
        command.args(arguments).current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("HOME", self.dir.path()).env_remove("PIAOXIA_LOG").env("RUST_BACKTRACE", "0");
        for name in ["XDG_DATA_HOME", "XDG_STATE_HOME", "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.command(arguments).output().unwrap())
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// `update` on the feed.
    pub fn update(&self, what: &str) -> Run {
        self.run(&["update", what, "--from", &self.feed(), "--json"])
    }

    /// The version that answers when the portable executable is started.
    #[track_caller]
    pub fn answers(&self, version: Version) {
        let run = self.run(&["--version"]).ends(0);
        assert!(run.out.starts_with(&format!("piaoxia {version}")), "{run:?}");
    }
}

pub fn public(key: &SecretKey) -> PublicKey {
    PublicKey::parse(&key.public()).unwrap()
}

pub fn comment(release: &Release) -> String {
    trusted_comment(release.manifest.version, &release.manifest.channel)
}

fn write_program(path: &Path, program: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, program).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// The objects of `--json`.
    pub fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
    }

    /// The code of the fault.
    pub fn fault(&self) -> String {
        self.objects()[0]["error"]["code"].as_str().unwrap().to_owned()
    }
}
