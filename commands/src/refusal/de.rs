//! Refusals in German.

use events::value::MemberKind;

use super::{Few, Refusal};

pub(super) fn message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotSignedIn => "Bitte melden Sie sich zuerst an.",
        Refusal::Forbidden => {
            "Das dürfen Sie nicht. Wenden Sie sich an einen Administrator Ihrer Organisation."
        }
        Refusal::Impersonating => {
            "Solange Sie im Namen einer anderen Person arbeiten, können Sie nicht ändern, wie sich jemand anmeldet, wie jemand erreichbar ist oder wer was verwaltet. Beenden Sie zuerst diese Sitzung."
        }
        Refusal::Conflict { current } => {
            return format!(
                "Jemand anders hat dies inzwischen geändert (es hat jetzt Version {current}). Laden Sie es neu und versuchen Sie es noch einmal."
            );
        }
        Refusal::KeyReused => {
            "Dieser Idempotenzschlüssel wurde schon für eine andere Anfrage verwendet. Nehmen Sie einen neuen."
        }
        Refusal::AlreadySetUp => {
            "Diese Installation ist bereits eingerichtet. Melden Sie sich als Betreiber an."
        }
        Refusal::NotSetUp => {
            "Diese Installation ist noch nicht eingerichtet. Richten Sie zuerst den ersten Betreiber ein."
        }
        Refusal::FirstOperator => {
            "Der erste Betreiber der Installation kann weder abberufen noch gelöscht werden."
        }
        Refusal::ServiceExists => {
            "Einen Dienst mit diesem Schlüssel gibt es schon. Wählen Sie einen anderen Schlüssel."
        }
        Refusal::OrganisationNotFound => "Diese Organisation gibt es nicht. Prüfen Sie die ID.",
        Refusal::AccountNotFound => {
            "Dieses Konto gibt es nicht. Prüfen Sie die ID; vielleicht wurde das Konto gelöscht."
        }
        Refusal::MemberNotFound => "Dieses Konto ist kein Mitglied der Organisation.",
        Refusal::SessionNotFound => "Diese Sitzung gibt es nicht. Prüfen Sie die ID.",
        Refusal::ServiceKeyNotFound => "Diesen Dienstschlüssel gibt es nicht. Prüfen Sie die ID.",
        Refusal::MailNotFound => "Diese Mail gibt es nicht. Prüfen Sie die ID.",
        Refusal::MailSent => {
            "Diese Mail wurde schon gesendet. Lassen Sie eine neue erstellen, wenn sie nicht angekommen ist."
        }
        Refusal::MailGone => {
            "Was in dieser Mail stehen sollte, wird nicht mehr aufbewahrt. Lassen Sie eine neue erstellen."
        }
        Refusal::DocumentNotFound => {
            "Dieses Dokument gibt es nicht. Vielleicht ist es abgelaufen oder durch ein neueres ersetzt worden."
        }
        Refusal::ServiceNotFound => {
            "Diesen Dienst gibt es nicht. Ein Betreiber kann ihn registrieren."
        }
        Refusal::OrganisationDeactivated => {
            "Die Organisation ist deaktiviert. Ein Betreiber kann sie wieder aktivieren."
        }
        Refusal::MemberDeactivated => {
            "Dieses Mitglied ist deaktiviert. Aktivieren Sie das Konto zuerst wieder."
        }
        Refusal::NoFreeSeat { kind, seats } => {
            return format!(
                "Alle {seats} {} des Tarifs sind belegt. Löschen Sie ein Konto oder fragen Sie nach einem größeren Tarif.",
                seats_for(*kind)
            );
        }
        Refusal::PlanBelowUse { kind, taken } => {
            return format!(
                "Es sind {taken} {} belegt; weniger kann der Tarif nicht haben. Löschen Sie zuerst Konten.",
                seats_for(*kind)
            );
        }
        Refusal::AlreadyMember => "Dieses Konto ist schon Mitglied der Organisation.",
        Refusal::LastAdministrator => {
            "Das ist der letzte Administrator. Machen Sie zuerst jemand anderen zum Administrator."
        }
        Refusal::OwnSwitch => {
            "Ihre eigenen Administratorrechte können Sie nicht ändern. Bitten Sie einen anderen Administrator darum."
        }
        Refusal::OwnerStays => {
            "Das ist der Inhaber der Organisation. Geben Sie der Organisation zuerst einen anderen Inhaber."
        }
        Refusal::ReaderCantManage => {
            "Ein Lesebenutzer kann nichts verwalten. Machen Sie das Konto zuerst zum Vollmitglied."
        }
        Refusal::FullToReader => {
            "Ein Vollmitglied kann nicht zum Lesebenutzer werden. Legen Sie stattdessen ein Lesekonto an."
        }
        Refusal::UsernameTaken => {
            "Dieser Benutzername ist vergeben oder war es einmal. Wählen Sie einen anderen."
        }
        Refusal::AddressTaken => {
            "Diese E-Mail-Adresse wird schon verwendet. Wählen Sie eine andere."
        }
        Refusal::AliasTaken => "Diese Adresse wird schon verwendet, als eigene oder als Alias. Wählen Sie eine andere.",
        Refusal::DomainTaken => {
            "Diese Domain gehört schon zu einer Organisation. Entfernen Sie sie zuerst dort."
        }
        Refusal::DomainNotRegistered { domain } => {
            return format!(
                "Die Organisation hat keine Domain {domain}. Wählen Sie eine ihrer Domains oder bitten Sie einen Betreiber, sie zu registrieren."
            );
        }
        Refusal::ServiceDisabled => {
            "Dieser Dienst ist für die Organisation ausgeschaltet. Schalten Sie ihn dort zuerst ein."
        }
        Refusal::ServiceNotForReaders => {
            "Ein Lesebenutzer kann diesen Dienst nicht bekommen. Machen Sie das Konto zuerst zum Vollmitglied."
        }
        Refusal::DelegateIsOneself => {
            "Im eigenen Namen kann ein Mitglied immer senden. Wählen Sie ein anderes Konto."
        }
        Refusal::DelegateNotFound => {
            "Wer im Namen eines anderen sendet, muss aktives Mitglied derselben Organisation sein."
        }
        Refusal::DisplayNameRequired => {
            "Der Anzeigename darf nicht leer sein. Geben Sie einen Namen ein."
        }
        Refusal::WrongKindOfValue { .. } => {
            "Dieser Wert passt nicht zum Feld. Prüfen Sie, was in das Feld gehört."
        }
        Refusal::AccountPending => "Dieses Konto hat noch kein Passwort. Geben Sie ihm zuerst eines.",
        Refusal::AccountLocked => "Dieses Konto ist nach zu vielen falschen Passwörtern oder Codes gesperrt. Ein Administrator kann es entsperren.",
        Refusal::LinkVoid => "Dieser Link gilt nicht mehr: Er wurde benutzt, ist abgelaufen oder wurde durch einen neueren ersetzt. Fordern Sie einen neuen an.",
        Refusal::ConfirmationNeeded => "Ihre eigene E-Mail-Adresse gilt erst, wenn Sie sie bestätigt haben. Verwenden Sie `emailChange`.",
        Refusal::OperatorStays => "Dieses Konto betreibt die Installation. Berufen Sie es zuerst als Betreiber ab.",
        Refusal::BelongsElsewhere => {
            "Dieses Konto gehört auch anderswo dazu. Nur die Person selbst oder ein Betreiber kann die Anmeldedaten ändern."
        }
        Refusal::AlreadyActivated => {
            "Dieses Konto ist bereits aktiviert. Wem es gehört, kann ein neues Passwort anfordern."
        }
        Refusal::ActivationEnded => "Diese Aktivierung gilt nicht mehr. Fordern Sie einen neuen Link an.",
        Refusal::InvitationEnded => "Diese Einladung gilt nicht mehr. Fordern Sie einen neuen Link an.",
        Refusal::AddressRequired => "Dieses Konto hat keine E-Mail-Adresse. Tragen Sie zuerst eine ein.",
        Refusal::LimitReached { what, most } => {
            let (what, instead) = few(*what);
            return format!("Es gibt schon {most} {what}; mehr können es nicht sein. {instead}");
        }
        Refusal::FactorNotFound => "Diesen zweiten Faktor gibt es nicht. Vielleicht wurde er entfernt.",
        Refusal::OperatorNotActedFor => "Niemand kann im Namen eines Betreibers handeln. Wählen Sie ein anderes Konto.",
        Refusal::CodeUsed => "Dieser Code wurde schon benutzt. Warten Sie auf den nächsten oder nehmen Sie einen anderen.",
        Refusal::MessageNotSent => {
            "Die SMS konnte nicht gesendet werden. Versuchen Sie es in ein paar Minuten noch einmal oder nehmen Sie einen anderen Faktor."
        }
        Refusal::NoFactors => "Es gibt noch keinen zweiten Faktor. Richten Sie zuerst einen ein.",
        Refusal::StepUpRequired => {
            "Das kann jemandem Zugang zu einem Konto verschaffen. Weisen Sie mit `stepUp` nach, dass Sie es sind, und versuchen Sie es noch einmal."
        }
        Refusal::ScopesRequired => {
            "Ein Dienstschlüssel braucht mindestens eine Berechtigung. Wählen Sie, was er darf."
        }
        Refusal::ExpiryPassed => {
            "Dieser Zeitpunkt liegt in der Vergangenheit. Wählen Sie einen Zeitpunkt in der Zukunft."
        }
        Refusal::ExpiryTooFar => {
            "Eine Nachricht wird höchstens 24 Stunden lang gezeigt. Wählen Sie einen früheren Zeitpunkt."
        }
    }
    .to_owned()
}

const fn few(what: Few) -> (&'static str, &'static str) {
    match what {
        Few::Aliases => ("Aliasse", "Entfernen Sie einen, der nicht mehr gebraucht wird."),
        Few::Delegates => ("Bevollmächtigte", "Entfernen Sie jemanden, der nicht mehr sendet."),
        Few::Domains => ("Domains", "Entfernen Sie eine, die nicht mehr gebraucht wird."),
        Few::Services => ("Dienste", "Verwenden Sie einen, den es schon gibt."),
        Few::InvitationLinks => {
            ("Einladungslinks", "Widerrufen Sie einen, der nicht mehr gebraucht wird.")
        }
        Few::Operators => ("Betreiber", "Berufen Sie zuerst einen ab."),
        Few::Factors => ("zweite Faktoren", "Entfernen Sie einen, der nicht mehr benutzt wird."),
    }
}

const fn seats_for(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Full => "Plätze für Vollmitglieder",
        MemberKind::Reader => "Plätze für Lesebenutzer",
    }
}
