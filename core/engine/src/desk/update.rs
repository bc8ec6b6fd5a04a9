//! Updates of the program.

use piaoxia_update::Updater;
use tokio::sync::watch;

use super::Desk;
use super::tasks::watched;
use crate::event::Event;
use crate::problem::{Problem, What};
use crate::update::{self, Refusal, UpdateSource, UpdateStep, UpdateWish};

impl Desk {
    pub(super) fn update(&mut self, wish: UpdateWish) {
        let updater = self.outside.updater.clone().ok_or_else(|| {
            let refusal = Refusal::NotARelease;
            let detail = refusal.to_string();
            Problem::new(What::Update(refusal), detail)
        });
        match wish {
            UpdateWish::Look => self.answer_update(async move { Ok(updater?.status().await?) }, UpdateStep::Status),
            UpdateWish::Check(source) => {
                let options = self.services.client().options();
                self.answer_update(async move { update::check(&updater?, &source, options).await }, UpdateStep::Checked);
            }
            UpdateWish::Download(source) => self.download_update(updater, source),
            UpdateWish::Stop => self.updating.cancel(),
            UpdateWish::Install => self.answer_update(async move { Ok(updater?.install().await?) }, UpdateStep::Restart),
            UpdateWish::RollBack => self.answer_update(async move { Ok(updater?.roll_back().await?) }, UpdateStep::Restart),
        }
    }

    fn download_update(&mut self, updater: Result<Updater, Problem>, source: UpdateSource) {
        self.updating = self.outbox.stop().child_token();
        let options = self.services.client().options();
        let (stop, outbox, pace) = (self.updating.clone(), self.outbox.clone(), self.services.pace().progress);
        let (steps, seen) = watch::channel((0, 0));
        let progress = move |done, total| {
            steps.send_replace((done, total));
        };
        let tell = |(done, total)| Event::Update(Box::new(UpdateStep::Progress { done, total }));
        let work = async move { update::download(&updater?, &source, options, progress, &stop).await };
        self.answer_update(async move { watched(&outbox, tell, seen, pace, work).await }, UpdateStep::Downloaded);
    }

    fn answer_update<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
        make: impl FnOnce(Result<T, Problem>) -> UpdateStep + Clone + Send + 'static,
    ) {
        self.answer(work, |result| Event::Update(Box::new(make(result))));
    }
}
