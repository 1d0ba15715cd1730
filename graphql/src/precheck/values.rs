//! How many values there are in arguments, with those of a variable at every place that names it.
//!
//! The library puts a copy of a variable's value wherever the document names it, so that thirty kilobytes of mentions
//! of a list of thirty kilobytes are twenty gigabytes. Here a value is counted once and looked at by reference.

use std::collections::HashMap;

use async_graphql::{Name, Value, Variables, parser::types::OperationDefinition};
use async_graphql_value::Value as Literal;

/// So many bytes of text weigh as much as one value.
const TEXT: usize = 64;

/// The values of the variables, each with its size.
pub(super) struct Inputs<'a> {
    given: HashMap<&'a Name, Input<'a>>,
    /// What the operation in hand says for variables that aren't given.
    defaults: HashMap<&'a Name, Input<'a>>,
}

#[derive(Clone, Copy)]
struct Input<'a> {
    value: &'a Value,
    size: u64,
}

impl<'a> Inputs<'a> {
    /// What the request gives.
    pub(super) fn new(variables: &'a Variables) -> Self {
        let given = variables.iter().map(|(name, value)| (name, Input::of(value))).collect();
        Self { given, defaults: HashMap::new() }
    }

    /// Forgets the defaults of the operation before, and counts those of the next one.
    pub(super) fn turn_to(&mut self, operation: &'a OperationDefinition) -> u64 {
        let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
        self.defaults = definitions
            .filter_map(|definition| {
                let value = &definition.default_value.as_ref()?.node;
                Some((&definition.name.node, Input::of(value)))
            })
            .collect();
        self.defaults.values().map(|input| input.size).sum()
    }

    /// The values in all that is given.
    pub(super) fn size(&self) -> u64 {
        self.given.values().map(|input| input.size).sum()
    }

    /// The values in an argument.
    pub(super) fn count(&self, argument: &Literal) -> u64 {
        match argument {
            Literal::Variable(name) => self.get(name).map_or(1, |input| input.size),
            Literal::List(items) => add(items.iter().map(|item| self.count(item))),
            Literal::Object(fields) => add(fields.values().map(|field| self.count(field))),
            Literal::String(text) => of_text(text),
            _ => 1,
        }
    }

    /// The number that an argument is, or that the variable is which it names.
    pub(super) fn number(&self, argument: &Literal) -> Option<u64> {
        match argument {
            Literal::Number(number) => number.as_u64(),
            Literal::Variable(name) => match self.get(name)?.value {
                Value::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        }
    }

    fn get(&self, name: &Name) -> Option<&Input<'a>> {
        self.given.get(name).or_else(|| self.defaults.get(name))
    }
}

impl<'a> Input<'a> {
    fn of(value: &'a Value) -> Self {
        Self { value, size: size(value) }
    }
}

fn size(value: &Value) -> u64 {
    match value {
        Value::List(items) => add(items.iter().map(size)),
        Value::Object(fields) => add(fields.values().map(size)),
        Value::String(text) => of_text(text),
        _ => 1,
    }
}

/// A list or an object is a value beside those in it.
fn add(inside: impl Iterator<Item = u64>) -> u64 {
    inside.fold(1, u64::saturating_add)
}

fn of_text(text: &str) -> u64 {
    1 + (text.len() / TEXT) as u64
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    fn count(argument: &str, variables: Value) -> u64 {
        let document = parse_query(format!("{{ a(x: {argument}) }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let variables = Variables::from_value(variables);
        let mut inputs = Inputs::new(&variables);
        inputs.turn_to(&operation.node);
        let selection = &operation.node.selection_set.node.items[0].node;
        let async_graphql::parser::types::Selection::Field(field) = selection else { panic!() };
        inputs.count(&field.node.arguments[0].1.node)
    }

    #[test]
    fn values_are_counted_at_every_mention() {
        assert_eq!(count("7", value!({})), 1);
        assert_eq!(count("[1, { a: 2, b: [] }]", value!({})), 5);
        assert_eq!(count("$v", value!({ "v": [1, 2] })), 3);
        assert_eq!(count("[$v, $v, $w]", value!({ "v": [1, 2] })), 1 + 3 + 3 + 1);
    }

    #[test]
    fn a_long_text_weighs_more_than_a_short_one() {
        assert_eq!(count("$v", value!({ "v": ("x".repeat(6_400)) })), 101);
        assert_eq!(count(&format!("\"{}\"", "x".repeat(6_400)), value!({})), 101);
    }
}
