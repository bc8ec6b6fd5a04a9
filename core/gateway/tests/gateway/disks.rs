//! Tax disks (税盘): real SM2 signatures of the sandbox's disks, sessions, and what jobs under them bring.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::{AccountId, DateRange, Kind, Scope, TaxNumber, Totals};
use piaoxia_gateway::{GatewayConfig, Limits};
use piaoxia_service::contract::*;
use piaoxia_service::{Client, ClientError};
use piaoxia_taxdisk::sim::{Authority, FIRST_PASSWORD, Sandbox, SimDisk, SimIdentity, SimState};
use piaoxia_taxdisk::{Desk, Options, Password, Seat};

use crate::stub::Stub;
use crate::support::*;

const SERIAL: &str = "4499000000001";

/// A disk that is plugged in, and the program's way to it.
struct Plugged {
    desk: Desk,
    serial: String,
}

/// Of this authority, for this company, with a certificate from so many days ago to so many days ahead.
fn plug(authority: u64, company: &Company, serial: &str, (since, until): (i64, i64)) -> Plugged {
    let day = |days: i64| Timestamp::from_second((Timestamp::now() + SignedDuration::from_hours(24 * days)).as_second()).unwrap();
    let identity = SimIdentity {
        serial: serial.to_owned(),
        company: company.name.clone(),
        tax_number: company.tax_no.to_string(),
        not_before: day(-since),
        not_after: day(until),
    };
    let disk = SimDisk::new(&Authority::new(authority).unwrap(), &identity, SimState::default()).unwrap();
    let sandbox = Sandbox::default();
    sandbox.insert("税盘", disk);
    let mut options = Options::of_this_system().unwrap();
    (options.readers, options.usb, options.sandbox) = (false, None, Some(sandbox));
    Plugged { desk: Desk::start(options, |_| {}).unwrap(), serial: serial.to_owned() }
}

/// The disk of a company as the sandbox issues it.
fn good(company: &Company) -> Plugged {
    plug(SIZE.seed, company, SERIAL, (30, 365))
}

impl Plugged {
    fn certificate(&self) -> Vec<u8> {
        self.desk.read(&Seat::Sandbox("税盘".to_owned())).unwrap().certificate.der().to_vec()
    }

    fn signature(&self, challenge: &DiskChallenge) -> Vec<u8> {
        let password = Password::new(FIRST_PASSWORD.to_owned());
        let seat = Seat::Sandbox("税盘".to_owned());
        self.desk.sign(&seat, &password, None, &challenge.bytes().unwrap()).unwrap().to_der()
    }

    fn answer(&self, challenge: &DiskChallenge) -> DiskSignIn {
        DiskSignIn::new(challenge, &self.certificate(), &self.signature(challenge), &self.serial, "sandbox")
    }

    async fn sign_in(&self, client: &Client) -> Result<DiskSession, ClientError> {
        let challenge = client.disk_challenge().await?;
        client.sign_in_disk(&self.answer(&challenge)).await
    }
}

fn under(session: &DiskSession, key: &str, kind: JobKind, query: Query) -> JobRequest {
    JobRequest { account: Some(session.account.clone()), ..job(key, kind, &session.company.id, query) }
}

async fn done(client: &Client, request: &JobRequest) -> Job {
    let started = client.start_job(request).await.unwrap();
    until(client, &started.id, is_done).await
}

async fn failed(client: &Client, request: &JobRequest) -> ApiError {
    let started = client.start_job(request).await.unwrap();
    let job = until(client, &started.id, |state| matches!(state, JobState::Failed { .. })).await;
    let JobState::Failed { error } = job.state else { panic!("not failed") };
    error
}

fn total(rows: &[SummaryRow]) -> Totals {
    rows.iter().fold(Totals::default(), |mut sum, row| {
        sum.merge(&row.totals);
        sum
    })
}

fn is_near(told: Timestamp, wanted: Timestamp) -> bool {
    told.duration_since(wanted).abs() < SignedDuration::from_secs(60)
}

#[tokio::test]
async fn a_disk_signs_in_and_both_tabs_bring_what_is_in_the_books() {
    let (_handle, client, companies) = activated(config()).await;
    let company = companies[1].clone();
    let disk = good(&company);
    let challenge = client.disk_challenge().await.unwrap();
    assert_eq!(challenge.bytes().unwrap().len(), 32);
    assert!(is_near(challenge.expires_at, Timestamp::now() + SignedDuration::from_mins(2)));
    let session = client.sign_in_disk(&disk.answer(&challenge)).await.unwrap();
    assert_eq!(session.company, company);
    assert!(is_near(session.expires_at, Timestamp::now() + SignedDuration::from_hours(12)));
    assert_eq!((session.limits.current_month_left, session.limits.current_month_most, session.limits.same_month_hours), (5, 5, 24));
    assert_eq!(client.disk_session(&session.account).await.unwrap(), session);
    assert!(client.accounts(&company.id).await.unwrap().accounts.is_empty(), "a disk is no e-tax account");

    for scope in [Scope::Deductible, Scope::Issued, Scope::Received] {
        let truth = client.sandbox().truth(&company.id, scope, last_month()).await.unwrap();
        assert!(!truth.is_empty(), "{scope:?}");
        let summed = done(&client, &under(&session, &format!("sum {scope:?}"), JobKind::Summary, query(scope, last_month()))).await;
        assert_eq!(summed.summary, truth, "{scope:?}");
        let collected = done(&client, &under(&session, &format!("all {scope:?}"), JobKind::Collect, query(scope, last_month()))).await;
        assert_eq!((&collected.account, collected.ready_at), (&session.account, None));
        let items = all_items(&client, &collected.id, 41).await;
        assert_eq!(items.iter().collect::<Totals>(), total(&truth), "{scope:?}");
    }
    let keys = all_items(
        &client,
        &client.start_job(&under(&session, "all Issued", JobKind::Collect, query(Scope::Issued, last_month()))).await.unwrap().id,
        5,
    )
    .await
    .into_iter()
    .take(3)
    .map(|invoice| invoice.key)
    .collect();
    let files = client.files(&FilesRequest { company: company.id, keys }).await.unwrap();
    assert_eq!(files, [], "the platform has no originals, which is no reason to stop");
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why() {
    let (_handle, client, companies) = activated(config()).await;
    let mine = &companies[1];
    let foreign = Company { tax_no: TaxNumber::from_document("91310115MA1K35JX4G"), name: "别家有限公司".to_owned(), ..mine.clone() };
    let (now, days) = (Timestamp::now(), |days: i64| SignedDuration::from_hours(24 * days));
    let cases = [
        (plug(SIZE.seed, mine, SERIAL, (30, -1)), code::DISK_CERTIFICATE_EXPIRED, ErrorClass::Precondition, Some(now - days(1))),
        (plug(SIZE.seed, mine, SERIAL, (-2, 30)), code::DISK_CERTIFICATE_NOT_YET_VALID, ErrorClass::Precondition, Some(now + days(2))),
        (plug(SIZE.seed + 1, mine, SERIAL, (30, 30)), code::DISK_CERTIFICATE_UNKNOWN, ErrorClass::Permission, None),
        (good(&foreign), code::DISK_OTHER_COMPANY, ErrorClass::Permission, None),
        (good(&companies[0]), code::DISK_DIGITAL, ErrorClass::Precondition, None),
        (good(&companies[2]), code::DISK_DIGITAL, ErrorClass::Precondition, None),
    ];
    for (disk, code, class, until) in cases {
        let error = disk.sign_in(&client).await.unwrap_err();
        assert!(error.is(code) && error.class() == Some(class), "{code}: {error}");
        let api = error.api().unwrap();
        assert_eq!(api.until.is_some(), until.is_some(), "{code}");
        assert!(until.is_none_or(|until| is_near(api.until.unwrap(), until)), "{code}: {:?}", api.until);
        let said = api.upstream.as_ref().map(|upstream| upstream.code.as_str());
        assert_eq!(said, (code == code::DISK_DIGITAL).then_some("90500"));
    }
    let (disk, other) = (good(mine), plug(SIZE.seed, mine, "4499000000002", (30, 365)));
    let challenge = client.disk_challenge().await.unwrap();
    let wrong = DiskSignIn::new(&challenge, &disk.certificate(), &other.signature(&challenge), SERIAL, "sandbox");
    let error = client.sign_in_disk(&wrong).await.unwrap_err();
    assert!(error.is(code::DISK_SIGNATURE_WRONG) && error.class() == Some(ErrorClass::UserFix), "{error}");
    assert!(disk.sign_in(&client).await.is_ok());
}

#[tokio::test]
async fn nonsense_is_refused_by_its_size_and_shape() {
    let (_handle, client, companies) = activated(config()).await;
    let disk = good(&companies[1]);
    type Spoil = fn(&mut DiskSignIn);
    let cases: [(&str, Spoil); 7] = [
        ("certificate", |asked| asked.certificate = STANDARD.encode(vec![0x30; (8 << 10) + 1])),
        ("certificate", |asked| asked.certificate = "no base64".to_owned()),
        ("certificate", |asked| asked.certificate.clear()),
        ("signature", |asked| asked.signature = STANDARD.encode([0x30; 257])),
        ("serial", |asked| asked.serial = "9".repeat(65)),
        ("serial", |asked| asked.serial = " ".to_owned()),
        ("kind", |asked| asked.kind = "\n\u{7}x".to_owned()),
    ];
    for (field, spoil) in cases {
        let mut asked = disk.answer(&client.disk_challenge().await.unwrap());
        spoil(&mut asked);
        let error = client.sign_in_disk(&asked).await.unwrap_err();
        assert!(error.is(code::BAD_REQUEST), "{field}: {error}");
        assert_eq!(error.api().unwrap().field.as_deref(), Some(field));
    }
    let unread: [(&str, Spoil); 2] = [
        (code::DISK_CERTIFICATE_UNKNOWN, |asked| asked.certificate = STANDARD.encode(vec![0x30; 8 << 10])),
        (code::DISK_SIGNATURE_WRONG, |asked| asked.signature = STANDARD.encode([0x30; 256])),
    ];
    for (code, spoil) in unread {
        let mut asked = disk.answer(&client.disk_challenge().await.unwrap());
        spoil(&mut asked);
        let error = client.sign_in_disk(&asked).await.unwrap_err();
        assert!(error.is(code), "{error}");
    }
}

#[tokio::test]
async fn a_challenge_is_used_once_and_by_its_person_alone() {
    let (handle, client, companies) = activated(config()).await;
    let disk = good(&companies[1]);
    let is_gone = |error: &ClientError| error.is(code::DISK_CHALLENGE_GONE) && error.class() == Some(ErrorClass::NeedLogin);

    let used = disk.answer(&client.disk_challenge().await.unwrap());
    client.sign_in_disk(&used).await.unwrap();
    assert!(is_gone(&client.sign_in_disk(&used).await.unwrap_err()));

    let mut spoilt = disk.answer(&client.disk_challenge().await.unwrap());
    let right = std::mem::replace(&mut spoilt.signature, "?".to_owned());
    assert!(client.sign_in_disk(&spoilt).await.unwrap_err().is(code::BAD_REQUEST));
    assert!(is_gone(&client.sign_in_disk(&DiskSignIn { signature: right, ..spoilt }).await.unwrap_err()), "whatever comes of it");

    let code = client.sandbox().issue_code(CodeCondition::Fresh).await.unwrap().code;
    let other = Client::new(handle.base_url(), None).unwrap();
    sign_in(&other, device(2), "李明", false).await;
    assert!(other.disk_challenge().await.unwrap_err().is(code::NOT_ACTIVATED));
    other.activate(&ActivationRequest { code }).await.unwrap();
    let hers = disk.answer(&client.disk_challenge().await.unwrap());
    assert!(is_gone(&other.sign_in_disk(&hers).await.unwrap_err()), "another person's");
    assert!(client.sign_in_disk(&hers).await.is_ok(), "and still hers");
    let reused = DiskSignIn { challenge: client.disk_challenge().await.unwrap().id, ..hers };
    assert!(client.sign_in_disk(&reused).await.unwrap_err().is(code::DISK_SIGNATURE_WRONG), "an old signature over a new challenge");
}

#[tokio::test]
async fn a_challenge_ends() {
    let limits = Limits { disk_challenge_life: Duration::from_millis(1), ..Limits::default() };
    let (_handle, client, companies) = activated(GatewayConfig { limits, ..config() }).await;
    let asked = good(&companies[1]).answer(&client.disk_challenge().await.unwrap());
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(client.sign_in_disk(&asked).await.unwrap_err().is(code::DISK_CHALLENGE_GONE));
}

#[tokio::test]
async fn a_pulled_disk_makes_its_job_wait_and_the_same_disk_lets_it_go_on() {
    let (_handle, client, companies) = activated(config_at(20)).await;
    let (company, disk) = (&companies[1], good(&companies[1]));
    let session = disk.sign_in(&client).await.unwrap();
    let asked = Timestamp::now();
    let request = under(&session, "slow", JobKind::Collect, query(Scope::Received, last_month()));
    let started = client.start_job(&request).await.unwrap();
    let told = until_told(&client, &started.id).await;
    assert_eq!(told.state, JobState::Running);
    let takes = told.ready_at.unwrap().duration_since(asked);
    assert!((900..4_000).contains(&takes.as_millis()), "{takes:?}");

    client.sign_out_disk(&session.account).await.unwrap();
    client.sign_out_disk(&session.account).await.unwrap();
    assert!(client.disk_session(&session.account).await.unwrap_err().is(code::BUREAU_SESSION_LOST));
    until(&client, &started.id, |state| *state == JobState::WaitingLogin).await;
    let another = plug(SIZE.seed, company, "4499000000002", (30, 365)).sign_in(&client).await.unwrap();
    assert_ne!(another.account, session.account, "another disk of the same company is another account");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(client.job(&started.id).await.unwrap().state, JobState::WaitingLogin);

    let again = disk.sign_in(&client).await.unwrap();
    assert_eq!(again.account, session.account);
    until(&client, &started.id, is_done).await;
    let items = all_items(&client, &started.id, 200).await;
    let truth = client.sandbox().truth(&company.id, Scope::Received, last_month()).await.unwrap();
    assert_eq!(items.iter().collect::<Totals>(), total(&truth));
}

/// Follows a job until it says when it will be ready.
async fn until_told(client: &Client, id: &str) -> Job {
    for _ in 0..200 {
        let job = client.job(id).await.unwrap();
        if job.ready_at.is_some() {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("nobody says when the job will be ready")
}

#[tokio::test]
async fn a_disk_that_comes_loose_on_the_fault_dial_is_waited_for() {
    let (_handle, client, companies) = activated(config()).await;
    let disk = good(&companies[1]);
    let session = disk.sign_in(&client).await.unwrap();
    client.sandbox().fault(&FaultRequest::new(Fault::SessionLost, 1, 0)).await.unwrap();
    let request = under(&session, "loose", JobKind::Collect, query(Scope::Issued, last_month()));
    let started = client.start_job(&request).await.unwrap();
    until(&client, &started.id, |state| *state == JobState::WaitingLogin).await;
    disk.sign_in(&client).await.unwrap();
    until(&client, &started.id, is_done).await;
}

#[tokio::test]
async fn a_job_waits_for_a_disk_that_a_new_service_has_not_seen() {
    let (_handle, client, companies) = activated(config()).await;
    let disk = good(&companies[1]);
    let account = disk.sign_in(&client).await.unwrap().account;
    let (_handle, client, companies) = activated(config()).await;
    let request = |company: &Company, account: &str| JobRequest {
        account: Some(AccountId(account.to_owned())),
        ..job(account, JobKind::Collect, &company.id, query(Scope::Deductible, last_month()))
    };
    for (company, account) in [(0, account.0.as_str()), (1, "disk-"), (1, "disk-0-0"), (1, "nobody")] {
        let error = client.start_job(&request(&companies[company], account)).await.unwrap_err();
        assert!(error.is(code::NOT_FOUND), "{account}: {error}");
    }
    let started = client.start_job(&request(&companies[1], &account.0)).await.unwrap();
    until(&client, &started.id, |state| *state == JobState::WaitingLogin).await;
    disk.sign_in(&client).await.unwrap();
    until(&client, &started.id, is_done).await;
}

#[tokio::test]
async fn a_month_and_kind_is_applied_for_once_a_day() {
    let (_handle, client, companies) = activated(config()).await;
    let session = good(&companies[1]).sign_in(&client).await.unwrap();
    let month = last_month();
    let week = DateRange::new(month.from(), month.from().checked_add(jiff::ToSpan::days(6)).unwrap()).unwrap();
    let collect = |key: &str, query| under(&session, key, JobKind::Collect, query);
    let first = done(&client, &collect("week", query(Scope::Received, week))).await;
    let error = failed(&client, &collect("month", query(Scope::Received, month))).await;
    assert_eq!((error.class, error.code.as_str()), (ErrorClass::Quota, code::PLATFORM_TOO_SOON));
    assert!(is_near(error.until.unwrap(), Timestamp::now() + SignedDuration::from_hours(24)));
    assert!(error.upstream.is_some_and(|upstream| upstream.message.contains("24小时")));

    let items = all_items(&client, &first.id, 200).await;
    let same = done(&client, &collect("week again", query(Scope::Received, week))).await;
    assert_eq!(all_items(&client, &same.id, 200).await, items, "what is there is given again");
    let kind = items.first().map_or_else(|| Kind::from_code("01"), |invoice| invoice.kind.clone());
    let part = Query { kinds: vec![kind.clone()], ..query(Scope::Received, week) };
    let part = all_items(&client, &done(&client, &collect("a part", part)).await.id, 200).await;
    assert_eq!(part, items.iter().filter(|invoice| invoice.kind == kind).cloned().collect::<Vec<_>>());
    done(&client, &collect("another page", query(Scope::Issued, month))).await;
    let wide = collect("wide", query(Scope::Received, last_months(2)));
    assert!(client.start_job(&wide).await.unwrap_err().is(code::RANGE_TOO_LARGE));
}

#[tokio::test]
async fn a_service_without_roots_or_platform_takes_no_disks() {
    let stub = GatewayConfig { sandbox: true, ..GatewayConfig::new(Arc::new(Stub::saying("票"))) };
    let (root, _) = piaoxia_seals::Trust::from_certificates([Authority::new(1).unwrap().root_certificate()]);
    let rooted = GatewayConfig { sandbox: true, disk_roots: root, ..GatewayConfig::new(Arc::new(Stub::saying("票"))) };
    for config in [stub, rooted] {
        let (_handle, client, _) = activated(config).await;
        let error = client.disk_challenge().await.unwrap_err();
        assert!(error.is(code::DISK_NOT_OFFERED) && error.class() == Some(ErrorClass::Unsupported), "{error}");
    }
}
