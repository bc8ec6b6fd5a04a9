//! Activation codes (激活码): issued, redeemed once, bound to the PC that redeems them.

use std::net::IpAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::activation::ActivationCode;
use piaoxia_service::contract::{CodeCondition, ErrorClass, IssuedCode, code};

use crate::failure::{Answer, Failure};
use crate::random;
use crate::sessions::Holder;
use crate::state::{Binding, Book, Code, Redemption, State};
use crate::throttle::Throttle;

/// Life of a code, by the gateway's clock.
const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Wrong codes a minute from one address.
const WRONG_A_MINUTE: usize = 5;

/// Counts wrong codes.
pub(crate) fn guesses() -> Throttle {
    Throttle::new(WRONG_A_MINUTE, Duration::from_secs(60))
}

/// Refuses an address that has tried too many codes.
fn slow_down(guesses: &Throttle, peer: IpAddr) -> Answer<()> {
    let Some(wait) = guesses.wait(peer) else { return Ok(()) };
    Err(Failure::new(ErrorClass::Throttle, code::ACTIVATION_THROTTLED, "too many wrong codes").retry_after(wait.as_secs() + 1))
}

/// Redeems a typed code for a person on a PC; gives the ids of the companies that it brings.
///
/// # Errors
/// `activation.malformed` (a typing mistake, not counted as a guess), `.unknown`, `.expired`, `.used`, `.throttled`.
pub(crate) async fn redeem(book: &Book, guesses: &Throttle, peer: IpAddr, holder: &Holder, typed: &str) -> Answer<Vec<String>> {
    slow_down(guesses, peer)?;
    let parsed = ActivationCode::parse(typed)
        .map_err(|fault| Failure::new(ErrorClass::UserFix, code::ACTIVATION_MALFORMED, fault.to_string()).field("code"))?;
    let hash = random::digest(parsed.expose());
    let result = book.change(|state| redeem_in(state, &hash, holder, Timestamp::now())).await;
    if let Err(failure) = &result
        && matches!(failure.code(), code::ACTIVATION_UNKNOWN | code::ACTIVATION_EXPIRED)
    {
        guesses.note(peer);
    }
    result
}

fn redeem_in(state: &mut State, hash: &str, holder: &Holder, now: Timestamp) -> Answer<Vec<String>> {
    let refuse = |code, message: &str| Err(Failure::new(ErrorClass::UserFix, code, message).field("code"));
    let Some(record) = state.codes.get_mut(hash) else { return refuse(code::ACTIVATION_UNKNOWN, "nobody issued this code") };
    match &record.redeemed {
        Some(earlier) if earlier.ended || earlier.device != holder.device => {
            return refuse(code::ACTIVATION_USED, "the code was redeemed on another PC");
        }
        // The answer to an earlier call was lost: it is given again, however late.
        Some(earlier) if earlier.person == holder.person => {}
        _ if record.expires_at <= now => return refuse(code::ACTIVATION_EXPIRED, "the code is older than 24 hours"),
        // A colleague on the same PC while the code lives.
        Some(_) => {}
        None => record.redeemed = Some(Redemption { device: holder.device.clone(), person: holder.person.clone(), ended: false }),
    }
    let brought = record.companies.clone();
    grant(state, holder, &brought);
    Ok(brought)
}

fn grant(state: &mut State, holder: &Holder, companies: &[String]) {
    if state.binding(&holder.person, &holder.device).is_none() {
        bind(state, &holder.person, &holder.device);
    }
    if let Some(binding) = state.binding_mut(&holder.person, &holder.device) {
        binding.activated = true;
        for company in companies {
            if !binding.companies.contains(company) {
                binding.companies.push(company.clone());
            }
        }
    }
}

/// Notes that a person has signed in on a PC; the right to use it comes with a code.
pub(crate) fn bind(state: &mut State, person: &str, device: &str) {
    if state.binding(person, device).is_none() {
        let binding = Binding { person: person.to_owned(), device: device.to_owned(), activated: false, companies: Vec::new() };
        state.bindings.push(binding);
    }
}

/// 解除绑定: ends a person's right on a PC, with its refresh tokens; codes redeemed there open nothing any more.
pub(crate) fn unbind(state: &mut State, person: &str, device: &str) {
    state.bindings.retain(|binding| binding.person != person || binding.device != device);
    state.refresh.retain(|_, token| token.person != person || token.device != device);
    for code in state.codes.values_mut() {
        if let Some(redeemed) = code.redeemed.as_mut().filter(|redeemed| redeemed.person == person && redeemed.device == device) {
            redeemed.ended = true;
        }
    }
}

/// Issues a code for these companies.
///
/// # Errors
/// The state cannot be written.
pub(crate) async fn issue(book: &Book, companies: Vec<String>, condition: CodeCondition) -> Answer<(ActivationCode, IssuedCode)> {
    let secret = ActivationCode::from_random(rand::random());
    let now = Timestamp::now();
    let issued_at = match condition {
        CodeCondition::Fresh | CodeCondition::Used => now,
        CodeCondition::Expired => now - SignedDuration::from_hours(25),
    };
    let expires_at = issued_at + LIFE;
    let redeemed = (condition == CodeCondition::Used).then(|| Redemption { device: random::id(), person: random::id(), ended: false });
    let hash = random::digest(secret.expose());
    book.change(|state| {
        state.codes.insert(hash, Code { expires_at, companies, redeemed });
        Ok(())
    })
    .await?;
    let issued = IssuedCode { code: secret.grouped(), expires_at };
    Ok((secret, issued))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn holder(person: &str, device: &str) -> Holder {
        Holder { person: person.to_owned(), device: device.to_owned(), family: None }
    }

    async fn fresh(book: &Book) -> String {
        issue(book, vec!["c1".to_owned()], CodeCondition::Fresh).await.unwrap().1.code
    }

    #[tokio::test]
    async fn a_code_is_bound_to_the_pc_that_redeems_it() {
        let (book, guesses) = (Book::open(None).unwrap().0, guesses());
        let code = fresh(&book).await;
        let redeem = async |who: Holder| redeem(&book, &guesses, HERE, &who, &code).await.map_err(|failure| failure.code().to_owned());
        assert_eq!(redeem(holder("p", "d")).await, Ok(vec!["c1".to_owned()]));
        assert_eq!(redeem(holder("p", "d")).await, Ok(vec!["c1".to_owned()]), "a lost answer costs nothing");
        assert_eq!(redeem(holder("q", "d")).await, Ok(vec!["c1".to_owned()]), "a colleague on the same PC");
        assert_eq!(redeem(holder("p", "e")).await, Err(code::ACTIVATION_USED.to_owned()));
        book.change(|state| {
            unbind(state, "p", "d");
            Ok(())
        })
        .await
        .unwrap();
        assert!(book.read().binding("p", "d").is_none());
        assert_eq!(redeem(holder("p", "d")).await, Err(code::ACTIVATION_USED.to_owned()), "unbinding spends the code");
    }

    #[tokio::test]
    async fn wrong_codes_are_counted_and_typing_mistakes_are_not() {
        let (book, guesses) = (Book::open(None).unwrap().0, guesses());
        let who = holder("p", "d");
        for _ in 0..20 {
            let failure = redeem(&book, &guesses, HERE, &who, "ABCD-EFGH").await.unwrap_err();
            assert_eq!(failure.code(), code::ACTIVATION_MALFORMED);
        }
        let nobodys = ActivationCode::from_random([1; 10]);
        for _ in 0..WRONG_A_MINUTE {
            let failure = redeem(&book, &guesses, HERE, &who, nobodys.expose()).await.unwrap_err();
            assert_eq!(failure.code(), code::ACTIVATION_UNKNOWN);
        }
        let right = fresh(&book).await;
        let failure = redeem(&book, &guesses, HERE, &who, &right).await.unwrap_err();
        assert_eq!(failure.code(), code::ACTIVATION_THROTTLED);
        assert!(failure.error().retry_after.unwrap() <= 61);
        let elsewhere = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));
        assert!(redeem(&book, &guesses, elsewhere, &who, &right).await.is_ok(), "others are not punished");
    }

    #[tokio::test]
    async fn each_condition_has_its_own_answer_and_codes_are_kept_as_hashes() {
        let (book, guesses) = (Book::open(None).unwrap().0, guesses());
        for (condition, wanted) in [(CodeCondition::Expired, code::ACTIVATION_EXPIRED), (CodeCondition::Used, code::ACTIVATION_USED)] {
            let (_, issued) = issue(&book, vec![], condition).await.unwrap();
            let failure = redeem(&book, &guesses, HERE, &holder("p", "d"), &issued.code).await.unwrap_err();
            assert_eq!(failure.code(), wanted);
            let kept = serde_json::to_string(&*book.read()).unwrap();
            assert!(!kept.contains(&issued.code) && !kept.contains(&issued.code.replace('-', "")));
        }
    }
}
