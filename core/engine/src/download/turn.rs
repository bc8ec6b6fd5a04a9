//! Turns: only so many downloads run at once, and one that waits for a person gives its turn away.

use std::sync::Arc;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// A download's place among those that run.
pub(super) struct Turn {
    shared: Option<Shared>,
}

struct Shared {
    turns: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
    freed: Arc<Notify>,
}

impl Turn {
    /// Of a download that runs alone.
    pub(super) fn alone() -> Self {
        Self { shared: None }
    }

    /// Takes a turn if one is free; `freed` is told when it is given away in between.
    pub(super) fn try_take(turns: &Arc<Semaphore>, freed: &Arc<Notify>) -> Option<Self> {
        let permit = Arc::clone(turns).try_acquire_owned().ok()?;
        let shared = Shared { turns: Arc::clone(turns), permit: Some(permit), freed: Arc::clone(freed) };
        Some(Self { shared: Some(shared) })
    }

    /// Lets others run.
    pub(super) fn give_away(&mut self) {
        if let Some(shared) = &mut self.shared
            && shared.permit.take().is_some()
        {
            shared.freed.notify_one();
        }
    }

    /// Waits for a turn, if it was given away.
    pub(super) async fn take_back(&mut self) {
        if let Some(shared) = &mut self.shared
            && shared.permit.is_none()
        {
            shared.permit = Arc::clone(&shared.turns).acquire_owned().await.ok();
        }
    }
}
