//! Refusals in Dutch.

use events::value::MemberKind;

use super::{Few, Refusal};

pub(super) fn message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotSignedIn => "Meld u eerst aan.",
        Refusal::Forbidden => "Dit mag u niet doen. Vraag het een beheerder van uw organisatie.",
        Refusal::Impersonating => {
            "Zolang u namens iemand anders werkt, kunt u niet wijzigen hoe iemand zich aanmeldt, hoe iemand bereikbaar is of wie wat beheert. Beëindig eerst die sessie."
        }
        Refusal::Conflict { current } => {
            return format!(
                "Iemand anders heeft dit intussen gewijzigd (het is nu versie {current}). Laad het opnieuw en probeer het nog eens."
            );
        }
        Refusal::KeyReused => {
            "Deze idempotency key is al voor een ander verzoek gebruikt. Gebruik een nieuwe."
        }
        Refusal::AlreadySetUp => "Deze installatie is al ingericht. Meld u aan als operator.",
        Refusal::NotSetUp => "Deze installatie is nog niet ingericht. Richt eerst de eerste operator in.",
        Refusal::FirstOperator => {
            "De eerste operator van de installatie kan niet worden ontheven of verwijderd."
        }
        Refusal::ServiceExists => "Er bestaat al een dienst met deze sleutel. Kies een andere sleutel.",
        Refusal::OrganisationNotFound => "Deze organisatie bestaat niet. Controleer de id.",
        Refusal::AccountNotFound => {
            "Dit account bestaat niet. Controleer de id; misschien is het account verwijderd."
        }
        Refusal::MemberNotFound => "Dit account is geen lid van de organisatie.",
        Refusal::SessionNotFound => "Deze sessie bestaat niet. Controleer de id.",
        Refusal::ServiceKeyNotFound => "Deze servicesleutel bestaat niet. Controleer de id.",
        Refusal::MailNotFound => "Deze mail bestaat niet. Controleer de id.",
        Refusal::MailSent => {
            "Deze mail is al verzonden. Laat een nieuwe maken als hij niet is aangekomen."
        }
        Refusal::MailGone => {
            "Wat er in deze mail moest staan, wordt niet meer bewaard. Laat een nieuwe maken."
        }
        Refusal::DocumentNotFound => {
            "Dit document bestaat niet. Misschien is het verlopen of vervangen door een nieuwer document."
        }
        Refusal::ServiceNotFound => "Deze dienst bestaat niet. Een operator kan de dienst registreren.",
        Refusal::OrganisationDeactivated => {
            "De organisatie is gedeactiveerd. Een operator kan haar weer activeren."
        }
        Refusal::MemberDeactivated => "Dit lid is gedeactiveerd. Activeer het account eerst weer.",
        Refusal::NoFreeSeat { kind, seats } => {
            return format!(
                "Alle {seats} {} van het abonnement zijn bezet. Verwijder een account of vraag een groter abonnement aan.",
                seats_for(*kind)
            );
        }
        Refusal::PlanBelowUse { kind, taken } => {
            return format!(
                "Er zijn {taken} {} bezet; het abonnement kan er niet minder hebben. Verwijder eerst accounts.",
                seats_for(*kind)
            );
        }
        Refusal::AlreadyMember => "Dit account is al lid van de organisatie.",
        Refusal::LastAdministrator => {
            "Dit is de laatste beheerder. Maak eerst iemand anders beheerder."
        }
        Refusal::OwnSwitch => {
            "U kunt uw eigen beheerdersrechten niet wijzigen. Vraag het een andere beheerder."
        }
        Refusal::OwnerStays => {
            "Dit is de eigenaar van de organisatie. Geef de organisatie eerst een andere eigenaar."
        }
        Refusal::ReaderCantManage => {
            "Een lezer kan niets beheren. Maak van het account eerst een volwaardig lid."
        }
        Refusal::FullToReader => {
            "Een volwaardig lid kan geen lezer worden. Maak in plaats daarvan een lezersaccount aan."
        }
        Refusal::UsernameTaken => {
            "Deze gebruikersnaam is in gebruik of is dat ooit geweest. Kies een andere."
        }
        Refusal::AddressTaken => "Dit e-mailadres is al in gebruik. Kies een ander adres.",
        Refusal::AliasTaken => "Dit adres is al in gebruik, als eigen adres of als alias. Kies een ander adres.",
        Refusal::DomainTaken => {
            "Dit domein hoort al bij een organisatie. Verwijder het daar eerst."
        }
        Refusal::DomainNotRegistered { domain } => {
            return format!(
                "De organisatie heeft geen domein {domain}. Kies een van haar domeinen of vraag een operator het te registreren."
            );
        }
        Refusal::ServiceDisabled => {
            "Deze dienst staat voor de organisatie uit. Schakel de dienst daar eerst in."
        }
        Refusal::ServiceNotForReaders => {
            "Een lezer kan deze dienst niet krijgen. Maak van het account eerst een volwaardig lid."
        }
        Refusal::DelegateIsOneself => {
            "Namens zichzelf kan een lid altijd verzenden. Kies een ander account."
        }
        Refusal::DelegateNotFound => {
            "Wie namens een ander verzendt, moet een actief lid van dezelfde organisatie zijn."
        }
        Refusal::DisplayNameRequired => "De weergavenaam mag niet leeg zijn. Vul een naam in.",
        Refusal::WrongKindOfValue { .. } => {
            "Deze waarde past niet bij het veld. Controleer wat er in het veld hoort."
        }
        Refusal::AccountPending => "Dit account heeft nog geen wachtwoord. Geef het er eerst een.",
        Refusal::AccountLocked => "Dit account is na te veel verkeerde wachtwoorden vergrendeld. Een beheerder kan het ontgrendelen.",
        Refusal::LinkVoid => "Deze link werkt niet meer: hij is gebruikt, verlopen of door een nieuwere vervangen. Vraag een nieuwe aan.",
        Refusal::ConfirmationNeeded => "Uw eigen e-mailadres geldt pas als u het hebt bevestigd. Gebruik `emailChange`.",
        Refusal::OperatorStays => "Dit account beheert de installatie. Onthef het eerst als operator.",
        Refusal::BelongsElsewhere => {
            "Dit account hoort ook ergens anders bij. Alleen de persoon zelf of een operator kan wijzigen hoe het zich aanmeldt."
        }
        Refusal::AlreadyActivated => {
            "Dit account is al geactiveerd. De eigenaar kan een nieuw wachtwoord aanvragen."
        }
        Refusal::ActivationEnded => "Deze activering geldt niet meer. Vraag een nieuwe link aan.",
        Refusal::InvitationEnded => "Deze uitnodiging geldt niet meer. Vraag een nieuwe link aan.",
        Refusal::AddressRequired => "Dit account heeft geen e-mailadres. Vul er eerst een in.",
        Refusal::LimitReached { what, most } => {
            let (what, instead) = few(*what);
            return format!("Er zijn al {most} {what}; meer kunnen het er niet zijn. {instead}");
        }
        Refusal::FactorNotFound => "Deze tweede factor bestaat niet. Misschien is hij verwijderd.",
        Refusal::OperatorNotActedFor => "Niemand kan namens een operator handelen. Kies een ander account.",
        Refusal::CodeUsed => "Deze code is al gebruikt. Wacht op de volgende of neem een andere.",
        Refusal::MessageNotSent => {
            "De sms kon niet worden verstuurd. Probeer het over een paar minuten opnieuw of neem een andere factor."
        }
        Refusal::NoFactors => "Er is nog geen tweede factor. Stel er eerst een in.",
        Refusal::StepUpRequired => {
            "Dit kan iemand toegang tot een account geven. Toon met `stepUp` aan dat u het bent en probeer het opnieuw."
        }
        Refusal::ScopesRequired => {
            "Een servicesleutel heeft minstens één bevoegdheid nodig. Kies wat de sleutel mag."
        }
        Refusal::ExpiryPassed => "Dit moment is al voorbij. Kies een moment in de toekomst.",
        Refusal::ExpiryTooFar => "Een bericht is hoogstens 24 uur te zien. Kies een eerder moment.",
    }
    .to_owned()
}

const fn few(what: Few) -> (&'static str, &'static str) {
    match what {
        Few::Aliases => ("aliassen", "Verwijder er een die niet meer nodig is."),
        Few::Delegates => ("gemachtigden", "Verwijder er een die niet meer verzendt."),
        Few::Domains => ("domeinen", "Verwijder er een dat niet meer nodig is."),
        Few::Services => ("diensten", "Gebruik een dienst die er al is."),
        Few::InvitationLinks => {
            ("uitnodigingslinks", "Trek er een in die niet meer wordt gebruikt.")
        }
        Few::Operators => ("operators", "Onthef er eerst een."),
        Few::Factors => ("tweede factoren", "Verwijder er een die niet meer gebruikt wordt."),
    }
}

const fn seats_for(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Full => "plaatsen voor volwaardige leden",
        MemberKind::Reader => "plaatsen voor lezers",
    }
}
