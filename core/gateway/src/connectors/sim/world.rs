//! The simulated world in the contract's terms.

use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use piaoxia_bureau::{AccountNo, Bureau, BureauConfig, CompanyNo, Outage, Taxpayer};
use piaoxia_domain::Region;
use piaoxia_domain::period::shanghai_day;
use piaoxia_files::durable_write;
use piaoxia_service::contract::{Company, Entitlement, Notice, NoticeKind, SandboxSize, TaxpayerKind};
use serde::{Deserialize, Serialize};

const FILE: &str = "sandbox.json";

/// What a world was made from; another size makes another world.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    seed: u64,
    invoices: u64,
    on: Date,
}

/// The world of this size, made on the day that is kept in `dir`, or today.
pub(super) fn config(size: SandboxSize, dir: Option<&Path>) -> BureauConfig {
    let on = dir.and_then(|dir| kept(size, dir)).unwrap_or_else(|| shanghai_day(Timestamp::now()));
    if let Some(dir) = dir {
        keep(&Made { seed: size.seed, invoices: size.invoices, on }, dir);
    }
    BureauConfig::new(size.seed, size.invoices, on)
}

/// The seed of the world that is kept in `dir`.
pub(super) fn seed(dir: &Path) -> Option<u64> {
    let made: Made = serde_json::from_slice(&std::fs::read(dir.join(FILE)).ok()?).ok()?;
    Some(made.seed)
}

fn kept(size: SandboxSize, dir: &Path) -> Option<Date> {
    let bytes = std::fs::read(dir.join(FILE)).ok()?;
    let made: Made = serde_json::from_slice(&bytes).ok()?;
    // A day in the future comes from a clock that was wrong then.
    let fits = made.seed == size.seed && made.invoices == size.invoices && made.on <= shanghai_day(Timestamp::now());
    fits.then_some(made.on)
}

fn keep(made: &Made, dir: &Path) {
    let text = serde_json::to_vec(made).unwrap_or_default();
    let path = dir.join(FILE);
    if std::fs::read(&path).is_ok_and(|old| old == text) {
        return;
    }
    // Without the file the world is made anew at the next start, on a read-only stick for instance: no reason to fail.
    let folder = std::fs::create_dir_all(dir).map_err(|error| error.to_string());
    if let Err(error) = folder.and_then(|()| durable_write(&path, &text).map_err(|error| error.to_string())) {
        tracing::warn!(%error, "the day of the sandbox cannot be kept");
    }
}

/// A company with nothing signed in yet.
pub(super) fn company(known: &piaoxia_bureau::Company) -> Company {
    let in_a_year = shanghai_day(Timestamp::now()).saturating_add(1.year());
    Company {
        id: company_id(known.no),
        tax_no: known.tax_no.clone(),
        name: known.name.clone(),
        region: known.region.to_owned(),
        taxpayer_kind: match known.taxpayer {
            Taxpayer::General => TaxpayerKind::General,
            Taxpayer::Small => TaxpayerKind::Small,
        },
        entitlement: Entitlement { expires_on: in_a_year },
        accounts: 0,
        signed_in: 0,
    }
}

/// Id of a company within the service.
pub(super) fn company_id(no: CompanyNo) -> String {
    format!("sim-{}", no.0)
}

/// Place of a company from its id; whether there is one is for the bureau to say.
pub(super) fn company_no(id: &str) -> Option<CompanyNo> {
    let no = id.strip_prefix("sim-")?.parse().ok().map(CompanyNo)?;
    // `sim-+1` and `sim-01` are nobody's ids.
    (company_id(no) == id).then_some(no)
}

/// Account number from the id that the gateway keeps.
pub(super) fn account_no(upstream: &str) -> Option<AccountNo> {
    upstream.parse().ok().map(AccountNo)
}

/// The maintenance that is going on or has just ended.
pub(super) fn notices(bureau: &Bureau, now: Timestamp) -> Vec<Notice> {
    bureau.outages(now).into_iter().map(|(region, outage)| notice(region, outage)).collect()
}

fn notice(region: String, outage: Outage) -> Notice {
    let place = Region::from_code(&region).map_or("", |region| region.name.as_str());
    match outage {
        Outage::Closed { until } => {
            let text = format!("{place}电子税务局系统维护中，期间无法登录和下载。");
            Notice { region, kind: NoticeKind::Maintenance, until: Some(until), text }
        }
        Outage::Recovered { .. } => {
            let text = format!("{place}电子税务局已恢复，可以正常登录和下载。");
            Notice { region, kind: NoticeKind::Recovered, until: None, text }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_world_keeps_its_day_and_another_size_is_another_world() {
        let dir = tempfile::tempdir().unwrap();
        let size = SandboxSize { seed: 7, invoices: 100 };
        let long_ago = jiff::civil::date(2026, 1, 15);
        keep(&Made { seed: 7, invoices: 100, on: long_ago }, dir.path());
        assert_eq!(config(size, Some(dir.path())).today, long_ago);
        let today = shanghai_day(Timestamp::now());
        assert_eq!(config(SandboxSize { invoices: 200, ..size }, Some(dir.path())).today, today);
        assert_eq!(config(size, None).today, today);
        std::fs::write(dir.path().join(FILE), "damaged").unwrap();
        assert_eq!(config(size, Some(dir.path())).today, today);
    }
}
