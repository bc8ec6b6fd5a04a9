//! The engine: receives commands, owns every task, reports events. It knows the service, the ledger and the files; it
//! does not know the window. The command line drives the same functions.
//!
//! # The window
//! [`Engine::start`] gives a channel for [`Command`]s and one of [`Event`]s. Nothing in between blocks: a command that takes
//! time runs in a task of its own, and whatever becomes of it, a panic included, comes as an event.
//!
//! # The command line
//! The same work as functions, without events:
//! ```no_run
//! # use piaoxia_engine::{DownloadOrder, Problem};
//! # async fn demo(client: piaoxia_service::Client, store: piaoxia_store::Store, order: DownloadOrder) -> Result<(), Problem> {
//! use piaoxia_engine::{DiskSetup, Pace, Services, ServicesConfig, accounts, download, session};
//! use tokio_util::sync::CancellationToken;
//!
//! let stop = CancellationToken::new();
//! let config = ServicesConfig {
//!     data: "Data".into(), key_folder: None, vault_cost: None, device_name: "PC".into(), authorities: Vec::new(), pace: Pace::default(), reader: None,
//!     disks: DiskSetup::default(),
//! };
//! let services = Services::open(client, store, config).await?;
//! let who = session::sign_in(&services, false, |step| tracing::info!(?step), &stop).await;
//! let companies = accounts::companies(&services).await?;
//! let done = download::run(&services, order, |now: download::Download| tracing::info!(?now.state), &stop).await?;
//! # Ok(()) }
//! ```
//! [`import::run`] and [`export::run`] work the same way; `services.store()` is the ledger itself.

pub mod accounts;
mod backup;
mod binding;
mod challenges;
pub mod checkup;
pub mod choice;
pub mod claims;
pub mod command;
pub mod deduction;
mod desk;
pub mod diagnosis;
pub mod disks;
pub mod download;
mod engine;
pub mod event;
pub mod export;
pub mod export_order;
pub mod import;
pub mod network;
mod observe;
mod outbox;
mod pace;
mod preferences;
pub mod preview;
pub mod problem;
pub mod proof;
pub mod reader;
pub mod schedule;
pub mod secrets;
mod services;
pub mod session;
pub mod templates;
pub mod trust;
pub mod update;
mod watch;

pub use backup::{BackupNote, BackupView, BackupWish, FoundBackup, restore};
pub use choice::{ServiceBy, ServiceChoice, ServiceWish};
pub use claims::{ClaimAnswer, ClaimOf};
pub use command::{Command, FolderWish, HiddenRequest, ReportOrder, Secret, TableOrder};
pub use disks::{DiskSetup, DiskWish, Disks, DisksView};
pub use download::{
    BatchPlan, BatchWish, CompanyRef, Difference, Download, DownloadId, DownloadOrder, DownloadState, Extent, Finding, Findings, Mark,
    Matter, Piece, Planned, Span,
};
pub use engine::{Engine, EngineConfig, EngineHandle, Opener, OwnGateway, Stopper};
pub use event::{Away, Event, TaskId};
pub use export_order::{ExportKind, ExportOrder, ExportWords, PrintBy, PrintOrder, Selection};
pub use observe::Observe;
pub use outbox::Wake;
pub use pace::Pace;
pub use piaoxia_preview::{PageSize, Picture, Scale as PageScale};
pub use preferences::{LANGUAGE, PLACE, THEME, kept_for_window};
pub use preview::{Preview, PreviewOrder};
pub use problem::Problem;
pub use reader::ReaderProgram;
pub use secrets::VaultView;
pub use services::{Services, ServicesConfig};
pub use update::{UpdateSource, UpdateWish};
