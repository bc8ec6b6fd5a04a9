//! Preferences of the window.

use tokio::sync::mpsc;

use crate::event::Event;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::services::{Services, collection};

/// Preferences that wait to be written.
const WAITING: usize = 64;

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
            }
        }
    });
    sender
}
