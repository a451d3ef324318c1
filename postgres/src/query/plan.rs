//! Whether a key is looked up in an index, and what a page costs.

use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Transaction};

/// What PostgreSQL expects a page to cost, in units of its planner: a block that is read in order costs 1
/// (`seq_page_cost`).
///
/// # Examples
///
/// ```
/// use chunkwire_postgres::Query;
///
/// fn told(query: &Query) -> String {
///     let plan = query.plan();
///     format!("the first page costs {}, the next {}", plan.first_page(), plan.next_page())
/// }
/// # let _ = told;
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) first_page: f64,
    pub(super) next_page: f64,
    /// What it takes a row for, in bytes.
    pub(crate) row_width: usize,
    /// The step that keeps the key from being looked up.
    pub(super) obstacle: Option<String>,
}

impl Plan {
    /// Returns the cost of the first page of the largest size.
    pub fn first_page(&self) -> f64 {
        self.first_page
    }

    /// Returns the cost of a page behind it.
    pub fn next_page(&self) -> f64 {
        self.next_page
    }

    /// Returns the step of the plan that computes all rows for each page, if there is one and that was accepted.
    pub fn obstacle(&self) -> Option<&str> {
        self.obstacle.as_deref()
    }
}

/// How many rows of a part of the key may be sorted for a page by the rest of the key: as many as the largest page has.
const MOST_SORTED: f64 = 1024.0;

/// The name of the statement while it is explained.
const NAME: &str = "chunkwire_page";

/// A page to be explained: its SQL, and the types of its parameters as SQL names them, but for the number of rows.
#[derive(Debug)]
pub(super) struct Page<'sql> {
    pub(super) sql: &'sql str,
    pub(super) types: &'sql [String],
}

/// Returns the plans of the first page and of the next one, whose key begins at the parameter with this number.
pub(super) async fn plan(
    database: &mut Transaction<'_>,
    first: Page<'_>,
    next: Page<'_>,
    key: usize,
) -> Result<Plan, Error> {
    // Plans for any value, as those of prepared statements are.
    database.batch_execute("SET LOCAL plan_cache_mode = force_generic_plan").await?;
    let first = explained(database, first).await?;
    let first_page = cost(&first);
    let row_width = first["Plan"]["Plan Width"].as_u64().and_then(|width| usize::try_from(width).ok());
    let next_page = cost(&explained(database, Page { ..next }).await?);
    // What the planner can do matters here, and not what it chooses for a table that is nearly empty.
    database
        .batch_execute(
            "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
             SET LOCAL enable_hashagg = off; SET LOCAL max_parallel_workers_per_gather = 0",
        )
        .await?;
    let possible = explained(database, next).await?;
    let obstacle = obstacle(&possible["Plan"], &format!("${key}"));
    Ok(Plan { first_page, next_page, row_width: row_width.unwrap_or_default(), obstacle })
}

/// Returns what EXPLAIN says of a page.
async fn explained(database: &mut Transaction<'_>, page: Page<'_>) -> Result<Value, Error> {
    let Page { sql, types } = page;
    let nulls = vec!["NULL"; types.len() + 1].join(", ");
    let types: String = types.iter().map(|name| format!("{name}, ")).collect();
    // A statement outlives the transaction. Were it left by an error, its name would not be free.
    let point = database.savepoint("explain").await?;
    point.execute_typed(&format!("PREPARE {NAME} ({types}bigint) AS {sql}"), &[]).await?;
    let explained = point.query_typed(&format!("EXPLAIN (FORMAT JSON) EXECUTE {NAME} ({nulls})"), &[]).await;
    point.rollback().await?;
    database.execute_typed(&format!("DEALLOCATE {NAME}"), &[]).await?;
    let Json(plan) = explained?[0].try_get(0)?;
    Ok(plan[0].clone())
}

/// Returns the cost of the largest page, of which the statement may ask for a part.
fn cost(explained: &Value) -> f64 {
    explained["Plan"]["Plans"][0]["Total Cost"].as_f64().unwrap_or_default()
}

/// Returns the step of a plan that does not hand on the rows of an index in order, behind the key in the parameter.
fn obstacle(step: &Value, parameter: &str) -> Option<String> {
    let name = step["Node Type"].as_str().unwrap_or("a step without a name");
    let below = |relations: &'static [&str]| {
        let plans = step["Plans"].as_array().map_or(&[][..], |plans| plans);
        plans.iter().filter(move |plan| relations.contains(&plan["Parent Relationship"].as_str().unwrap_or_default()))
    };
    match name {
        "Index Scan" | "Index Only Scan" => match step["Index Cond"].as_str() {
            Some(condition) if mentions(condition, parameter) => None,
            _ => Some(described(step, name)),
        },
        "Incremental Sort" if rows_of_group(step) > MOST_SORTED => {
            let presorted = step["Presorted Key"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let presorted: Vec<_> = presorted.collect();
            Some(format!("{name} of the many rows that have the same {}", presorted.join(", ")))
        }
        "Limit" | "Subquery Scan" | "Incremental Sort" | "Gather Merge" | "Unique" | "Group" | "ProjectSet"
        | "Memoize" | "WindowAgg" | "Nested Loop" | "Append" | "Merge Append" => {
            below(&["Outer", "Subquery", "Member"]).find_map(|plan| obstacle(plan, parameter))
        }
        "Aggregate" if step["Strategy"] == "Sorted" => below(&["Outer"]).find_map(|plan| obstacle(plan, parameter)),
        // Both sides are in order, and one of them may be behind the key.
        "Merge Join" => {
            let mut obstacles = below(&["Outer", "Inner"]).map(|plan| obstacle(plan, parameter));
            let first = obstacles.next()?;
            obstacles.all(|other| other.is_some()).then_some(first).flatten()
        }
        // Computes nothing, or what is below it.
        "Result" => below(&["Outer", "Subquery"]).find_map(|plan| obstacle(plan, parameter)),
        _ => Some(described(step, name)),
    }
}

/// How many rows an incremental sort has to read before it returns the first, by what the planner expects of it.
fn rows_of_group(sort: &Value) -> f64 {
    let number = |step: &Value, name: &str| step[name].as_f64().unwrap_or_default();
    let before = number(&sort["Plans"][0], "Startup Cost");
    let (first, all) = (number(sort, "Startup Cost") - before, number(sort, "Total Cost") - before);
    number(sort, "Plan Rows") * first / all.max(f64::MIN_POSITIVE)
}

fn described(step: &Value, name: &str) -> String {
    match (step["Index Name"].as_str(), step["Relation Name"].as_str()) {
        (Some(index), _) => format!("{name} of {index} without the key"),
        (None, Some(relation)) => format!("{name} of {relation}"),
        (None, None) => name.to_owned(),
    }
}

/// Whether an expression has this parameter, and not only one whose number begins so.
fn mentions(expression: &str, parameter: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_digit());
    expression.match_indices(parameter).any(|(place, _)| ends(&expression[place + parameter.len()..]))
}

/// A value of the type json.
struct Json(Value);

impl<'row> tokio_postgres::types::FromSql<'row> for Json {
    fn from_sql(_: &Type, raw: &'row [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(serde_json::from_slice(raw)?))
    }

    fn accepts(type_: &Type) -> bool {
        *type_ == Type::JSON
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_its_whole_number() {
        assert!(mentions("(id > $1)", "$1"));
        assert!(mentions("(ROW(at, id) > ROW($12, $1))", "$1"));
        assert!(!mentions("(id > $12)", "$1"));
        assert!(!mentions("(id > 1)", "$1"));
    }
}
