//! Every sentence that the window and the command line say, one file a language: `resources/text/zh-CN.toml`.
//!
//! The file is read into typed fields: a key that is missing, or one that nobody uses, fails when it is read, and a test
//! reads it. Placeholders are `{name}`, filled by [`fill`].

mod checkup;
mod deduction;
mod disks;
mod document;
mod problem;
mod report;
mod seals;
mod sections;
pub mod stats;
mod update;

use std::sync::LazyLock;

use piaoxia_widgets::foreign::visible;
use serde::Deserialize;

pub use checkup::{LineWords, checkup_text, clock_sentence, diagnosis_text, line_words};
pub use deduction::deduction_use;
pub use disks::{disk_text, moment_day, tries_text};
pub use document::{check_name, field_name, source_name};
pub use problem::{Words, moment, problem_line, problem_text};
pub use seals::trust_fault;
pub use sections::*;
pub use update::megabytes;

/// All texts of a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Words used everywhere.
    pub common: Common,
    /// The frame: navigation, avatar menu, banners.
    pub frame: Frame,
    /// 登录.
    pub sign_in: SignIn,
    /// 激活.
    pub activation: Activation,
    /// 首页.
    pub home: Home,
    /// 企业.
    pub companies: Companies,
    /// 电子税局账号.
    pub accounts: Accounts,
    /// 保险箱.
    pub vault: Vault,
    /// 本机备份.
    pub backup: Backup,
    /// The data folder is closed.
    pub away: AwayWords,
    /// 税盘管理.
    pub disks: Disks,
    /// 微信绑定.
    pub binding: Binding,
    /// The challenge dialog.
    pub challenge: Challenge,
    /// 发票下载.
    pub download: Download,
    /// 批量下载, 定时下载.
    pub batch: Batch,
    /// 台账.
    pub ledger: Ledger,
    /// The details of an invoice.
    pub sheet: SheetWords,
    /// 票面.
    pub paper: Paper,
    /// 导出.
    pub export: Export,
    /// 导入.
    pub import: Import,
    /// 查验文件.
    pub documents: Documents,
    /// 统计.
    pub stats: StatsWords,
    /// 抵扣汇总.
    pub deduction: DeductionWords,
    /// 设置.
    pub settings: Settings,
    /// 更新.
    pub update: Update,
    /// 网络与诊断.
    pub help: Help,
    /// The sandbox's helper panel.
    pub sandbox: Sandbox,
    /// Calendar.
    pub calendar: Calendar,
    /// Words that belong to the widgets.
    pub widgets: Widgets,
    /// Errors.
    pub problem: Problem,
    /// Why a document was refused, and what its checks found.
    pub document: Document,
    /// Electronic seals and the certificates behind them.
    pub seals: Seals,
    /// The command line.
    pub cli: Cli,
}

impl Text {
    /// Simplified Chinese, the default.
    #[must_use]
    pub fn zh_cn() -> &'static Self {
        static TEXT: LazyLock<Text> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "compiled in; a test reads it")]
            toml::from_str(include_str!("../../resources/text/zh-CN.toml")).expect("zh-CN.toml is complete")
        });
        &TEXT
    }
}

/// Fills `{name}` placeholders. What is hidden in a value is marked: names and words of elsewhere come in by them.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => out.push_str(&visible(value)),
            // Left visible: a test over all texts finds it.
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A number of things, thousands apart.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(fill("共 {n} 张，{who}", &[("n", "3"), ("who", "{n}")]), "共 3 张，{n}");
        assert_eq!(fill("a {x} b", &[]), "a {x} b");
        assert_eq!(fill("a { b", &[]), "a { b");
        assert_eq!(fill("{who}：1", &[("who", "甲\u{202e}")]), "甲□：1");
    }

    #[test]
    fn the_texts_are_complete() {
        let text = Text::zh_cn();
        assert!(!text.common.ok.is_empty());
    }

    #[test]
    fn the_embedded_font_draws_every_text() {
        let font = skrifa::FontRef::new(crate::FONT).unwrap();
        let charmap = skrifa::MetadataProvider::charmap(&font);
        let file = include_str!("../../resources/text/zh-CN.toml");
        let shown = file.chars().chain([piaoxia_widgets::foreign::MARK]);
        let missing: Vec<char> = shown.filter(|c| !c.is_control() && charmap.map(*c).is_none()).collect();
        assert!(missing.is_empty(), "not in the font: {missing:?}");
    }

    /// The widgets know nothing of the domain; both have the same list of what is not seen.
    #[test]
    fn what_a_file_name_drops_is_what_the_window_marks() {
        let kept = |c: char| matches!(c, '\n' | '\t');
        let hidden =
            |c: char| piaoxia_domain::names::is_invisible(c) || (c.is_control() && !kept(c)) || matches!(c, '\u{2028}' | '\u{2029}');
        let differing: Vec<char> = ('\0'..=char::MAX).filter(|c| hidden(*c) != piaoxia_widgets::foreign::is_hidden(*c)).collect();
        assert!(differing.is_empty(), "{differing:?}");
    }
}
