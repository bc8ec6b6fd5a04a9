//! Downloads are the registry's; counting is answered here.

use super::Desk;
use crate::command::Command;
use crate::download::{DownloadOrder, Wish, count};
use crate::event::Event;

impl Desk {
    pub(super) fn download(&mut self, command: Command) {
        let wish = match command {
            Command::Count(order) => return self.count(order),
            Command::StartDownload(order) => Wish::Start(order),
            Command::PauseDownload(id) => Wish::Pause(id),
            Command::ResumeDownload(id) => Wish::Resume(id),
            Command::CancelDownload(id) => Wish::Cancel(id),
            Command::ForgetDownload(id) => Wish::Forget(id),
            _ => return,
        };
        self.pass_on(&self.downloads, wish);
    }

    fn count(&self, order: Box<DownloadOrder>) {
        let (services, stop, asked) = (self.services.clone(), self.outbox.stop().clone(), order.clone());
        let work = async move { count(&services, &asked, &stop).await };
        self.answer(work, |result| Event::Counted { order, result });
    }
}
