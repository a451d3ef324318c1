//! Arrays (`array_send` in PostgreSQL's src/backend/utils/adt/arrayfuncs.c).

use chunkwire::Writer;

use super::input::Input;
use super::malformed::Malformed;
use super::scalar::Scalar;

/// `MAXDIM`: no array has more dimensions.
const MOST_DIMENSIONS: usize = 6;

/// Writes an array in arrays, one for each dimension. Where its subscripts begin is not told.
pub(super) fn array(element: Scalar, bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Malformed> {
    let mut input = Input(bytes);
    let count = usize::try_from(input.i32()?).unwrap_or(usize::MAX);
    let _has_null = input.i32()?;
    let _type_of_elements = input.i32()?;
    let mut dimensions = [0; MOST_DIMENSIONS];
    let dimensions = dimensions.get_mut(..count).ok_or(Malformed("the array has more than 6 dimensions"))?;
    for dimension in &mut *dimensions {
        // An array without elements has no dimensions; and so no element is worth less than its length's 4 bytes.
        let len = usize::try_from(input.i32()?).ok().filter(|&len| len > 0);
        *dimension = len.ok_or(Malformed("a dimension of the array has no elements"))?;
        let _first_subscript = input.i32()?;
    }
    match dimensions {
        [] => out.raw("[]"),
        [len, inner @ ..] => nested(*len, inner, element, &mut input, out)?,
    }
    input.end()
}

/// Writes one dimension: elements, or arrays of the dimensions within.
fn nested(
    len: usize,
    inner: &[usize],
    element: Scalar,
    input: &mut Input<'_>,
    out: &mut Writer<'_>,
) -> Result<(), Malformed> {
    for at in 0..len {
        out.raw(if at == 0 { "[" } else { "," });
        match inner {
            [len, inner @ ..] => nested(*len, inner, element, input, out)?,
            [] => match input.value()? {
                Some(value) => element.write(value, out)?,
                None => out.raw("null"),
            },
        }
    }
    out.raw("]");
    Ok(())
}
