use indexmap::{IndexMap, IndexSet};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{check, check_is};

#[test]
fn in_their_order() {
    check_is(&IndexMap::from([("z", 1), ("a\"", 2)]), r#"{"z":1,"a\"":2}"#);
    check_is(&IndexMap::from([(9, [true]), (1, [false])]), r#"{"9":[true],"1":[false]}"#);
    check_is(&IndexSet::from([3, 1, 2]), "[3,1,2]");
    check(&IndexMap::<String, u8>::new());
    check(&IndexSet::<u8>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_map_and_set(entries in vec((".*", any::<Option<i64>>()), 0..9), keys in vec(any::<char>(), 0..9)) {
        check(&entries.into_iter().collect::<IndexMap<_, _>>());
        check(&keys.iter().copied().zip(0..).collect::<IndexMap<_, _>>());
        check(&keys.into_iter().collect::<IndexSet<_>>());
    }
}
