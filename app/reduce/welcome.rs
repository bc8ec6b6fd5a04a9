//! Which service to work with: chosen at the very first start, changed later.

use piaoxia_engine::{Command, FolderWish, Problem, ServiceBy, ServiceChoice, ServiceWish};

use crate::state::away::Folder;
use crate::state::welcome::Welcome;
use crate::state::{Screen, State};

impl State {
    /// Whether another service can be chosen: not when the start named one, and not where nothing can be kept.
    #[must_use]
    pub fn may_choose_service(&self) -> bool {
        self.service_by != ServiceBy::Start && !self.read_only
    }

    /// 换一种方式.
    pub fn open_welcome(&mut self) {
        let address = if self.hosted { self.service.clone() } else { String::new() };
        self.welcome = Welcome { address, back: Some(self.screen.clone()), ..Welcome::default() };
        self.screen = Screen::Welcome;
    }

    /// Goes back to where [`State::open_welcome`] came from.
    pub fn leave_welcome(&mut self) -> Option<Command> {
        let screen = self.welcome.back.clone()?;
        let connecting = self.welcome.choosing.is_some();
        self.welcome = Welcome::default();
        self.screen = screen;
        connecting.then_some(Command::ChooseService(ServiceWish::Stop))
    }

    /// Chooses. A change is asked about first: on the very first start there is nothing to change.
    pub fn choose_service(&mut self, wish: ServiceWish) -> Option<Command> {
        if self.welcome.back.is_some() && self.welcome.asked.as_ref() != Some(&wish) {
            self.welcome.asked = Some(wish);
            return None;
        }
        self.welcome.asked = None;
        self.welcome.problem = None;
        self.welcome.choosing = Some(wish.clone());
        Some(Command::ChooseService(wish))
    }

    /// Waits for the service no longer.
    pub fn stop_choosing(&mut self) -> Command {
        self.welcome.choosing = None;
        Command::ChooseService(ServiceWish::Stop)
    }

    pub(super) fn on_service_chosen(&mut self, result: Result<ServiceChoice, Problem>) -> Vec<Command> {
        let asked = self.welcome.choosing.take();
        match result {
            Ok(choice) if self.works_with(&choice) => {
                let first = self.welcome.back.is_none();
                self.service_by = ServiceBy::Choice;
                if first {
                    // The page stays until the sign-in is there.
                    return vec![Command::RestoreSession];
                }
                self.leave_welcome().into_iter().collect()
            }
            Ok(_) => {
                self.folder = Folder::Opening;
                vec![Command::Folder(FolderWish::Reopen)]
            }
            Err(problem) => {
                self.welcome.of_hosted = matches!(asked, Some(ServiceWish::Hosted(_)));
                self.welcome.problem = asked.is_some().then_some(problem);
                Vec::new()
            }
        }
    }

    fn works_with(&self, choice: &ServiceChoice) -> bool {
        match choice {
            ServiceChoice::Sandbox => !self.hosted,
            ServiceChoice::Hosted { address } => self.hosted && self.service == *address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_engine::problem::{NetworkFault, What};
    use piaoxia_engine::{Away, Event};

    fn hosted() -> ServiceWish {
        ServiceWish::Hosted("gw.example.com".into())
    }

    fn first() -> State {
        State { screen: Screen::Welcome, service_by: ServiceBy::Nobody, ..State::default() }
    }

    #[test]
    fn the_first_choice_of_the_sandbox_goes_on_to_the_sign_in() {
        let mut state = first();
        assert!(matches!(state.choose_service(ServiceWish::Sandbox), Some(Command::ChooseService(ServiceWish::Sandbox))));
        assert!(state.welcome.is_starting_sandbox());
        let commands = state.apply(Event::ServiceChosen(Ok(ServiceChoice::Sandbox)));
        assert!(matches!(commands.as_slice(), [Command::RestoreSession]));
    }

    #[test]
    fn another_service_opens_the_folder_again_and_the_window_keeps_its_look() {
        let mut state = first();
        state.language = crate::text::Language::En;
        state.choose_service(hosted());
        let commands = state.apply(Event::ServiceChosen(Ok(ServiceChoice::Hosted { address: "https://gw.example.com/".into() })));
        assert!(matches!(commands.as_slice(), [Command::Folder(FolderWish::Reopen)]) && state.folder == Folder::Opening);
        state.apply(Event::Away(Away::Reopening));
        assert!(state.folder.is_away() && state.language == crate::text::Language::En);
    }

    #[test]
    fn an_address_where_nobody_is_leaves_everything_as_it_was() {
        let mut state = first();
        state.choose_service(hosted());
        let problem = Problem::new(What::Network(NetworkFault::Unreachable), "");
        assert!(state.apply(Event::ServiceChosen(Err(problem.clone()))).is_empty());
        assert_eq!((state.welcome.problem.clone(), state.screen.clone()), (Some(problem.clone()), Screen::Welcome));
        // One that comes after the person has given up says nothing.
        state.choose_service(hosted());
        state.stop_choosing();
        state.apply(Event::ServiceChosen(Err(problem)));
        assert!(state.welcome.problem.is_none());
    }

    #[test]
    fn a_change_is_asked_about_and_the_way_back_is_kept() {
        let mut state = State { screen: Screen::Settings, service_by: ServiceBy::Choice, ..State::default() };
        assert!(state.may_choose_service());
        state.open_welcome();
        assert!(state.choose_service(hosted()).is_none() && state.welcome.asked == Some(hosted()));
        assert!(state.choose_service(hosted()).is_some() && state.welcome.asked.is_none());
        assert!(matches!(state.leave_welcome(), Some(Command::ChooseService(ServiceWish::Stop))));
        assert_eq!(state.screen, Screen::Settings);
        assert!(!State { read_only: true, service_by: ServiceBy::Choice, ..State::default() }.may_choose_service());
        assert!(!State::default().may_choose_service(), "the start named it");
    }
}
