//! What the window asks of the engine.

use std::path::PathBuf;
use std::sync::Arc;

use piaoxia_domain::account::{AccountId, DefaultFor};
use piaoxia_domain::{InvoiceFilter, InvoiceKey, Month, TaxNumber};
use piaoxia_export::ShownTable;
use piaoxia_service::contract::{AccountRequest, BindAnswer, CodeCondition, FaultRequest};
use piaoxia_store::{Claim, GroupBy, Sort};

use crate::backup::BackupWish;
use crate::checkup::Line;
use crate::choice::ServiceWish;
use crate::claims::ClaimOf;
use crate::disks::DiskWish;
use crate::download::{BatchWish, CompanyRef, DownloadId, DownloadOrder};
use crate::event::{ImportReport, TaskId};
use crate::export_order::ExportOrder;
use crate::import::ReportWords;
use crate::network::NetworkWish;
use crate::preview::PreviewOrder;
use crate::schedule::ScheduleWish;
use crate::templates::TemplateWish;
use crate::update::UpdateWish;

/// A wish. None of them answers at once: what becomes of it comes as [`crate::Event`]s.
#[derive(Clone, Debug)]
pub enum Command {
    /// Get a login ticket, poll it, renew it when it expires, until signed in or stopped.
    StartSignIn {
        /// 30 天免登录.
        keep_signed_in: bool,
    },
    /// Stop polling.
    StopSignIn,
    /// Sign in with the kept refresh token, if there is one; else answer `SignedOut`.
    RestoreSession,
    /// Redeem an activation code.
    Activate {
        /// As typed.
        code: Secret,
    },
    /// 退出登录.
    SignOut,
    /// 解除绑定.
    Unbind,
    /// Open or close the phone pages on the LAN.
    AllowPhones(bool),

    /// Fetch the companies.
    LoadCompanies,
    /// Fetch a company's accounts.
    LoadAccounts {
        /// Company id.
        company: String,
    },
    /// Fetch the fields that a region's bureau asks for.
    LoadForm {
        /// Company id.
        company: String,
        /// Four-digit region.
        region: String,
    },
    /// Sign a new account in at the bureau and keep it.
    AddAccount {
        /// Company id.
        company: String,
        /// The form.
        request: Box<HiddenRequest>,
        /// Its password, if the vault is to keep it once the bureau has taken it.
        remember: Option<Secret>,
    },
    /// Change an account.
    EditAccount {
        /// Company id.
        company: String,
        /// Which.
        account: AccountId,
        /// The form.
        request: Box<HiddenRequest>,
        /// As for a new one.
        remember: Option<Secret>,
    },
    /// Delete an account.
    DeleteAccount {
        /// Company id.
        company: String,
        /// Which.
        account: AccountId,
        /// Takes over its default work.
        successor: Option<AccountId>,
    },
    /// Set a default account.
    SetDefault {
        /// Company id.
        company: String,
        /// Which.
        account: AccountId,
        /// For which work.
        default_for: DefaultFor,
    },
    /// Fetch what is left of the scarce tries of accounts.
    LoadBudgets(Vec<AccountId>),
    /// 微信绑定: get a QR and follow it until it is decided; a binding that is under way ends.
    BindAccount(AccountId),
    /// 获取绑定结果: look at the binding now.
    LookAtBinding,
    /// Follow the binding no longer.
    StopBinding,
    /// 解除微信绑定.
    UnbindAccount {
        /// Company id.
        company: String,
        /// Which.
        account: AccountId,
    },
    /// Sign an account in at the bureau.
    Login {
        /// Company id.
        company: String,
        /// Which.
        account: AccountId,
        /// As typed.
        password: Secret,
        /// The vault is to keep it once the bureau has taken it.
        remember: bool,
    },
    /// The same with the password that the vault has.
    LoginRemembered {
        /// Company id.
        company: String,
        /// Which.
        account: AccountId,
    },
    /// Open the vault (保险箱). Answered, as all of its commands, by [`crate::Event::Vault`] or [`crate::Event::VaultProblem`].
    UnlockVault(Secret),
    /// Lock it.
    LockVault,
    /// Set its passphrase, the first one or another, or take it away.
    SetPassphrase(Option<Secret>),
    /// Have this PC open it by itself, or no longer.
    OpenVaultHere(bool),
    /// Remove it with everything in it.
    DestroyVault,
    /// Forget the kept password of an account.
    ForgetPassword(AccountId),
    /// Sign an account out at the bureau.
    Logout {
        /// Company id.
        company: String,
        /// Which.
        account: AccountId,
    },
    /// Answer the open challenge.
    AnswerChallenge {
        /// Its id.
        id: String,
        /// Code or choice.
        value: Secret,
    },
    /// Have the code sent again, or a new picture drawn.
    ResendChallenge {
        /// Its id.
        id: String,
    },
    /// Give the sign-in up.
    CancelChallenge {
        /// Its id.
        id: String,
    },
    /// Show a challenge of a sign-in that was begun elsewhere; it goes on here.
    TakeChallenge {
        /// Company id.
        company: String,
        /// Whom it signs in.
        account: AccountId,
        /// Its id.
        id: String,
    },
    /// Show a challenge no longer; whoever else is asked may answer it.
    LeaveChallenge {
        /// Its id.
        id: String,
    },

    /// Ask counts and sums only. The last one counts: one that is under way ends unanswered.
    Count(Box<DownloadOrder>),
    /// Keep a download and run it.
    StartDownload(Box<DownloadOrder>),
    /// Plan downloads for several companies; answered by [`crate::Event::BatchPlanned`].
    PlanBatch {
        /// Chosen by the window; the answer carries it.
        seq: u64,
        /// Which.
        wish: Box<BatchWish>,
    },
    /// Keep these downloads and run them, in this order.
    StartDownloads(Vec<DownloadOrder>),
    /// 定时下载; answered by [`crate::Event::Schedules`].
    Schedule(ScheduleWish),
    /// Stop after the current page.
    PauseDownload(DownloadId),
    /// Go on where it stopped.
    ResumeDownload(DownloadId),
    /// Stop for good.
    CancelDownload(DownloadId),
    /// Take an ended download off the list.
    ForgetDownload(DownloadId),
    /// Take all that are done or cancelled off the list.
    ForgetEndedDownloads,

    /// Search the ledger.
    Search {
        /// Chosen by the window; the answer carries it, so that a late answer is known.
        seq: u64,
        /// Which invoices.
        filter: Box<InvoiceFilter>,
        /// In which order.
        sort: Sort,
        /// Brought together by what; none for one list.
        group: Option<GroupBy>,
    },
    /// Fetch rows of the last search for the screen.
    LoadRows {
        /// Of which search.
        seq: u64,
        /// First row.
        first: u64,
        /// The rows' ids, from the view.
        ids: Vec<u32>,
    },
    /// Find an invoice in the last search; answered by [`crate::Event::Found`].
    FindRow {
        /// Chosen by the window; the answer carries it.
        seq: u64,
        /// The ids of the view.
        ids: Arc<[u32]>,
        /// Its 发票号码.
        number: String,
    },
    /// Sum up rows, however many; answered by [`crate::Event::Summed`].
    SumRows {
        /// Chosen by the window; the answer carries it.
        seq: u64,
        /// The rows' ids, from a view.
        ids: Arc<[u32]>,
    },
    /// Fetch one invoice with lines, history, originals and red links; answered by [`crate::Event::Invoice`].
    LoadInvoice(InvoiceKey),
    /// 报销登记 of invoices; answered by [`crate::Event::Claimed`].
    Claim {
        /// Chosen by the window; the answer carries it.
        seq: u64,
        /// Which.
        of: ClaimOf,
        /// Who, when, what for.
        claim: Claim,
        /// The user was told of earlier claims and wants it nevertheless.
        again: bool,
    },
    /// Withdraw a claim.
    WithdrawClaim {
        /// Of which invoice.
        key: InvoiceKey,
        /// Its id.
        id: String,
    },
    /// Write an original to a temporary view folder and show it in the system's viewer.
    OpenOriginal {
        /// Whose.
        key: InvoiceKey,
        /// Which, by SHA-256.
        sha256: String,
    },
    /// Draw a page of an original; answered by [`crate::Event::Preview`]. At most two are drawn at once, the newest first; of
    /// more than 64 that wait the oldest is answered with [`crate::problem::What::Cancelled`].
    LoadPreview(PreviewOrder),
    /// Put every original of an invoice to every check; answered by [`crate::Event::Proved`].
    Prove(InvoiceKey),
    /// Read files that the user picked, put them to every check and keep nothing; answered by [`crate::Event::FilesProved`].
    /// Ends what was picked before.
    ProveFiles(Vec<PathBuf>),
    /// Nobody wants to see what was picked any more.
    StopProving,
    /// Sum up a tax period from the deduction lists; answered by [`crate::Event::Deduction`].
    SumDeduction {
        /// Of one company, or of all.
        company: Option<TaxNumber>,
        /// 税款所属期.
        period: Month,
    },
    /// Compute the statistics (统计) of a filter; answered by [`crate::Event::Figures`], unless a newer wish came before it was.
    SumFigures {
        /// Chosen by the window.
        seq: u64,
        /// Which invoices.
        filter: Box<InvoiceFilter>,
        /// How many parties of each direction are named.
        top: usize,
    },
    /// Write a table to a workbook as it is shown; answered by [`crate::Event::TableSaved`].
    SaveTable(Box<TableOrder>),
    /// The page scrolled away: no answer, unless it is ready already. By the ticket of the order.
    CancelPreview(u64),
    /// Read files and folders into the ledger.
    Import(Vec<PathBuf>),
    /// Write the report of an import to a workbook.
    SaveImportReport(Box<ReportOrder>),
    /// Export.
    Export(Box<ExportOrder>),
    /// Names that a pattern gives to the first invoices of a filter.
    PreviewNames {
        /// Chosen by the window.
        seq: u64,
        /// 命名规则.
        pattern: String,
        /// Which invoices.
        filter: Box<InvoiceFilter>,
    },
    /// Stop an import or export.
    CancelTask(TaskId),
    /// Keep, rename or forget a template of exports; answered by [`crate::Event::Templates`].
    Template(TemplateWish),

    /// Keep a preference of the window.
    SavePreference {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Show a file in the system's file manager.
    Reveal(PathBuf),
    /// 网络自检; answered by [`crate::Event::Checkup`]. Ends one that is under way.
    Checkup,
    /// Stop it.
    StopCheckup,
    /// Change the settings of the network; answered by [`crate::Event::Network`].
    SetNetwork(NetworkWish),
    /// Choose the service that this data folder works with; answered by [`crate::Event::ServiceChosen`]. A choice that is being
    /// looked at ends.
    ChooseService(ServiceWish),
    /// Put together what the 诊断文件 says, with these findings of 网络自检; answered by [`crate::Event::Diagnosed`].
    Diagnose(Vec<Line>),
    /// Write the 诊断文件 as it was shown; answered by [`crate::Event::DiagnosisSaved`].
    SaveDiagnosis {
        /// Text file to write.
        path: PathBuf,
        /// What it says.
        text: String,
    },
    /// Tax disks; answered by [`crate::Event::Disks`].
    Disk(DiskWish),
    /// Backups on this PC; answered by [`crate::Event::Backup`].
    Backup(BackupWish),
    /// The data folder as a whole. Taken by what stands around the engine, which ends and is started again.
    Folder(FolderWish),
    /// Updates of the program; answered by [`crate::Event::Update`].
    Update(UpdateWish),

    /// Sandbox: fetch the messages that a phone or mail box would have got.
    LoadMessages,
    /// Sandbox: make an activation code.
    IssueCode(CodeCondition),
    /// Sandbox: turn the fault dial.
    DialFault(FaultRequest),
    /// Sandbox: the accounts that the simulated bureau knows.
    LoadDemoAccounts(CompanyRef),
    /// Sandbox: play the phone app that scans the QR of a challenge.
    ScanChallenge {
        /// Its id.
        id: String,
    },
    /// Sandbox: play the phone that answers the QR of a binding.
    AnswerBinding {
        /// Id of the ticket.
        ticket: String,
        /// Whose phone it is, and what the person says.
        answer: BindAnswer,
    },
}

/// A table on its way to a file.
#[derive(Clone, Debug)]
pub struct TableOrder {
    /// Workbook to write.
    pub path: PathBuf,
    /// What it holds.
    pub table: ShownTable,
}

/// A report of an import on its way to a file.
#[derive(Clone)]
pub struct ReportOrder {
    /// Workbook to write.
    pub path: PathBuf,
    /// What it says.
    pub report: ImportReport,
    /// In which words.
    pub words: &'static (dyn ReportWords + Sync),
}

impl std::fmt::Debug for ReportOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportOrder").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A typed secret: no `Debug`, overwritten when dropped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Takes a typed text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// An account form; it holds a password, so `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct HiddenRequest(pub AccountRequest);

impl std::fmt::Debug for HiddenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountRequest(hidden)")
    }
}

/// What is to become of the data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderWish {
    /// Write everything, close everything, so that the stick can be pulled (安全移除).
    LetGo,
    /// Go on with it where it is.
    TakeBack,
    /// Open it again with the service that was chosen for it.
    Reopen,
    /// Put this backup in place of the ledger, which is put aside.
    Restore(PathBuf),
}
