//! What a page is taken from, in the words of the caller.

use super::key::Direction;

/// A table, a view or a query, with its columns, its key and its parameters.
///
/// [`describe`](Self::describe) asks the database about it and returns a [`Query`](crate::Query).
///
/// # Examples
///
/// ```no_run
/// use chunkwire_postgres::{Definition, DescribeError, Direction, Query};
/// use tokio_postgres::Client;
///
/// async fn orders(client: &mut Client) -> Result<Query, DescribeError> {
///     let sql = "SELECT id, placed_at, total FROM orders WHERE customer = $1";
///     let orders = Definition::sql(sql).parameter("bigint");
///     orders.key("placed_at", Direction::Descending).key("id", Direction::Ascending).describe(client).await
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    pub(super) origin: Origin,
    pub(super) columns: Option<Vec<String>>,
    pub(super) key: Vec<(String, Direction)>,
    pub(super) parameters: Vec<String>,
    pub(super) accepts_expensive_pages: bool,
    pub(super) comes_through_pooler: bool,
}

/// Where the rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Table(String),
    View(String),
    Sql(String),
}

impl Definition {
    fn new(origin: Origin) -> Self {
        Self {
            origin,
            columns: None,
            key: Vec::new(),
            parameters: Vec::new(),
            accepts_expensive_pages: false,
            comes_through_pooler: false,
        }
    }

    /// Defines the rows of a table, as SQL names it: `users`, `public.users`, `"Users"`. Its key is the primary key if
    /// nothing else is said.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::Definition;
    /// let users = Definition::table("public.users").columns(["id", "name"]);
    /// assert!(format!("{users:?}").contains("public.users"));
    /// ```
    pub fn table(name: impl Into<String>) -> Self {
        Self::new(Origin::Table(name.into()))
    }

    /// Defines the rows of a view, a materialized view or a foreign table, which need a [`key`](Self::key). That no two
    /// rows have the same key, and none has a NULL in it, is for its author to know: such rows end the body with an
    /// error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::{Definition, Direction};
    /// let active = Definition::view("active_users").key("id", Direction::Ascending);
    /// assert!(format!("{active:?}").contains("active_users"));
    /// ```
    pub fn view(name: impl Into<String>) -> Self {
        Self::new(Origin::View(name.into()))
    }

    /// Defines the rows of a query with the parameters `$1`, `$2` and so on, each of which is declared by
    /// [`parameter`](Self::parameter). It needs a [`key`](Self::key), as a [`view`](Self::view) does.
    ///
    /// The text is never parsed or rewritten: it becomes a subquery as it is, and so can't end in a semicolon.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::{Definition, Direction};
    /// let named = Definition::sql("SELECT id, name FROM users WHERE name = $1").parameter("text");
    /// assert!(format!("{named:?}").contains("WHERE name = $1"));
    /// ```
    pub fn sql(text: impl Into<String>) -> Self {
        Self::new(Origin::Sql(text.into()))
    }

    /// Declares the type of the next parameter, as SQL names it: the first call that of `$1`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::Definition;
    /// let since = Definition::sql("SELECT * FROM orders WHERE customer = $1 AND placed_at >= $2");
    /// let since = since.parameter("bigint").parameter("timestamptz");
    /// assert!(format!("{since:?}").contains("timestamptz"));
    /// ```
    #[must_use]
    pub fn parameter(mut self, type_name: impl Into<String>) -> Self {
        self.parameters.push(type_name.into());
        self
    }

    /// Chooses the columns and their order. Without it there are all, as they are when it is described.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::Definition;
    /// let names = Definition::table("users").columns(["name"]);
    /// assert!(format!("{names:?}").contains("name"));
    /// ```
    #[must_use]
    pub fn columns(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.columns = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Adds the next part of the key, which need not be among the chosen columns.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::{Definition, Direction};
    /// let newest = Definition::table("events").key("at", Direction::Descending).key("id", Direction::Ascending);
    /// assert!(format!("{newest:?}").contains("Descending"));
    /// ```
    #[must_use]
    pub fn key(mut self, column: impl Into<String>, direction: Direction) -> Self {
        self.key.push((column.into(), direction));
        self
    }

    /// Accepts a key that the database can't look up in an index, so that each page computes all rows again. Otherwise
    /// that is an error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::{Definition, Direction};
    /// let sums = Definition::sql("SELECT country, count(*) FROM users GROUP BY country");
    /// let sums = sums.key("country", Direction::Ascending).accept_expensive_pages();
    /// assert!(format!("{sums:?}").contains("true"));
    /// ```
    #[must_use]
    pub fn accept_expensive_pages(mut self) -> Self {
        self.accepts_expensive_pages = true;
        self
    }

    /// Lets it be described over a connection of a pooler that lends a session for a transaction only, such as PgBouncer
    /// in that mode.
    ///
    /// tokio-postgres leaves statements in the session that a client used when it looked types up, under names that the
    /// next client takes again. They are removed first, so that nobody may use them any more: each definition needs a
    /// connection of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::Definition;
    /// let users = Definition::table("users").through_pooler();
    /// assert!(format!("{users:?}").contains("true"));
    /// ```
    #[must_use]
    pub fn through_pooler(mut self) -> Self {
        self.comes_through_pooler = true;
        self
    }
}
