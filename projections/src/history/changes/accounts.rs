//! What happened to an account, and to how its owner shows who they are.

use events::{AccountId, account, factor};

use super::{
    Change, Value, added, entity, made, missing,
    names::{entry_value, field_name},
    policy, removed, replaced, switched, text_of,
};

pub(super) fn account_changes(id: AccountId, event: &account::Event) -> Vec<Change> {
    use account::Event;
    match event {
        Event::Created { username, profile } => {
            let mut changes = vec![made("username", text_of(username, |name| name.as_str()))];
            match profile.value() {
                None => changes.push(made("displayName", missing(profile))),
                Some(profile) => {
                    let name = Value::Text(profile.display_name.as_str().to_owned());
                    changes.push(made("displayName", name));
                    for (field, entry) in &profile.entries {
                        changes.push(made(field_name(*field), entry_value(entry)));
                    }
                }
            }
            changes
        }
        Event::ProfileChanged { field, value } => {
            let after = match value.value() {
                None => missing(value),
                Some(None) => Value::Absent,
                Some(Some(entry)) => entry_value(entry),
            };
            vec![replaced(field_name(*field), entity(id), after)]
        }
        Event::Joined { organisation } => {
            vec![added("organisations", Value::Organisation(*organisation))]
        }
        Event::Left { organisation } => {
            vec![removed("organisations", Value::Organisation(*organisation))]
        }
        Event::DefaultOrganisationSet { organisation } => {
            vec![replaced("defaultOrganisation", entity(id), Value::Organisation(*organisation))]
        }
        Event::SignInHoursSet { hours } => {
            let after = hours.as_ref().map_or(Value::Absent, |it| Value::Text(policy::week(it)));
            vec![replaced("signInHours", entity(id), after)]
        }
        Event::Locked => vec![switched("locked", true)],
        Event::Unlocked => vec![switched("locked", false)],
        Event::Deleted => vec![switched("deleted", true)],
        Event::EmailChangeRequested { email, .. } => {
            vec![replaced("emailPending", entity(id), text_of(email, |it| it.as_str()))]
        }
        Event::EmailChangeWithdrawn => vec![replaced("emailPending", entity(id), Value::Absent)],
        // That there is another password is told; what it is or was, never.
        Event::Activated { .. } => vec![switched("activated", true)],
        Event::PasswordSet { .. }
        | Event::PasswordResetRequested { .. }
        | Event::PasswordResetFailed { .. }
        | Event::PasswordResetVoided { .. }
        | Event::SignInFailed
        | Event::SecondFactorFailed
        | Event::SignInFailuresCleared
        | Event::ActivationSent { .. }
        | Event::ActivationCodeFailed { .. }
        | Event::ActivationVoided { .. }
        | Event::LetterDownloaded { .. }
        | Event::LetterRemoved { .. } => Vec::new(),
    }
}

pub(super) fn factor_changes(event: &factor::Event) -> Vec<Change> {
    use factor::Event;
    match event {
        Event::Added { factor, name, .. } => {
            let mut changes = vec![switched(format!("factors.{factor}"), true)];
            if let Some(name) = name {
                let field = format!("factors.{factor}.name");
                changes.push(made(field, text_of(name, |text| text.as_str())));
            }
            changes
        }
        Event::Removed { factor } => vec![switched(format!("factors.{factor}"), false)],
        // What they know is told nobody.
        Event::RecoveryCodesMade { .. }
        | Event::Asked
        | Event::Used { .. }
        | Event::RecoveryCodeUsed { .. }
        | Event::CodeSent { .. }
        | Event::CodeNotSent { .. }
        | Event::Suspected { .. } => Vec::new(),
    }
}
