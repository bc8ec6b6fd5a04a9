//! Backups on this PC.

use super::Desk;
use crate::backup::BackupWish;
use crate::event::Event;

impl Desk {
    pub(super) fn backup(&self, wish: BackupWish) {
        let (backups, outbox) = (self.services.backups().clone(), self.outbox.clone());
        self.outbox.spawn(Event::BackupProblem, async move {
            if let Err(problem) = backups.serve(wish, outbox.stop()).await {
                outbox.send(Event::BackupProblem(problem)).await;
            }
        });
    }

    /// Makes them as the ledger changes, and tells how they stand.
    pub(super) fn follow_backups(&self) {
        let (backups, outbox) = (self.services.backups().clone(), self.outbox.clone());
        self.outbox.spawn_plain(async move {
            let stop = outbox.stop().clone();
            stop.run_until_cancelled(backups.follow(&stop)).await;
        });
        let (backups, outbox, pace) = (self.services.backups().clone(), self.outbox.clone(), self.services.pace().progress);
        self.outbox.spawn_plain(async move {
            let stop = outbox.stop().clone();
            let mut changes = backups.changes();
            let telling = async {
                loop {
                    let view = changes.borrow_and_update().clone();
                    outbox.send(Event::Backup(Box::new(view))).await;
                    tokio::time::sleep(pace).await;
                    if changes.changed().await.is_err() {
                        return;
                    }
                }
            };
            stop.run_until_cancelled(telling).await;
        });
    }
}
