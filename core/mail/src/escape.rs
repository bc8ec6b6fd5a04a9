//! Foreign words in a mail: one line, visible, escaped.

use crate::error::MailError;

/// A word of one line: no control character at all, nothing invisible, at most `longest` characters, trimmed.
///
/// # Errors
/// [`MailError::Control`], [`MailError::Empty`], [`MailError::TooLong`].
pub(crate) fn line(field: &'static str, text: &str, longest: usize) -> Result<String, MailError> {
    if text.chars().any(is_break) {
        return Err(MailError::Control { field });
    }
    let shown: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let shown = shown.trim();
    if shown.is_empty() {
        return Err(MailError::Empty { field });
    }
    if shown.chars().count() > longest {
        return Err(MailError::TooLong { field, limit: longest });
    }
    Ok(shown.to_owned())
}

/// A word that goes into a header. The mail library encodes what is not ASCII, but leaves an encoded word as it is.
///
/// # Errors
/// As [`line()`], and [`MailError::EncodedWord`].
pub(crate) fn header(field: &'static str, text: &str, longest: usize) -> Result<String, MailError> {
    let text = line(field, text, longest)?;
    if text.contains("=?") { Err(MailError::EncodedWord { field }) } else { Ok(text) }
}

/// Control characters, and the two line breaks that Unicode has beside them.
pub(crate) fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Characters without a picture that can reorder or hide others.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}')
}

/// Text inside an element or a quoted attribute of HTML.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Replaces `{{key}}` in one pass, so that no value is searched for keys again.
pub(crate) fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        rest = after;
        let Some((key, behind)) = after.split_once("}}") else { break };
        out.push_str(&value(key));
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines() {
        assert!(line("x", "  财务\u{202E}室\u{200B}1 ", 9).is_ok_and(|text| text == "财务室1"));
        for bad in ["a\nb", "a\rb", "a\u{2028}b", "a\u{85}b", "a\0b", "a\tb"] {
            assert!(matches!(line("x", bad, 9), Err(MailError::Control { field: "x" })), "{bad:?}");
        }
        assert!(matches!(line("x", " \u{200B} ", 9), Err(MailError::Empty { .. })));
        assert!(matches!(line("x", "0123456789", 9), Err(MailError::TooLong { limit: 9, .. })));
        assert!(matches!(header("x", "=\u{200B}?utf-8?B?QQ==?=", 40), Err(MailError::EncodedWord { .. })));
        assert_eq!(html(r#"<a b="c" d='e'>&"#), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
        assert_eq!(fill("a {{x}} {{y}} {{", |key| format!("{{{{{key}}}}}")), "a {{x}} {{y}} ");
    }
}
