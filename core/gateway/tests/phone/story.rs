//! From the application to an account with its default, in the order of the mail.

use piaoxia_browser::Phone;
use piaoxia_service::contract::DemoAccount;

use crate::support::{config, start};
use crate::{apply, bind, word};

const COMPANY: &str = "上海票匣示例贸易有限公司";
const EMAIL: &str = "caiwu@shanghai.example.com";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_becomes_a_configured_company() {
    let (handle, client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let phone = Phone::open().await.unwrap();

    // 1. The application. The company is found while one types, before anything is pressed.
    let mail = apply(&phone, &client, &base, COMPANY, EMAIL).await;
    assert!(mail.subject.contains(COMPANY), "{}", mail.subject);
    let code = mail.code.clone().unwrap();

    // 2. The link of the mail on the PC shows a QR; another phone scans it.
    let pc = Phone::open().await.unwrap();
    pc.go(word(&mail.text, &format!("{base}/p/key#"))).await.unwrap();
    assert_eq!(pc.run("return location.hash").await.unwrap(), "", "the key does not stay in the address");
    pc.press("提交").await.unwrap();
    pc.see("等待扫码").await.unwrap();
    let ticket = pc.url().await.unwrap().rsplit('/').next().unwrap().to_owned();
    phone.go(&format!("{base}/p/start/{ticket}")).await.unwrap();
    phone.see("绑定操作手机").await.unwrap();
    phone.press("确认绑定").await.unwrap();
    phone.see("待配置").await.unwrap();
    pc.see("手机已绑定").await.unwrap();

    // 3. An account: region and tax number are shown to be checked.
    phone.press(COMPANY).await.unwrap();
    phone.press("添加电子税务局账号").await.unwrap();
    phone.see("上海").await.unwrap();
    let demo = client.sandbox().demo_accounts().await.unwrap().into_iter().find(|demo| demo.company == "sim-0").unwrap();
    fill_account(&phone, &demo, "manual").await;
    // A wrong answer keeps the form.
    phone.see("图片中的字符").await.unwrap();
    phone.fill("value", "????").await.unwrap();
    phone.press("提交").await.unwrap();
    phone.see("不正确").await.unwrap();
    let challenge = phone.url().await.unwrap().rsplit('/').next().unwrap().to_owned();
    let seen = client.sandbox().captcha(&challenge).await.unwrap();
    phone.fill("value", &seen).await.unwrap();
    phone.press("提交").await.unwrap();
    phone.see("验证码已发送到").await.unwrap();
    phone.fill("value", &newest_code(&client, &demo.phone).await).await.unwrap();
    phone.press("提交").await.unwrap();

    // 4. The binding is offered at once, then the default.
    phone.see("绑定账号到这部手机").await.unwrap();
    phone.press("确认绑定").await.unwrap();
    phone.see("已绑定我的手机").await.unwrap();
    phone.see("默认开票+收票账号").await.unwrap();
    assert!(!phone.text().await.unwrap().contains("设为默认"), "a company's only account is for both, and from the start");

    // 5. 个人中心.
    phone.go(&format!("{base}/p/me")).await.unwrap();
    phone.see("没有需要处理的登录或验证").await.unwrap();
    phone.see(COMPANY).await.unwrap();
    phone.press("解除绑定").await.unwrap();
    phone.see("还没有绑定账号").await.unwrap();

    // The code of the same mail activates a PC.
    assert_eq!(code.len(), 22);
    pc.close().await;
    phone.close().await;
}

/// Every page that a person sees on the way fits a phone: no wider than it, below 50 KB, nothing fetched from elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_fit_a_phone() {
    let (handle, client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let phone = Phone::open().await.unwrap();
    let mail = apply(&phone, &client, &base, COMPANY, EMAIL).await;
    bind(&phone, &mail, &base).await;
    let pages = [
        "/p",
        "/p/upgrade?q=示例",
        "/p/upgrade/sim-0",
        "/p/key",
        "/p/companies",
        "/p/company/sim-0",
        "/p/company/sim-0/account",
        "/p/me",
        "/p/download",
        "/p/renew",
    ];
    for page in pages {
        phone.go(&format!("{base}{page}")).await.unwrap();
        let width = phone.run("return document.documentElement.scrollWidth").await.unwrap();
        assert!(width.as_u64().unwrap() <= 360, "{page} is {width} wide");
        let size = phone.run("return document.documentElement.outerHTML.length").await.unwrap();
        assert!(size.as_u64().unwrap() < 50_000, "{page} has {size} characters");
        let fetched = phone.run("return performance.getEntriesByType('resource').length").await.unwrap();
        assert_eq!(fetched, 0, "{page} fetches something");
        if let Some(folder) = std::env::var_os("PIAOXIA_PICTURES") {
            let name = page.trim_start_matches('/').replace(['/', '?', '='], "-");
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}.b64")), phone.picture().await.unwrap()).unwrap();
        }
    }
    phone.close().await;
}

/// Types an account into the form of its region.
pub async fn fill_account(phone: &Phone, demo: &DemoAccount, mode: &str) {
    phone.add_account(&demo.request.fields, demo.request.identity.code(), mode).await.unwrap();
}

/// The newest code that was sent to a phone.
pub async fn newest_code(client: &piaoxia_service::Client, to: &str) -> String {
    let messages = client.sandbox().messages().await.unwrap();
    messages.into_iter().rev().find(|message| message.to == to).and_then(|message| message.code).unwrap()
}
