//! The thread that looks at what is plugged in.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::running::Running;
use super::{Job, Options};
use crate::disk::{DiskKind, Presence, Seat, Service, Sighting, View};
use crate::error::{DiskError, Result};
use crate::pcsc::{Wake, Watcher};
use crate::profile::Profiles;
use crate::sim::Sandbox;
use crate::usb::{self, Bus, UsbDisk};

/// Shortest time between two looks at which nothing changed.
const RESTLESS: Duration = Duration::from_millis(100);

/// The watching thread. Dropping it ends it.
pub(super) struct Watch {
    shared: Arc<Shared>,
    wake: Wake,
    thread: Option<Running>,
}

#[derive(Default)]
struct Shared {
    wishes: Mutex<Wishes>,
    changed: Condvar,
}

#[derive(Default)]
struct Wishes {
    over: bool,
    /// Libraries are to be asked even if nothing else changed.
    look: bool,
    libraries: Vec<PathBuf>,
}

impl Watch {
    pub fn start(options: Options, others: SyncSender<Job>, tell: impl FnMut(View) + Send + 'static) -> io::Result<Self> {
        let wake = Wake::default();
        let shared = Arc::new(Shared::default());
        shared.lock().libraries = options.libraries;
        let watching = Watching {
            shared: Arc::clone(&shared),
            watcher: options.readers.then(|| Watcher::new(wake.clone())),
            profiles: options.profiles,
            sandbox: options.sandbox,
            usb: options.usb,
            others,
            look: options.limits.look,
            library_limit: options.limits.library * 3,
            devices: Devices::default(),
            told: None,
            tell: Box::new(tell),
        };
        let thread = Running::start("taxdisk-watch", move || watching.run())?;
        Ok(Self { shared, wake, thread: Some(thread) })
    }

    pub fn look(&self) {
        self.wish(|wishes| wishes.look = true);
    }

    pub fn set_libraries(&self, libraries: Vec<PathBuf>) {
        self.wish(|wishes| {
            wishes.libraries = libraries;
            wishes.look = true;
        });
    }

    fn wish(&self, wish: impl FnOnce(&mut Wishes)) {
        wish(&mut self.shared.lock());
        self.shared.changed.notify_all();
        self.wake.wake();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.wish(|wishes| wishes.over = true);
        if let Some(thread) = self.thread.take() {
            thread.end();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What libraries said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Devices {
    seats: Vec<Seat>,
    faults: Vec<(PathBuf, DiskError)>,
    /// What was on USB then: when it changes, libraries are asked again.
    usb: Vec<String>,
}

struct Watching {
    shared: Arc<Shared>,
    watcher: Option<Watcher>,
    profiles: Profiles,
    sandbox: Option<Sandbox>,
    usb: Option<PathBuf>,
    others: SyncSender<Job>,
    look: Duration,
    library_limit: Duration,
    devices: Devices,
    told: Option<View>,
    tell: Box<dyn FnMut(View) + Send>,
}

impl Watching {
    fn run(mut self) {
        // The first look waits for nothing.
        let mut limit = Duration::ZERO;
        loop {
            let start = Instant::now();
            let waited = self.watcher.as_mut().is_some_and(|watcher| watcher.wait(limit));
            let mut wishes = self.shared.lock();
            if !waited && !wishes.over && !wishes.look {
                let rest = limit.saturating_sub(start.elapsed());
                wishes = self.shared.changed.wait_timeout(wishes, rest).unwrap_or_else(PoisonError::into_inner).0;
            }
            if wishes.over {
                return;
            }
            let (look, libraries) = (std::mem::take(&mut wishes.look), wishes.libraries.clone());
            drop(wishes);
            let changed = self.tell_what_is_there(look || limit.is_zero(), &libraries);
            // Some services (Windows) report a reader that may have come again and again.
            if waited && !changed && start.elapsed() < RESTLESS && !limit.is_zero() {
                let wishes = self.shared.lock();
                drop(self.shared.changed.wait_timeout(wishes, RESTLESS));
            }
            limit = self.look;
        }
    }

    /// True when something changed.
    fn tell_what_is_there(&mut self, look: bool, libraries: &[PathBuf]) -> bool {
        let usb = self.usb.as_deref().map(usb::look).unwrap_or_default();
        if !libraries.is_empty() && (look || usb.devices != self.devices.usb) {
            self.devices = self.ask_libraries(libraries, usb.devices.clone());
        } else if libraries.is_empty() {
            self.devices = Devices::default();
        }
        let view = self.view(usb);
        let changed = self.told.as_ref() != Some(&view);
        if changed {
            self.told = Some(view.clone());
            (self.tell)(view);
        }
        changed
    }

    fn ask_libraries(&self, libraries: &[PathBuf], usb: Vec<String>) -> Devices {
        let (say, answer) = sync_channel(1);
        let asked = libraries.to_vec();
        let job: Job = Box::new(move |worker| {
            // Nobody may wait any more.
            let _said = say.send(worker.devices(&asked));
        });
        let sent = self.others.try_send(job).is_ok();
        let answers = sent.then(|| answer.recv_timeout(self.library_limit).ok()).flatten();
        let mut devices = Devices { usb, ..Devices::default() };
        for (path, names) in answers.unwrap_or_else(|| libraries.iter().map(|path| (path.clone(), Err(DiskError::Busy))).collect()) {
            devices.take(path, names);
        }
        devices
    }

    fn view(&self, usb: Bus) -> View {
        let mut sightings = self.watcher.as_ref().map(|watcher| watcher.sightings(&self.profiles)).unwrap_or_default();
        let disk = |seat| Sighting { seat, presence: Presence::Disk(DiskKind::Unknown) };
        sightings.extend(self.devices.seats.iter().cloned().map(disk));
        for name in self.sandbox.iter().flat_map(Sandbox::names) {
            sightings.push(Sighting { seat: Seat::Sandbox(name), presence: Presence::Disk(DiskKind::Sandbox) });
        }
        // A library that sees a device does not say which one on the bus: then none is said to lack its driver.
        if self.devices.seats.is_empty() {
            sightings.extend(usb.disks.into_iter().map(UsbDisk::sighting));
        }
        View {
            service: self.watcher.as_ref().map_or(Service::Unknown, Watcher::service),
            sightings,
            library_faults: self.devices.faults.clone(),
            usb_known: self.usb.is_some(),
        }
    }
}

impl Devices {
    fn take(&mut self, path: PathBuf, names: Result<Vec<String>>) {
        match names {
            Ok(names) => self.seats.extend(names.into_iter().map(|device| Seat::Library { path: path.clone(), device })),
            Err(fault) => self.faults.push((path, fault)),
        }
    }
}
