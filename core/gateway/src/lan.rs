//! The local network: where phones find the pages of this PC.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The phone pages, while phones are let in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PhonePages {
    /// Of their listener, which listens at all addresses.
    pub(crate) port: u16,
    /// This PC's address when phones were let in.
    pub(crate) first: IpAddr,
}

impl PhonePages {
    /// Where a phone finds them at this moment: the PC may be in another network than when phones were let in.
    pub(crate) fn url(&self) -> String {
        self.url_at(address())
    }

    /// In no network nothing leads here, and the first address is as good as any.
    fn url_at(&self, now: Option<IpAddr>) -> String {
        format!("http://{}", SocketAddr::from((now.unwrap_or(self.first), self.port)))
    }
}

/// This PC's address in the local network: the one that a packet to elsewhere would leave by. Nothing is sent.
pub(crate) fn address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // TEST-NET-1 (RFC 5737): an address that is nobody's.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_led_to_where_the_pc_is_now() {
        let pages = PhonePages { port: 4000, first: Ipv4Addr::new(192, 168, 1, 4).into() };
        assert_eq!(pages.url_at(Some(Ipv4Addr::new(10, 0, 0, 7).into())), "http://10.0.0.7:4000");
        assert_eq!(pages.url_at(None), "http://192.168.1.4:4000");
    }
}
