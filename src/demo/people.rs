//! Who there is, as it follows from the seed.

use std::collections::HashMap;

use events::value::{
    Domain, EmailAddress, Invalid, Language, MemberKind, PhoneNumber, Plan, Profile, ProfileEntry,
    ProfileField, ServiceKind, Text, TimeZone, Username,
};

use super::{
    Size,
    names::{self, Names},
    random::Random,
};

/// An organisation that is to come to be.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its name.
    pub name: Text,
    /// Its language.
    pub language: Language,
    /// Its mail domain.
    pub domain: Domain,
    /// Its seats.
    pub plan: Plan,
    /// How many people it has.
    pub people: u32,
}

/// A person who is to have an account.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a person, not a state")]
pub struct Person {
    /// In which organisation, by its place in the list.
    pub organisation: usize,
    /// The name to sign in with.
    pub username: Username,
    /// Who it is.
    pub profile: Profile,
    /// Which seat.
    pub kind: MemberKind,
    /// Manages the organisation.
    pub administrator: bool,
    /// What is switched on.
    pub services: Vec<ServiceKind>,
    /// Manages mail inside the organisation.
    pub mail_administrator: bool,
    /// A further address.
    pub alias: Option<EmailAddress>,
    /// Left out of the address book.
    pub hidden: bool,
    /// Has left, but the account is kept.
    pub deactivated: bool,
}

/// Everybody, in an order in which no organisation waits for another.
pub struct People {
    random: Random,
    organisations: Vec<Organisation>,
    /// Of which organisation each one is; taken from the end.
    order: Vec<usize>,
    /// How often a name was given already.
    given: HashMap<String, u32>,
    /// How many people of each organisation there were already.
    met: Vec<u32>,
}

const SERVICES: [(&str, usize); 6] = [
    ("mail", 92),
    ("cloud_storage", 55),
    ("documents", 35),
    ("projects", 20),
    ("crm", 12),
    ("community", 8),
];

impl People {
    /// Everybody of an installation. The first of each organisation is its owner, and they come first.
    pub fn new(size: Size) -> Result<Self, Invalid> {
        let mut random = Random::new(size.seed);
        let count = size.organisations.max(1);
        let mut people: Vec<u32> = vec![1; count as usize];
        // Few large ones and many small ones, as in life.
        for _ in count..size.accounts {
            let largest = random.below(count as usize) * random.below(count as usize);
            people[largest / count as usize] += 1;
        }
        let mut domains = HashMap::new();
        let organisations = people
            .into_iter()
            .map(|people| organisation(&mut random, people, &mut domains))
            .collect::<Result<Vec<_>, _>>()?;
        let mut order: Vec<usize> = organisations
            .iter()
            .enumerate()
            .flat_map(|(place, organisation)| (1..organisation.people).map(move |_| place))
            .collect();
        random.shuffle(&mut order);
        order.extend((0..organisations.len()).rev());
        let met = vec![0; organisations.len()];
        Ok(Self { random, organisations, order, given: HashMap::new(), met })
    }

    /// All organisations.
    pub fn organisations(&self) -> &[Organisation] {
        &self.organisations
    }

    fn person(&mut self, place: usize) -> Result<Person, Invalid> {
        let Self { random, organisations, given, met, .. } = self;
        let organisation = &organisations[place];
        let nth = met[place];
        met[place] += 1;
        let owner = nth == 0;
        let language = if random.percent(90) { organisation.language } else { any(random) };
        let names = names::of(language);
        let (first, last) = (random.favour(names.first), random.favour(names.last));
        let base = format!("{}.{}", slug(first), slug(last));
        let times = given.entry(base.clone()).or_default();
        *times += 1;
        let number = if *times == 1 { String::new() } else { times.to_string() };
        let username = format!("{base}{number}");
        let address =
            |local: &str| EmailAddress::parse(&format!("{local}@{}", organisation.domain.as_str()));
        let kind = if !owner && random.percent(6) { MemberKind::Reader } else { MemberKind::Full };
        let alias = match nth as usize {
            nth if nth < names.shared.len() => Some(address(names.shared[nth])?),
            _ if random.percent(20) => {
                Some(address(&format!("{}.{}{number}", slug(last), slug(first)))?)
            }
            _ => None,
        };
        let services = SERVICES
            .into_iter()
            .filter(|(_, share)| random.percent(*share))
            .map(|(service, _)| ServiceKind::parse(service))
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .filter(|service| kind == MemberKind::Full || service.is_for_readers())
            .collect();
        Ok(Person {
            organisation: place,
            profile: profile(random, names, (first, last), language, address(&username)?)?,
            username: Username::parse(&username)?,
            kind,
            administrator: !owner && kind == MemberKind::Full && nth % 50 == 1,
            services,
            mail_administrator: kind == MemberKind::Full && random.percent(1),
            alias,
            hidden: random.percent(2),
            deactivated: nth > 2 && nth % 50 != 1 && random.percent(2),
        })
    }
}

impl Iterator for People {
    type Item = Result<Person, Invalid>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.order.pop()?;
        Some(self.person(place))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.order.len(), Some(self.order.len()))
    }
}

fn any(random: &mut Random) -> Language {
    match random.below(10) {
        0..5 => Language::Nl,
        5..8 => Language::De,
        _ => Language::En,
    }
}

fn organisation(
    random: &mut Random,
    people: u32,
    domains: &mut HashMap<String, u32>,
) -> Result<Organisation, Invalid> {
    let language = any(random);
    let names = names::of(language);
    let after = if random.percent(60) { names.last } else { names.places };
    let whose = random.pick(after);
    let name = random.pick(names.firms).replace("{}", whose);
    let slug = slug(&name);
    let times = domains.entry(slug.clone()).or_default();
    *times += 1;
    let number = if *times == 1 { String::new() } else { format!("-{times}") };
    Ok(Organisation {
        name: Text::parse(&format!("{name}{}", number.replace('-', " ")))?,
        language,
        // Nobody can ever have a domain under `.example`.
        domain: Domain::parse(&format!("{slug}{number}.example"))?,
        plan: Plan {
            full_seats: Some((people + people / 5).next_multiple_of(10)),
            reader_seats: Some((people / 5 + 5).next_multiple_of(10)),
        },
        people,
    })
}

fn profile(
    random: &mut Random,
    names: &Names,
    (first, last): (&str, &str),
    language: Language,
    email: EmailAddress,
) -> Result<Profile, Invalid> {
    use {ProfileEntry as Entry, ProfileField as Field};
    let text = |text: &str| Text::parse(text).map(Entry::Text);
    let mut entries = vec![
        (Field::FirstName, text(first)?),
        (Field::LastName, text(last)?),
        (Field::Email, Entry::Email(email)),
        (Field::Language, Entry::Language(language)),
        (Field::Position, text(random.favour(names.positions))?),
    ];
    if random.percent(60) {
        entries.push((Field::Salutation, text(random.pick(names.salutations))?));
    }
    if random.percent(40) {
        entries.push((Field::Location, text(random.pick(names.places))?));
    }
    if random.percent(30) {
        let number =
            format!("{} {} {:07}", names.country, 10 + random.below(90), random.below(10_000_000));
        entries.push((Field::Phone, Entry::Phone(PhoneNumber::parse(&number)?)));
    }
    if random.percent(10) {
        entries.push((Field::TimeZone, Entry::TimeZone(TimeZone::parse("Europe/Amsterdam")?)));
    }
    Ok(Profile { display_name: Text::parse(&format!("{first} {last}"))?, entries })
}

/// A name as it stands in addresses: lower case, without marks, words joined.
fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.to_lowercase().chars() {
        match c {
            'ä' => slug.push_str("ae"),
            'ö' => slug.push_str("oe"),
            'ü' => slug.push_str("ue"),
            'ß' => slug.push_str("ss"),
            c if c.is_ascii_alphanumeric() => slug.push(c),
            ' ' | '&' if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SIZE: Size = Size { organisations: 20, accounts: 5_000, seed: 7 };

    fn everybody(size: Size) -> Vec<Person> {
        People::new(size).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_people_and_another_one_others() {
        let names = |seed| {
            let people = everybody(Size { seed, ..SIZE }).into_iter();
            people.map(|person| person.username.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(7), names(7));
        assert_ne!(names(7), names(8));
    }

    #[test]
    fn nobody_has_the_name_or_address_of_another() {
        let people = everybody(SIZE);
        assert_eq!(people.len(), 5_000);
        let skeletons: HashSet<_> =
            people.iter().map(|person| person.username.skeleton()).collect();
        assert_eq!(skeletons.len(), people.len());
        let mut addresses = HashSet::new();
        for person in &people {
            let email = person.profile.entries.iter().find_map(|(_, entry)| match entry {
                ProfileEntry::Email(address) => Some(address.key()),
                _ => None,
            });
            assert!(addresses.insert(email.unwrap()));
            if let Some(alias) = &person.alias {
                assert!(addresses.insert(alias.key()), "{}", alias.as_str());
            }
        }
    }

    #[test]
    fn the_first_of_each_organisation_comes_first_and_seats_suffice() {
        let people = everybody(SIZE);
        let firsts: Vec<_> = people.iter().take(20).map(|person| person.organisation).collect();
        assert_eq!(firsts, (0..20).collect::<Vec<_>>());
        for (place, organisation) in People::new(SIZE).unwrap().organisations().iter().enumerate() {
            let kinds = people.iter().filter(|person| person.organisation == place);
            let (full, readers): (Vec<_>, Vec<_>) =
                kinds.partition(|person| person.kind == MemberKind::Full);
            assert!(full.len() <= organisation.plan.full_seats.unwrap() as usize);
            assert!(readers.len() <= organisation.plan.reader_seats.unwrap() as usize);
        }
    }
}
