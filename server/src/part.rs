//! A part of the users, and those beside it.

use crate::users::User;

/// The `limit` users that follow the first `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) offset: u64,
    pub(crate) limit: u64,
}

impl Part {
    /// Returns the parts that are to be read before and after this one, of as many users or as many as are left, each
    /// with what it is to this one. Nothing is beside a part without users.
    pub(crate) fn beside(self) -> impl Iterator<Item = (&'static str, Self)> {
        let Self { offset, limit } = self;
        let part = |offset, limit| Self { offset, limit };
        let left_behind = |offset: u64| User::COUNT.saturating_sub(offset);
        let to = |offset| part(offset, limit.min(left_behind(offset)));
        let next = offset.saturating_add(limit);
        let parts_behind = left_behind(offset).saturating_sub(1).checked_div(limit);
        let all = [
            ("first", Some(to(0))),
            ("prev", (offset > 0).then(|| part(offset.saturating_sub(limit), limit.min(offset)))),
            ("next", (left_behind(next) > 0).then(|| to(next))),
            ("last", parts_behind.map(|parts| to(offset + parts * limit))),
        ];
        all.into_iter().filter(move |_| limit > 0).filter_map(|(relation, part)| Some((relation, part?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_what_is_beside_them() {
        const END: u64 = User::COUNT;
        for (offset, limit, expected) in [
            (0, 0, &[][..]),
            (7, 0, &[]),
            (END, 0, &[]),
            (0, 1000, &[("first", 0, 1000), ("next", 1000, 1000), ("last", END - 615, 615)]),
            (10, 1000, &[("first", 0, 1000), ("prev", 0, 10), ("next", 1010, 1000), ("last", END - 605, 605)]),
            (3000, 1000, &[("first", 0, 1000), ("prev", 2000, 1000), ("next", 4000, 1000), ("last", END - 615, 615)]),
            (END - 5, 3, &[("first", 0, 3), ("prev", END - 8, 3), ("next", END - 2, 2), ("last", END - 2, 2)]),
            (END - 2, 2, &[("first", 0, 2), ("prev", END - 4, 2), ("last", END - 2, 2)]),
            (0, END, &[("first", 0, END), ("last", 0, END)]),
        ] {
            let beside: Vec<_> =
                Part { offset, limit }.beside().map(|(name, part)| (name, part.offset, part.limit)).collect();
            assert_eq!(beside, expected, "{offset} {limit}");
        }
    }
}
