//! The matrix of TLS: who is believed, who is not, and by which name the reason goes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use piaoxia_service::{ClientError, ClientOptions, Network, Pin, ProxyChoice, TlsFault};
use ring::digest::{SHA256, digest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::rustls::server::ParsedCertificate;

use crate::certificates::{Authority, FUTURE, Identity, PAST, VALID, self_signed};
use crate::server::{Server, believing, client, companies, companies_at, options};

const HERE: &str = "127.0.0.1";
/// Seconds of a year, roughly.
const YEAR: i64 = 31_536_000;

/// What the client makes of a server with this identity.
async fn asked(identity: Identity, answer: String, options: ClientOptions) -> Result<(), ClientError> {
    let server = Server::secure(identity, answer).await;
    client(&format!("https://{}", server.address), options).companies().await.map(drop)
}

fn fault(result: Result<(), ClientError>) -> TlsFault {
    match result {
        Err(ClientError::Tls { fault, .. }) => fault,
        other => panic!("not refused by TLS: {other:?}"),
    }
}

#[tokio::test]
async fn who_proves_who_he_is_is_believed() {
    let authority = Authority::new("company");
    assert_eq!(asked(authority.serve(HERE, VALID), companies(), believing(&authority)).await, Ok(()));
}

#[tokio::test]
async fn strangers_are_refused_by_name() {
    let (ours, theirs) = (Authority::new("company"), Authority::new("somebody"));
    let rows = [
        ("another host", ours.serve("other.test", VALID), believing(&ours), TlsFault::OtherHost),
        ("an unknown authority", theirs.serve(HERE, VALID), believing(&ours), TlsFault::UnknownIssuer),
        ("one that is believed nowhere", ours.serve(HERE, VALID), options(), TlsFault::UnknownIssuer),
        ("self-signed", self_signed(HERE), believing(&ours), TlsFault::UnknownIssuer),
        ("run out", ours.serve(HERE, PAST), believing(&ours), TlsFault::Expired),
        ("not begun", ours.serve(HERE, FUTURE), believing(&ours), TlsFault::Expired),
    ];
    for (name, identity, options, expected) in rows {
        assert_eq!(fault(asked(identity, companies(), options).await), expected, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_clock_is_told_from_an_old_certificate() {
    let ours = Authority::new("company");
    let in_2020 = companies_at("Mon, 01 Jun 2020 00:00:00 GMT");
    let TlsFault::Clock { ahead } = fault(asked(ours.serve(HERE, PAST), in_2020, believing(&ours)).await) else { panic!("no clock") };
    assert!(ahead > 6 * YEAR, "this PC is years ahead: {ahead}");
    let in_2091 = companies_at("Fri, 01 Jun 2091 00:00:00 GMT");
    let TlsFault::Clock { ahead } = fault(asked(ours.serve(HERE, FUTURE), in_2091, believing(&ours)).await) else { panic!("no clock") };
    assert!(ahead < -60 * YEAR, "this PC is years behind: {ahead}");
    // A server whose own time does not fit its certificate has no say.
    let in_1999 = companies_at("Tue, 01 Jun 1999 00:00:00 GMT");
    assert_eq!(fault(asked(ours.serve(HERE, FUTURE), in_1999, believing(&ours)).await), TlsFault::Expired);
    let no_time = companies().replace("Date", "X-Date");
    assert!(matches!(fault(asked(ours.serve(HERE, PAST), no_time, believing(&ours)).await), TlsFault::Time { .. }));
}

#[tokio::test]
async fn an_empty_battery_does_not_keep_anybody_out() {
    let ours = Authority::new("company");
    let server = Server::secure(ours.serve(HERE, FUTURE), companies_at("Fri, 01 Jun 2091 00:00:00 GMT")).await;
    let built = "2090-06-01T00:00:00Z".parse().ok();
    let client = client(&format!("https://{}", server.address), ClientOptions { built, ..believing(&ours) });
    assert_eq!(client.companies().await, Ok(Vec::new()));
    assert!(client.clock_ahead().unwrap() < -60 * YEAR, "and it is told");
}

#[tokio::test]
async fn old_tls_and_none_at_all_are_refused() {
    // What a server says that knows TLS 1.1 alone: alert protocol_version (RFC 5246, 7.2.2).
    let alert = Server::start(|mut stream| async move {
        let mut hello = [0; 512];
        let _hello = stream.read(&mut hello).await?;
        stream.write_all(&[0x15, 3, 2, 0, 2, 2, 70]).await
    })
    .await;
    // The same by a ServerHello of TLS 1.1 (RFC 4346): version 3.2, no session, TLS_RSA_WITH_AES_128_CBC_SHA.
    let hello = Server::start(|mut stream| async move {
        let mut read = [0; 512];
        let _hello = stream.read(&mut read).await?;
        let body = [&[3, 2][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
        let message = [&[2, 0, 0, u8::try_from(body.len()).unwrap_or_default()][..], &body].concat();
        let record = [&[0x16, 3, 2, 0, u8::try_from(message.len()).unwrap_or_default()][..], &message].concat();
        stream.write_all(&record).await?;
        stream.read(&mut read).await.map(drop)
    })
    .await;
    for server in [alert, hello] {
        let asked = client(&format!("https://{}", server.address), options()).companies().await.map(drop);
        assert_eq!(fault(asked), TlsFault::TooOld);
    }
    let plain = Server::answering(companies()).await;
    let asked = client(&format!("https://{}", plain.address), options()).companies().await;
    assert!(asked.is_err());
    for address in ["http://gateway.test", "http://192.168.1.4:8787", "http://10.0.0.1/px"] {
        assert!(matches!(piaoxia_service::Client::new(address, None), Err(ClientError::Address(_))), "{address}");
    }
}

fn key_of(identity: &Identity) -> String {
    let parsed = ParsedCertificate::try_from(&identity.chain[0]).unwrap();
    STANDARD.encode(digest(&SHA256, parsed.subject_public_key_info().as_ref()))
}

#[tokio::test]
async fn a_fixed_key_is_the_only_one() {
    let ours = Authority::new("company");
    let pinned = |host: &str, keys: Vec<String>| {
        let mut options = believing(&ours);
        options.network.pin = Some(Pin { host: host.to_owned(), keys });
        options
    };
    let (identity, other) = (ours.serve(HERE, VALID), ours.serve(HERE, VALID));
    let (key, new_key) = (key_of(&identity), key_of(&other));
    let server = Server::secure(identity, companies()).await;
    let base = format!("https://{}", server.address);
    assert_eq!(client(&base, believing(&ours)).probe().greet().await.unwrap().key, Some(key.clone()), "what is fixed is what is shown");
    assert_eq!(client(&base, pinned(HERE, vec![new_key.clone(), key.clone()])).companies().await, Ok(Vec::new()));
    let refused = client(&base, pinned(HERE, vec![new_key])).companies().await.map(drop);
    assert_eq!(fault(refused), TlsFault::OtherKey);
    assert_eq!(client(&base, pinned("elsewhere.test", vec![key_of(&other)])).companies().await, Ok(Vec::new()));
    // A fixed key makes nobody believed who is not.
    let mut alone = options();
    alone.network.pin = Some(Pin { host: HERE.to_owned(), keys: vec![key] });
    assert_eq!(fault(client(&base, alone).companies().await.map(drop)), TlsFault::UnknownIssuer);
}

#[tokio::test]
async fn a_company_looks_into_its_connections_only_with_its_own_certificate() {
    let (company, public) = (Authority::new("company"), Authority::new("public"));
    let inside = Server::secure(company.serve("gateway.test", VALID), companies()).await;
    let proxy = Server::proxy(inside.address).await;
    let through = |options: ClientOptions| {
        let proxy = ProxyChoice::manual(&proxy.address.to_string()).unwrap();
        let network = Network { proxy, ..options.network.clone() };
        client("https://gateway.test", ClientOptions { network, ..options })
    };
    assert_eq!(fault(through(believing(&public)).companies().await.map(drop)), TlsFault::UnknownIssuer);
    assert_eq!(through(believing(&company)).companies().await, Ok(Vec::new()));
    assert!(proxy.connections() >= 2, "both went through it");
    // Settings that are changed hold from the next call on.
    let client = through(believing(&public));
    assert!(client.companies().await.is_err());
    let network = Network { roots: believing(&company).network.roots, ..client.options().network };
    client.set_network(network).unwrap();
    assert_eq!(client.companies().await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_proxy_that_refuses_is_not_the_service() {
    let refusals = [
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\n\r\n",
        "<html>",
    ];
    let through = |address: std::net::SocketAddr| {
        let network = Network { proxy: ProxyChoice::manual(&address.to_string()).unwrap(), ..Network::default() };
        client("https://gateway.test", ClientOptions { network, ..options() })
    };
    for refusal in refusals {
        let proxy = Server::answering(refusal).await;
        let refused = through(proxy.address).companies().await;
        assert!(matches!(refused, Err(ClientError::Proxy(_))), "{refusal}: {refused:?}");
    }
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = through(gone).companies().await;
    assert!(matches!(refused, Err(ClientError::Proxy(_))), "{refused:?}");
}
