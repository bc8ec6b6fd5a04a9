//! A letter: lines of a template, filled with data, rendered as HTML and as plain text that says the same.
//!
//! The first character of a template's line says what it is; the rest may hold `{{key}}`:
//! ```text
//! S subject            H heading            a paragraph has no mark
//! = label | fact       ! label | code       > label | link        - small print
//! ```
//! Lines are told apart before they are filled, so that no value becomes a line, a mark or HTML.

use crate::error::MailError;
use crate::escape::{fill, html, line};
use crate::mail::{Kind, Mail, SUBJECT_LENGTH};

const LAYOUT: &str = include_str!("letters/layout.html");
const FONT: &str = "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif;";
const VALUE_LENGTH: usize = 120;
const LINK_LENGTH: usize = 2_000;

/// What a letter says: values by key.
pub(crate) struct Data(Vec<(&'static str, String)>);

impl Data {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// A word of one line.
    pub(crate) fn word(mut self, key: &'static str, value: &str) -> Result<Self, MailError> {
        self.0.push((key, line(key, value, VALUE_LENGTH)?));
        Ok(self)
    }

    /// An http(s) link.
    pub(crate) fn link(mut self, key: &'static str, value: &str) -> Result<Self, MailError> {
        let value = line(key, value, LINK_LENGTH)?;
        // Printable ASCII without quotes and brackets: what a URL may hold, and nothing that ends an attribute.
        let plain = value.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'`\\{}|^".contains(&byte));
        let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
        if !plain || rest.is_none_or(|rest| rest.starts_with(['/', '?', '#', ':', '@']) || rest.is_empty()) {
            return Err(MailError::Link { field: key });
        }
        self.0.push((key, value));
        Ok(self)
    }

    fn get(&self, key: &str) -> String {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// A line of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    Subject(&'a str),
    Heading(&'a str),
    Paragraph(&'a str),
    Fact(&'a str, &'a str),
    Code(&'a str, &'a str),
    Link(&'a str, &'a str),
    Small(&'a str),
}

impl<'a> Line<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let pair = |rest: &'a str| rest.split_once('|').map_or((rest.trim(), ""), |(label, value)| (label.trim(), value.trim()));
        let text = text.trim();
        Some(match text.split_once(' ') {
            _ if text.is_empty() => return None,
            Some(("S", rest)) => Self::Subject(rest),
            Some(("H", rest)) => Self::Heading(rest),
            Some(("=", rest)) => Self::Fact(pair(rest).0, pair(rest).1),
            Some(("!", rest)) => Self::Code(pair(rest).0, pair(rest).1),
            Some((">", rest)) => Self::Link(pair(rest).0, pair(rest).1),
            Some(("-", rest)) => Self::Small(rest),
            _ => Self::Paragraph(text),
        })
    }
}

/// Makes a mail of a template. A link whose page is not in the data is left out.
///
/// # Errors
/// What [`Mail::check`] says of the result.
pub(crate) fn write(template: &str, kind: Kind, to: &str, data: &Data) -> Result<Mail, MailError> {
    let mut lines: Vec<Line<'_>> = template.lines().filter_map(Line::read).collect();
    lines.retain(|line| !matches!(line, Line::Link(_, page) if plain(page, data).is_empty()));
    let subject = lines.iter().find_map(|line| if let Line::Subject(text) = line { Some(*text) } else { None }).unwrap_or_default();
    // A name may hold what no subject may: it is shown a little otherwise then, and the mail still goes out.
    let subject: String = plain(subject, data).replace("=?", "= ?").chars().take(SUBJECT_LENGTH).collect();
    let body: String = lines.iter().map(|line| as_html(*line, data)).collect();
    let document = fill(LAYOUT, |key| match key {
        "title" => html(&subject),
        "body" => body.clone(),
        _ => String::new(),
    });
    let mail = Mail { to: to.to_owned(), subject, text: as_text(&lines, data), html: document, kind };
    mail.check()?;
    Ok(mail)
}

fn plain(text: &str, data: &Data) -> String {
    fill(text, |key| data.get(key))
}

fn rich(text: &str, data: &Data) -> String {
    // The template's own words hold nothing to escape but are treated alike.
    html(&plain(text, data))
}

fn as_html(line: Line<'_>, data: &Data) -> String {
    match line {
        Line::Subject(_) => String::new(),
        Line::Heading(text) => {
            format!(
                "<h1 class=\"px-ink\" style=\"margin:0 0 12px;{FONT}font-size:20px;line-height:1.4;color:#1c2430;\">{}</h1>\n",
                rich(text, data)
            )
        }
        Line::Paragraph(text) => {
            format!(
                "<p class=\"px-ink\" style=\"margin:0 0 12px;{FONT}font-size:15px;line-height:1.7;color:#1c2430;\">{}</p>\n",
                rich(text, data)
            )
        }
        Line::Fact(label, value) => format!(
            "<p class=\"px-ink\" style=\"margin:0 0 6px;{FONT}font-size:15px;line-height:1.6;color:#1c2430;word-break:break-word;\">\
             <span class=\"px-dim\" style=\"color:#5b6675;\">{}：</span>{}</p>\n",
            rich(label, data),
            rich(value, data)
        ),
        Line::Code(label, value) => format!(
            "<p class=\"px-dim\" style=\"margin:16px 0 4px;{FONT}font-size:13px;color:#5b6675;\">{}</p>\n\
             <p class=\"px-code\" style=\"margin:0 0 12px;padding:12px 14px;background-color:#eef2f8;color:#1c2430;border-radius:8px;\
             font-family:Consolas,Menlo,monospace;font-size:18px;line-height:1.5;word-break:break-all;\">{}</p>\n",
            rich(label, data),
            rich(value, data)
        ),
        Line::Link(label, value) => format!(
            "<p style=\"margin:14px 0;\"><a href=\"{}\" style=\"display:inline-block;padding:11px 22px;background-color:#1558d6;color:#ffffff;\
             border-radius:8px;{FONT}font-size:15px;font-weight:600;text-decoration:none;\">{}</a></p>\n",
            rich(value, data),
            rich(label, data)
        ),
        Line::Small(text) => {
            format!(
                "<p class=\"px-dim\" style=\"margin:0 0 6px;{FONT}font-size:13px;line-height:1.6;color:#5b6675;\">{}</p>\n",
                rich(text, data)
            )
        }
    }
}

fn as_text(lines: &[Line<'_>], data: &Data) -> String {
    let mut out = String::new();
    let mut last_fact = false;
    for line in lines {
        let fact = matches!(line, Line::Fact(..) | Line::Small(_));
        let text = match line {
            Line::Subject(_) => continue,
            Line::Heading(text) | Line::Paragraph(text) | Line::Small(text) => plain(text, data),
            Line::Fact(label, value) => format!("{}：{}", plain(label, data), plain(value, data)),
            Line::Code(label, value) | Line::Link(label, value) => format!("{}：\n{}", plain(label, data), plain(value, data)),
        };
        if !out.is_empty() {
            out.push_str(if fact && last_fact { "\n" } else { "\n\n" });
        }
        out.push_str(&text);
        last_fact = fact;
    }
    out.push_str("\n\n票匣\n");
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn values_become_neither_lines_nor_marks_nor_html() {
        let data = Data::new().word("name", "<b>S x | {{code}} & \"q\"").unwrap().word("code", "C0DE").unwrap();
        let mail = write("S 主题 {{name}}\nH 你好\n{{name}}\n= 名称 | {{name}}\n! 码 | {{code}}", Kind::Other, "a@b.cn", &data).unwrap();
        assert_eq!(mail.subject, "主题 <b>S x | {{code}} & \"q\"");
        assert!(mail.html.contains("&lt;b&gt;S x | {{code}} &amp; &quot;q&quot;") && !mail.html.contains("<b>S"));
        assert!(mail.text.contains("名称：<b>S x | {{code}}") && mail.text.contains("码：\nC0DE"));
    }

    #[test]
    fn links_are_links() {
        let link = |text: &str| Data::new().link("page", text);
        for good in ["https://px.example.com/p/1?a=b&c=d#key=x", "http://192.168.1.4:8787/p", "https://[::1]:8/"] {
            assert!(link(good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "//x",
            "ftp://x",
            "https://a b",
            "https://a\"onload",
            "https://a<b",
            "https://例子.cn",
            "data:text/html,x",
            "HTTPS://x",
            "https://@x",
        ] {
            assert!(matches!(link(bad), Err(MailError::Link { .. })), "{bad}");
        }
        assert!(matches!(link("https://a\r\nBcc: x"), Err(MailError::Control { .. })));
    }
}
