//! What stands between a ZIP writer and its file.

use std::io::{self, Seek, SeekFrom, Write};

use zip::result::ZipError;

/// Lets nothing through after the first failed write.
///
/// `ZipWriter` finishes its archive when it is dropped, and prints to stderr when it cannot. The caller has the error
/// already by then, so from the first one on this only pretends, positions included, and the archive falls into nothing.
#[derive(Debug)]
pub(crate) struct ZipOut<W> {
    inner: W,
    failed: bool,
    position: u64,
    end: u64,
}

impl<W> ZipOut<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, failed: false, position: 0, end: 0 }
    }

    pub(crate) fn into_inner(self) -> W {
        self.inner
    }

    fn noting<T>(&mut self, result: &io::Result<T>) {
        self.failed |= result.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
    }

    fn moved(&mut self, position: u64) -> u64 {
        self.position = position;
        self.end = self.end.max(position);
        position
    }

    fn pretended(&self, position: SeekFrom) -> u64 {
        match position {
            SeekFrom::Start(position) => position,
            SeekFrom::Current(by) => self.position.saturating_add_signed(by),
            SeekFrom::End(by) => self.end.saturating_add_signed(by),
        }
    }
}

impl<W: Write> Write for ZipOut<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = if self.failed { Ok(bytes.len()) } else { self.inner.write(bytes) };
        self.noting(&result);
        let written = result?;
        self.moved(self.position.saturating_add(u64::try_from(written).unwrap_or(u64::MAX)));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = if self.failed { Ok(()) } else { self.inner.flush() };
        self.noting(&result);
        result
    }
}

impl<W: Seek> Seek for ZipOut<W> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let result = if self.failed { Ok(self.pretended(position)) } else { self.inner.seek(position) };
        self.noting(&result);
        Ok(self.moved(result?))
    }
}

/// The library's own conversion hides which error of the system it was.
pub(crate) fn io_error(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::other(other),
    }
}
