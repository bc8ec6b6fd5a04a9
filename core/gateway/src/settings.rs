//! What the operator of a gateway writes into a file beside its state.

use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use piaoxia_mail::MailConfig;
use piaoxia_wechat::Config as WeChatConfig;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::config::GatewayConfig;
use crate::disks::roots;
use crate::gateway::GatewayError;

const FILE: &str = "settings.toml";
/// What of it is secret: section and key.
pub const SECRETS: [&str; 4] = ["mail.password", "wechat.secret", "wechat.token", "wechat.encoding_aes_key"];
/// Longest file that is read, bytes.
const LIMIT: u64 = 64 << 10;

/// The file `settings.toml`. All of it may be left out.
///
/// ```toml
/// public_url = "https://tax.example.com"   # where phones reach the service, behind a proxy
/// proxy = "127.0.0.1"                      # whose X-Forwarded-For is believed
/// downloads = "/srv/piaoxia/release"       # release.json and its files, for the download page
/// disk_roots = "disk-roots"                # certificates of the authorities whose tax disks are taken; none without it
///
/// sandbox = false                          # true lets everybody read mails and answer for phones: for trying out alone
///
/// [mail]                                   # see `piaoxia_mail::MailConfig`
/// host = "smtp.example.com"
/// port = 465
/// security = "tls"
/// from = { name = "票匣", address = "notice@example.com" }
///
/// [wechat]                                 # see `piaoxia_wechat::Config`; needs public_url
/// appid = "wx0123456789abcdef"
/// secret = "…"
/// token = "…"
/// ```
///
/// The [`SECRETS`] among it may be left out and come from the vault instead.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    public_url: Option<String>,
    downloads: Option<PathBuf>,
    proxy: Option<IpAddr>,
    disk_roots: Option<PathBuf>,
    sandbox: Option<bool>,
    mail: Option<MailConfig>,
    wechat: Option<WeChatConfig>,
}

impl GatewayConfig {
    /// The same with what the operator wrote into `settings.toml` of the data folder; without the file nothing changes. Reads
    /// a file: call it where that may be done. `kept` are those of the [`SECRETS`] that lie in the vault; what the file says
    /// itself comes first.
    ///
    /// # Errors
    /// [`GatewayError::Settings`]; secrets are not repeated.
    pub fn with_settings(self, kept: &[(String, Zeroizing<String>)]) -> Result<Self, GatewayError> {
        let Some(path) = self.data_dir.as_ref().map(|folder| folder.join(FILE)) else { return Ok(self) };
        let Some(text) = text_of(&path).map_err(|reason| fault(&path, reason))? else { return Ok(self) };
        let settings = parse(&text, kept).map_err(|reason| fault(&path, reason))?;
        let home = path.parent().unwrap_or(Path::new(""));
        let disk_roots = settings.disk_roots.map(|folder| roots::read(&home.join(folder))).transpose();
        let disk_roots = disk_roots.map_err(|reason| fault(&path, reason))?;
        // The sandbox's controls are for the person at this PC: they show mails and codes, and confirm without a phone.
        let is_private = self.secret.is_some() || settings.public_url.is_none();
        Ok(Self {
            sandbox: settings.sandbox.unwrap_or(self.sandbox && is_private),
            proxy: settings.proxy.or(self.proxy),
            public_url: settings.public_url.or(self.public_url),
            downloads: settings.downloads.or(self.downloads),
            disk_roots: disk_roots.unwrap_or(self.disk_roots),
            mail: settings.mail.or(self.mail),
            wechat: settings.wechat.or(self.wechat),
            ..self
        })
    }
}

fn fault(path: &Path, reason: String) -> GatewayError {
    GatewayError::Settings { path: path.to_owned(), reason }
}

fn text_of(path: &Path) -> Result<Option<Zeroizing<String>>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut text = Zeroizing::new(String::new());
    let length = file.take(LIMIT + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if length as u64 > LIMIT { Err(format!("larger than {LIMIT} bytes")) } else { Ok(Some(text)) }
}

fn parse(text: &str, kept: &[(String, Zeroizing<String>)]) -> Result<Settings, String> {
    // `message` leaves out the excerpt of the file that the whole error shows.
    let said = |error: toml::de::Error| error.message().to_owned();
    let mut table: toml::Table = toml::from_str(text).map_err(said)?;
    for (name, value) in kept {
        let place = name.split_once('.').filter(|_| SECRETS.contains(&name.as_str()));
        if let Some((section, key)) = place
            && let Some(toml::Value::Table(section)) = table.get_mut(section)
        {
            section.entry(key).or_insert_with(|| toml::Value::String(value.to_string()));
        }
    }
    let settings: Settings = table.try_into().map_err(said)?;
    if let Some(mail) = &settings.mail {
        mail.check().map_err(|error| error.to_string())?;
    }
    if let Some(wechat) = &settings.wechat {
        wechat.check().map_err(|error| error.to_string())?;
        if settings.public_url.is_none() {
            return Err("wechat needs public_url: the platform calls back there".to_owned());
        }
    }
    match &settings.public_url {
        Some(url) if !is_origin(url) => Err("public_url: https://host[:port] in small letters, without a path".to_owned()),
        _ => Ok(settings),
    }
}

/// An origin as browsers write it (RFC 6454, 6.2), which forms are compared with: no path, no capital letter, no default port.
fn is_origin(url: &str) -> bool {
    let (rest, default) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (rest, ":443"),
        (_, Some(rest)) => (rest, ":80"),
        _ => return false,
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    !rest.is_empty() && rest.bytes().all(plain) && !rest.ends_with(default)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use std::sync::Arc;

    use piaoxia_service::contract::SandboxSize;
    use piaoxia_taxdisk::sim::Authority;

    use crate::connectors::sim::SimConnector;

    const WECHAT: &str = "[wechat]\nappid = 'wx0123456789abcdef'\nsecret = 'topsecret1'\ntoken = 'abc'\n";

    fn settled(text: Option<&str>) -> Result<GatewayConfig, GatewayError> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = text {
            std::fs::write(folder.path().join(FILE), text).unwrap();
        }
        let connector = Arc::new(SimConnector::quick(SandboxSize { seed: 1, invoices: 10 }));
        GatewayConfig { data_dir: Some(folder.path().to_owned()), ..GatewayConfig::new(connector) }.with_settings(&[])
    }

    #[test]
    fn a_file_sets_what_it_names() {
        let bare = settled(None).unwrap();
        assert!(bare.mail.is_none() && bare.wechat.is_none() && bare.public_url.is_none());
        let mail = "[mail]\nhost = '127.0.0.1'\nport = 25\nsecurity = 'none'\nfrom = { name = '票匣', address = 'n@example.com' }\n";
        let whole =
            settled(Some(&format!("public_url = 'https://tax.example.com'\nproxy = '127.0.0.1'\ndownloads = '/srv'\n{mail}{WECHAT}")))
                .unwrap();
        assert_eq!(whole.public_url.as_deref(), Some("https://tax.example.com"));
        assert_eq!((whole.sandbox, whole.proxy), (false, Some(IpAddr::from([127, 0, 0, 1]))));
        assert_eq!(whole.mail.unwrap().port, 25);
        assert_eq!(whole.wechat.unwrap().appid, "wx0123456789abcdef");
        assert_eq!(whole.downloads, Some(PathBuf::from("/srv")));
    }

    #[test]
    fn whoever_serves_the_public_shows_no_sandbox_unless_she_says_so() {
        let (folder, public) = (tempfile::tempdir().unwrap(), "public_url = 'https://x.example'\n");
        let settled = |text: &str, secret: Option<&str>| {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            let config = GatewayConfig::sandbox(SandboxSize { seed: 1, invoices: 10 }, Some(folder.path().to_owned()));
            GatewayConfig { secret: secret.map(str::to_owned), ..config }.with_settings(&[]).unwrap().sandbox
        };
        assert!(settled("", None) && settled(public, Some("s")) && !settled(public, None));
        assert!(settled(&format!("{public}sandbox = true"), None));
    }

    #[test]
    fn authorities_of_disks_come_from_a_folder_beside_the_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "disk_roots = 'roots'").unwrap();
        let roots = folder.path().join("roots");
        let connector = || Arc::new(SimConnector::quick(SandboxSize { seed: 1, invoices: 10 }));
        let settled = || GatewayConfig { data_dir: Some(folder.path().to_owned()), ..GatewayConfig::new(connector()) }.with_settings(&[]);
        let refused = |wanted: &str| match settled().map(drop) {
            Err(GatewayError::Settings { reason, .. }) => assert!(reason.contains(wanted), "{reason}"),
            other => panic!("{wanted}: {other:?}"),
        };
        refused("roots");
        std::fs::create_dir(&roots).unwrap();
        std::fs::write(roots.join("README.txt"), "not looked at").unwrap();
        refused("no certificate");
        let root = Authority::new(1).unwrap().root_certificate().to_vec();
        std::fs::write(roots.join("a.CER"), &root).unwrap();
        assert_eq!(settled().unwrap().disk_roots.len(), 1);
        std::fs::write(roots.join("b.pem"), "damaged").unwrap();
        refused("b.pem");
        std::fs::write(roots.join("b.pem"), vec![0; 2 << 20]).unwrap();
        refused("b.pem");
    }

    #[test]
    fn secrets_that_are_left_out_come_from_the_vault() {
        let kept = |name: &str, value: &str| (name.to_owned(), Zeroizing::new(value.to_owned()));
        let kept = [kept("mail.password", "of the vault"), kept("wechat.secret", "ofthevault"), kept("mail.host", "evil.example")];
        let mail = "host = '127.0.0.1'\nport = 25\nsecurity = 'none'\nuser = 'u'\nfrom = { name = '票匣', address = 'n@example.com' }\n";
        let password = |text: &str| parse(text, &kept).unwrap().mail.unwrap().password.unwrap().to_string();
        assert_eq!(password(&format!("[mail]\n{mail}")), "of the vault");
        assert_eq!(password(&format!("[mail]\npassword = 'of the file'\n{mail}")), "of the file");
        assert_eq!(parse(&format!("[mail]\n{mail}"), &kept).unwrap().mail.unwrap().host, "127.0.0.1");
        let wechat = format!("public_url = 'https://x.example'\n{}", WECHAT.replace("secret = 'topsecret1'\n", ""));
        assert!(parse(&wechat, &[]).is_err() && parse(&wechat, &kept).is_ok());
        assert!(parse("", &kept).unwrap().mail.is_none(), "a section that is not there is not made");
    }

    #[test]
    fn a_wrong_file_is_named_and_repeats_no_secret() {
        let cases = [
            (WECHAT.to_owned(), "public_url"),
            (format!("public_url = 'tax.example.com'\n{WECHAT}"), "public_url"),
            (format!("public_url = 'https://u@x'\n{WECHAT}"), "public_url"),
            ("public_url = 'https://x.example/px'".to_owned(), "public_url"),
            ("public_url = 'https://X.example'".to_owned(), "public_url"),
            ("public_url = 'https://x.example:443'".to_owned(), "public_url"),
            (format!("public_url = 'https://x'\n{}", WECHAT.replace("abc", "a")), "token"),
            ("[mail]\nhost = 'a b'\nport = 25\nsecurity = 'tls'\nfrom = { name = 'x', address = 'n@example.com' }".to_owned(), "host"),
            ("[mail]\npassword = topsecret1".to_owned(), ""),
            ("smtp = 1".to_owned(), "smtp"),
            ("x".repeat(70_000), "larger"),
        ];
        for (text, wanted) in cases {
            let Err(GatewayError::Settings { path, reason }) = settled(Some(&text)).map(drop) else { panic!("{wanted} was taken") };
            assert!(path.ends_with(FILE) && reason.contains(wanted) && !reason.contains("topsecret1"), "{wanted}: {reason}");
        }
    }
}
