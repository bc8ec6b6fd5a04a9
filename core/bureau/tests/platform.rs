//! 增值税发票综合服务平台 of the simulated bureau.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::{TODAY, after, bureau, morning, range};
use jiff::civil::date;
use piaoxia_bureau::{
    APPLICATIONS_A_MONTH, Bureau, BureauConfig, COLLECT_LIMIT, CONFIRMATION_PASSWORD, CompanyNo, DiskSession, GivenPasswords, PAGE_LIMIT,
    PASSWORD_ERRORS, PLATFORM_PASSWORD, PasswordDemand, PlatformPassword, Query, Refusal,
};
use piaoxia_domain::{Kind, Scope, Totals};

const SERIAL: &str = "4499000000001";
const HOUR: i64 = 3_600;

fn august(scope: Scope) -> Query {
    Query::all(scope, range(date(2026, 8, 1), date(2026, 8, 31)))
}

fn disk(bureau: &Bureau) -> DiskSession {
    bureau.sign_in_disk(bureau.sandbox_companies()[1].no, SERIAL, GivenPasswords::default(), morning()).unwrap()
}

#[test]
fn one_company_has_a_disk_and_the_others_have_moved_on() {
    let bureau = bureau(1, 1_000);
    let users: Vec<bool> = bureau.sandbox_companies().iter().map(|company| company.uses_disk()).collect();
    assert_eq!(users, [false, true, false]);
    for no in [0, 2, 17] {
        let refused = bureau.sign_in_disk(CompanyNo(no), SERIAL, GivenPasswords::default(), morning()).unwrap_err();
        assert_eq!((&refused, refused.code()), (&Refusal::Digital, "90500"));
        assert!(refused.words().contains("数电"));
    }
    assert_eq!(bureau.sign_in_disk(CompanyNo(999), SERIAL, GivenPasswords::default(), morning()), Err(Refusal::UnknownCompany));
}

#[test]
fn a_session_is_of_one_disk_and_lasts_twelve_hours() {
    let bureau = bureau(1, 1_000);
    let session = disk(&bureau);
    assert_eq!(bureau.disk_session(&session.token, after(12 * HOUR - 1)), Ok(session.clone()));
    assert_eq!(bureau.disk_session(&session.token, after(12 * HOUR)), Err(Refusal::SessionLost));
    let second = bureau.sign_in_disk(session.company, "4499000000002", GivenPasswords::default(), morning()).unwrap();
    let newer = disk(&bureau);
    assert_eq!(bureau.disk_session(&session.token, morning()), Err(Refusal::SessionLost), "the newer ends the older");
    bureau.sign_out_disk(&newer.token);
    assert_eq!(bureau.apply(&newer.token, &august(Scope::Issued), morning()), Err(Refusal::SessionLost));
    assert!(bureau.disk_session(&second.token, morning()).is_ok(), "another disk stays in");
    assert_eq!(bureau.authorize(&second.token, morning()), Err(Refusal::SessionLost), "it is no e-tax session");
    assert!(!format!("{second:?}").contains(&second.token));
    bureau.set_maintenance("4403", after(HOUR));
    assert!(matches!(bureau.disk_session(&second.token, morning()), Err(Refusal::Maintenance { .. })));
    assert!(matches!(bureau.sign_in_disk(session.company, SERIAL, GivenPasswords::default(), morning()), Err(Refusal::Maintenance { .. })));
}

#[test]
fn a_package_is_ready_when_it_was_said_and_holds_the_books() {
    let bureau = bureau(1, 3_000);
    let session = disk(&bureau);
    for scope in [Scope::Deductible, Scope::Issued, Scope::Received] {
        let query = august(scope);
        let filed = bureau.apply(&session.token, &query, morning()).unwrap();
        let takes = if scope == Scope::Deductible { 2 } else { 5 };
        assert_eq!(filed.ready_at, after(takes));
        let page = |cursor: Option<&str>, now| bureau.package(&session.token, &filed.id, &query, cursor, PAGE_LIMIT, now);
        assert_eq!(page(None, morning()), Err(Refusal::Busy { until: filed.ready_at }));
        assert_eq!(page(Some("?"), after(5)), Err(Refusal::BadCursor));
        let (mut totals, mut cursor) = (Totals::default(), None::<String>);
        loop {
            let page = page(cursor.as_deref(), after(5)).unwrap();
            page.items.iter().for_each(|invoice| totals.add(invoice));
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert!(totals.invoices > 0);
        assert_eq!(totals, bureau.truth(session.company, scope, query.dates, TODAY), "{scope:?}");
        let other = Query { scope: Scope::Issued, ..august(Scope::Received) };
        let fits = scope == Scope::Issued;
        assert_eq!(bureau.package(&session.token, &filed.id, &other, None, 1, after(5)).is_ok(), fits, "it holds one page alone");
    }
    assert_eq!(bureau.package(&session.token, "P99999999", &august(Scope::Issued), None, 1, after(5)), Err(Refusal::ApplicationGone));
}

#[test]
fn a_package_shows_the_day_of_its_application() {
    let bureau = bureau(1, 3_000);
    let session = disk(&bureau);
    let query = Query::all(Scope::Deductible, range(date(2026, 9, 1), date(2026, 9, 15)));
    let filed = bureau.apply(&session.token, &query, morning()).unwrap();
    let first = bureau.package(&session.token, &filed.id, &query, None, PAGE_LIMIT, after(60)).unwrap();
    let later = bureau.sign_in_disk(session.company, SERIAL, GivenPasswords::default(), after(6 * 24 * HOUR)).unwrap();
    let same = bureau.package(&later.token, &filed.id, &query, None, PAGE_LIMIT, after(6 * 24 * HOUR)).unwrap();
    assert_eq!(first, same);
}

#[test]
fn a_month_is_a_package_however_many_invoices_it_has() {
    let bureau = bureau(1, 2_000_000);
    let session = disk(&bureau);
    let query = august(Scope::Received);
    let filed = bureau.apply(&session.token, &query, morning()).unwrap();
    let page = bureau.package(&session.token, &filed.id, &query, None, PAGE_LIMIT, after(60)).unwrap();
    assert!(page.total > COLLECT_LIMIT, "{}", page.total);
    assert_eq!(page.total, bureau.count(session.company, &query, TODAY));
}

#[test]
fn ranges_and_limits_are_checked() {
    let bureau = bureau(1, 1_000);
    let session = disk(&bureau);
    let apply = |from, to| bureau.apply(&session.token, &Query::all(Scope::Issued, range(from, to)), morning());
    assert_eq!(apply(date(2026, 7, 31), date(2026, 8, 1)), Err(Refusal::RangeTooLarge { days: 2 }));
    assert_eq!(apply(date(2026, 9, 1), TODAY), Err(Refusal::RangeInFuture { last: date(2026, 9, 15) }));
    let part = apply(date(2026, 9, 1), date(2026, 9, 10)).unwrap();
    assert_eq!(bureau.applications_left(session.company, morning()), APPLICATIONS_A_MONTH - 1);
    assert_eq!(apply(date(2026, 9, 2), date(2026, 9, 10)), Ok(part), "what it holds is there");
    assert_eq!(apply(date(2026, 9, 1), date(2026, 9, 15)), Err(Refusal::TooSoon { until: after(24 * HOUR) }));
    assert_eq!(bureau.applications_left(session.company, morning()), APPLICATIONS_A_MONTH - 1, "a refusal costs nothing");
    assert!(apply(date(2026, 8, 1), date(2026, 8, 31)).is_ok(), "another month");
}

#[test]
fn at_no_pace_a_package_is_there_at_once() {
    let bureau = Bureau::new(BureauConfig { pace: 0, ..BureauConfig::new(1, 1_000, TODAY) });
    let session = disk(&bureau);
    let query = Query { kinds: vec![Kind::from_code("04")], ..august(Scope::Received) };
    let filed = bureau.apply(&session.token, &query, morning()).unwrap();
    assert_eq!(filed.ready_at.duration_since(morning()), Duration::ZERO.try_into().unwrap());
    assert!(bureau.package(&session.token, &filed.id, &query, None, 1, morning()).is_ok());
}

#[test]
fn passwords_of_the_platform_are_compared_and_counted() {
    let bureau = bureau(1, 1_000);
    let company = bureau.sandbox_companies()[1].no;
    let try_at = |given: GivenPasswords<'_>, now| bureau.sign_in_disk(company, SERIAL, given, now);
    let platform = |text| GivenPasswords { platform: Some(text), ..GivenPasswords::default() };
    let both = GivenPasswords { platform: Some(PLATFORM_PASSWORD), confirmation: Some(CONFIRMATION_PASSWORD) };
    assert!(try_at(both, morning()).is_ok());
    let which = PlatformPassword::Platform;
    for left in (1..PASSWORD_ERRORS).rev() {
        assert_eq!(try_at(platform("wrong"), morning()), Err(Refusal::PlatformPassword { which, left }));
    }
    assert!(try_at(both, morning()).is_ok(), "a right one takes the errors back");
    for _ in 1..PASSWORD_ERRORS {
        try_at(platform("wrong"), morning()).unwrap_err();
    }
    let until = "2026-09-16T16:00:00Z".parse().unwrap();
    for text in ["wrong", PLATFORM_PASSWORD] {
        assert_eq!(try_at(platform(text), morning()), Err(Refusal::PasswordLocked { which, until }));
    }
    assert!(try_at(GivenPasswords::default(), morning()).is_ok(), "without it the disk alone suffices");
    assert!(try_at(both, until).is_ok(), "the next day it is taken again");
    let wrong = GivenPasswords { confirmation: Some("wrong"), ..both };
    let which = PlatformPassword::Confirmation;
    assert_eq!(try_at(wrong, morning()), Err(Refusal::PlatformPassword { which, left: PASSWORD_ERRORS - 1 }));
}

#[test]
fn the_platform_says_what_it_wants_of_its_password() {
    let bureau = bureau(1, 1_000);
    let company = bureau.sandbox_companies()[1].no;
    let right = GivenPasswords { platform: Some(PLATFORM_PASSWORD), ..GivenPasswords::default() };
    let met = |code, given| {
        bureau.demand_platform_password(1, PasswordDemand::from_dial(code));
        let refused = bureau.sign_in_disk(company, SERIAL, given, morning());
        assert!(bureau.sign_in_disk(company, SERIAL, right, morning()).is_ok(), "it meets as many as it was asked to");
        refused.map(drop)
    };
    assert_eq!(met(4, GivenPasswords::default()), Err(Refusal::PasswordNeeded));
    assert_eq!(met(4, right), Ok(()));
    assert_eq!(met(6, right), Err(Refusal::PasswordCancelled));
    assert_eq!(met(12, right), Err(Refusal::PasswordNotAllowed));
    assert_eq!((Refusal::PasswordCancelled.code(), Refusal::PasswordNotAllowed.code()), ("6", "12"));
}
