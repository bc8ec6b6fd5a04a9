//! What works behind the window: the engine over the data folder, ended when the folder goes away and started anew when it is
//! back. The window stays.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use piaoxia_engine::{Away, Event, FolderWish, Problem, restore};
use piaoxia_files::Medium;
use piaoxia_system::{Answer, Asked};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::bridge::Parted;
use super::log::Log;
use super::removal::Ears;
use super::{BootError, FarEnds, Locked, Options, World};

/// Between two looks whether the folder is still there, or there again.
const LOOK: Duration = Duration::from_secs(1);
/// A single failed look may be a hiccup of the medium.
const SURE: Duration = Duration::from_millis(300);
/// After Windows was told that the medium may go, nothing on it is looked at: that would keep it here.
const QUIET: Duration = Duration::from_secs(5);
/// Before a ledger is opened again whose engine ended by itself.
const AGAIN: Duration = Duration::from_secs(5);
/// Between two words about a backup that is put back.
const PROGRESS: Duration = Duration::from_millis(200);

/// Everything behind the window.
pub struct Backstage {
    /// The window's other ends.
    pub far: FarEnds,
    /// The log, which lies in the folder, too.
    pub log: Log,
    /// What a second start finds in the folder.
    pub announced: Option<String>,
    /// How the program was started.
    pub options: Options,
    /// Ends it.
    pub stop: CancellationToken,
}

impl Backstage {
    /// Works until the program ends. A folder that goes away later is waited for.
    ///
    /// # Errors
    /// The folder cannot be opened at the start.
    pub async fn work(mut self, locked: Locked) -> Result<(), BootError> {
        let path = locked.path().to_path_buf();
        let mut medium = medium(path.clone()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the data folder has no id and is known by its path alone");
            Medium::by_path(path)
        });
        let mut world = World::behind(locked, self.options.clone()).await?;
        loop {
            let mut ears = Ears::open(medium.path().to_path_buf()).await;
            let left = self.serve(world, gone(medium.clone()), &mut ears).await;
            if matches!(left, Left::Over) {
                return Ok(());
            }
            world = match self.away(&mut medium, left, ears).await {
                Some(world) => world,
                None => return Ok(()),
            };
        }
    }

    /// The engine works until something ends it; everything is closed then.
    async fn serve(&mut self, world: World, gone: impl Future<Output = ()>, ears: &mut Ears) -> Left {
        // The bridge wakes the window, after it has carried the event over.
        let mut engine = world.engine(Arc::new(|| {}));
        let left = tokio::select! {
            parted = self.far.carry(&engine.commands, &mut engine.events, &self.stop) => match parted {
                Parted::Over => Left::Over,
                Parted::Wished(wish) => Left::Wished(wish),
                Parted::Ended(problem) => Left::Ended(problem),
            },
            () = gone => Left::Gone,
            answer = asked(ears) => Left::Asked(answer),
        };
        self.say_at_once(&left).await;
        engine.stopper.stop().await;
        drop(engine);
        world.close().await;
        left
    }

    /// Closing what cannot be written takes its time.
    async fn say_at_once(&mut self, left: &Left) {
        match left {
            Left::Gone => {
                tracing::warn!("the data folder is gone");
                self.far.tell(Event::Away(Away::Pulled)).await;
            }
            Left::Ended(problem) => tracing::error!(problem.detail, "the engine came to an end by itself"),
            _ => {}
        }
    }

    /// The folder is closed. Waits until it can be opened again; none when the program ends before.
    async fn away(&mut self, medium: &mut Medium, left: Left, ears: Ears) -> Option<World> {
        self.log.let_go();
        let stop = self.stop.clone();
        let back = async {
            if let Left::Asked(answer) = left {
                answer.yes();
                self.may_go(medium, ears).await;
            } else {
                // They hold the folder.
                drop(ears);
                match left {
                    Left::Wished(FolderWish::LetGo) => self.let_go(medium).await,
                    Left::Wished(FolderWish::Restore(backup)) => self.restore(medium, backup).await,
                    Left::Wished(FolderWish::Reopen) => self.far.tell(Event::Away(Away::Reopening)).await,
                    Left::Wished(FolderWish::TakeBack) | Left::Over | Left::Asked(_) => {}
                    Left::Gone => self.far.tell(Event::Away(Away::Pulled)).await,
                    Left::Ended(problem) => {
                        self.far.tell(Event::Away(Away::Refused(problem))).await;
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
            loop {
                if let Some(world) = self.reopened(medium).await {
                    return world;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        stop.run_until_cancelled(back).await
    }

    /// It is there until it is pulled; only then can it come back.
    async fn let_go(&mut self, medium: &Medium) {
        self.far.tell(Event::Away(Away::LetGo)).await;
        tokio::select! {
            () = gone(medium.clone()) => self.far.tell(Event::Away(Away::Pulled)).await,
            () = self.far.wanted_back() => {}
        }
    }

    /// Windows was told that the medium may go. It goes, or another program keeps it here, or the user does.
    async fn may_go(&mut self, medium: &Medium, mut ears: Ears) {
        self.far.tell(Event::Away(Away::LetGo)).await;
        let pulled = async {
            loop {
                tokio::select! {
                    asked = ears.next() => match asked {
                        Asked::MayItGo(answer) => answer.yes(),
                        Asked::ItStays => return false,
                        Asked::Gone => return true,
                    },
                    () = tokio::time::sleep(QUIET) => {
                        if !is_there(medium).await {
                            return true;
                        }
                    }
                }
            }
        };
        tokio::select! {
            pulled = pulled => if pulled {
                self.far.tell(Event::Away(Away::Pulled)).await;
            },
            () = self.far.wanted_back() => {}
        }
    }

    /// Puts a backup in place of the ledger. What fails or is missing in it is told once the window has a ledger again.
    async fn restore(&mut self, medium: &Medium, backup: PathBuf) {
        let data = medium.path().to_path_buf();
        let (steps, mut seen) = watch::channel((0, 0));
        let stop = self.stop.clone();
        let mut copying = tokio::task::spawn_blocking(move || {
            let locked = Locked::acquire(Some(data.clone())).map_err(BootError::problem)?;
            let told = &mut |done: u64, total: u64| {
                steps.send_replace((done, total));
                !stop.is_cancelled()
            };
            let restored = restore(&backup, &data, told);
            drop(locked);
            restored
        });
        let copied = loop {
            let (done, total) = *seen.borrow_and_update();
            self.far.tell(Event::Away(Away::Restoring { done, total })).await;
            tokio::select! {
                copied = &mut copying => break copied,
                () = tokio::time::sleep(PROGRESS) => {}
            }
        };
        let copied = copied.unwrap_or_else(|error| Err(BootError::from(std::io::Error::from(error)).problem()));
        match copied {
            Ok(Some(lacking)) => self.far.tell(Event::Restored(lacking)).await,
            Ok(None) => {}
            Err(problem) => self.far.tell(Event::Failed(problem)).await,
        }
    }

    async fn reopened(&mut self, medium: &mut Medium) -> Option<World> {
        if !found(medium).await {
            return None;
        }
        match self.open(medium.path().to_path_buf()).await {
            Ok(world) => {
                self.far.forget_wishes();
                Some(world)
            }
            Err(error) => {
                tracing::warn!(%error, "the data folder is back and cannot be opened");
                self.far.tell(Event::Away(Away::Refused(error.problem()))).await;
                None
            }
        }
    }

    async fn open(&mut self, path: PathBuf) -> Result<World, BootError> {
        let locked = tokio::task::spawn_blocking(move || Locked::acquire(Some(path))).await.map_err(std::io::Error::from)??;
        if let Some(word) = &self.announced
            && let Err(error) = locked.announce(word)
        {
            tracing::warn!(%error, "a second start cannot ring");
        }
        if !locked.is_read_only() {
            self.log.move_to(locked.path());
        }
        tracing::info!("the data folder is opened again");
        World::behind(locked, self.options.clone()).await
    }
}

/// What ended the engine.
enum Left {
    Over,
    Wished(FolderWish),
    Gone,
    /// The engine ended by itself.
    Ended(Problem),
    /// Windows waits for the folder to be closed.
    Asked(Answer),
}

/// Returns when the medium is to be let go.
async fn asked(ears: &mut Ears) -> Answer {
    loop {
        if let Asked::MayItGo(answer) = ears.next().await {
            return answer;
        }
    }
}

async fn medium(path: PathBuf) -> Result<Medium, BootError> {
    let made = tokio::task::spawn_blocking(move || Medium::of(&path, rand::random())).await;
    Ok(made.map_err(std::io::Error::from)??)
}

/// Returns when the folder is gone.
async fn gone(medium: Medium) {
    loop {
        tokio::time::sleep(LOOK).await;
        if !is_there(&medium).await {
            tokio::time::sleep(SURE).await;
            if !is_there(&medium).await {
                return;
            }
        }
    }
}

/// A look that cannot be taken tells nothing.
async fn is_there(medium: &Medium) -> bool {
    let medium = medium.clone();
    tokio::task::spawn_blocking(move || medium.is_there()).await.unwrap_or(true)
}

async fn found(medium: &mut Medium) -> bool {
    let mut looking = medium.clone();
    match tokio::task::spawn_blocking(move || (looking.find(), looking)).await {
        Ok((found, looked)) => {
            *medium = looked;
            found
        }
        Err(_) => false,
    }
}
