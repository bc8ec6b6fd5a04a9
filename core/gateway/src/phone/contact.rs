//! The contact of an application as it was typed, each field checked.

use std::collections::BTreeMap;

use piaoxia_mail::is_address;

use crate::state::Contact;
use crate::words::shown;

/// What can be upgraded with.
pub(super) const PRODUCTS: [&str; 3] = ["票匣客户端", "票匣客户端（代账机构）", "其他"];

/// What was typed.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) email: String,
    pub(super) product: String,
    pub(super) name: String,
    pub(super) phone: String,
}

impl Typed {
    /// Full-width letters become half-width where no Chinese is meant.
    pub(super) fn new(email: &str, product: &str, name: &str, phone: &str) -> Self {
        let half = |text: &str| text.trim().chars().map(piaoxia_domain::tax_number::half_width).collect::<String>();
        Self {
            email: half(email),
            product: product.trim().to_owned(),
            name: shown(name, 40),
            phone: half(phone).chars().filter(|c| !c.is_whitespace() && *c != '-').collect(),
        }
    }

    /// What is wrong, by field.
    pub(super) fn faults(&self) -> BTreeMap<&'static str, &'static str> {
        let checks = [
            ("email", is_address(&self.email), "请填写正确的邮箱，例如 caiwu@example.com。"),
            ("product", PRODUCTS.contains(&self.product.as_str()), "请选择使用的产品。"),
            ("name", (1..=20).contains(&self.name.chars().count()), "请填写联系人姓名，1 到 20 个字。"),
            ("phone", is_phone(&self.phone), "请填写 11 位手机号。"),
        ];
        checks.into_iter().filter(|(_, fits, _)| !fits).map(|(field, _, fault)| (field, fault)).collect()
    }

    /// The contact, when nothing is wrong.
    pub(super) fn contact(&self) -> Option<Contact> {
        let contact =
            || Contact { email: self.email.clone(), product: self.product.clone(), name: self.name.clone(), phone: self.phone.clone() };
        self.faults().is_empty().then(contact)
    }
}

/// A mobile number of the mainland.
fn is_phone(text: &str) -> bool {
    text.len() == 11 && text.starts_with('1') && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn addresses_are_checked() {
        for good in ["caiwu@example.com", "a.b+c@mail.example.com.cn", "x@a-b.cn"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "caiwu",
            "@example.com",
            "a@b",
            "a b@example.com",
            "a@example..com",
            "a@-x.cn",
            ".a@x.cn",
            "a@x.cn\r\nBcc: b@y.cn",
            "a@b@c.cn",
            "财务@x.cn",
            "\"a\"@x.cn",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(!is_address(&format!("{}@example.com", "a".repeat(65))));
    }

    #[test]
    fn every_field_has_its_fault_and_full_width_is_taken() {
        assert_eq!(Typed::default().faults().len(), 4);
        let typed = Typed::new(" ｃａｉｗｕ＠example.com ", PRODUCTS[0], " 王芳 ", "１３８ ０００００００１");
        assert!(typed.faults().is_empty());
        let typed = Typed::new("caiwu@example.com", PRODUCTS[0], "王芳", "1380000000");
        assert!(typed.faults().keys().eq(["phone"].iter()));
        let typed = Typed::new("caiwu@example.com", PRODUCTS[0], "王芳", "138-0000-0001");
        assert_eq!(typed.contact().unwrap().phone, "13800000001");
    }
}
