//! The screens: functions over borrows. A screen draws from the state and pushes commands; it never waits, locks or reads
//! a file.

mod account_list;
mod accounts;
mod activation;
mod away;
mod backup;
mod banners;
mod binding;
mod challenge;
mod claims;
mod companies;
mod company;
mod disks;
mod documents;
mod download;
mod export;
mod findings;
mod frame;
mod help;
mod home;
mod import;
mod in_view;
mod keys;
mod ledger;
mod mailbox;
mod manual;
mod order;
mod paper;
mod removal;
mod sandbox;
mod settings;
mod sheet;
mod sign_in;
mod stats;
mod templates;
mod update;
mod vault;
mod welcome;
mod words;

use std::path::PathBuf;

use piaoxia_engine::Command;
use piaoxia_widgets::dialog;
use piaoxia_widgets::tokens::Tokens;

use crate::state::{Screen, State};
use crate::text::Text;

/// What a screen has beside the state: texts, tokens, and where its wishes go.
pub struct ScreenCx<'a> {
    /// Texts.
    pub text: &'a Text,
    /// Design tokens.
    pub tokens: &'a Tokens,
    /// Wishes for the engine.
    pub commands: &'a mut Vec<Command>,
    /// Wishes for the window itself.
    pub wishes: &'a mut Vec<Wish>,
}

/// What only the window can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Open an address in the system's browser.
    OpenUrl(String),
    /// End the program, then open the system's own window for taking out a medium.
    Remove,
    /// Put a text on the clipboard.
    Copy(String),
    /// Ask for files to import.
    PickImportFiles,
    /// Ask for files to be read and proved without being imported.
    PickFilesToProve,
    /// Ask for a folder to import.
    PickImportFolder,
    /// Ask where an export goes.
    PickExportFile {
        /// Suggested name.
        name: String,
        /// Extension without the dot.
        extension: String,
    },
    /// Ask where the report of an import goes.
    PickReportFile {
        /// Suggested name.
        name: String,
    },
    /// Ask where a table of the statistics goes.
    PickTableFile {
        /// Suggested name.
        name: String,
    },
    /// Ask for a file of certificates.
    PickRoots,
    /// Ask where the 诊断文件 goes.
    PickDiagnosisFile {
        /// Suggested name.
        name: String,
    },
    /// Ask for a vendor's library of tax disks.
    PickDiskLibrary,
    /// Ask for the folder in which an update lies.
    PickUpdateFolder,
    /// Ask for the folder that originals are exported to.
    PickExportFolder,
}

/// The answer to a wish for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// Files or a folder to import; empty when the user cancelled.
    Import(Vec<PathBuf>),
    /// Files to be read and proved; empty when the user cancelled.
    Prove(Vec<PathBuf>),
    /// Target of the report of an import; none when the user cancelled.
    Report(Option<PathBuf>),
    /// Target of a table of the statistics; none when the user cancelled.
    Table(Option<PathBuf>),
    /// A file of certificates; none when the user cancelled.
    Roots(Option<PathBuf>),
    /// A vendor's library; none when the user cancelled.
    DiskLibrary(Option<PathBuf>),
    /// Target of the 诊断文件; none when the user cancelled.
    Diagnosis(Option<PathBuf>),
    /// Folder in which an update lies; none when the user cancelled.
    Update(Option<PathBuf>),
    /// Target of the export; none when the user cancelled.
    Export(Option<PathBuf>),
}

impl ScreenCx<'_> {
    /// Sends a wish to the engine.
    pub fn send(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Asks something of the window.
    pub fn wish(&mut self, wish: Wish) {
        self.wishes.push(wish);
    }
}

/// Draws the whole window.
pub fn draw(ui: &mut egui::Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if state.folder.is_away() {
        frame::bare(ui, state, cx, away::draw);
        return;
    }
    if state.vault.is_shut() {
        frame::bare(ui, state, cx, vault::lock_screen);
        vault::dialogs(ui, state, cx);
        frame::quit_question(ui, state, cx);
        return;
    }
    dialog::restore_focus(ui.ctx());
    keys::take(ui, state, cx);
    match state.screen.clone() {
        Screen::Starting => frame::starting(ui, cx),
        Screen::Welcome => frame::bare(ui, state, cx, welcome::draw),
        Screen::SignIn => frame::bare(ui, state, cx, sign_in::draw),
        Screen::Activation => frame::bare(ui, state, cx, activation::draw),
        Screen::Home => frame::full(ui, state, cx, home::draw),
        Screen::Companies => frame::full(ui, state, cx, companies::draw),
        Screen::Company { .. } => frame::full(ui, state, cx, company::draw),
        Screen::Disks => frame::full(ui, state, cx, disks::draw),
        Screen::Download => frame::full(ui, state, cx, download::draw),
        Screen::Ledger => frame::full(ui, state, cx, ledger::draw),
        Screen::Stats => frame::full(ui, state, cx, stats::draw),
        Screen::Settings => frame::full(ui, state, cx, settings::draw),
    }
    vault::dialogs(ui, state, cx);
    away::question(ui, state, cx);
    backup::questions(ui, state, cx);
    welcome::question(ui, state, cx);
    challenge::draw(ui, state, cx);
    download::batch_dialog(ui, state, cx);
    claims::draw(ui, state, cx);
    export::draw(ui, state, cx);
    import::draw(ui, state, cx);
    documents::draw(ui, state, cx);
    disks::dialogs(ui, state, cx);
    help::dialogs(ui, state, cx);
    removal::question(ui, state, cx);
    update::question(ui, state, cx);
    mailbox::draw(ui, state, cx);
    keys::draw(ui, state, cx);
    manual::draw(ui, state, cx);
    frame::quit_question(ui, state, cx);
    import::hint(ui, state, cx);
    frame::notices(ui, state, cx);
}
