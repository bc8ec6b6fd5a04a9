//! What all pages are made of. Words from elsewhere are escaped by the template.

use std::fmt::Write as _;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::app::App;
use crate::failure::Failure;
use crate::random;

const STYLE: &str = include_str!("style.css");

/// Tells the PC that the page is open. The path is the page's own.
pub(super) const SEEN: &str = r#"fetch(location.pathname+"/seen",{method:"POST",headers:{"Content-Type":"application/x-www-form-urlencoded"},
body:"token="+encodeURIComponent(document.querySelector("[name=token]").value)}).catch(function(){});"#;

/// A page.
pub(crate) struct Page {
    status: StatusCode,
    title: String,
    body: Markup,
    script: Option<String>,
    sandbox: bool,
}

impl Page {
    /// A page with these sections.
    pub(crate) fn new(app: &App, title: &str, body: Markup) -> Self {
        Self { status: StatusCode::OK, title: title.to_owned(), body, script: None, sandbox: app.sandbox }
    }

    /// A page with one sentence and what to do next.
    pub(crate) fn message(app: &App, status: StatusCode, title: &str, next: &str) -> Self {
        let body = html! { section { h1 { (title) } p { (next) } } };
        Self::new(app, title, body).status(status)
    }

    /// Another status than 200.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds a script. It must hold no word from elsewhere.
    pub(crate) fn script(mut self, script: impl Into<String>) -> Self {
        self.script = Some(script.into());
        self
    }

    /// Nothing may be fetched from elsewhere, nothing framed, and only our own style and script run.
    pub(crate) fn send(self) -> Response {
        let nonce = random::token();
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        let html = self.html(&nonce);
        let mut response = (self.status, Html(html.into_string())).into_response();
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        // Not `no-referrer`: browsers would then send the form with the origin `null`.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        response
    }

    fn html(&self, nonce: &str) -> Markup {
        html! {
            (DOCTYPE)
            html lang="zh-CN" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " - 票匣" }
                    style nonce=(nonce) { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        header { a href="/p" { "票匣" } span { @if self.sandbox { "沙箱" } } }
                        (self.body)
                    }
                    @if let Some(script) = &self.script {
                        script nonce=(nonce) { (PreEscaped(script)) }
                    }
                }
            }
        }
    }
}

/// What was wrong with the last answer.
pub(super) fn trouble(wrong: Option<&str>) -> Markup {
    html! { @if let Some(wrong) = wrong { p class="wrong" role="alert" { (wrong) } } }
}

/// Goes on at another page, so that a reload sends nothing twice.
pub(crate) fn go(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The page for an error that has no place of its own on a form.
pub(super) fn failed(app: &App, failure: &Failure) -> Response {
    let status = crate::failure::status_of(failure.error().class);
    let (title, next) = match status {
        StatusCode::NOT_FOUND => ("没有找到", "链接可能已失效，请返回首页重新进入。".to_owned()),
        StatusCode::TOO_MANY_REQUESTS => ("操作太频繁", wait_words(failure)),
        _ => ("暂时无法完成", super::words::why(failure)),
    };
    note(failure);
    Page::message(app, status, title, &next).send()
}

/// A failure that is none of the person's is for the operator's log as well.
pub(super) fn note(failure: &Failure) {
    if crate::failure::status_of(failure.error().class).is_server_error() {
        tracing::error!(error = %failure.error(), "a phone page failed");
    }
}

/// How long to wait, in words.
pub(super) fn wait_words(failure: &Failure) -> String {
    let seconds = failure.error().retry_after.unwrap_or(60);
    if seconds < 90 { format!("请在 {seconds} 秒后再试。") } else { format!("请在 {} 分钟后再试。", seconds.div_ceil(60)) }
}

/// A QR as an inline picture.
pub(super) fn qr(text: &str, label: &str) -> Markup {
    let Ok(code) = qrcode::QrCode::new(text.as_bytes()) else { return html! { p class="mono" { (text) } } };
    let width = code.width();
    let path = dark_runs(&code.to_colors(), width);
    let view = format!("0 0 {0} {0}", width + 8);
    html! {
        div class="qr" {
            svg viewBox=(view) role="img" aria-label=(label) shape-rendering="crispEdges" xmlns="http://www.w3.org/2000/svg" {
                rect width="100%" height="100%" fill="#fff" {}
                path d=(path) fill="#000" {}
            }
        }
    }
}

/// The dark modules of a QR as the path of an SVG, a rectangle for each run of a row.
fn dark_runs(modules: &[qrcode::Color], width: usize) -> String {
    let mut path = String::new();
    for (row, modules) in modules.chunks(width).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|one, next| one == next) {
            let length = run.len();
            if run.first() == Some(&qrcode::Color::Dark) {
                // Writing to a String cannot fail.
                write!(path, "M{} {}h{length}v1h-{length}z", column + 4, row + 4).ok();
            }
            column += length;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_stay_words() {
        let shown = trouble(Some("<b onload=\"x\">")).into_string();
        assert!(shown.contains("&lt;b onload=&quot;x&quot;&gt;"), "{shown}");
        assert!(qr("http://127.0.0.1/p", "码").into_string().contains("<path"));
        assert!(STYLE.len() < 8_000);
        let (dark, light) = (qrcode::Color::Dark, qrcode::Color::Light);
        assert_eq!(
            dark_runs(&[dark, light, dark, dark, light, light, light, dark, dark], 3),
            "M4 4h1v1h-1zM6 4h1v1h-1zM4 5h1v1h-1zM5 6h2v1h-2z"
        );
    }
}
