//! What the window shows of tax disks, and what it wants of them.

use std::path::PathBuf;

use piaoxia_domain::TaxNumber;
use piaoxia_service::contract::DiskSession;
use piaoxia_taxdisk::{CertificateState, Contents, DiskError, DiskKind, Presence, Seat, Service, Tries};

use crate::command::Secret;
use crate::problem::Problem;

/// Days before the end of a certificate from which on it is told of.
const WARN_DAYS: i64 = 60;

/// What the window wants of tax disks. What becomes of it is in the next [`DisksView`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskWish {
    /// Look at what is plugged in, from now on.
    Watch,
    /// Look anew: a driver was installed, a disk was changed.
    Look,
    /// 保存: have the certificate password verified by the disk and keep it in the vault once it was right; then sign in at the platform,
    /// if one of its own passwords is given, which verifies that.
    Save {
        /// Which disk.
        seat: Seat,
        /// As typed.
        passwords: DiskPasswords,
        /// The user was told that so many tries are left, and wants one of them spent.
        consent: Option<Tries>,
    },
    /// 登录综合服务平台, with the kept password.
    SignIn {
        /// Which disk.
        seat: Seat,
        /// As above.
        consent: Option<Tries>,
    },
    /// End the session of a disk.
    SignOut(Seat),
    /// Forget the kept passwords of a disk, by its number.
    Forget(String),
    /// The password of a disk was changed elsewhere: what failed before may be right now.
    ForgetFailed(String),
    /// Ask these vendors' libraries from now on.
    SetLibraries(Vec<PathBuf>),
    /// Sandbox: plug the simulated disk in, or pull it out.
    PlugSimulated(bool),
}

/// The passwords of a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskPasswords {
    /// 证书密码; none: as it is kept.
    pub certificate: Option<Secret>,
    /// 税局平台密码.
    pub platform: Option<Secret>,
    /// 勾选确认密码.
    pub confirmation: Option<Secret>,
}

/// All that is plugged in, and how each stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisksView {
    /// It is looked.
    pub watching: bool,
    /// The card service of the system.
    pub service: Service,
    /// Whether USB is looked at on this system.
    pub usb_known: bool,
    /// Seats, those of readers first.
    pub seats: Vec<DiskView>,
    /// Vendors' libraries that are asked.
    pub libraries: Vec<PathBuf>,
    /// Those that cannot be used, and why.
    pub library_faults: Vec<(PathBuf, DiskError)>,
    /// What keeps the user from going on when no disk can be read.
    pub obstacle: Option<DiskError>,
    /// Sandbox: the simulated disk is plugged in; none elsewhere.
    pub simulated: Option<bool>,
}

impl Default for DisksView {
    fn default() -> Self {
        Self {
            watching: false,
            service: Service::Unknown,
            usb_known: false,
            seats: Vec::new(),
            libraries: Vec::new(),
            library_faults: Vec::new(),
            obstacle: None,
            simulated: None,
        }
    }
}

impl DisksView {
    /// Disks that were read.
    pub fn disks(&self) -> impl Iterator<Item = (&DiskView, &DiskFacts)> {
        self.seats.iter().filter_map(|disk| disk.facts.as_ref().map(|facts| (disk, facts)))
    }

    /// The disk of a company.
    #[must_use]
    pub fn of_company(&self, tax_no: &TaxNumber) -> Option<(&DiskView, &DiskFacts)> {
        self.disks().find(|(_, facts)| facts.tax_number == *tax_no)
    }

    pub(super) fn with_serial(&self, serial: &str) -> Option<&DiskView> {
        self.disks().find(|(_, facts)| facts.serial == serial).map(|(disk, _)| disk)
    }

    pub(super) fn seat(&self, seat: &Seat) -> Option<&DiskView> {
        self.seats.iter().find(|disk| disk.seat == *seat)
    }

    pub(super) fn seat_mut(&mut self, seat: &Seat) -> Option<&mut DiskView> {
        self.seats.iter_mut().find(|disk| disk.seat == *seat)
    }
}

/// A seat, what is there, and what is being done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskView {
    /// Where.
    pub seat: Seat,
    /// What.
    pub presence: Presence,
    /// What is on the disk; none before it was read, and of what cannot be.
    pub facts: Option<DiskFacts>,
    /// Why it could not be read.
    pub fault: Option<DiskError>,
    /// What is being done; the disk answers nothing else meanwhile.
    pub work: Option<DiskWork>,
    /// Which of its passwords the vault has.
    pub kept: KeptPasswords,
    /// Its session with the platform.
    pub session: Option<DiskSession>,
    /// Why the last wish was not fulfilled.
    pub problem: Option<Problem>,
    /// The last wish was: the password was right.
    pub verified: bool,
}

impl DiskView {
    pub(super) fn new(seat: Seat, presence: Presence) -> Self {
        let kept = KeptPasswords::default();
        Self { seat, presence, facts: None, fault: None, work: None, kept, session: None, problem: None, verified: false }
    }
}

/// What is being done with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskWork {
    /// It is read.
    Reading,
    /// Its password is verified.
    Verifying,
    /// It signs in.
    SigningIn,
}

/// Which passwords of a disk the vault has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptPasswords {
    /// 证书密码.
    pub certificate: bool,
    /// 税局平台密码.
    pub platform: Keep,
    /// 勾选确认密码.
    pub confirmation: Keep,
}

impl KeptPasswords {
    /// The next sign-in verifies one.
    #[must_use]
    pub fn is_unproved(&self) -> bool {
        self.platform == Keep::Unproved || self.confirmation == Keep::Unproved
    }
}

/// How a password of the platform is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Not at all.
    #[default]
    No,
    /// As it was typed: the next sign-in verifies it.
    Unproved,
    /// The platform took it.
    Proved,
}

/// What a disk says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFacts {
    /// Which device.
    pub kind: DiskKind,
    /// 设备编号.
    pub serial: String,
    /// 企业名称.
    pub company: String,
    /// 税号.
    pub tax_number: TaxNumber,
    /// Who the certificate was given to and by whom, for its details.
    pub holder: piaoxia_seals::Holder,
    /// Whether the certificate is valid today.
    pub certificate: CertificateState,
    /// What the certificate password may still be tried.
    pub tries: Tries,
}

impl From<&Contents> for DiskFacts {
    fn from(contents: &Contents) -> Self {
        Self {
            kind: contents.kind,
            serial: contents.serial.clone(),
            company: contents.company.clone(),
            tax_number: contents.tax_number.clone(),
            holder: contents.certificate.holder(),
            certificate: contents.certificate.state(jiff::Timestamp::now(), WARN_DAYS),
            tries: contents.tries,
        }
    }
}
