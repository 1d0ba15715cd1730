use std::fmt::Write;

use super::*;

/// Every action against every role, alone.
fn matrix() -> String {
    let short =
        ["con", "sys", "op", "own", "adm", "svc", "mem", "rdr", "self", "kR", "kW", "kH", "anon"];
    let mut text = format!("{:<26}{}\n", "", short.map(|role| format!("{role:>5}")).concat());
    for action in Action::ALL {
        let cells = Role::ALL.map(|role| match Standing::NONE.with(role).may(action) {
            Verdict::Allowed => "    x",
            Verdict::SignInFirst | Verdict::Forbidden => "    .",
        });
        writeln!(text, "{:<26}{}", action.name(), cells.concat()).unwrap();
    }
    text
}

#[test]
fn the_whole_matrix_is_as_it_was_agreed() {
    insta::assert_snapshot!(matrix());
}

/// What every action asks of a session: about its owner's own account, and about anything else.
fn assurances() -> String {
    let name = |assurance| match assurance {
        Assurance::Token => ".",
        Assurance::Fresh => "fresh",
        Assurance::Anew => "anew",
        Assurance::AnewWithFactors => "anew, with factors",
    };
    let mut text = format!("{:<26}{:<20}{}\n", "", "own account", "else");
    for action in Action::ALL {
        let asked = action.asks();
        writeln!(text, "{:<26}{:<20}{}", action.name(), name(asked.own), name(asked.others))
            .unwrap();
    }
    text
}

#[test]
fn s13_what_every_action_asks_of_a_session_is_as_it_was_agreed() {
    insta::assert_snapshot!(assurances());
}

#[test]
fn every_action_is_in_the_matrix_once() {
    let mut names: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    // The last variant of the enum is the last of the list, so none was forgotten.
    assert_eq!(Action::ALL.len(), Action::EventsFollow as usize + 1);
}

#[test]
fn without_any_role_nothing_is_allowed() {
    for action in Action::ALL {
        assert_eq!(Standing::NONE.may(action), Verdict::Forbidden, "{action:?}");
    }
}

#[test]
fn who_has_not_signed_in_is_told_to() {
    let anonymous = Standing::NONE.with(Role::Anonymous);
    assert_eq!(anonymous.may(Action::AccountCreate), Verdict::SignInFirst);
    assert_eq!(anonymous.may(Action::SignIn), Verdict::Allowed);
}
