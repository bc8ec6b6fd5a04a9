//! Events change the state here, and nowhere else. No egui types: every rule can be tested without a window.

mod accounts;
mod away;
mod backup;
mod batch;
mod binding;
mod claims;
mod companies;
mod deduction;
mod disks;
mod documents;
pub(crate) mod download;
mod elsewhere;
mod export;
mod help;
mod import;
mod language;
mod ledger;
mod look;
mod removal;
mod sandbox;
mod session;
mod sheet;
mod stats;
mod templates;
mod update;
mod vault;
mod welcome;

use piaoxia_engine::{Command, Event};

pub use export::{export_words, extension, heading, line_heading};
pub use templates::NameUse;

use crate::state::State;

impl State {
    /// Applies an event; what must follow from it is returned.
    pub fn apply(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Started(started) => self.on_started(*started),
            Event::SignIn(_)
            | Event::SignedIn { .. }
            | Event::SignedOut(_)
            | Event::Activated(_)
            | Event::ActivationFailed(_)
            | Event::Phones(_) => self.on_session(event),
            Event::Companies(_) | Event::Notices(_) => self.on_companies(event),
            Event::Accounts { .. }
            | Event::Form { .. }
            | Event::Challenge(_)
            | Event::LoginDone { .. }
            | Event::LoginFailed { .. }
            | Event::ChallengeProblem { .. }
            | Event::AccountsProblem(_)
            | Event::Budgets(_) => self.on_accounts(event),
            Event::Vault(_) | Event::VaultProblem(_) => self.on_vault(event),
            Event::Binding { account, step } => self.on_binding(&account, step),
            Event::Elsewhere(challenges) => self.on_elsewhere(challenges),
            Event::BatchPlanned { .. } | Event::Schedules(_) => self.on_batch(event),
            Event::Counted { .. } | Event::Download(_) | Event::DownloadForgotten(_) => self.on_download(event),
            Event::LedgerChanged { .. }
            | Event::View { .. }
            | Event::Summed { .. }
            | Event::Found { .. }
            | Event::Rows { .. }
            | Event::Invoice { .. } => self.on_ledger(event),
            Event::Claimed { seq, result } => self.on_claimed(seq, result),
            Event::Names { .. } | Event::Exported { .. } | Event::Templates(_) => self.on_export(event),
            Event::Imported { .. } | Event::ReportSaved(_) => self.on_import(event),
            Event::TaskProgress { id, kind, done, total } => self.on_task_progress(id, kind, done, total),
            Event::Messages(_) | Event::CodeIssued(_) | Event::DemoAccounts(_) => self.on_sandbox(event),
            Event::Failed(problem) => self.notify_problem(problem),
            Event::FilesProved(_) => self.on_documents(event),
            Event::Deduction { .. } => self.on_deduction(event),
            Event::Figures { .. } | Event::TableSaved(_) => self.on_stats(event),
            Event::Preview { .. } | Event::Proved { .. } => self.on_sheet(event),
            Event::Checkup(_) | Event::Network(_) | Event::ClockAhead(_) | Event::Diagnosed(_) | Event::DiagnosisSaved(_) => {
                self.on_help(event)
            }
            Event::ServiceChosen(result) => self.on_service_chosen(result),
            Event::Update(step) => self.on_update(*step),
            // The shell brings the window forward.
            Event::Raise => Vec::new(),
            Event::Disks(view) => self.on_disks(*view),
            Event::Backup(_) | Event::BackupProblem(_) | Event::Restored(_) => self.on_backup(event),
            Event::Away(away) => self.on_away(away),
        }
    }
}
