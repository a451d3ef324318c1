//! `canada.json`: the outline of a country in GeoJSON (RFC 7946), which is nearly all floats. 56,045 points in 480 rings.

use chunkwire::Encode;
use serde::Serialize;

use crate::random::Random;

const RINGS: usize = 480;
const POINTS: usize = 56_045;

#[derive(Encode, Serialize)]
pub(crate) struct FeatureCollection {
    r#type: &'static str,
    features: Vec<Feature>,
}

#[derive(Encode, Serialize)]
struct Feature {
    r#type: &'static str,
    properties: Properties,
    geometry: Geometry,
}

#[derive(Encode, Serialize)]
struct Properties {
    name: String,
}

#[derive(Encode, Serialize)]
struct Geometry {
    r#type: &'static str,
    coordinates: Vec<Vec<(f64, f64)>>,
}

/// Moves on by less than a thousandth of a degree. Six digits follow the point, and then the errors of an earlier
/// conversion: a few units in the last place, which make most numbers as long as floats are.
fn next(degrees: &mut i64, random: &mut Random) -> f64 {
    *degrees += random.below(2000) as i64 - 1000;
    let exact = *degrees as f64 / 1e6;
    f64::from_bits(exact.to_bits() + random.below(7) - 3)
}

pub(crate) fn canada() -> FeatureCollection {
    let mut random = Random::new(7);
    let mut ring = |points| {
        let mut west_east = -141_000_000 + random.below(88_000_000) as i64;
        let mut south_north = 41_700_000 + random.below(41_400_000) as i64;
        (0..points).map(|_| (next(&mut west_east, &mut random), next(&mut south_north, &mut random))).collect()
    };
    let each = POINTS / RINGS;
    let mut coordinates: Vec<_> = (1..RINGS).map(|_| ring(each)).collect();
    coordinates.push(ring(POINTS - (RINGS - 1) * each));
    let geometry = Geometry { r#type: "Polygon", coordinates };
    let properties = Properties { name: "Canada".to_owned() };
    FeatureCollection {
        r#type: "FeatureCollection",
        features: vec![Feature { r#type: "Feature", properties, geometry }],
    }
}
