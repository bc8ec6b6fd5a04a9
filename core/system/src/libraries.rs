//! Where the libraries of this process come from. On Windows a file `winscard.dll` in the folder of the program, be it Downloads or a
//! stick, would be loaded in place of the system's.

use std::path::{Path, PathBuf};

/// Libraries that are loaded from now on come from the system's folder alone, unless they are named by their whole path. Those that
/// the executable itself names were loaded before; for them the executable says the same in its own head (Windows 10 1607 and later).
/// Does nothing where no folder of the program is looked into: on every system but Windows.
pub fn from_the_system_alone() {
    #[cfg(windows)]
    platform::from_the_system_alone();
}

/// Libraries in this folder that an older Windows would load in place of its own. Always none on other systems.
#[must_use]
pub fn lying_beside(folder: &Path) -> Vec<PathBuf> {
    if cfg!(windows) { with_a_known_name(folder) } else { Vec::new() }
}

/// The libraries that the executable names, and those that they name or that are loaded by name later, unless Windows knows them by
/// heart (`KnownDLLs`).
const NAMES: [&str; 27] = [
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "cfgmgr32.dll",
    "crypt32.dll",
    "cryptbase.dll",
    "cryptsp.dll",
    "d3d12.dll",
    "d3dcompiler_47.dll",
    "dbghelp.dll",
    "dpapi.dll",
    "dwmapi.dll",
    "dwrite.dll",
    "dxcore.dll",
    "dxgi.dll",
    "glu32.dll",
    "iphlpapi.dll",
    "mswsock.dll",
    "ncrypt.dll",
    "opengl32.dll",
    "profapi.dll",
    "propsys.dll",
    "secur32.dll",
    "uiautomationcore.dll",
    "userenv.dll",
    "uxtheme.dll",
    "version.dll",
    "winscard.dll",
];

fn with_a_known_name(folder: &Path) -> Vec<PathBuf> {
    // A folder that cannot be listed can hardly be loaded from.
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let named = entries.flatten().map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
        name.is_some_and(|name| NAMES.contains(&&*name))
    });
    let mut found: Vec<_> = named.collect();
    found.sort();
    found
}

#[cfg(windows)]
#[expect(unsafe_code, reason = "the search order is set by kernel32.dll and by a structure in the executable's head")]
mod platform {
    use std::mem::size_of;

    use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, SetDllDirectoryW};

    /// Windows 7 without its updates of 2011 does not have it, so it is asked for by name.
    type SetDefaultDllDirectories = unsafe extern "system" fn(u32) -> i32;

    pub(super) fn from_the_system_alone() {
        let kernel: Vec<u16> = "kernel32.dll\0".encode_utf16().collect();
        let set = |flags| {
            // SAFETY: the name ends with a zero; kernel32.dll is in every process and never leaves it.
            let function = unsafe { GetProcAddress(GetModuleHandleW(kernel.as_ptr()), c"SetDefaultDllDirectories".as_ptr().cast()) };
            // SAFETY: this is its signature (libloaderapi.h).
            function.is_some_and(|function| unsafe {
                std::mem::transmute::<unsafe extern "system" fn() -> isize, SetDefaultDllDirectories>(function)(flags) != 0
            })
        };
        // SAFETY: an empty name takes the current folder out of the search.
        let without_current = unsafe { SetDllDirectoryW([0].as_ptr()) != 0 };
        if !set(LOAD_LIBRARY_SEARCH_SYSTEM32) || !without_current {
            tracing::warn!("this Windows looks for libraries in the program's folder first");
        }
    }

    /// `IMAGE_LOAD_CONFIG_DIRECTORY64` (winnt.h) up to the field that is wanted here and the alignment after it. Microsoft's linker writes
    /// its address into the executable's head by its name; for GNU's the release tool does, which finds it by `mark`.
    #[repr(C)]
    struct LoadConfig {
        size: u32,
        mark: [u8; 4],
        unused: [u32; 17],
        csd_version: u16,
        dependent_load_flags: u16,
        edit_list: u64,
        security_cookie: u64,
        se_handlers: [u64; 2],
    }

    const _: () = assert!(size_of::<LoadConfig>() == 112 && std::mem::offset_of!(LoadConfig, dependent_load_flags) == 78);

    #[used]
    #[unsafe(no_mangle)]
    static _load_config_used: LoadConfig = LoadConfig {
        size: size_of::<LoadConfig>() as u32,
        mark: *b"PXLC",
        unused: [0; 17],
        csd_version: 0,
        dependent_load_flags: LOAD_LIBRARY_SEARCH_SYSTEM32 as u16,
        edit_list: 0,
        security_cookie: 0,
        se_handlers: [0; 2],
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_planted_library_is_seen_in_any_case_and_another_is_none_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["WinSCard.DLL", "a.dll", "winscard.dll.txt", "version.dll"] {
            std::fs::write(folder.path().join(name), b"MZ").unwrap();
        }
        let names: Vec<_> = with_a_known_name(folder.path()).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["WinSCard.DLL", "version.dll"]);
        assert!(with_a_known_name(&folder.path().join("none")).is_empty());
    }
}
