//! Takes out of a text what a log or a report to support may not hold: numbers of people, companies and invoices, tokens,
//! passwords, mail addresses, queries of addresses. The one place that does it.
//!
//! It judges by shape and not by meaning, so it hides too much rather than too little: a hash is as good as a token. Names
//! have no shape; whoever writes a log keeps them out.

use std::borrow::Cow;

/// What stands for a secret.
const HIDDEN: &str = "[hidden]";

/// Words whose value, behind `:` or `=`, is a secret; also as the end of a longer word (`refreshToken`). Small letters.
const KEYS: [&str; 20] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "secret",
    "authorization",
    "cookie",
    "verifier",
    "ticket",
    "captcha",
    "otp",
    "apikey",
    "credential",
    "密码",
    "口令",
    "验证码",
    "激活码",
    "登录名",
    "身份证号",
];

/// Shortest part of digits and letters that counts as a token.
const TOKEN: usize = 20;
/// Shortest run with `-` and `_` in it that does.
const LONG_TOKEN: usize = 32;

/// The text without secrets, on one line: control characters and signs that turn the direction of writing are spelled out.
#[must_use]
pub fn redact(text: &str) -> String {
    let text = replace(text, unseen);
    let text = replace(&text, keyed);
    let text = replace(&text, address);
    let text = replace(&text, mail);
    let text = replace(&text, grouped);
    replace(&text, run)
}

/// [`redact`], line by line.
#[must_use]
pub fn redact_lines(text: &str) -> String {
    text.lines().map(|line| redact(line) + "\n").collect()
}

/// What a rule takes: bytes from where it stands, and what is written for them.
type Taken<'t> = Option<(usize, Cow<'t, str>)>;

/// Asks the rule at every character, with the one before it, and copies what it leaves.
fn replace(text: &str, rule: fn(&str, Option<char>) -> Taken<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut before) = (text, None);
    while let Some(c) = rest.chars().next() {
        let (length, written) = match rule(rest, before) {
            Some((length, written)) if length > 0 => (length, written),
            _ => (c.len_utf8(), Cow::Borrowed(rest.get(..c.len_utf8()).unwrap_or_default())),
        };
        out.push_str(&written);
        let (done, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
        before = done.chars().next_back();
        rest = left;
    }
    out
}

/// Nothing that a reader would see, or what hides or turns the text around it. Full-width figures are written as plain ones,
/// so that the other rules know them.
fn unseen(rest: &str, _: Option<char>) -> Taken<'_> {
    let c = rest.chars().next()?;
    let hidden = c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    if hidden {
        return Some((c.len_utf8(), Cow::Owned(c.escape_unicode().to_string())));
    }
    let plain = matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＠').then(|| char::from_u32(u32::from(c) - 0xfee0)).flatten()?;
    Some((c.len_utf8(), Cow::Owned(plain.to_string())))
}

/// `password=…`, `"token": "…"`, `密码：…`, `Bearer …`.
fn keyed(rest: &str, before: Option<char>) -> Taken<'_> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if before.is_some_and(is_word) {
        return None;
    }
    let word = prefix(rest, is_word);
    let small = word.to_lowercase();
    let after = rest.get(word.len()..)?;
    let behind = if small == "bearer" && after.starts_with(' ') {
        after.trim_start()
    } else if KEYS.iter().any(|key| small.ends_with(key)) {
        let quoted = after.trim_start_matches(['"', '\'', '`', '\\', ' ']);
        let sign = quoted.strip_prefix([':', '=', '：'])?.trim_start();
        let scheme = ["Bearer ", "Basic "].into_iter().find_map(|scheme| sign.strip_prefix(scheme));
        scheme.unwrap_or(sign).trim_start().trim_start_matches('\\')
    } else {
        return None;
    };
    let value = value(behind);
    let kept = rest.len() - behind.len();
    (value > 0).then(|| (kept + value, Cow::Owned(format!("{}{HIDDEN}", rest.get(..kept).unwrap_or_default()))))
}

/// Length of a value: up to its closing quote, else to the end of the word.
fn value(text: &str) -> usize {
    match text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`' | '“')) {
        Some(quote) => {
            let (close, open) = (if quote == '“' { '”' } else { quote }, quote.len_utf8());
            let inner = text.get(open..).unwrap_or_default();
            inner.find(close).map_or(text.len(), |end| open + end + close.len_utf8())
        }
        None => prefix(text, |c| !c.is_whitespace() && !matches!(c, ',' | ';' | '&' | '}' | '，' | '；' | '。')).len(),
    }
}

/// `://user:password@host/path?query#fragment` without user, query and fragment; a query alone.
fn address(rest: &str, before: Option<char>) -> Taken<'_> {
    let is_part = |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '<' | '>' | '`' | '，' | '。' | '）' | '“' | '”');
    if let Some(inner) = rest.strip_prefix("://") {
        let whole = prefix(inner, is_part);
        let (place, secret) = whole.find(['?', '#']).and_then(|at| whole.split_at_checked(at)).unwrap_or((whole, ""));
        let authority = prefix(place, |c| c != '/');
        let host = authority.rsplit('@').next().unwrap_or_default();
        let user = if host.len() < authority.len() { "[hidden]@" } else { "" };
        let path = place.get(authority.len()..).unwrap_or_default();
        let query = if secret.len() > 1 { "?[hidden]" } else { secret };
        return Some((3 + whole.len(), Cow::Owned(format!("://{user}{host}{path}{query}"))));
    }
    let inner = rest.strip_prefix('?').filter(|_| before.is_some_and(|c| !c.is_whitespace()))?;
    let name = prefix(inner, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '%'));
    let given = !name.is_empty() && inner.get(name.len()..)?.starts_with('=');
    given.then(|| (1 + prefix(inner, is_part).len(), Cow::Borrowed("?[hidden]")))
}

/// `name@example.com`.
fn mail(rest: &str, before: Option<char>) -> Taken<'_> {
    let is_local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    if before.is_some_and(is_local) {
        return None;
    }
    let local = prefix(rest, is_local);
    let domain = rest.get(local.len()..)?.strip_prefix('@')?;
    let domain = prefix(domain, |c| c.is_alphanumeric() || matches!(c, '.' | '-')).trim_end_matches(['.', '-']);
    (!local.is_empty() && domain.contains('.')).then(|| (local.len() + 1 + domain.len(), Cow::Borrowed("[mail]")))
}

/// Figures in groups, as phones and bank accounts are written: `138 1234 5678`, `6222-0000-1111-2222-333`.
fn grouped(rest: &str, before: Option<char>) -> Taken<'_> {
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (mut length, mut groups, mut figures) = (0, 0, 0);
    loop {
        let left = rest.get(length..)?;
        let joined = if groups == 0 { Some(left) } else { left.strip_prefix([' ', '-']) };
        let group = joined.map_or("", |left| prefix(left, |c| c.is_ascii_digit()));
        let fits = if groups == 0 { (3..=4).contains(&group.len()) } else { (3..=6).contains(&group.len()) };
        if !fits {
            break;
        }
        length += group.len() + usize::from(groups > 0);
        groups += 1;
        figures += group.len();
    }
    let done = rest.get(..length)?;
    (groups >= 3 && figures >= 11).then(|| (length, last_four(done)))
}

/// A run of letters and figures: a number, a token, or a word.
fn run(rest: &str, before: Option<char>) -> Taken<'_> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '=');
    if before.is_some_and(is_part) {
        return None;
    }
    let run = prefix(rest, is_part);
    if run.is_empty() {
        return None;
    }
    let shown = if is_token(run) { Cow::Borrowed("[token]") } else { Cow::Owned(parts(run)) };
    Some((run.len(), shown))
}

fn is_token(run: &str) -> bool {
    let has = |text: &str, kind: fn(&char) -> bool| text.chars().filter(kind).count();
    let (figures, small, large) = (has(run, char::is_ascii_digit), has(run, char::is_ascii_lowercase), has(run, char::is_ascii_uppercase));
    let mut parts = run.split(['-', '_', '+', '=']);
    let is_mixed = |part: &str| {
        let letters = has(part, char::is_ascii_lowercase) + has(part, char::is_ascii_uppercase);
        part.len() >= TOKEN && letters > 0 && has(part, char::is_ascii_digit) > 0 && has(part, char::is_ascii_lowercase) > 0
    };
    // The shape of an activation code.
    let is_code = run.len() >= 16 && run.split('-').count() >= 4 && run.split('-').all(|part| part.len() <= 4 && small == 0) && large > 0;
    let one_word = run.len() >= LONG_TOKEN && !run.contains(['-', '_']) && small > 0 && large > 0;
    let many_classes = run.len() >= LONG_TOKEN && (figures >= 1 && large >= 2 && small >= 2 || figures >= 8 && small + large > 0);
    is_code || one_word || many_classes || parts.any(is_mixed)
}

/// Numbers in a run that is no token.
fn parts(run: &str) -> String {
    run.split_inclusive(['-', '_', '+', '='])
        .map(|piece| {
            let part = piece.trim_end_matches(['-', '_', '+', '=']);
            let end = piece.get(part.len()..).unwrap_or_default();
            format!("{}{end}", number(part))
        })
        .collect()
}

/// A part without its number, if it is one or holds one.
fn number(part: &str) -> Cow<'_, str> {
    let figures = part.chars().filter(char::is_ascii_digit).count();
    let is_tax_number =
        (15..=20).contains(&part.len()) && figures >= 8 && part.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    if is_id_card(part) {
        return Cow::Borrowed("[id card]");
    }
    if is_tax_number {
        return last_four(part);
    }
    if figures < 11 {
        return Cow::Borrowed(part);
    }
    let mut out = String::new();
    let mut rest = part;
    while !rest.is_empty() {
        let figures = prefix(rest, |c| c.is_ascii_digit());
        out.push_str(&within(figures));
        let left = rest.get(figures.len()..).unwrap_or_default();
        let letters = prefix(left, |c| !c.is_ascii_digit());
        out.push_str(letters);
        rest = left.get(letters.len()..).unwrap_or_default();
    }
    Cow::Owned(out)
}

/// Figures, as they may be shown.
fn within(figures: &str) -> Cow<'_, str> {
    let bare = if figures.len() == 13 { figures.strip_prefix("86").unwrap_or(figures) } else { figures };
    match figures.len() {
        11 | 13 if is_mobile(bare) => Cow::Borrowed("[phone]"),
        0..15 => Cow::Borrowed(figures),
        _ if is_id_card(figures) => Cow::Borrowed("[id card]"),
        _ => last_four(figures),
    }
}

/// A mobile number of the mainland: eleven figures, the second from 3 to 9.
fn is_mobile(figures: &str) -> bool {
    let mut first = figures.bytes();
    figures.len() == 11 && first.next() == Some(b'1') && first.next().is_some_and(|second| (b'3'..=b'9').contains(&second))
}

/// Eighteen places with a day of birth in the right one (GB 11643).
fn is_id_card(part: &str) -> bool {
    let (figures, last) = match part.split_at_checked(17) {
        Some(split) if part.len() == 18 => split,
        _ => return false,
    };
    let between = |from: usize, to: usize| figures.get(from..to).and_then(|figures| figures.parse::<u32>().ok()).unwrap_or_default();
    figures.bytes().all(|byte| byte.is_ascii_digit())
        && last.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'X' | b'x'))
        && (1900..2100).contains(&between(6, 10))
        && (1..=12).contains(&between(10, 12))
        && (1..=31).contains(&between(12, 14))
}

fn last_four(text: &str) -> Cow<'_, str> {
    let bare: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    Cow::Owned(format!("****{}", bare.get(bare.len().saturating_sub(4)..).unwrap_or_default()))
}

/// The beginning of a text, as long as the characters are such ones.
fn prefix(text: &str, is_part: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
