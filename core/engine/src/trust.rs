//! The certificates that the user trusts (信任的证书): the folder `trust` of the data folder.
//!
//! Whoever wants the chains of seals checked puts root certificates of their authorities there. The program brings none:
//! which authority to trust is the user's decision.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use piaoxia_files::FilesError;
use piaoxia_seals::{Trust, TrustFault};

use crate::problem::FileFault;

/// Name of the folder.
const FOLDER: &str = "trust";
/// Names of the files that are read end so.
const EXTENSIONS: [&str; 4] = ["cer", "crt", "der", "pem"];
/// Most files that are read.
const FILES: usize = 512;
/// Bytes of a file that are read: one more than a trust store takes, so that it refuses what is larger.
const BYTES: u64 = (1 << 20) + 1;

/// A file of the folder that gave no certificate, or not all of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedCertificate {
    /// Name of the file.
    pub file: String,
    /// Why.
    pub fault: RefusedBecause,
}

/// Why a file of the folder was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedBecause {
    /// It cannot be read.
    Unreadable(FileFault),
    /// What it holds cannot be used.
    Certificate(TrustFault),
}

/// Reads the folder of a data folder; nothing is trusted where there is none. Blocks.
#[must_use]
pub fn trusted(data: &Path) -> (Trust, Vec<RefusedCertificate>) {
    let mut refused = Vec::new();
    let (mut names, mut contents) = (Vec::new(), Vec::new());
    for path in certificates(&data.join(FOLDER)) {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match read(&path) {
            Ok(bytes) => {
                names.push(file);
                contents.push(bytes);
            }
            Err(error) => refused.push(RefusedCertificate { file, fault: RefusedBecause::Unreadable(FileFault::from(&error)) }),
        }
    }
    let (trust, faults) = Trust::from_certificates(contents.iter().map(Vec::as_slice));
    refused.extend(faults.into_iter().filter_map(|(place, fault)| {
        let file = names.get(place)?.clone();
        Some(RefusedCertificate { file, fault: RefusedBecause::Certificate(fault) })
    }));
    (trust, refused)
}

/// The files with certificates, in the order of their names.
fn certificates(folder: &Path) -> Vec<PathBuf> {
    let named = |path: &PathBuf| {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| named(path) && path.is_file()).take(FILES).collect();
    found.sort();
    found
}

fn read(path: &Path) -> Result<Vec<u8>, FilesError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BYTES).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| FilesError::from_io(path, error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use piaoxia_gateway::SimConnector;
    use piaoxia_service::contract::SandboxSize;

    use super::*;

    #[test]
    fn the_folder_is_read_and_what_is_no_certificate_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(trusted(dir.path()), (Trust::default(), Vec::new()), "no folder");
        // The sandbox's root is a certificate as good as any.
        let state = dir.path().join("gateway");
        let _made = SimConnector::open(SandboxSize { seed: 7, invoices: 1 }, Some(&state));
        let root = SimConnector::root_certificate(&state).unwrap();
        let folder = dir.path().join(FOLDER);
        fs::create_dir_all(folder.join("folder.cer")).unwrap();
        fs::write(folder.join("b.CER"), &root).unwrap();
        fs::write(folder.join("a.pem"), b"words").unwrap();
        fs::write(folder.join("c.crt"), vec![0x30; 1 << 21]).unwrap();
        fs::write(folder.join("readme.txt"), b"words").unwrap();
        let (trust, refused) = trusted(dir.path());
        assert_eq!(trust.len(), 1);
        let told: Vec<_> = refused.iter().map(|one| (one.file.as_str(), one.fault)).collect();
        let expected = [
            ("a.pem", RefusedBecause::Certificate(TrustFault::NoCertificate)),
            ("c.crt", RefusedBecause::Certificate(TrustFault::TooLarge)),
        ];
        assert_eq!(told, expected);
        assert_eq!(SimConnector::root_certificate(dir.path()), None, "no sandbox was started there");
    }
}
