//! The reading process.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::thread;

use piaoxia_preview::{Cancel, Picture, STACK};

use super::frame::{self, Drawn, HELLO, Kind, Told};
use super::{PageOrder, Parsed, ParsedInvoice, in_process, pages};

/// Most memory of a reading process, bytes: a file of 50 MiB, an entry of 32 MiB and a workbook's 64 MiB of strings leave
/// room, and so do the pixels of a page, at most 64 MB, and of the scan on it.
const MEMORY: u64 = 512 << 20;

/// Reads the files that come in, tells what they hold, draws the pages that are asked for, and ends when no more come. This is the whole life of the process:
/// its memory is limited first, where the system can (Linux).
///
/// # Errors
/// A pipe that breaks: nobody is there who could be told.
pub fn serve(input: impl Read, out: impl Write) -> io::Result<()> {
    piaoxia_system::limit_memory(MEMORY);
    let (mut input, mut out) = (BufReader::new(input), BufWriter::new(out));
    out.write_all(HELLO)?;
    out.flush()?;
    let (mut name, mut bytes) = (Vec::new(), Vec::new());
    while let Some(kind) = frame::read(&mut input, &mut name)? {
        if frame::read(&mut input, &mut bytes)? != Some(Kind::Bytes) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        match kind {
            Kind::Name => read_one(&String::from_utf8_lossy(&name), &bytes, &mut out)?,
            Kind::Page => draw_one(&serde_json::from_slice(&name)?, &bytes, &mut out)?,
            Kind::Print => {
                piaoxia_export::try_print(serde_json::from_slice(&name)?, std::mem::take(&mut bytes));
                frame::write(&mut out, Kind::End, &[])?;
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
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
    written.and_then(|()| frame::write(out, Kind::End, &[]))
}

/// Draws on a thread of its own, whose stack is what the drawing needs on every system.
fn draw_one(order: &PageOrder, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    let drawn = thread::scope(|scope| {
        let draw = || pages::draw(order, bytes, &Cancel::default());
        let worker = thread::Builder::new().name("preview".to_owned()).stack_size(STACK).spawn_scoped(scope, draw)?;
        worker.join().map_err(|_| io::Error::other("the drawing broke off"))
    })?;
    match drawn {
        Ok((Picture { width, height, rgba }, pages)) => {
            frame::write(out, Kind::Drawn, &serde_json::to_vec(&Drawn::Picture { width, height, pages })?)?;
            frame::write(out, Kind::Bytes, &rgba)
        }
        Err(error) => frame::write(out, Kind::Drawn, &serde_json::to_vec(&Drawn::Failed(error.into()))?),
    }
}

fn tell(parsed: Parsed, out: &mut impl Write) -> io::Result<()> {
    let (told, bytes) = match parsed {
        Parsed::Found(found) => {
            let ParsedInvoice { invoice, entry, file, stated, format, bytes } = *found;
            (Told::Found { invoice: Box::new(invoice), entry, file, stated, format, bytes_follow: bytes.is_some() }, bytes)
        }
        Parsed::Refused { entry, reason } => (Told::Refused { entry, reason }, None),
        Parsed::Noted { file, note } => (Told::Noted { file, note }, None),
    };
    frame::write(out, Kind::Told, &serde_json::to_vec(&told)?)?;
    bytes.map_or(Ok(()), |bytes| frame::write(out, Kind::Bytes, &bytes))
}
