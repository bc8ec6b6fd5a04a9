//! The window is there before the engine is: it gets its ends of the channels at once, and the engine is joined to them when
//! the data folder is open.

use std::time::Duration;

use piaoxia_engine::problem::What;
use piaoxia_engine::{Command, Event, FolderWish, Problem, Wake};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// As many as the engine itself keeps waiting.
const COMMANDS: usize = 64;
const EVENTS: usize = 1024;
/// Longest wait for an engine that ended to say why.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The window's ends.
pub struct Ends {
    /// Wishes.
    pub commands: mpsc::Sender<Command>,
    /// What happens.
    pub events: mpsc::Receiver<Event>,
}

/// The ends that the engine is joined to.
pub struct FarEnds {
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<Event>,
    wake: Wake,
}

/// Makes the channels; `wake` is called after each event.
#[must_use]
pub fn ends(wake: Wake) -> (Ends, FarEnds) {
    let (commands, wishes) = mpsc::channel(COMMANDS);
    let (sender, events) = mpsc::channel(EVENTS);
    (Ends { commands, events }, FarEnds { commands: wishes, events: sender, wake })
}

/// Why window and engine were parted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parted {
    /// The program comes to its end.
    Over,
    /// The window wants something of the data folder.
    Wished(FolderWish),
    /// The engine came to an end by itself, as when the ledger cannot be read.
    Ended(Problem),
}

impl FarEnds {
    /// What brings the window forward, for a second start.
    pub fn raise(&self) -> impl Fn() + Send + Sync + use<> {
        let (events, wake) = (self.events.clone(), self.wake.clone());
        move || {
            // Full means that the window is busy anyway; the person will start the program again.
            if events.try_send(Event::Raise).is_ok() {
                wake();
            }
        }
    }

    /// Carries wishes and events between window and engine until `stop`, until one of the two is gone, or until the window wants
    /// something of the folder.
    pub async fn carry(
        &mut self,
        commands: &mpsc::Sender<Command>,
        events: &mut mpsc::Receiver<Event>,
        stop: &CancellationToken,
    ) -> Parted {
        let wishes = async {
            while let Some(command) = self.commands.recv().await {
                if let Command::Folder(wish) = command {
                    return Some(Parted::Wished(wish));
                }
                if commands.send(command).await.is_err() {
                    return None;
                }
            }
            Some(Parted::Over)
        };
        let told = async {
            while let Some(event) = events.recv().await {
                if self.events.send(event).await.is_err() {
                    return Some(Parted::Over);
                }
                (self.wake)();
            }
            None
        };
        // Both directions run at once: a window that is behind with events can still send a command. The engine stops taking commands before
        // it reports why, so its end is looked at first.
        let parted = tokio::select! {
            biased;
            () = stop.cancelled() => Some(Parted::Over),
            () = commands.closed() => None,
            parted = wishes => parted,
            parted = told => parted,
        };
        match parted {
            Some(parted) => parted,
            None => Parted::Ended(last_words(events).await),
        }
    }

    /// Tells the window something while no engine does.
    pub async fn tell(&self, event: Event) {
        if self.events.send(event).await.is_ok() {
            (self.wake)();
        }
    }

    /// Waits until the window wants the folder back. Whatever else it wishes was meant for an engine that is gone. Never returns
    /// when the window is gone.
    pub async fn wanted_back(&mut self) {
        loop {
            match self.commands.recv().await {
                Some(Command::Folder(FolderWish::TakeBack)) => return,
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Forgets what was wished for while no engine was there.
    pub fn forget_wishes(&mut self) {
        while self.commands.try_recv().is_ok() {}
    }
}

/// Why the engine ended. Whatever else it still says belongs to a ledger that is about to be closed.
async fn last_words(events: &mut mpsc::Receiver<Event>) -> Problem {
    let mut why = Problem::new(What::Internal, "the engine came to an end by itself");
    let heard = async {
        while let Some(event) = events.recv().await {
            if let Event::Failed(problem) = event {
                why = problem;
            }
        }
    };
    // A task that goes on keeps the channel open.
    tokio::time::timeout(LAST_WORDS, heard).await.ok();
    why
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn both_ways_are_carried_and_the_window_is_woken() {
        let woken = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&woken);
        let (mut window, mut far) = ends(Arc::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        }));
        far.raise()();
        assert!(matches!(window.events.recv().await, Some(Event::Raise)));
        window.commands.try_send(Command::LoadCompanies).unwrap();
        let (commands, mut wishes) = mpsc::channel(1);
        let (sender, mut events) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let carrying = tokio::spawn(async move { far.carry(&commands, &mut events, &stopping).await });
        assert!(matches!(wishes.recv().await, Some(Command::LoadCompanies)));
        sender.send(Event::LedgerChanged { invoices: 3 }).await.unwrap();
        assert!(matches!(window.events.recv().await, Some(Event::LedgerChanged { invoices: 3 })));
        stop.cancel();
        carrying.await.unwrap();
        assert_eq!(woken.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn an_engine_that_ends_by_itself_says_why() {
        let (_window, mut far) = ends(Arc::new(|| {}));
        let (commands, wishes) = mpsc::channel(1);
        let (sender, mut events) = mpsc::channel(1);
        let why = Problem::new(What::Internal, "the ledger");
        drop(wishes);
        sender.try_send(Event::Failed(why.clone())).unwrap();
        drop(sender);
        assert_eq!(far.carry(&commands, &mut events, &CancellationToken::new()).await, Parted::Ended(why));
    }
}
