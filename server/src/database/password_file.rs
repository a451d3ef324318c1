//! The file of `PGPASSFILE` (PostgreSQL, section 34.16).

/// Lines of `host:port:database:user:password`, in which `*` is any value and `\` escapes a colon or itself.
#[derive(Clone, Copy)]
pub(super) struct PasswordFile<'text>(pub(super) &'text str);

impl PasswordFile<'_> {
    /// Returns the password of the first line that has these, or `*`.
    pub(super) fn password(&self, host: &str, port: &str, database: &str, user: &str) -> Option<String> {
        self.0.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
            let fields = fields(line);
            let (password, names) = fields.split_last()?;
            let fits = |(name, wanted): (&String, &str)| name == "*" || name == wanted;
            let wanted = [host, port, database, user];
            (names.len() == wanted.len() && names.iter().zip(wanted).all(fits)).then(|| password.clone())
        })
    }
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let field = fields.len() - 1;
        match character {
            '\\' => fields[field].extend(characters.next()),
            ':' if field < 4 => fields.push(String::new()),
            other => fields[field].push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits() {
        let file =
            PasswordFile("# db:5432:app:reader:no\nother:*:*:*:no\ndb:5432:app:reader:a\\:b\\\\c:d\n*:*:*:*:any\n");
        assert_eq!(file.password("db", "5432", "app", "reader").as_deref(), Some("a:b\\c:d"));
        assert_eq!(file.password("db", "5433", "app", "reader").as_deref(), Some("any"));
        assert_eq!(PasswordFile("db:5432\n").password("db", "5432", "app", "reader"), None);
    }
}
