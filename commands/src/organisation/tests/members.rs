//! Seats, kinds and statuses of members.

use std::collections::HashMap;

use proptest::prelude::*;

use super::{
    super::members::{Count, Member, Members, Role},
    *,
};

fn seats(full: u32, readers: u32) -> Plan {
    Plan { full_seats: Some(full), reader_seats: Some(readers) }
}
fn join(account: AccountId, kind: MemberKind) -> Command {
    Command::Join { account, kind }
}

#[test]
fn a_member_takes_a_seat_until_removed() {
    let full = given::<Organisation>([created_with(seats(1, 0)), joined(anna())]);
    let refusal = Refusal::NoFreeSeat { kind: MemberKind::Full, seats: 1 };
    full.when(join(ben(), MemberKind::Full)).then_refused(&refusal);
    let freed =
        [created_with(seats(1, 0)), joined(anna()), Event::MemberRemoved { account: anna() }];
    given::<Organisation>(freed).when(join(ben(), MemberKind::Full)).then([joined(ben())]);
}

#[test]
fn a_deactivated_member_keeps_the_seat() {
    let refusal = Refusal::NoFreeSeat { kind: MemberKind::Full, seats: 1 };
    given::<Organisation>([created_with(seats(1, 0)), joined(anna()), deactivated(anna())])
        .when(join(ben(), MemberKind::Full))
        .then_refused(&refusal);
}

#[test]
fn readers_and_full_members_have_seats_of_their_own() {
    let house = given::<Organisation>([created_with(seats(1, 1)), joined(anna())]);
    house.when(join(ben(), MemberKind::Reader)).then([reader(ben())]);
    let refusal = Refusal::NoFreeSeat { kind: MemberKind::Reader, seats: 1 };
    given::<Organisation>([created_with(seats(1, 1)), reader(anna())])
        .when(join(ben(), MemberKind::Reader))
        .then_refused(&refusal);
}

#[test]
fn who_is_a_member_already_does_not_join_again() {
    after([joined(anna())]).when(join(anna(), MemberKind::Full)).then_nothing();
    after([joined(anna())])
        .when(join(anna(), MemberKind::Reader))
        .then_refused(&Refusal::AlreadyMember);
}

#[test]
fn a_reader_becomes_a_full_member_when_there_is_a_seat() {
    let kind = MemberKind::Full;
    let set = || Command::SetKind { account: anna(), kind };
    let changed = Event::MemberKindSet { account: anna(), kind };
    after([reader(anna())]).when(set()).then([changed.clone()]);
    given::<Organisation>([created_with(seats(0, 1)), reader(anna())])
        .when(set())
        .then_refused(&Refusal::NoFreeSeat { kind, seats: 0 });
    after([reader(anna()), changed]).when(set()).then_nothing();
}

#[test]
fn a_full_member_does_not_become_a_reader() {
    let set = || Command::SetKind { account: anna(), kind: MemberKind::Reader };
    after([joined(anna())]).when(set()).then_refused(&Refusal::FullToReader);
    after([joined(anna()), granted(anna())]).when(set()).then_refused(&Refusal::FullToReader);
}

#[test]
fn a_plan_is_not_set_below_what_is_taken() {
    let plan = |full| Command::SetPlan { plan: seats(full, 0) };
    let house = after([joined(anna()), joined(ben())]);
    house.when(plan(1)).then_refused(&Refusal::PlanBelowUse { kind: MemberKind::Full, taken: 2 });
    house.when(plan(2)).then([Event::PlanSet { plan: seats(2, 0) }]);
}

#[test]
fn a_member_is_deactivated_and_reactivated() {
    let deactivate = || Command::DeactivateMember { account: anna(), reason: None };
    let reactivate = || Command::ReactivateMember { account: anna() };
    after([joined(anna())]).when(deactivate()).then([deactivated(anna())]);
    after([joined(anna()), deactivated(anna())]).when(deactivate()).then_nothing();
    after([joined(anna()), deactivated(anna())])
        .when(reactivate())
        .then([Event::MemberReactivated { account: anna() }]);
    after([joined(anna())]).when(reactivate()).then_nothing();
}

#[test]
fn who_is_no_member_can_not_be_removed() {
    after([])
        .when(Command::RemoveMember { account: anna() })
        .then_refused(&Refusal::MemberNotFound);
}

#[test]
fn an_organisation_of_100_000_folds_fast_and_stays_small() {
    let count = 100_000_u64;
    let accounts = (0..count).map(|number| {
        AccountId::new(Uuid::from_u128(
            u128::from(number) << 80 | u128::from(crate::testing::scramble(number)),
        ))
    });
    let house = accounts.clone().map(joined);
    let mut state = Organisation::default();
    for event in std::iter::once(created()).chain(house) {
        state = crate::aggregate::Aggregate::evolve(state, &event);
    }
    let members = state.house().unwrap().members();
    assert_eq!(members.count(), Count { full: 100_000, readers: 0, administrators: 0 });
    assert!(accounts.into_iter().all(|account| members.get(account).is_some()));
}

fn change() -> impl Strategy<Value = (u128, Option<Member>)> {
    let role = prop_oneof![Just(Role::Reader), Just(Role::Full), Just(Role::Administrator)];
    let member = (role, any::<bool>()).prop_map(|(role, active)| Member { role, active });
    (0_u128..2_000, proptest::option::weighted(0.8, member))
}

proptest! {
    /// Shards are an ordinary map with counters, and a clone is not changed through the original.
    #[test]
    fn members_are_a_map(changes in proptest::collection::vec(change(), 0..3_000)) {
        let (mut members, mut map) = (Members::default(), HashMap::new());
        let mut earlier = None;
        for (number, (account, member)) in changes.into_iter().enumerate() {
            if number == 700 {
                earlier = Some((members.clone(), map.clone()));
            }
            let account = AccountId::new(Uuid::from_u128(account));
            if let Some(member) = member {
                members.set(account, member);
                map.insert(account, member);
            } else {
                members.remove(account);
                map.remove(&account);
            }
        }
        for (members, map) in std::iter::once((members, map)).chain(earlier) {
            prop_assert_eq!(members.iter().collect::<HashMap<_, _>>(), map.clone());
            let count = |of: fn(&Member) -> bool| u32::try_from(map.values().filter(|m| of(m)).count()).unwrap();
            prop_assert_eq!(members.count(), Count {
                full: count(|member| member.role != Role::Reader),
                readers: count(|member| member.role == Role::Reader),
                administrators: count(|member| member.administers()),
            });
        }
    }
}
