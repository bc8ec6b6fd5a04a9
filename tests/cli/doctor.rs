//! `doctor` and `diagnostics`.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::run::{Place, Run};

fn line<'a>(objects: &'a [Value], step: &str) -> &'a Value {
    objects.iter().find(|object| object["step"] == step).unwrap_or_else(|| panic!("no {step}: {objects:?}"))
}

#[test]
fn a_sound_pc_is_told_line_by_line_and_nothing_is_made() {
    let place = Place::new();
    let run = place.on_data(&["doctor"]).ends(0);
    assert!(run.out.contains("[正常] 磁盘空间") && run.out.contains("还没有台账") && run.err.is_empty(), "{}{}", run.out, run.err);
    assert!(!place.path("Data").exists(), "a check leaves nothing behind");
    let file = place.path("a.txt");
    fs::write(&file, "no invoice").unwrap();
    place.on_data(&["import", file.to_str().unwrap()]).ends(1);
    let objects = place.on_data(&["doctor", "--json"]).ends(0).objects();
    assert_eq!(objects.len(), 9);
    assert_eq!(line(&objects, "ledger")["found"], "ledgerSound");
    assert_eq!(line(&objects, "gateway")["found"], "insideProgram");
}

#[test]
fn the_first_bad_step_says_what_to_do_and_later_ones_are_not_reached() {
    let place = Place::new();
    let run = place.on_data(&["doctor", "--service", "https://no-such-host.invalid"]).ends(1);
    assert!(run.out.contains("[不通] 域名解析") && run.out.contains("DNS"), "{}", run.out);
    assert!(run.out.contains("[未检查] 网络连接"), "{}", run.out);
    // A page of a network where the service should be.
    let portal = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", portal.local_addr().unwrap());
    std::thread::Builder::new()
        .name("portal".to_owned())
        .spawn(move || {
            for stream in portal.incoming() {
                let mut stream = stream.unwrap();
                let mut asked = [0; 1024];
                let _asked = stream.read(&mut asked);
                let _sent =
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>");
            }
        })
        .unwrap();
    let objects = place.on_data(&["doctor", "--json", "--service", &address]).ends(1).objects();
    let gateway = line(&objects, "gateway");
    assert_eq!((&gateway["verdict"], &gateway["problem"]["what"]["fault"]), (&Value::from("bad"), &Value::from("captivePortal")));
}

#[test]
fn the_proxy_of_the_settings_is_the_one_that_is_checked() {
    let place = Place::new();
    fs::create_dir_all(place.path("Data")).unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    fs::write(place.path("Data/network.json"), format!(r#"{{"proxy":{{"kind":"manual","address":"{gone}"}}}}"#)).unwrap();
    let objects = place.on_data(&["doctor", "--json", "--service", "https://gateway.invalid"]).ends(1).objects();
    assert_eq!(line(&objects, "proxy")["address"], gone.to_string());
    assert_eq!(line(&objects, "connection")["problem"]["what"]["fault"], "proxy");
    fs::write(place.path("Data/network.json"), "{").unwrap();
    let run = place.on_data(&["doctor"]).ends(0);
    assert!(run.err.contains("network.json"), "{}", run.err);
}

#[test]
fn the_diagnostics_file_is_what_is_shown() {
    let place = Place::new();
    fs::create_dir_all(place.path("Data/logs")).unwrap();
    fs::write(place.path("Data/logs/piaoxia.2026-11-22.log"), "token=geheim of 91310115MALGJBW58Q\n").unwrap();
    let to = place.path("诊断.txt");
    let run = place.on_data(&["diagnostics", "--to", to.to_str().unwrap(), "--service", "https://u-no-such.invalid/x"]).ends(0);
    let written = fs::read_to_string(&to).unwrap();
    assert!(run.out.contains(written.trim_end()), "{}", run.out);
    assert!(written.contains("域名解析") && written.contains(env!("CARGO_PKG_VERSION")) && written.contains("token=[hidden] of ****W58Q"));
    assert!(!written.contains("geheim") && !written.contains("91310115MALGJBW58Q"), "{written}");
    let nowhere = place.path("no/such/folder.txt");
    let refused: Run = place.on_data(&["diagnostics", "--to", nowhere.to_str().unwrap()]);
    assert_eq!(refused.code, 6, "{}", refused.err);
}
