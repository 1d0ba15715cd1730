//! Measures operations and fragments; every fragment once.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
    },
};

use super::{Limits, Rejection, values::Inputs, within};

/// What a selection set adds up to, with its fragments spread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) selections: u64,
    pub(super) cost: u64,
    pub(super) aliases: u64,
    pub(super) directives: u64,
    /// In the arguments of fields and directives, those of a variable once per mention.
    pub(super) values: u64,
    /// Levels of fields.
    pub(super) depth: u32,
    /// Levels of fields, spreads and inline fragments: what a recursive walk needs of the stack.
    pub(super) height: u32,
    /// At its own level only, not below.
    pub(super) sign_ins: u64,
    /// At its own level only.
    pub(super) introspects: bool,
    /// Whether `edges` or `nodes` are at its own level, so that the field above is a connection.
    pub(super) is_page: bool,
}

impl Totals {
    /// Puts `other` beside what is here.
    fn add(&mut self, other: &Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.cost = self.cost.saturating_add(other.cost);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.values = self.values.saturating_add(other.values);
        self.sign_ins = self.sign_ins.saturating_add(other.sign_ins);
        self.depth = self.depth.max(other.depth);
        self.height = self.height.max(other.height);
        self.introspects |= other.introspects;
        self.is_page |= other.is_page;
    }
}

enum Fragment {
    /// On the path that is being walked: meeting it again is a cycle.
    Open,
    Measured(Totals),
}

type Argument = (Positioned<Name>, Positioned<async_graphql_value::Value>);

/// One walk over one document.
pub(super) struct Walk<'a> {
    document: &'a ExecutableDocument,
    inputs: Inputs<'a>,
    limits: &'a Limits,
    fragments: HashMap<&'a Name, Fragment>,
    /// The values in arguments, of all that was measured so far: validation copies them all, whatever is run.
    values: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        document: &'a ExecutableDocument,
        inputs: Inputs<'a>,
        limits: &'a Limits,
    ) -> Self {
        Self { document, inputs, limits, fragments: HashMap::new(), values: 0 }
    }

    /// Measures one operation and holds it against the limits.
    pub(super) fn operation(
        &mut self,
        operation: &'a Positioned<OperationDefinition>,
    ) -> Result<Totals, Rejection> {
        let operation = &operation.node;
        within("variables", operation.variable_definitions.len(), self.limits.variables)?;
        // A variable's default belongs to the operation: fragments are measured anew for each.
        if !operation.variable_definitions.is_empty() {
            self.fragments.clear();
        }
        let defaults = self.inputs.turn_to(operation);
        let mut totals = self.selection_set(&operation.selection_set.node, 0)?;
        totals.values = totals.values.saturating_add(defaults);
        totals.add(&self.directives(&operation.directives)?);
        for variable in &operation.variable_definitions {
            totals.add(&self.directives(&variable.node.directives)?);
        }
        self.hold(&totals)?;
        Ok(totals)
    }

    /// Validation also reads fragments that no operation spreads.
    pub(super) fn unused_fragments(&mut self) -> Result<(), Rejection> {
        for name in self.document.fragments.keys() {
            let totals = self.fragment(name, 0)?;
            self.hold(&totals)?;
        }
        Ok(())
    }

    fn hold(&mut self, totals: &Totals) -> Result<(), Rejection> {
        let limits = self.limits;
        self.values = self.values.saturating_add(totals.values);
        for (what, count, limit) in [
            ("selections", totals.selections, limits.selections),
            ("levels of fields", totals.depth.into(), limits.depth.into()),
            ("levels", totals.height.into(), limits.recursion.into()),
            ("aliases", totals.aliases, limits.aliases),
            ("directives", totals.directives, limits.directives),
            ("sign-in attempts", totals.sign_ins, limits.sign_ins),
            ("values in arguments", self.values, limits.values),
            ("fields times page sizes", totals.cost, limits.cost),
        ] {
            if count > limit {
                return Err(Rejection::Limit { what, limit });
            }
        }
        Ok(())
    }

    fn selection_set(&mut self, set: &'a SelectionSet, level: u32) -> Result<Totals, Rejection> {
        if level > self.limits.recursion {
            return Err(Rejection::Limit { what: "levels", limit: self.limits.recursion.into() });
        }
        let mut sum = Totals::default();
        for selection in &set.items {
            sum.selections = sum.selections.saturating_add(1);
            sum.add(&self.directives(selection.node.directives())?);
            match &selection.node {
                Selection::Field(field) => sum.add(&self.field(&field.node, level)?),
                Selection::InlineFragment(inline) => {
                    let mut inside =
                        self.selection_set(&inline.node.selection_set.node, level + 1)?;
                    inside.height += 1;
                    sum.add(&inside);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name;
                    if let Some(Fragment::Open) = self.fragments.get(&name.node) {
                        return Err(Rejection::Cycle { name: name.node.clone(), at: name.pos });
                    }
                    let mut inside = self.fragment(&name.node, level + 1)?;
                    inside.height += 1;
                    sum.add(&inside);
                }
            }
        }
        Ok(sum)
    }

    fn field(&mut self, field: &'a Field, level: u32) -> Result<Totals, Rejection> {
        within("arguments of one field", field.arguments.len(), self.limits.arguments)?;
        let name = field.name.node.as_str();
        let below = if field.selection_set.node.items.is_empty() {
            Totals::default()
        } else {
            self.selection_set(&field.selection_set.node, level + 1)?
        };
        let values = self.values_of(&field.arguments);
        let below_all = below.cost.saturating_mul(self.page_size(field, &below));
        Ok(Totals {
            // Arguments are read anew for every element of the pages above.
            cost: below_all.saturating_add(values.max(1)),
            values: below.values.saturating_add(values),
            aliases: below.aliases.saturating_add(field.alias.is_some().into()),
            depth: below.depth + 1,
            height: below.height + 1,
            sign_ins: self.limits.sign_in_fields.contains(&name).into(),
            introspects: matches!(name, "__schema" | "__type"),
            is_page: matches!(name, "edges" | "nodes"),
            ..below
        })
    }

    /// A fragment's totals, measured at its first use. An unknown one is left to validation.
    fn fragment(&mut self, name: &'a Name, level: u32) -> Result<Totals, Rejection> {
        if let Some(Fragment::Measured(totals)) = self.fragments.get(name) {
            return Ok(*totals);
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Totals::default());
        };
        self.fragments.insert(name, Fragment::Open);
        let mut totals = self.selection_set(&fragment.node.selection_set.node, level)?;
        totals.add(&self.directives(&fragment.node.directives)?);
        self.fragments.insert(name, Fragment::Measured(totals));
        Ok(totals)
    }

    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<Totals, Rejection> {
        let mut sum = Totals { directives: directives.len() as u64, ..Totals::default() };
        for Positioned { node: directive, .. } in directives {
            let arguments = &directive.arguments;
            within("arguments of one directive", arguments.len(), self.limits.arguments)?;
            sum.values = sum.values.saturating_add(self.values_of(arguments));
        }
        Ok(sum)
    }

    fn values_of(&self, arguments: &[Argument]) -> u64 {
        arguments
            .iter()
            .fold(0, |sum, (_, value)| sum.saturating_add(self.inputs.count(&value.node)))
    }

    /// How often what is below `field` can repeat: its `first` or `last`, else the default if it looks like a connection.
    fn page_size(&self, field: &Field, below: &Totals) -> u64 {
        let asked = field.arguments.iter().filter_map(|(name, value)| {
            let is_size = matches!(name.node.as_str(), "first" | "last");
            is_size.then(|| self.inputs.number(&value.node)).flatten()
        });
        asked.max().unwrap_or(if below.is_page { self.limits.default_page } else { 1 })
    }
}
