//! The callback in both modes. Signing and sealing are written here again, from the documentation.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use cbc::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use piaoxia_wechat::{CallbackQuery, Incoming, Message, Options, Scene, WeChat, WeChatError};

use crate::platform::{AES_KEY, APPID, TOKEN, config};
use crate::signing::{event, now, query, signed, xml};

pub fn account(safe: bool) -> WeChat {
    WeChat::new(config("http://127.0.0.1:1", safe), Options::default()).unwrap()
}

fn key() -> [u8; 32] {
    // The last letter holds two bits more than the key.
    let engine = GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
    engine.decode(format!("{AES_KEY}=")).unwrap().try_into().unwrap()
}

fn blocks(bytes: &[u8]) -> Vec<Block<aes::Aes256>> {
    bytes.chunks(16).map(|chunk| Block::<aes::Aes256>::from(<[u8; 16]>::try_from(chunk).unwrap())).collect()
}

fn encrypt(xml: &str, appid: &str) -> String {
    let mut plain = [&[9; 16], &(xml.len() as u32).to_be_bytes()[..], xml.as_bytes(), appid.as_bytes()].concat();
    let padding = 32 - plain.len() % 32;
    plain.resize(plain.len() + padding, padding as u8);
    let mut blocks = blocks(&plain);
    let iv: [u8; 16] = key()[..16].try_into().unwrap();
    cbc::Encryptor::<aes::Aes256>::new(&key().into(), &iv.into()).encrypt_blocks(&mut blocks);
    STANDARD.encode(blocks.concat())
}

fn decrypt(text: &str) -> String {
    let mut blocks = blocks(&STANDARD.decode(text).unwrap());
    let iv: [u8; 16] = key()[..16].try_into().unwrap();
    cbc::Decryptor::<aes::Aes256>::new(&key().into(), &iv.into()).decrypt_blocks(&mut blocks);
    let plain = blocks.concat();
    let length = u32::from_be_bytes(plain[16..20].try_into().unwrap()) as usize;
    assert!(plain[20 + length..].starts_with(APPID.as_bytes()));
    String::from_utf8(plain[20..20 + length].to_vec()).unwrap()
}

/// Query and body of a delivery in the safe mode.
fn sealed(xml: &str, appid: &str, time: i64) -> (CallbackQuery, String) {
    let text = encrypt(xml, appid);
    let msg_signature = signed(vec![TOKEN.to_owned(), time.to_string(), "n1".to_owned(), text.clone()]);
    let body = format!("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{text}]]></Encrypt></xml>");
    (CallbackQuery { msg_signature, encrypt_type: "aes".to_owned(), ..query(time, "n1") }, body)
}

fn text(content: &str) -> String {
    xml(&format!("<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content><MsgId>42</MsgId>"))
}

pub fn open(account: &WeChat, body: &str, nonce: &str) -> Result<Incoming, WeChatError> {
    account.open(&query(now(), nonce), body.as_bytes())
}

#[test]
fn every_kind_of_message_is_typed() {
    let login = || Scene::Login("abc".to_owned());
    let cases = [
        (event("subscribe", "qrscene_login:abc"), Message::Subscribe { scene: Some(login()) }),
        (event("subscribe", ""), Message::Subscribe { scene: None }),
        (event("subscribe", "qrscene_0"), Message::Subscribe { scene: Some(Scene::Unknown("0".to_owned())) }),
        (event("SCAN", "login:abc"), Message::Scan { scene: login() }),
        (event("SCAN", "bind:x"), Message::Scan { scene: Scene::Bind("x".to_owned()) }),
        (event("SCAN", "key:y"), Message::Scan { scene: Scene::Key("y".to_owned()) }),
        (event("SCAN", "pay:1"), Message::Scan { scene: Scene::Unknown("pay:1".to_owned()) }),
        (event("unsubscribe", ""), Message::Unsubscribe),
        (event("CLICK", "me"), Message::Menu { key: "me".to_owned() }),
        (event("VIEW", "https://a.example/?b=1"), Message::View { url: "https://a.example/?b=1".to_owned() }),
        (event("LOCATION", ""), Message::Other { kind: "event:LOCATION".to_owned() }),
        (text("你好 <b>"), Message::Text { content: "你好 <b>".to_owned() }),
        (xml("<MsgType>image</MsgType><PicUrl>x</PicUrl><MsgId>1</MsgId>"), Message::Other { kind: "image".to_owned() }),
    ];
    let (plain, safe) = (account(false), account(true));
    for (number, (body, wanted)) in cases.into_iter().enumerate() {
        let incoming = open(&plain, &body, &number.to_string()).unwrap();
        assert_eq!((incoming.from.as_str(), incoming.to.as_str(), incoming.created), ("oPERSON", "gh_1", 1_700_000_000));
        assert_eq!(incoming.message, wanted);
        let (query, body) = sealed(&body, APPID, now());
        assert_eq!(safe.open(&query, body.as_bytes()).unwrap().message, wanted);
    }
}

#[test]
fn the_address_is_verified() {
    let account = account(true);
    let query = CallbackQuery { echostr: "5837397576500011341".to_owned(), ..query(now(), "n1") };
    assert_eq!(account.verify_url(&query).unwrap(), "5837397576500011341");
    let wrong = CallbackQuery { signature: "0".repeat(40), ..query.clone() };
    assert_eq!(account.verify_url(&wrong), Err(WeChatError::Signature));
    for echo in ["", "<script>", &"1".repeat(300)] {
        assert!(account.verify_url(&CallbackQuery { echostr: echo.to_owned(), ..query.clone() }).is_err());
    }
}

#[test]
fn wrong_signatures_and_old_ones_are_refused_in_both_modes() {
    let (plain, safe) = (account(false), account(true));
    let body = event("SCAN", "login:abc");
    for (time, nonce) in [(now() - 310, "a"), (now() + 310, "b")] {
        assert!(matches!(plain.open(&query(time, nonce), body.as_bytes()), Err(WeChatError::Stale { .. })));
        let (query, body) = sealed(&body, APPID, time);
        assert!(matches!(safe.open(&query, body.as_bytes()), Err(WeChatError::Stale { .. })));
    }
    assert!(plain.open(&query(now() - 290, "c"), body.as_bytes()).is_ok());
    let good = query(now(), "d");
    let forged = [
        CallbackQuery { signature: String::new(), ..good.clone() },
        CallbackQuery { signature: good.signature.to_uppercase(), ..good.clone() },
        CallbackQuery { nonce: "e".to_owned(), ..good.clone() },
        CallbackQuery { timestamp: (now() + 1).to_string(), ..good.clone() },
        CallbackQuery { nonce: "d".repeat(300), ..good.clone() },
        CallbackQuery::default(),
    ];
    for query in forged {
        assert_eq!(plain.open(&query, body.as_bytes()), Err(WeChatError::Signature));
    }
    let (query, sealed_body) = sealed(&body, APPID, now());
    for query in [
        CallbackQuery { msg_signature: "0".repeat(40), ..query.clone() },
        CallbackQuery { msg_signature: query.signature.clone(), ..query.clone() },
        CallbackQuery { nonce: "n2".to_owned(), ..query },
    ] {
        let error = safe.open(&query, sealed_body.as_bytes()).unwrap_err();
        assert!(error == WeChatError::Signature && error.is_forged());
    }
}

#[test]
fn digits_cannot_move_between_time_and_nonce() {
    // Both pairs are signed as the same text: token and 1700000000 and 17.
    let account = account(false);
    let time = now();
    let real = query(time, "17");
    let moved = CallbackQuery { timestamp: format!("17{time}"), nonce: String::new(), ..real };
    assert_eq!(account.open(&moved, event("SCAN", "login:abc").as_bytes()), Err(WeChatError::Signature));
}

#[test]
fn another_account_and_another_mode_are_refused() {
    let (plain, safe) = (account(false), account(true));
    let body = event("SCAN", "login:abc");
    let (query_of_other, other) = sealed(&body, "wx0123456789abcdee", now());
    assert_eq!(safe.open(&query_of_other, other.as_bytes()), Err(WeChatError::OtherAccount));
    assert_eq!(safe.open(&query(now(), "a"), body.as_bytes()), Err(WeChatError::Mode), "no weaker mode than the settings say");
    let (aes, sealed_body) = sealed(&body, APPID, now());
    assert_eq!(plain.open(&aes, sealed_body.as_bytes()), Err(WeChatError::Mode));
    let unsaid = CallbackQuery { encrypt_type: "raw".to_owned(), ..aes };
    assert_eq!(safe.open(&unsaid, sealed_body.as_bytes()), Err(WeChatError::Mode));
}

#[test]
fn a_plain_signature_serves_one_body() {
    let account = account(false);
    let query = query(now(), "one");
    assert!(account.open(&query, event("SCAN", "login:abc").as_bytes()).is_ok());
    assert!(account.open(&query, event("SCAN", "login:abc").as_bytes()).is_ok(), "the same again is a repetition");
    assert_eq!(account.open(&query, event("SCAN", "login:xyz").as_bytes()), Err(WeChatError::Replayed));
}

#[test]
fn hostile_bodies_are_refused() {
    let (plain, safe) = (account(false), account(true));
    let bomb = "<!DOCTYPE xml [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><xml><ToUserName>&b;</ToUserName></xml>".to_owned();
    let no_sender = "<xml><ToUserName>gh_1</ToUserName><CreateTime>1</CreateTime><MsgType>text</MsgType></xml>".to_owned();
    let deep = format!("<xml>{}", "<a>".repeat(10_000));
    for (number, body) in [bomb, no_sender, deep, String::new(), "<xml>".to_owned(), xml("")].into_iter().enumerate() {
        let error = open(&plain, &body, &number.to_string()).unwrap_err();
        assert!(matches!(error, WeChatError::Xml(_)) && !error.is_forged(), "{body:.50}");
        let (query, sealed_body) = sealed(&body, APPID, now());
        assert!(matches!(safe.open(&query, sealed_body.as_bytes()), Err(WeChatError::Xml(_))), "{body:.50}");
        assert!(safe.open(&query, body.as_bytes()).is_err());
    }
    let huge = text(&"x".repeat(1 << 20));
    assert!(matches!(open(&plain, &huge, "huge"), Err(WeChatError::MessageTooLarge { .. })));
    assert!(matches!(safe.open(&query(now(), "h"), huge.as_bytes()), Err(WeChatError::MessageTooLarge { .. })));
}

#[test]
fn replies_are_plain_or_sealed_and_hold_any_text() {
    let incoming = open(&account(false), &event("SCAN", "login:abc"), "1").unwrap();
    let reply = account(false).seal(&incoming, "a]]>b", "n9", 1_700_000_001);
    assert_eq!(
        reply,
        "<xml><ToUserName><![CDATA[oPERSON]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName><CreateTime>1700000001</CreateTime>\
         <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[a]]]]><![CDATA[>b]]></Content></xml>"
    );
    let sealed = account(true).seal(&incoming, "点此确认登录", "n9", 1_700_000_001);
    let inside = |name: &str| {
        let rest = sealed.split_once(&format!("<{name}>")).unwrap().1.split_once(&format!("</{name}>")).unwrap().0;
        rest.trim_start_matches("<![CDATA[").trim_end_matches("]]>").to_owned()
    };
    assert!(decrypt(&inside("Encrypt")).contains("<Content><![CDATA[点此确认登录]]></Content>"));
    assert_eq!((inside("TimeStamp").as_str(), inside("Nonce").as_str()), ("1700000001", "n9"));
    assert_eq!(inside("MsgSignature"), signed(vec![TOKEN.to_owned(), "1700000001".to_owned(), "n9".to_owned(), inside("Encrypt")]));
    let long = account(false).seal(&incoming, &"长".repeat(1_000), "n", 1);
    assert_eq!(long.matches('长').count(), 682, "2,048 bytes, whole characters");
}
