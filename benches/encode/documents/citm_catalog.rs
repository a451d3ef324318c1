//! `citm_catalog.json`: the events of a concert hall with prices and seats: integers of six to nine digits, and maps by
//! them. 184 events, 243 performances.

use std::collections::BTreeMap;

use chunkwire::Encode;
use serde::Serialize;

use crate::random::Random;

#[derive(Encode, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Catalog {
    area_names: BTreeMap<String, String>,
    events: BTreeMap<String, Event>,
    performances: Vec<Performance>,
}

#[derive(Encode, Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    description: Option<String>,
    id: u64,
    logo: Option<String>,
    name: String,
    sub_topic_ids: Vec<u64>,
    subject_code: Option<String>,
    subtitle: Option<String>,
    topic_ids: Vec<u64>,
}

#[derive(Encode, Serialize)]
#[serde(rename_all = "camelCase")]
struct Performance {
    event_id: u64,
    id: u64,
    logo: Option<String>,
    name: Option<String>,
    prices: Vec<Price>,
    seat_categories: Vec<SeatCategory>,
    seat_map_image: Option<String>,
    start: u64,
    venue_code: &'static str,
}

#[derive(Encode, Serialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    amount: u64,
    audience_sub_category_id: u64,
    seat_category_id: u64,
}

#[derive(Encode, Serialize)]
#[serde(rename_all = "camelCase")]
struct SeatCategory {
    areas: Vec<Area>,
    seat_category_id: u64,
}

#[derive(Encode, Serialize)]
#[serde(rename_all = "camelCase")]
struct Area {
    area_id: u64,
    block_ids: Vec<u64>,
}

const NAMES: [&str; 6] = [
    "30th Anniversary Tour",
    "Berliner Philharmoniker",
    "Orchestre Philharmonique de Radio France",
    "Quatuor Ébène",
    "Menahem Pressler - Quatuor Ebène",
    "Les musiciens de l'Orchestre de Paris",
];

fn event(id: u64, random: &mut Random) -> Event {
    let topics = |random: &mut Random| 324_846_099 + random.below(2000);
    Event {
        description: None,
        id,
        logo: random.one_in(2).then(|| format!("/images/UE0AAAAACEKo{:x}AAAAZDSVRN", random.below(1 << 20))),
        name: random.one_of(&NAMES).to_owned(),
        sub_topic_ids: (0..1 + random.below(4)).map(|_| topics(random)).collect(),
        subject_code: None,
        subtitle: None,
        topic_ids: (0..1 + random.below(3)).map(|_| topics(random)).collect(),
    }
}

fn performance(event_id: u64, random: &mut Random) -> Performance {
    let categories = 1 + random.below(7);
    let id = |random: &mut Random| 338_937_235 + random.below(100_000);
    let area = |random: &mut Random| Area { area_id: 205_705_993 + random.below(30), block_ids: Vec::new() };
    Performance {
        event_id,
        id: 339_887_544 + random.below(1_000_000),
        logo: random.one_in(8).then(|| "/images/UE0AAAAACEKo9QAAAAVDSVRN".to_owned()),
        name: None,
        prices: (0..categories)
            .map(|_| Price {
                amount: 500 * (20 + random.below(480)),
                audience_sub_category_id: 337_100_890,
                seat_category_id: id(random),
            })
            .collect(),
        seat_categories: (0..categories)
            .map(|_| SeatCategory {
                areas: (0..1 + random.below(13)).map(|_| area(random)).collect(),
                seat_category_id: id(random),
            })
            .collect(),
        seat_map_image: None,
        start: 1_372_701_600_000 + 3_600_000 * random.below(8000),
        venue_code: "PLEYEL_PLEYEL",
    }
}

pub(crate) fn citm_catalog() -> Catalog {
    let mut random = Random::new(9);
    let ids: Vec<u64> = (0..184).map(|_| 138_586_341 + random.below(200_000_000)).collect();
    Catalog {
        area_names: (0..17)
            .map(|area| ((205_705_993 + area).to_string(), format!("{} balcon, {area}e rang", area % 3)))
            .collect(),
        events: ids.iter().map(|id| (id.to_string(), event(*id, &mut random))).collect(),
        performances: (0..243).map(|_| performance(ids[random.below(184) as usize], &mut random)).collect(),
    }
}
