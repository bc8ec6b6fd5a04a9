//! The window: opened at once, with the data folder opening behind it.

use std::sync::Arc;
use std::time::Duration;

use eframe::{NativeOptions, egui};
use piaoxia_engine::{Wake, kept_for_window};
use piaoxia_files::on_one_medium;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::renderer::{RENDERERS, cannot_draw, drawn_by};
use super::world::device_name;
use super::{Backstage, BootError, Doorbell, Launch, Locked, Log, Options, Report, ends};
use crate::shell::{Closed, Shell, Signals};
use crate::state::look::{Look, Place};
use crate::text::Text;

/// 256 x 256; the system makes smaller ones of it.
const ICON: &[u8] = include_bytes!("../../resources/icon/piaoxia.png");
/// Longest time between closing the window and the end of the process.
const STOP: Duration = Duration::from_secs(8);

/// Why there is no shell.
type Refused = Box<dyn std::error::Error + Send + Sync>;
/// What works while the window is open.
type Working = JoinHandle<Result<(), BootError>>;

/// What the window takes over once it can be drawn.
struct Opening {
    locked: Locked,
    log: Log,
    options: Options,
    bell: Option<Doorbell>,
    signals: Signals,
}

/// Shows the window until the user closes it; what is being written then is written to its end. The launcher is told when the
/// window stands with the ledger in it.
///
/// # Errors
/// No window can be had, or the data folder cannot be opened; the window is closed then.
pub fn open_window(locked: Locked, log: Log, options: Options, launch: &Launch, runtime: &Runtime) -> Result<Closed, BootError> {
    let look = Look::from_kept(&kept_for_window(locked.path()), &device_name());
    let is_with_data = std::env::current_exe().is_ok_and(|program| on_one_medium(&program, locked.path()));
    let stop = CancellationToken::new();
    let bell = Doorbell::hang(&locked).inspect_err(|error| tracing::warn!(%error, "a second start cannot ring")).ok();
    let mut backstage = None;
    let (signals, drawn, closed) = Signals::new();
    tell_launcher(launch.clone(), drawn, runtime);
    let mut opening = Some(Opening { locked, log, options, bell, signals });
    let shown = show(&look.place, &mut |ctx| {
        let Opening { locked, log, options, bell, signals } = opening.take().ok_or("the window stood already")?;
        let (window, far) = ends(waker(ctx));
        let announced = bell.as_ref().map(Doorbell::word);
        let behind = Backstage { far, log, announced, options, stop: stop.clone() };
        backstage = Some(start(locked, behind, bell, runtime, ctx.clone()));
        Ok(Shell::new(ctx, window.commands, window.events).with_signals(signals).with_look(look.clone()).with_program(is_with_data))
    });
    stop.cancel();
    let ended = backstage.map_or(Ok(()), |backstage| runtime.block_on(end(backstage)));
    shown.map_err(|error| BootError::Window(reason(&error.to_string()).to_owned()))?;
    ended.map(|()| closed.get().copied().unwrap_or_default())
}

/// Opens the window, drawn by the first of [`RENDERERS`] that works here. The shell is made once there is something to draw with.
fn show(place: &Place, shell: &mut dyn FnMut(&egui::Context) -> Result<Shell, Refused>) -> eframe::Result {
    let mut shown = Ok(());
    for renderer in RENDERERS {
        let options = drawn_by(*renderer, native_options(place));
        shown = eframe::run_native("piaoxia", options, Box::new(|cc| Ok(Box::new(shell(&cc.egui_ctx)?))));
        match &shown {
            Err(error) if cannot_draw(error) => tracing::warn!(%error, %renderer, "the window cannot be drawn"),
            _ => break,
        }
    }
    shown
}

fn tell_launcher(launch: Launch, mut drawn: mpsc::Receiver<()>, runtime: &Runtime) {
    runtime.spawn(async move {
        if drawn.recv().await.is_some() {
            // Writes a file, so not on a thread of the runtime.
            let told = tokio::task::spawn_blocking(move || launch.report(Report::Window)).await;
            if let Err(error) = told {
                tracing::warn!(%error, "the launcher was not told");
            }
        }
    });
}

/// The reason without the place in the source that winit puts before it: `… at …/mod.rs:765: reason`.
fn reason(said: &str) -> &str {
    said.rsplit_once(".rs:").and_then(|(_, rest)| rest.split_once(": ")).map_or(said, |(_, reason)| reason)
}

fn native_options(place: &Place) -> NativeOptions {
    let viewport = egui::ViewportBuilder::default()
        .with_title(Text::current().common.app_name.clone())
        .with_app_id("piaoxia")
        .with_inner_size(place.size)
        .with_maximized(place.maximized)
        .with_min_inner_size(Place::SMALLEST);
    let viewport = match eframe::icon_data::from_png_bytes(ICON) {
        Ok(icon) => viewport.with_icon(icon),
        Err(error) => {
            tracing::warn!(%error, "the window has no icon");
            viewport
        }
    };
    // Rare characters of names come from the system's fonts; everything else is in the embedded one.
    NativeOptions { viewport, persist_window: false, system_font_fallback: true, ..NativeOptions::default() }
}

fn waker(ctx: &egui::Context) -> Wake {
    let ctx = ctx.clone();
    Arc::new(move || ctx.request_repaint())
}

fn start(locked: Locked, behind: Backstage, bell: Option<Doorbell>, runtime: &Runtime, ctx: egui::Context) -> Working {
    if let Some(bell) = bell {
        let (raise, stop) = (behind.far.raise(), behind.stop.clone());
        runtime.spawn(async move { stop.run_until_cancelled(bell.answer(raise)).await });
    }
    runtime.spawn(async move {
        let worked = behind.work(locked).await;
        if worked.is_err() {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
        worked
    })
}

async fn end(backstage: Working) -> Result<(), BootError> {
    match tokio::time::timeout(STOP, backstage).await {
        Ok(ended) => ended.map_err(std::io::Error::from)?,
        Err(_) => {
            tracing::error!("the program did not come to an end in time");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_the_reason_alone() {
        assert_eq!(reason("winit EventLoopError: os error at /x/winit/src/linux/mod.rs:765: no DISPLAY: none"), "no DISPLAY: none");
        assert_eq!(reason("no OpenGL 2"), "no OpenGL 2");
    }
}
