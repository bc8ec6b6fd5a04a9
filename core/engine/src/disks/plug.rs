//! What is plugged in: the watch, and what is read when something comes or goes.

use super::*;

impl Disks {
    /// Starts to look, once.
    pub(super) async fn watch(&self) -> Result<(), Problem> {
        let _one_at_a_time = self.inner.starting.lock().await;
        if self.inner.desk.get().is_some() {
            return Ok(());
        }
        let setup = self.inner.services.disk_setup().clone();
        let libraries = kept::libraries(self.inner.services.store()).await?;
        self.inner.view.send_modify(|view| view.libraries.clone_from(&libraries));
        let sandbox = setup.simulated.is_some().then(|| self.inner.sandbox.clone());
        // Only the newest counts.
        let (seen, mut sightings) = watch::channel(View::empty());
        let started = tokio::task::spawn_blocking(move || {
            let options = Options::of_this_system().map_err(|error| Problem::new(What::Internal, error.to_string()))?;
            let readers = setup.readers;
            let options = Options { readers, usb: options.usb.filter(|_| readers), sandbox, helper: setup.helper, libraries, ..options };
            let told = move |view| {
                seen.send_replace(view);
            };
            Desk::start(options, told).map_err(|error| Problem::new(What::Internal, error.to_string()))
        });
        let desk = started.await.map_err(|_| panic_problem())??;
        // Nobody else started one: see the lock.
        self.inner.desk.set(desk).ok();
        self.inner.view.send_modify(|view| view.watching = true);
        let disks = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            while sightings.changed().await.is_ok() {
                let view = sightings.borrow_and_update().clone();
                let Some(inner) = disks.upgrade() else { return };
                Disks { inner }.take(view).await;
            }
        });
        Ok(())
    }

    /// Something came or went.
    async fn take(&self, seen: View) {
        let mut gone = Vec::new();
        let mut fresh = Vec::new();
        self.inner.view.send_modify(|view| {
            let mut before: HashMap<Seat, DiskView> = view.seats.drain(..).map(|disk| (disk.seat.clone(), disk)).collect();
            for sighting in &seen.sightings {
                let same = before.remove(&sighting.seat).filter(|disk| disk.presence == sighting.presence);
                let disk = same.unwrap_or_else(|| {
                    if matches!(sighting.presence, Presence::Disk(_)) {
                        fresh.push(sighting.seat.clone());
                    }
                    DiskView::new(sighting.seat.clone(), sighting.presence.clone())
                });
                view.seats.push(disk);
            }
            gone.extend(before.into_values().filter_map(|disk| disk.session));
            view.service = seen.service;
            view.usb_known = seen.usb_known;
            view.obstacle = seen.obstacle();
            view.library_faults.clone_from(&seen.library_faults);
        });
        for session in gone {
            self.end(&session.account).await;
        }
        // A disk that hangs holds up nobody who looks.
        let disks = self.clone();
        tokio::spawn(async move {
            for seat in fresh {
                disks.read(&seat).await;
            }
        });
    }

    pub(super) async fn read_all(&self) {
        let seats: Vec<Seat> = self.inner.view.borrow().seats.iter().map(|disk| disk.seat.clone()).collect();
        for seat in seats {
            self.read(&seat).await;
        }
    }

    async fn read(&self, seat: &Seat) {
        let begun = self.seat_if(seat, |disk| {
            let free = disk.work.is_none() && matches!(disk.presence, Presence::Disk(_));
            if free {
                disk.work = Some(DiskWork::Reading);
            }
            free
        });
        if !begun {
            return;
        }
        let at = seat.clone();
        let read = self.ask(move |desk| desk.read(&at)).await;
        let kept = match &read {
            Ok(contents) => kept::look(self.secrets(), &contents.serial).await,
            Err(_) => KeptPasswords::default(),
        };
        self.seat(seat, |disk| {
            (disk.work, disk.kept) = (None, kept);
            match &read {
                Ok(contents) => (disk.facts, disk.fault) = (Some(contents.into()), None),
                Err(Problem { what: What::Disk(error), .. }) => (disk.facts, disk.fault) = (None, Some(error.clone())),
                Err(problem) => (disk.facts, disk.problem) = (None, Some(problem.clone())),
            }
        });
        if read.is_ok() {
            self.go_on_with(seat).await;
        }
    }

    /// Downloads that wait for this disk go on, now that it was read: whatever was refused before.
    async fn go_on_with(&self, seat: &Seat) {
        let Ok(serial) = self.serial(seat) else { return };
        let is_wanted = self.wanted().borrow().has(&serial);
        if is_wanted {
            self.sign_in_by_itself(seat).await;
        }
    }

    pub(super) async fn set_libraries(&self, libraries: Vec<PathBuf>) -> Result<(), Problem> {
        kept::save_libraries(self.inner.services.store(), &libraries).await?;
        self.inner.view.send_modify(|view| view.libraries.clone_from(&libraries));
        self.ask(move |desk| {
            desk.set_libraries(libraries);
            Ok(())
        })
        .await
    }

    /// The simulated disk.
    pub(super) async fn plug(&self, plugged: bool) -> Result<(), Problem> {
        let Some(make) = self.inner.services.disk_setup().simulated.clone() else { return Ok(()) };
        if plugged {
            let disk = lock(&self.inner.pulled).take().or_else(|| make());
            let disk = disk.ok_or_else(|| Problem::new(What::Internal, "the sandbox's disk cannot be made"))?;
            self.inner.sandbox.insert(SIMULATED, disk);
        } else {
            *lock(&self.inner.pulled) = self.inner.sandbox.remove(SIMULATED);
        }
        self.inner.view.send_modify(|view| view.simulated = Some(plugged));
        self.ask(|desk| {
            desk.look();
            Ok(())
        })
        .await
    }
}
