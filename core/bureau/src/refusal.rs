//! Why the bureau refuses.

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::account::Identity;

use crate::platform::PlatformPassword;

/// A refusal of the bureau, with every fact that the person needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No company with this number is registered (查无此企业).
    #[error("the bureau knows no such company")]
    UnknownCompany,
    /// A field is empty or does not fit (字段不符).
    #[error("the field {field} does not fit")]
    FieldInvalid {
        /// Key of the field.
        field: String,
    },
    /// Wrong login name or password (用户名或密码错误); the bureau does not say which.
    #[error("wrong login name or password, {left} tries left today")]
    WrongPassword {
        /// Tries left today before the lock.
        left: u32,
    },
    /// Locked after five errors in a day (账号已锁定).
    #[error("the account is locked until {until}")]
    Locked {
        /// The next midnight in Shanghai, UTC.
        until: Timestamp,
    },
    /// The person does not have this identity there (身份类型不符).
    #[error("the person does not have this identity")]
    IdentityMismatch {
        /// The identities that the person has.
        options: Vec<Identity>,
    },
    /// 系统维护.
    #[error("the bureau of region {region} is being serviced until {until}")]
    Maintenance {
        /// Four-digit region.
        region: String,
        /// Its end, UTC.
        until: Timestamp,
    },
    /// The challenge was answered, cancelled, replaced or never there.
    #[error("there is no such challenge")]
    ChallengeGone,
    /// 验证码已过期, 二维码已过期; `resend` gives a new one.
    #[error("the challenge has expired")]
    ChallengeExpired,
    /// Too many wrong answers (验证码错误次数过多): the sign-in is over and counts as one error.
    #[error("too many wrong answers, {left} tries left today")]
    ChallengeFailed {
        /// Tries left today before the lock.
        left: u32,
    },
    /// The person said no on the phone (已拒绝).
    #[error("the sign-in was denied on the phone")]
    ScanDenied,
    /// The person said that the relation to the company is none of theirs (否认办税关系).
    #[error("the person denied the relation to the company")]
    RelationDenied,
    /// Too many sign-ins under another identity in an hour (身份切换次数超限).
    #[error("no other identity until {until}")]
    IdentitySwitches {
        /// When the next one is possible, UTC.
        until: Timestamp,
    },
    /// A message may be sent once a minute (发送过于频繁).
    #[error("the next message may be sent at {at}")]
    ResendTooSoon {
        /// When, UTC.
        at: Timestamp,
    },
    /// The phone got its messages of the day (短信次数超限).
    #[error("no more messages to this phone until {until}")]
    SmsQuota {
        /// The next midnight in Shanghai, UTC.
        until: Timestamp,
    },
    /// Signed out, or over after 12 hours (登录失效).
    #[error("the session is over")]
    SessionLost,
    /// Ended because somebody signed in elsewhere (账号已在其他地方登录).
    #[error("the session was ended by a sign-in elsewhere")]
    SignedInElsewhere,
    /// The identity may not query invoices (无收票权限).
    #[error("the account has no right to receive invoices")]
    NoReceiveRight,
    /// More than 31 days, or more than one month (查询时间跨度过大).
    #[error("{days} days, or more than one month, in one query")]
    RangeTooLarge {
        /// Days asked for.
        days: i32,
    },
    /// The last day asked for is today or later (不提供当日数据).
    #[error("data ends with {last}")]
    RangeInFuture {
        /// Last day that may be asked for.
        last: Date,
    },
    /// More invoices than one export holds (导出数量超限).
    #[error("{count} invoices, at most {limit} in one export")]
    TooMany {
        /// Invoices that match.
        count: u64,
        /// How many one export holds.
        limit: u64,
    },
    /// The same query is being exported (重复申请).
    #[error("the same export runs until {until}")]
    Busy {
        /// When it is over at the latest, UTC.
        until: Timestamp,
    },
    /// The month's exports are used up (当月次数用尽).
    #[error("no more exports until {until}")]
    Quota {
        /// The next month's first midnight in Shanghai, UTC.
        until: Timestamp,
    },
    /// The company has moved to 数电: its disk no longer works.
    #[error("the company has moved to digital invoices, its disk is of no use")]
    Digital,
    /// A password of the platform is wrong (平台密码不正确).
    #[error("a password of the platform is wrong, {left} tries left today")]
    PlatformPassword {
        /// Which.
        which: PlatformPassword,
        /// Errors left today.
        left: u32,
    },
    /// Too many errors in a day: the platform takes this password no more today (平台密码已锁定).
    #[error("a password of the platform is locked until {until}")]
    PasswordLocked {
        /// Which.
        which: PlatformPassword,
        /// The next midnight in Shanghai, UTC.
        until: Timestamp,
    },
    /// The platform lets nobody in without 平台密码.
    #[error("the platform demands its password")]
    PasswordNeeded,
    /// The company's 平台密码 was cancelled (已注销).
    #[error("the password of the platform was cancelled")]
    PasswordCancelled,
    /// The company may not use a 平台密码.
    #[error("the company may not use a password of the platform")]
    PasswordNotAllowed,
    /// Another application for the same month and kind within a day (申请过于频繁).
    #[error("no other application for this month and kind until {until}")]
    TooSoon {
        /// When the next one is taken, UTC.
        until: Timestamp,
    },
    /// The current month's applications of the kind are used up (当月申请次数用尽).
    #[error("no more applications for the current month until {until}")]
    ApplicationQuota {
        /// The next month's first midnight in Shanghai, UTC.
        until: Timestamp,
    },
    /// The package is not there any more, or was never applied for.
    #[error("there is no such application")]
    ApplicationGone,
    /// Not a cursor that a page gave.
    #[error("not a cursor of this query")]
    BadCursor,
}

impl Refusal {
    /// The code that the collecting services of the field use for it, for support.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownCompany => "4040",
            Self::FieldInvalid { .. } => "4000",
            Self::WrongPassword { .. } => "4003",
            Self::Locked { .. } => "4251",
            Self::IdentityMismatch { .. } => "4006",
            Self::Maintenance { .. } => "400430",
            Self::ChallengeGone | Self::ChallengeExpired | Self::ScanDenied => "8002",
            Self::ChallengeFailed { .. } => "8003",
            Self::ResendTooSoon { .. } | Self::SmsQuota { .. } => "8004",
            Self::IdentitySwitches { .. } => "8005",
            Self::RelationDenied => "4007",
            Self::SessionLost | Self::SignedInElsewhere => "91300",
            Self::NoReceiveRight => "600004",
            Self::RangeTooLarge { .. } | Self::RangeInFuture { .. } | Self::BadCursor => "5003",
            Self::TooMany { .. } => "4888",
            Self::Busy { .. } => "50001",
            Self::Quota { .. } => "4811",
            Self::Digital => "90500",
            // The platform's own, short as they are.
            Self::PlatformPassword { .. } | Self::PasswordLocked { .. } | Self::PasswordNeeded => "4",
            Self::PasswordCancelled => "6",
            Self::PasswordNotAllowed => "12",
            Self::TooSoon { .. } => "50002",
            Self::ApplicationQuota { .. } => "4812",
            Self::ApplicationGone => "4041",
        }
    }

    /// What the bureau's page says, Chinese.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::UnknownCompany => "未查询到该纳税人的登记信息",
            Self::FieldInvalid { .. } => "请按要求填写登录信息",
            Self::WrongPassword { .. } => "用户名或密码错误",
            Self::Locked { .. } => "密码错误次数过多，账号已锁定",
            Self::IdentityMismatch { .. } => "所选身份类型与登记信息不符",
            Self::Maintenance { .. } => "系统维护中，请稍后再试",
            Self::ChallengeGone => "验证已失效，请重新登录",
            Self::ChallengeExpired => "验证码或二维码已过期",
            Self::ChallengeFailed { .. } => "验证码错误次数过多",
            Self::ScanDenied => "已在手机上拒绝登录",
            Self::ResendTooSoon { .. } => "短信发送过于频繁，请稍后再试",
            Self::SmsQuota { .. } => "今日短信次数已达上限",
            Self::RelationDenied => "您已否认与该企业的办税关系",
            Self::IdentitySwitches { .. } => "一小时内切换身份次数过多，请稍后再试",
            Self::SessionLost => "登录失效，请重新登录",
            Self::SignedInElsewhere => "账号已在其他地方登录，当前登录失效",
            Self::NoReceiveRight => "当前身份没有发票查询权限",
            Self::RangeTooLarge { .. } => "开票日期跨度不能超过31天，且不能跨月",
            Self::RangeInFuture { .. } => "暂不提供当日及以后的数据",
            Self::TooMany { .. } => "单次导出不能超过5000张，请缩小查询范围",
            Self::Busy { .. } => "相同条件的导出任务正在处理",
            Self::Quota { .. } => "当月查询次数已用完",
            Self::Digital => "该企业已使用数电发票，税控设备不能登录，请改用税务数字账户",
            Self::PlatformPassword { which: PlatformPassword::Platform, .. } => "平台密码不正确",
            Self::PlatformPassword { which: PlatformPassword::Confirmation, .. } => "确认密码不正确",
            Self::PasswordLocked { .. } => "密码错误次数过多，今日不能再试",
            Self::PasswordNeeded => "请输入平台密码",
            Self::PasswordCancelled => "平台密码已注销",
            Self::PasswordNotAllowed => "该纳税人不允许使用平台密码登录",
            Self::TooSoon { .. } => "同一月份、同一票种24小时内只能申请一次",
            Self::ApplicationQuota { .. } => "当月申请次数已用完",
            Self::ApplicationGone => "未找到该下载申请",
            Self::BadCursor => "查询参数有误",
        }
    }
}
