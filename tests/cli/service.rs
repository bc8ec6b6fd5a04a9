//! `download` and `gateway`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};

use jiff::{Timestamp, ToSpan};
use piaoxia_domain::period::shanghai_day;
use serde_json::Value;

use crate::run::{Place, Run};

#[test]
fn a_download_without_a_session_needs_a_person() {
    let place = Place::new();
    let line =
        ["download", "--company", "91310115MALGJBW58Q", "--scope", "received", "--from", "2026-01-01", "--to", "2026-01-31", "--json"];
    let run = place.on_data(&line).ends(3);
    let [object] = run.objects().try_into().expect("one object");
    assert_eq!(object["error"]["code"], "needsPerson");
    assert!(run.err.contains("扫码登录"), "{}", run.err);
}

#[test]
fn the_sandbox_phone_downloads_into_the_ledger() {
    let place = Place::new();
    let (to, company) = (shanghai_day(Timestamp::now()).yesterday().unwrap(), companies(&place).remove(0));
    let (from, to) = (to.saturating_sub(9.days()).to_string(), to.to_string());
    let line = ["download", "--company", &company, "--scope", "received", "--from", &from, "--to", &to, "--sandbox-phone", "--json"];
    let events = place.on_data(&line).ends(0).objects();
    let (counted, finished) = (&events[0], events.last().unwrap());
    assert_eq!((&counted["event"], &finished["event"]), (&Value::from("counted"), &Value::from("finished")));
    assert_eq!((&finished["state"], &finished["gross"]), (&Value::from("done"), &counted["gross"]));
    assert!(finished["originals"].as_u64().unwrap() > 0);
    let listed = place.on_data(&["list", "--json", "--company", &company, "--direction", "received"]).ends(0).objects();
    assert_eq!(listed.len() as u64, counted["invoices"].as_u64().unwrap());
    let again = place.on_data(&line).ends(0).objects();
    assert_eq!(again.last().unwrap()["new"], 0);

    let mut other = line;
    other[2] = "91110000100000000X";
    place.on_data(&other).ends(2);
}

#[test]
fn since_last_time_needs_no_days_and_brings_nothing_twice() {
    let place = Place::new();
    let company = companies(&place).remove(0);
    let line = ["download", "--company", &company, "--since-last", "--refresh", "--no-originals", "--sandbox-phone", "--json"];
    let finished = |run: Run| -> Vec<Value> { run.objects().into_iter().filter(|object| object["event"] == "finished").collect() };
    let first = finished(place.on_data(&line).ends(0));
    let scopes: Vec<&str> = first.iter().map(|one| one["scope"].as_str().unwrap()).collect();
    assert_eq!(scopes, ["received", "issued", "deductible"]);
    assert!(first.iter().take(2).all(|one| one["new"].as_u64().unwrap() > 0 && one["company"] == company.as_str()), "{first:?}");
    let yesterday = shanghai_day(Timestamp::now()).yesterday().unwrap().to_string();
    assert!(first.iter().all(|one| one["to"] == yesterday.as_str()));
    let again = finished(place.on_data(&line).ends(0));
    assert!(again.iter().all(|one| one["invoices"] == 0 && one["state"] == "done"), "{again:?}");

    // Of these days alone, and one scope.
    let day = ["download", "--company", &company, "--since-last", "--scope", "issued", "--from", &yesterday, "--to", &yesterday, "--json"];
    let sandbox: Vec<&str> = day.into_iter().chain(["--sandbox-phone", "--no-originals"]).collect();
    assert_eq!(finished(place.on_data(&sandbox).ends(0)).len(), 1);
    place.on_data(&["download", "--company", &company, "--scope", "issued", "--json"]).ends(2);
    place.on_data(&["download", "--company", &company, "--since-last", "--from", &yesterday, "--json"]).ends(2);
}

/// Tax numbers of the sandbox's companies.
pub fn companies(place: &Place) -> Vec<String> {
    let today = shanghai_day(Timestamp::now());
    let bureau = piaoxia_bureau::Bureau::new(piaoxia_bureau::BureauConfig::new(1, 3000, today));
    assert!(!place.path("Data").exists());
    bureau.sandbox_companies().iter().map(|company| company.tax_no.as_str().to_owned()).collect()
}

/// Ends the process whatever becomes of the test.
struct Running(Option<Child>);

impl Running {
    fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _killed = child.kill();
        }
    }
}

#[cfg(unix)]
#[test]
fn the_gateway_serves_alone_and_stops_when_asked() {
    let place = Place::new();
    let data = place.data();
    let line = ["gateway", "--listen", "127.0.0.1:0", "--invoices", "50", "--data", &data, "--json"];
    let mut running = Running(Some(place.start(&line)));
    let mut first = String::new();
    BufReader::new(running.child().stdout.take().unwrap()).read_line(&mut first).unwrap();
    let told: Value = serde_json::from_str(&first).unwrap();
    let address = told["address"].as_str().unwrap().trim_start_matches("http://").to_owned();
    assert_eq!(told["openapi"], format!("http://{address}/v1/openapi.json"));

    let (status, body) = get(&address, &address, "/v1/openapi.json");
    assert_eq!(status, 200);
    let document: Value = serde_json::from_str(&body).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let (status, _) = get(&address, "evil.example", "/v1/openapi.json");
    assert!((400..500).contains(&status), "another host's page is not served: {status}");

    // Its folder is taken, its port too.
    let second = place.on_data(&["list", "--json"]).ends(6);
    assert_eq!(second.objects()[0]["error"]["code"], "store.inUse");
    assert!(second.err.contains("正被"), "{}", second.err);
    let elsewhere = place.path("Other").to_str().unwrap().to_owned();
    place.run(&["gateway", "--listen", &address, "--data", &elsewhere]).ends(2);

    let pid = running.child().id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let ended = Run::from(running.0.take().unwrap().wait_with_output().unwrap()).ends(0);
    assert_eq!(ended.err, "");
    place.on_data(&["list"]).ends(0);
}

fn get(address: &str, host: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
