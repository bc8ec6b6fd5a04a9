//! What pictures of the screen show.

/// Keeps a window out of pictures of the screen and out of what others see of a shared one, or lets it in again. `window` is the
/// window's handle (HWND). False where the system cannot: every system but Windows 7 and later; before Windows 10 2004 the window is
/// black there, after it is missing.
#[must_use]
pub fn keep_out_of_captures(window: isize, out: bool) -> bool {
    platform::keep_out(window, out)
}

#[cfg(windows)]
#[expect(unsafe_code, reason = "one call of user32.dll")]
mod platform {
    use windows_sys::Win32::UI::WindowsAndMessaging::{SetWindowDisplayAffinity, WDA_EXCLUDEFROMCAPTURE, WDA_MONITOR, WDA_NONE};

    pub(super) fn keep_out(window: isize, out: bool) -> bool {
        let wished: &[u32] = if out { &[WDA_EXCLUDEFROMCAPTURE, WDA_MONITOR] } else { &[WDA_NONE] };
        wished.iter().any(|affinity| {
            // SAFETY: any number may be given: what is no window of this process is refused.
            unsafe { SetWindowDisplayAffinity(window as _, *affinity) != 0 }
        })
    }
}

#[cfg(not(windows))]
mod platform {
    pub(super) fn keep_out(_: isize, _: bool) -> bool {
        false
    }
}
