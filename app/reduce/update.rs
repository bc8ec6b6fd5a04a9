//! Updates of the program.

use std::path::PathBuf;

use piaoxia_engine::problem::What;
use piaoxia_engine::update::{Checked, Status, UpdateStep, Version};
use piaoxia_engine::{Command, Problem, UpdateSource, UpdateWish};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::update::Work;
use crate::text::{Text, fill};

impl State {
    pub(super) fn on_update(&mut self, step: UpdateStep) -> Vec<Command> {
        match step {
            UpdateStep::Status(Ok(status)) => self.on_status(status),
            UpdateStep::Status(Err(problem)) => {
                self.update.no_status = Some(problem);
                Vec::new()
            }
            UpdateStep::Checked(result) => self.on_found(result),
            UpdateStep::Progress { done, total } => {
                if let Work::Downloading { .. } = self.update.work {
                    self.update.work = Work::Downloading { done, total };
                }
                Vec::new()
            }
            UpdateStep::Downloaded(result) => {
                let mut commands = self.on_found(result);
                commands.push(Command::Update(UpdateWish::Look));
                commands
            }
            UpdateStep::Restart(result) => self.on_restart(result),
        }
    }

    fn on_status(&mut self, status: Status) -> Vec<Command> {
        let first = self.update.status.is_none();
        self.update.no_status = None;
        if let Some(failed) = status.fell_back.filter(|_| first) {
            let values = [("failed", &*failed.to_string()), ("version", &*status.version.to_string())];
            self.notices.push(Notice::new(Level::Warning, fill(&Text::current().update.fell_back, &values)));
        }
        self.update.status = Some(status);
        Vec::new()
    }

    fn on_found(&mut self, result: Result<Checked, Problem>) -> Vec<Command> {
        self.update.work = Work::Idle;
        // Who stopped a download knows it, and what was offered stays.
        if !result.as_ref().is_err_and(|problem| problem.what == What::Cancelled) {
            self.update.found = Some(result);
        }
        Vec::new()
    }

    fn on_restart(&mut self, result: Result<Version, Problem>) -> Vec<Command> {
        match result {
            Ok(_) => {
                self.update.restart = true;
                Vec::new()
            }
            Err(problem) => {
                self.update.work = Work::Idle;
                self.update.found = Some(Err(problem));
                vec![Command::Update(UpdateWish::Look)]
            }
        }
    }

    /// 检查更新 at this source.
    pub fn check_update(&mut self, source: UpdateSource) -> Command {
        self.update.work = Work::Checking;
        self.update.found = None;
        self.update.source = source.clone();
        Command::Update(UpdateWish::Check(source))
    }

    /// Downloads what was found.
    pub fn download_update(&mut self) -> Command {
        self.update.work = Work::Downloading { done: 0, total: 0 };
        Command::Update(UpdateWish::Download(self.update.source.clone()))
    }

    /// Puts what was downloaded in its place, or goes back; the window restarts then.
    pub fn change_version(&mut self, wish: UpdateWish) -> Command {
        self.update.work = Work::Restarting;
        Command::Update(wish)
    }

    /// The folder in which an update lies.
    pub fn update_folder_picked(&mut self, folder: Option<PathBuf>) -> Vec<Command> {
        folder.map(|folder| self.check_update(UpdateSource::Folder(folder))).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_engine::Event;
    use piaoxia_engine::update::{Notes, Offer};

    fn told(state: &mut State, step: UpdateStep) -> Vec<Command> {
        state.apply(Event::Update(Box::new(step)))
    }

    fn offer() -> Checked {
        Checked::New(Offer { version: Version::new(0, 2, 0), notes: Notes::default(), size: 9 })
    }

    fn status() -> Status {
        Status {
            version: Version::new(0, 1, 0),
            release: true,
            has_feed: true,
            ready: None,
            before: None,
            failed: None,
            fell_back: Some(Version::new(0, 2, 0)),
        }
    }

    #[test]
    fn what_is_found_is_downloaded_from_where_it_was_found() {
        let mut state = State::default();
        assert!(state.update_folder_picked(None).is_empty());
        let picked = state.update_folder_picked(Some("E:/更新".into()));
        assert!(
            matches!(&picked[..], [Command::Update(UpdateWish::Check(UpdateSource::Folder(folder)))] if folder.as_os_str() == "E:/更新")
        );
        told(&mut state, UpdateStep::Checked(Ok(offer())));
        assert_eq!(state.update.work, Work::Idle);
        let Command::Update(UpdateWish::Download(UpdateSource::Folder(_))) = state.download_update() else { unreachable!() };
        told(&mut state, UpdateStep::Progress { done: 4, total: 9 });
        assert_eq!(state.update.work, Work::Downloading { done: 4, total: 9 });
        told(&mut state, UpdateStep::Downloaded(Err(Problem::cancelled())));
        assert!(matches!(state.update.found, Some(Ok(Checked::New(_)))), "what was offered stays");
        told(&mut state, UpdateStep::Progress { done: 5, total: 9 });
        assert_eq!(state.update.work, Work::Idle, "a late word of a download that is over");
        let after = told(&mut state, UpdateStep::Downloaded(Ok(offer())));
        assert!(matches!(after[..], [Command::Update(UpdateWish::Look)]));
    }

    #[test]
    fn a_version_that_did_not_start_is_told_once() {
        let mut state = State::default();
        told(&mut state, UpdateStep::Status(Ok(status())));
        told(&mut state, UpdateStep::Status(Ok(status())));
        assert_eq!(state.notices.unread(), 1);
    }

    #[test]
    fn the_window_restarts_only_when_the_version_is_in_its_place() {
        let mut state = State::default();
        state.change_version(UpdateWish::Install);
        told(&mut state, UpdateStep::Restart(Err(Problem::new(What::Busy, "x"))));
        assert!(!state.update.restart && state.update.work == Work::Idle && state.update.found.is_some());
        told(&mut state, UpdateStep::Restart(Ok(Version::new(0, 2, 0))));
        assert!(state.update.restart);
    }
}
