//! Downloads are the registry's; counting is answered here.

use super::Desk;
use crate::command::Command;
use crate::download::{BatchWish, DownloadOrder, Wish, count, plan_batch};
use crate::event::Event;

impl Desk {
    pub(super) fn download(&mut self, command: Command) {
        let wish = match command {
            Command::Count(order) => return self.count(order),
            Command::PlanBatch { seq, wish } => return self.plan(seq, wish),
            Command::Schedule(wish) => return self.pass_on(&self.schedules, wish),
            Command::StartDownload(order) => Wish::Start(order),
            Command::StartDownloads(orders) => Wish::StartAll(orders),
            Command::PauseDownload(id) => Wish::Pause(id),
            Command::ResumeDownload(id) => Wish::Resume(id),
            Command::CancelDownload(id) => Wish::Cancel(id),
            Command::ForgetDownload(id) => Wish::Forget(id),
            Command::ForgetEndedDownloads => Wish::ForgetEnded,
            _ => return,
        };
        self.pass_on(&self.downloads, wish);
    }

    fn plan(&self, seq: u64, wish: Box<BatchWish>) {
        let services = self.services.clone();
        let work = async move { plan_batch(&services, &wish).await };
        self.answer(work, move |result| Event::BatchPlanned { seq, result });
    }

    fn count(&mut self, order: Box<DownloadOrder>) {
        self.counting.cancel();
        self.counting = self.outbox.stop().child_token();
        let (stop, services, outbox) = (self.counting.clone(), self.services.clone(), self.outbox.clone());
        let about = order.clone();
        self.outbox.spawn(move |problem| Event::Counted { order: about, result: Err(problem) }, async move {
            let result = count(&services, &order, &stop).await;
            // A count that a newer one has replaced is not told of.
            if !stop.is_cancelled() {
                outbox.send(Event::Counted { order, result }).await;
            }
        });
    }
}
