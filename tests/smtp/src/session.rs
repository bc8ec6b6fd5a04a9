//! One connection.

use std::io;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use crate::{Behaviour, Received, Shared};

/// Longest line and largest message that are read, bytes.
const LINE: u64 = 8 << 10;
const MESSAGE: usize = 4 << 20;

struct Session<'a> {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    shared: &'a Shared,
    behaviour: &'a Behaviour,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

/// Whether the connection goes on.
#[derive(PartialEq, Eq)]
enum Then {
    GoOn,
    Close,
}

pub(crate) async fn run(stream: TcpStream, shared: &Shared, behaviour: &Behaviour) -> io::Result<()> {
    match behaviour {
        Behaviour::Drop => return Ok(()),
        Behaviour::Silent => return std::future::pending().await,
        _ => {}
    }
    let (read, write) = stream.into_split();
    let mut session = Session { read: BufReader::new(read), write, shared, behaviour, user: None, from: None, to: Vec::new() };
    if let Behaviour::Greeting(code) = behaviour {
        return session.say(*code, "not now").await;
    }
    session.say(220, "sink ESMTP").await?;
    while let Some(line) = session.line().await? {
        if session.obey(&line).await? == Then::Close {
            break;
        }
    }
    Ok(())
}

impl Session<'_> {
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        (&mut self.read).take(LINE).read_until(b'\n', &mut bytes).await?;
        let whole = bytes.ends_with(b"\n");
        Ok(whole.then(|| String::from_utf8_lossy(&bytes).trim_end().to_owned()))
    }

    async fn say(&mut self, code: u16, text: &str) -> io::Result<()> {
        self.say_raw(&format!("{code} {text}\r\n")).await
    }

    async fn say_raw(&mut self, text: &str) -> io::Result<()> {
        if let Behaviour::Slow(pause) = self.behaviour {
            tokio::time::sleep(*pause).await;
        }
        self.write.write_all(text.as_bytes()).await
    }

    async fn obey(&mut self, line: &str) -> io::Result<Then> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                let login = if self.shared.login.is_some() { "250-AUTH PLAIN LOGIN\r\n" } else { "" };
                self.say_raw(&format!("250-sink\r\n{login}250-8BITMIME\r\n250 SIZE {MESSAGE}\r\n")).await?;
            }
            "HELO" => self.say(250, "sink").await?,
            "AUTH" => self.login(rest).await?,
            "MAIL" => self.sender(rest).await?,
            "RCPT" => self.recipient(rest).await?,
            "DATA" => return self.data().await,
            "RSET" => {
                (self.from, self.to) = (None, Vec::new());
                self.say(250, "forgotten").await?;
            }
            "NOOP" => self.say(250, "nothing done").await?,
            "QUIT" => {
                self.say(221, "bye").await?;
                return Ok(Then::Close);
            }
            _ => self.say(500, "unknown command").await?,
        }
        Ok(Then::GoOn)
    }

    async fn login(&mut self, rest: &str) -> io::Result<()> {
        self.shared.logins.fetch_add(1, Ordering::SeqCst);
        let (mechanism, first) = rest.split_once(' ').unwrap_or((rest, ""));
        let given = if mechanism.eq_ignore_ascii_case("PLAIN") {
            let text = if first.is_empty() { self.ask("").await? } else { decoded(first) };
            let mut parts = text.split('\0').skip(1).map(str::to_owned);
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
        } else {
            let user = if first.is_empty() { self.ask("VXNlcm5hbWU6").await? } else { decoded(first) };
            (user, self.ask("UGFzc3dvcmQ6").await?)
        };
        if self.shared.login.as_ref() == Some(&given) {
            self.user = Some(given.0);
            self.say(235, "welcome").await
        } else {
            self.say(535, "5.7.8 wrong user or password").await
        }
    }

    async fn ask(&mut self, prompt: &str) -> io::Result<String> {
        self.say(334, prompt).await?;
        Ok(decoded(&self.line().await?.unwrap_or_default()))
    }

    async fn sender(&mut self, rest: &str) -> io::Result<()> {
        if self.shared.login.is_some() && self.user.is_none() {
            return self.say(530, "5.7.0 login first").await;
        }
        match (self.behaviour, path(rest, "FROM:")) {
            (Behaviour::Sender(code), _) => self.say(*code, "as told").await,
            (_, Some(from)) => {
                self.from = Some(from);
                self.say(250, "ok").await
            }
            (_, None) => self.say(501, "no path").await,
        }
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<()> {
        match (self.behaviour, path(rest, "TO:")) {
            (Behaviour::Recipient(code), _) => self.say(*code, "as told").await,
            (_, Some(to)) if self.from.is_some() => {
                self.to.push(to);
                self.say(250, "ok").await
            }
            (_, Some(_)) => self.say(503, "MAIL first").await,
            (_, None) => self.say(501, "no path").await,
        }
    }

    async fn data(&mut self) -> io::Result<Then> {
        let (Some(from), false) = (self.from.clone(), self.to.is_empty()) else {
            self.say(503, "RCPT first").await?;
            return Ok(Then::GoOn);
        };
        self.say(354, "go on").await?;
        let Some(data) = self.message().await? else { return Ok(Then::Close) };
        if let Behaviour::Data(code) = self.behaviour {
            self.say(*code, "as told").await?;
            return Ok(Then::GoOn);
        }
        let received = Received { from, to: std::mem::take(&mut self.to), user: self.user.clone(), data };
        self.from = None;
        self.shared.lock().received.push(received);
        if *self.behaviour == Behaviour::DropAfterData {
            return Ok(Then::Close);
        }
        self.say(250, "kept").await?;
        Ok(Then::GoOn)
    }

    /// The message up to its dot; none when the connection ends before, or is to.
    async fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut data = Vec::new();
        loop {
            let mut line = Vec::new();
            (&mut self.read).take(LINE).read_until(b'\n', &mut line).await?;
            if line.is_empty() || data.len() > MESSAGE || *self.behaviour == Behaviour::DropInData {
                return Ok(None);
            }
            if line == b".\r\n" {
                return Ok(Some(data));
            }
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
}

fn decoded(text: &str) -> String {
    STANDARD.decode(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The address of `FROM:<…>` or `TO:<…>`.
fn path(rest: &str, prefix: &str) -> Option<String> {
    let head = rest.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix))?;
    let inner = rest.get(head.len()..)?.trim_start().strip_prefix('<')?;
    inner.split_once('>').map(|(address, _)| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read() {
        assert_eq!(path("FROM:<a@b.cn> SIZE=1", "FROM:").as_deref(), Some("a@b.cn"));
        assert_eq!(path("to: <a@b.cn>", "TO:").as_deref(), Some("a@b.cn"));
        assert_eq!(path("a@b.cn", "TO:"), None);
    }
}
