//! From a web server, over a connection that breaks.

use crate::releases::serve;
use crate::stick::{NEW, Stick};

#[test]
fn a_download_that_is_cut_goes_on_and_is_installed() {
    let stick = Stick::new();
    stick.publish(&stick.release(NEW), &stick.next);
    let (address, asked) = serve(stick.path("feed"), 2);
    let run = stick.run(&["update", "apply", "--from", &address, "--json"]).ends(0);
    assert_eq!(run.objects()[1]["next"], "0.2.0");
    let asked = asked.lock().unwrap();
    assert!(asked.len() == 3 && asked[0] == 0 && asked[1] > 0 && asked[2] > asked[1], "{asked:?}");
    stick.answers(NEW);
}
