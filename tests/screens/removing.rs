//! Everything that removes something asks first, and says of what: every button of every scene is pressed once, and what removes
//! is sent from the answers below alone.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use piaoxia::screens::{ScreenCx, draw};
use piaoxia::state::State;
use piaoxia::state::removal::Removal;
use piaoxia::text::{Language, Text};
use piaoxia_engine::disks::DiskWish;
use piaoxia_engine::network::NetworkWish;
use piaoxia_engine::schedule::ScheduleWish;
use piaoxia_engine::templates::TemplateWish;
use piaoxia_engine::{BackupWish, Command, DownloadId, FolderWish};
use piaoxia_widgets::{Tokens, fonts, tokens};

use crate::scenes;

/// Scene, button that answers its question, what that removes. Every way to remove something stands here; what can be had again
/// by a press (a tick box, 退出登录) is no removal.
const ANSWERS: [(&str, &str, &str); 15] = [
    ("unbind", "解除绑定", "the right of the person to use the client"),
    ("delete_account_heir", "删除", "an account"),
    ("unbind_account", "解绑", "the WeChat binding of an account"),
    ("empty_vault", "清空", "the vault"),
    ("withdraw_claim", "撤销登记", "a claim"),
    ("remove_schedule", "删除", "a schedule"),
    ("delete_template", "删除", "a template"),
    ("cancel_download", "取消任务", "a download"),
    ("remove_record", "移除", "the record of a download"),
    ("remove_records", "移除", "the records of ended downloads"),
    ("remove_roots", "移除", "the certificates of a company"),
    ("remove_library", "移除", "a library of tax disks"),
    ("forget_disk", "清除已存密码", "the passwords of a tax disk"),
    ("remove_backup", "停止备份", "the backup on this PC"),
    ("restore_question", "恢复到这里", "the ledger that is there"),
];

/// What a command removes; none for one that removes nothing.
fn removed(command: &Command) -> Option<&'static str> {
    Some(match command {
        Command::Unbind => "the right of the person to use the client",
        Command::DeleteAccount { .. } => "an account",
        Command::UnbindAccount { .. } => "the WeChat binding of an account",
        Command::DestroyVault => "the vault",
        Command::ForgetPassword(_) => "the password of an account",
        Command::WithdrawClaim { .. } => "a claim",
        Command::Schedule(ScheduleWish::Remove(_)) => "a schedule",
        Command::Template(TemplateWish::Delete(_)) => "a template",
        Command::CancelDownload(_) => "a download",
        Command::ForgetDownload(_) => "the record of a download",
        Command::ForgetEndedDownloads => "the records of ended downloads",
        Command::SetNetwork(NetworkWish::Roots(None)) => "the certificates of a company",
        Command::Disk(DiskWish::SetLibraries(_)) => "a library of tax disks",
        Command::Disk(DiskWish::Forget(_)) => "the passwords of a tax disk",
        Command::Backup(BackupWish::TurnOff(true)) => "the backup on this PC",
        Command::Folder(FolderWish::Restore(_)) => "the ledger that is there",
        _ => return None,
    })
}

pub(super) type Scene = fn() -> State;
type Sent = Rc<RefCell<Vec<Command>>>;

/// One window for all scenes: the font alone takes longer to read than a scene to draw.
fn window(sent: &Sent) -> Harness<'static, State> {
    let (sent, light) = (Rc::clone(sent), Tokens::light());
    Harness::builder()
        .with_size([1366.0, 768.0])
        .with_max_steps(20)
        .with_theme(light.theme)
        .with_context_setup(move |ctx| {
            fonts::install(ctx, piaoxia::FONT);
            tokens::apply(ctx, &light);
        })
        .build_ui_state(
            move |ui, state: &mut State| {
                let mut wishes = Vec::new();
                let mut commands = sent.borrow_mut();
                draw(
                    ui,
                    state,
                    &mut ScreenCx { text: Text::of(Language::ZhCn), tokens: &light, commands: &mut commands, wishes: &mut wishes },
                );
            },
            State::default(),
        )
}

fn show(window: &mut Harness<'static, State>, scene: Scene) {
    window.ctx.memory_mut(|memory| {
        let options = memory.options.clone();
        *memory = egui::Memory::default();
        memory.options = options;
    });
    *window.state_mut() = scene();
    window.run_steps(3);
}

/// What the buttons of a scene remove: label and what.
fn removals(window: &mut Harness<'static, State>, sent: &Sent, scene: Scene) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for place in 0.. {
        show(window, scene);
        sent.borrow_mut().clear();
        let Some(button) = window.query_all_by_role(Role::Button).nth(place) else { return found };
        if button.accesskit_node().is_disabled() {
            continue;
        }
        let label = button.accesskit_node().label().unwrap_or_default();
        button.click_accesskit();
        window.run_steps(2);
        found.extend(sent.borrow().iter().filter_map(removed).map(|what| (label.clone(), what)));
    }
    found
}

macro_rules! all_scenes {
    ($($name:ident),+ $(,)?) => {
        pub(super) const SCENES: &[(&str, Scene)] = &[$((stringify!($name), scenes::$name)),+];
    };
}

every_scene!(all_scenes);

/// Questions that look like others of which there are pictures.
pub(super) const QUESTIONS: &[(&str, Scene)] = &[
    ("unbind_account", scenes::unbind_account),
    ("empty_vault", scenes::empty_vault),
    ("withdraw_claim", scenes::withdraw_claim),
    ("remove_schedule", scenes::remove_schedule),
    ("delete_template", scenes::delete_template),
    ("remove_record", scenes::remove_record),
    ("remove_records", scenes::remove_records),
    ("remove_roots", scenes::remove_roots),
    ("forget_disk", scenes::forget_disk),
    ("remove_backup", scenes::remove_backup),
    ("restore_question", scenes::restore_question),
];

#[test]
fn nothing_is_removed_without_a_question_that_says_what() {
    let sent = Sent::default();
    let mut window = window(&sent);
    let mut seen = BTreeSet::new();
    for (name, scene) in SCENES.iter().chain(QUESTIONS) {
        for (label, what) in removals(&mut window, &sent, *scene) {
            assert!(ANSWERS.contains(&(name, &label, what)), "{name}: “{label}” removes {what} at once");
            seen.insert((*name, label, what));
        }
    }
    for (name, label, what) in ANSWERS {
        assert!(seen.contains(&(name, label.to_owned(), what)), "{name}: “{label}” does not remove {what}");
    }
}

#[test]
fn the_question_of_a_task_says_which_one_and_offers_what_can_be_had() {
    let mut window = window(&Sent::default());
    let ids: Vec<DownloadId> = scenes::download().download.all.iter().map(|download| download.id.clone()).collect();
    // Issued, running; received, waiting for a sign-in; received, failed; issued, in part.
    for (id, (scope, goes_on)) in ids.into_iter().zip([("开具", true), ("取得", false), ("取得", false), ("开具", false)]) {
        show(&mut window, scenes::download);
        window.state_mut().removing = Some(Removal::Download(id));
        window.run_steps(3);
        let which = format!("取消后不能从断点继续：上海票匣示例贸易有限公司 · {scope}发票 · 2026-10-01 至 2026-10-31");
        let has = |words: &str| window.query_all_by_label_contains(words).next().is_some();
        assert!(has(&which), "{which}");
        let stays = |words: &str| window.query_by_role_and_label(Role::Button, words).is_some();
        assert_eq!((stays("继续下载"), stays("保留任务"), has("只想暂时停下时")), (goes_on, !goes_on, goes_on), "{which}");
    }
}
