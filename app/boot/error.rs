//! Why the program cannot start.

use std::path::PathBuf;

use piaoxia_engine::Problem;
use piaoxia_engine::problem::{FileFault, StoreFault, What};
use piaoxia_files::FilesError;
use piaoxia_gateway::GatewayError;
use piaoxia_service::ClientError;
use piaoxia_store::StoreError;

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// Another start of the program has the data folder.
    #[error("{path} is in use")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The data folder cannot be made or written.
    #[error(transparent)]
    Folder(#[from] FilesError),
    /// The ledger in it cannot be opened.
    #[error("the ledger in {path}: {error}")]
    Ledger {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: StoreError,
    },
    /// The embedded gateway does not start.
    #[error("the gateway: {0}")]
    Gateway(#[from] GatewayError),
    /// The address of the service is none that can be used.
    #[error("the service: {0}")]
    Service(#[from] ClientError),
    /// How the service is reached cannot be read.
    #[error("{}", .0.detail)]
    Settings(Box<Problem>),
    /// The system gives no threads, no socket.
    #[error("the system: {0}")]
    System(#[from] std::io::Error),
    /// The system gives no window: no screen, no driver.
    #[error("the window: {0}")]
    Window(String),
    /// Libraries beside the program that Windows might load in place of its own.
    #[error("{} lies beside the program", .0.display())]
    Planted(PathBuf),
}

impl BootError {
    /// True for a reason that has nothing to do with this version of the program: an earlier one would not start either.
    #[must_use]
    pub fn is_excuse(&self) -> bool {
        matches!(self, Self::InUse { .. } | Self::Folder(_) | Self::Service(_) | Self::Settings(_) | Self::Planted(_))
    }

    /// The same as a problem, which the texts put into words.
    #[must_use]
    pub fn problem(self) -> Problem {
        let said = self.to_string();
        match self {
            Self::InUse { path } => Problem::new(What::Store(StoreFault::InUse), said).about(path.display().to_string()),
            Self::Folder(error) => error.into(),
            Self::Ledger { path, error } => Problem::from(error).about(path.display().to_string()),
            Self::Service(error) => error.into(),
            Self::Settings(problem) => *problem,
            Self::Gateway(GatewayError::Settings { path, .. }) => Problem::new(What::File { fault: FileFault::Settings, path }, said),
            Self::Gateway(GatewayError::State(error)) => error.into(),
            Self::Planted(path) => Problem::new(What::File { fault: FileFault::Planted, path }, said),
            Self::Gateway(_) | Self::System(_) | Self::Window(_) => Problem::new(What::Internal, said),
        }
    }
}
