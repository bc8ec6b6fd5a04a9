//! The window: drains events, draws, sends commands. Nothing else.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use eframe::egui;
use jiff::Timestamp;
use piaoxia_domain::period::shanghai_day;
use piaoxia_engine::{Command, Event};
use piaoxia_widgets::notice::{Level, Notice};
use piaoxia_widgets::tokens::Tokens;
use tokio::sync::mpsc;

use crate::dialogs::{Answer, Dialogs};
use crate::screens::{self, Picked, ScreenCx, Wish};
use crate::state::ledger_columns::LedgerColumns;
use crate::state::look::{Look, Place};
use crate::state::{Screen, State};
use crate::text::{Language, Text, fill};

/// Events applied in one go; the rest waits for the next frame, so that a flood never stops the drawing.
const EVENTS_A_FRAME: usize = 500;

/// The window of the program.
pub struct Shell {
    /// Everything that is shown.
    pub state: State,
    /// What the process speaks since the last frame.
    spoken: Language,
    tokens: Tokens,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    /// Wishes that did not fit into the channel; they go out before newer ones.
    waiting: VecDeque<Command>,
    dialogs: Dialogs,
    started: Instant,
    signals: Signals,
    /// The window is kept out of pictures of the screen.
    hidden: bool,
    /// How the window lies now.
    place: Place,
}

/// What the window tells whoever opened it.
#[derive(Default)]
pub struct Signals {
    /// Sent once, when a page stands with the ledger behind it.
    drawn: Option<mpsc::Sender<()>>,
    /// Set when the window closes for a reason of its own.
    closed: Arc<OnceLock<Closed>>,
}

/// What is to be done when the window is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closed {
    /// Nothing: the user closed it.
    #[default]
    ForGood,
    /// Another version is to start.
    ToRestart,
    /// The system's own window for taking out a medium is to open.
    ToRemove,
}

impl Signals {
    /// With the ends that are listened to.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<()>, Arc<OnceLock<Closed>>) {
        let (drawn, heard) = mpsc::channel(1);
        let closed = Arc::new(OnceLock::new());
        (Self { drawn: Some(drawn), closed: Arc::clone(&closed) }, heard, closed)
    }
}

impl Shell {
    /// Sets the window's look up and takes both ends of the engine.
    #[must_use]
    pub fn new(ctx: &egui::Context, commands: mpsc::Sender<Command>, events: mpsc::Receiver<Event>) -> Self {
        let tokens = Tokens::light();
        piaoxia_widgets::fonts::install(ctx, crate::FONT);
        piaoxia_widgets::tokens::apply(ctx, &tokens);
        // The window zooms in steps of its own, no further than a page has room.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let spoken = Text::current().language;
        let mut state = State { language: spoken, language_is_named: Text::is_named(), ..State::default() };
        state.ledger.columns = LedgerColumns::usual(spoken);
        Self {
            state,
            spoken,
            tokens,
            commands,
            events,
            waiting: VecDeque::new(),
            dialogs: Dialogs::new(ctx.clone()),
            started: Instant::now(),
            signals: Signals::default(),
            hidden: false,
            place: Place::default(),
        }
    }

    /// The same, of a program that lies on the medium of its data folder, or does not.
    #[must_use]
    pub fn with_program(mut self, is_with_data: bool) -> Self {
        self.state.program_is_with_data = is_with_data;
        self
    }

    /// The same, as it looked when it was last closed.
    #[must_use]
    pub fn with_look(mut self, look: Look) -> Self {
        self.place = look.place;
        self.state.look = look;
        self
    }

    /// The same, heard by whoever opened the window.
    #[must_use]
    pub fn with_signals(self, signals: Signals) -> Self {
        Self { signals, ..self }
    }

    fn drain(&mut self, ctx: &egui::Context) {
        for _ in 0..EVENTS_A_FRAME {
            let Ok(event) = self.events.try_recv() else { return };
            if matches!(event, Event::Raise) {
                ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
                ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
            }
            let follow_up = self.state.apply(event);
            self.waiting.extend(follow_up);
            if self.state.update.restart {
                self.close(ctx, Closed::ToRestart);
            }
        }
        ctx.request_repaint();
    }

    fn close(&self, ctx: &egui::Context, why: Closed) {
        if self.signals.closed.set(why).is_ok() {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    /// Hands waiting wishes to the engine; a full channel keeps them here, and the window says that it is busy.
    fn send(&mut self, ctx: &egui::Context) {
        while let Some(command) = self.waiting.pop_front() {
            if let Err(error) = self.commands.try_send(command) {
                if let mpsc::error::TrySendError::Full(command) = error {
                    self.waiting.push_front(command);
                    ctx.request_repaint_after_secs(0.1);
                }
                break;
            }
        }
        self.state.unsent = self.waiting.len();
    }

    fn pick_up(&mut self, ctx: &egui::Context) {
        let words = &Text::of(self.spoken).frame;
        while let Some(answer) = self.dialogs.answer() {
            match answer {
                Answer::Closed(picked) => {
                    let commands = picked.map(|picked| self.take(picked)).unwrap_or_default();
                    self.waiting.extend(commands);
                }
                Answer::NoDialog => {
                    let notice = Notice::new(Level::Error, words.no_dialog.clone());
                    self.state.notices.push(notice.detail(words.no_dialog_advice.clone()));
                }
                Answer::NoBrowser(url) => {
                    let notice = Notice::new(Level::Error, words.no_browser.clone());
                    self.state.notices.push(notice.detail(fill(&words.no_browser_advice, &[("url", &url)])));
                    ctx.copy_text(url);
                }
            }
        }
    }

    fn take(&mut self, picked: Picked) -> Vec<Command> {
        match picked {
            Picked::Import(paths) => self.state.import_picked(paths),
            Picked::Prove(paths) => self.state.prove_picked(paths),
            Picked::Report(target) => self.state.report_target_picked(target),
            Picked::Table(target) => self.state.table_target_picked(target),
            Picked::Export(target) => self.state.export_target_picked(target),
            Picked::Roots(path) => self.state.roots_picked(path),
            Picked::DiskLibrary(path) => self.state.disk_library_picked(path),
            Picked::Diagnosis(target) => self.state.diagnosis_target_picked(target),
            Picked::Update(folder) => self.state.update_folder_picked(folder),
        }
    }

    fn grant(&mut self, ctx: &egui::Context, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Copy(text) => ctx.copy_text(text),
                Wish::OpenUrl(url) => self.dialogs.open_url(&url),
                Wish::Remove => self.close(ctx, Closed::ToRemove),
                dialog => {
                    if !self.dialogs.show(dialog) {
                        self.state.notices.push(Notice::new(Level::Info, &Text::of(self.spoken).frame.one_file_dialog));
                    }
                }
            }
        }
    }

    /// The whole process speaks what the window speaks.
    fn speak(&mut self, ctx: &egui::Context) {
        if self.spoken != self.state.language {
            self.spoken = self.state.language;
            Text::set(self.spoken);
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(Text::of(self.spoken).common.app_name.clone()));
        }
    }

    /// Theme and zoom, as they are chosen and as the window has room.
    fn look(&mut self, ctx: &egui::Context) {
        let system = ctx.system_theme().map(|theme| theme == egui::Theme::Dark);
        let tokens = if self.state.look.theme.is_dark(system) { Tokens::dark() } else { Tokens::light() };
        if tokens != self.tokens {
            self.tokens = tokens;
            piaoxia_widgets::tokens::apply(ctx, &self.tokens);
        }
        let now = ctx.zoom_factor();
        let size = ctx.content_rect().size() * now;
        let wanted = self.state.look.place.factor([size.x, size.y]);
        if (wanted - now).abs() > 0.004 {
            ctx.set_zoom_factor(wanted);
        }
        let (maximized, minimized) = ctx.input(|input| (input.viewport().maximized, input.viewport().minimized));
        self.place.zoom = self.state.look.place.zoom;
        self.place.maximized = maximized.unwrap_or(self.place.maximized);
        if !self.place.maximized && minimized != Some(true) {
            self.place.size = [size.x.round(), size.y.round()];
        }
    }

    /// An open vault is locked when nobody has touched the window for a while.
    fn lock_when_left(&mut self, ctx: &egui::Context) {
        let used = ctx.input(|input| !input.raw.events.is_empty());
        self.waiting.extend(self.state.watch_use(used));
        if let Some(left) = self.state.vault.left(self.state.clock).filter(|left| *left > 0.0) {
            ctx.request_repaint_after(std::time::Duration::from_secs_f64(left + 0.1));
        }
    }

    /// Nobody who watches a shared screen, and no picture of it, sees a password that is shown in the clear.
    fn hide_what_is_secret(&mut self, ctx: &egui::Context, frame: &eframe::Frame) {
        let secret = piaoxia_widgets::field::secret_is_shown(ctx);
        if secret != self.hidden {
            self.hidden = secret;
            keep_out_of_captures(frame, secret);
        }
    }

    fn take_dropped_files(&mut self, ctx: &egui::Context) {
        // Taken out: while the window is covered, what came last stands there again.
        let dropped = ctx.input_mut(|input| std::mem::take(&mut input.raw.dropped_files));
        let paths = dropped.iter().map(|file| file.path().to_path_buf()).filter(|path| !path.as_os_str().is_empty());
        let commands = self.state.import_picked(paths.collect());
        self.waiting.extend(commands);
    }

    /// The user closes the window: what would be lost with it is asked about first.
    fn ask_before_closing(&mut self, ctx: &egui::Context) {
        let wanted = ctx.input(|input| input.viewport().close_requested());
        // 移除 U 盘 has asked before; an update restarts only while nothing would be lost.
        if !wanted || self.signals.closed.get().is_some() || self.state.may_close() {
            return;
        }
        ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        // The question is to be seen.
        ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
        ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
    }
}

impl eframe::App for Shell {
    // `ui` is not called while the window is covered; a download must go on then, so everything but drawing is done here.
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.state.clock = self.started.elapsed().as_secs_f64();
        self.state.today = shanghai_day(Timestamp::now());
        self.state.file_dialog = self.dialogs.is_open();
        self.pick_up(ctx);
        self.take_dropped_files(ctx);
        self.drain(ctx);
        self.ask_before_closing(ctx);
        self.speak(ctx);
        self.look(ctx);
        self.lock_when_left(ctx);
        self.send(ctx);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(command) = self.state.keep_place(self.place) {
            // The engine is stopped after this, and writes what it took. Where it takes no more, the window lies as before.
            self.commands.try_send(command).ok();
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        let mut commands = Vec::new();
        let mut wishes = Vec::new();
        let mut cx = ScreenCx { text: Text::of(self.spoken), tokens: &self.tokens, commands: &mut commands, wishes: &mut wishes };
        screens::draw(ui, &mut self.state, &mut cx);
        self.waiting.extend(commands);
        let ctx = ui.ctx().clone();
        self.grant(&ctx, wishes);
        self.send(&ctx);
        self.hide_what_is_secret(&ctx, frame);
        if self.state.screen != Screen::Starting
            && let Some(drawn) = self.signals.drawn.take()
        {
            // Nobody hears it where no launcher waits.
            drawn.try_send(()).ok();
        }
    }
}

/// Windows alone can do that.
fn keep_out_of_captures(frame: &eframe::Frame, out: bool) {
    use winit::raw_window_handle::{HasWindowHandle, RawWindowHandle};
    if let Ok(handle) = frame.window_handle()
        && let RawWindowHandle::Win32(window) = handle.as_raw()
        && !piaoxia_system::keep_out_of_captures(window.hwnd.get(), out)
    {
        tracing::warn!("a password that is shown is seen in pictures of the screen");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;
    use piaoxia_engine::TaskId;
    use piaoxia_engine::event::TaskKind;

    use super::*;

    /// Closes the window as Alt+F4 does; true when it stays open.
    fn close(window: &mut Harness<'static, Shell>) -> bool {
        let root = window.input_mut().viewports.get_mut(&egui::ViewportId::ROOT).unwrap();
        root.events.push(egui::ViewportEvent::Close);
        window.run_steps(1);
        window.output().viewport_output.values().any(|output| output.commands.contains(&egui::ViewportCommand::CancelClose))
    }

    #[test]
    fn closing_during_an_export_asks_first_and_closes_once_it_is_agreed_to() {
        let ((commands, _taken), (told, events)) = (mpsc::channel(8), mpsc::channel(8));
        let builder = Harness::builder().with_size([1366.0, 768.0]).with_max_steps(20).allow_missing_glyphs();
        let mut window = builder.build_eframe(|cc| Shell::new(&cc.egui_ctx, commands, events));
        assert!(!close(&mut window), "nothing runs");
        told.try_send(Event::TaskProgress { id: TaskId(1), kind: TaskKind::Export, done: 1, total: 2 }).unwrap();
        assert!(close(&mut window));
        window.run_steps(2);
        assert!(window.query_all_by_label(&Text::of(window.state().spoken).frame.quit_title).next().is_some());
        assert!(close(&mut window), "a double click");
        let confirm = &Text::of(window.state().spoken).frame.quit_confirm;
        window.query_all_by_label(confirm).next().unwrap().click();
        window.run_steps(2);
        assert!(!close(&mut window), "agreed to");
    }
}
