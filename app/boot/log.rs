//! The log: a file a day in the data folder, a week of them. No token, no password, no content of an invoice.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Files that are kept.
const DAYS: usize = 7;
/// What is logged until `PIAOXIA_LOG` says otherwise.
const LEVELS: &str = "info,sled=warn,hyper=warn,reqwest=warn,eframe=warn,egui=warn,winit=warn";

/// Starts the log of this process. The guard writes what is left when it is dropped. None when there can be no log: that is
/// no reason not to work.
#[must_use]
pub fn start(data: &Path) -> Option<WorkerGuard> {
    let folder = data.join("logs");
    // The appender complains on the error stream about a folder that is not there yet.
    std::fs::create_dir_all(&folder).ok()?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("piaoxia")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_from_env("PIAOXIA_LOG").unwrap_or_else(|_| EnvFilter::new(LEVELS));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).finish();
    tracing::subscriber::set_global_default(log).ok()?;
    tracing::info!(version = super::build(), system = std::env::consts::OS, "started");
    Some(guard)
}
