//! Tax disks.

use super::Desk;
use crate::disks::DiskWish;
use crate::event::Event;

impl Desk {
    pub(super) fn disk(&self, wish: DiskWish) {
        let (disks, outbox) = (self.disks.clone(), self.outbox.clone());
        self.outbox.spawn(Event::Failed, async move {
            if let Err(problem) = disks.serve(wish).await {
                outbox.send(Event::Failed(problem)).await;
            }
        });
    }

    /// Tells how they stand, and signs those in that downloads wait for.
    pub(super) fn follow_disks(&self) {
        let (disks, outbox) = (self.disks.clone(), self.outbox.clone());
        self.outbox.spawn_plain(async move {
            let stop = outbox.stop().clone();
            let mut changes = disks.changes();
            let telling = async {
                while changes.changed().await.is_ok() {
                    let view = changes.borrow_and_update().clone();
                    outbox.send(Event::Disks(Box::new(view))).await;
                }
            };
            stop.run_until_cancelled(telling).await;
        });
        let (disks, services, stop) = (self.disks.clone(), self.services.clone(), self.outbox.stop().clone());
        self.outbox.spawn_plain(async move {
            let mut wanted = services.wanted_disks().subscribe();
            let following = async {
                while wanted.changed().await.is_ok() {
                    if let Err(problem) = disks.look_for_wanted().await {
                        tracing::warn!(problem.detail, "a tax disk that a download waits for cannot be looked for");
                    }
                }
            };
            stop.run_until_cancelled(following).await;
        });
        let (disks, outbox, mut vault) = (self.disks.clone(), self.outbox.clone(), self.services.secrets().changes());
        self.outbox.spawn_plain(async move {
            let stop = outbox.stop().clone();
            let following = async {
                while vault.changed().await.is_ok() {
                    if let Err(problem) = disks.vault_changed().await {
                        outbox.send(Event::Failed(problem)).await;
                    }
                }
            };
            stop.run_until_cancelled(following).await;
        });
    }
}
