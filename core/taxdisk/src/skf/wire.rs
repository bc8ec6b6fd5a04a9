//! What goes through the pipes of the helper process: a line a message, a mark and JSON behind it. Whatever else a library prints is
//! passed over.

use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::disk::Tries;
use crate::error::DiskError;

/// Before every message.
const MARK: &[u8] = b"\x01piaoxia-skf 1 ";
/// Longest line: a certificate of 16 KiB as a list of numbers.
const LINE_BYTES: u64 = 128 * 1024;
/// Most lines of somebody else's before a message.
const NOISE: usize = 10_000;

/// To the helper.
#[derive(Serialize, Deserialize)]
pub(super) enum Order {
    Load(PathBuf),
    Enumerate,
    /// Opens a device; its facts come back.
    Attach(String),
    Tries,
    Present(Secret),
    Sign([u8; 32]),
    Detach,
}

/// A password on its way.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Secret(pub Vec<u8>);

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// From the helper.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    Done,
    Devices(Vec<String>),
    Facts(Facts),
    Tries(Tries),
    Signature(Vec<u8>),
}

/// What a device says of itself. Nothing of it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub serial: String,
    pub application: String,
    pub container: String,
    pub certificate: Vec<u8>,
}

/// What an order came to.
pub(super) type Outcome = Result<Reply, DiskError>;

pub(super) fn write<T: Serialize>(out: &mut impl Write, message: &T) -> io::Result<()> {
    let mut line = Zeroizing::new(b"\n".to_vec());
    line.extend(MARK);
    serde_json::to_writer(&mut *line, message)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// The next message; none at the end of the stream.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Zeroizing::new(Vec::new());
    for _ in 0..NOISE {
        line.clear();
        let length = input.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(None);
        }
        let Some(start) = line.windows(MARK.len()).position(|window| window == MARK) else { continue };
        let message = line.get(start + MARK.len()..).unwrap_or_default();
        return Ok(Some(serde_json::from_slice(message)?));
    }
    Err(io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn messages_stand_out_from_noise() {
        let mut pipe = b"SKF v1.0 loaded\nfound".to_vec();
        write(&mut pipe, &Order::Attach("票\n".to_owned())).unwrap();
        pipe.extend(b"bye\n");
        let mut rest = pipe.as_slice();
        assert!(matches!(read::<Order>(&mut rest).unwrap(), Some(Order::Attach(name)) if name == "票\n"));
        assert!(read::<Order>(&mut rest).unwrap().is_none());
    }

    #[test]
    fn endless_and_broken_messages_are_refused() {
        let mut broken = [MARK, b"{\n"].concat();
        assert!(read::<Order>(&mut broken.as_slice()).is_err());
        broken = b"x\n".repeat(NOISE + 1);
        assert!(read::<Order>(&mut broken.as_slice()).is_err());
        let endless = vec![b'x'; LINE_BYTES as usize * 2];
        assert!(read::<Order>(&mut endless.as_slice()).unwrap().is_none());
    }
}
