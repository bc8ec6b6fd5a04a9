//! A person at the window: finds things by their labels, waits for what should happen, reads the phone.

use std::path::Path;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use piaoxia::boot::{Backstage, BootError, Locked, Log, Options, Sandbox, Service, World, ends};
use piaoxia::shell::Shell;
use piaoxia::state::accounts::ChallengeDialog;
use piaoxia::state::session::Qr;
use piaoxia::state::{Screen, State};
use piaoxia_engine::update::Updater;
use piaoxia_engine::{Pace, Stopper};
use piaoxia_service::Client;
use piaoxia_service::contract::{Challenge, ChallengeKind, SandboxPhone};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Patience with the engine; generous, because the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Of the window, points.
const HEIGHT: f32 = 768.0;

/// A file that falls onto the window.
#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

fn first_account(state: &State) -> Option<&piaoxia_domain::Account> {
    state.accounts.lists.values().find_map(|list| list.value()?.first())
}

/// What is drawn: the window itself, or something around it.
pub trait Shows: eframe::App + 'static {
    fn shell(&self) -> &Shell;
}

impl Shows for Shell {
    fn shell(&self) -> &Shell {
        self
    }
}

/// The window and everything behind it.
pub struct Window<A: Shows = Shell> {
    pub harness: Harness<'static, A>,
    pub client: Client,
    pub commands: tokio::sync::mpsc::Sender<piaoxia_engine::Command>,
    behind: Option<Behind>,
    runtime: Runtime,
}

/// What works behind the window.
enum Behind {
    World(Box<World>, Stopper),
    Backstage(CancellationToken, JoinHandle<Result<(), BootError>>),
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn options(data: &Path, keys: &Path, service: Option<String>, sandbox: Sandbox, updater: Option<Updater>) -> Options {
    Options {
        data: Some(data.to_path_buf()),
        service: service.map_or(Service::Sandbox, Service::Hosted),
        sandbox,
        key_folder: Some(keys.to_path_buf()),
        vault_cost: Some(piaoxia_engine::secrets::VaultCost::FLOOR),
        pace: Pace::quick(),
        reader: None,
        libraries: None,
        updater,
    }
}

fn harness<A: Shows>(make: impl FnOnce(&eframe::CreationContext<'_>) -> A) -> Harness<'static, A> {
    Harness::builder()
        .with_size([1366.0, HEIGHT])
        .with_max_steps(20)
        .with_theme(egui::Theme::Light)
        // Names of the sandbox hold characters that the PC's own fonts draw; there are none here.
        .allow_missing_glyphs()
        .build_eframe(|cc| make(cc))
}

impl Window {
    /// Starts the program on a data folder, with a simulated bureau of its own.
    pub fn open(data: &Path, keys: &Path, sandbox: Sandbox) -> Self {
        Self::start(options(data, keys, None, sandbox, None), |shell| shell)
    }

    /// The same, with something about the start changed.
    pub fn open_changed(data: &Path, keys: &Path, sandbox: Sandbox, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = options(data, keys, None, sandbox, None);
        change(&mut options);
        Self::start(options, |shell| shell)
    }

    /// Starts the program with a service that runs elsewhere.
    pub fn open_hosted(data: &Path, keys: &Path, service: &str) -> Self {
        Self::start(options(data, keys, Some(service.to_owned()), Sandbox::Kept, None), |shell| shell)
    }

    /// Starts the program as [`piaoxia::boot::open_window`] does, with a service that runs elsewhere: the data folder may go away.
    pub fn open_whole(data: &Path, keys: &Path, service: &str) -> Self {
        Self::whole(options(data, keys, Some(service.to_owned()), Sandbox::Kept, None), service)
    }

    /// The same as a user starts it, who names no service; the client is the one of this one.
    pub fn open_unnamed(data: &Path, keys: &Path, sandbox: Sandbox, service: &str) -> Self {
        Self::whole(Options { service: Service::Chosen, ..options(data, keys, None, sandbox, None) }, service)
    }

    fn whole(options: Options, service: &str) -> Self {
        let runtime = runtime();
        let locked = Locked::acquire(options.data.clone()).unwrap();
        let (window, far) = ends(std::sync::Arc::new(|| {}));
        let stop = CancellationToken::new();
        let behind = Backstage { far, log: Log::default(), announced: None, options, stop: stop.clone() };
        let working = runtime.spawn(behind.work(locked));
        let commands = window.commands.clone();
        let harness = harness(|cc| Shell::new(&cc.egui_ctx, window.commands, window.events));
        let client = Client::new(service, None).unwrap();
        Self { harness, client, commands, behind: Some(Behind::Backstage(stop, working)), runtime }
    }

    /// Starts a release of the program: one that can be updated.
    pub fn open_release(data: &Path, keys: &Path, updater: Updater) -> Self {
        let sandbox = Sandbox::Quick(piaoxia_service::contract::SandboxSize { seed: 1, invoices: 30 });
        Self::start(options(data, keys, None, sandbox, Some(updater)), |shell| shell)
    }
}

impl<A: Shows> Window<A> {
    /// The same as [`Window::open`], with something around the window.
    pub fn open_in(data: &Path, keys: &Path, sandbox: Sandbox, around: impl FnOnce(Shell) -> A) -> Self {
        Self::start(options(data, keys, None, sandbox, None), around)
    }

    fn start(options: Options, around: impl FnOnce(Shell) -> A) -> Self {
        let runtime = runtime();
        let world = runtime.block_on(World::open(options)).unwrap();
        let engine = {
            let _inside = runtime.enter();
            world.engine(std::sync::Arc::new(|| {}))
        };
        let (commands, events) = (engine.commands, engine.events);
        let harness = harness(|cc| around(Shell::new(&cc.egui_ctx, commands.clone(), events)));
        let client = world.client().clone();
        Self { harness, client, commands, behind: Some(Behind::World(Box::new(world), engine.stopper)), runtime }
    }

    pub fn state(&self) -> &State {
        &self.harness.state().shell().state
    }

    /// Draws until something holds.
    pub fn wait(&mut self, what: &str, holds: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self.state()) {
            let problems = || {
                let accounts = &self.state().accounts;
                let form = accounts.form.as_ref().map(|form| (form.busy, form.problem.clone()));
                (form, accounts.password.as_ref().map(|dialog| dialog.problem.clone()), accounts.challenge.clone())
            };
            assert!(Instant::now() < deadline, "never: {what}; screen {:?}; {:?}", self.state().screen, problems());
            self.harness.step();
            std::thread::sleep(Duration::from_millis(2));
        }
        self.settle();
    }

    /// A few frames, so that what was just applied is drawn.
    pub fn settle(&mut self) {
        self.harness.run_steps(3);
    }

    pub fn has(&self, label: &str) -> bool {
        self.harness.query_all_by_label(label).next().is_some()
    }

    /// Waits until a button with this label is there and can be pressed, and presses the last such one (a dialog's lies
    /// above the page's).
    pub fn press(&mut self, label: &str) {
        self.press_unless(label, |_| false);
    }

    /// The same, unless the window has gone on by itself before.
    pub fn press_unless(&mut self, label: &str, has_gone_on: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let (mut place, mut scrolled) = (None, false);
        loop {
            self.settle();
            if has_gone_on(self.state()) {
                return;
            }
            let found = self.harness.query_all_by_role_and_label(Role::Button, label).rfind(|node| !node.accesskit_node().is_disabled());
            let now = found.as_ref().map(|button| button.rect());
            // What has just come in may still move things: a person waits for that, too.
            if let Some(button) = found.filter(|_| now == place) {
                // Below the edge: scrolled to, as a person would, and pressed where it stands then.
                if button.rect().bottom() > HEIGHT && !scrolled {
                    button.scroll_to_me();
                    (scrolled, place) = (true, None);
                    continue;
                }
                button.click();
                self.settle();
                return;
            }
            place = now;
            assert!(Instant::now() < deadline, "no button {label:?} on {:?}, but {:?}", self.state().screen, self.buttons());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until a sentence is on the screen.
    pub fn hear(&mut self, sentence: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.says(sentence) {
            assert!(Instant::now() < deadline, "never said: {sentence}, on {:?}", self.state().screen);
            self.settle();
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn buttons(&self) -> Vec<String> {
        self.harness.query_all_by_role(Role::Button).filter_map(|node| node.accesskit_node().label()).collect()
    }

    /// Types into the field with this label; what stood there is replaced.
    pub fn type_into(&mut self, label: &str, text: &str) {
        let hidden = self.harness.query_by_role_and_label(Role::PasswordInput, label).is_some();
        let role = if hidden { Role::PasswordInput } else { Role::TextInput };
        self.harness.get_by_role_and_label(role, label).focus();
        self.settle();
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.settle();
        self.harness.get_by_role_and_label(role, label).type_text(text);
        self.settle();
    }

    /// Drops files onto the window.
    pub fn drop_files(&mut self, paths: &[std::path::PathBuf]) {
        let files = paths.iter().map(|path| std::sync::Arc::new(Dropped(path.clone())) as egui::DroppedFileHandle);
        self.harness.input_mut().dropped_files.extend(files);
        self.settle();
    }

    /// The sentence is on the screen.
    pub fn says(&self, sentence: &str) -> bool {
        self.harness.query_all_by_label_contains(sentence).next().is_some()
    }

    /// Presses whatever carries this label: a tab, a choice, a tick box.
    pub fn choose(&mut self, label: &str) {
        let deadline = Instant::now() + PATIENCE;
        let (mut place, mut scrolled) = (None, false);
        loop {
            self.settle();
            let found = self.harness.query_all_by_label(label).last();
            let now = found.as_ref().map(|node| node.rect());
            if let Some(node) = found.filter(|_| now == place) {
                if node.rect().bottom() > HEIGHT && !scrolled {
                    node.scroll_to_me();
                    (scrolled, place) = (true, None);
                    continue;
                }
                node.click();
                self.settle();
                return;
            }
            place = now;
            assert!(Instant::now() < deadline, "nothing is called {label:?} on {:?}", self.state().screen);
        }
    }

    /// Opens the drop-down with this label and picks options of it; Esc closes it.
    pub fn pick(&mut self, label: &str, options: &[&str]) {
        self.harness.get_by_role_and_label(Role::ComboBox, label).click();
        self.settle();
        for option in options {
            // Only the rows that are visible exist; the filter line brings the wanted one there.
            self.type_into("输入文字筛选", option);
            self.harness.get_by_role_and_label(Role::ListBoxOption, option).click();
            self.settle();
        }
        self.harness.key_press(egui::Key::Escape);
        self.settle();
    }

    /// Picks the option of a drop-down that is too short for a filter.
    pub fn select(&mut self, label: &str, option: &str) {
        self.harness.get_by_role_and_label(Role::ComboBox, label).click();
        self.settle();
        self.harness.get_by_role_and_label(Role::ListBoxOption, option).click();
        self.settle();
    }

    /// Adds the company's first account with what the sandbox fills in, signs it in; it is the default of both works by that.
    pub fn add_first_account(&mut self) {
        self.add_account(false);
        self.wait("the default account", |state| {
            first_account(state).is_some_and(|account| account.default_for == Some(piaoxia_domain::DefaultFor::Both))
        });
    }

    /// Adds and signs in the company's first account; its password goes into the vault or not.
    pub fn add_account(&mut self, remember: bool) {
        self.press("添加电子税务局账号");
        self.wait("the account list", |state| state.accounts.lists.values().any(|list| list.value().is_some()));
        self.press("添加第一个账号");
        self.wait("demo accounts", |state| !state.sandbox.accounts.is_empty());
        let person = self.state().sandbox.accounts[0].person.clone();
        self.press(&format!("填入：{person}"));
        if remember {
            self.choose("记住密码");
        }
        self.press("登录");
        self.answer_challenges();
        self.wait("the account in the list", |state| first_account(state).is_some());
    }

    /// The id of the QR that is shown.
    pub fn ticket(&self) -> String {
        match &self.state().sign_in.qr {
            Qr::Waiting { ticket, .. } => ticket.id.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// The phone confirms the sign-in with the number that the window shows.
    pub fn sign_in(&mut self) {
        self.wait("a QR", |state| matches!(state.sign_in.qr, Qr::Waiting { .. }));
        let Qr::Waiting { ticket, .. } = self.state().sign_in.qr.clone() else { panic!("the QR is gone") };
        assert!(self.has(&ticket.number), "the number is on the screen");
        let phone = SandboxPhone { name: "王会计".into(), number: ticket.number };
        let client = self.client.clone();
        self.runtime.block_on(async { client.sandbox().confirm_ticket(&ticket.id, &phone).await }).unwrap();
        self.wait("somebody is signed in", |state| state.session.person().is_some());
    }

    /// Fills the mailed code in and redeems it.
    pub fn activate(&mut self) {
        self.wait("the activation page", |state| state.screen == Screen::Activation);
        self.press("填入激活码");
        self.press("激活");
        self.wait("the home page with companies", |state| {
            state.screen == Screen::Home && state.companies.list.value().is_some_and(|all| all.len() == 3)
        });
    }

    /// Answers challenges, as they come, until the account is signed in.
    pub fn answer_challenges(&mut self) {
        while let Some(open) = self.next_challenge() {
            self.answer(&open.challenge);
        }
    }

    /// Waits for the next challenge; none when the account is signed in.
    pub fn next_challenge(&mut self) -> Option<ChallengeDialog> {
        self.wait("a challenge or its end", |state| match &state.accounts.challenge {
            Some(open) => !open.busy,
            None => state.accounts.form.is_none() && state.accounts.password.is_none(),
        });
        self.state().accounts.challenge.clone()
    }

    /// Gives a challenge the right answer.
    pub fn answer(&mut self, challenge: &Challenge) {
        match &challenge.kind {
            ChallengeKind::Image { .. } => {
                let client = self.client.clone();
                let answer = self.runtime.block_on(async { client.sandbox().captcha(&challenge.id).await }).unwrap();
                self.type_into("图片中的字符", &answer);
                self.press("提交");
            }
            ChallengeKind::Sms { .. } => {
                self.wait("the message", |state| state.sandbox.newest_sms().is_some());
                self.press("填入验证码");
                self.press("提交");
            }
            ChallengeKind::Qr { .. } | ChallengeKind::Face { .. } => self.press("模拟手机扫码"),
            ChallengeKind::SelectIdentity { .. } => {
                self.choose("办税员");
                self.press("提交");
            }
            ChallengeKind::ConfirmRelation { options } => {
                self.choose(&options[0].label);
                self.press("提交");
            }
            ChallengeKind::Working { .. } => self.settle(),
            ChallengeKind::Unknown => panic!("the sandbox asks what nobody knows"),
        }
    }

    /// A phone answers the challenges that are open at the service, as they come, until there is none.
    pub fn phone_answers(&self) {
        self.block_on(async {
            let sandbox = self.client.sandbox();
            while let Some(challenge) = self.client.challenges().await.unwrap().pop() {
                let value = match &challenge.kind {
                    ChallengeKind::Image { .. } => sandbox.captcha(&challenge.id).await.unwrap(),
                    ChallengeKind::Sms { .. } => sandbox.messages().await.unwrap().into_iter().rev().find_map(|sent| sent.code).unwrap(),
                    other => panic!("the phone has no answer to {other:?}"),
                };
                self.client.answer_challenge(&challenge.id, &value).await.unwrap();
            }
        });
    }

    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Closes the window as a user does.
    pub fn close(mut self) {
        let behind = self.behind.take();
        drop((self.harness, self.commands));
        self.runtime.block_on(async move {
            match behind {
                Some(Behind::World(world, stopper)) => {
                    stopper.stop().await;
                    world.close().await;
                }
                Some(Behind::Backstage(stop, working)) => {
                    stop.cancel();
                    working.await.unwrap().unwrap();
                }
                None => {}
            }
        });
    }
}
