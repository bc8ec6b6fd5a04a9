//! The real window, on a screen that exists in memory only.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use piaoxia::boot::{Options, World};
use piaoxia_engine::event::SignInStep;
use piaoxia_engine::{Secret, accounts, session};
use piaoxia_service::contract::{CodeCondition, SandboxPhone};
use piaoxia_update::{Shelf, Source, Stamp, Updater, UpdaterConfig};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::stick::{NEW, OLD, Run, Stick};

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

/// Somebody signs in for 30 days, so that the window opens at the first page.
fn sign_in(stick: &Stick) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut options = Options::new(Some(stick.path("stick/Data")), None);
    options.key_folder = Some(stick.path(".local/state/piaoxia"));
    runtime.block_on(async {
        let world = World::open(options).await.unwrap();
        let services = world.services().await.unwrap();
        let client = world.client().clone();
        let phone = move |step| {
            if let SignInStep::Ticket(ticket) = step {
                let client = client.clone();
                tokio::spawn(async move {
                    let phone = SandboxPhone { name: "王会计".into(), number: ticket.number };
                    client.sandbox().confirm_ticket(&ticket.id, &phone).await.unwrap();
                });
            }
        };
        session::sign_in(&services, true, phone, &CancellationToken::new()).await.unwrap();
        let code = world.client().sandbox().issue_code(CodeCondition::Fresh).await.unwrap().code;
        accounts::activate(&services, &Secret::new(code)).await.unwrap();
        drop(services);
        world.close().await;
    });
}

/// Downloads the release without installing it.
fn download(stick: &Stick) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stamp = Stamp::of(&fs::read(stick.path("stick/piaoxia")).unwrap()).unwrap();
    let updater = Updater::new(UpdaterConfig::new(OLD, stamp, Shelf::of(&stick.path("stick/Data")), None));
    let source = Source::Folder(stick.path("feed"));
    runtime.block_on(updater.download(&source, &|_, _| {}, &CancellationToken::new())).unwrap();
}

impl Screen {
    fn click(&self, x: u32, y: u32) {
        let script = format!("xdotool mousemove {x} {y} sleep 0.2 click 1 sleep 0.3");
        Command::new("sh").arg("-c").arg(script).env("DISPLAY", &self.name).status().unwrap();
    }

    fn has_window(&self) -> bool {
        let found = Command::new("xdotool").args(["search", "--class", "piaoxia"]).env("DISPLAY", &self.name).output().unwrap();
        !found.stdout.is_empty()
    }
}

#[test]
fn the_button_in_the_settings_restarts_into_the_new_version() {
    let stick = Stick::new();
    let screen = Screen::new();
    stick.publish(&stick.release(NEW), &stick.current);
    sign_in(&stick);
    download(&stick);
    stick.answers(OLD);
    let mut window = stick.command(&[]);
    window.env("DISPLAY", &screen.name).env("LIBGL_ALWAYS_SOFTWARE", "1");
    let mut window = window.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while !screen.has_window() {
        assert!(Instant::now() < deadline, "no window");
        std::thread::sleep(Duration::from_millis(100));
    }
    // 设置, then down the card until 重启并更新 is hit: banners of the sandbox may move it.
    let mut rows = (0..).map(|n| 440 + 12 * (n % 18));
    while !stick.version(NEW).exists() {
        assert!(Instant::now() < deadline, "the button was not found");
        let row = rows.next().unwrap();
        if row == 440 {
            screen.click(70, 353);
        }
        screen.click(820, row);
    }
    while mark(&stick)["window"] != true {
        assert!(Instant::now() < deadline && window.try_wait().unwrap().is_none(), "{}", mark(&stick));
        std::thread::sleep(Duration::from_millis(50));
    }
    // The process that the user started watches over the new version's window.
    let holder = fs::read_to_string(stick.path("stick/Data/LOCK.holder")).unwrap();
    let running = holder.lines().next().unwrap().to_owned();
    assert_ne!(running, window.id().to_string());
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
