//! A library with the functions of GM/T 0016, for tests: the sandbox's disk behind them, with a real key. The name of a device says what is
//! wrong with it. Counters lie in the folder that is the process's first argument, so that they outlast a crash; a file `owner` there, of two
//! lines, says whose disk it is.
#![expect(unsafe_code, reason = "a C interface; callers keep to GM/T 0016")]
#![allow(clippy::unwrap_used, reason = "it is for tests")]
#![allow(clippy::missing_safety_doc, reason = "the standard says it")]

use std::ffi::{CStr, c_char, c_void};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, ptr, thread};

use piaoxia_taxdisk::sim::{Authority, SimDisk, SimIdentity, SimState};

type Handle = *mut c_void;

const DEVICES: [&str; 9] =
    ["good", "hangs", "crashes", "hangs verifying", "crashes verifying", "another key", "no certificate", "in use", "number 200"];

const OWNER: &str = "票匣测试（北京）有限公司\n91310115MA1K35JX4G";

const OK: u32 = 0;
const NOT_SUPPORTED: u32 = 0x0A00_0003;
const PARAMETER: u32 = 0x0A00_0006;
const NO_CERTIFICATE: u32 = 0x0A00_001C;
const SMALL: u32 = 0x0A00_0020;
const REMOVED: u32 = 0x0A00_0023;
const WRONG_PASSWORD: u32 = 0x0A00_0024;
const LOCKED: u32 = 0x0A00_0025;
const NOT_VERIFIED: u32 = 0x0A00_002D;
const BUSY: u32 = 0x0A00_0001;

struct Open {
    name: String,
    disk: SimDisk,
}

static OPEN: Mutex<Option<Open>> = Mutex::new(None);

fn open() -> MutexGuard<'static, Option<Open>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn state_file(name: &str) -> PathBuf {
    PathBuf::from(std::env::args().nth(1).unwrap()).join(name)
}

fn make(name: &str, seed: u64) -> SimDisk {
    let owner = fs::read_to_string(state_file("owner")).unwrap_or_else(|_| OWNER.to_owned());
    let (company, tax_number) = owner.split_once('\n').unwrap();
    let identity = SimIdentity {
        serial: format!("1990{:08}", DEVICES.iter().position(|device| *device == name).unwrap_or_default()),
        company: company.to_owned(),
        tax_number: tax_number.to_owned(),
        not_before: "2024-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2034-01-01T00:00:00Z".parse().unwrap(),
    };
    let state: SimState = fs::read_to_string(state_file(name)).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let mut disk = SimDisk::new(&Authority::new(seed).unwrap(), &identity, state).unwrap();
    let aid = [0xD1, 0x56, 0x00, 0x00, 0x50, 0x58, 0x54, 0x41, 0x58, 0x01];
    disk.answer(&[&[0, 0xA4, 4, 0, 10][..], &aid].concat());
    disk
}

/// Gives a list of names as the standard has it: first its size, then the list.
unsafe fn give(names: &[&str], list: *mut c_char, size: *mut u32) -> u32 {
    let bytes: Vec<u8> = names.iter().flat_map(|name| name.bytes().chain([0])).chain([0]).collect();
    unsafe { give_bytes(&bytes, list.cast(), size) }
}

unsafe fn give_bytes(bytes: &[u8], into: *mut u8, size: *mut u32) -> u32 {
    unsafe {
        let room = *size as usize;
        *size = bytes.len() as u32;
        if into.is_null() {
            return OK;
        }
        if room < bytes.len() {
            return SMALL;
        }
        ptr::copy_nonoverlapping(bytes.as_ptr(), into, bytes.len());
    }
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_EnumDev(_present: i32, list: *mut c_char, size: *mut u32) -> u32 {
    // Libraries write where they please.
    std::io::stdout().write_all(b"SKF test library: ").unwrap();
    let names: &[&str] = if state_file("pulled out").exists() { &[] } else { &DEVICES };
    unsafe { give(names, list, size) }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_ConnectDev(name: *const c_char, device: *mut Handle) -> u32 {
    let name = unsafe { CStr::from_ptr(name) }.to_str().unwrap().to_owned();
    match name.as_str() {
        "hangs" => thread::sleep(Duration::from_secs(600)),
        "crashes" => std::process::abort(),
        "number 200" => return 200,
        name if !DEVICES.contains(&name) => return REMOVED,
        _ => {}
    }
    let disk = make(&name, 1);
    *open() = Some(Open { name, disk });
    unsafe { *device = ptr::without_provenance_mut(1) };
    OK
}

#[unsafe(no_mangle)]
pub extern "system" fn SKF_DisConnectDev(_device: Handle) -> u32 {
    *open() = None;
    OK
}

#[unsafe(no_mangle)]
pub extern "system" fn SKF_LockDev(_device: Handle, _milliseconds: u32) -> u32 {
    match open().as_ref().map(|open| open.name.as_str()) {
        Some("in use") => BUSY,
        Some("another key") => NOT_SUPPORTED,
        _ => OK,
    }
}

#[unsafe(no_mangle)]
pub extern "system" fn SKF_UnlockDev(_device: Handle) -> u32 {
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_GetDevInfo(_device: Handle, info: *mut u8) -> u32 {
    let open = open();
    let Some(open) = open.as_ref() else { return REMOVED };
    let serial = format!("1990{:08}", DEVICES.iter().position(|device| *device == open.name).unwrap());
    unsafe { ptr::copy_nonoverlapping(serial.as_ptr(), info.add(162), serial.len()) };
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_EnumApplication(_device: Handle, list: *mut c_char, size: *mut u32) -> u32 {
    unsafe { give(&["EMPTY", "TAX"], list, size) }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_OpenApplication(_device: Handle, name: *const c_char, application: *mut Handle) -> u32 {
    let is_empty = unsafe { CStr::from_ptr(name) } == c"EMPTY";
    unsafe { *application = ptr::without_provenance_mut(if is_empty { 2 } else { 3 }) };
    OK
}

#[unsafe(no_mangle)]
pub extern "system" fn SKF_CloseApplication(_application: Handle) -> u32 {
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_EnumContainer(application: Handle, list: *mut c_char, size: *mut u32) -> u32 {
    let names: &[&str] = if application.addr() == 2 { &[] } else { &["SM2CONTAINER0001", "SM2CONTAINER0002"] };
    unsafe { give(names, list, size) }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_OpenContainer(_application: Handle, name: *const c_char, container: *mut Handle) -> u32 {
    let is_second = unsafe { CStr::from_ptr(name) } == c"SM2CONTAINER0002";
    unsafe { *container = ptr::without_provenance_mut(if is_second { 5 } else { 4 }) };
    OK
}

#[unsafe(no_mangle)]
pub extern "system" fn SKF_CloseContainer(_container: Handle) -> u32 {
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_ExportCertificate(container: Handle, sign: i32, bytes: *mut u8, size: *mut u32) -> u32 {
    let open = open();
    let Some(open) = open.as_ref() else { return REMOVED };
    if container.addr() != 5 || sign != 1 || open.name == "no certificate" {
        return NO_CERTIFICATE;
    }
    let other = make(&open.name, 2);
    let certificate = if open.name == "another key" { other.certificate() } else { open.disk.certificate() };
    unsafe { give_bytes(certificate, bytes, size) }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_GetPINInfo(_application: Handle, user: u32, most: *mut u32, left: *mut u32, default: *mut i32) -> u32 {
    let open = open();
    let Some(open) = open.as_ref() else { return REMOVED };
    if user != 1 {
        return PARAMETER;
    }
    unsafe {
        *most = u32::from(open.disk.state().most);
        *left = u32::from(open.disk.state().left);
        *default = 0;
    }
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_VerifyPIN(application: Handle, user: u32, pin: *const c_char, left: *mut u32) -> u32 {
    let mut open = open();
    let Some(open) = open.as_mut() else { return REMOVED };
    if user != 1 || application.addr() != 3 {
        return PARAMETER;
    }
    let pin = unsafe { CStr::from_ptr(pin) }.to_bytes();
    let answer = open.disk.answer(&[&[0, 0x20, 0, 1, pin.len() as u8], pin].concat());
    fs::write(state_file(&open.name), serde_json::to_vec(open.disk.state()).unwrap()).unwrap();
    match open.name.as_str() {
        "hangs verifying" => thread::sleep(Duration::from_secs(600)),
        "crashes verifying" => std::process::abort(),
        _ => {}
    }
    unsafe { *left = u32::from(open.disk.state().left) };
    match (answer.as_slice(), open.disk.state().left) {
        ([0x90, 0], _) => OK,
        (_, 0) => LOCKED,
        _ => WRONG_PASSWORD,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_ECCSignData(_container: Handle, data: *const u8, length: u32, blob: *mut u8) -> u32 {
    let mut open = open();
    let Some(open) = open.as_mut() else { return REMOVED };
    let data = unsafe { std::slice::from_raw_parts(data, length as usize) };
    let answer = open.disk.answer(&[&[0x80, 0x74, 0, 1, length as u8][..], data].concat());
    match answer.split_at_checked(64) {
        Some((signature, [0x90, 0])) => {
            for (place, half) in [32, 96].into_iter().zip(signature.chunks(32)) {
                unsafe { ptr::copy_nonoverlapping(half.as_ptr(), blob.add(place), 32) };
            }
            OK
        }
        _ => NOT_VERIFIED,
    }
}
