//! The protocols of the HTTP edge, spoken over real sockets with a toy schema behind it.
