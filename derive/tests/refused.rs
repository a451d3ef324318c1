//! Programs that don't compile, and what is said of them: at the user's tokens, with the way out.

#[test]
fn what_is_not_supported_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/refused/*.rs");
}
