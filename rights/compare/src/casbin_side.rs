//! The organisation in casbin: a line per grant and right, links for memberships and folders.

use std::error::Error;

use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use rights::{AccountId, Coverage, FolderId, Principal, Right, Rights};

use crate::{Side, memberships, name, organisation::Organisation};

const MODEL: &str = r#"
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act, cov, eft

[role_definition]
g = _, _
g2 = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.act == p.act && (p.cov == "folder" && r.obj == p.obj || p.cov == "recursive" && g2(r.obj, p.obj) || p.cov == "subfolders" && r.obj != p.obj && g2(r.obj, p.obj)) && g(r.sub, p.sub)
"#;

pub(crate) struct Casbin {
    enforcer: Enforcer,
}

impl Casbin {
    pub(crate) async fn new(organisation: &Organisation) -> Result<Self, Box<dyn Error>> {
        let model = DefaultModel::from_str(MODEL).await?;
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
        let description = &organisation.description;
        let mut links: Vec<Vec<String>> = memberships(organisation)
            .map(|(account, group)| vec![account.to_string(), group])
            .collect();
        let everyone = description.accounts.iter();
        links.extend(everyone.map(|(account, _)| vec![account.to_string(), "everyone".to_owned()]));
        enforcer.add_grouping_policies(links).await?;
        let above = description.folders.iter();
        let above = above
            .filter_map(|&(folder, parent)| Some(vec![folder.to_string(), parent?.to_string()]));
        enforcer.add_named_grouping_policies("g2", above.collect()).await?;
        let mut lines = Vec::new();
        for grant in &description.grants {
            let who = match grant.principal {
                Principal::Everyone => "everyone".to_owned(),
                Principal::Group(group) => group.to_string(),
                Principal::Account(account) => account.to_string(),
            };
            add(&mut lines, &who, grant.folder, grant.rights, grant.coverage, "allow");
        }
        for exclusion in &description.exclusions {
            let who = exclusion.account.to_string();
            add(&mut lines, &who, exclusion.folder, exclusion.rights, exclusion.coverage, "deny");
        }
        lines.sort_unstable();
        lines.dedup();
        enforcer.add_policies(lines).await?;
        Ok(Self { enforcer })
    }
}

fn add(
    lines: &mut Vec<Vec<String>>,
    who: &str,
    folder: FolderId,
    rights: Rights,
    coverage: Coverage,
    effect: &str,
) {
    let coverage = match coverage {
        Coverage::Folder => "folder",
        Coverage::Subfolders => "subfolders",
        Coverage::Recursive => "recursive",
    };
    for right in rights.iter() {
        let line = [who, &folder.to_string(), &name(right), coverage, effect];
        lines.push(line.map(str::to_owned).to_vec());
    }
}

impl Side for Casbin {
    fn allows(&self, account: AccountId, folder: FolderId, right: Right) -> bool {
        let request = (account.to_string(), folder.to_string(), name(right));
        self.enforcer.enforce(request).unwrap_or(false)
    }
}
