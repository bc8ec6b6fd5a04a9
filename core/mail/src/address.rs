//! Addresses that mail is sent to and from.

use lettre::Address;

use crate::error::MailError;
use crate::escape::is_break;

/// Longest address of a forward path, RFC 5321 4.5.3.1.3 without its brackets.
const LONGEST: usize = 254;

/// Reads an address: `name@domain`, ASCII (servers without SMTPUTF8 refuse the rest), a domain with a dot, no quoted name
/// and no address literal.
///
/// # Errors
/// [`MailError::Control`] for a line break, else [`MailError::Address`].
pub(crate) fn parse(field: &'static str, text: &str) -> Result<Address, MailError> {
    if text.chars().any(is_break) {
        return Err(MailError::Control { field });
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~@".contains(&byte);
    if text.len() > LONGEST || !text.bytes().all(plain) || text.matches('@').count() != 1 {
        return Err(MailError::Address { field });
    }
    let address: Address = text.parse().map_err(|_| MailError::Address { field })?;
    let dotted = address.domain().split('.').count() > 1 && address.domain().split('.').all(|label| !label.is_empty());
    // Loopback servers of one machine know names without a dot.
    if dotted || address.domain() == "localhost" { Ok(address) } else { Err(MailError::Address { field }) }
}

/// True for an address that a mail can go to.
#[must_use]
pub fn is_address(text: &str) -> bool {
    parse("to", text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_tricks() {
        for good in ["a@b.cn", "first.last+tag@mail.example.com", "o'neil@example.com", "caiwu@xn--fiqs8s.example", "root@localhost"] {
            assert!(parse("to", good).is_ok(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in [
            "",
            "a",
            "a@",
            "@b.cn",
            "a@b",
            "a@b..cn",
            "a@b.cn,c@d.cn",
            "a@b.cn c@d.cn",
            "<a@b.cn>",
            "a <a@b.cn>",
            "a@b@c.cn",
            "\"a b\"@c.cn",
            "a@[127.0.0.1]",
            "财务@例子.cn",
            "a..b@c.cn",
            ".a@c.cn",
            "a@-b.cn",
            &long,
        ] {
            assert!(matches!(parse("to", bad), Err(MailError::Address { .. })), "{bad}");
        }
        for broken in ["a@b.cn\r\nBcc: c@d.cn", "a@b.cn\n", "\ra@b.cn", "a@b.cn\0"] {
            assert!(matches!(parse("to", broken), Err(MailError::Control { .. })), "{broken:?}");
        }
    }
}
