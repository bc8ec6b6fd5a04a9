//! Accounts on the phone: the hosted login types, and wrong input.

use piaoxia_browser::Phone;

use crate::story::fill_account;
use crate::support::{config, config_at, start};
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

    phone.press("添加电子税务局账号").await.unwrap();
    fill_account(&phone, &mine[1], "virtual").await;
    phone.see("绑定账号到这部手机").await.unwrap();
    phone.press("确认绑定").await.unwrap();
    phone.see("已绑定我的手机").await.unwrap();
    phone.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hosted_number_is_watched_and_the_person_says_what_it_cannot() {
    // A step takes longer than the page's pause between two looks.
    let (handle, client) = start(config_at(300)).await;
    let base = handle.base_url().to_owned();
    let phone = Phone::open().await.unwrap();
    let mail = apply(&phone, &client, &base, "深圳票匣示例科技有限公司", "b@example.com").await;
    bind(&phone, &mail, &base).await;
    let demos = client.sandbox().demo_accounts().await.unwrap();
    let unconfirmed = demos.into_iter().find(|demo| demo.phone == "19900000006").unwrap();

    phone.go(&format!("{base}/p/company/sim-1/account")).await.unwrap();
    fill_account(&phone, &unconfirmed, "virtual").await;
    phone.see("连接企享云办税小号").await.unwrap();
    phone.see("连接企享云办税小号 ✓").await.unwrap();
    phone.see("办税关系待确认").await.unwrap();
    phone.choose("value", "confirm").await.unwrap();
    phone.press("提交").await.unwrap();
    phone.see("完成人脸验证").await.unwrap();
    phone.see("国家网络身份认证APP").await.unwrap();
    let face = phone.url().await.unwrap().rsplit('/').next().unwrap().to_owned();
    client.sandbox().scan(&face).await.unwrap();
    phone.see("绑定账号到这部手机").await.unwrap();
    phone.close().await;
}
