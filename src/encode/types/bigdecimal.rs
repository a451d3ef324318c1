//! Decimals of `bigdecimal`, as strings.

use bigdecimal::BigDecimal;

use crate::encode::display::encode_as_display;

// It allocates: the crate has no other way to the digits.
encode_as_display!(BigDecimal);
