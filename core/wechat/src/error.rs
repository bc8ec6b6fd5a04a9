//! What can go wrong with the platform, and with those who claim to be it.

use std::error::Error;

/// Longest `errmsg` that is kept, characters.
const MESSAGE_LENGTH: usize = 200;

/// Why a call to the platform failed, or why a delivery from it was refused. None of them holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeChatError {
    /// The settings cannot be used.
    #[error("the settings of the WeChat account: {0}")]
    Config(String),
    /// The caller asked for something that the platform never takes.
    #[error("not sent: {0}")]
    Argument(&'static str),
    /// Nobody answers there.
    #[error("the WeChat platform cannot be reached: {0}")]
    Unreachable(String),
    /// No whole answer in time.
    #[error("the WeChat platform did not answer in time")]
    Timeout,
    /// The connection broke in the middle of an answer.
    #[error("the connection to the WeChat platform broke")]
    Cut,
    /// Another HTTP status than 200.
    #[error("the WeChat platform answered with status {0}")]
    Status(u16),
    /// The answer is larger than any real one.
    #[error("the answer is larger than {limit} bytes")]
    AnswerTooLarge {
        /// The limit, bytes.
        limit: usize,
    },
    /// The answer is not what the documentation says.
    #[error("the answer of the WeChat platform cannot be read: {0}")]
    Decode(String),
    /// errcode -1: try again later.
    #[error("the WeChat platform is busy")]
    Busy,
    /// errcodes 45009 (a day), 45011 (a minute) and 45029 (QR codes): the account's quota is used up.
    #[error("the account's quota of calls is used up (errcode {code})")]
    Limit {
        /// errcode.
        code: i64,
    },
    /// errcodes 40001, 40014, 42001 after the token was renewed, and 40013, 40125, 40243: AppID and AppSecret do not fit.
    #[error("AppID and AppSecret are not accepted (errcode {code})")]
    Credential {
        /// errcode.
        code: i64,
    },
    /// errcode 40164: this machine's address is not in the account's IP allow-list (IP白名单).
    #[error("this machine's address is not in the account's IP allow-list (errcode 40164): {0}")]
    AddressNotAllowed(String),
    /// errcodes 48001, 48004, 50002: the account may not use this API, or is blocked.
    #[error("the account may not use this API (errcode {code})")]
    NotAllowed {
        /// errcode.
        code: i64,
    },
    /// errcodes 43004, 43005, 40003: the person does not follow the account (未关注公众号).
    #[error("the person does not follow the account (errcode {code})")]
    NotFollowing {
        /// errcode.
        code: i64,
    },
    /// errcodes 43019 (blacklist) and 43101 (switched off): the person gets no messages.
    #[error("the person takes no messages from the account (errcode {code})")]
    NotTaking {
        /// errcode.
        code: i64,
    },
    /// errcodes 45015, 45047: the person has not been in touch for 48 hours, or got too many messages since.
    #[error("the person was not in touch lately enough for a message (errcode {code})")]
    OutOfWindow {
        /// errcode.
        code: i64,
    },
    /// errcode 40037: the template is not the account's.
    #[error("the account has no such template (errcode 40037)")]
    NoTemplate,
    /// errcodes 40029, 40163, 42003: the code of a web authorisation is wrong, was used, or is older than 5 minutes.
    #[error("the authorisation code is wrong, used or too old (errcode {code})")]
    AuthorisationCode {
        /// errcode.
        code: i64,
    },
    /// Any other errcode.
    #[error("the WeChat platform answered {code}: {message}")]
    Api {
        /// errcode.
        code: i64,
        /// errmsg, shortened.
        message: String,
    },
    /// A delivery whose signature is wrong: not from the platform, or the token differs.
    #[error("the signature is wrong")]
    Signature,
    /// A delivery signed too long ago or in the future; also when this machine's clock is wrong.
    #[error("signed {seconds} s ago: too old, or a clock is wrong")]
    Stale {
        /// Age, seconds; negative for the future.
        seconds: i64,
    },
    /// A signature that came before with another body.
    #[error("the signature came before with another body")]
    Replayed,
    /// A plain message while an EncodingAESKey is set, or an encrypted one without it.
    #[error("the message mode (明文/安全模式) differs from the settings")]
    Mode,
    /// The encrypted part cannot be decrypted: the EncodingAESKey differs.
    #[error("the message cannot be decrypted")]
    Sealed,
    /// A message for another account.
    #[error("the message is for another account")]
    OtherAccount,
    /// A delivery that is larger than any real one.
    #[error("the message is larger than {limit} bytes")]
    MessageTooLarge {
        /// The limit, bytes.
        limit: usize,
    },
    /// A delivery that is not the XML of the documentation.
    #[error("the message cannot be read: {0}")]
    Xml(&'static str),
}

impl WeChatError {
    /// True when the same call may succeed a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Timeout | Self::Cut | Self::Busy)
            || matches!(self, Self::Status(status) if *status >= 500)
    }

    /// True for a delivery that does not come from the platform: answer 403, count it, keep nothing.
    #[must_use]
    pub fn is_forged(&self) -> bool {
        matches!(self, Self::Signature | Self::Stale { .. } | Self::Replayed | Self::Mode | Self::Sealed | Self::OtherAccount)
    }
}

/// The error of an errcode (global return codes of the platform); 0 is none.
pub(crate) fn check(code: i64, message: &str) -> Result<(), WeChatError> {
    let error = match code {
        0 => return Ok(()),
        -1 => WeChatError::Busy,
        45009 | 45011 | 45029 => WeChatError::Limit { code },
        40001 | 40013 | 40014 | 40125 | 40243 | 42001 => WeChatError::Credential { code },
        40164 => WeChatError::AddressNotAllowed(shortened(message)),
        48001 | 48004 | 50002 => WeChatError::NotAllowed { code },
        40003 | 43004 | 43005 => WeChatError::NotFollowing { code },
        43019 | 43101 => WeChatError::NotTaking { code },
        45015 | 45047 => WeChatError::OutOfWindow { code },
        40037 => WeChatError::NoTemplate,
        40029 | 40163 | 42003 => WeChatError::AuthorisationCode { code },
        _ => WeChatError::Api { code, message: shortened(message) },
    };
    Err(error)
}

/// True when the access token is the reason, so that a new one may help.
pub(crate) fn is_token_error(error: &WeChatError) -> bool {
    matches!(error, WeChatError::Credential { code: 40001 | 40014 | 42001 })
}

fn shortened(message: &str) -> String {
    message.chars().filter(|c| !c.is_control()).take(MESSAGE_LENGTH).collect()
}

/// Sorts an error of the HTTP library; its URL is dropped, because it holds the access token.
pub(crate) fn from_reqwest(error: reqwest::Error) -> WeChatError {
    let error = error.without_url();
    if error.is_timeout() {
        return WeChatError::Timeout;
    }
    if error.is_connect() || error.is_builder() {
        return WeChatError::Unreachable(innermost(&error));
    }
    WeChatError::Cut
}

fn innermost(error: &dyn Error) -> String {
    let mut last = error.to_string();
    let mut next = error.source();
    while let Some(current) = next {
        last = current.to_string();
        next = current.source();
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names() {
        assert_eq!(check(0, "ok"), Ok(()));
        for (code, wanted) in [
            (-1, WeChatError::Busy),
            (45009, WeChatError::Limit { code: 45009 }),
            (43004, WeChatError::NotFollowing { code: 43004 }),
            (43019, WeChatError::NotTaking { code: 43019 }),
            (40037, WeChatError::NoTemplate),
            (40163, WeChatError::AuthorisationCode { code: 40163 }),
            (99999, WeChatError::Api { code: 99999, message: "odd".to_owned() }),
        ] {
            assert_eq!(check(code, "odd\n"), Err(wanted));
        }
        assert!(check(42001, "").is_err_and(|error| is_token_error(&error)));
        assert!(check(40125, "").is_err_and(|error| !is_token_error(&error)), "a new token does not mend a wrong secret");
        assert!(WeChatError::Busy.is_transient() && !WeChatError::NoTemplate.is_transient());
    }
}
