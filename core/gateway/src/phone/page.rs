//! The pages' HTML: two templates, filled with escaped words.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

use crate::random;
use crate::tickets::View;
use crate::words::escaped;

const LAYOUT: &str = include_str!("layout.html");
const FORM: &str = include_str!("form.html");

/// What the confirm page says beside the ticket.
pub(super) struct Form<'a> {
    pub(super) ticket: &'a str,
    pub(super) token: &'a str,
    /// Name of the phone's owner; none when this browser is new.
    pub(super) owner: Option<&'a str>,
    /// What was wrong with the last answer.
    pub(super) wrong: Option<&'a str>,
    pub(super) sandbox: bool,
}

/// The confirm page.
pub(super) fn form(status: StatusCode, view: &View, form: &Form<'_>) -> Response {
    let nonce = random::token();
    let wrong = form.wrong.map(|text| format!("<p class=\"wrong\" role=\"alert\">{}</p>", escaped(text))).unwrap_or_default();
    let who = match form.owner {
        Some(name) => format!("<p>以 <b>{}</b> 的身份登录</p>", escaped(name)),
        None => {
            "<label for=\"name\">您的姓名</label>\n<input id=\"name\" name=\"name\" type=\"text\" maxlength=\"20\" required>".to_owned()
        }
    };
    let body = fill(
        FORM,
        &[
            ("wrong", &wrong),
            ("device", &escaped(&view.device.name)),
            ("version", &escaped(&view.device.version)),
            ("time", &shanghai(view.created_at)),
            ("address", &address(view)),
            ("token", &escaped(form.token)),
            ("who", &who),
            ("ticket", &escaped(form.ticket)),
            ("nonce", &nonce),
        ],
    );
    page(status, "登录确认", &body, &nonce, form.sandbox)
}

/// A page with one sentence and what to do next.
pub(super) fn message(status: StatusCode, title: &str, next: &str, sandbox: bool) -> Response {
    let body = format!("<h1>{}</h1>\n<p>{}</p>", escaped(title), escaped(next));
    page(status, title, &body, &random::token(), sandbox)
}

fn page(status: StatusCode, title: &str, body: &str, nonce: &str, sandbox: bool) -> Response {
    let place = if sandbox { "沙箱" } else { "" };
    let html = fill(LAYOUT, &[("title", &escaped(title)), ("nonce", nonce), ("place", place), ("body", body)]);
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Not `no-referrer`: browsers would then send the form with the origin `null`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// Replaces `{{key}}` in one pass, so that no value is searched for keys again.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        rest = after;
        let Some((key, behind)) = after.split_once("}}") else { break };
        out.push_str(values.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| value));
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn shanghai(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(8))).strftime("%Y-%m-%d %H:%M").to_string()
}

fn address(view: &View) -> String {
    let address = escaped(&view.peer.to_string());
    if view.peer.is_loopback() { format!("{address}（本机）") } else { address }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_searched_for_keys() {
        assert_eq!(fill("a {{x}} b {{y}} c {{z}}", &[("x", "{{y}}"), ("y", "Y")]), "a {{y}} b Y c ");
        assert_eq!(fill("open {{ end", &[]), "open  end");
    }
}
