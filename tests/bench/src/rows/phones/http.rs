//! As much HTTP as a page's script needs, without what a client's library would take of the machine.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A whole answer.
pub struct Answer {
    pub status: u16,
    /// Lines behind the status line.
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// The connection ends with it.
    pub fn is_last(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    pub fn text(&self) -> Result<&str> {
        Ok(std::str::from_utf8(&self.body)?)
    }
}

/// Sends a request and reads its answer to the end.
pub async fn ask(stream: &mut TcpStream, request: &str) -> Result<Answer> {
    stream.write_all(request.as_bytes()).await.context("asking")?;
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut part).await.context("reading")?;
        ensure!(count > 0, "an answer broke off");
        bytes.extend_from_slice(part.get(..count).unwrap_or_default());
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let (head, body) = bytes.split_at(end + 4);
        let answer = read(std::str::from_utf8(head)?)?;
        let length: usize = answer.header("content-length").context("no length")?.parse()?;
        if body.len() >= length {
            return Ok(Answer { body: body.to_vec(), ..answer });
        }
    }
}

fn read(head: &str) -> Result<Answer> {
    let (status, rest) = head.split_once("\r\n").context("no head")?;
    let Some(status) = status.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()) else { bail!("{status}") };
    Ok(Answer { status, head: rest.to_owned(), body: Vec::new() })
}

/// A page, on a connection of its own.
pub async fn get(address: &str, path: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    let answer = ask(&mut stream, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")).await?;
    ensure!(answer.status == 200, "{path}: {}", answer.status);
    Ok(answer)
}
