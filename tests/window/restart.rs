//! The program is killed in the middle of a download; the window finishes it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use piaoxia::boot::{SANDBOX, Sandbox};
use piaoxia::state::Screen;
use piaoxia_engine::DownloadState;
use piaoxia_service::contract::CodeCondition;

use crate::driver::Window;

#[test]
fn a_killed_download_is_finished_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    // The command line does the first steps by the sandbox's own phone, and begins the download.
    let today = piaoxia_domain::period::shanghai_day(jiff::Timestamp::now());
    let bureau = piaoxia_bureau::Bureau::new(piaoxia_bureau::BureauConfig::new(SANDBOX.seed, SANDBOX.invoices, today));
    let company = bureau.sandbox_companies()[0].tax_no.to_string();
    let to = today.first_of_month().yesterday().unwrap();
    let from = to.checked_sub(jiff::Span::new().months(5)).unwrap().first_of_month();

    let mut child = Command::new(env!("CARGO_BIN_EXE_piaoxia"))
        .args(["download", "--company", &company, "--scope", "received", "--sandbox-phone", "--data"])
        .arg(&data)
        .args(["--from", &from.to_string(), "--to", &to.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let begun = lines.by_ref().map_while(Result::ok).any(|line| line.contains("台账已有"));
    assert!(begun, "the download shows progress");
    // SIGKILL: nothing is tidied up.
    child.kill().unwrap();
    child.wait().unwrap();

    let mut window = Window::open(&data, &keys, Sandbox::Kept);
    window.wait("the first page", |state| state.screen != Screen::Starting);
    let left = window.state().download.all.first().unwrap().clone();
    assert!(left.state != DownloadState::Done, "it was killed in time");
    let kept = window.state().ledger.invoices;
    assert!(kept > 0);
    if window.state().screen == Screen::SignIn {
        window.sign_in();
    }
    if window.state().screen == Screen::Activation {
        let client = window.client.clone();
        let code = window.block_on(async { client.sandbox().issue_code(CodeCondition::Fresh).await }).unwrap().code;
        window.type_into("激活码", &code);
        window.press("激活");
    }
    window.wait("the company list", |state| state.companies.list.value().is_some());
    window.press("发票下载");
    window.wait("the wish for a person", |state| {
        state.download.all.first().is_some_and(|download| matches!(download.state, DownloadState::NeedsLogin { .. }))
    });
    window.wait("the account", |state| !state.accounts.lists.is_empty());
    window.press("登录账号");
    window.press("填入体验密码");
    window.press("登录");
    window.answer_challenges();
    window.wait("the end", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    let download = window.state().download.all.first().unwrap().clone();
    assert_eq!(download.state, DownloadState::Done, "{:?} {:?}", download.problem, download.differences);

    // Nothing twice, nothing missing: the ledger holds just what the bureau counts.
    window.press("台账");
    let expected = download.expected_totals();
    window.wait("the ledger", |state| state.ledger.rows() == expected.invoices);
    assert_eq!(window.state().ledger.view.value().unwrap().totals, expected);
    assert!(kept < expected.invoices);
    window.close();
}
