//! 使用说明: the manual, as it is shown in the window and written beside a release.

/// The manual, in Chinese: a title, headings, paragraphs, steps, points, pictures.
pub const MANUAL: &str = include_str!("../../resources/manual/zh-CN.md");

/// A part of the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block<'t> {
    /// Of the whole.
    Title(&'t str),
    /// Of a chapter.
    Heading(&'t str),
    /// A paragraph.
    Text(&'t str),
    /// A step, with its number.
    Step(&'t str, &'t str),
    /// A point of a list.
    Point(&'t str),
    /// A picture of the window as the tests hold it, by what it shows and its path from the folder of the manual.
    Picture(&'t str, &'t str),
}

/// The parts, one a line that is not empty.
pub fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(block)
}

fn block(line: &str) -> Block<'_> {
    if let Some(title) = line.strip_prefix("# ") {
        return Block::Title(title);
    }
    if let Some(heading) = line.strip_prefix("## ") {
        return Block::Heading(heading);
    }
    if let Some(point) = line.strip_prefix("- ") {
        return Block::Point(point);
    }
    let picture = line.strip_prefix("![").and_then(|rest| rest.strip_suffix(')')).and_then(|rest| rest.split_once("]("));
    if let Some((shows, name)) = picture {
        return Block::Picture(shows, name);
    }
    match line.split_once(". ") {
        Some((number, step)) if number.bytes().all(|byte| byte.is_ascii_digit()) => Block::Step(number, step),
        _ => Block::Text(line),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_kind_of_line_is_understood() {
        let text = "# 题\n\n## 章\n段落 1. 不是步骤\n1. 步骤\n- 要点\n![图](home.png)\n";
        let wanted = [
            Block::Title("题"),
            Block::Heading("章"),
            Block::Text("段落 1. 不是步骤"),
            Block::Step("1", "步骤"),
            Block::Point("要点"),
            Block::Picture("图", "home.png"),
        ];
        assert_eq!(blocks(text).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn its_pictures_are_those_that_the_tests_hold() {
        let pictures: Vec<&str> =
            blocks(MANUAL).filter_map(|block| if let Block::Picture(_, name) = block { Some(name) } else { None }).collect();
        assert!(pictures.len() >= 7);
        for name in pictures {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/manual").join(name).exists(), "{name}");
        }
    }

    /// What stands in quotation marks is a word of the window: the manual cannot name a button that is not there any more.
    #[test]
    fn it_names_what_the_window_says() {
        let table: toml::Table = toml::from_str(include_str!("../../resources/text/zh-CN.toml")).unwrap();
        let words: BTreeSet<&str> =
            table.values().filter_map(toml::Value::as_table).flat_map(|section| section.values()).filter_map(toml::Value::as_str).collect();
        for quoted in MANUAL.split('“').skip(1).map(|rest| rest.split_once('”').unwrap().0) {
            assert!(words.contains(quoted), "the window does not say “{quoted}”");
        }
    }

    #[test]
    fn the_embedded_font_draws_it() {
        let font = skrifa::FontRef::new(crate::FONT).unwrap();
        let charmap = skrifa::MetadataProvider::charmap(&font);
        let missing: BTreeSet<char> = MANUAL.chars().filter(|c| !c.is_control() && charmap.map(*c).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
