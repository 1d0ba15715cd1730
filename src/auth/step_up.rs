//! Proving anew who is signed in, before something that a stolen session must not be able to do.
//!
//! The session gets another token: one that somebody has copied before is worth nothing afterwards.

use commands::{Command, Failure, Refusal, Request, session::PROOF_COUNTS};
use events::factor::FactorKind;
use graphql::port::{Denied, Shown, SteppedUp};
use secrecy::SecretString;

use super::{
    Auth, BUSY,
    attempt::wrong,
    closed,
    factors::{Purpose, oneself},
    watch::Why,
};

impl Auth {
    pub(super) async fn step_up(
        &self,
        request: &Request,
        given: SecretString,
        shown: Option<Shown>,
    ) -> Result<SteppedUp, Denied> {
        let (account, session) = oneself(request)?;
        self.count(request, account)?;
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        self.prove(request, account, &given).await?;
        let factors = self.handler.factors_of(account).await?;
        let proof = match shown {
            // A code by mail shows no more than whoever changes the password could show.
            _ if factors.all().iter().all(|factor| factor.kind == FactorKind::Mail) => None,
            None => return Err(Denied::Code),
            Some(shown) => {
                let purpose = Purpose::StepUp(session);
                let sent = self.proof_by_message(session, account, &factors, &shown).await?;
                let proof = match sent {
                    Some(proof) => Some(proof),
                    None => self.proof(request, account, &factors, purpose, &shown).await?,
                };
                if proof.is_none() {
                    self.watch.refused(Why::Wrong, request.origin.as_ref());
                    self.count_wrong_factor(request, account).await;
                    return Err(wrong(&shown));
                }
                proof
            }
        };
        let now = self.clock.now();
        let until = now + PROOF_COUNTS;
        let step_up = |mails| Command::StepUp { session, account, proof, until, mails };
        self.handler.rehearse(request, step_up(vec![])).await?;
        let mails = self.tell_of_proof(account, proof).await?;
        let (renewed, old) = self.sessions.renew(session, account).await?;
        let done = match self.handler.handle(request, step_up(mails.clone())).await {
            Ok(done) => done,
            Err(failure) => {
                self.withdraw(&mails).await;
                if matches!(failure, Failure::Refused(Refusal::SessionNotFound)) {
                    // It was ended in this very moment.
                    self.sessions.forget(&[session]).await.map_err(closed)?;
                } else {
                    // Nothing was proved: whoever has the old token keeps it.
                    self.sessions.put_back(old).await.map_err(closed)?;
                }
                return Err(failure.into());
            }
        };
        Ok(SteppedUp {
            done,
            token: renewed.token,
            expires_at: renewed.expires_at,
            max_age: renewed.max_age,
            until: until.min(renewed.expires_at),
        })
    }
}
