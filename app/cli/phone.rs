//! The sandbox's phone: does what a person would do with a phone and a mail box. It works against the sandbox alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use piaoxia_bureau::regions::forms::PASSWORD;
use piaoxia_domain::account::{Account, Session};
use piaoxia_domain::activation::ActivationCode;
use piaoxia_engine::event::SignInStep;
use piaoxia_engine::session::{SignedIn, sign_in};
use piaoxia_engine::{HiddenRequest, Problem, Secret, Services, accounts};
use piaoxia_service::contract::{ChallengeKind, CodeCondition, Company, DemoAccount, LoginStep, SandboxPhone, code};
use tokio_util::sync::CancellationToken;

/// Answers that a sign-in at the bureau may ask for before something is wrong.
const ANSWERS: u32 = 12;
/// Pause between two looks at a hosted number that answers by itself.
const HOSTED_PAUSE: Duration = Duration::from_millis(200);
/// Looks at it before something is wrong: a minute.
const HOSTED_LOOKS: u32 = 300;
/// Name that the phone signs in with.
const PERSON: &str = "体验用户";

/// The sandbox's phone.
pub(super) struct Phone<'a> {
    services: &'a Services,
}

impl<'a> Phone<'a> {
    pub(super) fn new(services: &'a Services) -> Self {
        Self { services }
    }

    /// Signs in to the service: the program shows its QR as it does in the window, the phone confirms.
    pub(super) async fn sign_in(&self, keep_signed_in: bool, stop: &CancellationToken) -> Result<SignedIn, Problem> {
        let given_up = stop.child_token();
        let fault: Arc<Mutex<Option<Problem>>> = Arc::default();
        let give_up = {
            let (given_up, fault) = (given_up.clone(), Arc::clone(&fault));
            move |problem| {
                fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(problem);
                given_up.cancel();
            }
        };
        let client = self.services.client().clone();
        let steps = move |step| match step {
            SignInStep::Ticket(ticket) => {
                let (client, give_up) = (client.clone(), give_up.clone());
                tokio::spawn(async move {
                    let phone = SandboxPhone { name: PERSON.to_owned(), number: ticket.number };
                    if let Err(error) = client.sandbox().confirm_ticket(&ticket.id, &phone).await {
                        give_up(error.into());
                    }
                });
            }
            SignInStep::Failed { problem, .. } => give_up(problem),
            _ => {}
        };
        let signed_in = sign_in(self.services, keep_signed_in, steps, &given_up).await;
        let fault = fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        signed_in.ok_or_else(|| fault.unwrap_or_else(Problem::cancelled))
    }

    /// Redeems the code of the activation mail; when that one is used up, a fresh one.
    pub(super) async fn activate(&self) -> Result<Vec<Company>, Problem> {
        let mails = self.services.client().sandbox().messages().await?;
        let codes = mails.into_iter().rev().filter_map(|mail| mail.code);
        let mailed = codes.into_iter().find(|code| ActivationCode::parse(code).is_ok());
        if let Some(mailed) = mailed {
            match accounts::activate(self.services, &Secret::new(mailed)).await {
                Err(problem) if problem.is(code::ACTIVATION_USED) || problem.is(code::ACTIVATION_EXPIRED) => {}
                other => return other,
            }
        }
        let fresh = self.services.client().sandbox().issue_code(CodeCondition::Fresh).await?;
        accounts::activate(self.services, &Secret::new(fresh.code)).await
    }

    /// Accounts of a company that the simulated bureau knows.
    pub(super) async fn known_accounts(&self, company: &Company) -> Result<Vec<DemoAccount>, Problem> {
        let all = self.services.client().sandbox().demo_accounts().await?;
        Ok(all.into_iter().filter(|known| known.company == company.id).collect())
    }

    /// Adds an account of the simulated bureau; `told` hears of each answer that it takes.
    pub(super) async fn add(&self, company: &Company, known: &DemoAccount, told: impl FnMut(&ChallengeKind)) -> Result<Account, Problem> {
        let step = accounts::save(self.services, &company.id, None, HiddenRequest(known.request.clone())).await?;
        self.follow(known, step, told).await
    }

    /// Signs an account in again.
    pub(super) async fn sign_in_account(
        &self,
        known: &DemoAccount,
        account: &Account,
        told: impl FnMut(&ChallengeKind),
    ) -> Result<Account, Problem> {
        if matches!(account.session, Session::Valid { .. }) {
            return Ok(account.clone());
        }
        let password = known.request.fields.get(PASSWORD).cloned().unwrap_or_default();
        let step = accounts::login(self.services, &account.id, &Secret::new(password)).await?;
        self.follow(known, step, told).await
    }

    async fn follow(&self, known: &DemoAccount, mut step: LoginStep, mut told: impl FnMut(&ChallengeKind)) -> Result<Account, Problem> {
        let client = self.services.client();
        let (mut answers, mut looks) = (0, 0);
        while answers < ANSWERS && looks < HOSTED_LOOKS {
            let challenge = match step {
                LoginStep::Done { account } => return Ok(account),
                LoginStep::Challenge { challenge } => challenge,
            };
            told(&challenge.kind);
            match challenge.kind {
                ChallengeKind::Working { .. } => looks += 1,
                _ => answers += 1,
            }
            step = match &challenge.kind {
                ChallengeKind::Image { .. } => {
                    let seen = client.sandbox().captcha(&challenge.id).await?;
                    self.services.call(|| client.answer_challenge(&challenge.id, &seen)).await?
                }
                ChallengeKind::Sms { .. } => {
                    let sent = self.sms(&known.phone).await?;
                    self.services.call(|| client.answer_challenge(&challenge.id, &sent)).await?
                }
                ChallengeKind::Qr { .. } | ChallengeKind::Face { .. } => {
                    client.sandbox().scan(&challenge.id).await?;
                    self.services.call(|| client.poll_challenge(&challenge.id)).await?
                }
                ChallengeKind::SelectIdentity { .. } => {
                    self.services.call(|| client.answer_challenge(&challenge.id, known.request.identity.code())).await?
                }
                ChallengeKind::ConfirmRelation { options } => {
                    let yes = options.first().map(|option| option.value.as_str()).unwrap_or_default();
                    self.services.call(|| client.answer_challenge(&challenge.id, yes)).await?
                }
                ChallengeKind::Working { .. } => {
                    tokio::time::sleep(HOSTED_PAUSE).await;
                    self.services.call(|| client.poll_challenge(&challenge.id)).await?
                }
                ChallengeKind::Unknown => return Err(Problem::needs_login()),
            };
        }
        Err(Problem::needs_login())
    }

    /// The newest code that was sent to a phone.
    async fn sms(&self, phone: &str) -> Result<String, Problem> {
        let messages = self.services.client().sandbox().messages().await?;
        let newest = messages.into_iter().rev().find(|message| message.to == phone && message.code.is_some());
        Ok(newest.and_then(|message| message.code).unwrap_or_default())
    }
}
