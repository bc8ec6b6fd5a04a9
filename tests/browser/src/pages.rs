//! What a person does on the phone pages, step by step.

use std::collections::BTreeMap;

use crate::{Phone, Told};

/// The link or word of a text that begins with this; none when there is none.
#[must_use]
pub fn word<'a>(text: &'a str, begin: &str) -> Option<&'a str> {
    let rest = text.get(text.find(begin)?..)?;
    rest.split(|c: char| c.is_whitespace() || c == '（').next()
}

impl Phone {
    /// 数电升级: finds the company while typing, fills the contact in, sends the application.
    ///
    /// # Errors
    /// The first step that did not work.
    pub async fn apply(&self, base: &str, company: &str, email: &str) -> Told<()> {
        self.go(&format!("{base}/p")).await?;
        self.press("数电升级").await?;
        self.fill("q", company).await?;
        self.press(company).await?;
        self.press("下一步").await?;
        for (name, value) in [("email", email), ("name", "王芳"), ("phone", "13800000001")] {
            self.fill(name, value).await?;
        }
        self.press("提交申请").await
    }

    /// Opens the operation link of a mail and binds this phone by it.
    ///
    /// # Errors
    /// The first step that did not work.
    pub async fn bind(&self, link: &str) -> Told<()> {
        self.go(link).await?;
        self.press("提交").await?;
        self.press("就用这部手机").await?;
        self.press("确认绑定").await?;
        self.see("配置企业").await
    }

    /// Types an account into the form of its region: values by key, 身份类型 and 登录类型 by their codes.
    ///
    /// # Errors
    /// The first step that did not work.
    pub async fn add_account(&self, fields: &BTreeMap<String, String>, identity: &str, mode: &str) -> Told<()> {
        for (key, value) in fields {
            if self.run(&format!("return document.querySelector('[name=\"f-{key}\"]').readOnly")).await? != true {
                self.fill(&format!("f-{key}"), value).await?;
            }
        }
        self.choose("identity", identity).await?;
        self.choose("mode", mode).await?;
        self.press("登录并添加").await
    }
}
