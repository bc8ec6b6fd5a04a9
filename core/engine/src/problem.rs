//! What went wrong, in a shape that the window and the command line put into words.

use std::path::PathBuf;

use piaoxia_export::ExportError;
use piaoxia_files::FilesError;
use piaoxia_service::contract::{ApiError, ErrorClass, code};
use piaoxia_service::{ClientError, TlsFault};
use piaoxia_store::StoreError;
use piaoxia_taxdisk::DiskError;
use piaoxia_update::{Refusal, UpdateError};
use serde::{Deserialize, Serialize};

/// A failure as the user is told of it: what happened, to what, and which request to name to support.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What happened.
    pub what: What,
    /// To which company, account, file or code, in the user's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// English, for the log and the details fold; never a secret.
    pub detail: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "area", content = "fault")]
pub enum What {
    /// The service answered with an error.
    Service(Box<ApiError>),
    /// The service could not be talked to.
    Network(NetworkFault),
    /// A file or folder.
    File {
        /// What is wrong with it.
        fault: FileFault,
        /// Which.
        path: PathBuf,
    },
    /// The data folder.
    Store(StoreFault),
    /// The vault.
    Vault(VaultFault),
    /// A tax disk.
    Disk(DiskError),
    /// The certificate password of a disk is not kept, or the vault is locked.
    NoDiskPassword,
    /// Nothing matches: there is nothing to export.
    NothingSelected,
    /// An invoice that the ledger does not hold; the subject names it.
    NotInLedger,
    /// A naming pattern that cannot be used.
    Pattern,
    /// An amount with more digits than the format of an export takes; the subject names the invoice.
    TooWide,
    /// The result read back is not what was written.
    Verification,
    /// A page of an original cannot be shown.
    Preview(PreviewFault),
    /// An update of the program is refused, or there is none.
    Update(Refusal),
    /// Documents of the ledger that this version cannot read. They stay as they are.
    Unlisted {
        /// What they hold.
        kept: Kept,
        /// How many.
        count: u64,
    },
    /// Another task of this kind is running.
    Busy,
    /// The user cancelled.
    Cancelled,
    /// A fault of the program; the detail goes into a report.
    Internal,
}

/// What is kept as documents of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kept {
    /// 下载任务.
    Downloads,
    /// 定时下载.
    Schedules,
    /// 导出模板.
    Templates,
}

/// Why the service could not be talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NetworkFault {
    /// No connection: the service is gone or the network is down.
    Unreachable,
    /// The name of the service leads nowhere: no network, or no DNS.
    NameUnknown,
    /// The proxy refuses, or is not there.
    Proxy,
    /// Nothing came for too long.
    Timeout,
    /// The connection broke in the middle.
    Cut,
    /// The service cannot prove who it is, or speaks no TLS that counts.
    Tls,
    /// Nobody who is believed has signed for its certificate: a proxy that looks into connections, or an attack.
    UnknownIssuer,
    /// Its certificate is another host's.
    OtherHost,
    /// It shows another key than the one that the user fixed.
    OtherKey,
    /// Its certificate has run out; this PC's clock is right, as far as can be told.
    Expired,
    /// This PC's clock is wrong.
    Clock {
        /// So many seconds ahead; less than 0: behind. None where nobody told the right time.
        ahead: Option<i64>,
    },
    /// Something else answered: the network wants a sign-in of its own.
    CaptivePortal,
    /// The answer cannot be read: the service is newer or broken.
    Unreadable,
    /// The answer is larger than any real one.
    TooLarge,
    /// What was typed is no address of a proxy.
    ProxyAddress,
    /// What was typed is no address of a service.
    ServiceAddress,
    /// The address is plain HTTP to another PC.
    NotEncrypted,
    /// The service's link to an original is one that is not followed: it is not encrypted.
    UnsafeLink,
    /// Somebody answers at the address, and it is no service of this program.
    NoService,
    /// A file has no certificate that can sign for others.
    NoCertificate,
    /// This PC is in no network in which a phone could reach it.
    NoLan,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileFault {
    /// 磁盘已满.
    DiskFull,
    /// Open in another program.
    Busy,
    /// Write-protected.
    ReadOnly,
    /// No permission.
    Denied,
    /// Gone: a pulled stick, a deleted folder.
    Missing,
    /// Larger than the file system takes.
    TooLarge,
    /// A file of settings that cannot be used.
    Settings,
    /// A library beside the program that Windows might load in place of its own.
    Planted,
    /// The gateway's state, which could not be read and was put aside under this name.
    SetAside,
    /// One more than an import takes at a time.
    TooMany,
    /// A folder within more folders than an import walks.
    TooDeep,
    /// Anything else.
    Other,
}

/// Why a page of an original cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PreviewFault {
    /// The format has no pages: XML.
    NotPaged,
    /// The file is broken, or what it holds cannot be drawn.
    Damaged,
    /// The file has a password.
    Protected,
    /// Too many pages or objects, too large, or it took too long.
    TooLarge,
}

/// What is wrong with the data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StoreFault {
    /// 磁盘已满.
    DiskFull,
    /// Write-protected: the newest copy is shown, nothing can be kept.
    ReadOnly,
    /// The folder is gone.
    Missing,
    /// Another window has the folder.
    InUse,
    /// A kept original is not what it was, or gone.
    OriginalDamaged,
    /// More than a record of the ledger holds: it was not kept, and everything else was.
    TooLarge,
    /// Cannot be opened or read.
    Damaged,
}

/// What is wrong with the vault (保险箱), or with what was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VaultFault {
    /// There is none.
    Missing,
    /// It is locked.
    Locked,
    /// Wrong passphrase.
    WrongPassphrase {
        /// Seconds until the next one is taken.
        wait: u64,
    },
    /// The next passphrase must wait; this one was not tried.
    TooSoon {
        /// Seconds until it is taken.
        wait: u64,
    },
    /// Fewer than eight characters.
    TooShort,
    /// A passphrase that anybody would try.
    TooWeak,
    /// Neither a passphrase nor this PC would open it.
    NoWayIn,
    /// This PC has no folder for its key, or none outside the data folder.
    NoPlaceHere,
    /// It cannot be read, or was changed without its key.
    Damaged,
    /// A newer version of the program made it.
    Refused,
    /// What it has of passwords that failed on tax disks cannot be read.
    FailedPasswords,
}

impl Problem {
    /// A problem with nothing but what happened.
    #[must_use]
    pub fn new(what: What, detail: impl Into<String>) -> Self {
        Self { what, subject: None, detail: detail.into() }
    }

    /// The same, said of somebody or something.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// So many documents cannot be read and are not shown; none when there are none.
    #[must_use]
    pub(crate) fn unlisted(kept: Kept, count: u64) -> Option<Self> {
        (count > 0).then(|| Self::new(What::Unlisted { kept, count }, format!("{count} kept {kept:?} cannot be read")))
    }

    /// The user cancelled.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(What::Cancelled, "cancelled by the user")
    }

    /// The account must be signed in at the bureau first.
    #[must_use]
    pub fn needs_login() -> Self {
        let message = "the account must be signed in at the bureau";
        ApiError::new(ErrorClass::NeedLogin, code::BUREAU_SESSION_LOST, message).into()
    }

    /// The person must sign in to the service again.
    #[must_use]
    pub fn signed_out() -> Self {
        ApiError::new(ErrorClass::Unauthorized, code::SESSION_INVALID, "the session is over").into()
    }

    /// The service's error, if it was one.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match &self.what {
            What::Service(error) => Some(error),
            _ => None,
        }
    }

    /// Class of the service's error.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        self.api().map(|error| error.class)
    }

    /// True when the service answered with this code, one of [`piaoxia_service::contract::code`].
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.api().is_some_and(|error| error.code == code)
    }

    /// True for hiccups of network and upstream: the same may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match &self.what {
            What::Service(error) => ClientError::Api(error.clone()).is_transient(),
            What::Network(fault) => matches!(
                fault,
                NetworkFault::Unreachable
                    | NetworkFault::NameUnknown
                    | NetworkFault::Proxy
                    | NetworkFault::Timeout
                    | NetworkFault::Cut
                    | NetworkFault::CaptivePortal
            ),
            _ => false,
        }
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        let detail = error.to_string();
        Self::new(What::Service(Box::new(error)), detail)
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        let detail = error.to_string();
        let fault = match error {
            ClientError::Api(error) => return (*error).into(),
            ClientError::Unreachable(_) => NetworkFault::Unreachable,
            ClientError::Address(_) => NetworkFault::ServiceAddress,
            ClientError::UnsafeLink => NetworkFault::UnsafeLink,
            ClientError::Timeout => NetworkFault::Timeout,
            ClientError::Cut => NetworkFault::Cut,
            ClientError::NameUnknown => NetworkFault::NameUnknown,
            ClientError::Proxy(_) => NetworkFault::Proxy,
            ClientError::Tls { fault, .. } => fault.into(),
            ClientError::CaptivePortal => NetworkFault::CaptivePortal,
            ClientError::Decode(_) => NetworkFault::Unreadable,
            ClientError::TooLarge { .. } => NetworkFault::TooLarge,
        };
        Self::new(What::Network(fault), detail)
    }
}

impl From<TlsFault> for NetworkFault {
    fn from(fault: TlsFault) -> Self {
        match fault {
            TlsFault::Time { .. } => Self::Clock { ahead: None },
            TlsFault::Clock { ahead } => Self::Clock { ahead: Some(ahead) },
            TlsFault::Expired => Self::Expired,
            TlsFault::OtherHost => Self::OtherHost,
            TlsFault::UnknownIssuer => Self::UnknownIssuer,
            TlsFault::OtherKey => Self::OtherKey,
            TlsFault::TooOld | TlsFault::Other => Self::Tls,
        }
    }
}

impl From<&FilesError> for FileFault {
    fn from(error: &FilesError) -> Self {
        match error {
            FilesError::DiskFull { .. } => Self::DiskFull,
            FilesError::TargetBusy { .. } | FilesError::Locked { .. } => Self::Busy,
            FilesError::ReadOnly { .. } => Self::ReadOnly,
            FilesError::Denied { .. } => Self::Denied,
            FilesError::Missing { .. } => Self::Missing,
            FilesError::TooLarge { .. } => Self::TooLarge,
            _ => Self::Other,
        }
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        let fault = FileFault::from(&error);
        let detail = error.to_string();
        Self::new(What::File { fault, path: error.path().to_path_buf() }, detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        let fault = match error {
            StoreError::Files(FilesError::DiskFull { .. }) => StoreFault::DiskFull,
            StoreError::Files(FilesError::ReadOnly { .. }) | StoreError::ReadOnly { .. } => StoreFault::ReadOnly,
            StoreError::Files(FilesError::Missing { .. }) => StoreFault::Missing,
            StoreError::Files(FilesError::Locked { .. }) | StoreError::InUse { .. } => StoreFault::InUse,
            StoreError::OriginalMissing { .. } | StoreError::OriginalDamaged { .. } => StoreFault::OriginalDamaged,
            StoreError::TooLarge { .. } => StoreFault::TooLarge,
            StoreError::UnknownInvoice { key } => return Self::new(What::NotInLedger, detail).about(key.number()),
            StoreError::BadName { .. } | StoreError::Closed => return Self::new(What::Internal, detail),
            _ => StoreFault::Damaged,
        };
        Self::new(What::Store(fault), detail)
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        let detail = error.to_string();
        let what = match error {
            ExportError::Files(error) => return error.into(),
            ExportError::Source(source) => match source.0.downcast::<StoreError>() {
                Ok(error) => return (*error).into(),
                Err(_) => What::Internal,
            },
            ExportError::Empty | ExportError::NoOriginals => What::NothingSelected,
            ExportError::TooWide { ref number, .. } => return Self::new(What::TooWide, detail).about(number),
            ExportError::Cancelled => return Self::cancelled(),
            ExportError::Verification { .. } => What::Verification,
            _ => What::Internal,
        };
        Self::new(what, detail)
    }
}

impl From<UpdateError> for Problem {
    fn from(error: UpdateError) -> Self {
        let detail = error.to_string();
        match error {
            UpdateError::Refused(refusal) => Self::new(What::Update(refusal), detail),
            UpdateError::Files(error) => error.into(),
            UpdateError::Network(error) => error.into(),
            UpdateError::Busy => Self::new(What::Busy, detail),
            UpdateError::Cancelled => Self::cancelled(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_one_wherever_it_shows() {
        let full = || FilesError::DiskFull { path: "/data".into(), needed: None };
        assert_eq!(Problem::from(StoreError::Files(full())).what, What::Store(StoreFault::DiskFull));
        let file = What::File { fault: FileFault::DiskFull, path: "/data".into() };
        assert_eq!(Problem::from(ExportError::Files(full())).what, file);
    }

    #[test]
    fn what_is_too_large_for_a_record_is_no_damage() {
        let large = StoreError::TooLarge { what: "i26312000000000000018".to_owned(), bytes: 20 << 20 };
        assert_eq!(Problem::from(large).what, What::Store(StoreFault::TooLarge));
    }

    #[test]
    fn hiccups_are_told_from_refusals() {
        assert!(Problem::from(ClientError::Unreachable("refused".into())).is_transient());
        assert!(!Problem::from(ClientError::Decode("odd".into())).is_transient());
        let gone = Problem::from(ApiError::new(ErrorClass::UserFix, code::CHALLENGE_GONE, "over"));
        assert!(gone.is(code::CHALLENGE_GONE) && !gone.is_transient());
    }

    #[test]
    fn what_passes_for_the_client_passes_for_the_engine_and_nothing_else_does() {
        let (text, limit, fault) = (String::new, 9, TlsFault::Other);
        let errors = [
            ClientError::from(ApiError::new(ErrorClass::Throttle, code::THROTTLED, "later")),
            ClientError::from(ApiError::new(ErrorClass::LinkExpired, code::LINK_EXPIRED, "over")),
            ClientError::Address(text()),
            ClientError::UnsafeLink,
            ClientError::Unreachable(text()),
            ClientError::Timeout,
            ClientError::Cut,
            ClientError::Tls { fault, detail: text() },
            ClientError::NameUnknown,
            ClientError::Proxy(text()),
            ClientError::CaptivePortal,
            ClientError::Decode(text()),
            ClientError::TooLarge { limit },
        ];
        for error in errors {
            assert_eq!(Problem::from(error.clone()).is_transient(), error.is_transient(), "{error}");
        }
        assert_eq!(Problem::from(ClientError::UnsafeLink).what, What::Network(NetworkFault::UnsafeLink));
    }
}
