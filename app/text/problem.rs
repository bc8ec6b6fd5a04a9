//! What went wrong, in the user's words: what happened, to what, what to do next, and the request to name to support.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use piaoxia_engine::Problem;
use piaoxia_engine::problem::{FileFault, Kept, NetworkFault, PreviewFault, StoreFault, VaultFault, What};
use piaoxia_service::contract::{ApiError, ErrorClass, code};

use super::checkup::clock_sentence;
use super::disks::disk_text;
use super::{Problem as Sentences, Text, fill, update};

/// A problem in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened, in one line.
    pub title: String,
    /// What to do next; may be empty.
    pub advice: String,
    /// Request id and the upstream's own words, for the details fold; may be empty.
    pub trace: String,
}

/// Puts a problem into words.
#[must_use]
pub fn problem_text(text: &Text, problem: &Problem) -> Words {
    let words = &text.problem;
    let (title, advice, trace) = match &problem.what {
        What::Service(error) => service(words, text, error),
        What::Network(NetworkFault::Clock { ahead: Some(ahead) }) => {
            (clock_sentence(text, *ahead), words.clock_advice.clone(), String::new())
        }
        What::Network(fault) => plain(network(words, *fault)),
        What::File { fault, path } => {
            let (title, advice) = file(words, *fault);
            let path = path.display().to_string();
            (fill(title, &[("path", &path)]), fill(advice, &[("path", &path)]), String::new())
        }
        What::Store(fault) => plain(store(words, *fault)),
        What::Update(refused) => {
            let (title, advice) = update::refusal(text, refused);
            (title, advice, String::new())
        }
        What::Vault(fault) => vault(words, *fault),
        What::Disk(error) => {
            let (title, advice) = disk_text(text, error);
            (title, advice, String::new())
        }
        What::NoDiskPassword => plain((&text.disks.no_password, &text.disks.no_password_advice)),
        What::NothingSelected => plain((&words.nothing_selected, &words.nothing_selected_advice)),
        What::NotInLedger => plain((&words.not_in_ledger, &words.not_in_ledger_advice)),
        What::Pattern => plain((&words.pattern, &words.pattern_advice)),
        What::Preview(fault) => plain(preview(words, *fault)),
        What::TooWide => plain((&words.too_wide, &words.too_wide_advice)),
        What::Verification => plain((&words.verification, &words.verification_advice)),
        What::Unlisted { kept, count } => {
            let title = match kept {
                Kept::Downloads => &words.unlisted_downloads,
                Kept::Schedules => &words.unlisted_schedules,
                Kept::Templates => &words.unlisted_templates,
            };
            (fill(title, &[("n", &count.to_string())]), words.unlisted_advice.clone(), String::new())
        }
        What::Busy => plain((&words.busy, &words.busy_advice)),
        What::Cancelled => plain((&words.cancelled, &words.cancelled_advice)),
        What::Internal => plain((&words.internal, &words.internal_advice)),
    };
    match &problem.subject {
        // A file is named in its own title already.
        Some(subject) if !title.contains(subject.as_str()) => {
            Words { title: fill(&words.with_subject, &[("title", &title), ("subject", subject)]), advice, trace }
        }
        _ => Words { title, advice, trace },
    }
}

/// Title and advice in one text, for places with a single line.
#[must_use]
pub fn problem_line(text: &Text, problem: &Problem) -> String {
    let words = problem_text(text, problem);
    if words.advice.is_empty() { words.title } else { fill(&text.problem.line, &[("title", &words.title), ("advice", &words.advice)]) }
}

/// A moment as the user's wall clock shows it in China: `11-22 18:00`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(jiff::tz::offset(8))).strftime("%m-%d %H:%M").to_string()
}

/// A moment within minutes, as the user's wall clock shows it in China: `18:00:05`.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(jiff::tz::offset(8))).strftime("%H:%M:%S").to_string()
}

fn plain((title, advice): (&str, &str)) -> (String, String, String) {
    (title.to_owned(), advice.to_owned(), String::new())
}

fn service(words: &Sentences, text: &Text, error: &ApiError) -> (String, String, String) {
    let (title, advice) = by_code(words, &error.code).unwrap_or_else(|| by_class(words, error.class));
    let left = error.attempts_left.map_or_else(|| text.common.unknown.clone(), |n| n.to_string());
    let until = error.until.map_or_else(|| text.common.unknown.clone(), moment);
    let seconds = error.retry_after.unwrap_or(60).to_string();
    let field = error.field.as_deref().unwrap_or_default();
    let values = [("left", left.as_str()), ("until", &until), ("seconds", &seconds), ("field", field), ("code", &error.code)];
    let mut trace = String::new();
    if !error.request_id.is_empty() {
        trace = format!("{} {}", text.common.request_id, error.request_id);
    }
    if let Some(upstream) = &error.upstream {
        let said = fill(&words.upstream, &[("service", &upstream.service), ("code", &upstream.code), ("message", &upstream.message)]);
        trace = if trace.is_empty() { said } else { format!("{trace}\n{said}") };
    }
    (fill(title, &values), fill(advice, &values), trace)
}

fn by_code<'t>(w: &'t Sentences, wanted: &str) -> Option<(&'t str, &'t str)> {
    Some(match wanted {
        code::ACTIVATION_MALFORMED => (&w.activation_malformed, &w.activation_malformed_advice),
        code::ACTIVATION_UNKNOWN => (&w.activation_unknown, &w.activation_unknown_advice),
        code::ACTIVATION_EXPIRED => (&w.activation_expired, &w.activation_expired_advice),
        code::ACTIVATION_USED => (&w.activation_used, &w.activation_used_advice),
        code::ACTIVATION_THROTTLED => (&w.activation_throttled, &w.activation_throttled_advice),
        code::NOT_ACTIVATED => (&w.not_activated, &w.not_activated_advice),
        code::SESSION_INVALID | code::REFRESH_INVALID => (&w.session_invalid, &w.session_invalid_advice),
        code::WRONG_PASSWORD => (&w.wrong_password, &w.wrong_password_advice),
        code::ACCOUNT_LOCKED => (&w.account_locked, &w.account_locked_advice),
        code::FIELD_INVALID => (&w.field_invalid, &w.field_invalid_advice),
        code::IDENTITY_MISMATCH => (&w.identity_mismatch, &w.identity_mismatch_advice),
        code::IDENTITY_SWITCHES => (&w.identity_switches, &w.identity_switches_advice),
        code::RELATION_DENIED => (&w.relation_denied, &w.relation_denied_advice),
        code::CHALLENGE_GONE => (&w.challenge_gone, &w.challenge_gone_advice),
        code::CHALLENGE_FAILED => (&w.challenge_failed, &w.challenge_failed_advice),
        code::CHALLENGE_DENIED => (&w.challenge_denied, &w.challenge_denied_advice),
        code::RESEND_TOO_SOON => (&w.resend_too_soon, &w.resend_too_soon_advice),
        code::ACCOUNT_EXISTS => (&w.account_exists, &w.account_exists_advice),
        code::DEFAULT_RULE => (&w.default_rule, &w.default_rule_advice),
        code::NO_DEFAULT_ACCOUNT => (&w.no_default_account, &w.no_default_account_advice),
        code::NO_RECEIVE_RIGHT => (&w.no_receive_right, &w.no_receive_right_advice),
        code::BUREAU_SESSION_LOST => (&w.bureau_session_lost, &w.bureau_session_lost_advice),
        code::RANGE_TOO_LARGE => (&w.range_too_large, &w.range_too_large_advice),
        code::RANGE_IN_FUTURE => (&w.range_in_future, &w.range_in_future_advice),
        code::TOO_MANY_INVOICES => (&w.too_many_invoices, &w.too_many_invoices_advice),
        code::QUOTA => (&w.quota, &w.quota_advice),
        code::THROTTLED => (&w.throttled, &w.throttled_advice),
        code::MAINTENANCE => (&w.maintenance, &w.maintenance_advice),
        code::BUREAU_DOWN => (&w.bureau_down, &w.bureau_down_advice),
        code::LINK_EXPIRED => (&w.link_expired, &w.link_expired_advice),
        code::NOT_FOUND => (&w.not_found, &w.not_found_advice),
        wanted => return disk_code(w, wanted),
    })
}

/// Codes of tax disks and of 综合服务平台.
fn disk_code<'t>(w: &'t Sentences, wanted: &str) -> Option<(&'t str, &'t str)> {
    Some(match wanted {
        code::DISK_NOT_OFFERED => (&w.disk_not_offered, &w.disk_not_offered_advice),
        code::DISK_CHALLENGE_GONE => (&w.disk_challenge_gone, &w.disk_challenge_gone_advice),
        code::DISK_SIGNATURE_WRONG => (&w.disk_signature_wrong, &w.disk_signature_wrong_advice),
        code::DISK_CERTIFICATE_EXPIRED => (&w.disk_certificate_expired, &w.disk_certificate_expired_advice),
        code::DISK_CERTIFICATE_NOT_YET_VALID => (&w.disk_certificate_early, &w.disk_certificate_early_advice),
        code::DISK_CERTIFICATE_UNKNOWN => (&w.disk_certificate_unknown, &w.disk_certificate_unknown_advice),
        code::DISK_OTHER_COMPANY => (&w.disk_other_company, &w.disk_other_company_advice),
        code::DISK_DIGITAL => (&w.disk_digital, &w.disk_digital_advice),
        code::PLATFORM_PASSWORD_WRONG => (&w.platform_password_wrong, &w.platform_password_wrong_advice),
        code::PLATFORM_CONFIRMATION_WRONG => (&w.platform_confirmation_wrong, &w.platform_confirmation_wrong_advice),
        code::PLATFORM_PASSWORD_LOCKED => (&w.platform_password_locked, &w.platform_locked_advice),
        code::PLATFORM_CONFIRMATION_LOCKED => (&w.platform_confirmation_locked, &w.platform_locked_advice),
        code::PLATFORM_PASSWORD_NEEDED => (&w.platform_password_needed, &w.platform_password_needed_advice),
        code::PLATFORM_PASSWORD_CANCELLED => (&w.platform_password_cancelled, &w.platform_password_cancelled_advice),
        code::PLATFORM_PASSWORD_NOT_ALLOWED => (&w.platform_password_not_allowed, &w.platform_password_not_allowed_advice),
        code::PLATFORM_TOO_SOON => (&w.platform_too_soon, &w.platform_too_soon_advice),
        code::PLATFORM_QUOTA => (&w.platform_quota, &w.platform_quota_advice),
        _ => return None,
    })
}

/// For the codes of a newer service.
fn by_class(w: &Sentences, class: ErrorClass) -> (&str, &str) {
    match class {
        ErrorClass::NeedLogin => (&w.bureau_session_lost, &w.bureau_session_lost_advice),
        ErrorClass::NeedChallenge => (&w.challenge_gone, &w.challenge_gone_advice),
        ErrorClass::Locked => (&w.account_locked, &w.account_locked_advice),
        ErrorClass::Quota => (&w.quota, &w.quota_advice),
        ErrorClass::Throttle | ErrorClass::Busy => (&w.throttled, &w.throttled_advice),
        ErrorClass::Maintenance => (&w.maintenance, &w.maintenance_advice),
        ErrorClass::UpstreamDown => (&w.bureau_down, &w.bureau_down_advice),
        ErrorClass::TooMany => (&w.too_many_invoices, &w.too_many_invoices_advice),
        ErrorClass::LinkExpired => (&w.link_expired, &w.link_expired_advice),
        ErrorClass::Unauthorized => (&w.session_invalid, &w.session_invalid_advice),
        ErrorClass::NotFound => (&w.not_found, &w.not_found_advice),
        ErrorClass::UserFix
        | ErrorClass::Permission
        | ErrorClass::Precondition
        | ErrorClass::Unsupported
        | ErrorClass::Conflict
        | ErrorClass::BadRequest
        | ErrorClass::Internal
        | ErrorClass::Unknown => (&w.other_service, &w.other_service_advice),
    }
}

fn network(w: &Sentences, fault: NetworkFault) -> (&str, &str) {
    match fault {
        NetworkFault::Unreachable => (&w.unreachable, &w.unreachable_advice),
        NetworkFault::NameUnknown => (&w.name_unknown, &w.name_unknown_advice),
        NetworkFault::Proxy => (&w.proxy, &w.proxy_advice),
        NetworkFault::UnknownIssuer => (&w.unknown_issuer, &w.unknown_issuer_advice),
        NetworkFault::OtherHost => (&w.other_host, &w.other_host_advice),
        NetworkFault::OtherKey => (&w.other_key, &w.other_key_advice),
        NetworkFault::Expired => (&w.expired, &w.expired_advice),
        NetworkFault::Clock { .. } => (&w.clock, &w.clock_advice),
        NetworkFault::TooLarge => (&w.answer_too_large, &w.answer_too_large_advice),
        NetworkFault::ProxyAddress => (&w.proxy_address, &w.proxy_address_advice),
        NetworkFault::ServiceAddress => (&w.service_address, &w.service_address_advice),
        NetworkFault::NotEncrypted => (&w.not_encrypted, &w.not_encrypted_advice),
        NetworkFault::UnsafeLink => (&w.unsafe_link, &w.unsafe_link_advice),
        NetworkFault::NoService => (&w.no_service, &w.no_service_advice),
        NetworkFault::NoCertificate => (&w.no_certificate, &w.no_certificate_advice),
        NetworkFault::NoLan => (&w.no_lan, &w.no_lan_advice),
        NetworkFault::Timeout => (&w.timeout, &w.timeout_advice),
        NetworkFault::Cut => (&w.cut, &w.cut_advice),
        NetworkFault::Tls => (&w.tls, &w.tls_advice),
        NetworkFault::CaptivePortal => (&w.captive_portal, &w.captive_portal_advice),
        NetworkFault::Unreadable => (&w.unreadable, &w.unreadable_advice),
    }
}

fn file(w: &Sentences, fault: FileFault) -> (&str, &str) {
    match fault {
        FileFault::DiskFull => (&w.disk_full, &w.disk_full_advice),
        FileFault::Busy => (&w.file_busy, &w.file_busy_advice),
        FileFault::ReadOnly => (&w.file_read_only, &w.file_read_only_advice),
        FileFault::Denied => (&w.file_denied, &w.file_denied_advice),
        FileFault::Missing => (&w.file_missing, &w.file_missing_advice),
        FileFault::TooLarge => (&w.file_too_large, &w.file_too_large_advice),
        FileFault::Settings => (&w.file_settings, &w.file_settings_advice),
        FileFault::Planted => (&w.file_planted, &w.file_planted_advice),
        FileFault::SetAside => (&w.file_set_aside, &w.file_set_aside_advice),
        // The first two belong to imports, whose reports have words of their own for them.
        FileFault::TooMany | FileFault::TooDeep | FileFault::Other => (&w.file_other, &w.file_other_advice),
    }
}

fn preview(w: &Sentences, fault: PreviewFault) -> (&str, &str) {
    match fault {
        PreviewFault::NotPaged => (&w.preview_not_paged, &w.preview_not_paged_advice),
        PreviewFault::Damaged => (&w.preview_damaged, &w.preview_damaged_advice),
        PreviewFault::Protected => (&w.preview_protected, &w.preview_protected_advice),
        PreviewFault::TooLarge => (&w.preview_too_large, &w.preview_too_large_advice),
    }
}

fn vault(w: &Sentences, fault: VaultFault) -> (String, String, String) {
    let (title, advice) = match fault {
        VaultFault::Missing => (&w.vault_missing, &w.vault_missing_advice),
        VaultFault::Locked => (&w.vault_locked, &w.vault_locked_advice),
        VaultFault::WrongPassphrase { .. } => (&w.vault_wrong, &w.vault_wrong_advice),
        VaultFault::TooSoon { wait } => {
            return (w.vault_too_soon.clone(), fill(&w.vault_too_soon_advice, &[("n", &wait.to_string())]), String::new());
        }
        VaultFault::TooShort => (&w.vault_too_short, &w.vault_too_short_advice),
        VaultFault::TooWeak => (&w.vault_too_weak, &w.vault_too_weak_advice),
        VaultFault::NoWayIn => (&w.vault_no_way_in, &w.vault_no_way_in_advice),
        VaultFault::NoPlaceHere => (&w.vault_no_place, &w.vault_no_place_advice),
        VaultFault::Damaged => (&w.vault_damaged, &w.vault_damaged_advice),
        VaultFault::Refused => (&w.vault_refused, &w.vault_refused_advice),
        VaultFault::FailedPasswords => (&w.vault_failed_passwords, &w.vault_failed_passwords_advice),
    };
    (title.clone(), advice.clone(), String::new())
}

fn store(w: &Sentences, fault: StoreFault) -> (&str, &str) {
    match fault {
        StoreFault::DiskFull => (&w.store_full, &w.store_full_advice),
        StoreFault::ReadOnly => (&w.store_read_only, &w.store_read_only_advice),
        StoreFault::Missing => (&w.store_missing, &w.store_missing_advice),
        StoreFault::InUse => (&w.store_in_use, &w.store_in_use_advice),
        StoreFault::OriginalDamaged => (&w.original_damaged, &w.original_damaged_advice),
        StoreFault::TooLarge => (&w.store_too_large, &w.store_too_large_advice),
        StoreFault::Damaged => (&w.store_damaged, &w.store_damaged_advice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str, class: ErrorClass) -> Words {
        let mut error = ApiError::new(class, code, "");
        error.attempts_left = Some(2);
        error.until = Some(Timestamp::UNIX_EPOCH);
        error.request_id = "r-1".into();
        problem_text(Text::zh_cn(), &Problem { what: What::Service(Box::new(error)), subject: None, detail: String::new() })
    }

    #[test]
    fn every_code_has_its_own_sentence() {
        let codes = [
            code::ACTIVATION_MALFORMED,
            code::ACTIVATION_UNKNOWN,
            code::ACTIVATION_EXPIRED,
            code::ACTIVATION_USED,
            code::ACTIVATION_THROTTLED,
            code::NOT_ACTIVATED,
            code::SESSION_INVALID,
            code::WRONG_PASSWORD,
            code::ACCOUNT_LOCKED,
            code::FIELD_INVALID,
            code::IDENTITY_MISMATCH,
            code::IDENTITY_SWITCHES,
            code::RELATION_DENIED,
            code::CHALLENGE_GONE,
            code::CHALLENGE_FAILED,
            code::CHALLENGE_DENIED,
            code::RESEND_TOO_SOON,
            code::ACCOUNT_EXISTS,
            code::DEFAULT_RULE,
            code::NO_DEFAULT_ACCOUNT,
            code::NO_RECEIVE_RIGHT,
            code::BUREAU_SESSION_LOST,
            code::RANGE_TOO_LARGE,
            code::RANGE_IN_FUTURE,
            code::TOO_MANY_INVOICES,
            code::QUOTA,
            code::THROTTLED,
            code::MAINTENANCE,
            code::BUREAU_DOWN,
            code::LINK_EXPIRED,
            code::NOT_FOUND,
        ];
        let mut titles: Vec<String> = codes.iter().map(|code| of(code, ErrorClass::Internal).title).collect();
        for code in codes {
            let words = of(code, ErrorClass::Internal);
            assert!(!words.advice.is_empty(), "{code} says not what to do");
            assert!(!words.title.contains('{') && !words.advice.contains('{'), "{code}: {words:?}");
            assert!(words.trace.contains("r-1"));
        }
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), codes.len());
    }

    #[test]
    fn every_fault_of_the_network_says_what_to_do() {
        use NetworkFault as F;
        let faults = [
            F::Unreachable,
            F::NameUnknown,
            F::Proxy,
            F::Timeout,
            F::Cut,
            F::Tls,
            F::UnknownIssuer,
            F::OtherHost,
            F::OtherKey,
            F::Expired,
            F::Clock { ahead: None },
            F::Clock { ahead: Some(-90_000) },
            F::CaptivePortal,
            F::Unreadable,
            F::TooLarge,
            F::ProxyAddress,
            F::ServiceAddress,
            F::NotEncrypted,
            F::NoService,
            F::NoCertificate,
            F::NoLan,
        ];
        let of = |fault| problem_text(Text::zh_cn(), &Problem::new(What::Network(fault), ""));
        let mut titles: Vec<String> = faults.map(|fault| of(fault).title).into();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), faults.len());
        assert!(faults.iter().all(|fault| !of(*fault).advice.is_empty()));
        assert!(of(F::Clock { ahead: None }).title.contains("电脑时间不正确"));
        assert!(of(F::Clock { ahead: Some(-90_000) }).title.contains("慢了 1 天 1 小时"));
    }

    #[test]
    fn a_code_of_a_newer_service_is_worded_by_its_class() {
        assert_eq!(of("future.code", ErrorClass::Locked), of(code::ACCOUNT_LOCKED, ErrorClass::Locked));
        assert!(of("future.code", ErrorClass::Unknown).title.contains("future.code"));
    }

    #[test]
    fn the_subject_is_named() {
        let problem = Problem { what: What::Busy, subject: Some("导出.xlsx".into()), detail: String::new() };
        assert!(problem_text(Text::zh_cn(), &problem).title.contains("导出.xlsx"));
    }
}
