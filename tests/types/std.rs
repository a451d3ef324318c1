//! The standard library, and `bytes`, which has no feature since the library needs it anyway.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use chunkwire::display;
use chunkwire_test_support::tree::encoded;
use proptest::collection::{binary_heap, btree_map, btree_set, hash_map, hash_set, linked_list, vec};
use proptest::prelude::*;

use super::{check, check_is, check_key};

#[test]
fn collections() {
    check(&HashSet::<u8>::new());
    check(&BTreeSet::from(["b", "a\""]));
    check(&LinkedList::from([Some(1), None]));
    check(&BinaryHeap::from([3, 9, 1]));
    check(&VecDeque::from([1, 2]));
    check(&[0.5; 32]);
    check(&[(); 0]);
    check_is(&Bytes::from_static(&[0, 9, 255]), "[0,9,255]");
    check(&Bytes::new());
    check(&BytesMut::from(&b"\"\n"[..]));
}

#[test]
fn tuples_of_up_to_sixteen() {
    check(&(1,));
    check(&(1, 2, 3, 4, 5, 6, 7, 8, 9));
    check(&(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    check(&(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    check(&(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    check(&(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
    check(&(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
    check(&(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    check(&("a", 'b', 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, Some(15), [16]));
}

#[test]
fn numbers_and_wrappers() {
    macro_rules! numbers {
        ($($number:ident)*) => {$(
            for number in [$number::MIN, 0, 1, $number::MAX] {
                check_key(&number);
                check_key(&Wrapping(number));
                check_key(&Saturating(number));
                check_key(&Reverse(number));
                if let Some(number) = NonZero::new(number) {
                    check_key(&number);
                }
            }
        )*};
    }
    numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
    macro_rules! atomics {
        ($($atomic:ident: $number:ident),*) => {$(
            check(&$atomic::new($number::MIN));
            check(&$atomic::new($number::MAX));
        )*};
    }
    atomics!(AtomicU8: u8, AtomicU16: u16, AtomicU32: u32, AtomicU64: u64, AtomicUsize: usize);
    atomics!(AtomicI8: i8, AtomicI16: i16, AtomicI32: i32, AtomicI64: i64, AtomicIsize: isize);
    check(&AtomicBool::new(true));
}

#[test]
fn what_holds_a_value() {
    check_key("text");
    check_key(&String::from("\"\u{2028}"));
    check_key(&'\n');
    check_key(&true);
    check_key(&false);
    check_key(&&&1);
    check_key(&&mut 1);
    check_key(&Box::new(1));
    check_key(&Rc::new(false));
    check_key(&Arc::<str>::from("a"));
    check_key(&Cow::Borrowed("a"));
    check_key(&Cow::<str>::Owned("a".into()));
    check_key(&format_args!("{}-\"{}\"", 1, "two"));
    check(&Cell::new(-1));
    check(&RefCell::new(vec![1]));
    check(&Mutex::new("a"));
    check_is(&PhantomData::<String>, "null");
}

#[test]
fn ranges() {
    check_is(&(1..5), r#"{"start":1,"end":5}"#);
    check(&("a"..="b"));
    check(&(0.5..));
    check(&(..-1));
    check_is(&Bound::Included(1), r#"{"Included":1}"#);
    check(&Bound::Excluded("a"));
    check_is(&Bound::<u8>::Unbounded, r#""Unbounded""#);
}

#[test]
fn times() {
    check_is(&Duration::from_millis(1500), r#"{"secs":1,"nanos":500000000}"#);
    check(&Duration::MAX);
    check(&Duration::ZERO);
    check(&SystemTime::UNIX_EPOCH);
    check(&SystemTime::now());
}

#[test]
fn paths() {
    check_key(Path::new("/tmp/\"a b\"\n"));
    check_key(&PathBuf::from("ключ"));
    check_key(Path::new(""));
}

#[test]
fn addresses() {
    check_is(&Ipv4Addr::new(1, 20, 255, 0), r#""1.20.255.0""#);
    check_key(&SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::BROADCAST, u16::MAX)));
    check_key(&SocketAddrV6::new(Ipv6Addr::from([u16::MAX; 8]), 0, 0, u32::MAX));
    for address in ["::", "::1", "::ffff:1.2.3.4", "2001:db8::", "1:0:0:2::"] {
        check_key(&address.parse::<IpAddr>().unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_address(bits in any::<u128>(), zeros in any::<u128>(), port in any::<u16>(), scope in any::<u32>()) {
        let (v4, v6) = (Ipv4Addr::from_bits(bits as u32), Ipv6Addr::from_bits(bits & zeros));
        check_key(&v4);
        check_key(&v6);
        check_key(&IpAddr::V4(v4));
        check_key(&SocketAddrV4::new(v4, port));
        check_key(&SocketAddrV6::new(v6, port, scope, scope));
        check_key(&SocketAddr::new(v6.into(), port));
    }

    #[test]
    fn any_display_is_escaped_piece_by_piece(pieces in vec(any::<String>(), 0..6)) {
        struct Pieces(Vec<String>);
        impl fmt::Display for Pieces {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|piece| f.write_str(piece))
            }
        }
        let text = pieces.concat();
        for for_lines in [false, true] {
            prop_assert_eq!(encoded(&display(Pieces(pieces.clone())), for_lines), encoded(&text, for_lines));
        }
        check_key(&format_args!("{text}{text:?}"));
    }

    #[test]
    fn any_collection(
        heap in binary_heap(any::<i64>(), 0..9),
        list in linked_list(any::<char>(), 0..9),
        sets in (btree_set(".*", 0..9), hash_set(any::<bool>(), 0..3)),
        bytes in vec(any::<u8>(), 0..40),
    ) {
        check(&heap);
        check(&list);
        check(&sets);
        check(&Bytes::from(bytes));
    }

    #[test]
    fn any_map(
        numbers in btree_map(any::<i32>(), any::<u8>(), 0..9),
        wide in hash_map(any::<u128>(), any::<Option<bool>>(), 0..9),
        flags in btree_map(any::<bool>(), ".*", 0..3),
        characters in hash_map(any::<char>(), any::<char>(), 0..9),
        nested in btree_map(".*", btree_map(any::<i8>(), any::<Duration>(), 0..3), 0..4),
    ) {
        check::<BTreeMap<_, _>>(&numbers);
        check::<HashMap<_, _>>(&wide);
        check(&flags);
        check(&characters);
        check(&nested);
    }
}
