//! The whole story between phone, mail box and window: from the application to the last invoice.

use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use piaoxia::state::accounts::Bind;
use piaoxia::state::session::Qr;
use piaoxia::state::{Screen, State};
use piaoxia_browser::{Phone, word};
use piaoxia_domain::account::Session;
use piaoxia_domain::{DateRange, DefaultFor, Scope, Totals};
use piaoxia_engine::DownloadState;
use piaoxia_gateway::{Gateway, GatewayConfig, GatewayHandle, SimConnector};
use piaoxia_mail::MailConfig;
use piaoxia_service::Client;
use piaoxia_service::contract::{DemoAccount, Fault, FaultRequest, SandboxSize};
use piaoxia_smtp_sink::SmtpSink;
use tokio::runtime::Runtime;

use crate::driver::Window;

const SIZE: SandboxSize = SandboxSize { seed: 11, invoices: 60_000 };
const COMPANY: &str = "上海票匣示例贸易有限公司";
const EMAIL: &str = "caiwu@example.com";
const PATIENCE: Duration = Duration::from_secs(120);

/// A service that runs elsewhere, its mail server, and a phone.
struct Outside {
    runtime: Runtime,
    server: SmtpSink,
    gateway: GatewayHandle,
    client: Client,
    phone: Phone,
}

impl Outside {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let (server, gateway, client, phone) = runtime.block_on(async {
            let server = SmtpSink::start().await.unwrap();
            let port = server.port();
            let mail =
                format!("host = '127.0.0.1'\nport = {port}\nsecurity = 'none'\nfrom = {{ name = '票匣', address = 'n@example.com' }}");
            let config = GatewayConfig {
                sandbox: true,
                mail: Some(MailConfig::from_toml(&mail).unwrap()),
                ..GatewayConfig::new(std::sync::Arc::new(SimConnector::quick(SIZE)))
            };
            let gateway = Gateway::start(config).await.unwrap();
            let client = Client::new(gateway.base_url(), None).unwrap();
            (server, gateway, client, Phone::open().await.unwrap())
        });
        Self { runtime, server, gateway, client, phone }
    }

    fn base(&self) -> String {
        self.gateway.base_url().to_owned()
    }

    /// The text of the newest mail to the applicant with this in its subject, once the server has received it.
    fn mail(&self, about: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            for mail in self.server.received().iter().rev().filter(|mail| mail.to == [EMAIL]) {
                let message = MessageParser::default().parse(&mail.data).unwrap();
                if message.subject().unwrap().contains(about) {
                    return message.body_text(0).unwrap().into_owned();
                }
            }
            assert!(Instant::now() < deadline, "no mail about {about} came");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn demo_accounts(&self) -> Vec<DemoAccount> {
        let all = self.runtime.block_on(self.client.sandbox().demo_accounts()).unwrap();
        let (able, others): (Vec<_>, Vec<_>) =
            all.into_iter().filter(|demo| demo.company == "sim-0").partition(|demo| demo.rights.issue && demo.rights.receive);
        able.into_iter().chain(others).collect()
    }

    /// Adds an account on the phone, answers what is asked, and binds it to the phone.
    async fn add(&self, demo: &DemoAccount, mode: &str) {
        let phone = &self.phone;
        phone.go(&format!("{}/p/company/sim-0/account", self.base())).await.unwrap();
        phone.add_account(&demo.request.fields, demo.request.identity.code(), mode).await.unwrap();
        if mode == "manual" {
            self.answer(demo).await;
        }
        phone.see("绑定账号到这部手机").await.unwrap();
        phone.press("确认绑定").await.unwrap();
        phone.see("已绑定我的手机").await.unwrap();
    }

    /// The picture, then the code of the message.
    async fn answer(&self, demo: &DemoAccount) {
        let phone = &self.phone;
        phone.see("图片中的字符").await.unwrap();
        let challenge = phone.url().await.unwrap().rsplit('/').next().unwrap().to_owned();
        phone.fill("value", &self.client.sandbox().captcha(&challenge).await.unwrap()).await.unwrap();
        phone.press("提交").await.unwrap();
        phone.see("验证码已发送到").await.unwrap();
        let messages = self.client.sandbox().messages().await.unwrap();
        let code = messages.into_iter().rev().find(|message| message.to == demo.phone).and_then(|message| message.code).unwrap();
        phone.fill("value", &code).await.unwrap();
        phone.press("提交").await.unwrap();
    }

    fn close(self) {
        self.runtime.block_on(async {
            self.phone.close().await;
            self.gateway.stop().await;
        });
    }
}

#[test]
fn from_the_application_to_the_last_invoice() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::start();
    let (base, phone) = (outside.base(), &outside.phone);

    // The application, its mail, the key, the phone bound.
    outside.runtime.block_on(async {
        phone.apply(&base, COMPANY, EMAIL).await.unwrap();
        phone.see("申请已提交").await.unwrap();
    });
    let mail = outside.mail("操作密钥");
    let link = word(&mail, &format!("{base}/p/key#")).unwrap();
    outside.runtime.block_on(phone.bind(link)).unwrap();

    // An account by each login type; the first one, which a person signs in, is the default.
    let demos = outside.demo_accounts();
    outside.runtime.block_on(async {
        for (demo, mode) in demos.iter().zip(["manual", "hosted", "virtual"]) {
            outside.add(demo, mode).await;
        }
        phone.go(&format!("{base}/p/company/sim-0")).await.unwrap();
        phone.see("默认开票+收票账号").await.unwrap();
    });

    // The window shows the QR of this service; the phone opens it and types the number.
    let mut window = Window::open_hosted(&folder.path().join("Data"), &folder.path().join("keys"), &base);
    window.wait("a QR", |state| matches!(state.sign_in.qr, Qr::Waiting { .. }));
    let Qr::Waiting { ticket, .. } = window.state().sign_in.qr.clone() else { panic!("the QR is gone") };
    outside.runtime.block_on(async {
        phone.go(&ticket.qr_text).await.unwrap();
        phone.see("以 王芳 的身份登录").await.unwrap();
        phone.fill("number", &ticket.number).await.unwrap();
        phone.press("确认登录").await.unwrap();
        phone.see("已确认登录").await.unwrap();
    });
    assert!(outside.mail("新电脑登录").contains("/p/revoke#"));
    window.wait("the activation page", |state| state.screen == Screen::Activation);

    // The code of the same mail.
    let code = mail.lines().skip_while(|line| !line.starts_with("激活码（")).nth(1).unwrap();
    window.type_into("激活码", code);
    window.press("激活");
    window.wait("the company", |state| {
        state.screen == Screen::Home && state.companies.list.value().is_some_and(|all| all.len() == 1 && all[0].name == COMPANY)
    });

    // The account of the phone is there, signed in and the default.
    window.press("企业");
    window.choose(COMPANY);
    window.wait("the accounts", |state| {
        state.accounts.lists.values().any(|list| list.value().is_some_and(|accounts| accounts.len() == demos.len().min(3)))
    });
    let account = window.state().accounts.lists.values().next().unwrap().value().unwrap()[0].clone();
    assert_eq!(account.default_for, Some(DefaultFor::Both));
    rebind(&mut window, &outside);
    assert!(account.wechat_bound && matches!(account.session, Session::Valid { .. }), "{account:?}");

    // The session is lost in the middle of the collection: the phone is asked, the answer there lets the download go on.
    window.press("发票下载");
    let dates = last_month(&window);
    let expected = expected(&outside, dates);
    window.choose("发票查询统计");
    window.type_into("开票日期起", &dates.from().to_string());
    window.type_into("开票日期止", &dates.to().to_string());
    let lost = FaultRequest::new(Fault::SessionLost, 1, 0);
    outside.runtime.block_on(outside.client.sandbox().fault(&lost)).unwrap();
    window.press("下载发票");
    window.wait("a download that needs a person", |state| {
        state
            .download
            .all
            .first()
            .is_some_and(|download| matches!(&download.state, DownloadState::NeedsLogin { account: of } if *of == account.id))
    });
    let called = outside.mail("账号需要验证");
    assert!(called.contains("需要：图形验证码") && called.contains(COMPANY), "{called}");
    outside.runtime.block_on(async {
        phone.go(&format!("{base}/p/me")).await.unwrap();
        phone.see("登录需要验证").await.unwrap();
        phone.press("去验证").await.unwrap();
        outside.answer(&demos[0]).await;
        phone.see("个人中心").await.unwrap();
    });
    window.wait("the end of the download", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    let done = window.state().download.all[0].clone();
    assert_eq!((&done.state, done.received), (&DownloadState::Done, expected), "{:?} {:?}", done.problem, done.differences);
    window.close();
    outside.close();
}

fn bound(state: &State) -> usize {
    let lists = state.accounts.lists.values().filter_map(|list| list.value());
    lists.flatten().filter(|account| account.wechat_bound).count()
}

/// Unbinds an account in the window and binds it again: the window watches while the phone agrees.
fn rebind(window: &mut Window, outside: &Outside) {
    let (phone, before) = (&outside.phone, bound(window.state()));
    window.press("解绑微信");
    window.press("解绑");
    window.wait("the account unbound", |state| bound(state) == before - 1);
    window.press("绑定微信");
    window.hear("等待扫码");
    let Some(Bind::Open { ticket, .. }) = window.state().accounts.binding.as_ref().map(|dialog| dialog.step.clone()) else {
        panic!("no QR")
    };
    outside.runtime.block_on(async {
        phone.go(&ticket.qr_text).await.unwrap();
        phone.see("绑定账号到这部手机").await.unwrap();
    });
    window.hear("已扫码，请在手机上确认");
    outside.runtime.block_on(async {
        phone.press("确认绑定").await.unwrap();
        phone.see("已绑定").await.unwrap();
    });
    window.hear("已绑定到 王芳");
    window.press("关闭");
    window.wait("the account bound again", |state| bound(state) == before);
}

fn last_month(window: &Window) -> DateRange {
    let last = window.state().today.first_of_month().yesterday().unwrap();
    DateRange::new(last.first_of_month(), last).unwrap()
}

/// What the bureau's books say.
fn expected(outside: &Outside, dates: DateRange) -> Totals {
    let rows = outside.runtime.block_on(outside.client.sandbox().truth("sim-0", Scope::Received, dates)).unwrap();
    let mut all = Totals::default();
    rows.iter().for_each(|row| all.merge(&row.totals));
    assert!(all.invoices > 300, "{all:?}");
    all
}
