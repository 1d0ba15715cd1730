//! The second factors of one person: which there are, and what was used up.

use events::{
    AccountId, CredentialId, FactorId, Sealed,
    factor::{Event, FactorKind, NotSent},
    value::Text,
};
use serde::Serialize;

use crate::{Few, Refusal, aggregate::Aggregate};

/// What one may ask of somebody's second factors.
#[derive(Clone, Debug)]
pub enum Command {
    /// Lets a factor count that its owner has just shown.
    Add {
        /// Whose.
        account: AccountId,
        /// Which.
        factor: FactorId,
        /// What it is.
        kind: FactorKind,
        /// What its owner calls it.
        name: Option<Text>,
        /// The time step of the code that showed it, or how often a passkey has signed.
        step: Option<u64>,
    },
    /// Lets a first factor count, on its owner's way in.
    Enrol {
        /// Whose.
        account: AccountId,
        /// Which.
        factor: FactorId,
        /// What it is.
        kind: FactorKind,
        /// What its owner calls it.
        name: Option<Text>,
        /// The time step of the code that showed it.
        step: Option<u64>,
    },
    /// Ends that a factor counts.
    Remove {
        /// Which.
        factor: FactorId,
    },
    /// Puts new recovery codes in the place of earlier ones.
    MakeRecoveryCodes {
        /// Where the vault has their hashes.
        codes: CredentialId,
        /// How many there are.
        count: u8,
    },
    /// Notes that the password was right and a factor is asked for.
    Ask,
    /// Notes that a code was sent, or why it wasn't.
    NoteCode {
        /// To the telephone of which factor; it may not count yet.
        factor: FactorId,
        /// Why it wasn't.
        failure: Option<NotSent>,
    },
    /// Uses up a proof.
    Use(Proof),
    /// Notes that a passkey counted backwards.
    Suspect {
        /// Which.
        factor: FactorId,
    },
}

/// What showed, beside the password, that somebody is who they say. The edge has compared it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Proof {
    /// A factor.
    Factor {
        /// Which.
        factor: FactorId,
        /// The time step of its code, or how often a passkey has signed.
        step: Option<u64>,
    },
    /// A recovery code.
    RecoveryCode {
        /// Where the vault has its hash.
        codes: CredentialId,
        /// Its place among the others, counted from 0.
        place: u8,
    },
}

/// Somebody's second factors, as far as rules need them.
#[derive(Clone, Debug, Default)]
pub struct Factors {
    factors: Vec<Factor>,
    recovery: Option<RecoveryCodes>,
}

/// A second factor that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its identity, and that of its secret in the vault.
    pub id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// The newest time step that was used, or how often a passkey has signed.
    pub step: Option<u64>,
}

/// Recovery codes of which some may be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryCodes {
    /// Where the vault has their hashes.
    pub codes: CredentialId,
    /// Which are left: one bit each.
    left: u32,
}

impl Aggregate for Factors {
    type Command = Command;
    type Event = Event;

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Added { factor, kind, step, .. } => {
                self.factors.push(Factor { id: *factor, kind: *kind, step: *step });
            }
            Event::Removed { factor } => {
                self.factors.retain(|known| known.id != *factor);
                // They stand for factors that are lost; without any they would be a factor of their own.
                if self.factors.is_empty() {
                    self.recovery = None;
                }
            }
            Event::RecoveryCodesMade { codes, count } => {
                let left = (1_u32 << (*count).min(31)) - 1;
                self.recovery = Some(RecoveryCodes { codes: *codes, left });
            }
            Event::Asked
            | Event::CodeSent { .. }
            | Event::CodeNotSent { .. }
            | Event::Suspected { .. } => {}
            Event::Used { factor, step } => {
                for known in self.factors.iter_mut().filter(|known| known.id == *factor) {
                    known.step = known.step.max(*step);
                }
            }
            Event::RecoveryCodeUsed { place } => {
                if let Some(recovery) = &mut self.recovery {
                    recovery.left &= !(1 << (*place).min(31));
                }
            }
        }
        self
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Add { factor, .. } if self.find(factor).is_some() => Ok(vec![]), // already so
            Command::Add { account, factor, kind, name, step } => {
                Few::Factors.room(self.factors.len())?;
                let name = name.map(|name| Sealed::new(account, name));
                Ok(vec![Event::Added { factor, kind, name, step }])
            }
            // Whoever knows the password and no more gets past no factor by adding one.
            Command::Enrol { .. } if !self.is_empty() => Err(Refusal::Forbidden),
            Command::Enrol { account, factor, kind, name, step } => {
                self.decide(Command::Add { account, factor, kind, name, step })
            }
            Command::Remove { factor } => match self.find(factor) {
                Some(_) => Ok(vec![Event::Removed { factor }]),
                None => Err(Refusal::FactorNotFound),
            },
            Command::MakeRecoveryCodes { .. } if self.factors.is_empty() => Err(Refusal::NoFactors),
            Command::MakeRecoveryCodes { codes, count } => {
                Ok(vec![Event::RecoveryCodesMade { codes, count }])
            }
            Command::Ask => Ok(vec![Event::Asked]),
            Command::NoteCode { factor, failure: None } => Ok(vec![Event::CodeSent { factor }]),
            Command::NoteCode { factor, failure: Some(reason) } => {
                Ok(vec![Event::CodeNotSent { factor, reason }])
            }
            Command::Use(Proof::Factor { factor, step }) => match self.find(factor) {
                None => Err(Refusal::FactorNotFound),
                // Codes of earlier steps than the newest one are used up too: time goes one way.
                Some(known) if !known.goes_on(step) => Err(Refusal::CodeUsed),
                Some(_) => Ok(vec![Event::Used { factor, step }]),
            },
            Command::Use(Proof::RecoveryCode { codes, place }) => match self.recovery {
                Some(recovery) if recovery.codes == codes && recovery.is_left(place) => {
                    Ok(vec![Event::RecoveryCodeUsed { place }])
                }
                Some(_) | None => Err(Refusal::CodeUsed),
            },
            Command::Suspect { factor } => match self.find(factor) {
                Some(_) => Ok(vec![Event::Suspected { factor }]),
                None => Err(Refusal::FactorNotFound),
            },
        }
    }
}

impl Factors {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.factors.is_empty()
    }

    /// Those that count, oldest first.
    pub fn all(&self) -> &[Factor] {
        &self.factors
    }

    /// The recovery codes, if there are any.
    pub const fn recovery(&self) -> Option<RecoveryCodes> {
        self.recovery
    }

    /// A factor that counts.
    pub fn find(&self, id: FactorId) -> Option<Factor> {
        self.factors.iter().find(|factor| factor.id == id).copied()
    }
}

impl Factor {
    /// Whether this step, or count, comes after all that were used. Where nothing is counted, anything does.
    pub fn goes_on(self, step: Option<u64>) -> bool {
        step > self.step || (step.is_none() && self.step.is_none())
    }
}

impl RecoveryCodes {
    /// Whether a code was not used.
    pub const fn is_left(self, place: u8) -> bool {
        place < 31 && self.left & (1 << place) != 0
    }

    /// How many are left.
    pub const fn count(self) -> u32 {
        self.left.count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::given;
    use uuid::Uuid;

    fn id(n: u128) -> FactorId {
        Uuid::from_u128(n).into()
    }
    fn codes(n: u128) -> CredentialId {
        Uuid::from_u128(n).into()
    }
    fn added(n: u128, step: Option<u64>) -> Event {
        Event::Added { factor: id(n), kind: FactorKind::Totp, name: None, step }
    }
    fn add(n: u128) -> Command {
        let account = Uuid::from_u128(7).into();
        Command::Add { account, factor: id(n), kind: FactorKind::Totp, name: None, step: Some(9) }
    }
    fn code(step: u64) -> Command {
        Command::Use(Proof::Factor { factor: id(1), step: Some(step) })
    }
    fn recovery(n: u128, place: u8) -> Command {
        Command::Use(Proof::RecoveryCode { codes: codes(n), place })
    }
    fn made(n: u128) -> Event {
        Event::RecoveryCodesMade { codes: codes(n), count: 10 }
    }

    #[test]
    fn s13_an_accepted_step_is_never_accepted_again_and_neither_are_those_before_it() {
        let used = |step| Event::Used { factor: id(1), step: Some(step) };
        let factors = given::<Factors>([added(1, Some(5)), used(8)]);
        for step in [4, 5, 7, 8] {
            factors.when(code(step)).then_refused(&Refusal::CodeUsed);
        }
        factors.when(code(9)).then([used(9)]);
        given::<Factors>([]).when(code(9)).then_refused(&Refusal::FactorNotFound);
    }

    #[test]
    fn s13_a_passkey_that_counts_only_counts_on_and_history_is_told_otherwise() {
        let signed = |step| Command::Use(Proof::Factor { factor: id(1), step });
        let counts = given::<Factors>([added(1, Some(5))]);
        for step in [None, Some(4), Some(5)] {
            counts.when(signed(step)).then_refused(&Refusal::CodeUsed);
        }
        let doesnt = given::<Factors>([added(1, None)]);
        doesnt.when(signed(None)).then([Event::Used { factor: id(1), step: None }]);
        let suspect = |n| Command::Suspect { factor: id(n) };
        counts.when(suspect(1)).then([Event::Suspected { factor: id(1) }]);
        counts.when(suspect(2)).then_refused(&Refusal::FactorNotFound);
    }

    #[test]
    fn s13_the_code_that_confirmed_a_factor_signs_nobody_in() {
        given::<Factors>([added(1, Some(5))]).when(code(5)).then_refused(&Refusal::CodeUsed);
    }

    #[test]
    fn s9_a_recovery_code_works_once_and_new_ones_end_the_old_ones() {
        let one = given::<Factors>([added(1, None), made(1)]);
        one.when(recovery(1, 3)).then([Event::RecoveryCodeUsed { place: 3 }]);
        one.when(recovery(1, 10)).then_refused(&Refusal::CodeUsed);
        let used = Event::RecoveryCodeUsed { place: 3 };
        let after = given::<Factors>([added(1, None), made(1), used]);
        after.when(recovery(1, 3)).then_refused(&Refusal::CodeUsed);
        after.when(recovery(1, 4)).then([Event::RecoveryCodeUsed { place: 4 }]);
        let renewed = given::<Factors>([added(1, None), made(1), made(2)]);
        renewed.when(recovery(1, 4)).then_refused(&Refusal::CodeUsed);
        renewed.when(recovery(2, 4)).then([Event::RecoveryCodeUsed { place: 4 }]);
    }

    #[test]
    fn s13_who_has_a_factor_can_t_add_another_one_on_the_way_in() {
        let enrol = |n| {
            let (account, kind) = (Uuid::from_u128(7).into(), FactorKind::Totp);
            Command::Enrol { account, factor: id(n), kind, name: None, step: Some(9) }
        };
        given::<Factors>([]).when(enrol(1)).then([added(1, Some(9))]);
        given::<Factors>([added(1, None)]).when(enrol(2)).then_refused(&Refusal::Forbidden);
        let removed = Event::Removed { factor: id(1) };
        given::<Factors>([added(1, None), removed]).when(enrol(2)).then([added(2, Some(9))]);
    }

    #[test]
    fn with_the_last_factor_the_recovery_codes_go() {
        let make = || Command::MakeRecoveryCodes { codes: codes(1), count: 10 };
        given::<Factors>([]).when(make()).then_refused(&Refusal::NoFactors);
        let gone = given::<Factors>([added(1, None), made(1), Event::Removed { factor: id(1) }]);
        gone.when(recovery(1, 0)).then_refused(&Refusal::CodeUsed);
    }

    #[test]
    fn a_factor_is_added_once_and_removed_once_and_there_are_ten_at_most() {
        given::<Factors>([added(1, None)]).when(add(1)).then_nothing();
        let removed = Event::Removed { factor: id(1) };
        let remove = || Command::Remove { factor: id(1) };
        given::<Factors>([added(1, None)]).when(remove()).then([removed.clone()]);
        given::<Factors>([added(1, None), removed])
            .when(remove())
            .then_refused(&Refusal::FactorNotFound);
        let full = Refusal::LimitReached { what: Few::Factors, most: Few::Factors.most() };
        given::<Factors>((0..10).map(|n| added(n, None))).when(add(99)).then_refused(&full);
    }
}
