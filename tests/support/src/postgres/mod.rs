//! Servers of PostgreSQL of a test's own.

mod clients;
mod cluster;
pub use cluster::Cluster;
mod pgbouncer;
pub use pgbouncer::PgBouncer;
mod files;
