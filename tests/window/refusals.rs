//! What goes wrong has its sentence in the window, and nothing is lost.

use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_service::contract::{CodeCondition, SandboxSize};

use crate::driver::Window;

fn opened(folder: &tempfile::TempDir) -> Window {
    let size = SandboxSize { seed: 3, invoices: 400 };
    Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(size))
}

/// The sentence is on the screen.
fn says(window: &Window, sentence: &str) -> bool {
    use egui_kittest::kittest::Queryable;
    window.harness.query_all_by_label_contains(sentence).next().is_some()
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
        assert!(says(&window, sentence), "{sentence}");
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
    window.press("添加电子税局账号");
    window.wait("the account list", |state| state.accounts.lists.values().any(|list| list.value().is_some()));
    window.press("添加第一个账号");
    window.wait("demo accounts", |state| !state.sandbox.accounts.is_empty());
    let link = format!("填入 {} 的账号", window.state().sandbox.accounts[0].person);
    window.press(&link);
    window.press("登录");
    // A wrong captcha brings a new picture in the same dialog.
    window.wait("the picture", |state| state.accounts.challenge.is_some());
    window.type_into("图片中的字符", "zzzz");
    window.press("提交");
    window.wait("the refusal", |state| state.accounts.challenge.as_ref().is_some_and(|open| open.challenge.rejected && !open.busy));
    assert!(says(&window, "不正确，还可以试"));
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
        assert!(says(&window, &format!("不正确，还可以试 {left} 次")));
    }
    window.type_into("短信验证码", "000000");
    window.press("提交");
    window.wait("the form again", |state| {
        state.accounts.challenge.is_none() && state.accounts.form.as_ref().is_some_and(|form| form.problem.is_some())
    });
    let problem = window.state().accounts.form.as_ref().unwrap().problem.clone();
    assert!(says(&window, "验证码输错次数太多"), "{problem:?}");
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
    assert!(says(&window, "还没有默认的收票账号"));
    window.close();
}
