//! 外观: chosen, kept, known again at the next start.

use piaoxia_engine::{Command, THEME};

use crate::state::State;
use crate::state::look::{Look, Place, ThemeChoice, ZOOMS};

impl State {
    /// Shows it from the next frame on, and keeps it.
    pub fn set_theme(&mut self, theme: ThemeChoice) -> Command {
        self.look.theme = theme;
        self.prefer(THEME, theme.code().to_owned())
    }

    /// 缩放, for this PC.
    pub fn set_zoom(&mut self, zoom: u16) -> Command {
        self.look.place.zoom = zoom;
        self.prefer(&self.look.place_name(), self.look.place.code())
    }

    /// The next larger or smaller zoom; none at the end.
    pub fn step_zoom(&mut self, larger: bool) -> Option<Command> {
        let now = self.look.place.zoom;
        let next = if larger { ZOOMS.into_iter().find(|zoom| *zoom > now) } else { ZOOMS.into_iter().rev().find(|zoom| *zoom < now) };
        next.map(|zoom| self.set_zoom(zoom))
    }

    /// The window was moved, or is closed: what lies differently is kept.
    pub fn keep_place(&mut self, place: Place) -> Option<Command> {
        if place == self.look.place {
            return None;
        }
        self.look.place = place;
        Some(self.prefer(&self.look.place_name(), place.code()))
    }

    /// The ledger knows of it what the file beside it may have lost.
    pub(super) fn restore_look(&mut self) {
        let kept = Look::from_kept(&self.preferences, &self.look.pc);
        // A ledger that is new, or was restored, keeps no look: the window stays as it opened.
        if self.preferences.contains_key(THEME) {
            self.look.theme = kept.theme;
        }
        if self.preferences.contains_key(&kept.place_name()) {
            self.look.place = kept.place;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zoom_goes_in_steps_and_ends() {
        let mut state = State::default();
        let mut seen = vec![state.look.place.zoom];
        while let Some(Command::SavePreference { name, value }) = state.step_zoom(true) {
            assert_eq!((name.as_str(), value), ("window@", state.look.place.code()));
            seen.push(state.look.place.zoom);
        }
        assert_eq!(seen, [100, 110, 125, 150, 175, 200]);
        while state.step_zoom(false).is_some() {}
        assert_eq!(state.look.place.zoom, 80);
    }

    #[test]
    fn a_look_is_kept_and_known_again() {
        let mut state = State::default();
        state.look.pc = "PC".to_owned();
        state.set_theme(ThemeChoice::Dark);
        assert!(state.keep_place(Place { maximized: true, ..state.look.place }).is_some());
        assert!(state.keep_place(state.look.place).is_none());
        let mut next = State { preferences: state.preferences.clone(), ..State::default() };
        next.look.pc = "PC".to_owned();
        next.restore_look();
        assert_eq!(next.look, state.look);
        next.preferences.clear();
        next.restore_look();
        assert_eq!(next.look, state.look, "a ledger that knows nothing changes nothing");
    }
}
