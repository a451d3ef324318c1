//! What `--check` says: the routes, as the database knows them.

use std::fmt::Write as _;

use chunkwire_postgres::{DescribeError, Direction, KeyColumn, Plan, Tier};
use tokio::time::timeout;

use super::config::Tables;
use super::described::Described;
use super::failure::Chain;
use super::pools::Pools;
use super::route_config::RouteConfig;
use super::served::ATTEMPT;

impl Tables {
    /// Asks the database about all routes, and returns what it says of them. If one can't be served, or the database
    /// can't be reached, that is an error.
    ///
    /// # Errors
    ///
    /// The same text, with what is wrong.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let tables = "
    ///     database = { url = 'postgres://reader@localhost:1/app' }
    ///     [[route]]
    ///     path = '/users'
    ///     table = 'users'
    /// ";
    /// let tables: chunkwire_server::Tables = tables.parse().unwrap();
    /// assert!(tables.check().await.unwrap_err().starts_with("postgres://reader@localhost:1/app: "));
    /// # }
    /// ```
    pub async fn check(&self) -> Result<String, String> {
        let url = &self.url;
        let pools = Pools::new(self, 1).map_err(|error| format!("{url}: {error}\n"))?;
        let connected = async || {
            let connected = timeout(ATTEMPT, pools.connect()).await;
            let connected = connected.map_err(|_| format!("{url}: the database did not answer in time\n"))?;
            connected.map_err(|error| format!("{url}: {}\n", Chain(&error)))
        };
        drop(connected().await?);
        let mut text = format!("{url}: connected\n");
        let mut is_well = true;
        for route in &self.routes {
            let mut client = connected().await?;
            let described = timeout(ATTEMPT, route.describe(&mut client)).await;
            let described = described.map_err(|_| format!("{text}\n{}: it was not described in time\n", route.path))?;
            is_well &= described.is_ok();
            let _ = tell(&mut text, route, &described, &pools);
        }
        if is_well { Ok(text) } else { Err(text) }
    }
}

fn tell(
    text: &mut String,
    route: &RouteConfig,
    described: &Result<Described, DescribeError>,
    pools: &Pools,
) -> std::fmt::Result {
    writeln!(text, "\n{}", route.path)?;
    let described = match described {
        Ok(described) => described,
        Err(error) => return writeln!(text, "  can't be served: {error}"),
    };
    if let (Some(key), true) = (described.key(), route.item) {
        writeln!(text, "{}/{{{}}}", route.path, names(key))?;
    }
    for column in described.about_columns() {
        let how = match column.tier() {
            Tier::Native => "encoded here",
            Tier::Text => "as text",
            Tier::ToJson => "by to_json",
        };
        writeln!(text, "  column     {}: {}, {how}", column.name(), column.type_name())?;
    }
    for part in described.key().unwrap_or_default() {
        let direction = match part.direction() {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        };
        writeln!(text, "  key        {}: {}, {direction}", part.name(), part.type_name())?;
    }
    for parameter in &route.parameters {
        let default = match &parameter.default {
            Some(default) => format!("{:?} by default", default.0),
            None => "needed".to_owned(),
        };
        writeln!(text, "  parameter  {}: {}, {default}", parameter.name, parameter.type_name)?;
    }
    writeln!(text, "  limit      {} by default, {} at most", route.limit.default, route.limit.max)?;
    if route.envelope {
        writeln!(text, "  envelope   arrays are in {{\"rows\":[…],\"next\":…}}")?;
    }
    match described {
        Described::Snapshot(_) => writeln!(text, "  snapshot   {}", pools.about_snapshots()),
        Described::Pages(query) => tell_costs(text, query.plan()),
    }
}

fn tell_costs(text: &mut String, plan: &Plan) -> std::fmt::Result {
    writeln!(text, "  page cost  {:.0} the first, {:.0} the next", plan.first_page(), plan.next_page())?;
    match plan.obstacle() {
        Some(step) => writeln!(text, "  expensive  each page computes all rows: {step}"),
        None => Ok(()),
    }
}

fn names(key: &[KeyColumn]) -> String {
    key.iter().map(KeyColumn::name).collect::<Vec<_>>().join(",")
}
