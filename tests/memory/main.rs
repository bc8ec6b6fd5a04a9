//! What is left in the memory of the program once the vault is locked: no passphrase and no password, in any writing.
//!
//! A process of its own with the program's allocator, because every other test would be searched through as well. The service
//! runs in another process: its simulated bureau knows all passwords.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![cfg(target_os = "linux")]

#[path = "../window/driver.rs"]
#[allow(dead_code, reason = "the tests of the window use more of it")]
mod driver;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use driver::Window;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static MEMORY: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// What a canary is kept under here, so that the search does not find itself.
const MASK: u8 = 0x5a;

/// A canary; in the clear only while somebody types it.
struct Canary(Vec<u8>);

impl Canary {
    fn random(head: &str) -> Self {
        let text: String = (0..16).map(|_| char::from(b'a' + rand::random::<u8>() % 26)).collect();
        Self(mask(format!("{head}{text}").into_bytes()))
    }

    fn text(&self) -> String {
        String::from_utf8(mask(self.0.clone())).unwrap()
    }

    /// Every way in which it might be written down, masked.
    fn writings(&self) -> Vec<Vec<u8>> {
        let text = self.text();
        let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&text).into_bytes();
        let gbk = encoding_rs::GB18030.encode(&text).0.into_owned();
        [text.into_bytes(), utf16, hex.into_bytes(), base64, gbk].into_iter().map(mask).collect()
    }
}

fn mask(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.iter_mut().for_each(|byte| *byte ^= MASK);
    bytes
}

/// What stands before and after a hit: it tells whose buffer that is.
fn around(bytes: &[u8], place: usize, length: usize) -> String {
    let shown = |bytes: &[u8]| bytes.iter().flat_map(|byte| std::ascii::escape_default(*byte)).map(char::from).collect::<String>();
    let (before, after) = (&bytes[place.saturating_sub(96)..place], &bytes[place + length..bytes.len().min(place + length + 96)]);
    format!("{} [here] {}", shown(before), shown(after))
}

/// Where in the writable memory of this process the canary stands, by what is around it.
fn found(canary: &Canary) -> Vec<String> {
    let writings = canary.writings();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut chunk = vec![0; 1 << 20];
    let mut hits = Vec::new();
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        let of_a_file = rest.contains('/') || rest.contains("[v");
        if !rest.starts_with("rw") || of_a_file {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let (mut at, end) = (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        while at < end {
            let length = usize::try_from(end - at).unwrap().min(chunk.len());
            memory.seek(SeekFrom::Start(at)).unwrap();
            let Ok(read) = memory.read(&mut chunk[..length]) else { break };
            for writing in &writings {
                let first = writing[0] ^ MASK;
                let is_it = |place: usize| writing.iter().enumerate().all(|(n, byte)| chunk[..read].get(place + n) == Some(&(byte ^ MASK)));
                let hit = memchr::memchr_iter(first, &chunk[..read]).filter(|place| is_it(*place));
                hits.extend(hit.map(|place| around(&chunk[..read], place, writing.len())));
            }
            // What lies over the edge of two pieces is found in the next one.
            at += (read - if read == chunk.len() { 256 } else { 0 }) as u64;
        }
    }
    hits
}

struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ended = self.0.kill();
    }
}

#[test]
fn once_it_is_locked_no_password_and_no_passphrase_is_left_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_piaoxia"))
        .args(["gateway", "--listen", "127.0.0.1:0", "--invoices", "100", "--json", "--data"])
        .arg(folder.path().join("service"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let _service = Service(child);
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();

    let (passphrase, password) = (Canary::random("口令-"), Canary::random("Pw7-"));
    let mut window = Window::open_hosted(&folder.path().join("Data"), &folder.path().join("keys"), told["address"].as_str().unwrap());
    window.sign_in();
    window.activate();

    // A password that the bureau refuses travels through window, engine, HTTP and back.
    window.press("添加电子税局账号");
    window.press("添加第一个账号");
    window.wait("demo accounts", |state| !state.sandbox.accounts.is_empty());
    let person = window.state().sandbox.accounts[0].person.clone();
    window.press(&format!("填入：{person}"));
    window.type_into("个人用户密码", &password.text());
    assert!(!found(&password).is_empty(), "the search finds what is there");
    window.choose("记住密码");
    window.press("登录");
    window.hear("用户名或密码错误");
    window.press("取消");

    window.press("设置");
    window.press("设置口令");
    window.type_into("新口令", &passphrase.text());
    window.type_into("再输一遍", &passphrase.text());
    window.press("保存");
    window.wait("the passphrase", |state| state.vault.view.passphrase && state.vault.dialog.is_none());
    window.press("立即锁定");
    window.hear("输入口令继续");
    window.type_into("口令", &passphrase.text());
    window.press("解锁");
    window.wait("the vault", |state| state.vault.view.open);
    window.press("立即锁定");
    window.hear("输入口令继续");

    std::thread::sleep(Duration::from_secs(2));
    window.settle();
    assert_eq!(found(&password), Vec::<String>::new(), "the password");
    assert_eq!(found(&passphrase), Vec::<String>::new(), "the passphrase");
    window.close();
}
