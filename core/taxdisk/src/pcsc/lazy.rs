//! The functions of libpcsclite, loaded when they are first called. Linked against, the library would have to be installed for the program
//! to start; like this, a PC without it is one without a card service. The names are those that the crate `pcsc` declares
//! (`.cargo/config.toml` keeps it from linking them itself).
#![expect(unsafe_code, reason = "a C interface that is passed on as it is")]

use std::ffi::{c_char, c_void};
use std::sync::OnceLock;

use libloading::Library;
use pcsc::ffi::{DWORD, LONG, SCARD_E_NO_SERVICE, SCARD_IO_REQUEST, SCARD_READERSTATE, SCARDCONTEXT, SCARDHANDLE};

/// Its name has not changed since 2004.
const LIBRARY: &str = "libpcsclite.so.1";
/// Length of a header of protocol information.
const HEADER: DWORD = size_of::<SCARD_IO_REQUEST>() as DWORD;

static LOADED: OnceLock<Option<Library>> = OnceLock::new();

fn library() -> Option<&'static Library> {
    // SAFETY: the system's own library; it does nothing when it is loaded.
    let load = || unsafe { Library::new(LIBRARY) }.inspect_err(|error| tracing::info!(%error, "no card service is installed")).ok();
    LOADED.get_or_init(load).as_ref()
}

/// Whether there is a library to call. Every way to a card asks first, so that these functions are linked before any library.
pub(super) fn is_installed() -> bool {
    library().is_some()
}

macro_rules! pass_on {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "system" fn $name($($argument: $type),*) -> LONG {
            type Function = unsafe extern "system" fn($($type),*) -> LONG;
            // SAFETY: the type is that of PC/SC, part 5, as winscard.h has it.
            let function = library().and_then(|library| unsafe { library.get::<Function>(stringify!($name).as_bytes()) }.ok());
            // SAFETY: the caller's.
            function.map_or(SCARD_E_NO_SERVICE, |function| unsafe { function($($argument),*) })
        }
    )*};
}

pass_on! {
    SCardEstablishContext(scope: DWORD, reserved: *const c_void, also: *const c_void, context: *mut SCARDCONTEXT);
    SCardReleaseContext(context: SCARDCONTEXT);
    SCardIsValidContext(context: SCARDCONTEXT);
    SCardCancel(context: SCARDCONTEXT);
    SCardConnect(context: SCARDCONTEXT, reader: *const c_char, share: DWORD, protocols: DWORD, card: *mut SCARDHANDLE, protocol: *mut DWORD);
    SCardReconnect(card: SCARDHANDLE, share: DWORD, protocols: DWORD, initialization: DWORD, protocol: *mut DWORD);
    SCardDisconnect(card: SCARDHANDLE, disposition: DWORD);
    SCardGetStatusChange(context: SCARDCONTEXT, timeout: DWORD, states: *mut SCARD_READERSTATE, count: DWORD);
    SCardListReaders(context: SCARDCONTEXT, groups: *const c_char, readers: *mut c_char, length: *mut DWORD);
    SCardBeginTransaction(card: SCARDHANDLE);
    SCardEndTransaction(card: SCARDHANDLE, disposition: DWORD);
    SCardStatus(card: SCARDHANDLE, name: *mut c_char, length: *mut DWORD, state: *mut DWORD, protocol: *mut DWORD, atr: *mut u8, atr_length: *mut DWORD);
    SCardGetAttrib(card: SCARDHANDLE, attribute: DWORD, value: *mut u8, length: *mut DWORD);
    SCardSetAttrib(card: SCARDHANDLE, attribute: DWORD, value: *const u8, length: DWORD);
    SCardTransmit(card: SCARDHANDLE, send: *const SCARD_IO_REQUEST, command: *const u8, length: DWORD, receive: *mut SCARD_IO_REQUEST, answer: *mut u8, room: *mut DWORD);
    SCardControl(card: SCARDHANDLE, code: DWORD, input: *const u8, length: DWORD, output: *mut u8, room: DWORD, returned: *mut DWORD);
}

#[unsafe(no_mangle)]
static g_rgSCardT0Pci: SCARD_IO_REQUEST = SCARD_IO_REQUEST { dwProtocol: 1, cbPciLength: HEADER };
#[unsafe(no_mangle)]
static g_rgSCardT1Pci: SCARD_IO_REQUEST = SCARD_IO_REQUEST { dwProtocol: 2, cbPciLength: HEADER };
/// libpcsclite's own number for it.
#[unsafe(no_mangle)]
static g_rgSCardRawPci: SCARD_IO_REQUEST = SCARD_IO_REQUEST { dwProtocol: 4, cbPciLength: HEADER };
