//! What can change while others look at it.

use std::cell::{Cell, RefCell};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

impl<T: Encode + Copy> Encode for Cell<T> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        self.get().encode(out);
    }
}

// Not `RwLock`: with `Record` in scope, `lock.write()` would be the record's method.
macro_rules! encode_lent {
    ($($cell:ident: $lend:ident, $refused:literal;)*) => {$(
        impl<T: Encode + ?Sized> Encode for $cell<T> {
            fn encode(&self, out: &mut Writer<'_>) {
                match self.$lend() {
                    Ok(value) => value.encode(out),
                    Err(_) => out.fail($refused),
                }
            }
        }
    )*};
}

encode_lent! {
    RefCell: try_borrow, "a `RefCell` is mutably borrowed";
    Mutex: lock, "a `Mutex` is poisoned: a thread panicked that held it";
}

macro_rules! encode_atomic {
    ($($atomic:ident: $width:literal),* $(,)?) => {$(
        #[cfg(target_has_atomic = $width)]
        impl Encode for std::sync::atomic::$atomic {
            #[inline]
            fn encode(&self, out: &mut Writer<'_>) {
                self.load(Ordering::Relaxed).encode(out);
            }
        }
    )*};
}

encode_atomic! {
    AtomicBool: "8", AtomicU8: "8", AtomicI8: "8",
    AtomicU16: "16", AtomicI16: "16",
    AtomicU32: "32", AtomicI32: "32",
    AtomicU64: "64", AtomicI64: "64",
    AtomicUsize: "ptr", AtomicIsize: "ptr",
}
