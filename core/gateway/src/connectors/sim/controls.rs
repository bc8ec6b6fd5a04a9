//! The controls of the simulated world.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use piaoxia_bureau::{HostedFailure, PasswordDemand};
use piaoxia_domain::account::LoginMode;
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{DateRange, Kind, Scope, Totals};
use piaoxia_service::contract::{AccountRequest, Company, DemoAccount, Fault, FaultRequest, MessageBy, SandboxMessage, SummaryRow};

use super::refusal::refused;
use super::{SimConnector, world};
use crate::connectors::{SandboxControls, Task};
use crate::failure::Answer;

impl SandboxControls for SimConnector {
    fn messages(&self) -> Vec<SandboxMessage> {
        let message = |sent: piaoxia_bureau::Message| SandboxMessage {
            by: MessageBy::Sms,
            subject: String::new(),
            to: sent.to,
            text: sent.text,
            code: Some(sent.code).filter(|code| !code.is_empty()),
            sent_at: sent.sent_at,
        };
        self.bureau.messages(None).into_iter().map(message).collect()
    }

    fn captcha(&self, challenge: &str) -> Option<String> {
        self.bureau.captcha_answer(challenge)
    }

    fn scan(&self, text: &str) -> Answer<()> {
        self.bureau.scan_qr(text, true, Timestamp::now()).map_err(refused)
    }

    fn kick(&self, upstream: &str) {
        if let Some(no) = world::account_no(upstream) {
            self.bureau.kick(no);
        }
    }

    fn fault(&self, request: &FaultRequest) -> bool {
        let now = Timestamp::now();
        match request.fault {
            Fault::HostedFails => self.bureau.fail_hosted(request.times, HostedFailure::from_dial(request.arg)),
            Fault::PlatformPassword => self.bureau.demand_platform_password(request.times, PasswordDemand::from_dial(request.arg)),
            Fault::Maintenance if request.times == 0 => {
                self.bureau.end_maintenance(&request.region, now);
                return false;
            }
            Fault::Maintenance if request.arg > 0 => {
                let span = SignedDuration::from_secs(i64::try_from(request.arg).unwrap_or(i64::MAX));
                self.bureau.set_maintenance(&request.region, now.checked_add(span).unwrap_or(Timestamp::MAX));
            }
            _ => return false,
        }
        true
    }

    fn truth<'a>(&'a self, company: &'a Company, scope: Scope, dates: DateRange) -> Task<'a, Vec<SummaryRow>> {
        Box::pin(async move {
            let (no, today) = (self.number(company)?, shanghai_day(Timestamp::now()));
            let query = piaoxia_bureau::Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
            // One by one, not by the bureau's own summary: this is what summaries are checked against.
            self.heavy(move |bureau| {
                let mut rows: BTreeMap<(Date, Kind), Totals> = BTreeMap::new();
                for invoice in bureau.invoices(no, &query, today) {
                    let month = invoice.issued_on().first_of_month();
                    rows.entry((month, invoice.kind.clone())).or_default().add(&invoice);
                }
                Ok(rows.into_iter().map(|((month, kind), totals)| SummaryRow { kind, month, totals }).collect())
            })
            .await
        })
    }

    fn demo_accounts(&self) -> Vec<DemoAccount> {
        let demo = |known: piaoxia_bureau::DemoAccount| {
            let fields = known.fields();
            DemoAccount {
                company: world::company_id(known.company),
                request: AccountRequest { fields, identity: known.identity, login_mode: LoginMode::Manual },
                phone: known.phone,
                rights: known.rights,
                hint: known.hint.to_owned(),
            }
        };
        self.bureau.demo_accounts().into_iter().map(demo).collect()
    }
}
