//! Pages in production: hosts that fail, poolers, full databases, rows that change, clients that do not read.

#[path = "../common/bodies.rs"]
mod bodies;
mod changes;
mod fixture;
mod full_database;
mod hosts;
mod pooler;
mod slow_readers;
mod standby;
mod waiting;
