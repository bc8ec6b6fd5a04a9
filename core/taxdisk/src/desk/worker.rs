//! The thread that talks to disks.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Options;
use super::ticket::Ticket;
use crate::card::Card;
use crate::device::Device;
use crate::disk::Seat;
use crate::error::{DiskError, LibraryFault, Result};
use crate::guard::{FailedPasswords, Guard};
use crate::pcsc::Readers;
use crate::profile::Profiles;
use crate::sim::Sandbox;
use crate::skf::{Helper, HelperProgram, SkfDisk};
use crate::usb;

pub(super) struct Worker {
    profiles: Profiles,
    readers: Readers,
    sandbox: Sandbox,
    program: Option<HelperProgram>,
    helpers: Vec<Helper>,
    library_limit: Duration,
    usb: Option<PathBuf>,
    guard: Guard,
}

impl Worker {
    pub fn new(options: &Options, failed: Arc<Mutex<FailedPasswords>>) -> Self {
        Self {
            profiles: options.profiles.clone(),
            readers: Readers::default(),
            sandbox: options.sandbox.clone().unwrap_or_default(),
            program: options.helper.clone(),
            helpers: Vec::new(),
            library_limit: options.limits.library,
            usb: options.usb.clone(),
            guard: Guard::new(failed),
        }
    }

    pub fn guard(&self) -> Guard {
        self.guard.clone()
    }

    /// Opens the disk at a seat, does something with it and closes it.
    pub fn with<T>(&mut self, seat: &Seat, ticket: &Ticket, job: impl FnOnce(&mut dyn Device) -> Result<T>) -> Result<T> {
        let profiles = self.profiles.clone();
        match seat {
            Seat::Reader(name) => {
                self.readers.with_card(name, || ticket.lock(), || ticket.unlock(), |link, atr| job(&mut Card::open(link, &profiles, atr)?))
            }
            Seat::Sandbox(name) => {
                let (mut link, atr) = self.sandbox.connect(name)?;
                job(&mut Card::open(&mut link, &profiles, &atr)?)
            }
            Seat::Library { path, device } => job(&mut SkfDisk::open(self.helper(path)?, device)?),
            Seat::Usb(place) => Err(self.without_driver(place)),
        }
    }

    /// Devices of the libraries; each with its names or why it cannot be asked. Helpers of others are ended.
    pub fn devices(&mut self, libraries: &[PathBuf]) -> Vec<(PathBuf, Result<Vec<String>>)> {
        self.helpers.retain(|helper| libraries.iter().any(|path| path == helper.library()));
        let devices = |path: &PathBuf| (path.clone(), self.helper(path).and_then(Helper::devices));
        libraries.iter().map(devices).collect()
    }

    fn without_driver(&self, place: &str) -> DiskError {
        let disks = self.usb.as_deref().map(|folder| usb::look(folder).disks).unwrap_or_default();
        let disk = disks.into_iter().find(|disk| disk.place == place);
        disk.map_or(DiskError::NoReader, |disk| DiskError::NoDriver { vendor: disk.vendor, usb: disk.usb })
    }

    fn helper(&mut self, path: &Path) -> Result<&mut Helper> {
        let place = self.helpers.iter().position(|helper| helper.library() == path);
        let program = self.program.clone().ok_or_else(|| LibraryFault::NoHelper("none".to_owned()))?;
        let place = place.unwrap_or_else(|| {
            self.helpers.push(Helper::new(program, path.to_owned(), self.library_limit));
            self.helpers.len() - 1
        });
        self.helpers.get_mut(place).ok_or(DiskError::NoReader)
    }

    /// Drops everything that a panic may have left half done.
    pub fn start_anew(&mut self) {
        self.readers = Readers::default();
        self.helpers.clear();
    }
}
