//! Where disks are, and what is on them.

use std::fmt;
use std::path::PathBuf;

use piaoxia_domain::TaxNumber;
use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;

/// Longest answer to reset (ISO/IEC 7816-3, 8.2): TS and at most 32 characters.
const ATR_BYTES: usize = 33;

/// Where a disk is plugged in. Stays the same while it is, and is the same when it is plugged in there again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Seat {
    /// A reader of the system's card service, by its name there.
    Reader(String),
    /// A device of a vendor's library (SKF), by its name there.
    Library {
        /// The library.
        path: PathBuf,
        /// The device.
        device: String,
    },
    /// A simulated disk, by its name.
    Sandbox(String),
    /// A USB device that nothing here can talk to, by its place on the bus.
    Usb(String),
}

/// Which device (设备类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskKind {
    /// 金税盘.
    GoldenTax,
    /// 税控盘.
    TaxControl,
    /// 税务UKey.
    TaxUKey,
    /// The sandbox's.
    Sandbox,
    /// Not known.
    Unknown,
}

impl DiskKind {
    /// From the device number (设备编号): 金税盘 begin with 44, 税控盘 with 33, 税务UKey with other digits. Only a hint.
    #[must_use]
    pub fn of_serial(serial: &str) -> Self {
        match serial.get(..2) {
            Some("44") => Self::GoldenTax,
            Some("33") => Self::TaxControl,
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => Self::TaxUKey,
            _ => Self::Unknown,
        }
    }
}

/// Answer to reset of a card (ISO/IEC 7816-3): what a card is known by before anything is asked.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Atr(Vec<u8>);

impl Atr {
    /// Of what a reader says: bytes behind the end that the answer itself states are dropped, and those beyond 33.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let length = Self::stated_length(bytes).unwrap_or(ATR_BYTES).min(ATR_BYTES);
        Self(bytes.iter().copied().take(length).collect())
    }

    /// TS, T0, interface characters, historical ones, and TCK where a protocol other than T=0 is offered (8.2). None of what ends before.
    fn stated_length(bytes: &[u8]) -> Option<usize> {
        let format = *bytes.get(1)?;
        let historical = usize::from(format & 0x0F);
        let (mut present, mut at, mut has_check) = (format >> 4, 2, false);
        loop {
            // TA, TB and TC of this round; TD announces the next one.
            at += (present & 0b0111).count_ones() as usize;
            if present & 0b1000 == 0 {
                return Some(at + historical + usize::from(has_check));
            }
            let announced = *bytes.get(at)?;
            at += 1;
            has_check |= announced & 0x0F != 0;
            present = announced >> 4;
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// `3B 88 80 01 …`, for people and for support.
impl fmt::Display for Atr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: Vec<String> = self.0.iter().map(|byte| format!("{byte:02X}")).collect();
        out.write_str(&bytes.join(" "))
    }
}

impl fmt::Debug for Atr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// How many wrong certificate passwords a disk still takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tries {
    /// So many, at least one.
    Left(u8),
    /// None: only the tax hall (办税服务厅) unlocks the disk.
    Locked,
    /// The disk does not say.
    Unknown,
}

impl Tries {
    /// Zero is locked.
    #[must_use]
    pub fn of(left: u8) -> Self {
        if left == 0 { Self::Locked } else { Self::Left(left) }
    }

    /// As a number; none when it is not known.
    #[must_use]
    pub fn left(self) -> Option<u8> {
        match self {
            Self::Left(left) => Some(left),
            Self::Locked => Some(0),
            Self::Unknown => None,
        }
    }
}

/// What is at a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// A disk that can be read.
    Disk(DiskKind),
    /// A reader without a card.
    Empty,
    /// A card that no profile knows.
    Unknown(Atr),
    /// A card that does not answer: put in the wrong way round, or broken.
    Mute,
    /// A card that another program keeps for itself.
    InUse,
    /// A USB disk that needs its vendor's driver.
    NoDriver {
        /// Which device it is.
        kind: DiskKind,
        /// Who makes it.
        vendor: String,
        /// Vendor and product number, `1432:07dc`.
        usb: String,
    },
}

/// A seat, and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Where.
    pub seat: Seat,
    /// What.
    pub presence: Presence,
}

/// The card service of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Not looked at yet.
    Unknown,
    /// It runs.
    Running,
    /// It does not run, or is not there. Windows starts it with the first reader.
    Absent,
    /// It was running and ended.
    Stopped,
}

/// All that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The card service.
    pub service: Service,
    /// Seats, those of readers first.
    pub sightings: Vec<Sighting>,
    /// Vendor libraries that could not be asked, and why.
    pub library_faults: Vec<(PathBuf, crate::error::DiskError)>,
    /// Whether USB is looked at on this system.
    pub usb_known: bool,
}

impl View {
    /// Nothing looked at yet.
    #[must_use]
    pub fn empty() -> Self {
        Self { service: Service::Unknown, sightings: Vec::new(), library_faults: Vec::new(), usb_known: false }
    }

    /// Seats with a disk that can be read.
    pub fn disks(&self) -> impl Iterator<Item = &Sighting> {
        self.sightings.iter().filter(|sighting| matches!(sighting.presence, Presence::Disk(_)))
    }

    /// What keeps a user from going on when there is no disk to read: the one error to show.
    #[must_use]
    pub fn obstacle(&self) -> Option<crate::error::DiskError> {
        use crate::error::DiskError;
        if self.disks().next().is_some() {
            return None;
        }
        let of_seat = self.sightings.iter().find_map(|sighting| match &sighting.presence {
            Presence::Unknown(atr) => Some(DiskError::UnknownCard { atr: atr.clone() }),
            Presence::Mute => Some(DiskError::Damaged(crate::error::Damage::NoAnswer)),
            Presence::InUse => Some(DiskError::InUse),
            Presence::NoDriver { vendor, usb, .. } => Some(DiskError::NoDriver { vendor: vendor.clone(), usb: usb.clone() }),
            Presence::Disk(_) | Presence::Empty => None,
        });
        let of_library = || self.library_faults.first().map(|(_, fault)| fault.clone());
        let has_reader = self.sightings.iter().any(|sighting| sighting.presence == Presence::Empty);
        Some(of_seat.or_else(of_library).unwrap_or(match self.service {
            _ if has_reader => DiskError::NoCard,
            Service::Absent => DiskError::NoService,
            Service::Stopped => DiskError::ServiceStopped,
            Service::Running | Service::Unknown => DiskError::NoReader,
        }))
    }
}

/// A key on a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyReference {
    /// Number of a key of a card.
    Card(u8),
    /// Container of an application of a vendor's library.
    Container {
        /// The application.
        application: String,
        /// The container.
        container: String,
    },
}

/// What is on a disk. Texts are made fit to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Which device.
    pub kind: DiskKind,
    /// Its number (设备编号).
    pub serial: String,
    /// The company (企业名称).
    pub company: String,
    /// Its tax number (税号), as the disk states it; see [`TaxNumber::fault`].
    pub tax_number: TaxNumber,
    /// The certificate of the signing key.
    pub certificate: Certificate,
    /// The signing key.
    pub key: KeyReference,
    /// What the certificate password may still be tried.
    pub tries: Tries,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_reset_ends_where_it_says() {
        let filled = |bytes: &[u8]| Atr::new(&[bytes, &[0; 20]].concat()).as_bytes().to_vec();
        let t1 = [0x3B, 0x88, 0x80, 0x01, 0x50, 0x58, 0x54, 0x41, 0x58, 0x30, 0x30, 0x31, 0x7D];
        assert_eq!(filled(&t1), t1);
        // T=0 alone has no check character.
        assert_eq!(filled(&[0x3B, 0x02, 0x14, 0x50]), [0x3B, 0x02, 0x14, 0x50]);
        let interface = [0x3B, 0xF2, 0x11, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0xAA, 0xBB, 0x00];
        assert_eq!(filled(&interface), interface);
        // One that goes on for ever ends all the same.
        assert_eq!(Atr::new(&[0x80; 90]).as_bytes().len(), 33);
        assert_eq!((Atr::new(&[]).as_bytes().len(), Atr::new(&[0x3B]).as_bytes().len()), (0, 1));
    }
}
