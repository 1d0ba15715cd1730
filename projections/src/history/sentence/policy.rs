//! What an organisation set about signing in, in every language.

use events::value::{PolicyRule, SecondFactor, WeekHours};

use super::Story;

pub(super) fn english(story: &Story<'_>, rule: &PolicyRule) -> String {
    let (actor, firm) = (story.actor(), story.organisation());
    match rule {
        PolicyRule::MinLength(Some(length)) => {
            format!(
                "{actor} set the least length of passwords at {firm} to {} characters.",
                length.get()
            )
        }
        PolicyRule::Capital(Some(true)) => {
            format!("{actor} made a capital letter in passwords obligatory at {firm}.")
        }
        PolicyRule::Capital(Some(false)) => {
            format!("{actor} lifted the rule that passwords at {firm} need a capital letter.")
        }
        PolicyRule::Digit(Some(true)) => {
            format!("{actor} made a digit in passwords obligatory at {firm}.")
        }
        PolicyRule::Digit(Some(false)) => {
            format!("{actor} lifted the rule that passwords at {firm} need a digit.")
        }
        PolicyRule::Strength(Some(strength)) => {
            format!(
                "{actor} set the least strength of passwords at {firm} to {} of 4.",
                strength.get()
            )
        }
        PolicyRule::LockAfter(Some(tries)) => format!(
            "{actor} set accounts of {firm} to be locked after {}.",
            count(tries.get(), "wrong password", "wrong passwords in a row")
        ),
        PolicyRule::SecondFactor(Some(whom)) => match whom {
            SecondFactor::Nobody => format!("{actor} made the second factor optional at {firm}."),
            SecondFactor::Administrators => {
                format!("{actor} made a second factor obligatory for the administrators of {firm}.")
            }
            SecondFactor::Everybody => {
                format!("{actor} made a second factor obligatory for all members of {firm}.")
            }
        },
        PolicyRule::SessionIdle(Some(limit)) => format!(
            "{actor} set sessions at {firm} to end after {} without a request.",
            count(limit.get(), "minute", "minutes")
        ),
        PolicyRule::SessionLifetime(Some(limit)) => format!(
            "{actor} set sessions at {firm} to end after {} at the latest.",
            count(limit.get(), "minute", "minutes")
        ),
        PolicyRule::SignInHours(Some(hours)) => format!(
            "{actor} set the sign-in hours of {firm} to {}.",
            week(hours, ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
        ),
        PolicyRule::InvitationDays(Some(days)) => format!(
            "{actor} set invitations of {firm} to be valid for {}.",
            count(days.get(), "day", "days")
        ),
        unset => {
            let what = match unset {
                PolicyRule::MinLength(_) => "the least length of passwords",
                PolicyRule::Capital(_) => "the rule about capital letters in passwords",
                PolicyRule::Digit(_) => "the rule about digits in passwords",
                PolicyRule::Strength(_) => "the least strength of passwords",
                PolicyRule::LockAfter(_) => "the lock-out of accounts",
                PolicyRule::SecondFactor(_) => "the rule about second factors",
                PolicyRule::SessionIdle(_) => "the idle limit of sessions",
                PolicyRule::SessionLifetime(_) => "the lifetime of sessions",
                PolicyRule::SignInHours(_) => "the sign-in hours",
                PolicyRule::InvitationDays(_) => "the validity of invitations",
            };
            format!("{actor} reset {what} at {firm} to what the installation says.")
        }
    }
}

pub(super) fn dutch(story: &Story<'_>, rule: &PolicyRule) -> String {
    let (actor, firm) = (story.actor(), story.organisation());
    match rule {
        PolicyRule::MinLength(Some(length)) => format!(
            "{actor} heeft de minimale lengte van wachtwoorden bij {firm} ingesteld op {} tekens.",
            length.get()
        ),
        PolicyRule::Capital(Some(true)) => {
            format!("{actor} heeft een hoofdletter in wachtwoorden bij {firm} verplicht gemaakt.")
        }
        PolicyRule::Capital(Some(false)) => {
            format!("{actor} heeft de verplichte hoofdletter in wachtwoorden bij {firm} opgeheven.")
        }
        PolicyRule::Digit(Some(true)) => {
            format!("{actor} heeft een cijfer in wachtwoorden bij {firm} verplicht gemaakt.")
        }
        PolicyRule::Digit(Some(false)) => {
            format!("{actor} heeft het verplichte cijfer in wachtwoorden bij {firm} opgeheven.")
        }
        PolicyRule::Strength(Some(strength)) => format!(
            "{actor} heeft de minimale sterkte van wachtwoorden bij {firm} ingesteld op {} van 4.",
            strength.get()
        ),
        PolicyRule::LockAfter(Some(tries)) => format!(
            "{actor} heeft ingesteld dat accounts van {firm} na {} worden vergrendeld.",
            count(tries.get(), "onjuist wachtwoord", "onjuiste wachtwoorden op rij")
        ),
        PolicyRule::SecondFactor(Some(whom)) => match whom {
            SecondFactor::Nobody => {
                format!("{actor} heeft de tweede factor bij {firm} vrijwillig gemaakt.")
            }
            SecondFactor::Administrators => {
                format!(
                    "{actor} heeft een tweede factor verplicht gemaakt voor de beheerders van {firm}."
                )
            }
            SecondFactor::Everybody => {
                format!(
                    "{actor} heeft een tweede factor verplicht gemaakt voor alle leden van {firm}."
                )
            }
        },
        PolicyRule::SessionIdle(Some(limit)) => format!(
            "{actor} heeft ingesteld dat sessies bij {firm} na {} zonder verzoek eindigen.",
            count(limit.get(), "minuut", "minuten")
        ),
        PolicyRule::SessionLifetime(Some(limit)) => format!(
            "{actor} heeft ingesteld dat sessies bij {firm} uiterlijk na {} eindigen.",
            count(limit.get(), "minuut", "minuten")
        ),
        PolicyRule::SignInHours(Some(hours)) => format!(
            "{actor} heeft de aanmeldtijden van {firm} ingesteld op {}.",
            week(hours, ["ma", "di", "wo", "do", "vr", "za", "zo"])
        ),
        PolicyRule::InvitationDays(Some(days)) => format!(
            "{actor} heeft de geldigheid van uitnodigingen van {firm} ingesteld op {}.",
            count(days.get(), "dag", "dagen")
        ),
        unset => {
            let what = match unset {
                PolicyRule::MinLength(_) => "de minimale lengte van wachtwoorden",
                PolicyRule::Capital(_) => "de regel over hoofdletters in wachtwoorden",
                PolicyRule::Digit(_) => "de regel over cijfers in wachtwoorden",
                PolicyRule::Strength(_) => "de minimale sterkte van wachtwoorden",
                PolicyRule::LockAfter(_) => "de vergrendeling van accounts",
                PolicyRule::SecondFactor(_) => "de regel over de tweede factor",
                PolicyRule::SessionIdle(_) => "de inactiviteitslimiet van sessies",
                PolicyRule::SessionLifetime(_) => "de levensduur van sessies",
                PolicyRule::SignInHours(_) => "de aanmeldtijden",
                PolicyRule::InvitationDays(_) => "de geldigheid van uitnodigingen",
            };
            format!(
                "{actor} heeft {what} bij {firm} teruggezet op de standaard van de installatie."
            )
        }
    }
}

pub(super) fn german(story: &Story<'_>, rule: &PolicyRule) -> String {
    let (actor, firm) = (story.actor(), story.organisation());
    match rule {
        PolicyRule::MinLength(Some(length)) => format!(
            "{actor} hat die Mindestlänge von Passwörtern bei {firm} auf {} Zeichen gesetzt.",
            length.get()
        ),
        PolicyRule::Capital(Some(true)) => {
            format!(
                "{actor} hat einen Großbuchstaben in Passwörtern bei {firm} zur Pflicht gemacht."
            )
        }
        PolicyRule::Capital(Some(false)) => {
            format!(
                "{actor} hat die Pflicht zum Großbuchstaben in Passwörtern bei {firm} aufgehoben."
            )
        }
        PolicyRule::Digit(Some(true)) => {
            format!("{actor} hat eine Ziffer in Passwörtern bei {firm} zur Pflicht gemacht.")
        }
        PolicyRule::Digit(Some(false)) => {
            format!("{actor} hat die Pflicht zur Ziffer in Passwörtern bei {firm} aufgehoben.")
        }
        PolicyRule::Strength(Some(strength)) => format!(
            "{actor} hat die Mindeststärke von Passwörtern bei {firm} auf {} von 4 gesetzt.",
            strength.get()
        ),
        PolicyRule::LockAfter(Some(tries)) => format!(
            "{actor} hat festgelegt, dass Konten von {firm} nach {} gesperrt werden.",
            count(tries.get(), "falschen Passwort", "falschen Passwörtern in Folge")
        ),
        PolicyRule::SecondFactor(Some(whom)) => match whom {
            SecondFactor::Nobody => {
                format!("{actor} hat den zweiten Faktor bei {firm} freigestellt.")
            }
            SecondFactor::Administrators => {
                format!(
                    "{actor} hat einen zweiten Faktor für die Administratoren von {firm} zur Pflicht gemacht."
                )
            }
            SecondFactor::Everybody => {
                format!(
                    "{actor} hat einen zweiten Faktor für alle Mitglieder von {firm} zur Pflicht gemacht."
                )
            }
        },
        PolicyRule::SessionIdle(Some(limit)) => format!(
            "{actor} hat festgelegt, dass Sitzungen bei {firm} nach {} ohne Anfrage enden.",
            count(limit.get(), "Minute", "Minuten")
        ),
        PolicyRule::SessionLifetime(Some(limit)) => format!(
            "{actor} hat festgelegt, dass Sitzungen bei {firm} spätestens nach {} enden.",
            count(limit.get(), "Minute", "Minuten")
        ),
        PolicyRule::SignInHours(Some(hours)) => format!(
            "{actor} hat die Anmeldezeiten von {firm} auf {} gesetzt.",
            week(hours, ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"])
        ),
        PolicyRule::InvitationDays(Some(days)) => format!(
            "{actor} hat die Gültigkeit von Einladungen von {firm} auf {} gesetzt.",
            count(days.get(), "Tag", "Tage")
        ),
        unset => {
            let what = match unset {
                PolicyRule::MinLength(_) => "die Mindestlänge von Passwörtern",
                PolicyRule::Capital(_) => "die Regel über Großbuchstaben in Passwörtern",
                PolicyRule::Digit(_) => "die Regel über Ziffern in Passwörtern",
                PolicyRule::Strength(_) => "die Mindeststärke von Passwörtern",
                PolicyRule::LockAfter(_) => "die Sperrung von Konten",
                PolicyRule::SecondFactor(_) => "die Regel über den zweiten Faktor",
                PolicyRule::SessionIdle(_) => "die Leerlaufgrenze von Sitzungen",
                PolicyRule::SessionLifetime(_) => "die Lebensdauer von Sitzungen",
                PolicyRule::SignInHours(_) => "die Anmeldezeiten",
                PolicyRule::InvitationDays(_) => "die Gültigkeit von Einladungen",
            };
            format!("{actor} hat {what} bei {firm} auf die Vorgabe der Installation zurückgesetzt.")
        }
    }
}

fn count(number: u32, one: &str, many: &str) -> String {
    let unit = if number == 1 { one } else { many };
    format!("{number} {unit}")
}

/// For instance `Mon 8:00–12:00, Mon 13:00–18:00`.
fn week(hours: &WeekHours, days: [&str; 7]) -> String {
    let ranges = hours.ranges();
    let ranges = ranges.iter().map(|range| {
        let day = days[range.day.num_days_from_monday() as usize];
        format!("{day} {}:00–{}:00", range.from, range.until)
    });
    ranges.collect::<Vec<_>>().join(", ")
}
