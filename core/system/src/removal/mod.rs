//! A medium that its user wants to take out: Windows asks every program that has something open on it, and waits for the answer.

use std::io;
use std::path::Path;
use std::sync::mpsc;

#[cfg(windows)]
mod windows;

/// What Windows wants to know or tells of the medium.
#[derive(Debug)]
pub enum Asked {
    /// May it be taken out? Everything on it is to be closed first.
    MayItGo(Answer),
    /// Some program said no: it stays.
    ItStays,
    /// It is gone.
    Gone,
}

/// The answer that Windows waits for. Dropped without one it says no.
#[derive(Debug)]
pub struct Answer(mpsc::Sender<()>);

impl Answer {
    /// Everything is closed; the medium may go.
    pub fn yes(self) {
        // Who waits may have run out of patience.
        self.0.send(()).ok();
    }

    #[cfg(any(windows, test))]
    fn to_be_given() -> (Self, mpsc::Receiver<()>) {
        let (sender, receiver) = mpsc::channel();
        (Self(sender), receiver)
    }
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Removal {
    /// Ends when it is dropped.
    #[cfg(windows)]
    _listening: windows::Listening,
}

impl Removal {
    /// `told` is called on a thread of its own, for the medium that `folder` lies on. None on systems that do not ask; there a
    /// medium cannot be taken out in order while something on it is open.
    ///
    /// # Errors
    /// The folder cannot be opened, or Windows does not want to tell.
    pub fn listen(folder: &Path, told: impl FnMut(Asked) + Send + 'static) -> io::Result<Option<Self>> {
        #[cfg(windows)]
        return windows::Listening::start(folder, Box::new(told)).map(|listening| Some(Self { _listening: listening }));
        #[cfg(not(windows))]
        {
            let (_, _) = (folder, told);
            Ok(None)
        }
    }
}

/// Goes to a folder of the system: a medium cannot be taken out while it holds some program's current folder. Paths that were typed must
/// be whole by then.
pub fn leave_current_folder() {
    let folder = if cfg!(windows) { std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\".into()) } else { "/".into() };
    if let Err(error) = std::env::set_current_dir(folder) {
        tracing::warn!(%error, "the current folder is not left");
    }
}

/// Opens the system's own window for taking a medium out. False where there is none: on every system but Windows.
///
/// # Errors
/// It cannot be started.
pub fn show_safe_removal() -> io::Result<bool> {
    #[cfg(windows)]
    return windows::show_safe_removal().map(|()| true);
    #[cfg(not(windows))]
    Ok(false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn silence_is_no_yes() {
        let (answer, given) = Answer::to_be_given();
        drop(answer);
        assert!(given.recv().is_err());
        let (answer, given) = Answer::to_be_given();
        answer.yes();
        assert!(given.recv().is_ok());
    }
}
