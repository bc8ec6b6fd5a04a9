//! What went wrong, in a sentence that says what to do next.

use piaoxia_service::contract::{ErrorClass, code};

use super::page::wait_words;
use crate::applications::{EXISTS, KEY_EXPIRED, KEY_UNKNOWN, KEY_USED};
use crate::failure::Failure;
use crate::mails::NO_MAIL;
use crate::words::beijing;

/// The sentence for an error.
pub(super) fn why(failure: &Failure) -> String {
    let error = failure.error();
    let until = error.until.map(beijing).unwrap_or_default();
    let left = error.attempts_left.map(|left| format!("今天还可以试 {left} 次。")).unwrap_or_default();
    match error.code.as_str() {
        EXISTS => "这家企业已经提交过升级申请，请查收当时填写的邮箱，或联系当时的申请人；邮箱填错了，15 分钟后可以重新申请。".to_owned(),
        KEY_UNKNOWN => "密钥不正确，请从邮件里完整复制。".to_owned(),
        KEY_EXPIRED => "密钥已过期（15 分钟内有效）。请点邮件里的“重新获取”，用新邮件里的密钥。".to_owned(),
        KEY_USED => "这个密钥已经在一部手机上用过了。请在那部手机上继续；要换手机，请联系服务商。".to_owned(),
        NO_MAIL => "本服务还没有设置发信邮箱，无法发送邮件，请联系服务的管理员。".to_owned(),
        code::WRONG_PASSWORD => format!("账号或密码不正确。{left}"),
        code::ACCOUNT_LOCKED => format!("账号已被税局锁定，{until} 解锁。"),
        code::IDENTITY_MISMATCH => "您在这家企业没有这个身份，请换一个身份。".to_owned(),
        code::IDENTITY_SWITCHES => format!("一小时内切换身份的次数已用完，{until} 可以再切换；现在可以用上次的身份登录。"),
        code::RELATION_DENIED => "您已否认与这家企业的办税关系，没有登录。如果是误点，请重新登录。".to_owned(),
        code::CHALLENGE_GONE => "验证已失效，请重新登录。".to_owned(),
        code::CHALLENGE_FAILED => format!("验证码错误次数过多，请重新登录。{left}"),
        code::CHALLENGE_DENIED => "手机上选择了拒绝，请重新登录。".to_owned(),
        code::RESEND_TOO_SOON | code::THROTTLED => format!("操作太频繁，{}", wait_words(failure)),
        code::ACCOUNT_EXISTS => "这个账号已经添加过了。".to_owned(),
        code::DEFAULT_RULE => {
            "默认账号最多两个（开票一个、收票一个），没有权限的账号不能设为默认；只有一个账号时只能设为“开票+收票”。".to_owned()
        }
        code::QUOTA => format!("税局的次数已用完，{until} 恢复。"),
        code::MAINTENANCE => format!("电子税务局正在维护，预计 {until} 恢复。"),
        _ => match error.class {
            ErrorClass::UpstreamDown => "电子税务局暂时没有响应，请稍后再试。".to_owned(),
            ErrorClass::Unsupported => "这个功能暂不支持。".to_owned(),
            _ => match &error.upstream {
                Some(upstream) if !upstream.message.is_empty() => upstream.message.clone(),
                _ => "服务暂时出错，请稍后再试。".to_owned(),
            },
        },
    }
}
