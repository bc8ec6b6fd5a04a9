//! Tax disks on USB that nothing here can talk to: most real ones. They are recognised so that the user reads which device it is and which
//! driver is missing, instead of "no device".

#[cfg(windows)]
mod windows;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
#[cfg(not(windows))]
use std::{fs, io::Read};

use serde::Deserialize;

use crate::card::fit;
use crate::disk::{DiskKind, Presence, Seat, Sighting};

/// Most USB devices that are looked at.
const DEVICES: usize = 512;
#[cfg(not(windows))]
/// Longest text of a device, bytes; 126 UTF-16 units at most.
const TEXT_BYTES: u64 = 512;

/// A USB device that is a tax disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsbDisk {
    /// Its place on the bus: `1-1.2` on Linux, the instance on Windows.
    pub place: String,
    /// Vendor and product number, `1432:07dc`; empty where only texts are known.
    pub usb: String,
    /// Which device.
    pub kind: DiskKind,
    /// Who makes it.
    pub vendor: String,
}

impl UsbDisk {
    /// As a seat without a driver.
    #[must_use]
    pub fn sighting(self) -> Sighting {
        let presence = Presence::NoDriver { kind: self.kind, vendor: self.vendor, usb: self.usb };
        Sighting { seat: Seat::Usb(self.place), presence }
    }
}

/// What a USB device states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Device {
    place: String,
    usb: String,
    manufacturer: String,
    product: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    disk: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: DiskKind,
    vendor: String,
    #[serde(default)]
    usb: Vec<String>,
    #[serde(default)]
    manufacturer: Vec<String>,
    #[serde(default)]
    product: Vec<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "compiled in; a test reads it")]
    let table = toml::from_str(include_str!("../../../resources/data/tax_disks.toml")).expect("tax_disks.toml is well formed");
    table
});

/// Where this system lists its USB devices; none where that is not known here. On Windows a word that stands for the device manager.
#[must_use]
pub fn devices_folder() -> Option<PathBuf> {
    if cfg!(target_os = "linux") {
        Some(PathBuf::from("/sys/bus/usb/devices")).filter(|folder| folder.is_dir())
    } else {
        cfg!(windows).then(|| PathBuf::from("USB"))
    }
}

/// What is on USB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bus {
    /// Tax disks, by their places.
    pub disks: Vec<UsbDisk>,
    /// Places and numbers of all devices, so that a change of anything can be told.
    pub devices: Vec<String>,
}

/// Looks at the USB devices. `folder` has a folder a device with `idVendor`, `idProduct`, `manufacturer` and
/// `product`, as Linux's `/sys/bus/usb/devices` has; Windows asks the device manager and looks at no folder.
#[must_use]
pub fn look(folder: &Path) -> Bus {
    #[cfg(windows)]
    let devices = {
        let _word = folder;
        windows::devices()
    };
    #[cfg(not(windows))]
    let devices = listed(folder);
    let mut places: Vec<String> = devices.iter().map(|device| format!("{} {}", device.place, device.usb)).collect();
    let mut disks: Vec<UsbDisk> = devices.into_iter().filter_map(recognise).collect();
    places.sort();
    disks.sort();
    Bus { disks, devices: places }
}

fn recognise(device: Device) -> Option<UsbDisk> {
    let states = |texts: &[String], stated: &str| texts.iter().any(|text| text.eq_ignore_ascii_case(stated));
    let row = TABLE.disk.iter().find(|row| {
        let by_number = row.usb.contains(&device.usb);
        // A maker's name counts with the product alone where both are given: makers make sticks, too.
        let maker = row.manufacturer.is_empty() || states(&row.manufacturer, &device.manufacturer);
        by_number || (!row.product.is_empty() && maker && states(&row.product, &device.product))
    })?;
    Some(UsbDisk { place: device.place, usb: device.usb, kind: row.kind, vendor: row.vendor.clone() })
}

#[cfg(not(windows))]
fn listed(folder: &Path) -> Vec<Device> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let devices = entries.flatten().take(DEVICES).filter_map(|entry| {
        let path = entry.path();
        let number = |name| text(&path.join(name)).filter(|text| is_number(text)).map(|text| text.to_ascii_lowercase());
        Some(Device {
            place: fit(&entry.file_name().to_string_lossy()),
            usb: format!("{}:{}", number("idVendor")?, number("idProduct")?),
            manufacturer: text(&path.join("manufacturer")).unwrap_or_default(),
            product: text(&path.join("product")).unwrap_or_default(),
        })
    });
    devices.collect()
}

fn is_number(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// What a file says, fit to show. Devices write it themselves.
#[cfg(not(windows))]
fn text(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(TEXT_BYTES).read_to_end(&mut bytes).ok()?;
    Some(fit(&String::from_utf8_lossy(&bytes)))
}

/// A device by its instance on Windows: `USB\VID_1432&PID_07DC\5&2A…`, `USBSTOR\DISK&VEN_AISINO&PROD_USB_FLASH_DISK&REV_1.00\…`.
#[cfg(any(windows, test))]
fn of_instance(instance: &str) -> Option<Device> {
    let mut levels = instance.split('\\');
    let (bus, description) = (levels.next()?, levels.next()?);
    let parts = || description.split('&');
    let of = |label: &str| {
        parts().find_map(|part| part.get(..label.len())?.eq_ignore_ascii_case(label).then(|| part.get(label.len()..)).flatten())
    };
    let place = fit(instance);
    if bus.eq_ignore_ascii_case("USB") {
        let number = |label| of(label).filter(|digits| is_number(digits)).map(str::to_ascii_lowercase);
        let usb = format!("{}:{}", number("VID_")?, number("PID_")?);
        return Some(Device { place, usb, ..Device::default() });
    }
    // Texts of storage have underlines for spaces, and are filled up with them.
    let stated = |label| of(label).map(|text| text.replace('_', " ").trim().to_owned());
    let is_storage = bus.eq_ignore_ascii_case("USBSTOR");
    is_storage.then(|| Some(Device { place, usb: String::new(), manufacturer: stated("VEN_")?, product: stated("PROD_")? })).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn the_table_is_read() {
        assert_eq!(TABLE.disk.iter().map(|row| row.usb.len()).sum::<usize>(), 13);
        assert!(TABLE.disk.iter().all(|row| !row.vendor.is_empty() && row.usb.iter().all(|usb| usb.split(':').all(is_number))));
    }

    #[test]
    fn devices_are_known_by_number_or_by_text() {
        let known = |usb: &str, manufacturer: &str, product: &str| {
            let device = Device { place: "1-1".into(), usb: usb.into(), manufacturer: manufacturer.into(), product: product.into() };
            recognise(device).map(|disk| disk.kind)
        };
        assert_eq!(known("1432:07dc", "", ""), Some(DiskKind::TaxControl));
        assert_eq!(known("14d6:a002", "", ""), Some(DiskKind::TaxUKey));
        assert_eq!(known("ffff:0001", "x", "ChinaTax SWUKey"), Some(DiskKind::TaxUKey));
        assert_eq!(known("ffff:0001", "Aisno", "USB Flash Disk"), Some(DiskKind::GoldenTax));
        assert_eq!(known("0781:5567", "SanDisk", "USB Flash Disk"), None);
        assert_eq!(known("0781:5567", "Aisino", "Printer"), None);
    }

    #[test]
    fn instances_of_windows() {
        let known = |instance: &str| of_instance(instance).and_then(recognise).map(|disk| (disk.kind, disk.usb));
        assert_eq!(known(r"USB\VID_1432&PID_07DC\5&2A1B&0&1"), Some((DiskKind::TaxControl, "1432:07dc".to_owned())));
        assert_eq!(known(r"USBSTOR\DISK&VEN_AISINO__&PROD_USB_FLASH_DISK_&REV_1.00\7&1"), Some((DiskKind::GoldenTax, String::new())));
        for other in [r"USB\ROOT_HUB30\4&1", r"USB\VID_1432&PID_07\5", r"PCI\VEN_AISINO&PROD_USB_FLASH_DISK\1", "USB", "", r"USB\"] {
            assert_eq!(known(other), None, "{other}");
        }
    }
}
