//! The organisation in cedar-policy: a policy per grant and exclusion, a hierarchy of entities for the rest.

use std::{
    collections::{HashMap, HashSet},
    error::Error,
    str::FromStr,
};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request,
};
use rights::{AccountId, Coverage, FolderId, Principal, Right, Rights};

use crate::{Side, memberships, name, organisation::Organisation};

pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    names: Names,
}

struct Names {
    user: EntityTypeName,
    group: EntityTypeName,
    folder: EntityTypeName,
    action: EntityTypeName,
}

impl Names {
    fn uid(kind: &EntityTypeName, id: impl ToString) -> EntityUid {
        EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id.to_string()))
    }
}

impl Cedar {
    pub(crate) fn new(organisation: &Organisation) -> Result<Self, Box<dyn Error>> {
        let names = Names {
            user: EntityTypeName::from_str("User")?,
            group: EntityTypeName::from_str("Group")?,
            folder: EntityTypeName::from_str("Folder")?,
            action: EntityTypeName::from_str("Action")?,
        };
        let description = &organisation.description;
        let mut parents: HashMap<AccountId, HashSet<EntityUid>> = HashMap::new();
        for (account, group) in memberships(organisation) {
            parents.entry(account).or_default().insert(Names::uid(&names.group, group));
        }
        let users = description.accounts.iter().map(|&(account, _)| {
            let groups = parents.remove(&account).unwrap_or_default();
            Entity::new_no_attrs(Names::uid(&names.user, account), groups)
        });
        let users: Vec<_> = users.collect();
        let folders = description.folders.iter().map(|&(folder, parent)| {
            let above =
                parent.map(|parent| Names::uid(&names.folder, parent)).into_iter().collect();
            Entity::new_no_attrs(Names::uid(&names.folder, folder), above)
        });
        let entities = Entities::from_entities(users.into_iter().chain(folders), None)?;

        let mut text = String::new();
        for grant in &description.grants {
            let who = match grant.principal {
                Principal::Everyone => "principal".to_owned(),
                Principal::Group(group) => format!("principal in Group::\"{group}\""),
                Principal::Account(account) => format!("principal == User::\"{account}\""),
            };
            text += &policy("permit", &who, grant.rights, grant.folder, grant.coverage);
        }
        for exclusion in &description.exclusions {
            let who = format!("principal == User::\"{}\"", exclusion.account);
            text += &policy("forbid", &who, exclusion.rights, exclusion.folder, exclusion.coverage);
        }
        let policies = PolicySet::from_str(&text)?;
        Ok(Self { authorizer: Authorizer::new(), policies, entities, names })
    }
}

/// One policy.
fn policy(effect: &str, who: &str, rights: Rights, folder: FolderId, coverage: Coverage) -> String {
    let actions: Vec<String> =
        rights.iter().map(|right| format!("Action::\"{}\"", name(right))).collect();
    let actions = actions.join(", ");
    let (relation, unless) = match coverage {
        Coverage::Folder => ("==", String::new()),
        Coverage::Recursive => ("in", String::new()),
        Coverage::Subfolders => ("in", format!(" unless {{ resource == Folder::\"{folder}\" }}")),
    };
    format!(
        "{effect}({who}, action in [{actions}], resource {relation} Folder::\"{folder}\"){unless};\n"
    )
}

impl Side for Cedar {
    fn allows(&self, account: AccountId, folder: FolderId, right: Right) -> bool {
        let request = Request::new(
            Names::uid(&self.names.user, account),
            Names::uid(&self.names.action, name(right)),
            Names::uid(&self.names.folder, folder),
            Context::empty(),
            None,
        );
        let Ok(request) = request else { return false };
        let response = self.authorizer.is_authorized(&request, &self.policies, &self.entities);
        response.decision() == Decision::Allow
    }
}
