//! Who may look into this process.

/// A crash leaves no image of this process on the disk, and on Windows other programs of the same user may not read its memory,
/// write into it or attach to it. An administrator still may.
///
/// On Linux the process stays readable for its user: whoever shows the file dialogs (xdg-desktop-portal) looks into
/// `/proc/PID/root` of who asks, and refuses one that is closed. Most distributions keep other programs out by
/// `kernel.yama.ptrace_scope`.
///
/// What the system refuses is logged: the program is as useful as before.
pub fn close_to_others() {
    #[cfg(windows)]
    if let Err(error) = secmem_proc::harden_process() {
        tracing::warn!(%error, "other programs of this user may look into this process");
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
            tracing::warn!(%error, "a crash would leave an image of this process");
        }
    }
}
