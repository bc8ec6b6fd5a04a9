//! The system's file dialogs and browser, each on a thread of its own: they block for as long as the user looks at them.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use eframe::egui;

use crate::screens::{Picked, Wish};

/// Open dialogs: at most one.
pub struct Dialogs {
    ctx: egui::Context,
    answers: (Sender<Answer>, Receiver<Answer>),
    open: bool,
}

/// What comes back from the system.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The dialog was closed, with or without a choice.
    Closed(Option<Picked>),
    /// No dialog could be shown, or it broke off.
    NoDialog,
    /// No browser opened this address.
    NoBrowser(String),
}

/// What a thread says at its end, however it ends: it may panic, or never begin.
struct Said {
    answers: Sender<Answer>,
    ctx: egui::Context,
    /// None says nothing.
    last: Option<Answer>,
}

impl Said {
    fn end(mut self, last: Option<Answer>) {
        self.last = last;
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        if let Some(last) = self.last.take() {
            // A failed send means that the window is gone, and nobody waits for the answer.
            let _gone = self.answers.send(last);
            self.ctx.request_repaint();
        }
    }
}

impl Dialogs {
    /// None is open.
    #[must_use]
    pub fn new(ctx: egui::Context) -> Self {
        Self { ctx, answers: channel(), open: false }
    }

    /// True while one is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the dialog that answers the wish. False while another one is open: there is one at a time.
    pub fn show(&mut self, wish: Wish) -> bool {
        if self.open {
            return false;
        }
        self.open = true;
        let said = self.unless_said(Answer::NoDialog);
        let spawned = std::thread::Builder::new().name("file-dialog".to_owned()).spawn(move || {
            let picked = ask(wish);
            said.end(Some(Answer::Closed(picked)));
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for a file dialog");
        }
        true
    }

    /// What came back since.
    pub fn answer(&mut self) -> Option<Answer> {
        let answer = self.answers.1.try_recv().ok()?;
        self.open &= matches!(answer, Answer::NoBrowser(_));
        Some(answer)
    }

    /// Opens an address in the system's browser.
    pub fn open_url(&self, url: &str) {
        let said = self.unless_said(Answer::NoBrowser(url.to_owned()));
        let url = url.to_owned();
        let spawned = std::thread::Builder::new().name("browser".to_owned()).spawn(move || match open::that_detached(url) {
            Ok(()) => said.end(None),
            Err(error) => {
                tracing::warn!(%error, "no browser could be opened");
                drop(said);
            }
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for the browser");
        }
    }

    /// Goes into a thread; `last` is what it says when it says nothing else.
    fn unless_said(&self, last: Answer) -> Said {
        Said { answers: self.answers.0.clone(), ctx: self.ctx.clone(), last: Some(last) }
    }
}

/// What is read, as the file dialog names it.
const READ_NAME: &str = "XML, OFD, PDF, ZIP, XLSX";
/// Its extensions; some systems tell capitals apart.
const READ: [&str; 10] = ["xml", "ofd", "pdf", "zip", "xlsx", "XML", "OFD", "PDF", "ZIP", "XLSX"];

/// Vendors' libraries of tax disks, as the file dialog names them.
const LIBRARIES_NAME: &str = "DLL, SO";
/// Their extensions.
const LIBRARIES: [&str; 3] = ["dll", "DLL", "so"];

/// Files of certificates, as the file dialog names them.
const ROOTS_NAME: &str = "CER, CRT, PEM, DER";
/// Their extensions.
const ROOTS: [&str; 8] = ["cer", "crt", "pem", "der", "CER", "CRT", "PEM", "DER"];

fn ask(wish: Wish) -> Option<Picked> {
    let dialog = rfd::FileDialog::new();
    match wish {
        Wish::PickImportFiles => Some(Picked::Import(dialog.add_filter(READ_NAME, &READ).pick_files().unwrap_or_default())),
        Wish::PickFilesToProve => Some(Picked::Prove(dialog.add_filter(READ_NAME, &READ).pick_files().unwrap_or_default())),
        Wish::PickImportFolder => Some(Picked::Import(dialog.pick_folder().map(|folder| vec![folder]).unwrap_or_default())),
        Wish::PickExportFile { name, extension } => {
            let chosen = dialog.set_file_name(&name).add_filter(&extension, &[extension.as_str()]).save_file();
            Some(Picked::Export(chosen.map(|path| with_extension(path, &extension))))
        }
        Wish::PickReportFile { name } => {
            let chosen = dialog.set_file_name(&name).add_filter("xlsx", &["xlsx"]).save_file();
            Some(Picked::Report(chosen.map(|path| with_extension(path, "xlsx"))))
        }
        Wish::PickTableFile { name } => {
            let chosen = dialog.set_file_name(&name).add_filter("xlsx", &["xlsx"]).save_file();
            Some(Picked::Table(chosen.map(|path| with_extension(path, "xlsx"))))
        }
        Wish::PickRoots => Some(Picked::Roots(dialog.add_filter(ROOTS_NAME, &ROOTS).pick_file())),
        Wish::PickDiskLibrary => Some(Picked::DiskLibrary(dialog.add_filter(LIBRARIES_NAME, &LIBRARIES).pick_file())),
        Wish::PickDiagnosisFile { name } => {
            let chosen = dialog.set_file_name(&name).add_filter("txt", &["txt"]).save_file();
            Some(Picked::Diagnosis(chosen.map(|path| with_extension(path, "txt"))))
        }
        Wish::PickUpdateFolder => Some(Picked::Update(dialog.pick_folder())),
        Wish::PickExportFolder => Some(Picked::Export(dialog.pick_folder())),
        Wish::OpenUrl(_) | Wish::Copy(_) | Wish::Remove => None,
    }
}

/// Some dialogs give back the name without the extension that the filter promised.
fn with_extension(path: PathBuf, extension: &str) -> PathBuf {
    if path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension)) {
        return path;
    }
    let mut name = path.into_os_string();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_that_breaks_off_is_told_of_and_leaves_room_for_the_next() {
        let mut dialogs = Dialogs::new(egui::Context::default());
        dialogs.open = true;
        drop(dialogs.unless_said(Answer::NoBrowser("http://x".into())));
        assert_eq!(dialogs.answer(), Some(Answer::NoBrowser("http://x".into())));
        assert!(dialogs.is_open(), "the browser is none");
        drop(dialogs.unless_said(Answer::NoDialog));
        assert_eq!(dialogs.answer(), Some(Answer::NoDialog));
        assert!(!dialogs.is_open());
        dialogs.unless_said(Answer::NoDialog).end(None);
        assert_eq!(dialogs.answer(), None);
    }
}
