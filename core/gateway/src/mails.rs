//! Mails of the service, and what the sandbox shows of them.

use std::sync::PoisonError;

use jiff::Timestamp;
use piaoxia_service::contract::{MessageBy, SandboxMessage};

use crate::app::App;
use crate::failure::Answer;

/// Messages that the sandbox keeps.
const KEPT: usize = 100;

/// What a mail says.
pub(crate) enum Letter {
    /// 数电升级: everything to begin with.
    Upgrade(Upgrade),
    /// The sandbox's newcomer gets a code without having applied.
    Code {
        /// 激活码.
        code: String,
    },
    /// A person has signed in on a PC that the service did not know of her.
    NewPc {
        /// Computer name.
        device: String,
        /// 姓名.
        person: String,
        /// Takes the PC's right away.
        revoke_url: String,
    },
}

/// The mail after an application.
pub(crate) struct Upgrade {
    /// 企业名称.
    pub(crate) company: String,
    /// 操作密钥.
    pub(crate) key: String,
    /// 操作链接, with the key in its fragment.
    pub(crate) key_url: String,
    /// Page of the client.
    pub(crate) download_url: String,
    /// 激活码.
    pub(crate) code: String,
    /// Asks for a new key and code, with its token in the fragment.
    pub(crate) renew_url: String,
}

impl Letter {
    fn subject(&self) -> String {
        match self {
            Self::Upgrade(upgrade) => format!("【票匣】{}数电升级：操作密钥和激活码", upgrade.company),
            Self::Code { .. } => "【票匣沙箱】激活码".to_owned(),
            Self::NewPc { device, .. } => format!("【票匣】新电脑登录提醒：{device}"),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Upgrade(u) => format!(
                "{}的数电升级申请已受理。\n\n1. 打开操作链接，用手机完成绑定：{}\n   操作密钥：{}（15 分钟内有效，只能用一次）\n\
                 2. 下载客户端：{}\n3. 首次登录客户端后输入激活码：{}（24 小时内有效）\n\n密钥或激活码过期了？重新获取：{}",
                u.company, u.key_url, u.key, u.download_url, u.code, u.renew_url
            ),
            Self::Code { code } => format!("【票匣沙箱】您的激活码：{code}，24 小时内有效，首次登录客户端后输入。"),
            Self::NewPc { device, person, revoke_url } => {
                format!("{person}刚刚在电脑“{device}”上登录了票匣。\n不是本人操作？请立即取消这台电脑的使用权限：{revoke_url}")
            }
        }
    }

    fn code(&self) -> Option<&str> {
        match self {
            Self::Upgrade(upgrade) => Some(&upgrade.code),
            Self::Code { code } => Some(code),
            Self::NewPc { .. } => None,
        }
    }
}

impl App {
    /// Sends a mail.
    ///
    /// # Errors
    /// The queue cannot take it.
    pub(crate) async fn post(&self, to: &str, letter: Letter) -> Answer<()> {
        self.show(SandboxMessage {
            by: MessageBy::Mail,
            to: to.to_owned(),
            subject: letter.subject(),
            text: letter.text(),
            code: letter.code().map(str::to_owned),
            sent_at: Timestamp::now(),
        });
        Ok(())
    }

    /// Shows a message in the sandbox.
    pub(crate) fn show(&self, message: SandboxMessage) {
        if !self.sandbox {
            return;
        }
        let mut shown = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        shown.push(message);
        let surplus = shown.len().saturating_sub(KEPT);
        shown.drain(..surplus);
    }
}
