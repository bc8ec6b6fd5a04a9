//! One window a data folder: a second start rings at the first, which comes forward, and ends.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use piaoxia_files::FolderLock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{BootError, Locked};

/// Patience with a caller or a window that says nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Answer to a right token.
const COMING: &[u8] = b"coming";
/// Length of a token in hexadecimal digits.
const TOKEN: usize = 32;

/// A socket on loopback at which a second start rings. The token keeps other users of the PC from it.
pub struct Doorbell {
    listener: TcpListener,
    port: u16,
    token: String,
}

impl Doorbell {
    /// Opens it and leaves its port and token in the lock of the folder.
    ///
    /// # Errors
    /// No socket, or the lock cannot be written.
    pub fn hang(locked: &Locked) -> Result<Self, BootError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let token = format!("{:0TOKEN$x}", rand::random::<u128>());
        let bell = Self { port: listener.local_addr()?.port(), listener, token };
        locked.announce(&bell.word())?;
        Ok(bell)
    }

    /// What a second start has to find in the folder: port and token.
    #[must_use]
    pub fn word(&self) -> String {
        format!("{} {}", self.port, self.token)
    }

    /// Calls `raise` whenever somebody rings. Ends only when it is dropped.
    pub async fn answer(self, raise: impl Fn() + Send) {
        let listener = match tokio::net::TcpListener::from_std(self.listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::warn!(%error, "a second start cannot ring"),
        };
        loop {
            let rung = match listener.accept().await {
                Ok((caller, _)) => tokio::time::timeout(PATIENCE, hear(caller, &self.token)).await,
                // Out of descriptors, for instance: not a loop that burns the processor.
                Err(_) => {
                    tokio::time::sleep(PATIENCE).await;
                    continue;
                }
            };
            if let Ok(Ok(true)) = rung {
                raise();
            }
        }
    }
}

async fn hear(mut caller: tokio::net::TcpStream, token: &str) -> io::Result<bool> {
    let mut heard = [0; TOKEN];
    caller.read_exact(&mut heard).await?;
    let right = heard == token.as_bytes();
    if right {
        caller.write_all(COMING).await?;
    }
    Ok(right)
}

/// Rings at the window that has this folder. False when nobody answers: the folder is then held by a command or a service.
#[must_use]
pub fn raise_other(folder: &Path) -> bool {
    FolderLock::holder(folder).is_some_and(|holder| ring(&holder.text).unwrap_or(false))
}

fn ring(announced: &str) -> io::Result<bool> {
    let Some((port, token)) = announced.split_once(' ') else { return Ok(false) };
    let port = port.parse().map_err(io::Error::other)?;
    let mut door = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)?;
    door.set_read_timeout(Some(PATIENCE))?;
    door.set_write_timeout(Some(PATIENCE))?;
    door.write_all(token.as_bytes())?;
    let mut answer = Vec::new();
    door.take(COMING.len() as u64).read_to_end(&mut answer)?;
    Ok(answer == COMING)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_second_start_raises_the_first_and_a_stranger_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let locked = Locked::acquire(Some(dir.path().to_path_buf())).unwrap();
        assert!(!raise_other(dir.path()), "nobody listens yet");
        let bell = Doorbell::hang(&locked).unwrap();
        let port = bell.listener.local_addr().unwrap().port();
        let rung = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&rung);
        let answering = tokio::spawn(bell.answer(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        }));
        let folder = dir.path().to_path_buf();
        assert!(tokio::task::spawn_blocking(move || raise_other(&folder)).await.unwrap());
        let stranger = tokio::task::spawn_blocking(move || ring(&format!("{port} {}", "0".repeat(TOKEN))));
        assert!(!stranger.await.unwrap().unwrap_or(false));
        assert_eq!(rung.load(Ordering::SeqCst), 1);
        answering.abort();
    }
}
