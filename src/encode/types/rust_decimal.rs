//! Decimals of `rust_decimal`, as strings: the form of its `Serialize` without its feature `serde-float`.

use rust_decimal::Decimal;

use crate::encode::display::encode_as_display;

// It puts the digits together on the stack.
encode_as_display!(Decimal);
