//! Originals: links and transfers.

use std::time::Duration;

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, Scope};
use piaoxia_gateway::{GatewayConfig, Limits};
use piaoxia_service::Client;
use piaoxia_service::contract::*;

use crate::support::*;

async fn some_invoices(client: &Client, company: &str) -> Vec<Invoice> {
    let request = job("files", JobKind::Collect, company, query(Scope::Received, last_month()));
    let done = until(client, &client.start_job(&request).await.unwrap().id, is_done).await;
    let items = all_items(client, &done.id, 200).await;
    items.into_iter().filter(|invoice| invoice.kind.info().is_some_and(|info| info.digital && !info.paper)).take(3).collect()
}

fn ask(company: &str, invoices: &[Invoice]) -> FilesRequest {
    FilesRequest { company: company.to_owned(), keys: invoices.iter().map(|invoice| invoice.key.clone()).collect() }
}

#[tokio::test]
async fn originals_come_through_links() {
    let (_handle, client, company, account, demo) = ready(config()).await;
    let invoices = some_invoices(&client, &company.id).await;
    let refs = client.files(&ask(&company.id, &invoices)).await.unwrap();
    assert_eq!(refs.len(), 3 * invoices.len(), "XML, OFD and PDF of each");
    for file in &refs {
        assert!(file.name.contains(file.key.number()) && file.name.ends_with(file.format.extension()), "{}", file.name);
        let bytes = client.download_bytes(file).await.unwrap();
        let start: &[u8] = match file.format {
            Format::Pdf => b"%PDF",
            Format::Ofd => b"PK",
            Format::Xml => b"<",
        };
        assert!(bytes.starts_with(start));
        let transfer = client.transfer(file).await.unwrap();
        assert_eq!(transfer.announced(), Some(bytes.len() as u64));
        assert_eq!(poured(transfer).await, (bytes, Ok(())), "a link works more than once while it lives");
    }
    let unknown = FilesRequest { company: company.id.clone(), keys: vec!["26999999999999999999".parse().unwrap()] };
    assert!(client.files(&unknown).await.unwrap().is_empty());
    let many = FilesRequest { keys: vec![invoices[0].key.clone(); 101], ..unknown };
    assert!(client.files(&many).await.unwrap_err().is(code::BAD_REQUEST));

    client.sandbox().kick(&account.id).await.unwrap();
    let error = client.files(&ask(&company.id, &invoices)).await.unwrap_err();
    assert!(error.is(code::BUREAU_SESSION_LOST) && error.class() == Some(ErrorClass::NeedLogin));
    client.download_bytes(&refs[0]).await.unwrap();
    log_in_again(&client, &account, &demo).await;
    client.files(&ask(&company.id, &invoices)).await.unwrap();
}

#[tokio::test]
async fn links_end() {
    let limits = Limits { link_life: Duration::from_millis(100), ..Limits::default() };
    let (_handle, client, company, _, _) = ready(GatewayConfig { limits, ..config() }).await;
    let invoices = some_invoices(&client, &company.id).await;
    let mut refs = client.files(&ask(&company.id, &invoices)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    let error = client.download_bytes(&refs[0]).await.unwrap_err();
    assert!(error.is(code::LINK_EXPIRED) && error.class() == Some(ErrorClass::LinkExpired));
    refs[0].url = "/v1/files/unknown".to_owned();
    assert!(client.download_bytes(&refs[0]).await.unwrap_err().is(code::NOT_FOUND));
}
