//! Preferences of the window.

use std::fs;
use std::path::Path;

use piaoxia_files::durable_write;
use tokio::sync::mpsc;

use crate::event::Event;
use crate::outbox::{Outbox, panic_problem};
use crate::problem::Problem;
use crate::services::{Services, collection};

/// Preferences that wait to be written.
const WAITING: usize = 64;

/// The language of the window. It lies in a file of its own, too, so that it is known before the ledger is opened.
pub const LANGUAGE: &str = "language";
const LANGUAGE_FILE: &str = "language.txt";

/// The language that was chosen in this data folder; none before one was.
#[must_use]
pub fn kept_language(data: &Path) -> Option<String> {
    // A file that cannot be read is as good as none: the ledger says it again a moment later.
    fs::read_to_string(data.join(LANGUAGE_FILE)).ok()
}

async fn keep_language(services: &Services, code: String) -> Result<(), Problem> {
    let path = services.data().join(LANGUAGE_FILE);
    let written = tokio::task::spawn_blocking(move || durable_write(&path, code.as_bytes())).await;
    Ok(written.map_err(|_| panic_problem())??)
}

/// All of them, by name.
pub(crate) async fn all(services: &Services) -> Result<Vec<(String, String)>, Problem> {
    Ok(services.store().documents(collection::PREFERENCES).await?)
}

/// Writes preferences one after the other, so that the last one wins.
pub(crate) fn writer(services: &Services, outbox: &Outbox) -> mpsc::Sender<(String, String)> {
    let (sender, mut preferences) = mpsc::channel::<(String, String)>(WAITING);
    let (services, events) = (services.clone(), outbox.clone());
    outbox.spawn_plain(async move {
        let stop = events.stop().clone();
        // What was taken is written even when the engine stops meanwhile.
        while let Some((name, value)) = match stop.run_until_cancelled(preferences.recv()).await {
            Some(next) => next,
            None => preferences.try_recv().ok(),
        } {
            if let Err(error) = services.store().put_document(collection::PREFERENCES, &name, &value).await {
                events.send(Event::Failed(Problem::from(error).about(name))).await;
            } else if name == LANGUAGE
                && let Err(problem) = keep_language(&services, value).await
            {
                events.send(Event::Failed(problem)).await;
            }
        }
    });
    sender
}
