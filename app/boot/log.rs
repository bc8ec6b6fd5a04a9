//! The log: a file a day in the data folder, a week of them. No token, no password, no content of an invoice.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use piaoxia_domain::redact::redact;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Files that are kept.
const DAYS: usize = 7;
/// Lines that wait to be written; room for all of them is taken at once.
const WAITING_LINES: usize = 8_192;
/// What is logged until `PIAOXIA_LOG` says otherwise.
const LEVELS: &str = "info,sled=warn,hyper=warn,reqwest=warn,eframe=warn,egui=warn,winit=warn";

/// The log of this process. What is left is written when it is dropped.
#[derive(Default)]
pub struct Log {
    file: Arc<Mutex<Option<RollingFileAppender>>>,
    _guard: Option<WorkerGuard>,
}

impl Log {
    /// Starts it in a data folder. Where there can be no log it stays empty: that is no reason not to work.
    #[must_use]
    pub fn start(data: &Path) -> Self {
        Self::with(data, EnvFilter::try_from_env("PIAOXIA_LOG").unwrap_or_else(|_| EnvFilter::new(LEVELS)))
    }

    /// The same with everything that any package has to say.
    #[must_use]
    pub fn start_whole(data: &Path) -> Self {
        Self::with(data, EnvFilter::new("trace"))
    }

    fn with(data: &Path, filter: EnvFilter) -> Self {
        let file = Arc::new(Mutex::new(appender(data)));
        let queue = NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES);
        let (writer, guard) = queue.finish(Writer(Arc::clone(&file)));
        let writer = move || Redacting(writer.clone());
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).finish();
        if tracing::subscriber::set_global_default(log).is_err() {
            return Self::default();
        }
        tracing::info!(version = super::build(), system = std::env::consts::OS, "started");
        Self { file, _guard: Some(guard) }
    }

    /// Closes the file, so that its stick can be pulled. What is logged until [`Log::move_to`] is lost.
    pub fn let_go(&self) {
        self.put(None);
    }

    /// Goes on in this data folder.
    pub fn move_to(&self, data: &Path) {
        self.put(appender(data));
    }

    fn put(&self, file: Option<RollingFileAppender>) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }
}

fn appender(data: &Path) -> Option<RollingFileAppender> {
    let folder = data.join("logs");
    // The appender complains on the error stream about a folder that is not there yet.
    std::fs::create_dir_all(&folder).ok()?;
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("piaoxia")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder)
        .ok()
}

/// Lets no line through that was not looked at: the messages of every package pass here. A line is handed over whole.
struct Redacting<W>(W);

impl<W: io::Write> io::Write for Redacting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let mut line = redact(text.trim_end_matches(['\r', '\n']));
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes to the file of the moment; without one, nowhere.
struct Writer(Arc<Mutex<Option<RollingFileAppender>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.as_mut().map_or(Ok(bytes.len()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.as_mut().map_or(Ok(()), io::Write::flush)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_line_of_the_log_is_one_line_without_secrets() {
        let mut out = Vec::new();
        Redacting(&mut out).write_all("INFO password=hunter2 of 91310115MALGJBW58Q\nforged line\n".as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "INFO password=[hidden] of ****W58Q\\u{a}forged line\n");
    }
}
