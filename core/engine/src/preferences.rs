//! Preferences of the window.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use piaoxia_files::durable_write;
use tokio::sync::mpsc;

use crate::event::Event;
use crate::outbox::{Outbox, panic_problem};
use crate::problem::{Problem, What};
use crate::services::{Services, collection};

/// Preferences that wait to be written.
const WAITING: usize = 64;

/// The language of the window.
pub const LANGUAGE: &str = "language";
/// Its theme.
pub const THEME: &str = "theme";
/// How it lies on a PC, whose name follows.
pub const PLACE: &str = "window@";

/// Those that the first frame needs lie in a file of their own, too: it is drawn before the ledger is opened.
const EARLY_FILE: &str = "window.json";
/// Largest such file that is read, bytes.
const EARLY_MOST: u64 = 64 << 10;

fn is_early(name: &str) -> bool {
    name == LANGUAGE || name == THEME || name.starts_with(PLACE)
}

/// What was chosen in this data folder for the window, by name of the preference; empty before anything was.
#[must_use]
pub fn kept_for_window(data: &Path) -> BTreeMap<String, String> {
    // A file that cannot be read is as good as none: the ledger says it again a moment later.
    let read = fs::File::open(data.join(EARLY_FILE)).and_then(|file| {
        let mut text = String::new();
        file.take(EARLY_MOST).read_to_string(&mut text).map(|_| text)
    });
    read.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

async fn keep_early(services: &Services) -> Result<(), Problem> {
    let early: BTreeMap<String, String> = all(services).await?.into_iter().filter(|(name, _)| is_early(name)).collect();
    let text = serde_json::to_string(&early).map_err(|error| Problem::new(What::Internal, error.to_string()))?;
    let path = services.data().join(EARLY_FILE);
    let written = tokio::task::spawn_blocking(move || durable_write(&path, text.as_bytes())).await;
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
            } else if is_early(&name)
                && let Err(problem) = keep_early(&services).await
            {
                events.send(Event::Failed(problem)).await;
            }
        }
    });
    sender
}
