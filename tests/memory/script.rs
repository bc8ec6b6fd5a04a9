//! What a person does in the process whose memory is searched.

use std::env;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::time::Duration;

use piaoxia::state::session::Qr;
use piaoxia::state::{Screen, State};
use piaoxia_domain::Account;
use piaoxia_domain::account::Session;
use piaoxia_engine::Command;
use piaoxia_service::contract::ChallengeKind;

use crate::canary::Canaries;
use crate::driver::Window;
use crate::{FOLDER, SERVICE};

/// Started by the test, as the process that is searched.
#[test]
fn is_the_window() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let canaries = Canaries::read(&folder.join("canaries"));
    let written = canaries.only("control 1").next().unwrap().1.writings();
    come_to("control");
    drop(written);

    let script = Script { canaries, folder, service: env::var(SERVICE).unwrap() };
    let mut window = script.open();
    script.sign_in(&mut window);
    window.close();

    // The kept sign-in uses its token up and gets another one.
    let mut window = script.open();
    script.activate(&mut window);
    script.add_accounts(&mut window);
    script.set_passphrases(&mut window);
    script.type_a_proxy(&mut window);
    script.is_locked_in_the_middle(&mut window);
    script.sign_in_again(&mut window);
    script.is_locked_at_a_challenge(&mut window);
    // Whatever is still on its way.
    std::thread::sleep(Duration::from_millis(1_500));
    window.settle();
    come_to("locked");

    script.unlock(&mut window);
    window.close();
}

/// Tells where it is, and waits until that has been looked at.
#[allow(clippy::print_stdout, reason = "the parent reads it")]
fn come_to(place: &str) {
    println!("at {place}");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
}

fn ticket(state: &State) -> Option<String> {
    if let Qr::Waiting { ticket, .. } = &state.sign_in.qr { Some(ticket.id.clone()) } else { None }
}

fn accounts(window: &Window) -> Vec<Account> {
    window.state().accounts.lists.values().flat_map(|list| list.value().cloned().unwrap_or_default()).collect()
}

fn lock(window: &mut Window) {
    // As after ten minutes without use, whatever is open.
    window.commands.try_send(Command::LockVault).unwrap();
    window.hear("输入口令继续");
}

/// Frames of more than a second of the window's clock.
const PAUSE: usize = 8;

struct Script {
    canaries: Canaries,
    folder: PathBuf,
    service: String,
}

impl Script {
    fn open(&self) -> Window {
        Window::open_hosted(&self.path("Data"), &self.path("state/piaoxia"), &self.service)
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::join(&self.folder, name)
    }

    fn text(&self, name: &str) -> String {
        self.canaries.text(name)
    }

    /// Types, and looks at it for a moment: that is when a field notes what there is to undo.
    fn type_in(&self, window: &mut Window, label: &str, name: &str) {
        window.type_into(label, &self.text(name));
        window.harness.run_steps(PAUSE);
    }

    /// 30 天免登录.
    fn sign_in(&self, window: &mut Window) {
        window.wait("a QR", |state| ticket(state).is_some());
        let before = ticket(window.state());
        window.choose("30 天免登录");
        window.wait("another QR", |state| ticket(state).is_some_and(|now| Some(now) != before));
        window.sign_in();
    }

    fn activate(&self, window: &mut Window) {
        window.wait("the activation page", |state| state.screen == Screen::Activation);
        for name in ["activation code 1", "activation code 2", "activation code 3"] {
            self.type_in(window, "激活码", name);
            window.press("激活");
            window.wait("the refusal", |state| !state.activation.busy && state.activation.problem.is_some());
        }
        window.activate();
    }

    /// Two accounts of two companies, whose passwords the vault keeps.
    fn add_accounts(&self, window: &mut Window) {
        window.press("添加电子税务局账号");
        window.press("添加第一个账号");
        self.add_account(window, 1);
        window.press("添加账号");
        self.add_account(window, 2);
        let companies = window.state().companies.list.value().unwrap().clone();
        window.press("企业");
        window.choose(&companies[1].name);
        window.press("添加第一个账号");
        self.add_account(window, 3);
        window.press("添加账号");
        self.add_account(window, 4);
        window.wait("the vault", |state| state.vault.view.accounts.len() == 4);

        // Typed, looked at, and not sent.
        window.press("添加账号");
        self.type_in(window, "个人用户密码", "cancelled password 1");
        window.press("显示密码");
        self.type_in(window, "个人用户密码", "cancelled password 2");
        window.settle();
        come_to("typed");
        window.press("隐藏密码");
        window.press("取消");
    }

    /// The bureau refuses one password, takes the next, and refuses the first code.
    fn add_account(&self, window: &mut Window, number: usize) {
        let before = accounts(window).len();
        let asked =
            |state: &State| state.accounts.form.as_ref().is_some_and(|form| state.sandbox.asked_for.as_ref() == Some(&form.company));
        window.wait("demo accounts", |state| asked(state) && state.sandbox.accounts.len() > 1);
        let person = window.state().sandbox.accounts[(number - 1) % 2].person.clone();
        window.press(&format!("填入：{person}"));
        window.choose("记住密码");
        self.type_in(window, "个人用户密码", &format!("refused password {number}"));
        window.press("登录");
        window.hear("用户名或密码错误");
        self.type_in(window, "个人用户密码", &format!("kept password {number}"));
        window.press("登录");
        let mut asked = false;
        while let Some(open) = window.next_challenge() {
            if matches!(open.challenge.kind, ChallengeKind::Sms { .. }) && !asked {
                asked = true;
                self.answer_wrongly(window, number);
            } else {
                window.answer(&open.challenge);
            }
        }
        assert!(asked, "each account gets a short message");
        window.wait("the account", |state| {
            state.accounts.lists.values().filter_map(|list| list.value()).map(Vec::len).sum::<usize>() > before
        });
    }

    fn answer_wrongly(&self, window: &mut Window, number: usize) {
        self.type_in(window, "短信验证码", &format!("short code {number}"));
        window.press("提交");
        window.wait("the refusal", |state| state.accounts.challenge.as_ref().is_some_and(|open| !open.busy && open.challenge.rejected));
    }

    fn set_passphrases(&self, window: &mut Window) {
        window.press("设置");
        window.press("设置口令");
        self.type_in(window, "新口令", "cancelled passphrase 1");
        self.type_in(window, "再输一遍", "cancelled passphrase 2");
        window.hear("两次输入的口令不一样");
        window.press("取消");
        for (button, name) in [("设置口令", "passphrase 1"), ("修改口令", "passphrase 2")] {
            window.press(button);
            self.type_in(window, "新口令", name);
            self.type_in(window, "再输一遍", name);
            window.press("保存");
            window.wait("the passphrase", |state| state.vault.view.passphrase && state.vault.dialog.is_none());
        }
    }

    /// Where no password may stand.
    fn type_a_proxy(&self, window: &mut Window) {
        window.press("设置");
        window.choose("手动填写");
        for name in ["proxy password 1", "proxy password 2"] {
            window.type_into("代理地址", &format!("http://user:{}@proxy.example.com:8080", self.text(name)));
            window.harness.run_steps(PAUSE);
            window.press("保存");
            window.hear("代理地址写得不对");
        }
    }

    /// The page of the first company, two of whose accounts were signed in elsewhere.
    fn open_company(&self, window: &mut Window) -> Vec<Account> {
        let companies = window.state().companies.list.value().unwrap().clone();
        window.press("企业");
        window.choose(&companies[0].name);
        let known = |state: &State| state.accounts.known(&companies[0].id).to_vec();
        window.wait("the accounts", |state| known(state).len() == 2);
        let accounts = known(window.state());
        let client = window.client.clone();
        window.block_on(async { client.sandbox().kick(&accounts[0].id).await }).unwrap();
        window.block_on(async { client.sandbox().kick(&accounts[1].id).await }).unwrap();
        window.press("刷新");
        window.wait("the end of the sessions", |state| known(state).iter().all(|one| !matches!(one.session, Session::Valid { .. })));
        accounts
    }

    /// With a password that the vault does not keep.
    fn sign_in_again(&self, window: &mut Window) {
        let account = self.open_company(window).remove(1);
        window.commands.try_send(Command::ForgetPassword(account.id.clone())).unwrap();
        window.wait("the vault without it", |state| !state.vault.view.accounts.contains(&account.id));
        window.press("登录");
        self.type_in(window, "密码", "asked password 1");
        window.press("登录");
        window.hear("用户名或密码错误");
        self.type_in(window, "密码", "asked password 2");
        lock(window);
        for name in ["wrong passphrase 1", "wrong passphrase 2", "wrong passphrase 3", "wrong passphrase 4"] {
            self.type_in(window, "口令", name);
            window.press("解锁");
            window.hear("口令不对");
            window.wait("the refusal", |state| !state.vault.busy && state.vault.problem.is_some());
        }
        self.unlock(window);
        assert!(window.state().accounts.password.as_ref().is_some_and(|dialog| dialog.password.is_empty()));
        window.press("取消");
    }

    /// With the password that the vault keeps; a code is refused, another one not sent.
    fn is_locked_at_a_challenge(&self, window: &mut Window) {
        let account = self.open_company(window).remove(0);
        window.commands.try_send(Command::LoginRemembered { company: "sim-0".to_owned(), account: account.id }).unwrap();
        window.wait("a challenge", |state| state.accounts.challenge.is_some());
        while let Some(open) = window.next_challenge().filter(|open| !matches!(open.challenge.kind, ChallengeKind::Sms { .. })) {
            window.answer(&open.challenge);
        }
        self.answer_wrongly(window, 5);
        self.type_in(window, "短信验证码", "short code 6");
        lock(window);
        assert!(window.state().accounts.challenge.as_ref().is_some_and(|open| open.value.is_empty()));
    }

    /// A form and a new passphrase are half typed.
    fn is_locked_in_the_middle(&self, window: &mut Window) {
        self.open_company(window);
        window.press("添加账号");
        self.type_in(window, "个人用户密码", "cancelled password 3");
        window.press("显示密码");
        lock(window);
        self.unlock(window);
        window.press("取消");
        window.press("设置");
        window.press("修改口令");
        self.type_in(window, "新口令", "cancelled passphrase 3");
        window.press("显示密码");
        lock(window);
        self.unlock(window);
    }

    fn unlock(&self, window: &mut Window) {
        self.type_in(window, "口令", "passphrase 2");
        window.press("解锁");
        window.wait("the vault", |state| state.vault.view.open);
    }
}
