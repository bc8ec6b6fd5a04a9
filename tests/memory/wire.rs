//! The wire between the window and the service: it sees the tokens, and to the service it says the sandbox's own password in the
//! place of those that were made up.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// Members of the contract's JSON whose values are secrets.
const SECRETS: [&str; 3] = ["token", "refreshToken", "verifier"];

pub struct Wire {
    /// `http://127.0.0.1:port`.
    pub address: String,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

struct Ends {
    /// `127.0.0.1:port` of the wire and of the service.
    here: String,
    there: String,
    swaps: Vec<(String, String)>,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Wire {
    /// `swaps`: what the window says, and what the service hears.
    pub fn start(service: &str, swaps: Vec<(String, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap().to_string();
        let seen = Arc::<Mutex<Vec<(String, String)>>>::default();
        let there = service.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let ends = Arc::new(Ends { here: here.clone(), there, swaps, seen: Arc::clone(&seen) });
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let listening = move || {
            for window in listener.incoming() {
                let ends = Arc::clone(&ends);
                thread("wire").spawn(move || ends.carry(window.unwrap())).unwrap();
            }
        };
        thread("wires").spawn(listening).unwrap();
        Self { address: format!("http://{here}"), seen }
    }

    /// Names and values of the secrets that went by, each once, in the order in which they came.
    pub fn secrets(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

impl Ends {
    /// One connection, until either side has enough.
    fn carry(&self, window: TcpStream) -> Option<()> {
        let service = TcpStream::connect(&self.there).ok()?;
        let mut asks = BufReader::new(window.try_clone().ok()?);
        let mut answers = BufReader::new(service.try_clone().ok()?);
        let (mut window, mut service) = (window, service);
        loop {
            let (head, body) = message(&mut asks)?;
            self.note(&body);
            let body = self.swaps.iter().fold(body, |body, (said, heard)| body.replace(said.as_str(), heard));
            service.write_all(with_length(&head.replace(&self.here, &self.there), &body).as_bytes()).ok()?;
            let (head, body) = message(&mut answers)?;
            self.note(&body);
            window.write_all(format!("{head}\r\n{body}").as_bytes()).ok()?;
        }
    }

    fn note(&self, body: &str) {
        let Ok(value) = serde_json::from_str::<Value>(body) else { return };
        let (mut seen, mut left) = (self.seen.lock().unwrap(), vec![&value]);
        while let Some(value) = left.pop() {
            left.extend(value.as_object().into_iter().flat_map(|members| members.values()));
            let secrets = SECRETS.iter().filter_map(|name| Some(((*name).to_owned(), value.get(name)?.as_str()?.to_owned())));
            for secret in secrets {
                if !seen.contains(&secret) {
                    seen.push(secret);
                }
            }
        }
    }
}

/// Head without its empty line, and body.
fn message(from: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut head = String::new();
    loop {
        let before = head.len();
        from.read_line(&mut head).ok().filter(|read| *read > 0)?;
        if head[before..].trim().is_empty() {
            head.truncate(before);
            break;
        }
    }
    let mut body = vec![0; length(&head)];
    from.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).ok()?))
}

fn length(head: &str) -> usize {
    let lengths = head.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.map(|(_, value)| value.trim().parse().unwrap()).next().unwrap_or(0)
}

fn with_length(head: &str, body: &str) -> String {
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
    let head: String = kept.map(|line| format!("{line}\r\n")).collect();
    format!("{head}content-length: {}\r\n\r\n{body}", body.len())
}
