//! Limits of collecting.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::{TODAY, after, bureau, morning, range, sign_in};
use jiff::civil::date;
use piaoxia_bureau::{Bureau, BureauConfig, BureauSession, COLLECT_CALLS_PER_MONTH, COLLECT_LIMIT, Query, Refusal};
use piaoxia_domain::{Kind, Scope};

fn august(scope: Scope) -> Query {
    Query::all(scope, range(date(2026, 8, 1), date(2026, 8, 31)))
}

fn clerk(bureau: &Bureau) -> BureauSession {
    sign_in(bureau, &bureau.demo_accounts()[0], morning())
}

#[test]
fn an_export_runs_once_at_a_time_and_costs_a_call() {
    let bureau = bureau(1, 10_000);
    let session = clerk(&bureau);
    let query = august(Scope::Received);
    let count = bureau.check_collect(&session.token, &query, morning()).unwrap();
    assert_eq!(count, bureau.count(session.company, &query, TODAY));
    let export = bureau.start_collect(&session.token, &query, morning()).unwrap();
    assert_eq!((export.count, export.account, export.company), (count, session.account, session.company));
    assert_eq!(export.ready_at, morning() + bureau.collect_duration(count));
    let busy = Err(Refusal::Busy { until: export.ready_at });
    assert_eq!(bureau.start_collect(&session.token, &query, morning()), busy);
    assert!(bureau.start_collect(&session.token, &august(Scope::Issued), morning()).is_ok(), "another query may run beside it");
    assert!(bureau.start_collect(&session.token, &query, export.ready_at).is_ok(), "when it is done it may start again");
    assert_eq!(bureau.budget(session.account, morning()).collect_calls_left, COLLECT_CALLS_PER_MONTH - 3);
}

#[test]
fn a_cancelled_export_may_start_again() {
    let bureau = bureau(1, 10_000);
    let session = clerk(&bureau);
    let query = august(Scope::Received);
    let export = bureau.start_collect(&session.token, &query, morning()).unwrap();
    bureau.end_collect(&export.id);
    assert!(bureau.start_collect(&session.token, &query, morning()).is_ok());
}

#[test]
fn five_thousand_is_the_most() {
    let bureau = bureau(1, 600_000);
    let session = clerk(&bureau);
    let month = august(Scope::Received);
    let count = bureau.count(session.company, &month, TODAY);
    assert!(count > 10_000);
    assert_eq!(bureau.check_collect(&session.token, &month, morning()), Err(Refusal::TooMany { count, limit: COLLECT_LIMIT }));
    let day = Query { dates: range(date(2026, 8, 5), date(2026, 8, 5)), ..month.clone() };
    assert!(bureau.check_collect(&session.token, &day, morning()).unwrap() <= COLLECT_LIMIT);
    let rare = Query { kinds: vec![Kind::from_code("17")], ..month };
    assert!(bureau.check_collect(&session.token, &rare, morning()).unwrap() <= COLLECT_LIMIT);
}

#[test]
fn ranges_are_checked() {
    let bureau = bureau(1, 1_000);
    let session = clerk(&bureau);
    let check = |from, to| bureau.check_collect(&session.token, &Query::all(Scope::Issued, range(from, to)), morning());
    assert_eq!(check(date(2026, 7, 1), date(2026, 8, 1)), Err(Refusal::RangeTooLarge { days: 32 }));
    assert_eq!(check(date(2026, 7, 31), date(2026, 8, 1)), Err(Refusal::RangeTooLarge { days: 2 }));
    assert_eq!(check(date(2026, 9, 1), TODAY), Err(Refusal::RangeInFuture { last: date(2026, 9, 15) }));
    assert!(check(date(2026, 9, 1), date(2026, 9, 15)).is_ok());
    assert_eq!(check(date(2024, 9, 1), date(2024, 9, 30)), Ok(0), "before the first invoice there is nothing, but one may ask");
}

#[test]
fn who_may_not_is_told_why() {
    let bureau = bureau(1, 1_000);
    let query = august(Scope::Issued);
    assert_eq!(bureau.check_collect("no token", &query, morning()), Err(Refusal::SessionLost));
    let issuer = sign_in(&bureau, &bureau.demo_accounts()[1], morning());
    assert_eq!(bureau.check_collect(&issuer.token, &query, morning()), Err(Refusal::NoReceiveRight));
    let clerk = clerk(&bureau);
    assert!(bureau.authorize(&clerk.token, morning()).is_ok());
    bureau.set_maintenance("3100", after(10));
    let closed = Refusal::Maintenance { region: "3100".to_owned(), until: after(10) };
    assert_eq!(bureau.start_collect(&clerk.token, &query, morning()), Err(closed));
    bureau.kick(clerk.account);
    assert_eq!(bureau.start_collect(&clerk.token, &query, after(10)), Err(Refusal::SignedInElsewhere));
}

#[test]
fn the_pace_is_configured() {
    let at = |pace| Bureau::new(BureauConfig { pace, ..BureauConfig::new(1, 1_000, TODAY) }).collect_duration(5_000);
    assert_eq!((at(0), at(100), at(300)), (Duration::ZERO, Duration::from_millis(350), Duration::from_millis(1_050)));
}

#[test]
fn at_no_pace_an_export_is_done_at_once() {
    let bureau = Bureau::new(BureauConfig { pace: 0, ..BureauConfig::new(1, 1_000, TODAY) });
    let session = clerk(&bureau);
    for _ in 0..2 {
        let export = bureau.start_collect(&session.token, &august(Scope::Issued), morning()).unwrap();
        assert_eq!(export.ready_at, morning());
    }
}

#[test]
fn every_refusal_has_a_code_and_words() {
    let all = [
        Refusal::UnknownCompany,
        Refusal::SessionLost,
        Refusal::TooMany { count: 5_001, limit: COLLECT_LIMIT },
        Refusal::Locked { until: morning() },
        Refusal::BadCursor,
    ];
    for refusal in all {
        assert!(!refusal.code().is_empty() && !refusal.words().is_ascii() && refusal.to_string().is_ascii());
    }
}
