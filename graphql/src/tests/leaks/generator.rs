//! Operations from the schema: every field selected, every argument given everything there is to try.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    fmt::Write,
};

use serde_json::{Map, Value, json};

use crate::tests::form::{innermost, list, name};

/// What arguments are filled with.
pub(super) struct Pool {
    pub(super) ids: Vec<String>,
    pub(super) texts: Vec<String>,
}

pub(super) struct Generator {
    types: HashMap<String, Value>,
    selected: RefCell<BTreeSet<String>>,
}

/// How deep objects are looked into where an argument is tried that names nothing.
const SHALLOW: usize = 2;
/// How deep objects are looked into otherwise.
const DEEP: usize = 5;
/// How deep inputs stand in inputs.
const INPUTS: usize = 2;

/// The operation that is being written.
struct Writing<'a> {
    pool: &'a Pool,
    variables: Map<String, Value>,
    declared: Vec<String>,
}

impl Generator {
    pub(super) fn new(schema: &Value) -> Self {
        let types = list(&schema["types"]).map(|kind| (name(kind).to_owned(), kind.clone()));
        Self { types: types.collect(), selected: RefCell::default() }
    }

    pub(super) fn root(&self, name: &str) -> &Value {
        &self.types[name]
    }

    /// Everything to ask of one root field: documents with their variables.
    pub(super) fn operations(
        &self,
        kind: &str,
        field: &Value,
        pool: &Pool,
    ) -> Vec<(String, Value)> {
        let mut operations = Vec::new();
        for arguments in self.arguments(field, pool) {
            let names = arguments.values().any(|value| names_something(value, pool));
            let deep = names
                || arguments.len()
                    <= list(&field["args"]).filter(|argument| is_required(argument)).count();
            // What mutations and `node` show are the same objects that lists show.
            let shows_more = kind != "mutation" && !self.is_abstract(field);
            let depth = if deep && shows_more { DEEP } else { SHALLOW };
            operations.push(self.operation(kind, field, &arguments, depth, pool));
        }
        operations
    }

    fn is_abstract(&self, field: &Value) -> bool {
        self.types[&innermost(&field["type"])]["kind"] == "INTERFACE"
    }

    /// The fields of all objects that were never selected.
    pub(super) fn unselected(&self) -> Vec<String> {
        let selected = self.selected.borrow();
        let objects = self
            .types
            .values()
            .filter(|kind| kind["kind"] == "OBJECT" && !name(kind).starts_with("__"));
        objects
            .flat_map(|kind| list(&kind["fields"]).map(move |field| path(kind, field)))
            .filter(|path| !selected.contains(path))
            .collect()
    }

    fn operation(
        &self,
        kind: &str,
        field: &Value,
        arguments: &Map<String, Value>,
        depth: usize,
        pool: &Pool,
    ) -> (String, Value) {
        let mut writing = Writing { pool, variables: Map::new(), declared: Vec::new() };
        let root = match kind {
            "query" => "Query",
            "mutation" => "Mutation",
            _ => "Subscription",
        };
        self.selected.borrow_mut().insert(format!("{root}.{}", name(field)));
        let given = writing.give(field, arguments);
        let selection = self.selection(&innermost(&field["type"]), depth, &[], &mut writing);
        let declared = if writing.declared.is_empty() {
            String::new()
        } else {
            format!("({})", writing.declared.join(", "))
        };
        let document = format!("{kind} {declared} {{ {}{given} {selection} }}", name(field));
        (document, Value::Object(writing.variables))
    }

    /// Everything to select of a type; a type doesn't stand within itself.
    fn selection(
        &self,
        type_name: &str,
        depth: usize,
        above: &[&str],
        writing: &mut Writing,
    ) -> String {
        let kind = &self.types[type_name];
        let mut text = String::new();
        match kind["kind"].as_str() {
            Some("SCALAR" | "ENUM") => return text,
            Some("INTERFACE" | "UNION") => {
                text.push_str("{ __typename ");
                for possible in list(&kind["possibleTypes"]) {
                    if !above.contains(&name(possible)) {
                        let inner = self.selection(name(possible), depth, above, writing);
                        write!(text, "... on {} {inner} ", name(possible)).unwrap();
                    }
                }
            }
            Some("OBJECT") => {
                text.push_str("{ __typename ");
                let path_here: Vec<_> = above.iter().copied().chain([type_name]).collect();
                for field in list(&kind["fields"]) {
                    self.nested(kind, field, depth, &path_here, writing, &mut text);
                }
            }
            other => panic!("{type_name} is a {other:?}: teach the generator"),
        }
        text.push('}');
        text
    }

    fn nested(
        &self,
        kind: &Value,
        field: &Value,
        depth: usize,
        above: &[&str],
        writing: &mut Writing,
        text: &mut String,
    ) {
        let inner = innermost(&field["type"]);
        let is_leaf = matches!(&self.types[&inner]["kind"].as_str(), Some("SCALAR" | "ENUM"));
        if !is_leaf && (depth == 0 || above.contains(&inner.as_str())) {
            return;
        }
        self.selected.borrow_mut().insert(path(kind, field));
        let depth = depth.saturating_sub(1);
        for (number, arguments) in self.arguments(field, writing.pool).into_iter().enumerate() {
            // The first one gives what is required only; of the others, those count that name something.
            if number > 0 && !arguments.values().any(|value| names_something(value, writing.pool)) {
                continue;
            }
            let depth = if number == 0 { depth } else { depth.min(1) };
            let given = writing.give(field, &arguments);
            let selection = self.selection(&inner, depth, above, writing);
            if is_leaf || selection.len() > "{ __typename }".len() {
                let alias = format!("{}_{}_{number}", name(field), name(kind));
                let alias = if number == 0 { name(field) } else { &alias };
                write!(text, "{alias}: {}{given} {selection} ", name(field)).unwrap();
            }
        }
    }

    /// The arguments to try: what is required, then with each other value in the place of each argument.
    fn arguments(&self, field: &Value, pool: &Pool) -> Vec<Map<String, Value>> {
        self.objects(list(&field["args"]).collect(), pool, INPUTS)
    }

    fn objects(&self, fields: Vec<&Value>, pool: &Pool, deeper: usize) -> Vec<Map<String, Value>> {
        let mut base = Map::new();
        for field in fields.iter().filter(|field| is_required(field)) {
            let values = self.values(&field["type"], pool, deeper);
            let first = values.into_iter().next();
            base.insert(
                name(field).to_owned(),
                first.unwrap_or_else(|| panic!("no value for {field}")),
            );
        }
        let mut all = vec![base.clone()];
        for field in fields {
            for value in self.values(&field["type"], pool, deeper) {
                let mut other = base.clone();
                other.insert(name(field).to_owned(), value);
                all.push(other);
            }
        }
        all
    }

    /// The values to try of a type.
    fn values(&self, kind: &Value, pool: &Pool, deeper: usize) -> Vec<Value> {
        match kind["kind"].as_str() {
            Some("NON_NULL") => return self.values(&kind["ofType"], pool, deeper),
            Some("LIST") => {
                let values = self.values(&kind["ofType"], pool, deeper);
                let all = json!(values);
                return values.into_iter().map(|value| json!([value])).chain([all]).collect();
            }
            _ => {}
        }
        let named = &self.types[name(kind)];
        match (named["kind"].as_str(), name(named)) {
            (Some("SCALAR"), "ID") => pool.ids.iter().map(|id| json!(id)).collect(),
            (Some("SCALAR"), "String") => pool.texts.iter().map(|text| json!(text)).collect(),
            (Some("SCALAR"), "Int") => vec![json!(3)],
            (Some("SCALAR"), "Float") => vec![json!(0.5)],
            (Some("SCALAR"), "Boolean") => vec![json!(true), json!(false)],
            (Some("SCALAR"), "Position") => vec![json!(0), json!(1)],
            (Some("SCALAR"), "Version") => vec![json!(1)],
            (Some("SCALAR"), "DateTime") => {
                vec![json!("2020-01-01T00:00:00Z"), json!("2100-01-01T00:00:00Z")]
            }
            (Some("ENUM"), _) => {
                let values: Vec<_> =
                    list(&named["enumValues"]).map(|value| json!(name(value))).collect();
                [values.first(), values.last()].into_iter().flatten().cloned().collect()
            }
            (Some("INPUT_OBJECT"), _) => {
                let Some(deeper) = deeper.checked_sub(1) else { return Vec::new() };
                let fields = list(&named["inputFields"]).collect();
                let objects = self.objects(fields, pool, deeper).into_iter();
                let objects =
                    objects.filter(|object| named["isOneOf"] != true || object.len() == 1);
                objects.map(Value::Object).collect()
            }
            (kind, other) => panic!("{other} is a {kind:?}: teach the generator"),
        }
    }
}

impl Writing<'_> {
    /// Declares a variable per argument, and gives them.
    fn give(&mut self, field: &Value, arguments: &Map<String, Value>) -> String {
        let mut given = Vec::new();
        for argument in list(&field["args"]) {
            let Some(value) = arguments.get(name(argument)) else { continue };
            let variable = format!("v{}", self.variables.len());
            self.declared.push(format!("${variable}: {}", written(&argument["type"])));
            given.push(format!("{}: ${variable}", name(argument)));
            self.variables.insert(variable, value.clone());
        }
        if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
    }
}

fn is_required(argument: &Value) -> bool {
    argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null()
}

/// Whether a value has an id of the pool in it.
fn names_something(value: &Value, pool: &Pool) -> bool {
    let text = value.to_string();
    pool.ids.iter().any(|id| text.contains(id.as_str()))
}

fn written(kind: &Value) -> String {
    match kind["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&kind["ofType"])),
        Some("LIST") => format!("[{}]", written(&kind["ofType"])),
        _ => name(kind).to_owned(),
    }
}

fn path(kind: &Value, field: &Value) -> String {
    format!("{}.{}", name(kind), name(field))
}
