//! Canaries: secrets that a person types and numbers of companies and people, in the log and in the 诊断文件. The log tells
//! everything that any package has to say; what must not be told is told on purpose as well.
//!
//! A process of its own, because there is one log a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../window/driver.rs"]
#[allow(dead_code, reason = "the tests of the window use more of it")]
mod driver;

use std::path::Path;

use base64::Engine as _;
use driver::Window;
use piaoxia::boot::{Log, Sandbox};
use piaoxia_engine::Command;
use piaoxia_service::contract::SandboxSize;

fn random(head: &str) -> String {
    head.chars().chain((0..16).map(|_| char::from(b'a' + rand::random::<u8>() % 26))).collect()
}

/// Every way in which a text might be written down.
fn writings(text: &str) -> [(&'static str, Vec<u8>); 5] {
    let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(text).into_bytes();
    let gbk = encoding_rs::GBK.encode(text).0.into_owned();
    [("UTF-8", text.into()), ("UTF-16", utf16), ("hex", hex.into_bytes()), ("base64", base64), ("GBK", gbk)]
}

/// Every file below a folder that a person might hand on.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect()
}

/// What a person types: a password that the bureau refuses, what the sandbox fills in.
fn type_secrets(window: &mut Window, password: &str) -> Vec<String> {
    window.press("添加电子税务局账号");
    window.press("添加第一个账号");
    window.wait("demo accounts", |state| !state.sandbox.accounts.is_empty());
    let known = window.state().sandbox.accounts.clone();
    window.press(&format!("填入：{}", known[0].person));
    window.type_into("个人用户密码", password);
    window.press("登录");
    window.hear("用户名或密码错误");
    window.press("取消");
    // Shorter texts stand in other words, too.
    let fields = known.iter().flat_map(|known| known.fields.iter().map(|field| field.1.clone()));
    fields.filter(|text| text.len() >= 8 && text.is_ascii()).collect()
}

/// What a package with less care might say.
fn tell_carelessly(password: &str, passphrase: &str, numbers: &[String], tokens: &[String]) {
    tracing::error!(password, "{numbers:?}");
    tracing::info!("口令：{passphrase}; hex {} base64 {}", hex(password), base64::engine::general_purpose::STANDARD.encode(passphrase));
    tokens.iter().for_each(|token| tell_token(token));
}

fn tell_token(token: &str) {
    tracing::error!(token, "at https://x.test/p?code={token}; Authorization: Bearer {token}; mail {token}@example.com");
}

/// Looks at the 诊断文件 and saves it below `target`.
fn save_diagnosis(window: &mut Window, target: &Path) -> String {
    window.press("设置");
    window.press("网络自检");
    window.wait("the end of the check", |state| !state.help.running && state.help.lines.len() == 9);
    window.press("关闭");
    window.press("诊断文件…");
    window.wait("the preview", |state| state.help.diagnosis.is_some());
    window.hear("下面就是要保存的全部内容");
    let shown = window.state().help.diagnosis.clone().unwrap();
    std::fs::create_dir(target).unwrap();
    let order = Command::SaveDiagnosis { path: target.join("诊断.txt"), text: shown.clone() };
    window.commands.try_send(order).unwrap();
    window.wait("the file", |state| state.help.diagnosis.is_none());
    shown
}

fn nothing_is_found(canaries: &[String], files: &[(String, Vec<u8>)]) {
    for canary in canaries {
        for (encoding, writing) in writings(canary) {
            for (name, bytes) in files {
                let place = memchr::memmem::find(bytes, &writing);
                let around = place.map(|at| String::from_utf8_lossy(&bytes[at.saturating_sub(80)..at]).into_owned());
                assert!(place.is_none(), "{canary} as {encoding} in {name} behind {around:?}");
            }
        }
    }
}

#[test]
fn none_of_forty_is_in_the_log_or_the_diagnostics_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("Data");
    let log = Log::start_whole(&data);
    let mut window = Window::open(&data, &folder.path().join("keys"), Sandbox::Quick(SandboxSize { seed: 7, invoices: 60 }));
    window.sign_in();
    window.activate();
    let (password, passphrase) = (random("Pw7-"), random("口令-"));
    let tokens: Vec<String> = (0..30).map(|_| random("abc")).collect();
    let mut numbers = ["26312000000012345678", "11010519491231002X", "13812345678"].map(str::to_owned).to_vec();
    numbers.push(window.state().companies.list.value().unwrap()[0].tax_no.as_str().to_owned());
    let typed = type_secrets(&mut window, &password);
    tell_carelessly(&password, &passphrase, &numbers, &tokens);
    let target = folder.path().join("out");
    let shown = save_diagnosis(&mut window, &target);
    window.close();
    drop(log);

    let found = [files(&data.join("logs")), files(&target)].concat();
    assert_eq!(found.last().unwrap().1, shown.as_bytes(), "what was shown is what was written");
    let whole: String = found.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
    assert!(whole.contains("[hidden]") && whole.contains("[id card]") && whole.contains("****5678"), "the canaries were told");
    let canaries = [vec![password, passphrase], tokens, numbers, typed].concat();
    assert!(canaries.len() >= 40, "{}", canaries.len());
    nothing_is_found(&canaries, &found);
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
