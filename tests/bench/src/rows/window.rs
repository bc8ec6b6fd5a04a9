//! The window while it works: the real window, engine, gateway, simulated bureau and ledger, without a screen.
//!
//! A frame is `logic` and `ui` of the window: what we add to a frame. Its CPU is that of the window's thread, so that a busy
//! machine does not count; the wall time beside it does include waiting for the processor.

// The tests' own driver, of which a part is used.
#[path = "../../../window/driver.rs"]
#[allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "it is made for tests")]
mod driver;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use eframe::egui;
use jiff::civil::date;
use piaoxia::boot::Sandbox;
use piaoxia::shell::Shell;
use piaoxia_domain::{DateRange, Scope, Totals};
use piaoxia_engine::{Command, DownloadOrder, DownloadState, Extent};
use piaoxia_service::contract::{Query, SandboxSize};

use self::driver::{Shows, Window};
use crate::measure::{resident, thread_cpu};
use crate::row::{Meter, PLAIN, Row, Task};

const BARS: &[(&str, f64)] = &[
    ("download_frame_p99", 16.0),
    ("download_frame_max", 16.0),
    ("export_frame_p99", 16.0),
    ("export_frame_max", 16.0),
    ("scroll_frame_max", 16.0),
];

/// Download of data and export to XLSX.
pub const WINDOW: Row = Row { name: "window", count: 20_000, tiny: 300, ours: |task, meter| run(task, meter, false), bars: BARS, ..PLAIN };

/// The same with originals; fewer, because most of it is making them and writing 60,000 files.
pub const WINDOW_ORIGINALS: Row =
    Row { name: "window_originals", count: 2_000, tiny: 60, long: true, ours: |task, meter| run(task, meter, true), bars: BARS, ..PLAIN };

/// The window, its frames timed.
struct Timed {
    shell: Shell,
    begun: (f64, Instant),
    frames: Vec<Frame>,
}

/// Milliseconds of one frame.
#[derive(Clone, Copy)]
struct Frame {
    cpu: f64,
    wall: f64,
}

impl Shows for Timed {
    fn shell(&self) -> &Shell {
        &self.shell
    }
}

impl eframe::App for Timed {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        self.begun = (thread_cpu(), Instant::now());
        self.shell.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.shell.ui(ui, frame);
        let (cpu, begun) = self.begun;
        self.frames.push(Frame { cpu: (thread_cpu() - cpu) * 1e3, wall: begun.elapsed().as_secs_f64() * 1e3 });
    }
}

fn run(task: &Task, meter: &mut Meter, originals: bool) -> Result<String> {
    let sandbox = Sandbox::Quick(SandboxSize { seed: 7, invoices: task.count });
    let around = |shell| Timed { shell, begun: (0.0, Instant::now()), frames: Vec::new() };
    let mut window = Window::open_in(&task.out.join("Data"), &task.out.join("keys"), sandbox, around);
    window.sign_in();
    window.activate();
    window.add_first_account();
    meter.figure("memory_0", resident(), "MiB");
    // Frames of the first steps are no part of it.
    window.harness.state_mut().frames.clear();
    meter.ready();
    let totals = download(&mut window, task, meter, originals)?;
    tell(meter, "download", &std::mem::take(&mut window.harness.state_mut().frames));
    export(&mut window, task, totals)?;
    tell(meter, "export", &std::mem::take(&mut window.harness.state_mut().frames));
    scroll(&mut window);
    let frames = std::mem::take(&mut window.harness.state_mut().frames);
    tell(meter, "scroll", &frames);
    meter.figure("memory_end", resident(), "MiB");
    window.close();
    Ok(format!("{totals:?}"))
}

/// Both sides of the first company, with the download page on the screen.
fn download(window: &mut Window<Timed>, task: &Task, meter: &mut Meter, originals: bool) -> Result<Totals> {
    window.press("发票下载");
    let state = window.state();
    let company = state.companies.current_ref().context("no company")?;
    let account = state.accounts.lists.get(&company.id).and_then(|list| list.value()?.first()).context("no account")?.id.clone();
    let dates = DateRange::new(date(2025, 1, 1), state.last_day()).context("the clock is before 2025")?;
    let mut totals = Totals::default();
    // Said once, in the middle of the run.
    let mut halfway = false;
    for scope in [Scope::Received, Scope::Issued] {
        let query = Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
        let order = DownloadOrder {
            company: company.clone(),
            account: Some(account.clone()),
            disk: None,
            query,
            originals,
            extent: Extent::Whole,
            refresh: false,
        };
        let before = window.state().download.all.len();
        window.commands.try_send(Command::StartDownload(Box::new(order))).context("the engine is busy")?;
        window.wait("the download", |state| state.download.all.len() > before);
        loop {
            window.wait("progress", |state| {
                let quarter = state.download.all.first().is_some_and(|download| download.received.invoices * 4 > task.count);
                quarter && !halfway || state.download.all.first().is_some_and(|download| !download.state.is_active())
            });
            if !halfway {
                halfway = true;
                meter.figure("memory_quarter", resident(), "MiB");
            }
            if window.state().download.all.first().is_some_and(|download| !download.state.is_active()) {
                break;
            }
        }
        let download = window.state().download.all.first().context("no download")?;
        ensure!(download.state == DownloadState::Done, "{:?} {:?}", download.state, download.problem);
        totals.merge(&download.received);
    }
    meter.figure("memory_all", resident(), "MiB");
    ensure!(totals.invoices > 0, "the bureau has nothing");
    Ok(totals)
}

/// All of the ledger to a workbook, with the ledger on the screen.
fn export(window: &mut Window<Timed>, task: &Task, totals: Totals) -> Result<()> {
    window.press("台账");
    window.wait("the ledger", |state| state.ledger.rows() == totals.invoices);
    window.press("导出");
    let target = task.out.join("台账.xlsx");
    window.type_into("保存为", target.to_str().context("a path that is no text")?);
    window.press("开始导出");
    window.wait("the file", |state| state.notices.history().any(|notice| notice.title.contains("导出完成")));
    ensure!(target.exists(), "no file");
    Ok(())
}

/// From top to end of the ledger.
fn scroll(window: &mut Window<Timed>) {
    for step in 0..100 {
        let state = &mut window.harness.state_mut().shell.state.ledger;
        state.table.go_to(state.rows() * step / 100);
        window.settle();
    }
}

fn tell(meter: &mut Meter, phase: &str, frames: &[Frame]) {
    let mut cpu: Vec<f64> = frames.iter().map(|frame| frame.cpu).collect();
    cpu.sort_by(f64::total_cmp);
    let at = |share: f64| cpu.get(((cpu.len() as f64 * share) as usize).min(cpu.len().saturating_sub(1))).copied().unwrap_or_default();
    let wall = frames.iter().map(|frame| frame.wall).fold(0.0, f64::max);
    eprintln!("{phase}: {} frames", frames.len());
    for (figure, value) in [("frame_p50", at(0.5)), ("frame_p99", at(0.99)), ("frame_max", at(1.0)), ("frame_wall_max", wall)] {
        meter.figure(&format!("{phase}_{figure}"), value, "ms");
    }
}
