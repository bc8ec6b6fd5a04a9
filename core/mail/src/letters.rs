//! The product's mails. Their words lie in `letters/*.letter`, their look in `letters/layout.html`.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

use crate::error::MailError;
use crate::letter::{Data, write};
use crate::mail::{Kind, Mail};

/// What the 数电升级 mail says.
#[derive(Clone, Copy)]
pub struct Upgrade<'a> {
    /// Receiver.
    pub to: &'a str,
    /// Name of the company, 企业名称.
    pub company: &'a str,
    /// Operation key (操作密钥): letters, digits, `-`, `_`.
    pub key: &'a str,
    /// When the key ends.
    pub key_until: Timestamp,
    /// Page that takes the key, without a fragment: the key becomes it, so that it reaches no server's log.
    pub operation_page: &'a str,
    /// Page with the client's downloads.
    pub download_page: &'a str,
    /// Activation code (激活码), grouped as it is shown.
    pub code: &'a str,
    /// When the code ends: 24 hours after it was made.
    pub code_until: Timestamp,
    /// Page that sends a new code.
    pub new_code_page: &'a str,
}

/// What the mail with a new activation code says.
#[derive(Clone, Copy)]
pub struct NewCode<'a> {
    /// Receiver.
    pub to: &'a str,
    /// Name of the company.
    pub company: &'a str,
    /// Activation code, grouped as it is shown.
    pub code: &'a str,
    /// When it ends.
    pub code_until: Timestamp,
    /// Page that sends a new code; none when no application stands behind it.
    pub new_code_page: Option<&'a str>,
}

/// What the mail about a sign-in on a new PC says.
#[derive(Clone, Copy)]
pub struct NewPc<'a> {
    /// Receiver.
    pub to: &'a str,
    /// Name of the person who signed in.
    pub person: &'a str,
    /// Name of the PC.
    pub pc: &'a str,
    /// Version of the program there.
    pub version: &'a str,
    /// Its network address, or a place.
    pub address: &'a str,
    /// When.
    pub at: Timestamp,
    /// Page that asks, then ends the sign-in. Opening it changes nothing: mail scanners open links too.
    pub revoke_page: &'a str,
}

/// What the mail about an account that needs a person says.
#[derive(Clone, Copy)]
pub struct Verification<'a> {
    /// Receiver.
    pub to: &'a str,
    /// Name of the company.
    pub company: &'a str,
    /// The account, masked: `138****0000`.
    pub account: &'a str,
    /// Region of the bureau: 上海.
    pub region: &'a str,
    /// What is asked for: 短信验证码.
    pub wanted: &'a str,
    /// When it was asked.
    pub at: Timestamp,
    /// Page where it is answered.
    pub page: &'a str,
}

/// 数电升级: operation key and link, download, activation code.
///
/// # Errors
/// A line break, an empty or too long value, a link that is none, an address that is none.
pub fn upgrade(letter: &Upgrade<'_>) -> Result<Mail, MailError> {
    let key = letter.key;
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(MailError::Link { field: "key" });
    }
    if letter.operation_page.contains('#') {
        return Err(MailError::Link { field: "operation" });
    }
    let data = Data::new()
        .word("company", letter.company)?
        .word("key", key)?
        .word("key_until", &beijing(letter.key_until))?
        .link("operation", &format!("{}#{key}", letter.operation_page))?
        .link("download", letter.download_page)?
        .word("code", letter.code)?
        .word("code_until", &beijing(letter.code_until))?
        .link("new_code", letter.new_code_page)?;
    write(include_str!("letters/upgrade.letter"), Kind::Upgrade, letter.to, &data)
}

/// A new activation code.
///
/// # Errors
/// As [`upgrade`].
pub fn new_code(letter: &NewCode<'_>) -> Result<Mail, MailError> {
    let mut data =
        Data::new().word("company", letter.company)?.word("code", letter.code)?.word("code_until", &beijing(letter.code_until))?;
    if let Some(page) = letter.new_code_page {
        data = data.link("new_code", page)?;
    }
    write(include_str!("letters/new_code.letter"), Kind::NewCode, letter.to, &data)
}

/// 新电脑登录.
///
/// # Errors
/// As [`upgrade`].
pub fn new_pc(letter: &NewPc<'_>) -> Result<Mail, MailError> {
    let data = Data::new()
        .word("person", letter.person)?
        .word("pc", letter.pc)?
        .word("version", letter.version)?
        .word("address", letter.address)?
        .word("at", &beijing(letter.at))?
        .link("revoke", letter.revoke_page)?;
    write(include_str!("letters/new_pc.letter"), Kind::NewPc, letter.to, &data)
}

/// 账号需要验证.
///
/// # Errors
/// As [`upgrade`].
pub fn verification(letter: &Verification<'_>) -> Result<Mail, MailError> {
    let data = Data::new()
        .word("company", letter.company)?
        .word("account", letter.account)?
        .word("region", letter.region)?
        .word("wanted", letter.wanted)?
        .word("at", &beijing(letter.at))?
        .link("page", letter.page)?;
    write(include_str!("letters/verification.letter"), Kind::Verification, letter.to, &data)
}

fn beijing(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(8))).strftime("%Y-%m-%d %H:%M（北京时间）").to_string()
}
