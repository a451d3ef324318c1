use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{check_is, check_key};

#[test]
fn forms() {
    check_is(&Decimal::new(-12_500, 3), r#""-12.500""#);
    check_is(&Decimal::new(0, 2), r#""0.00""#);
    for decimal in [Decimal::ZERO, Decimal::ONE, Decimal::NEGATIVE_ONE, Decimal::MIN, Decimal::MAX, -Decimal::ZERO] {
        check_key(&decimal);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_decimal(parts in any::<(u32, u32, u32, bool)>(), scale in 0..=28_u32, shift in 0..32) {
        let (low, middle, high, negative) = parts;
        check_key(&Decimal::from_parts(low, middle >> shift, high >> shift, negative, scale));
        check_key(&Decimal::from_parts(low >> shift, 0, 0, negative, scale));
    }
}
