//! The same pages with nothing and with very much in them: as a firm that keeps 300 companies has them, with the longest names.

use jiff::civil::date;
use piaoxia::state::{Screen, State};
use piaoxia_documents::Refused;
use piaoxia_domain::Scope;
use piaoxia_domain::account::AccountId;
use piaoxia_engine::event::{ImportReport, RefusedFile};
use piaoxia_engine::problem::{NetworkFault, What};
use piaoxia_engine::{DownloadState, Problem};
use piaoxia_service::contract::{Company, MessageBy, Notice, NoticeKind, SandboxMessage};

use super::claims::claimed_before;
use super::data::{self, download, inside, moment, tax_no};
use super::{difference, home, mailbox, sheet};

/// As long as a name gets: 营业执照 has no limit, but nobody was seen with more than sixty characters.
const LONG: &str = "新疆维吾尔自治区伊犁哈萨克自治州票匣示例农牧业产业化融合发展投资（集团）股份有限公司霍尔果斯经济开发区分公司";

fn companies(count: u32) -> Vec<Company> {
    let some = data::companies();
    let one = |number: u32| {
        let pattern = &some[number as usize % some.len()];
        let name = if number % 7 == 3 { LONG.to_owned() } else { format!("{}（{number:03} 号店）", pattern.name) };
        let accounts = number % 4;
        let mut company = Company { id: format!("m{number}"), name, accounts, signed_in: accounts / 2, ..pattern.clone() };
        company.tax_no = tax_no(&format!("91310115MA1K{number:05}"));
        company.entitlement.expires_on = date(2026, 11, 10).checked_add(jiff::ToSpan::days(i64::from(number))).unwrap();
        company
    };
    (0..count).map(one).collect()
}

fn firm(screen: Screen) -> State {
    let mut state = inside(screen);
    state.companies.list.answer(Ok(companies(300)));
    state.ledger.invoices = 1_000_000;
    state
}

pub fn companies_none() -> State {
    let mut state = inside(Screen::Companies);
    state.companies.list.answer(Ok(Vec::new()));
    state
}

pub fn companies_many() -> State {
    firm(Screen::Companies)
}

pub fn companies_no_match() -> State {
    let mut state = firm(Screen::Companies);
    state.companies.search = "没有这家公司".into();
    state
}

/// Every matter that the home page knows, in a firm.
pub fn home_many() -> State {
    let mut state = firm(Screen::Home);
    state.download.take_all(downloads(40));
    state
}

fn downloads(count: usize) -> Vec<piaoxia_engine::Download> {
    let all = companies(300);
    let one = |number: usize| {
        let state = match number % 6 {
            0 => DownloadState::Running,
            1 => DownloadState::Waiting,
            2 => DownloadState::NeedsLogin { account: AccountId("a1".into()) },
            3 => DownloadState::Failed,
            4 => DownloadState::Paused,
            _ => DownloadState::Done,
        };
        let mut one = download(&number.to_string(), [Scope::Received, Scope::Issued, Scope::Deductible][number % 3], state);
        one.order.company.name.clone_from(&all[number].name);
        if one.state == DownloadState::Failed {
            one.problem = Some(Problem::new(What::Network(NetworkFault::Unreachable), ""));
        }
        one
    };
    (0..count).map(one).collect()
}

/// More downloads than fit.
pub fn download_many() -> State {
    let mut state = firm(Screen::Download);
    state.download.take_all(downloads(50));
    state
}

/// A dozen people of one company.
pub fn company_many() -> State {
    let mut state = inside(Screen::Company { id: "c1".into() });
    let pattern = data::accounts();
    let people = (0..12).map(|number| {
        let mut account = pattern[number % 2].clone();
        account.id = AccountId(format!("a{number}"));
        account.person = if number == 3 {
            "阿卜杜热依木江·买买提艾力·吐尔逊尼亚孜会计".into()
        } else {
            format!("王会计{number}")
        };
        account.login_name = format!("138****{number:04}");
        account.default_for = None;
        account
    });
    state.accounts.list("c1").answer(Ok(people.collect()));
    state.accounts.now = Some((moment("2026-11-22T03:00:00Z"), state.clock));
    state.accounts.budgets = data::budgets();
    state
}

/// Eight regions with troubles of their own.
pub fn outages_many() -> State {
    let mut state = home();
    let regions = ["3100", "4403", "3300", "3100", "4403", "3300", "", ""];
    let text = "电子税务局系统升级，期间无法登录、下载和查询；已提交的申请会在恢复后继续处理，请不要重复提交。";
    let notice = |region: &&str| Notice {
        region: (*region).into(),
        kind: NoticeKind::Maintenance,
        until: Some(moment("2026-11-23T10:00:00Z")),
        text: text.into(),
    };
    state.companies.notices = regions.iter().map(notice).collect();
    state
}

/// As many differing invoices as a dialog shows.
pub fn difference_many() -> State {
    let mut state = difference();
    for download in &mut state.download.all {
        let Some(findings) = download.differences.first_mut().and_then(|difference| difference.findings.as_mut()) else { continue };
        let some = findings.invoices.clone();
        findings.invoices = (0..200_usize)
            .map(|number| {
                let mut one = some[number % some.len()].clone();
                one.key = format!("2631200000022345{number:04}").parse().unwrap();
                if number % 9 == 4 {
                    one.party = LONG.into();
                }
                one
            })
            .collect();
        findings.more = 4_800;
    }
    state
}

/// An invoice with hundreds of lines between parties with the longest names.
pub fn sheet_many() -> State {
    let mut state = sheet();
    let shown = state.ledger.sheet.as_mut().unwrap();
    let lines = shown.invoice.lines.clone();
    shown.invoice.lines = lines.iter().cycle().take(500).cloned().collect();
    shown.invoice.seller.name = LONG.into();
    shown.invoice.remark = LONG.repeat(4);
    state
}

/// Hundreds of invoices that were used before.
pub fn claim_many() -> State {
    claimed_before((500, 187), "BX-2026-0412 华东区域第三季度市场推广活动差旅及会议费用（含场地、餐饮、交通）")
}

/// A folder with hundreds of files that are none.
pub fn import_report_many() -> State {
    let mut state = super::ledger();
    let refused = |number: u32| RefusedFile {
        file: format!("D:\\{LONG}\\2026-10\\批量下载_20261101_{number:03}.zip/xml/空文件.xml"),
        reason: Refused::Empty,
    };
    state.import.report =
        Some(ImportReport { new: 12_345, known: 987_654, refused: (0..500).map(refused).collect(), ..ImportReport::default() });
    state
}

pub fn mailbox_many() -> State {
    let mut state = mailbox();
    let letter = |number: u32| SandboxMessage {
        by: if number.is_multiple_of(3) { MessageBy::Mail } else { MessageBy::Sms },
        to: "13800000001".into(),
        subject: if number.is_multiple_of(3) { format!("【票匣】{LONG}：第 {number} 封") } else { String::new() },
        text: format!("【模拟税局】验证码 {:06}，5 分钟内有效。", number * 4_871 % 1_000_000),
        code: None,
        sent_at: moment("2026-11-22T02:00:00Z"),
    };
    state.sandbox.messages = (0..200).map(letter).collect();
    state
}
