//! The authorities whose disks a service lets in: a folder with their certificates.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use piaoxia_seals::Trust;

/// Names of the files that are read end so.
const EXTENSIONS: [&str; 4] = ["cer", "crt", "der", "pem"];
/// Most files that are read.
const FILES: usize = 512;
/// Bytes of a file that are read: one more than a trust store takes, so that it refuses what is larger.
const BYTES: u64 = (1 << 20) + 1;

/// Reads a folder of certificates (.cer, .crt, .der, .pem; SM2).
///
/// # Errors
/// What is wrong, with the name of the file: whoever set the folder up wants all of it to count.
pub(crate) fn read(folder: &Path) -> Result<Trust, String> {
    let told = |path: &Path, error: &dyn std::fmt::Display| format!("disk_roots: {}: {error}", path.display());
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| told(folder, &error))? {
        let path = entry.map_err(|error| told(folder, &error))?.path();
        if is_named(&path) {
            files.push(path);
        }
    }
    if files.len() > FILES {
        return Err(told(folder, &format!("more than {FILES} files")));
    }
    files.sort();
    let mut contents = Vec::new();
    for path in &files {
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(BYTES).read_to_end(&mut bytes)).map_err(|error| told(path, &error))?;
        contents.push(bytes);
    }
    let (trust, refused) = Trust::from_certificates(contents.iter().map(Vec::as_slice));
    match refused.into_iter().find_map(|(place, fault)| Some(told(files.get(place)?, &fault))) {
        Some(fault) => Err(fault),
        None if trust.is_empty() => Err(told(folder, &"no certificate in it")),
        None => Ok(trust),
    }
}

fn is_named(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}
