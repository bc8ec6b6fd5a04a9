//! What a Windows executable of a release needs that the linker does not do (Microsoft, PE Format, "COFF File Header" and "The .idata
//! Section"). For the release tool, before the file is signed.

/// Bit of the file header: Windows copies a program that was started from a removable medium into its memory (`0x0400`), or from
/// the network (`0x0800`), before it runs. A stick that is pulled does not take the program's code with it then.
const RUN_FROM_SWAP: u16 = 0x0400 | 0x0800;
/// Windows 7 has no such library; what crates want of it is in the other one on every Windows.
const NEW_COM: &str = "combase.dll";
const OLD_COM: &str = "ole32.dll";
/// The functions for which that holds.
const OLD_COM_HAS: [&str; 8] = [
    "CLSIDFromProgID",
    "CoCreateFreeThreadedMarshaler",
    "CoCreateInstance",
    "CoInitializeEx",
    "CoTaskMemAlloc",
    "CoTaskMemFree",
    "CoTaskMemRealloc",
    "CoUninitialize",
];
/// Libraries that every Windows since 7 has in its own folder. Another one would have to lie beside the program.
const SYSTEM: [&str; 27] = [
    "advapi32.dll",
    "bcrypt.dll",
    "cfgmgr32.dll",
    "comctl32.dll",
    "comdlg32.dll",
    "crypt32.dll",
    "dwmapi.dll",
    "dwrite.dll",
    "dxgi.dll",
    "gdi32.dll",
    "imm32.dll",
    "kernel32.dll",
    "msvcrt.dll",
    "ncrypt.dll",
    "ntdll.dll",
    "ole32.dll",
    "oleaut32.dll",
    "opengl32.dll",
    "setupapi.dll",
    "shell32.dll",
    "shlwapi.dll",
    "uiautomationcore.dll",
    "user32.dll",
    "userenv.dll",
    "uxtheme.dll",
    "winscard.dll",
    "ws2_32.dll",
];

/// Places among the data directories.
const IMPORTS: usize = 1;
const LOAD_CONFIG: usize = 10;
/// Length, mark and wanted flag of the load configuration that `core/system` puts into the program.
const CONFIG_BYTES: u32 = 112;
const CONFIG_MARK: &[u8] = b"PXLC";
const LOAD_FLAGS: usize = 78;
const SEARCH_SYSTEM: u16 = 0x800;

/// Names that stand for parts of Windows 10; no file of such a name is looked for.
const API_SETS: &str = "api-ms-win-core-";

/// Why an executable cannot be prepared.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PeError {
    /// Not an executable of 64-bit Windows, or a damaged one.
    #[error("this is no 64-bit Windows executable")]
    NotOne,
    /// It would look for a library that no Windows has.
    #[error("it needs {0}, which is no part of Windows")]
    Library(String),
    /// Windows would look for its libraries in the program's folder: what says otherwise is missing, or there twice.
    #[error("nothing in it says that libraries come from the system's folder alone")]
    Planted,
}

/// A library that the executable names, in lower case, and what it wants of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// `kernel32.dll`.
    pub library: String,
    /// Functions by name; those by number are left out.
    pub functions: Vec<String>,
    /// Where the name stands in the file.
    at: usize,
}

/// What became of an executable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// What it names.
    pub imports: Vec<Import>,
    /// What keeps it from running on Windows 7 and 8; nothing does when this is empty.
    pub windows_10: Vec<String>,
}

/// Makes an executable one that runs from a stick, and on Windows 7 if nothing in it needs a newer one.
///
/// # Errors
/// [`PeError`]; nothing is changed then.
pub fn prepare(executable: &mut [u8]) -> Result<Prepared, PeError> {
    let image = Image::of(executable)?;
    let config = image.load_config()?;
    let (characteristics, checksum, directory) = (image.characteristics_at(), image.checksum_at(), image.directory_at(LOAD_CONFIG));
    let flags = image.u16(characteristics)? | RUN_FROM_SWAP;
    let mut imports = image.imports()?;
    let (mut renamed, mut windows_10) = (Vec::new(), Vec::new());
    for import in &mut imports {
        match import.library.as_str() {
            NEW_COM => {
                let newer: Vec<_> = import.functions.iter().filter(|name| !OLD_COM_HAS.contains(&&***name)).cloned().collect();
                if newer.is_empty() {
                    OLD_COM.clone_into(&mut import.library);
                    renamed.push(import.at);
                }
                windows_10.extend(newer);
            }
            library if library.starts_with(API_SETS) => windows_10.push(library.to_owned()),
            library if SYSTEM.contains(&library) => {}
            library => return Err(PeError::Library(library.to_owned())),
        }
    }
    write(executable, characteristics, &flags.to_le_bytes());
    write(executable, directory, &config.to_le_bytes());
    write(executable, directory + 4, &CONFIG_BYTES.to_le_bytes());
    // Windows looks at it for drivers alone.
    write(executable, checksum, &[0; 4]);
    let mut name = OLD_COM.as_bytes().to_vec();
    name.resize(NEW_COM.len(), 0);
    for at in renamed {
        write(executable, at, &name);
    }
    Ok(Prepared { imports, windows_10 })
}

fn write(bytes: &mut [u8], at: usize, what: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + what.len()) {
        place.copy_from_slice(what);
    }
}

/// A read executable.
struct Image<'a> {
    bytes: &'a [u8],
    /// Where the file header starts, after the signature.
    header: usize,
    /// (address in memory, length, place in the file).
    sections: Vec<(u32, u32, u32)>,
}

/// Sizes of PE32+: file header, fixed part of the optional header, a section header, an import descriptor.
const FILE_HEADER: usize = 20;
const OPTIONAL_FIXED: usize = 112;
const SECTION: usize = 40;
const DESCRIPTOR: usize = 20;
/// More imports than any executable has; a damaged one ends here.
const MOST: usize = 10_000;

impl<'a> Image<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, PeError> {
        let mut image = Self { bytes, header: 0, sections: Vec::new() };
        let start = image.u32(0x3c)? as usize;
        if bytes.get(..2) != Some(b"MZ") || bytes.get(start..start + 4) != Some(b"PE\0\0") {
            return Err(PeError::NotOne);
        }
        image.header = start + 4;
        if image.u16(image.optional())? != 0x20b {
            return Err(PeError::NotOne);
        }
        let (count, optional) = (image.u16(image.header + 2)?, usize::from(image.u16(image.header + 16)?));
        for index in 0..usize::from(count) {
            let at = image.optional() + optional + index * SECTION;
            image.sections.push((image.u32(at + 12)?, image.u32(at + 8)?.max(image.u32(at + 16)?), image.u32(at + 20)?));
        }
        Ok(image)
    }

    fn optional(&self) -> usize {
        self.header + FILE_HEADER
    }

    fn characteristics_at(&self) -> usize {
        self.header + 18
    }

    fn checksum_at(&self) -> usize {
        self.optional() + 64
    }

    /// Where an entry of the data directories stands: 1 imports, 10 load configuration.
    fn directory_at(&self, index: usize) -> usize {
        self.optional() + OPTIONAL_FIXED + index * 8
    }

    /// Address of the load configuration whose `DependentLoadFlags` hold `LOAD_LIBRARY_SEARCH_SYSTEM32`, see `core/system`. GNU's linker
    /// does not know it, so it is found by its mark.
    fn load_config(&self) -> Result<u32, PeError> {
        let head: Vec<u8> = [&CONFIG_BYTES.to_le_bytes()[..], CONFIG_MARK].concat();
        let mut found = memchr::memmem::find_iter(self.bytes, &head);
        let (Some(at), None) = (found.next(), found.next()) else { return Err(PeError::Planted) };
        if self.u16(at + LOAD_FLAGS)? & SEARCH_SYSTEM == 0 {
            return Err(PeError::Planted);
        }
        self.address(at)
    }

    /// The address in memory of a place in the file.
    fn address(&self, at: usize) -> Result<u32, PeError> {
        let at = u32::try_from(at).map_err(|_| PeError::NotOne)?;
        let inside = self.sections.iter().find(|(_, length, place)| at.checked_sub(*place).is_some_and(|into| into < *length));
        let (start, _, place) = inside.ok_or(PeError::NotOne)?;
        start.checked_add(at - place).ok_or(PeError::NotOne)
    }

    fn imports(&self) -> Result<Vec<Import>, PeError> {
        let mut imports = Vec::new();
        let mut at = self.place(self.u32(self.directory_at(IMPORTS))?)?;
        while imports.len() < MOST {
            let (names, name, addresses) = (self.u32(at)?, self.u32(at + 12)?, self.u32(at + 16)?);
            if name == 0 {
                return Ok(imports);
            }
            let place = self.place(name)?;
            let functions = self.functions(if names == 0 { addresses } else { names })?;
            imports.push(Import { library: self.text(place)?.to_ascii_lowercase(), functions, at: place });
            at += DESCRIPTOR;
        }
        Err(PeError::NotOne)
    }

    fn functions(&self, table: u32) -> Result<Vec<String>, PeError> {
        let (mut at, mut names) = (self.place(table)?, Vec::new());
        for _ in 0..MOST {
            let (low, high) = (self.u32(at)?, self.u32(at + 4)?);
            if (low, high) == (0, 0) {
                return Ok(names);
            }
            // The highest bit: by number.
            if high >> 31 == 0 {
                names.push(self.text(self.place(low)? + 2)?.to_owned());
            }
            at += 8;
        }
        Err(PeError::NotOne)
    }

    /// Where an address lies in the file.
    fn place(&self, address: u32) -> Result<usize, PeError> {
        let inside = self.sections.iter().find(|(start, length, _)| address.checked_sub(*start).is_some_and(|into| into < *length));
        let (start, _, place) = inside.ok_or(PeError::NotOne)?;
        place.checked_add(address - start).map(|at| at as usize).ok_or(PeError::NotOne)
    }

    fn text(&self, at: usize) -> Result<&'a str, PeError> {
        let rest = self.bytes.get(at..).ok_or(PeError::NotOne)?;
        let name = rest.iter().take(256).position(|byte| *byte == 0).and_then(|end| rest.get(..end)).ok_or(PeError::NotOne)?;
        std::str::from_utf8(name).map_err(|_| PeError::NotOne)
    }

    fn u16(&self, at: usize) -> Result<u16, PeError> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Result<u32, PeError> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], PeError> {
        let end = at.checked_add(N).ok_or(PeError::NotOne)?;
        self.bytes.get(at..end).and_then(|bytes| bytes.try_into().ok()).ok_or(PeError::NotOne)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    /// An executable of one section at address 0x1000, whose imports are those given.
    fn executable(imports: &[(&str, &[&str])], flags: u16) -> Vec<u8> {
        const DATA: usize = 0x200;
        const BASE: usize = 0x1000;
        let mut file = vec![0; DATA + 0x2000];
        let put = |file: &mut Vec<u8>, at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
        put(&mut file, 0, b"MZ");
        put(&mut file, 0x3c, &0x40_u32.to_le_bytes());
        put(&mut file, 0x40, b"PE\0\0");
        put(&mut file, 0x46, &1_u16.to_le_bytes());
        put(&mut file, 0x54, &240_u16.to_le_bytes());
        put(&mut file, 0x56, &0x22_u16.to_le_bytes());
        put(&mut file, 0x58, &0x20b_u16.to_le_bytes());
        put(&mut file, 0x58 + 64, &[9; 4]);
        put(&mut file, 0x58 + 112 + 8, &(BASE as u32).to_le_bytes());
        let section = 0x58 + 240;
        for (at, value) in [(8, 0x2000), (12, BASE), (16, 0x2000), (20, DATA)] {
            put(&mut file, section + at, &(value as u32).to_le_bytes());
        }
        put(&mut file, DATA + 0x1f00, &CONFIG_BYTES.to_le_bytes());
        put(&mut file, DATA + 0x1f04, CONFIG_MARK);
        put(&mut file, DATA + 0x1f00 + LOAD_FLAGS, &flags.to_le_bytes());
        let mut free = 0x400;
        for (index, (library, functions)) in imports.iter().enumerate() {
            let (table, descriptor) = (free, DATA + index * DESCRIPTOR);
            free += (functions.len() + 1) * 8;
            put(&mut file, descriptor, &((BASE + table) as u32).to_le_bytes());
            put(&mut file, descriptor + 12, &((BASE + free) as u32).to_le_bytes());
            put(&mut file, DATA + free, library.as_bytes());
            free += library.len() + 1;
            for (nth, function) in functions.iter().enumerate() {
                put(&mut file, DATA + table + nth * 8, &((BASE + free) as u64).to_le_bytes());
                put(&mut file, DATA + free + 2, function.as_bytes());
                free += function.len() + 3;
            }
        }
        file
    }

    #[test]
    fn a_release_runs_from_a_stick_and_on_windows_7() {
        let mut file = executable(&[("KERNEL32.dll", &["Sleep"]), ("combase.dll", &["CoTaskMemFree"])], 0x800);
        let Prepared { imports, windows_10 } = prepare(&mut file).unwrap();
        assert!(windows_10.is_empty());
        assert_eq!(imports.iter().map(|import| &*import.library).collect::<Vec<_>>(), ["kernel32.dll", "ole32.dll"]);
        assert_eq!(imports[0].functions, ["Sleep"]);
        let again = Image::of(&file).unwrap();
        assert_eq!(again.u16(again.characteristics_at()), Ok(0x22 | RUN_FROM_SWAP));
        assert_eq!(again.u32(again.checksum_at()), Ok(0));
        assert_eq!(again.imports().unwrap()[1].library, "ole32.dll");
        assert_eq!(again.u32(again.directory_at(LOAD_CONFIG)), Ok(0x2f00));
        assert_eq!(again.u32(again.directory_at(LOAD_CONFIG) + 4), Ok(CONFIG_BYTES));
    }

    #[test]
    fn what_needs_a_newer_windows_is_told() {
        let mut file = executable(&[("combase.dll", &["RoGetAgileReference"]), ("api-ms-win-core-path-l1-1-0.dll", &["x"])], 0x800);
        let prepared = prepare(&mut file).unwrap();
        assert_eq!(prepared.windows_10, ["RoGetAgileReference", "api-ms-win-core-path-l1-1-0.dll"]);
        assert_eq!(prepared.imports[0].library, "combase.dll", "what the old one lacks is not asked of it");
    }

    #[test]
    fn what_would_not_run_everywhere_is_refused_and_left_alone() {
        for (imports, flags, fault) in [
            (&[("libgcc_s_seh-1.dll", &["x"][..])], 0x800, PeError::Library("libgcc_s_seh-1.dll".into())),
            (&[("kernel32.dll", &["Sleep"][..])], 0, PeError::Planted),
        ] {
            let mut file = executable(imports, flags);
            let before = file.clone();
            assert_eq!(prepare(&mut file), Err(fault));
            assert!(file == before);
        }
    }

    #[test]
    fn a_damaged_file_is_no_executable_and_no_panic() {
        let whole = executable(&[("kernel32.dll", &["Sleep"])], 0x800);
        for end in 0..whole.len() {
            if let Err(error) = prepare(&mut whole[..end].to_vec()) {
                assert!(matches!(error, PeError::NotOne | PeError::Planted), "{end}: {error}");
            }
        }
        for at in 0..0x200 {
            for value in [0, 0x7f, 0xff] {
                let mut file = whole.clone();
                file[at] = value;
                drop(prepare(&mut file));
            }
        }
    }
}
