//! The shared state: everything that the window shows, as plain data. Only [`crate::reduce`] and the screens change it,
//! on the window's thread; there is no lock in it.

pub mod accounts;
pub mod agenda;
pub mod away;
pub mod backup;
pub mod batch;
pub mod claims;
pub mod companies;
pub mod deduction;
pub mod disks;
pub mod documents;
pub mod download;
pub mod export;
pub mod help;
pub mod import;
pub mod ledger;
pub mod ledger_columns;
pub mod ledger_groups;
mod ledger_held;
pub mod look;
pub mod preferences;
pub mod removal;
pub mod sandbox;
pub mod session;
pub mod sheet;
pub mod stats;
pub mod update;
pub mod vault;
pub mod welcome;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use piaoxia_engine::{Command, ServiceBy};
use piaoxia_widgets::notice::Notices;

use crate::text::Language;

pub use session::{Session, SignIn};

/// Pages of the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Before anything is known.
    #[default]
    Starting,
    /// 体验, 直连 or 连接服务.
    Welcome,
    /// 登录.
    SignIn,
    /// 激活.
    Activation,
    /// 首页.
    Home,
    /// 企业.
    Companies,
    /// One company: details and e-tax accounts.
    Company {
        /// Company id.
        id: String,
    },
    /// 税盘管理.
    Disks,
    /// 发票下载.
    Download,
    /// 台账.
    Ledger,
    /// 统计.
    Stats,
    /// 设置.
    Settings,
}

impl Screen {
    /// A page with the navigation around it.
    #[must_use]
    pub const fn is_page(&self) -> bool {
        !matches!(self, Self::Starting | Self::Welcome | Self::SignIn | Self::Activation)
    }
}

/// Everything that the window shows.
#[derive(Debug, Default)]
pub struct State {
    /// Seconds since the program started; countdowns run by it, never by the PC's clock.
    pub clock: f64,
    /// Today in Shanghai.
    pub today: Date,
    /// The page.
    pub screen: Screen,
    /// Who is signed in.
    pub session: Session,
    /// Which service to work with.
    pub welcome: welcome::Welcome,
    /// The sign-in page.
    pub sign_in: SignIn,
    /// The vault, the lock screen.
    pub vault: vault::Vault,
    /// The activation page.
    pub activation: session::Activation,
    /// Companies, and which is chosen.
    pub companies: companies::Companies,
    /// The company page: accounts, form, challenge.
    pub accounts: accounts::Accounts,
    /// The download page and all downloads.
    pub download: download::DownloadPage,
    /// Downloads of several companies, and those that begin by themselves.
    pub batch: batch::Batch,
    /// The ledger.
    pub ledger: ledger::Ledger,
    /// The export dialog, while open, and running exports.
    pub export: export::Exports,
    /// Files that are looked at without being imported.
    pub documents: documents::Documents,
    /// 统计.
    pub stats: stats::Stats,
    /// 抵扣汇总 of a tax period.
    pub deduction: deduction::Deduction,
    /// 报销登记.
    pub claims: claims::Claims,
    /// 网络与诊断.
    pub help: help::Help,
    /// 本机备份.
    pub backup: backup::Backup,
    /// 税盘管理.
    pub disks: disks::Disks,
    /// Updates of the program.
    pub update: update::Update,
    /// Imports.
    pub import: import::Imports,
    /// The sandbox's phone and mail box.
    pub sandbox: sandbox::Sandbox,
    /// Messages to the user.
    pub notices: Notices<Command>,
    /// Addresses of the phone pages on the LAN; empty while closed.
    pub phones: Vec<String>,
    /// What the window speaks.
    pub language: Language,
    /// It was named at the start, which goes before what is kept.
    pub language_is_named: bool,
    /// How the window looks.
    pub look: look::Look,
    /// Preferences, as they are kept.
    pub preferences: BTreeMap<String, String>,
    /// Data folder.
    pub data: PathBuf,
    /// The program itself lies on its medium, and keeps that here as long as it runs.
    pub program_is_with_data: bool,
    /// Whether it is open.
    pub folder: away::Folder,
    /// Address of the service.
    pub service: String,
    /// It runs elsewhere, and not in this program.
    pub hosted: bool,
    /// Who said that it is this one.
    pub service_by: ServiceBy,
    /// The data folder cannot be written.
    pub read_only: bool,
    /// 解除绑定 was pressed and waits for the answer.
    pub asking_unbind: bool,
    /// The window was to be closed while something runs that would be lost, and waits for the answer.
    pub asking_quit: Option<f64>,
    /// The user has agreed to lose it.
    pub quitting: bool,
    /// What is about to be removed, while that is asked.
    pub removing: Option<removal::Removal>,
    /// Chapter of 使用说明 that is read, while it is open.
    pub manual: Option<usize>,
    /// The list of shortcuts is open.
    pub keys_shown: bool,
    /// A file dialog of the system is open.
    pub file_dialog: bool,
    /// Commands that the engine could not take at once; they go out first next time.
    pub unsent: usize,
}

impl State {
    /// The service runs inside this program; phones reach it only once that is allowed.
    #[must_use]
    pub fn service_is_embedded(&self) -> bool {
        !self.hosted
    }

    /// An import or export is running. Downloads go on at the next start, so that nothing of them is lost.
    #[must_use]
    pub fn would_lose_work(&self) -> bool {
        !self.export.tasks.is_empty()
    }
}
