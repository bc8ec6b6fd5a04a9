//! The steps of the way, as the network check takes them.

use piaoxia_service::contract::PROTOCOL;
use piaoxia_service::{ClientError, ClientOptions, Network, Probe, ProxyChoice};

use crate::certificates::{Authority, VALID};
use crate::server::{Server, believing, client, companies, companies_at, options};

#[tokio::test]
async fn a_good_way_is_good_at_every_step() {
    let ours = Authority::new("company");
    let server = Server::secure(ours.serve("127.0.0.1", VALID), companies()).await;
    let probe = client(&format!("https://{}", server.address), believing(&ours)).probe();
    let route = probe.route();
    assert!(route.here && route.encrypted && route.proxy.is_none());
    assert_eq!((route.host.as_str(), route.port), ("127.0.0.1", server.address.port()));
    let addresses = probe.resolve().await.unwrap();
    assert_eq!(addresses, [server.address]);
    assert_eq!(probe.connect(&addresses).await.unwrap().0, server.address.ip());
    let greeting = probe.greet().await.unwrap();
    assert_eq!((greeting.status, greeting.protocol.as_deref(), greeting.page), (200, Some(PROTOCOL), false));
    assert!(greeting.ahead.unwrap().abs() < 60 && greeting.key.is_some());
}

#[tokio::test]
async fn behind_a_proxy_the_proxy_is_the_first_host() {
    let ours = Authority::new("company");
    let server = Server::secure(ours.serve("gateway.test", VALID), companies_at("Thu, 01 Jan 2015 00:00:00 GMT")).await;
    let proxy = Server::proxy(server.address).await;
    let network = Network { proxy: ProxyChoice::manual(&proxy.address.to_string()).unwrap(), ..believing(&ours).network };
    let probe = client("https://gateway.test", ClientOptions { network, ..believing(&ours) }).probe();
    assert!(probe.route().proxy.is_some_and(|found| found.manual && found.port == proxy.address.port()));
    assert_eq!(probe.resolve().await.unwrap(), [proxy.address]);
    let greeting = probe.greet().await.unwrap();
    assert!(greeting.ahead.unwrap() > 10 * 31_536_000, "{greeting:?}");
}

#[tokio::test]
async fn a_page_is_seen_and_nobody_there_is_told() {
    let portal = Server::answering("HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\nContent-Length: 0\r\n\r\n").await;
    let greeting = Probe::of(&format!("http://{}", portal.address), options()).unwrap().greet().await.unwrap();
    assert!(greeting.page && greeting.protocol.is_none());
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let probe = Probe::of(&format!("http://{gone}"), options()).unwrap();
    assert!(matches!(probe.connect(&[gone]).await, Err(ClientError::Unreachable(_))));
    let nowhere = Probe::of("https://no-such-host.invalid", options()).unwrap();
    assert_eq!(nowhere.resolve().await, Err(ClientError::NameUnknown));
    assert!(Probe::of("http://gateway.test", options()).is_err());
}
