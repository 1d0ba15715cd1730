//! The schema from outside: requests and answers, in process, over the log in memory.

mod form;
