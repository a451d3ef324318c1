use bigdecimal::BigDecimal;
use proptest::prelude::*;

use super::{check_is, check_key};

#[test]
fn forms() {
    check_is(&"-12.500".parse::<BigDecimal>().unwrap(), r#""-12.500""#);
    for text in ["0", "0.000", "1e100", "-1e-100", "1e20", "0.1e-9", "123456789012345678901234567890.5"] {
        check_key(&text.parse::<BigDecimal>().unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_decimal(digits in any::<i128>(), shift in 0..127_u32, scale in -60..60_i64) {
        check_key(&BigDecimal::new((digits >> shift).into(), scale));
    }
}
