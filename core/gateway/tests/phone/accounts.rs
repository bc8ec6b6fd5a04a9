//! Accounts on the phone: the hosted login types, and wrong input.

use piaoxia_browser::Phone;

use crate::story::fill_account;
use crate::support::{config, start};
use crate::{apply, bind};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosted_numbers_finish_by_themselves_and_wrong_passwords_are_told() {
    let (handle, client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let phone = Phone::open().await.unwrap();
    let mail = apply(&phone, &client, &base, "上海票匣示例贸易有限公司", "a@example.com").await;
    bind(&phone, &mail, &base).await;
    let demos = client.sandbox().demo_accounts().await.unwrap();
    let mine: Vec<_> = demos.into_iter().filter(|demo| demo.company == "sim-0").collect();

    phone.go(&format!("{base}/p/company/sim-0/account")).await.unwrap();
    let mut wrong = mine[0].clone();
    let password = wrong.request.fields.iter().find(|(key, _)| key.to_lowercase().contains("pass")).map(|(key, _)| key.clone()).unwrap();
    wrong.request.fields.insert(password, "Wrong@2026".to_owned());
    fill_account(&phone, &wrong, "manual").await;
    phone.see("账号或密码不正确").await.unwrap();
    phone.see("今天还可以试 4 次").await.unwrap();

    fill_account(&phone, &mine[0], "hosted").await;
    phone.see("绑定账号到这部手机").await.unwrap();
    phone.press("暂不绑定").await.unwrap();
    phone.see("绑定到我的手机").await.unwrap();

    phone.press("添加电子税局账号").await.unwrap();
    fill_account(&phone, &mine[1], "virtual").await;
    phone.see("绑定账号到这部手机").await.unwrap();
    phone.press("确认绑定").await.unwrap();
    phone.see("已绑定我的手机").await.unwrap();
    phone.close().await;
}
