//! A window that nobody sees, on a thread of its own: Windows asks windows.

#![expect(unsafe_code, reason = "messages of user32.dll; there is no safe way to device notifications")]

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io;
use std::mem::size_of;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::os::windows::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_BACKUP_SEMANTICS, FILE_READ_ATTRIBUTES};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DBT_DEVICEQUERYREMOVE, DBT_DEVICEQUERYREMOVEFAILED, DBT_DEVICEREMOVECOMPLETE, DBT_DEVTYP_HANDLE, DEV_BROADCAST_HANDLE,
    DEVICE_NOTIFY_WINDOW_HANDLE, DefWindowProcW, DestroyWindow, DispatchMessageW, GetMessageW, HDEVNOTIFY, HWND_MESSAGE, PostMessageW,
    PostQuitMessage, RegisterClassW, RegisterDeviceNotificationW, UnregisterDeviceNotification, WM_CLOSE, WM_DESTROY, WM_DEVICECHANGE,
    WNDCLASSW,
};

use super::{Answer, Asked};

/// What a window procedure answers when a medium is not to go (`BROADCAST_QUERY_DENY`, dbt.h).
const NO: LRESULT = 0x424D_5144;
const YES: LRESULT = 1;

/// The longest that Windows is kept waiting; it takes a program that is silent for longer for one that hangs.
const PATIENCE: Duration = Duration::from_secs(10);

type Told = Box<dyn FnMut(Asked) + Send>;

/// The thread with the window.
#[derive(Debug)]
pub(super) struct Listening {
    window: isize,
    thread: Option<JoinHandle<()>>,
}

/// What belongs to the window; it is asked on the thread that made it.
struct Ear {
    told: Told,
    /// The folder that is watched, held open: this is how Windows knows which medium is meant. Let go with everything else.
    held: Option<File>,
    notification: HDEVNOTIFY,
}

thread_local! {
    static EAR: RefCell<Option<Ear>> = const { RefCell::new(None) };
}

impl Listening {
    pub(super) fn start(folder: &Path, told: Told) -> io::Result<Self> {
        let folder = folder.to_path_buf();
        let (sender, made) = mpsc::channel();
        let thread = std::thread::Builder::new().name("piaoxia-removal".to_owned()).spawn(move || match open(folder, told) {
            Ok(window) => {
                if sender.send(Ok(window as isize)).is_ok() {
                    listen();
                }
                EAR.with_borrow_mut(Option::take);
            }
            Err(error) => {
                sender.send(Err(error)).ok();
            }
        })?;
        let window = made.recv().unwrap_or_else(|_| Err(io::Error::other("the listening thread ended")))?;
        Ok(Self { window, thread: Some(thread) })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // SAFETY: a window that is gone already is refused.
        unsafe { PostMessageW(self.window as HWND, WM_CLOSE, 0, 0) };
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::warn!("the thread that listened for the removal of the medium panicked");
        }
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Makes the window and asks Windows to tell it about the medium.
fn open(folder: PathBuf, told: Told) -> io::Result<HWND> {
    let held = OpenOptions::new().access_mode(FILE_READ_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(folder)?;
    let name = wide("PiaoxiaRemoval");
    // SAFETY: no name stands for this executable.
    let module = unsafe { GetModuleHandleW(ptr::null()) };
    let class = WNDCLASSW { lpfnWndProc: Some(hear), hInstance: module, lpszClassName: name.as_ptr(), ..Default::default() };
    // SAFETY: the name lives until the window is made. A class that is known from another time is refused and used.
    let window = unsafe {
        RegisterClassW(&raw const class);
        CreateWindowExW(0, name.as_ptr(), ptr::null(), 0, 0, 0, 0, 0, HWND_MESSAGE, ptr::null_mut(), module, ptr::null())
    };
    if window.is_null() {
        return Err(io::Error::last_os_error());
    }
    let filter = DEV_BROADCAST_HANDLE {
        dbch_size: size_of::<DEV_BROADCAST_HANDLE>() as u32,
        dbch_devicetype: DBT_DEVTYP_HANDLE,
        dbch_handle: held.as_raw_handle(),
        ..Default::default()
    };
    // SAFETY: the filter is of the kind and length that it names.
    let notification = unsafe { RegisterDeviceNotificationW(window.cast(), ptr::from_ref(&filter).cast(), DEVICE_NOTIFY_WINDOW_HANDLE) };
    if notification.is_null() {
        let error = io::Error::last_os_error();
        // SAFETY: made above, on this thread.
        unsafe { DestroyWindow(window) };
        return Err(error);
    }
    EAR.set(Some(Ear { told, held: Some(held), notification }));
    Ok(window)
}

fn listen() {
    let mut message = Default::default();
    // SAFETY: the message is this thread's own. Zero is the end, below it a fault of the call.
    while unsafe { GetMessageW(&raw mut message, ptr::null_mut(), 0, 0) } > 0 {
        // SAFETY: as Windows gave it.
        unsafe { DispatchMessageW(&raw const message) };
    }
}

/// Windows calls this on the window's thread.
unsafe extern "system" fn hear(window: HWND, message: u32, event: WPARAM, data: LPARAM) -> LRESULT {
    match message {
        WM_DEVICECHANGE => device_change(event as u32),
        WM_DESTROY => {
            // SAFETY: ends the loop of this thread.
            unsafe { PostQuitMessage(0) };
            0
        }
        // SAFETY: everything as Windows gave it.
        _ => unsafe { DefWindowProcW(window, message, event, data) },
    }
}

fn device_change(event: u32) -> LRESULT {
    EAR.with_borrow_mut(|ear| {
        let Some(ear) = ear else { return YES };
        match event {
            DBT_DEVICEQUERYREMOVE => ear.ask(),
            DBT_DEVICEQUERYREMOVEFAILED => ear.tell(Asked::ItStays),
            DBT_DEVICEREMOVECOMPLETE => ear.tell(Asked::Gone),
            _ => YES,
        }
    })
}

impl Ear {
    fn ask(&mut self) -> LRESULT {
        let (answer, given) = Answer::to_be_given();
        (self.told)(Asked::MayItGo(answer));
        if given.recv_timeout(PATIENCE).is_err() {
            return NO;
        }
        // The last thing that is open on the medium.
        self.held = None;
        YES
    }

    fn tell(&mut self, asked: Asked) -> LRESULT {
        (self.told)(asked);
        YES
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        // SAFETY: registered once, in `open`.
        unsafe { UnregisterDeviceNotification(self.notification) };
    }
}

pub(super) fn show_safe_removal() -> io::Result<()> {
    let system = PathBuf::from(std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into())).join("System32");
    // `rundll32` wants its words unquoted.
    Command::new(system.join("rundll32.exe")).raw_arg("shell32.dll,Control_RunDLL hotplug.dll").current_dir(&system).spawn().map(drop)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use windows_sys::Win32::UI::WindowsAndMessaging::SendMessageW;

    use super::*;

    /// Wine tells nobody of media; the window is asked as Windows would ask it.
    fn ask(listening: &Listening, event: u32) -> LRESULT {
        // SAFETY: a message to a window of this process.
        unsafe { SendMessageW(listening.window as HWND, WM_DEVICECHANGE, event as WPARAM, 0) }
    }

    fn listen_to(answer_with_yes: bool) -> (tempfile::TempDir, Listening, mpsc::Receiver<&'static str>) {
        let folder = tempfile::tempdir().unwrap();
        let (sender, heard) = mpsc::channel();
        let told = move |asked| {
            let word = match asked {
                Asked::MayItGo(answer) if answer_with_yes => {
                    // As the window does it: later, and from another thread.
                    std::thread::spawn(move || {
                        std::thread::sleep(Duration::from_millis(50));
                        answer.yes();
                    });
                    "may it go"
                }
                Asked::MayItGo(_) => "may it go",
                Asked::ItStays => "it stays",
                Asked::Gone => "gone",
            };
            sender.send(word).unwrap();
        };
        let listening = Listening::start(folder.path(), Box::new(told)).unwrap();
        (folder, listening, heard)
    }

    #[test]
    fn everything_is_let_go_before_the_medium_may_go() {
        let (folder, listening, heard) = listen_to(true);
        // While it is held, Windows does not let the folder be renamed.
        let moved = folder.path().with_extension("moved");
        assert_eq!(ask(&listening, DBT_DEVICEQUERYREMOVE), YES);
        assert_eq!(heard.try_recv(), Ok("may it go"));
        std::fs::rename(folder.path(), &moved).unwrap();
        std::fs::rename(&moved, folder.path()).unwrap();
        assert_eq!(ask(&listening, DBT_DEVICEQUERYREMOVEFAILED), YES);
        assert_eq!(ask(&listening, DBT_DEVICEREMOVECOMPLETE), YES);
        assert_eq!(heard.iter().take(2).collect::<Vec<_>>(), ["it stays", "gone"]);
    }

    #[test]
    fn who_does_not_close_says_no() {
        let (_folder, listening, heard) = listen_to(false);
        assert_eq!(ask(&listening, DBT_DEVICEQUERYREMOVE), NO);
        assert_eq!(heard.try_recv(), Ok("may it go"));
    }

    #[test]
    fn listening_ends_when_it_is_dropped_and_begins_anew() {
        for _ in 0..20 {
            let (_folder, listening, _) = listen_to(true);
            drop(listening);
        }
    }
}
