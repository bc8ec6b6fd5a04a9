//! 更新 in the settings: found, downloaded, installed, refused, taken back.

use std::fs;
use std::path::{Path, PathBuf};

use piaoxia::state::Screen;
use piaoxia_engine::update::{Updater, Version};
use piaoxia_signer::SecretKey;
use piaoxia_update::{
    FileEntry, Launched, MANIFEST, Manifest, Notes, PublicKey, SIGNATURE, Shelf, Stamp, UpdaterConfig, platform, trusted_comment,
};
use tempfile::TempDir;

use crate::driver::Window;
use crate::releases::serve;

const OLD: Version = Version::new(0, 1, 0);
const NEW: Version = Version::new(0, 2, 0);

struct Stand {
    folder: TempDir,
    key: SecretKey,
    feed: String,
}

impl Stand {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("feed")).unwrap();
        let feed = serve(folder.path().join("feed"), 1).0;
        Self { folder, key: SecretKey::generate().unwrap(), feed }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn shelf(&self) -> Shelf {
        Shelf::of(&self.path("Data"))
    }

    fn publish(&self, folder: &Path, version: Version, key: &SecretKey) {
        let program = vec![7; 300_000];
        let now = jiff::Timestamp::now();
        let manifest = Manifest {
            product: "piaoxia".into(),
            channel: "stable".into(),
            version,
            minimum: OLD,
            published: now,
            expires: now + jiff::SignedDuration::from_hours(24),
            percent: 100,
            notes: Notes { zh: "导出更快了。".into(), en: "Exports are faster.".into() },
            keys: Vec::new(),
            files: vec![FileEntry::of(version, &platform(), &program)],
        };
        let bytes = serde_json::to_vec(&manifest).unwrap();
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(MANIFEST), &bytes).unwrap();
        fs::write(folder.join(SIGNATURE), key.sign(&bytes, &trusted_comment(version, "stable"))).unwrap();
        fs::write(folder.join(&manifest.files[0].name), program).unwrap();
    }

    fn settings(&self, version: Version, launched: Option<Launched>) -> Window {
        let keys = vec![PublicKey::parse(&self.key.public()).unwrap()];
        let stamp = Stamp { version, channel: "stable".into(), feed: Some(self.feed.clone()), keys };
        let updater = Updater::new(UpdaterConfig::new(version, Some(stamp), self.shelf(), launched));
        let mut window = Window::open_release(&self.path("Data"), &self.path("keys"), updater);
        window.wait("the first page", |state| state.screen != Screen::Starting);
        window.sign_in();
        window.activate();
        window.press("设置");
        window
    }
}

#[test]
fn an_update_is_found_downloaded_and_installed() {
    let stand = Stand::new();
    stand.publish(&stand.path("feed"), NEW, &stand.key);
    let mut window = stand.settings(OLD, None);
    window.hear("正在使用 0.1.0");
    window.press("检查更新");
    window.hear("有新版本 0.2.0（0.3 MB）");
    window.hear("导出更快了。");
    // The connection breaks once on the way.
    window.press("下载新版本");
    window.hear("新版本 0.2.0 已下载，签名和内容核对无误");
    assert!(!stand.shelf().folder(NEW).exists(), "nothing is installed before the user says so");
    window.press("重启并更新");
    window.wait("the restart", |state| state.update.restart);
    assert!(stand.shelf().folder(NEW).join(MANIFEST).exists());
    window.close();
}

#[test]
fn what_is_refused_says_why_and_what_to_do() {
    let stand = Stand::new();
    stand.publish(&stand.path("feed"), NEW, &SecretKey::generate().unwrap());
    let mut window = stand.settings(OLD, None);
    window.press("检查更新");
    window.hear("更新由未知的密钥签名，已拒绝");
    window.hear("请从票匣下载页重新下载完整程序");
    stand.publish(&stand.path("feed"), OLD, &stand.key);
    window.press("检查更新");
    window.hear("已是最新版本 0.1.0");
    assert!(!window.says("未知的密钥"));
    window.close();
}

#[test]
fn the_version_before_is_taken_back_after_a_question() {
    let stand = Stand::new();
    stand.publish(&stand.shelf().folder(NEW), NEW, &stand.key);
    let launched = Launched { portable: stand.path("piaoxia"), version: OLD, report: None, fell_back: None };
    let mut window = stand.settings(NEW, Some(launched));
    window.press("回到 0.1.0");
    window.hear("台账和设置都保留");
    window.press("取消");
    assert!(!window.state().update.restart);
    window.press("回到 0.1.0");
    window.hear("台账和设置都保留");
    window.press("回到 0.1.0");
    window.wait("the restart", |state| state.update.restart);
    let mark = fs::read_to_string(stand.shelf().folder(NEW).join("mark.json")).unwrap();
    assert!(mark.contains("\"aside\":true"), "{mark}");
    window.close();
}
