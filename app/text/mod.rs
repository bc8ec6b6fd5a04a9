//! Every sentence that the window and the command line say, one file a language: `resources/text/zh-CN.toml`, `en.toml`.
//!
//! A file is read into typed fields: a key that is missing, or one that no field takes, fails when it is read, and a test
//! reads them. Another test finds fields that nothing shows. Placeholders are `{name}`, filled by [`fill`].

mod checkup;
mod data;
mod deduction;
mod differences;
mod disks;
mod document;
mod language;
mod pattern;
mod problem;
mod report;
mod seals;
mod sections;
pub mod stats;
mod update;
#[cfg(test)]
mod wording;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use piaoxia_widgets::foreign::visible;
use serde::Deserialize;

pub use checkup::{LineWords, checkup_text, clock_sentence, diagnosis_text, line_words, rebuilt_line};
pub use deduction::deduction_use;
pub use disks::{disk_text, moment_day, tries_text};
pub use document::{check_name, field_name, source_name};
pub use language::Language;
pub use pattern::{field_word, pattern_kept, pattern_shown};
use piaoxia_engine::update::Notes;
pub use problem::{Words, clock, moment, problem_line, problem_text};
pub use report::{damaged_text, notes_text, voided_text};
pub use seals::trust_fault;
pub use sections::*;
pub use update::megabytes;

/// All texts of a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Which one.
    #[serde(skip)]
    pub language: Language,
    /// What services and bureaus say in Chinese, by what they say; none in Chinese.
    #[serde(default)]
    foreign: BTreeMap<String, String>,
    /// Words used everywhere.
    pub common: Common,
    /// The frame: navigation, avatar menu, banners.
    pub frame: Frame,
    /// 体验, 直连 or 连接服务.
    pub welcome: Welcome,
    /// 登录.
    pub sign_in: SignIn,
    /// 快捷键.
    pub keys: Keys,
    /// 激活.
    pub activation: Activation,
    /// 首页.
    pub home: Home,
    /// 企业.
    pub companies: Companies,
    /// 电子税务局账号.
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
    /// 报销登记.
    pub claims: Claims,
    /// 批量下载, 定时下载.
    pub batch: Batch,
    /// What is removed.
    pub removal: Removal,
    /// 逐张核对.
    pub differences: Differences,
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
    /// 核验文件.
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
    /// The texts of a language.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        static CHINESE: LazyLock<Text> = LazyLock::new(|| Text::read(include_str!("../../resources/text/zh-CN.toml"), Language::ZhCn));
        static ENGLISH: LazyLock<Text> = LazyLock::new(|| Text::read(include_str!("../../resources/text/en.toml"), Language::En));
        match language {
            Language::ZhCn => &CHINESE,
            Language::En => &ENGLISH,
        }
    }

    fn read(file: &str, language: Language) -> Self {
        #[expect(clippy::expect_used, reason = "compiled in; a test reads it")]
        let text: Self = toml::from_str(file).expect("the texts are complete");
        Self { language, ..text }
    }

    /// Simplified Chinese, the default.
    #[must_use]
    pub fn zh_cn() -> &'static Self {
        Self::of(Language::ZhCn)
    }

    /// The texts in the language of this process.
    #[must_use]
    pub fn current() -> &'static Self {
        Self::of(Language::current())
    }

    /// From now on this process speaks it.
    pub fn set(language: Language) {
        language.make_current();
    }

    /// The same, because it was asked for at the start: no preference changes it.
    pub fn name(language: Language) {
        language.name();
    }

    /// It was asked for at the start.
    #[must_use]
    pub fn is_named() -> bool {
        Language::is_named()
    }
}

/// Fills `{name}` placeholders; `{name:one|many}` becomes the first word when the value of `name` is `1`, else the second. What is
/// hidden in a value is marked: names and words of elsewhere come in by them.
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
        let (wanted, forms) = name.split_once(':').map_or((name, None), |(wanted, forms)| (wanted, forms.split_once('|')));
        match (values.iter().find(|(known, _)| *known == wanted), forms) {
            (Some((_, value)), None) => out.push_str(&visible(value)),
            (Some((_, value)), Some((one, many))) => out.push_str(if *value == "1" { one } else { many }),
            // Left visible: a test over all texts finds it.
            (None, _) => {
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

/// What is new in a version; in the other language where a release says it in one alone.
#[must_use]
pub fn release_notes<'a>(text: &Text, notes: &'a Notes) -> &'a str {
    let (own, other) = match text.language {
        Language::ZhCn => (&notes.zh, &notes.en),
        Language::En => (&notes.en, &notes.zh),
    };
    if own.trim().is_empty() { other.trim_end() } else { own.trim_end() }
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
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(fill("共 {n} 张，{who}", &[("n", "3"), ("who", "{n}")]), "共 3 张，{n}");
        assert_eq!(fill("a {x} b", &[]), "a {x} b");
        assert_eq!(fill("a { b", &[]), "a { b");
        assert_eq!(fill("{who}：1", &[("who", "甲\u{202e}")]), "甲□：1");
    }

    #[test]
    fn one_and_many_have_their_words() {
        let said = |n: &str| fill("{n} compan{n:y|ies}, {n:it is|they are} {who}", &[("n", n), ("who", "new")]);
        assert_eq!(said("1"), "1 company, it is new");
        assert_eq!(said("0"), "0 companies, they are new");
        assert_eq!(fill("{x:a|b}", &[]), "{x:a|b}");
    }

    /// Every text of both files by section and key.
    fn files() -> [(Language, BTreeMap<String, String>); 2] {
        let read = |file: &str| {
            let sections: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(file).unwrap();
            let keys = sections
                .into_iter()
                .flat_map(|(section, texts)| texts.into_iter().map(move |(key, text)| (format!("{section}.{key}"), text)));
            keys.collect()
        };
        [
            (Language::ZhCn, read(include_str!("../../resources/text/zh-CN.toml"))),
            (Language::En, read(include_str!("../../resources/text/en.toml"))),
        ]
    }

    /// Names of the placeholders of a text.
    fn placeholders(text: &str) -> BTreeSet<&str> {
        let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        names.map(|(name, _)| name.split_once(':').map_or(name, |(name, _)| name)).collect()
    }

    #[test]
    fn the_texts_of_every_language_are_complete() {
        for language in Language::ALL {
            assert_eq!(Text::of(language).language, language);
        }
        for (language, texts) in files() {
            let empty: Vec<_> = texts.iter().filter(|(_, text)| text.trim().is_empty()).collect();
            assert!(empty.is_empty(), "{language:?}: {empty:?}");
        }
    }

    /// Everything that is written in a folder.
    fn sources(folder: &std::path::Path) -> String {
        let mut all = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all.push_str(&sources(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
        all
    }

    #[test]
    fn every_text_is_shown_somewhere() {
        let app = sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("app"));
        let named: BTreeSet<&str> =
            app.split('.').map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()).collect();
        let [(_, texts), _] = files();
        let unused: Vec<&String> = texts.keys().filter(|key| !named.contains(key.split_once('.').unwrap().1)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn every_language_fills_in_the_same() {
        let [(_, chinese), (_, english)] = files();
        for (key, text) in &chinese {
            assert_eq!(placeholders(text), placeholders(&english[key]), "{key}");
            assert!(!text.contains(":|"), "{key}: Chinese counts without endings");
        }
    }

    #[test]
    fn english_has_chinese_names_in_brackets_only() {
        let outside = |text: &str| {
            let mut depth = 0_usize;
            text.chars()
                .filter(|c| {
                    depth = if *c == '(' {
                        depth + 1
                    } else if *c == ')' {
                        depth.saturating_sub(1)
                    } else {
                        depth
                    };
                    depth == 0
                })
                .collect::<String>()
        };
        let chinese = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}');
        // Signs that the embedded font draws as wide as a Chinese character.
        let wide = |c: char| matches!(c, '“' | '”' | '‘' | '’' | '…' | '—');
        let [_, (_, english)] = files();
        for (key, text) in &english {
            assert!(!outside(text).contains(chinese) && !text.contains(wide), "{key}: {text}");
        }
    }

    #[test]
    fn the_embedded_font_draws_every_text() {
        let font = skrifa::FontRef::new(crate::FONT).unwrap();
        let charmap = skrifa::MetadataProvider::charmap(&font);
        let shown = files().into_iter().flat_map(|(_, texts)| texts.into_values()).collect::<String>();
        let shown = shown.chars().chain([piaoxia_widgets::foreign::MARK]);
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
