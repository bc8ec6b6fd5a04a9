//! What Windows asks of a stick, joined to the work behind the window.

use std::io;
use std::path::PathBuf;

use piaoxia_system::{Asked, Removal};
use tokio::sync::mpsc;

/// Questions that wait: Windows asks the next one when it has the answer to the one before.
const QUESTIONS: usize = 4;

/// Hears what is asked of the medium of the data folder; nothing on a system that does not ask.
pub(super) struct Ears {
    asked: mpsc::Receiver<Asked>,
    /// Holds the folder open until it is dropped or has said yes.
    _removal: Option<Removal>,
}

impl Ears {
    /// A medium that nothing is heard of can be let go by the button alone.
    pub(super) async fn open(folder: PathBuf) -> Self {
        let (sender, asked) = mpsc::channel(QUESTIONS);
        let told = move |what| {
            // Nobody hears it when the program ends: then the answer, dropped, is no.
            sender.blocking_send(what).ok();
        };
        let listening = tokio::task::spawn_blocking(move || Removal::listen(&folder, told)).await;
        let removal = listening.map_err(io::Error::from).and_then(|listening| listening).unwrap_or_else(|error| {
            tracing::warn!(%error, "what Windows asks of the medium is not heard");
            None
        });
        Self { asked, _removal: removal }
    }

    /// The next question. Never returns where nobody asks.
    pub(super) async fn next(&mut self) -> Asked {
        match self.asked.recv().await {
            Some(asked) => asked,
            None => std::future::pending().await,
        }
    }
}
