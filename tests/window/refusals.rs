//! What goes wrong has its sentence in the window, and nothing is lost.

use std::path::{Path, PathBuf};

use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_service::contract::{CodeCondition, SandboxSize};

use crate::driver::Window;
use crate::service::Service;

fn opened(folder: &tempfile::TempDir) -> Window {
    let size = SandboxSize { seed: 3, invoices: 400 };
    Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(size))
}

#[test]
fn every_bad_activation_code_has_its_own_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.sign_in();
    window.wait("the activation page", |state| state.screen == Screen::Activation);
    let client = window.client.clone();
    let issued = |condition| window.block_on(async { client.sandbox().issue_code(condition).await }).unwrap().code;
    let (expired, used) = (issued(CodeCondition::Expired), issued(CodeCondition::Used));
    let unknown = piaoxia_domain::activation::ActivationCode::from_random([9; 10]).grouped();
    for (code, sentence) in
        [("ABC", "激活码格式不对"), (unknown.as_str(), "没有这个激活码"), (&expired, "激活码已过期"), (&used, "激活码已在另一台电脑上使用")]
    {
        window.type_into("激活码", code);
        window.press("激活");
        window.wait(sentence, |state| !state.activation.busy && state.activation.problem.is_some());
        assert!(window.says(sentence), "{sentence}");
    }
    window.activate();
    window.close();
}

#[test]
fn wrong_answers_keep_the_dialog_and_the_third_ends_the_challenge() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.sign_in();
    window.activate();
    window.press("添加电子税务局账号");
    window.wait("the account list", |state| state.accounts.lists.values().any(|list| list.value().is_some()));
    window.press("添加第一个账号");
    window.wait("demo accounts", |state| !state.sandbox.accounts.is_empty());
    let link = format!("填入：{}", window.state().sandbox.accounts[0].person);
    window.press(&link);
    window.press("登录");
    // A wrong captcha brings a new picture in the same dialog.
    window.wait("the picture", |state| state.accounts.challenge.is_some());
    window.type_into("图片中的字符", "zzzz");
    window.press("提交");
    window.wait("the refusal", |state| state.accounts.challenge.as_ref().is_some_and(|open| open.challenge.rejected && !open.busy));
    assert!(window.says("不正确，还可以试"));
    let client = window.client.clone();
    let id = window.state().accounts.challenge.as_ref().unwrap().challenge.id.clone();
    let right = window.block_on(async { client.sandbox().captcha(&id).await }).unwrap();
    window.type_into("图片中的字符", &right);
    window.press("提交");
    window.wait("the message's code", |state| {
        state
            .accounts
            .challenge
            .as_ref()
            .is_some_and(|open| matches!(open.challenge.kind, piaoxia_service::contract::ChallengeKind::Sms { .. }))
    });
    for left in [2, 1] {
        window.type_into("短信验证码", "000000");
        window.press("提交");
        window.wait("the refusal", |state| {
            state.accounts.challenge.as_ref().is_some_and(|open| open.challenge.attempts_left == left && !open.busy)
        });
        assert!(window.says(&format!("不正确，还可以试 {left} 次")));
    }
    window.type_into("短信验证码", "000000");
    window.press("提交");
    window.wait("the form again", |state| {
        state.accounts.challenge.is_none() && state.accounts.form.as_ref().is_some_and(|form| form.problem.is_some())
    });
    let problem = window.state().accounts.form.as_ref().unwrap().problem.clone();
    assert!(window.says("验证码输错次数太多"), "{problem:?}");
    window.close();
}

#[test]
fn a_download_without_a_default_account_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.sign_in();
    window.activate();
    window.press("发票下载");
    window.press("查询张数和金额");
    window.wait("the refusal", |state| state.download.counted.as_ref().is_some_and(|counted| counted.rows.problem().is_some()));
    assert!(window.says("还没有默认的收票账号"));
    window.close();
}

#[test]
fn wrong_passwords_lock_the_account_and_say_until_when() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.sign_in();
    window.activate();
    window.add_first_account();
    window.press("退出税局登录");
    window.press("登录");
    // The dialog stays, for the next try.
    for said in ["今天还可以试 4 次", "今天还可以试 3 次", "今天还可以试 2 次", "今天还可以试 1 次", "税局已锁定该账号"]
    {
        window.type_into("密码", "wrong");
        window.press("登录");
        window.wait("the answer", |state| state.accounts.password.as_ref().is_some_and(|dialog| !dialog.busy && dialog.problem.is_some()));
        assert!(window.says(said), "{said}");
    }
    assert!(window.says("自动解锁"));
    window.close();
}

#[test]
fn nothing_found_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.sign_in();
    window.activate();
    window.add_first_account();
    window.press("发票下载");
    window.choose("发票查询统计");
    window.choose("开具");
    // No company of the sandbox runs a railway.
    window.pick("票种", &["数电票（铁路电子客票）"]);
    window.press("查询张数和金额");
    window.wait("counts", |state| state.download.counted.as_ref().is_some_and(|counted| counted.totals().is_some()));
    assert!(window.says("没有符合条件的发票。请检查期间和筛选条件"));
    window.press("下载发票");
    window.wait("the end", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    assert_eq!(window.state().download.all[0].received.invoices, 0);
    assert!(window.says("当天开具的发票要到明天才能查到"));
    window.close();
}

#[test]
fn an_export_onto_an_open_workbook_leaves_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.sign_in();
    window.activate();
    window.press("台账");
    window.drop_files(&[fixture("special.xml"), fixture("red.xml")]);
    window.wait("the import", |state| state.ledger.rows() == 2);
    let target = folder.path().join("发票.xlsx");
    std::fs::write(&target, "somebody's work").unwrap();
    // What Excel leaves beside a workbook while it is open.
    std::fs::write(folder.path().join("~$发票.xlsx"), "").unwrap();
    window.press("导出");
    window.type_into("保存为", target.to_str().unwrap());
    window.press("开始导出");
    window.hear("文件正被其他程序打开");
    assert!(window.says("请在 Excel 或 WPS 里关闭它，或换一个文件名"));
    assert_eq!(std::fs::read(&target).unwrap(), b"somebody's work");
    window.close();
}

#[cfg(unix)]
#[test]
fn a_service_that_is_gone_is_told_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let mut service = Service::start(&folder.path().join("Gateway"), "127.0.0.1:0", 100);
    let mut window = Window::open_hosted(&data, &keys, &service.address);
    window.sign_in();
    let code = issued_code(&window);
    window.wait("the activation page", |state| state.screen == Screen::Activation);
    window.type_into("激活码", &code);
    window.press("激活");
    window.wait("the home page", |state| state.screen == Screen::Home);
    let address = service.address.clone();
    service.stop();
    window.press("发票下载");
    window.press("查询张数和金额");
    window.wait("the refusal", |state| state.download.counted.as_ref().is_some_and(|counted| counted.rows.problem().is_some()));
    assert!(window.says("连接不上服务"));
    assert!(window.says("请检查网络或代理"));
    // Back again on the same address, it answers; who was signed in for this day only signs in again. What looks around by itself may
    // hear of it before the page does.
    let _service = Service::start(&folder.path().join("Gateway"), address.trim_start_matches("http://"), 100);
    window.press_unless("查询张数和金额", |state| state.screen == Screen::SignIn);
    window.hear("登录已过期");
    window.sign_in();
    window.press("发票下载");
    window.press("查询张数和金额");
    window.hear("还没有默认的收票账号");
    window.close();
}

fn issued_code(window: &Window) -> String {
    let client = window.client.clone();
    window.block_on(async { client.sandbox().issue_code(CodeCondition::Fresh).await }).unwrap().code
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("core/documents/tests/fixtures").join(name)
}
