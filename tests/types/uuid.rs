use proptest::prelude::*;
use uuid::{NonNilUuid, Uuid};

use super::{check_is, check_key};

fn check_forms(uuid: Uuid) {
    check_key(&uuid);
    check_key(&uuid.hyphenated());
    check_key(&uuid.simple());
    check_key(&uuid.braced());
    check_key(&uuid.urn());
    check_key(uuid.as_hyphenated());
    if let Some(uuid) = NonNilUuid::new(uuid) {
        check_key(&uuid);
    }
}

#[test]
fn forms() {
    let uuid = Uuid::from_u128(0xA1A2_A3A4_B1B2_C1C2_D1D2_D3D4_D5D6_D7D8);
    check_is(&uuid, r#""a1a2a3a4-b1b2-c1c2-d1d2-d3d4d5d6d7d8""#);
    check_is(&uuid.simple(), r#""a1a2a3a4b1b2c1c2d1d2d3d4d5d6d7d8""#);
    check_is(&uuid.braced(), r#""{a1a2a3a4-b1b2-c1c2-d1d2-d3d4d5d6d7d8}""#);
    check_is(&uuid.urn(), r#""urn:uuid:a1a2a3a4-b1b2-c1c2-d1d2-d3d4d5d6d7d8""#);
    check_forms(Uuid::nil());
    check_forms(Uuid::max());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_uuid(bits in any::<u128>()) {
        check_forms(Uuid::from_u128(bits));
    }
}
