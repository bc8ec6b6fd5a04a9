//! What is removed once its question is answered.

use piaoxia_engine::Command;
use piaoxia_engine::network::NetworkWish;

use crate::state::State;
use crate::state::removal::Removal;

impl State {
    /// Its question was answered.
    pub fn remove(&mut self) -> Option<Command> {
        Some(match self.removing.take()? {
            Removal::Download(id) => Command::CancelDownload(id),
            Removal::Record(id) => Command::ForgetDownload(id),
            Removal::Records => Command::ForgetEndedDownloads,
            Removal::Roots => self.set_network(NetworkWish::Roots(None)),
            Removal::Library(path) => self.remove_disk_library(&path),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_engine::DownloadId;

    #[test]
    fn nothing_is_removed_before_the_answer_and_once_after_it() {
        let mut state = State::default();
        assert!(state.remove().is_none());
        state.removing = Some(Removal::Record(DownloadId("a".into())));
        assert!(matches!(state.remove(), Some(Command::ForgetDownload(id)) if id.0 == "a"));
        assert!(state.remove().is_none());
        state.removing = Some(Removal::Roots);
        assert!(matches!(state.remove(), Some(Command::SetNetwork(NetworkWish::Roots(None)))) && state.help.busy);
    }
}
