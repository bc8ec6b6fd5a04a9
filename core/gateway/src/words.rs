//! Foreign words on our pages: shortened, visible, escaped.

/// A name as it may be shown: no control or direction characters, at most `longest` characters, trimmed.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    let kept = text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).take(longest).collect::<String>();
    kept.trim().to_owned()
}

/// Characters without a picture that can reorder or hide others.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}')
}

/// Text inside an element or a quoted attribute of HTML.
pub(crate) fn escaped(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_play_tricks() {
        assert_eq!(shown("  财务\u{202E}室\n\u{200B}1  ", 64), "财务室1");
        assert_eq!(shown("一二三四", 2), "一二");
        assert_eq!(escaped(r#"<b a="x" c='y'>&"#), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;");
    }
}
