//! The HTTP edge: everything between a socket and the GraphQL schema.
//!
//! It knows the protocols (GraphQL over HTTP, `graphql-transport-ws`, `graphql-sse`) and the rules of safety around
//! them, and nothing of the domain: what it needs of the product stands in [`port`].

pub mod port;
