//! What a phone's browser brings along, and whether a form really comes from our page.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::app::App;
use crate::random;
use crate::state::State;

/// Holds the secret of the phone's owner.
const OWNER: &str = "piaoxia_phone";
/// Ties a form to the browser that it was sent to.
const FORM: &str = "piaoxia_form";
const YEAR: u32 = 365 * 86_400;

/// Id and name of the phone's owner, when this browser has confirmed before.
pub(super) fn owner(state: &State, headers: &HeaderMap) -> Option<(String, String)> {
    let hash = random::digest(cookie(headers, OWNER)?);
    let (id, person) = state.persons.iter().find(|(_, person)| random::same(&person.browser, &hash))?;
    Some((id.clone(), person.name.clone()))
}

/// The browser's mark for forms; none in a browser that has no form of ours.
pub(super) fn mark(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, FORM).filter(|mark| mark.len() == 32)
}

/// True when a form was sent by our own page, in the browser that the page was sent to.
pub(super) fn is_own_form(app: &App, ticket: &str, headers: &HeaderMap, token: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").unwrap_or("same-origin");
    let own = match (&app.public_url, text("host")) {
        (Some(url), _) if text("origin").is_some_and(|origin| is_origin_of(origin, url)) => true,
        (_, Some(host)) => text("origin") == Some(&format!("http://{host}")),
        _ => false,
    };
    site == "same-origin" && own && mark(headers).is_some_and(|mark| random::same(token, &app.form_token(ticket, mark)))
}

fn is_origin_of(origin: &str, url: &str) -> bool {
    url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Sets the mark.
pub(super) fn set_mark(app: &App, mark: &str) -> Option<HeaderValue> {
    set(app, FORM, mark, "")
}

/// Remembers the phone's owner in this browser.
pub(super) fn set_owner(app: &App, secret: &str) -> Option<HeaderValue> {
    set(app, OWNER, secret, &format!("; Max-Age={YEAR}"))
}

fn set(app: &App, name: &str, value: &str, more: &str) -> Option<HeaderValue> {
    let secure = if app.public_url.as_ref().is_some_and(|url| url.starts_with("https:")) { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{more}{secure}")).ok()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_compared_whole() {
        assert!(is_origin_of("https://tax.example.com", "https://tax.example.com/px"));
        assert!(!is_origin_of("https://tax.example.co", "https://tax.example.com"));
        assert!(!is_origin_of("null", "https://tax.example.com"));
    }

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; piaoxia_form=0123456789abcdef0123456789abcdef; b=2"));
        assert_eq!(mark(&headers), Some("0123456789abcdef0123456789abcdef"));
        headers.insert(header::COOKIE, HeaderValue::from_static("piaoxia_form=short"));
        assert_eq!(mark(&headers), None);
    }
}
