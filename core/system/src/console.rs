//! The console that this program was started from.

/// A program with a window has no console of its own on Windows. Started from one, it writes there from now on; output that was sent
/// elsewhere stays there. Does nothing on other systems, and where there is no console.
pub fn join_callers_console() {
    #[cfg(windows)]
    platform::join();
}

#[cfg(windows)]
#[expect(unsafe_code, reason = "one call of kernel32.dll")]
mod platform {
    use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole};

    pub(super) fn join() {
        // SAFETY: takes a number. No console to join is no fault: the program was started by a click.
        unsafe { AttachConsole(ATTACH_PARENT_PROCESS) };
    }
}
