//! QRs that phones wait at, made as people make them: an application, its mail, the operation key of the mail.

use anyhow::{Context, Result, ensure};
use piaoxia_service::Client;
use tokio::net::TcpStream;

use super::http::{Answer, ask, get};

/// Paths of the pages of so many QRs.
pub async fn make(address: &str, count: u64) -> Result<Vec<String>> {
    let client = Client::new(&format!("http://{address}"), None)?;
    let mut pages = Vec::new();
    for number in 0..count {
        let email = format!("caiwu{number}@example.com");
        apply(address, number, &email).await?;
        let mails = client.sandbox().messages().await?;
        let mail = mails.iter().rev().find(|mail| mail.to == email).context("no mail came")?;
        let key = mail.text.split_once("/p/key#").context("no key in the mail")?.1;
        let key: String = key.chars().take_while(char::is_ascii_hexdigit).collect();
        let answer = submit(address, "/p/key", &[("key", &key)]).await?;
        ensure!(answer.status == 303, "the key was not taken: {}", answer.status);
        pages.push(answer.header("location").context("no page of the QR")?.to_owned());
    }
    Ok(pages)
}

async fn apply(address: &str, number: u64, email: &str) -> Result<()> {
    let company = format!("c-sim-{number}");
    let fields = [(company.as_str(), "1"), ("email", email), ("product", "其他"), ("name", "王芳"), ("phone", "13800000001")];
    let answer = submit(address, &format!("/p/upgrade/sim-{number}/contact?{company}=1"), &fields).await?;
    ensure!(answer.status == 200, "the application was not taken: {}", answer.status);
    Ok(())
}

/// Opens the page of a form and sends the form back.
async fn submit(address: &str, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
    let page = get(address, path).await?;
    let cookie = page.header("set-cookie").and_then(|cookie| cookie.split(';').next()).context("no cookie")?;
    let token = page.text()?.split_once("name=\"token\" value=\"").and_then(|(_, rest)| rest.split_once('"')).context("no token")?.0;
    let fields = fields.iter().copied().chain([("token", token)]).map(|(key, value)| format!("{}={}", escaped(key), escaped(value)));
    let body = fields.collect::<Vec<_>>().join("&");
    let path = path.split('?').next().unwrap_or(path);
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    ask(&mut TcpStream::connect(address).await?, &request).await
}

fn escaped(text: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_alphanumeric() || byte == b'-' { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}
