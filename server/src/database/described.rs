//! What the database knows of a route.

use chunkwire_postgres::{DescribeError, DescribedColumn, KeyColumn, Query, WholeQuery};
use tokio_postgres::Client;

use super::route_config::{Consistency, RouteConfig};

/// A route as the database knows it.
#[derive(Clone, Debug)]
pub(super) enum Described {
    Pages(Query),
    Snapshot(WholeQuery),
}

impl Described {
    /// Returns the columns of its rows.
    pub(super) fn about_columns(&self) -> &[DescribedColumn] {
        match self {
            Self::Pages(query) => query.about_columns(),
            Self::Snapshot(query) => query.about_columns(),
        }
    }

    /// Returns the key behind which a response may begin, if there is one.
    pub(super) fn key(&self) -> Option<&[KeyColumn]> {
        match self {
            Self::Pages(query) => Some(query.key()),
            Self::Snapshot(_) => None,
        }
    }
}

impl RouteConfig {
    /// Asks the database about it.
    pub(super) async fn describe(&self, client: &mut Client) -> Result<Described, DescribeError> {
        match self.consistency {
            Consistency::Pages => self.definition.describe(client).await.map(Described::Pages),
            Consistency::Snapshot => self.definition.describe_whole(client).await.map(Described::Snapshot),
        }
    }
}
