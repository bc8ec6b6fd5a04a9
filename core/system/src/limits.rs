//! What this process may take.

/// The most memory that this process gets from now on, in bytes; it may start no other process, too (Windows) and leaves no image of
/// itself behind (Linux). Taking more ends it. For processes that read what strangers wrote.
///
/// What the system refuses is logged.
pub fn limit_memory(bytes: u64) {
    platform::limit_memory(bytes);
}

/// Asks the system for as many file handles as it gives and returns how many these are; none where it has no such limit.
#[must_use]
pub fn raise_file_handles() -> Option<usize> {
    platform::raise_file_handles()
}

#[cfg(target_os = "linux")]
mod platform {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    pub(super) fn limit_memory(bytes: u64) {
        let most = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
        for (resource, bytes) in [(Resource::Data, bytes), (Resource::Core, 0)] {
            if let Err(error) = setrlimit(resource, most(bytes)) {
                tracing::warn!(%error, ?resource, "this process has no limit");
            }
        }
    }

    pub(super) fn raise_file_handles() -> Option<usize> {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        if let Err(error) = &raised {
            tracing::warn!(%error, "the system gives no more file handles");
        }
        let given = if raised.is_ok() { maximum } else { current };
        given.map(|given| usize::try_from(given).unwrap_or(usize::MAX))
    }
}

/// A job object holds the process from inside. Windows 7 has one job a process at most: started from a job, there is no limit.
#[cfg(windows)]
#[expect(unsafe_code, reason = "kernel32.dll; there is no safe way to job objects")]
mod platform {
    use std::io;
    use std::mem::size_of;
    use std::ptr;

    use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
    use windows_sys::Win32::System::JobObjects::{
        AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS, JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
        JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
    };
    use windows_sys::Win32::System::Threading::GetCurrentProcess;

    pub(super) fn limit_memory(bytes: u64) {
        if let Err(error) = enter_job(usize::try_from(bytes).unwrap_or(usize::MAX)) {
            tracing::warn!(%error, "this process has no limit");
        }
    }

    pub(super) fn raise_file_handles() -> Option<usize> {
        None
    }

    fn enter_job(bytes: usize) -> io::Result<()> {
        // SAFETY: no name and no rights are given; the handle is closed below. The job lives as long as the process in it.
        let job = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        let entered = limit(job, bytes).and_then(|()| {
            // SAFETY: both handles are valid; the second is a constant of this process.
            done(unsafe { AssignProcessToJobObject(job, GetCurrentProcess()) })
        });
        // SAFETY: opened above and used no more.
        unsafe { CloseHandle(job) };
        entered
    }

    fn limit(job: HANDLE, bytes: usize) -> io::Result<()> {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION { ProcessMemoryLimit: bytes, ..Default::default() };
        limits.BasicLimitInformation.ActiveProcessLimit = 1;
        limits.BasicLimitInformation.LimitFlags =
            JOB_OBJECT_LIMIT_PROCESS_MEMORY | JOB_OBJECT_LIMIT_ACTIVE_PROCESS | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
        let length = size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32;
        // SAFETY: the structure belongs to the class that is named, and has the length that is given.
        done(unsafe { SetInformationJobObject(job, JobObjectExtendedLimitInformation, ptr::from_ref(&limits).cast(), length) })
    }

    fn done(result: i32) -> io::Result<()> {
        if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
mod platform {
    pub(super) fn limit_memory(_: u64) {}

    pub(super) fn raise_file_handles() -> Option<usize> {
        None
    }
}
