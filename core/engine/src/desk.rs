//! The desk where commands arrive. It never waits: whatever takes time runs in a task of its own.

mod accounts;
mod backup;
mod disks;
mod downloads;
mod help;
mod ledger;
mod sandbox;
mod session;
mod tasks;
mod update;
mod vault;

use std::sync::Arc;

use piaoxia_store::OpenReport;
use piaoxia_update::Updater;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio_util::sync::CancellationToken;

use crate::binding::Bindings;
use crate::challenges::Challenges;
use crate::command::Command;
use crate::disks::Disks;
use crate::download::{Download, Registry, Wish};
use crate::engine::{Opener, OwnGateway};
use crate::event::Event;
use crate::outbox::Outbox;
use crate::preferences;
use crate::preview::Previews;
use crate::problem::{Problem, What};
use crate::schedule::{Clock, ScheduleWish};
use crate::services::Services;
use crate::templates::{self, TemplateWish};
use crate::watch;
use session::Phones;
use tasks::Tasks;

/// Wishes that wait for the registry of downloads.
const WISHES: usize = 64;

/// Takes commands and starts what they ask for.
pub(crate) struct Desk {
    services: Services,
    outbox: Outbox,
    challenges: Challenges,
    bindings: Bindings,
    downloads: mpsc::Sender<Wish>,
    schedules: mpsc::Sender<ScheduleWish>,
    preferences: mpsc::Sender<(String, String)>,
    templates: mpsc::Sender<TemplateWish>,
    tasks: Tasks,
    previews: Previews,
    disks: Disks,
    outside: Outside,
    phones: Arc<Phones>,
    /// Ends the sign-in that is under way.
    sign_in: CancellationToken,
    /// Ends the count of a download that is under way: only the last one counts.
    counting: CancellationToken,
    /// Ends the search that is under way, as well.
    search: CancellationToken,
    /// Ends the summing up of a tax period that is under way, as well.
    summing: CancellationToken,
    /// Ends the statistics that are under way: only the last ones count.
    figuring: CancellationToken,
    /// Ends the proof of picked files that is under way.
    proving: CancellationToken,
    /// Ends the download of an update that is under way.
    updating: CancellationToken,
    /// Ends the network check that is under way.
    checking: CancellationToken,
    /// Ends the look at a service that was chosen.
    choosing: CancellationToken,
}

/// What the program around the engine does for it.
pub(crate) struct Outside {
    pub(crate) gateway: Option<Arc<dyn OwnGateway>>,
    pub(crate) opener: Opener,
    pub(crate) updater: Option<Updater>,
    pub(crate) opened: OpenReport,
}

impl Desk {
    /// Opens the desk; the downloads of earlier runs are returned.
    pub(crate) async fn open(services: &Services, outbox: &Outbox, outside: Outside) -> Result<(Self, Vec<Download>), Problem> {
        let registry = Registry::open(services, outbox).await?;
        let found = registry.downloads();
        let (downloads, wishes) = mpsc::channel(WISHES);
        outbox.spawn_plain(registry.serve(wishes));
        let (schedules, changes) = mpsc::channel(WISHES);
        outbox.spawn_plain(Clock::new(services, outbox, downloads.clone()).serve(changes));
        let desk = Self {
            services: services.clone(),
            outbox: outbox.clone(),
            challenges: Challenges::new(services, outbox),
            bindings: Bindings::new(services, outbox),
            downloads,
            schedules,
            preferences: preferences::writer(services, outbox),
            templates: templates::writer(services, outbox),
            tasks: Tasks::default(),
            disks: Disks::new(services),
            previews: Previews::new(services.store(), outbox, services.reader().cloned()),
            outside,
            phones: Arc::default(),
            sign_in: CancellationToken::new(),
            counting: CancellationToken::new(),
            search: CancellationToken::new(),
            figuring: CancellationToken::new(),
            summing: CancellationToken::new(),
            proving: CancellationToken::new(),
            updating: CancellationToken::new(),
            checking: CancellationToken::new(),
            choosing: CancellationToken::new(),
        };
        desk.clear_view_folder();
        desk.follow_vault();
        desk.follow_backups();
        desk.follow_disks();
        outbox.spawn_plain(watch::watch(services.clone(), desk.challenges.clone(), outbox.clone()));
        outbox.spawn_plain(watch::watch_clock(services.clone(), outbox.clone()));
        Ok((desk, found))
    }

    /// Starts what a command asks for.
    pub(crate) fn take(&mut self, command: Command) {
        match command {
            Command::StartSignIn { .. }
            | Command::StopSignIn
            | Command::RestoreSession
            | Command::Activate { .. }
            | Command::SignOut
            | Command::Unbind
            | Command::AllowPhones(_) => self.session(command),
            Command::LoadCompanies
            | Command::LoadAccounts { .. }
            | Command::LoadForm { .. }
            | Command::AddAccount { .. }
            | Command::EditAccount { .. }
            | Command::DeleteAccount { .. }
            | Command::SetDefault { .. }
            | Command::LoadBudgets(_)
            | Command::UnbindAccount { .. }
            | Command::Login { .. }
            | Command::LoginRemembered { .. }
            | Command::Logout { .. } => self.account(command),
            Command::UnlockVault(_)
            | Command::LockVault
            | Command::SetPassphrase(_)
            | Command::OpenVaultHere(_)
            | Command::DestroyVault
            | Command::ForgetPassword(_) => self.vault(command),
            Command::BindAccount(account) => self.bindings.begin(account),
            Command::LookAtBinding => self.bindings.look(),
            Command::StopBinding => self.bindings.stop(),
            Command::AnswerChallenge { .. }
            | Command::ResendChallenge { .. }
            | Command::CancelChallenge { .. }
            | Command::TakeChallenge { .. }
            | Command::LeaveChallenge { .. } => self.challenge(command),
            Command::Count(_)
            | Command::PlanBatch { .. }
            | Command::Schedule(_)
            | Command::StartDownload(_)
            | Command::StartDownloads(_)
            | Command::PauseDownload(_)
            | Command::ResumeDownload(_)
            | Command::CancelDownload(_)
            | Command::ForgetDownload(_)
            | Command::ForgetEndedDownloads => self.download(command),
            Command::Search { .. }
            | Command::LoadRows { .. }
            | Command::LoadInvoice(_)
            | Command::SumRows { .. }
            | Command::FindRow { .. }
            | Command::Claim { .. }
            | Command::WithdrawClaim { .. }
            | Command::OpenOriginal { .. }
            | Command::Prove(_)
            | Command::ProveFiles(_)
            | Command::StopProving
            | Command::SumDeduction { .. }
            | Command::SumFigures { .. }
            | Command::PreviewNames { .. }
            | Command::Reveal(_) => self.ledger(command),
            Command::LoadPreview(order) => self.previews.load(order),
            Command::CancelPreview(ticket) => self.previews.cancel(ticket),
            Command::Import(paths) => self.import(paths),
            Command::SaveImportReport(order) => self.save_report(*order),
            Command::SaveTable(order) => self.save_table(*order),
            Command::Export(order) => self.export(*order),
            Command::CancelTask(id) => self.tasks.cancel(id),
            Command::Update(wish) => self.update(wish),
            Command::Checkup
            | Command::StopCheckup
            | Command::SetNetwork(_)
            | Command::ChooseService(_)
            | Command::Diagnose(_)
            | Command::SaveDiagnosis { .. } => self.help(command),
            Command::Disk(wish) => self.disk(wish),
            Command::Backup(wish) => self.backup(wish),
            // Taken before it gets here.
            Command::Folder(_) => {}
            Command::Template(wish) => self.pass_on(&self.templates, wish),
            Command::SavePreference { name, value } => self.pass_on(&self.preferences, (name, value)),
            Command::LoadMessages
            | Command::IssueCode(_)
            | Command::DialFault(_)
            | Command::LoadDemoAccounts(_)
            | Command::ScanChallenge { .. }
            | Command::AnswerBinding { .. } => self.sandbox(command),
        }
    }

    /// Nobody is signed in any more.
    pub(crate) fn forget_person(&self) {
        self.challenges.clear();
        self.bindings.stop();
    }

    /// Hands something to a task with a queue; a full queue is told, never waited for.
    fn pass_on<T>(&self, to: &mpsc::Sender<T>, what: T) {
        let problem = match to.try_send(what) {
            Ok(()) => return,
            Err(TrySendError::Full(_)) => Problem::new(What::Busy, "too many wishes at once"),
            Err(TrySendError::Closed(_)) => Problem::new(What::Internal, "the task that grants this wish has ended"),
        };
        self.tell(Event::Failed(problem));
    }

    /// Sends an event without waiting for it here.
    fn tell(&self, event: Event) {
        let outbox = self.outbox.clone();
        self.outbox.spawn_plain(async move { outbox.send(event).await });
    }

    /// Runs `work` and makes an event of its result; of a panic, too.
    fn answer<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
        make: impl FnOnce(Result<T, Problem>) -> Event + Clone + Send + 'static,
    ) {
        let (outbox, on_panic) = (self.outbox.clone(), make.clone());
        self.outbox.spawn(move |problem| on_panic(Err(problem)), async move {
            let event = make(work.await);
            outbox.send(event).await;
        });
    }
}
