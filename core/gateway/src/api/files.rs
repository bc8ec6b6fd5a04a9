//! Originals (版式文件).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use piaoxia_domain::invoice::Format;
use piaoxia_service::contract::{Fault, FileRef, FilesRequest, code};

use crate::app::App;
use crate::extract::{Activated, Body, Id};
use crate::failure::{Answer, Failure};
use crate::links::Target;

/// Invoices that one call asks for.
const KEYS: usize = 100;

/// Hands out links to the originals of invoices; they end after five minutes. An invoice without originals has none, and 综合服务平台 has
/// none at all: they need an e-tax account.
#[utoipa::path(post, path = "/v1/files", tag = "files", request_body = FilesRequest, responses((status = 200, body = Vec<FileRef>)))]
pub(super) async fn hand_out(
    State(app): State<Arc<App>>,
    person: Activated,
    Body(request): Body<FilesRequest>,
) -> Answer<Json<Vec<FileRef>>> {
    person.owns(&request.company)?;
    if request.keys.len() > KEYS {
        return Err(Failure::bad_request("at most 100 invoices a call"));
    }
    let company = app.company(&app.book.read(), &request.company)?;
    let (account, token) = match app.receiving_token(&company.id) {
        Err(_) if app.has_disk_in(&company.id) => return Ok(Json(Vec::new())),
        found => found?,
    };
    let expired = app.dial.take(Fault::LinkExpired).is_some();
    let mut refs = Vec::new();
    for key in request.keys {
        let originals = app.connector.originals(&company, &token, &key).await.inspect_err(|failure| {
            if failure.code() == code::BUREAU_SESSION_LOST {
                app.desk.lost(&account, &token);
            }
        })?;
        for (format, name) in originals {
            let target = Target { company: company.id.clone(), key: key.clone(), format, name: name.clone() };
            let (link, expires_at) = app.links.hand_out(target, expired);
            refs.push(FileRef { key: key.clone(), format, url: format!("/v1/files/{link}"), expires_at, name });
        }
    }
    Ok(Json(refs))
}

/// The bytes of an original. The link is the permission: no session is needed.
#[utoipa::path(
    get, path = "/v1/files/{id}", tag = "files", params(("id" = String, Path, description = "Token of the link")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"))
)]
pub(super) async fn fetch(State(app): State<Arc<App>>, Id(link): Id) -> Answer<([(HeaderName, String); 2], Vec<u8>)> {
    let Target { company, key, format, name } = app.links.follow(&link)?;
    let company = app.company(&app.book.read(), &company)?;
    let bytes = app.connector.original(&company, &key, format).await?;
    let kind = match format {
        Format::Xml => "application/xml",
        Format::Ofd => "application/ofd",
        Format::Pdf => "application/pdf",
    };
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, attachment(&name))], bytes))
}

/// RFC 6266 with the name in RFC 8187 form, because it is Chinese.
fn attachment(name: &str) -> String {
    let mut value = "attachment; filename*=UTF-8''".to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_names_travel_in_a_header() {
        assert_eq!(attachment("a_1 票\r\n.pdf"), "attachment; filename*=UTF-8''a_1%20%E7%A5%A8%0D%0A.pdf");
    }
}
