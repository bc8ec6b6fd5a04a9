//! What no log and no report may hold does not come through, whatever stands around it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use piaoxia_domain::redact::{redact, redact_lines};
use proptest::prelude::*;

#[test]
fn secrets_are_hidden_and_what_helps_is_kept() {
    for (text, shown) in [
        ("tax number 91310115MALGJBW58Q refused", "tax number ****W58Q refused"),
        ("invoice 26312000000012345678.xml", "invoice ****5678.xml"),
        ("No263120000000123a", "No****0123a"),
        ("id 11010519491231002X and 110105194912310021", "id [id card] and [id card]"),
        ("tel 13812345678, +8613812345678, 138 1234 5678", "tel [phone], +[phone], ****5678"),
        ("account 6222 0000 1111 2222 333", "account ****2333"),
        ("code ABCD-EFGH-JKMN-PQRS-TV", "code [token]"),
        ("to wang.kuaiji@example.com.cn.", "to [mail]."),
        ("https://user:pw@host.example/p/a?ticket=1&x=2#frag", "https://[hidden]@host.example/p/a?[hidden]"),
        ("GET /p/login?t=abc HTTP", "GET /p/login?[hidden] HTTP"),
        ("password=hunter2 next", "password=[hidden] next"),
        (r#"{"refreshToken":"a b","n":1}"#, r#"{"refreshToken":[hidden],"n":1}"#),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        ("密码：海上明月 继续", "密码：[hidden] 继续"),
        ("session 5f2b8c1d9e0a47b3a6c5d4e3f2a1b0c9", "session [token]"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "[token]"),
        ("550e8400-e29b-41d4-a716-446655440000", "[token]"),
        ("two\nlines\u{1b}[31m\u{202e}", "two\\u{a}lines\\u{1b}[31m\\u{202e}"),
        ("１３８１２３４５６７８", "[phone]"),
    ] {
        assert_eq!(redact(text), shown);
    }
    for kept in [
        "2026-11-29T18:54:35.123456Z  INFO piaoxia_engine::download: started version=\"0.1.0+99ef7ca123\" system=\"linux\"",
        "x86_64-unknown-linux-gnu 127.0.0.1:43127 12,345.67 共 3000 张",
        "the ledger was not closed in order; it is checked at the next start error=io: 磁盘已满",
    ] {
        assert_eq!(redact(kept), kept);
    }
    assert_eq!(redact_lines("a\r\nb\tc"), "a\nb\\u{9}c\n");
}

/// What may stand before and after a secret.
fn around() -> impl Strategy<Value = (String, String)> {
    let text = prop_oneof!["[ -~]{0,12}", "\\PC{0,12}", "[\\x00-\\x1f]{0,4}", "[一-龥，。：“”（）]{0,8}"];
    let gap = prop_oneof![Just(" "), Just(", "), Just("\""), Just("("), Just("（"), Just("\n"), Just("。")];
    (text.clone(), gap.clone(), gap, text).prop_map(|(a, b, c, d)| (a + b, c.to_owned() + &d))
}

proptest! {
    #[test]
    fn numbers_and_tokens_never_come_through(
        (before, after) in around(),
        secret in prop_oneof![
            "[0-9]{15,20}",
            "9[1-3][0-9]{6}[0-9A-HJ-NP-RT-UW-Y]{10}",
            "[1-6][0-9]{5}19[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{3}[0-9X]",
            "1[3-9][0-9]{9}",
            "[0-9a-f]{32}",
            "[0-9a-f]{64}",
            "[A-Z2-9]{4}-[A-Z]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z]{2}",
            "[a-z][a-z0-9.]{2,8}@[a-z]{3,8}\\.(com|cn)",
        ],
    ) {
        let said = redact(&format!("{before}{secret}{after}"));
        prop_assert!(!said.contains(&secret), "{said}");
        if secret.len() >= 15 {
            prop_assert!(!said.contains(&secret[..secret.len() - 5]), "{said}");
        }
    }

    #[test]
    fn what_a_key_names_never_comes_through(
        (before, after) in around(),
        key in prop_oneof![
            Just("password="), Just("\"password\":\""), Just("refresh_token: "), Just("口令："), Just("Bearer "), Just("Cookie: "),
            Just("password=\\\""), Just("token = '"),
        ],
        secret in "[!-~&&[^\"'`,;&}=:\\\\]]{1}[A-Za-z0-9!#$%*+./<>?@_~-]{7,20}",
    ) {
        let said = redact(&format!("{before}{key}{secret}{after}"));
        prop_assert!(!said.contains(&secret), "{said}");
    }

    #[test]
    fn any_text_comes_out_on_one_line_and_twice_is_once(text in "\\PC{0,200}|[\\x00-\\x7f]{0,200}") {
        let said = redact(&text);
        prop_assert!(!said.chars().any(char::is_control));
        prop_assert_eq!(redact(&said), said);
    }

    #[test]
    fn the_query_of_an_address_never_comes_through(host in "[a-z]{3,10}\\.cn", path in "[a-z]{0,8}", secret in "[a-zA-Z0-9]{6,12}") {
        for sign in ['?', '#'] {
            let said = redact(&format!("at https://{host}/{path}{sign}{secret} done"));
            prop_assert!(!said.contains(&secret) && said.contains(&host), "{}", said);
        }
    }
}
