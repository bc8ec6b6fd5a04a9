//! `gateway` under those who mean it no good: slow callers.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::Place;

/// Slow callers: half of them never finish the head, half never the body.
const SLOW: usize = 500;
/// Resident memory that a gateway in front of them may have, MiB.
const MEMORY: u64 = 150;

struct Gateway {
    child: Child,
    address: String,
}

impl Gateway {
    fn start(place: &Place) -> Self {
        let mut child = place.start(&["gateway", "--listen", "127.0.0.1:0", "--invoices", "50", "--data", &place.data(), "--json"]);
        let mut told = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut told).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        Self { child, address: told["address"].as_str().unwrap().trim_start_matches("http://").to_owned() }
    }

    /// MiB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() >> 10
    }

    fn slow(&self, number: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let text = if number.is_multiple_of(2) {
            format!("GET /v1/session HTTP/1.1\r\nHost: {}\r\nX-Slow: ", self.address)
        } else {
            format!(
                "POST /v1/login/tickets HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{{",
                self.address
            )
        };
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    /// Status of a page that a phone looks at, on a connection of its own.
    fn page(&self) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(stream, "GET /p HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    /// A slow caller goes on, a byte at a time, until the gateway has had enough; false once it has.
    fn drips(stream: &mut TcpStream) -> bool {
        stream.set_nonblocking(true).unwrap();
        let is_open = match stream.read(&mut [0; 512]) {
            Ok(count) => count > 0,
            Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
        };
        is_open && stream.write(b"x").is_ok()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn five_hundred_slow_callers_keep_nobody_out() {
    let place = Place::new();
    let gateway = Gateway::start(&place);
    let mut slow: Vec<TcpStream> = (0..SLOW).map(|number| gateway.slow(number)).collect();
    for _ in 0..50 {
        assert_eq!(gateway.page(), "HTTP/1.1 200 OK");
    }
    let open = slow.iter_mut().map(Gateway::drips).filter(|is_open| *is_open).count();
    assert!(gateway.memory() < MEMORY, "{} MiB for {open} slow callers", gateway.memory());
}

#[test]
#[ignore = "a gate: a minute of slow callers"]
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn gate_a_minute_of_slow_callers() {
    let place = Place::new();
    let gateway = Gateway::start(&place);
    let mut slow: Vec<TcpStream> = (0..SLOW).map(|number| gateway.slow(number)).collect();
    let (begun, mut took, mut given_up) = (Instant::now(), Vec::new(), 0);
    while begun.elapsed() < Duration::from_secs(60) {
        for (number, stream) in slow.iter_mut().enumerate() {
            if !Gateway::drips(stream) {
                *stream = gateway.slow(number);
                given_up += 1;
            }
        }
        for _ in 0..20 {
            let asked = Instant::now();
            assert_eq!(gateway.page(), "HTTP/1.1 200 OK");
            took.push(asked.elapsed());
        }
        assert!(gateway.memory() < MEMORY, "{} MiB", gateway.memory());
    }
    assert!(given_up >= SLOW, "slow callers are given up within ten or thirty seconds: {given_up}");
    took.sort();
    let at = |part: usize| took[took.len() * part / 100].as_secs_f64() * 1e3;
    let (p50, p99, memory) = (at(50), at(99), gateway.memory());
    println!("{} pages beside {SLOW} slow callers: p50 {p50:.1} ms, p99 {p99:.1} ms, {given_up} given up, {memory} MiB", took.len());
}
