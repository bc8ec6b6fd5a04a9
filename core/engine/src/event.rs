//! What the engine tells the window.

mod reports;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use piaoxia_domain::account::{Account, AccountId};
use piaoxia_domain::{Invoice, InvoiceKey, Month, TaxNumber};
use piaoxia_service::Network;
use piaoxia_service::contract::{
    BindState, BindTicket, Budget, Challenge, Company, IssuedCode, LoginForm, LoginTicket, Notice, PersonInfo, SandboxMessage, SummaryRow,
};
use piaoxia_store::{Change, Figures, KeptClaim, Original, Row, RowSums, View};

use crate::backup::BackupView;
use crate::checkup::CheckupStep;
use crate::choice::{ServiceBy, ServiceChoice};
use crate::claims::ClaimAnswer;
use crate::deduction::DeductionSummary;
use crate::diagnosis::Diagnosis;
use crate::disks::DisksView;
use crate::download::{BatchPlan, Download, DownloadId, DownloadOrder};
use crate::preview::Preview;
use crate::problem::Problem;
use crate::proof::{FilesProof, PaperProof};
use crate::schedule::ScheduleView;
use crate::secrets::VaultView;
use crate::templates::Template;
use crate::update::UpdateStep;
pub use reports::{ExportReport, FileNote, ImportReport, RefusedFile, UnreadableFile};

/// Identifies an import or export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

/// Something happened. Events are never lost; progress among them comes at most ten times a second.
#[derive(Clone, Debug)]
pub enum Event {
    /// What the engine found when it started.
    Started(Box<Started>),
    /// Signing in.
    SignIn(SignInStep),
    /// Signed in.
    SignedIn {
        /// Who.
        person: PersonInfo,
        /// The activation page is not needed.
        activated: bool,
        /// The service is the sandbox.
        sandbox: bool,
    },
    /// Nobody is signed in: at start, after 退出登录, after 解除绑定, when the session ended.
    SignedOut(SignedOutBecause),
    /// A code was redeemed.
    Activated(Vec<Company>),
    /// A code was refused.
    ActivationFailed(Problem),
    /// The phone pages on the LAN: open at these addresses, or closed.
    Phones(Vec<String>),

    /// The companies.
    Companies(Result<Vec<Company>, Problem>),
    /// A company's accounts and the service's clock.
    Accounts {
        /// Company id.
        company: String,
        /// The accounts.
        result: Result<(Vec<Account>, Timestamp), Problem>,
    },
    /// A region's form.
    Form {
        /// Four-digit region.
        region: String,
        /// The form.
        result: Result<LoginForm, Problem>,
    },
    /// A sign-in at the bureau asks for something; the dialog opens or changes.
    Challenge(Box<Challenge>),
    /// The account is signed in; the dialog closes.
    LoginDone {
        /// Company id.
        company: String,
        /// The account.
        account: Box<Account>,
    },
    /// The sign-in is over without success, or was given up (`What::Cancelled`); the dialog closes.
    LoginFailed {
        /// Company id.
        company: String,
        /// The account; none when it was being added.
        account: Option<AccountId>,
        /// Why.
        problem: Problem,
    },
    /// An answer could not be delivered (network, too soon to resend); the dialog stays.
    ChallengeProblem {
        /// Its id.
        id: String,
        /// What is the matter.
        problem: Problem,
    },
    /// An account was deleted or a default set; the list follows as `Accounts`.
    AccountsProblem(Problem),
    /// Challenges of accounts that somebody else began to sign in, the service itself among them; all of them, whenever they
    /// have become others.
    Elsewhere(Vec<Challenge>),
    /// The tax disks, whenever something about them changed.
    Disks(Box<DisksView>),
    /// How the vault stands now.
    Vault(Box<VaultView>),
    /// What was asked of the vault was not done.
    VaultProblem(Problem),
    /// What is left of the scarce tries of accounts, as far as the service says.
    Budgets(Vec<(AccountId, Budget)>),
    /// 微信绑定.
    Binding {
        /// Of which account.
        account: AccountId,
        /// Where it stands.
        step: BindStep,
    },
    /// Outage notices; all of them, whenever they have become others.
    Notices(Vec<Notice>),

    /// Counts and sums.
    Counted {
        /// Of which order.
        order: Box<DownloadOrder>,
        /// The rows.
        result: Result<Vec<SummaryRow>, Problem>,
    },
    /// Downloads for several companies were planned.
    BatchPlanned {
        /// Of which wish.
        seq: u64,
        /// The plan.
        result: Result<BatchPlan, Problem>,
    },
    /// 定时下载: all of them, whenever one has become another.
    Schedules(Vec<ScheduleView>),
    /// A download began, moved or ended.
    Download(Box<Download>),
    /// A download was taken off the list.
    DownloadForgotten(DownloadId),

    /// The ledger changed; searches should be asked again.
    LedgerChanged {
        /// Number of invoices.
        invoices: u64,
    },
    /// A search is done.
    View {
        /// Of which search.
        seq: u64,
        /// Ids and totals.
        result: Result<View, Problem>,
    },
    /// Rows for the screen.
    Rows {
        /// Of which search.
        seq: u64,
        /// First row.
        first: u64,
        /// The rows.
        rows: Arc<[Row]>,
    },
    /// Where an invoice stands.
    Found {
        /// Of which wish.
        seq: u64,
        /// Its place in the view; none when it is not in it.
        result: Result<Option<u64>, Problem>,
    },
    /// Sums of rows.
    Summed {
        /// Of which wish.
        seq: u64,
        /// The sums.
        result: Result<RowSums, Problem>,
    },
    /// One invoice.
    Invoice {
        /// Which was asked for.
        key: InvoiceKey,
        /// Everything about it.
        result: Result<Box<InvoiceSheet>, Problem>,
    },
    /// 报销登记.
    Claimed {
        /// Of which wish.
        seq: u64,
        /// What became of it.
        result: Result<ClaimAnswer, Problem>,
    },
    /// The originals of an invoice were put to every check.
    Proved {
        /// Of which invoice.
        key: InvoiceKey,
        /// One entry an original.
        result: Result<Vec<PaperProof>, Problem>,
    },
    /// Files that the user picked were put to every check.
    FilesProved(Result<FilesProof, Problem>),
    /// A tax period was summed up.
    Deduction {
        /// Of which company, or of all.
        company: Option<TaxNumber>,
        /// Which period.
        period: Month,
        /// The summary; empty when no list of the period is known.
        result: Result<DeductionSummary, Problem>,
    },
    /// Statistics are computed.
    Figures {
        /// Of which wish.
        seq: u64,
        /// The figures.
        result: Result<Box<Figures>, Problem>,
    },
    /// A table is written, at this path.
    TableSaved(Result<PathBuf, Problem>),
    /// A page of an original was drawn, or why not.
    Preview {
        /// Of which order.
        ticket: u64,
        /// The picture.
        result: Result<Preview, Problem>,
    },
    /// Names that a pattern gives.
    Names {
        /// Of which wish.
        seq: u64,
        /// The names, or why the pattern cannot be used (position in characters).
        result: Result<Vec<String>, (usize, Problem)>,
    },
    /// An import or export moved.
    TaskProgress {
        /// Which.
        id: TaskId,
        /// What.
        kind: TaskKind,
        /// Done so far.
        done: u64,
        /// Of so many; 0 while unknown.
        total: u64,
    },
    /// An import is over.
    Imported {
        /// Which.
        id: TaskId,
        /// The report.
        result: Result<ImportReport, Problem>,
    },
    /// The report of an import is written, at this path.
    ReportSaved(Result<PathBuf, Problem>),
    /// An export is over.
    Exported {
        /// Which.
        id: TaskId,
        /// The report.
        result: Result<ExportReport, Problem>,
    },
    /// Templates of exports that the user keeps, by name.
    Templates(Vec<Template>),

    /// Sandbox: messages.
    Messages(Vec<SandboxMessage>),
    /// Sandbox: a code was made.
    CodeIssued(HiddenCode),
    /// Sandbox: accounts that the simulated bureau knows.
    DemoAccounts(Vec<DemoAccount>),
    /// An update of the program: where it stands.
    Update(Box<UpdateStep>),
    /// 网络自检: a step is over, or all of it.
    Checkup(CheckupStep),
    /// The settings of the network, as they are now, or why they stayed.
    Network(Result<Network, Problem>),
    /// The service of this data folder was chosen and kept, or why not. It is used from the next start of the engine on.
    ServiceChosen(Result<ServiceChoice, Problem>),
    /// This PC's clock is so many seconds ahead of the service's; less than 0: behind. Told when that becomes so, and when it no
    /// longer is.
    ClockAhead(i64),
    /// What the 诊断文件 is to say.
    Diagnosed(Result<Box<Diagnosis>, Problem>),
    /// The 诊断文件 is written, at this path.
    DiagnosisSaved(Result<PathBuf, Problem>),
    /// Something failed that belongs to no screen.
    Failed(Problem),
    /// Another start of the program asked this window to come forward.
    Raise,
    /// How backups on this PC stand now.
    Backup(Box<BackupView>),
    /// What was asked of backups was not done.
    BackupProblem(Problem),
    /// A backup was put in place of the ledger; so many originals are damaged or missing in it.
    Restored(u64),
    /// The data folder is closed; everything before this is over. [`Event::Started`] follows when it is open again.
    Away(Away),
}

/// Why the data folder is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Away {
    /// The user wants to pull the stick.
    LetGo,
    /// It is gone: the stick was pulled.
    Pulled,
    /// It is opened again with another service.
    Reopening,
    /// A backup is put into it.
    Restoring {
        /// Originals looked at.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// It is there and cannot be opened; it is tried again.
    Refused(Problem),
}

/// A ledger that was built anew from its snapshots and journal (已从日志重建).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Number of invoices.
    pub invoices: u64,
    /// Commits of which nothing readable is left.
    pub lost: u64,
}

/// What the engine found when it started.
#[derive(Clone, Debug)]
pub struct Started {
    /// Downloads of earlier runs.
    pub downloads: Vec<Download>,
    /// Preferences of the window.
    pub preferences: Vec<(String, String)>,
    /// Templates of exports that the user keeps, by name.
    pub templates: Vec<Template>,
    /// Number of invoices in the ledger.
    pub invoices: u64,
    /// The data folder cannot be written.
    pub read_only: bool,
    /// The ledger was built anew.
    pub rebuilt: Option<Rebuilt>,
    /// Data folder.
    pub data: PathBuf,
    /// Address of the service.
    pub service: String,
    /// It runs elsewhere, and not in this program.
    pub hosted: bool,
    /// Who said that it is this one.
    pub service_by: ServiceBy,
    /// Nothing was ever done with a service in this folder, and nobody said which one it is.
    pub first: bool,
    /// Settings of the network.
    pub network: Network,
    /// The vault.
    pub vault: VaultView,
}

/// Steps of signing in by QR.
#[derive(Clone, Debug)]
pub enum SignInStep {
    /// Getting a QR.
    Asking,
    /// A QR to show; it replaces the one before.
    Ticket(LoginTicket),
    /// A phone has opened it.
    Scanned,
    /// The phone said no.
    Denied,
    /// It expired; a new one follows by itself.
    Expired,
    /// No QR could be had; it is tried again after so many seconds.
    Failed {
        /// Why.
        problem: Problem,
        /// Seconds.
        retry_in: u64,
    },
}

/// Steps of 微信绑定.
#[derive(Clone, Debug)]
pub enum BindStep {
    /// A QR to show.
    Ticket(BindTicket),
    /// What has become of it.
    State(BindState),
    /// It cannot go on.
    Failed(Problem),
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOutBecause {
    /// First start, or 30 天免登录 was not ticked.
    NeverSignedIn,
    /// 退出登录.
    Asked,
    /// 解除绑定.
    Unbound,
    /// The session ended.
    Ended,
}

/// Import or export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// 导入.
    Import,
    /// 导出.
    Export,
}

/// Everything about one invoice.
#[derive(Clone, Debug)]
pub struct InvoiceSheet {
    /// The invoice with its lines.
    pub invoice: Invoice,
    /// Changes of its state, oldest first.
    pub history: Vec<Change>,
    /// Its originals.
    pub originals: Vec<Original>,
    /// Red invoices that cancel it.
    pub reds: Vec<InvoiceKey>,
    /// 报销登记, oldest first.
    pub claims: Vec<KeptClaim>,
}

/// An activation code of the sandbox; `Debug` hides it.
#[derive(Clone)]
pub struct HiddenCode(pub IssuedCode);

impl std::fmt::Debug for HiddenCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuedCode(hidden)")
    }
}

/// An account that the simulated bureau knows, so that a newcomer can type it. Nothing of it is real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// Name of the person.
    pub person: String,
    /// Values by the keys of the region's form, the password among them.
    pub fields: Vec<(String, String)>,
    /// Abbreviation of an identity that the person has.
    pub identity: String,
}
