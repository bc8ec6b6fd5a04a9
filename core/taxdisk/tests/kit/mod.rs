//! A card reader without hardware: a card service of its own (pcscd) with the virtual readers of vsmartcard, and cards that are plugged into
//! them over TCP.
//!
//! Needs `pcscd`, `vsmartcard-vpcd` and `unshare` (Debian packages of `.ci/packages test`), and to be root or to be allowed user namespaces.
//! Nothing of the system's own card service is touched: the daemon sees a `/run` of its own.

pub mod card;

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// The two readers of the driver.
pub const READERS: [&str; 2] = ["Virtual PCD 00 00", "Virtual PCD 00 01"];

/// The card service of this test program, while one test has it.
pub struct Service {
    port: u16,
    daemon: Option<Child>,
    _turn: MutexGuard<'static, ()>,
}

/// libpcsclite reads the way to its service once, so there is one place for all tests of a program, and they take turns.
static TURN: Mutex<()> = Mutex::new(());
static FOLDER: LazyLock<PathBuf> = LazyLock::new(new_folder);

/// The service, running, with empty readers.
pub fn service() -> Service {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(Path::new(DRIVER).exists(), "install pcscd and vsmartcard-vpcd: {DRIVER} is missing");
    let port = free_ports();
    for part in ["run", "conf"] {
        fs::create_dir_all(FOLDER.join(part)).unwrap();
    }
    let conf = format!("FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x{port:X}\nLIBPATH {DRIVER}\nCHANNELID 0x{port:X}\n");
    fs::write(FOLDER.join("conf/vpcd"), conf).unwrap();
    let mut service = Service { port, daemon: None, _turn: turn };
    service.start();
    service
}

#[expect(unsafe_code, reason = "before the first call of libpcsclite, and only here")]
fn new_folder() -> PathBuf {
    let folder = tempfile::tempdir().unwrap().keep();
    // SAFETY: every test takes the service first, so nothing else reads the environment through C at this moment.
    unsafe { std::env::set_var("PCSCLITE_CSOCK_NAME", folder.join("run/pcscd.comm")) };
    folder
}

impl Service {
    /// Starts the daemon if it does not run.
    pub fn start(&mut self) {
        if self.daemon.as_mut().is_some_and(|daemon| daemon.try_wait().unwrap().is_none()) {
            return;
        }
        let place = FOLDER.display();
        let script = format!(
            "mount -t tmpfs tmpfs /run && mkdir /run/pcscd && mount --bind {place}/run /run/pcscd && exec pcscd -f -c {place}/conf"
        );
        let namespaces: &[&str] = if is_root() { &["-m"] } else { &["-r", "-m"] };
        let log = fs::File::create(FOLDER.join("log")).unwrap();
        let started = Command::new("unshare")
            .args(namespaces)
            .args(["sh", "-c", &script])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        self.daemon = Some(started.expect("unshare is installed"));
        let start = Instant::now();
        while UnixStream::connect(FOLDER.join("run/pcscd.comm")).is_err() {
            let log = fs::read_to_string(FOLDER.join("log")).unwrap_or_default();
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "the card service does not start (root or user namespaces are needed): {log}"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the daemon.
    pub fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }

    /// Puts a card into a reader, 0 or 1.
    pub fn insert(&self, reader: u16, card: card::Shared) -> card::Inserted {
        card::Inserted::new(self.port + reader, card)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
        if !thread::panicking() {
            fs::remove_dir_all(&*FOLDER).unwrap();
        }
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|itself| itself.uid() == 0)
}

/// The first of two ports that are free.
fn free_ports() -> u16 {
    let free = |port| TcpListener::bind(("0.0.0.0", port)).is_ok();
    (0..200).map(|step| 20_000 + ((std::process::id() * 2 + step * 2) % 20_000) as u16).find(|port| free(*port) && free(*port + 1)).unwrap()
}
