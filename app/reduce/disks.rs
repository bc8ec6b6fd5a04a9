//! 税盘管理: what the engine tells of disks, what becomes of what is typed.

use std::path::{Path, PathBuf};

use piaoxia_engine::disks::{DiskPasswords, DiskWish, DisksView};
use piaoxia_engine::problem::What;
use piaoxia_engine::{Command, Secret};
use piaoxia_taxdisk::{DiskError, Seat, Tries};

use crate::state::disks::{Asking, Typed};
use crate::state::download::Mode;
use crate::state::{Screen, State};

impl State {
    pub(super) fn on_disks(&mut self, view: DisksView) -> Vec<Command> {
        for disk in &view.seats {
            let before = self.disks.view.seats.iter().find(|known| known.seat == disk.seat);
            if disk.verified {
                // What was typed was right and is kept.
                self.disks.typed.remove(&disk.seat);
            }
            let news = before.is_none_or(|before| before.problem != disk.problem);
            if let Some(What::Disk(DiskError::NeedsConsent { left })) = disk.problem.as_ref().filter(|_| news).map(|problem| &problem.what)
            {
                let signing_in = self.disks.typed.get(&disk.seat).is_none_or(|typed| typed.certificate.is_empty());
                self.disks.asking = Some(Asking { seat: disk.seat.clone(), left: *left, signing_in });
            }
        }
        // What was typed for a disk that is gone is overwritten.
        self.disks.typed.retain(|seat, _| view.seats.iter().any(|disk| disk.seat == *seat));
        self.disks.asking = self.disks.asking.take().filter(|asking| view.seats.iter().any(|disk| disk.seat == asking.seat));
        self.disks.view = view;
        Vec::new()
    }

    /// The engine looks from now on.
    pub fn look_at_disks(&mut self) -> Option<Command> {
        (!std::mem::replace(&mut self.disks.asked, true)).then_some(Command::Disk(DiskWish::Watch))
    }

    /// A vendor's library was picked.
    pub fn disk_library_picked(&mut self, path: Option<PathBuf>) -> Vec<Command> {
        let mut libraries = self.disks.view.libraries.clone();
        match path {
            Some(path) if !libraries.contains(&path) => libraries.push(path),
            _ => return Vec::new(),
        }
        vec![Command::Disk(DiskWish::SetLibraries(libraries))]
    }

    /// A vendor's library is asked no more.
    #[must_use]
    pub fn remove_disk_library(&self, path: &Path) -> Command {
        let others = self.disks.view.libraries.iter().filter(|other| *other != path);
        Command::Disk(DiskWish::SetLibraries(others.cloned().collect()))
    }

    /// 下载发票 of the company of this disk, in 税控模式.
    pub fn download_by_disk(&mut self, seat: &Seat) {
        let found = self.disks.view.disks().find(|(disk, _)| disk.seat == *seat).map(|(_, facts)| facts.tax_number.clone());
        let company = found.and_then(|tax_no| self.companies.list.value()?.iter().find(|company| company.tax_no == tax_no));
        if let Some(id) = company.map(|company| company.id.clone()) {
            self.companies.chosen = Some(id);
        }
        self.download.mode = Mode::Disk;
        self.download.counted = None;
        self.screen = Screen::Download;
    }

    /// 保存. None while the certificate password is missing, and while there is nothing to save.
    pub fn save_disk(&mut self, seat: &Seat, consent: Option<Tries>) -> Option<Command> {
        let typed = self.disks.typed.entry(seat.clone()).or_default();
        typed.marked = true;
        let kept = self.disks.view.seats.iter().any(|disk| disk.seat == *seat && disk.kept.certificate);
        if typed.is_empty() || typed.certificate.is_empty() && !kept {
            return None;
        }
        let passwords = passwords(typed);
        Some(Command::Disk(DiskWish::Save { seat: seat.clone(), passwords, consent }))
    }

    /// The question before one of the last tries, answered.
    pub fn spend_try(&mut self) -> Option<Command> {
        let Asking { seat, left, signing_in } = self.disks.asking.take()?;
        if signing_in {
            return Some(Command::Disk(DiskWish::SignIn { seat, consent: Some(left) }));
        }
        self.save_disk(&seat, Some(left))
    }

    /// 忘记密码, answered.
    pub fn forget_disk(&mut self) -> Option<Command> {
        let seat = self.disks.forgetting.take()?;
        let serial = self.disks.view.disks().find(|(disk, _)| disk.seat == seat).map(|(_, facts)| facts.serial.clone())?;
        Some(Command::Disk(DiskWish::Forget(serial)))
    }
}

fn passwords(typed: &Typed) -> DiskPasswords {
    let given = |text: &str| (!text.is_empty()).then(|| Secret::new(text));
    DiskPasswords { certificate: given(&typed.certificate), platform: given(&typed.platform), confirmation: given(&typed.confirmation) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use piaoxia_engine::disks::DiskView;
    use piaoxia_engine::{Event, Problem};
    use piaoxia_taxdisk::{DiskKind, Presence};

    use super::*;

    fn seat() -> Seat {
        Seat::Sandbox("sandbox".to_owned())
    }

    fn view(change: impl FnOnce(&mut DiskView)) -> Event {
        let mut disk = DiskView {
            seat: seat(),
            presence: Presence::Disk(DiskKind::Sandbox),
            facts: None,
            fault: None,
            work: None,
            kept: Default::default(),
            session: None,
            problem: None,
            verified: false,
        };
        change(&mut disk);
        Event::Disks(Box::new(DisksView { seats: vec![disk], ..DisksView::default() }))
    }

    #[test]
    fn one_of_the_last_tries_is_spent_only_when_the_user_says_so() {
        let mut state = State::default();
        state.apply(view(|_| {}));
        assert!(state.save_disk(&seat(), None).is_none() && state.disks.typed.get(&seat()).unwrap().marked);
        state.disks.typed.get_mut(&seat()).unwrap().certificate = "88888888".to_owned();
        assert!(state.save_disk(&seat(), None).is_some());
        let left = Tries::Left(2);
        let refused = || Some(Problem::from(DiskError::NeedsConsent { left }));
        state.apply(view(|disk| disk.problem = refused()));
        assert_eq!(state.disks.asking, Some(Asking { seat: seat(), left, signing_in: false }));
        let Some(Command::Disk(DiskWish::Save { consent, passwords, .. })) = state.spend_try() else { panic!("no command") };
        assert_eq!((consent, passwords.certificate.as_ref().unwrap().expose()), (Some(left), "88888888"));
        // Told again, it is not asked again.
        state.apply(view(|disk| disk.problem = refused()));
        assert!(state.disks.asking.is_none());
    }

    #[test]
    fn what_was_typed_goes_when_it_is_kept_or_the_disk_is_gone() {
        let mut state = State::default();
        state.apply(view(|_| {}));
        state.disks.typed.entry(seat()).or_default().certificate = "88888888".to_owned();
        state.apply(view(|disk| disk.verified = true));
        assert!(state.disks.typed.is_empty());
        state.disks.typed.entry(seat()).or_default().certificate = "88888888".to_owned();
        state.apply(Event::Disks(Box::default()));
        assert!(state.disks.typed.is_empty());
    }
}
