//! The reading process.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;

use super::frame::{self, HELLO, Kind, Told};
use super::{Parsed, in_process};

/// Most memory of a reading process, bytes: a file of 50 MiB, an entry of 32 MiB and a workbook's 64 MiB of strings leave
/// room.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 512 << 20;

/// Reads the files that come in, tells what they hold, and ends when no more come. This is the whole life of the process:
/// its memory is limited first, where the system can (Linux).
///
/// # Errors
/// A pipe that breaks: nobody is there who could be told.
pub fn serve(input: impl Read, out: impl Write) -> io::Result<()> {
    limit_memory();
    let (mut input, mut out) = (BufReader::new(input), BufWriter::new(out));
    out.write_all(HELLO)?;
    out.flush()?;
    let (mut name, mut bytes) = (Vec::new(), Vec::new());
    while let Some(kind) = frame::read(&mut input, &mut name)? {
        let is_file = kind == Kind::Name && frame::read(&mut input, &mut bytes)? == Some(Kind::Bytes);
        if !is_file {
            return Err(io::ErrorKind::InvalidData.into());
        }
        read_one(&String::from_utf8_lossy(&name), &bytes, &mut out)?;
        frame::write(&mut out, Kind::End, &[])?;
        out.flush()?;
        // A large file's memory is not held for the small ones behind it.
        bytes.shrink_to(1 << 20);
    }
    Ok(())
}

fn read_one(name: &str, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    let mut written = Ok(());
    in_process(name, bytes, &mut |parsed| {
        written = tell(parsed, out);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written
}

fn tell(parsed: Parsed, out: &mut impl Write) -> io::Result<()> {
    let (told, bytes) = match parsed {
        Parsed::Found(found) => {
            let bytes_follow = found.bytes.is_some();
            (Told::Found { invoice: Box::new(found.invoice), file: found.file, format: found.format, bytes_follow }, found.bytes)
        }
        Parsed::Refused { entry, reason } => (Told::Refused { entry, reason }, None),
    };
    frame::write(out, Kind::Told, &serde_json::to_vec(&told)?)?;
    bytes.map_or(Ok(()), |bytes| frame::write(out, Kind::Bytes, &bytes))
}

#[cfg(target_os = "linux")]
fn limit_memory() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    for (resource, bytes) in [(Resource::Data, MEMORY), (Resource::Core, 0)] {
        if let Err(error) = setrlimit(resource, most(bytes)) {
            tracing::warn!(%error, ?resource, "the reading process has no limit");
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn limit_memory() {}
