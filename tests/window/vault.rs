//! The vault in the window: passwords that are remembered, the passphrase, the lock screen.

use std::path::Path;

use piaoxia::boot::Sandbox;
use piaoxia::state::session::Qr;
use piaoxia::state::{Screen, State};
use piaoxia_domain::account::Session;

use crate::driver::Window;

const PASSPHRASE: &str = "海上明月共潮生2026";
/// Of every account of the sandbox.
const PASSWORD: &str = "Piaoxia@2026";

/// Each file of a folder, with what is in it.
fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![(path.clone(), std::fs::read(&path).unwrap())] }).collect()
}

/// The secret as bytes: UTF-8, UTF-16, GB 18030, hex, Base64 at each of its three positions.
fn writings(secret: &str) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let utf16 = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let base64 = (0..3).map(|shift| {
        let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode([vec![0; shift], secret.as_bytes().to_vec()].concat());
        // What depends on the neighbours is cut off.
        text.as_bytes()[4 * usize::from(shift > 0)..text.len() - 2].to_vec()
    });
    let gbk = encoding_rs::GB18030.encode(secret).0.into_owned();
    [secret.as_bytes().to_vec(), utf16, gbk, hex.to_uppercase().into_bytes(), hex.into_bytes()].into_iter().chain(base64).collect()
}

fn assert_nowhere(folder: &Path, secret: &str) {
    for (path, bytes) in files(folder) {
        for writing in writings(secret) {
            assert!(!bytes.windows(writing.len()).any(|window| window == writing), "{} holds a secret", path.display());
        }
    }
}

fn set_passphrase(window: &mut Window) {
    window.press("设置");
    window.press("设置口令");
    window.type_into("新口令", "12345678");
    window.hear("太容易猜到");
    window.type_into("新口令", PASSPHRASE);
    window.type_into("再输一遍", "海上明月共潮生");
    window.hear("两次输入的口令不一样");
    window.type_into("再输一遍", PASSPHRASE);
    window.press("保存");
    window.wait("the passphrase", |state| state.vault.view.passphrase && state.vault.dialog.is_none());
}

/// The ticket that the window shows.
fn ticket(state: &State) -> Option<String> {
    if let Qr::Waiting { ticket, .. } = &state.sign_in.qr { Some(ticket.id.clone()) } else { None }
}

fn keep_signed_in(window: &mut Window) {
    window.wait("a QR", |state| ticket(state).is_some());
    let before = ticket(window.state());
    window.choose("30 天免登录");
    // The wish is part of the ticket: only a new one carries it.
    window.wait("another QR", |state| ticket(state).is_some_and(|now| Some(now) != before));
    window.sign_in();
}

#[test]
fn a_remembered_password_signs_the_account_in_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let mut window = Window::open(&data, &keys, Sandbox::Kept);
    keep_signed_in(&mut window);
    window.activate();
    window.add_account(true);
    window.wait("the vault", |state| state.vault.view.accounts.len() == 1);
    assert!(window.has("已记住密码"));
    window.close();
    assert_nowhere(&data, PASSWORD);
    assert_nowhere(&keys, PASSWORD);

    // The gateway has forgotten the session; nobody types a password.
    let mut window = Window::open(&data, &keys, Sandbox::Kept);
    window.wait("the kept sign-in", |state| state.screen == Screen::Home);
    window.press("企业");
    window.wait("the companies", |state| state.companies.list.value().is_some());
    let name = window.state().companies.list.value().unwrap()[0].name.clone();
    window.choose(&name);
    window.press("登录");
    window.wait("a challenge", |state| state.accounts.challenge.is_some() && state.accounts.password.is_none());
    window.answer_challenges();
    window.wait("the session", |state| {
        state.accounts.lists.values().any(|list| list.value().is_some_and(|all| matches!(all[0].session, Session::Valid { .. })))
    });

    // Without the tick it is forgotten with the account.
    window.press(&format!("删除账号 {}", window.state().accounts.lists.values().next().unwrap().value().unwrap()[0].login_name.clone()));
    window.press("删除");
    window.wait("an empty vault", |state| state.vault.view.accounts.is_empty());
    window.close();
}

#[test]
fn a_stick_that_travels_asks_for_the_passphrase_and_gives_nothing_away() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let mut window = Window::open(&data, &keys, Sandbox::Kept);
    keep_signed_in(&mut window);
    window.activate();
    window.add_account(true);
    set_passphrase(&mut window);
    window.choose("在这台电脑上启动时自动打开");
    window.wait("the copy of this PC to go", |state| !state.vault.view.here);
    assert!(window.says("已打开，有口令保护"));
    window.close();
    assert_eq!(files(&keys).iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "key")).count(), 0);
    for secret in [PASSWORD, PASSPHRASE] {
        assert_nowhere(folder.path(), secret);
    }

    // Another PC.
    let elsewhere = folder.path().join("other keys");
    let mut window = Window::open(&data, &elsewhere, Sandbox::Kept);
    window.hear("打开保险箱");
    assert!(!window.has("台账") && !window.has("登录"), "nothing is behind the lock screen yet");
    window.type_into("口令", "海上明月共潮生2025");
    window.press("解锁");
    window.hear("口令不对");
    window.type_into("口令", PASSPHRASE);
    window.press("解锁");
    window.wait("the kept sign-in", |state| state.screen == Screen::Home);

    // Locked by hand: everything is hidden, and the same passphrase brings it back as it was.
    window.press("立即锁定");
    window.hear("输入口令继续");
    assert!(!window.has("台账") && !window.has("先不解锁"));
    window.type_into("口令", PASSPHRASE);
    window.press("解锁");
    window.wait("the page as it was", |state| !state.vault.is_shut() && state.screen == Screen::Home);
    assert_eq!(window.state().vault.view.accounts.len(), 1);

    // Whoever empties it in front of the lock screen is signed out, too.
    window.press("立即锁定");
    window.press("忘记口令…");
    window.press("清空");
    window.wait("the end of the session", |state| state.screen == Screen::SignIn && !state.vault.view.exists);
    window.close();
    assert!(!data.join("vault.a").exists() && !data.join("vault.b").exists());
}

#[test]
fn without_the_passphrase_the_program_goes_on_without_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let mut window = Window::open(&data, &keys, Sandbox::Kept);
    keep_signed_in(&mut window);
    window.activate();
    set_passphrase(&mut window);
    window.close();
    let mut window = Window::open(&data, &folder.path().join("other keys"), Sandbox::Kept);
    window.hear("打开保险箱");
    window.press("先不解锁");
    window.wait("the sign-in page", |state| state.screen == Screen::SignIn);
    window.sign_in();
    window.wait("home", |state| state.screen == Screen::Home);
    window.press("设置");
    assert!(window.says("已锁定：输入口令后才能使用记住的密码"));
    window.press("解锁");
    window.type_into("口令", PASSPHRASE);
    window.press("解锁");
    window.wait("the vault", |state| state.vault.view.open && state.screen == Screen::Settings);
    window.close();
}
