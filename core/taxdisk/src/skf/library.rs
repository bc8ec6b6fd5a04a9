//! The functions of GM/T 0016 that are needed. This is the only place that calls somebody else's code, and it runs in the helper process.
#![expect(unsafe_code, reason = "a C interface; every pointer is to a buffer of this file that outlives the call")]

use std::ffi::{CString, c_char, c_void};
use std::path::Path;

use libloading::Library as Loaded;
use zeroize::Zeroizing;

use super::wire::Facts;
use crate::code::DeviceCode;
use crate::disk::Tries;
use crate::error::{Damage, DiskError, LibraryFault, Result};

type Handle = *mut c_void;
/// ULONG and BOOL have 32 bits (GM/T 0016, clause 6.1).
type Code = u32;

/// A ULONG that a library writes. Some take the standard's name for C's `unsigned long`, so there is room for 64 bits, of which the lower
/// half counts.
struct Number([u32; 2]);

impl Number {
    fn new(number: u32) -> Self {
        Self([number, 0])
    }

    fn place(&mut self) -> *mut u32 {
        self.0.as_mut_ptr()
    }

    fn get(&self) -> u32 {
        // Every system that this runs on is little-endian.
        self.0.first().copied().unwrap_or_default()
    }
}

type Enumerate = unsafe extern "system" fn(i32, *mut c_char, *mut u32) -> Code;
type EnumerateIn = unsafe extern "system" fn(Handle, *mut c_char, *mut u32) -> Code;
type Connect = unsafe extern "system" fn(*const c_char, *mut Handle) -> Code;
type OpenIn = unsafe extern "system" fn(Handle, *const c_char, *mut Handle) -> Code;
type Close = unsafe extern "system" fn(Handle) -> Code;
type DeviceInfo = unsafe extern "system" fn(Handle, *mut u8) -> Code;
type Lock = unsafe extern "system" fn(Handle, u32) -> Code;
type PinInfo = unsafe extern "system" fn(Handle, u32, *mut u32, *mut u32, *mut i32) -> Code;
type VerifyPin = unsafe extern "system" fn(Handle, u32, *const c_char, *mut u32) -> Code;
type ExportCertificate = unsafe extern "system" fn(Handle, i32, *mut u8, *mut u32) -> Code;
type EccSign = unsafe extern "system" fn(Handle, *const u8, u32, *mut u8) -> Code;

/// USER_TYPE.
const USER: u32 = 1;
/// Longest list of names, bytes.
const NAMES_BYTES: usize = 8 * 1024;
/// Most names of a list.
const NAMES: usize = 64;
/// Room for a certificate.
const CERTIFICATE_BYTES: usize = 16 * 1024;
/// DEVINFO has about 300 bytes, packed or not, and vendors' versions of it grow at the end.
const INFO_BYTES: usize = 2_048;
/// Where the serial number is in DEVINFO: behind a version, a maker, an issuer and a label.
const SERIAL: std::ops::Range<usize> = 162..194;
/// ECCSIGNATUREBLOB: r and s, 64 bytes each, the number at the end.
const SIGNATURE_BYTES: usize = 128;
/// How long is waited for another program's lock, milliseconds.
const LOCK_MILLISECONDS: u32 = 2_000;

/// A library that is loaded.
pub(super) struct Library {
    functions: Functions,
    open: Option<Open>,
    /// Last, so that it is unloaded last.
    _loaded: Loaded,
}

struct Functions {
    enumerate: Enumerate,
    connect: Connect,
    disconnect: Close,
    info: DeviceInfo,
    enumerate_applications: EnumerateIn,
    open_application: OpenIn,
    close_application: Close,
    pin_info: PinInfo,
    verify_pin: VerifyPin,
    enumerate_containers: EnumerateIn,
    open_container: OpenIn,
    close_container: Close,
    export_certificate: ExportCertificate,
    sign: EccSign,
    /// Not every library has a lock.
    lock: Option<(Lock, Close)>,
}

/// Handles of a device that is open. All are this library's.
struct Open {
    device: Handle,
    application: Option<Handle>,
    container: Option<Handle>,
    locked: bool,
}

impl Library {
    /// Loads a library and looks its functions up.
    pub fn load(path: &Path) -> Result<Self, LibraryFault> {
        // SAFETY: what the library does while it is loaded is not known; that is why this is a process of its own.
        let loaded = unsafe { open(path) }.map_err(|error| LibraryFault::NotLoaded(error.to_string()))?;
        Ok(Self { functions: Functions::of(&loaded)?, open: None, _loaded: loaded })
    }

    /// Names of the devices that are plugged in.
    pub fn devices(&self) -> Result<Vec<String>> {
        // SAFETY: `names` gives a buffer and its size.
        names(|list, size| unsafe { (self.functions.enumerate)(1, list, size) })
    }

    /// Opens a device, its first application with a container that has a signing certificate, and reads its facts.
    pub fn attach(&mut self, device: &str) -> Result<Facts> {
        self.detach();
        let name = text(device)?;
        let mut handle = std::ptr::null_mut();
        // SAFETY: a string that ends with 0, and room for a handle.
        done(unsafe { (self.functions.connect)(name.as_ptr(), &mut handle) })?;
        self.open = Some(Open { device: handle, application: None, container: None, locked: false });
        self.lock()?;
        let facts = self.find_container(handle);
        if facts.is_err() {
            self.detach();
        }
        facts
    }

    fn lock(&mut self) -> Result<()> {
        if let (Some((lock, _)), Some(open)) = (self.functions.lock, &mut self.open) {
            // SAFETY: a handle of this library.
            let code = unsafe { lock(open.device, LOCK_MILLISECONDS) };
            match done(code) {
                Err(DiskError::Device(code)) if code.meaning() == crate::Meaning::NotSupported => {}
                Err(DiskError::Device(_)) => return Err(DiskError::InUse),
                outcome => {
                    outcome?;
                    open.locked = true;
                }
            }
        }
        Ok(())
    }

    fn find_container(&mut self, device: Handle) -> Result<Facts> {
        let serial = self.serial(device)?;
        let functions = &self.functions;
        // SAFETY: a handle of this library; `names` gives a buffer and its size.
        let applications = names(|list, size| unsafe { (functions.enumerate_applications)(device, list, size) })?;
        for application in applications {
            // SAFETY: a handle of this library.
            let opened = unsafe { open_in(functions.open_application, device, &application) }?;
            if let Some(open) = &mut self.open {
                open.application = Some(opened);
            }
            // SAFETY: as above.
            let containers = names(|list, size| unsafe { (functions.enumerate_containers)(opened, list, size) })?;
            for container in containers {
                // SAFETY: as above.
                let handle = unsafe { open_in(functions.open_container, opened, &container) }?;
                match certificate(functions, handle) {
                    Ok(certificate) => {
                        if let Some(open) = &mut self.open {
                            open.container = Some(handle);
                        }
                        return Ok(Facts { serial, application, container, certificate });
                    }
                    // SAFETY: a handle of this library, used no more.
                    Err(_) => ignore(unsafe { (functions.close_container)(handle) }),
                }
            }
            // SAFETY: a handle of this library, used no more.
            ignore(unsafe { (functions.close_application)(opened) });
            if let Some(open) = &mut self.open {
                open.application = None;
            }
        }
        Err(DiskError::Device(DeviceCode(96)))
    }

    fn serial(&self, device: Handle) -> Result<String> {
        let mut info = vec![0; INFO_BYTES];
        // SAFETY: room for more than a DEVINFO.
        done(unsafe { (self.functions.info)(device, info.as_mut_ptr()) })?;
        let field = info.get(SERIAL).unwrap_or_default();
        let text: Vec<u8> = field.iter().copied().take_while(|byte| *byte != 0).collect();
        String::from_utf8(text).map_err(|_| DiskError::Damaged(Damage::Text))
    }

    /// Reads the counter.
    pub fn tries(&self) -> Result<Tries> {
        let application = self.application()?;
        let (mut most, mut left, mut default) = (Number::new(0), Number::new(0), [0, 0]);
        // SAFETY: a handle of this library, and room for three numbers.
        done(unsafe { (self.functions.pin_info)(application, USER, most.place(), left.place(), default.as_mut_ptr()) })?;
        Ok(counter(left.get()))
    }

    /// Sends the password.
    pub fn present(&self, password: &[u8]) -> Result<()> {
        let application = self.application()?;
        let mut ended = Zeroizing::new(password.to_vec());
        ended.push(0);
        // Not every library writes it.
        let mut left = Number::new(u32::MAX);
        // SAFETY: a handle of this library, a string that ends with 0, and room for a number.
        let code = unsafe { (self.functions.verify_pin)(application, USER, ended.as_ptr().cast(), left.place()) };
        if code == 0 { Ok(()) } else { Err(DiskError::of_code(DeviceCode(code), counter(left.get()))) }
    }

    /// Signs a digest: r and s, 32 bytes each.
    pub fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>> {
        let container = self.open.as_ref().and_then(|open| open.container).ok_or(DiskError::NotVerified)?;
        let mut blob = [0_u8; SIGNATURE_BYTES];
        // SAFETY: a handle of this library, 32 bytes in, 128 bytes out.
        done(unsafe { (self.functions.sign)(container, digest.as_ptr(), 32, blob.as_mut_ptr()) })?;
        let (r, s) = blob.split_at(SIGNATURE_BYTES / 2);
        Ok([r.get(32..).unwrap_or_default(), s.get(32..).unwrap_or_default()].concat())
    }

    /// Closes what is open.
    pub fn detach(&mut self) {
        let Some(open) = self.open.take() else { return };
        let functions = &self.functions;
        // SAFETY: handles of this library, used no more.
        unsafe {
            if let Some(container) = open.container {
                ignore((functions.close_container)(container));
            }
            if let Some(application) = open.application {
                ignore((functions.close_application)(application));
            }
            if let (true, Some((_, unlock))) = (open.locked, functions.lock) {
                ignore(unlock(open.device));
            }
            ignore((functions.disconnect)(open.device));
        }
    }

    fn application(&self) -> Result<Handle> {
        self.open.as_ref().and_then(|open| open.application).ok_or(DiskError::Removed)
    }
}

impl Functions {
    fn of(loaded: &Loaded) -> Result<Self, LibraryFault> {
        // SAFETY: the types are those of GM/T 0016, clause 7.
        unsafe {
            Ok(Self {
                enumerate: symbol(loaded, "SKF_EnumDev")?,
                connect: symbol(loaded, "SKF_ConnectDev")?,
                disconnect: symbol(loaded, "SKF_DisConnectDev")?,
                info: symbol(loaded, "SKF_GetDevInfo")?,
                enumerate_applications: symbol(loaded, "SKF_EnumApplication")?,
                open_application: symbol(loaded, "SKF_OpenApplication")?,
                close_application: symbol(loaded, "SKF_CloseApplication")?,
                pin_info: symbol(loaded, "SKF_GetPINInfo")?,
                verify_pin: symbol(loaded, "SKF_VerifyPIN")?,
                enumerate_containers: symbol(loaded, "SKF_EnumContainer")?,
                open_container: symbol(loaded, "SKF_OpenContainer")?,
                close_container: symbol(loaded, "SKF_CloseContainer")?,
                export_certificate: symbol(loaded, "SKF_ExportCertificate")?,
                sign: symbol(loaded, "SKF_ECCSignData")?,
                lock: symbol(loaded, "SKF_LockDev").ok().zip(symbol(loaded, "SKF_UnlockDev").ok()),
            })
        }
    }
}

#[cfg(not(windows))]
unsafe fn open(path: &Path) -> Result<Loaded, libloading::Error> {
    // SAFETY: the caller's.
    unsafe { Loaded::new(path) }
}

/// Libraries that this one needs are looked for beside it and in the system, and not in the folder that happens to be the current one.
#[cfg(windows)]
unsafe fn open(path: &Path) -> Result<Loaded, libloading::Error> {
    use libloading::os::windows::{LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR, LOAD_LIBRARY_SEARCH_SYSTEM32, Library as Windows};
    // SAFETY: the caller's.
    unsafe { Windows::load_with_flags(path, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32) }.map(Loaded::from)
}

/// A function of the library.
///
/// # Safety
/// `F` is the function's type.
unsafe fn symbol<F: Copy>(loaded: &Loaded, name: &str) -> Result<F, LibraryFault> {
    // SAFETY: the caller's.
    unsafe { loaded.get::<F>(name.as_bytes()) }.map(|function| *function).map_err(|_| LibraryFault::NoFunction(name.to_owned()))
}

/// Opens what has a name inside of something.
///
/// # Safety
/// `inside` is an open handle of the function's library.
unsafe fn open_in(function: OpenIn, inside: Handle, name: &str) -> Result<Handle> {
    let name = text(name)?;
    let mut handle = std::ptr::null_mut();
    // SAFETY: a string that ends with 0, and room for a handle; the rest is the caller's.
    done(unsafe { function(inside, name.as_ptr(), &mut handle) })?;
    Ok(handle)
}

fn certificate(functions: &Functions, container: Handle) -> Result<Vec<u8>> {
    let mut bytes = vec![0; CERTIFICATE_BYTES];
    let mut length = Number::new(CERTIFICATE_BYTES as u32);
    // SAFETY: a handle of this library, a buffer and its size. 1: the certificate of the signing key.
    done(unsafe { (functions.export_certificate)(container, 1, bytes.as_mut_ptr(), length.place()) })?;
    let length = usize::try_from(length.get()).unwrap_or(usize::MAX);
    if length == 0 || length > CERTIFICATE_BYTES {
        return Err(DiskError::Damaged(Damage::Certificate));
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// A counter that may be one; beyond that nothing is believed.
fn counter(left: u32) -> Tries {
    const MOST: u8 = 99;
    u8::try_from(left).ok().filter(|left| *left <= MOST).map_or(Tries::Unknown, Tries::of)
}

/// A list of names, each ending with 0 and the list with another one.
fn names(list: impl FnOnce(*mut c_char, *mut u32) -> Code) -> Result<Vec<String>> {
    let mut bytes = vec![0_u8; NAMES_BYTES + 2];
    let mut size = Number::new(NAMES_BYTES as u32);
    done(list(bytes.as_mut_ptr().cast(), size.place()))?;
    bytes
        .split(|byte| *byte == 0)
        .take_while(|name| !name.is_empty())
        .take(NAMES)
        .map(|name| String::from_utf8(name.to_vec()).map_err(|_| DiskError::Damaged(Damage::Text)))
        .collect()
}

fn text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| DiskError::Damaged(Damage::Text))
}

fn done(code: Code) -> Result<()> {
    if code == 0 { Ok(()) } else { Err(DiskError::of_code(DeviceCode(code), Tries::Unknown)) }
}

/// Closing may fail: what was to be closed is gone then.
fn ignore(_code: Code) {}
