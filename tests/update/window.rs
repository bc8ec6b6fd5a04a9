//! The real window, on a screen that exists in memory only.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stick::{NEW, Run, Stick};

/// Patience with a window on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A screen.
struct Screen {
    server: Child,
    name: String,
}

impl Screen {
    fn new() -> Self {
        let arguments = ["-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp"];
        let mut server = Command::new("Xvfb").args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Xvfb");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { server, name: format!(":{}", number.trim()) }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

fn mark(stick: &Stick) -> Value {
    let bytes = fs::read(stick.version(NEW).join("mark.json")).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

#[test]
fn a_new_version_proves_itself_by_its_window_and_a_second_start_raises_it() {
    let stick = Stick::new();
    let screen = Screen::new();
    stick.publish(&stick.release(NEW), &stick.current);
    stick.update("apply").ends(0);
    let on_screen = |arguments: &[&str]| {
        let mut command = stick.command(arguments);
        command.env("DISPLAY", &screen.name).env("LIBGL_ALWAYS_SOFTWARE", "1");
        command
    };
    let mut window = on_screen(&[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while mark(&stick)["window"] != true {
        let ended = window.try_wait().unwrap();
        assert!(ended.is_none() && Instant::now() < deadline, "{ended:?} {}", mark(&stick));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(mark(&stick)["starts"], 0);
    // The new version runs, below the launcher that watched it; a second start finds its window.
    let second = Run::from(on_screen(&[]).output().unwrap()).ends(0);
    assert!(second.out.contains("已经在运行"), "{second:?}");
    let holder = fs::read_to_string(stick.path("stick/Data/LOCK.holder")).unwrap();
    let running: u32 = holder.lines().next().unwrap().parse().unwrap();
    assert_ne!(running, window.id());
    let program = fs::read_link(format!("/proc/{running}/exe")).unwrap();
    assert!(program.starts_with(stick.version(NEW)), "{}", program.display());
    // The user ends it; the launcher ends with it.
    assert!(Command::new("sh").arg("-c").arg(format!("kill {running}")).status().unwrap().success());
    window.wait().unwrap();
}

#[test]
fn a_window_that_finds_no_screen_is_taken_for_one_that_does_not_start() {
    let stick = Stick::new();
    stick.publish(&stick.release(NEW), &stick.current);
    stick.update("apply").ends(0);
    let run = stick.run(&["--json"]).ends(5);
    // The old version tried, too, and says why there is no window.
    assert_eq!(run.objects().len(), 2);
    assert_eq!(mark(&stick)["starts"], 1);
}
