//! One word for one thing, where two were in use.

use super::{Language, Text};

const CHINESE: &str = include_str!("../../resources/text/zh-CN.toml");
const ENGLISH: &str = include_str!("../../resources/text/en.toml");
const MANUAL: &str = include_str!("../../resources/manual/zh-CN.md");

/// Lines of the texts and of the manual that hold one of these words.
fn lines_with(words: &[&str]) -> Vec<&'static str> {
    let lines = CHINESE.lines().chain(MANUAL.lines());
    lines.filter(|line| words.iter().any(|word| line.contains(word))).collect()
}

#[test]
fn invoices_are_ticked_for_deduction_and_boxes_are_chosen() {
    let found = lines_with(&["勾选“", "不勾选", "勾选要"]);
    assert!(found.is_empty(), "选中 is the word for a box: {found:#?}");
}

#[test]
fn what_comes_from_the_bureau_is_downloaded() {
    let found = lines_with(&["取新发票", "取新的", "取票", "取到", "取全", "取回", "补取", "只取", "重新取", "不会再取"]);
    assert!(found.is_empty(), "下载 is the word, 取得 is a direction: {found:#?}");
}

#[test]
fn english_calls_the_sandbox_by_its_name_and_the_last_day_by_what_it_is() {
    let found: Vec<&str> = ENGLISH.lines().filter(|line| ["Trial", "trial", "Try it"].iter().any(|word| line.contains(word))).collect();
    assert!(found.is_empty(), "{found:#?}");
    let words = &Text::of(Language::En).home;
    assert!([&words.filing, &words.filing_today].iter().all(|line| line.contains("before holiday extension")));
}

#[test]
fn names_of_checks_leave_the_outcome_to_the_verdict() {
    for language in Language::ALL {
        let words = &Text::of(language).cli;
        for name in [&words.check_numbers_agree, &words.check_sources_agree, &words.check_agrees_with_other] {
            let tells = ["一致", "相符", "agree", "match", "consistent"].iter().any(|word| name.to_lowercase().contains(word));
            assert!(!tells, "{name}");
        }
    }
}
