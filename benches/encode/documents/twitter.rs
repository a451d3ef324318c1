//! `twitter.json`: a page of search results, with the fields that simdjson's benchmark takes. 100 statuses, most in
//! Japanese.

use chunkwire::Encode;
use serde::Serialize;

use crate::random::Random;

#[derive(Encode, Serialize)]
pub(crate) struct SearchResults {
    statuses: Vec<Status>,
}

#[derive(Encode, Serialize)]
struct Status {
    created_at: String,
    id: u64,
    text: String,
    in_reply_to_status_id: Option<u64>,
    user: User,
    entities: Entities,
    retweet_count: u64,
    favorite_count: u64,
    favorited: bool,
    retweeted: bool,
}

#[derive(Encode, Serialize)]
struct User {
    id: u64,
    name: String,
    screen_name: String,
    location: String,
    description: String,
    followers_count: u64,
    friends_count: u64,
    verified: bool,
    statuses_count: u64,
}

#[derive(Encode, Serialize)]
struct Entities {
    hashtags: Vec<Hashtag>,
    user_mentions: Vec<UserMention>,
}

#[derive(Encode, Serialize)]
struct Hashtag {
    text: String,
    indices: (u32, u32),
}

#[derive(Encode, Serialize)]
struct UserMention {
    id: u64,
    name: String,
    screen_name: String,
    indices: (u32, u32),
}

const JAPANESE: &str = "名前:前田あゆみ、第一印象:なんか怖っ!今の印象:とりあえずキモい。噛み合わない、好きなところ:ぶすでキモいとこ、\
                        思い出:んーーー、ありすぎ、お願い:まぁ、仲良くしようや、これからもよろしく、めったに会えんけどね。";
const ENGLISH: &str = "Watch the stream tonight: answers that are bigger than your memory, in chunks of a fixed size. ";

/// Returns up to `most` characters, from anywhere in a text that goes round.
fn excerpt(text: &str, most: u64, random: &mut Random) -> String {
    let (from, count) = (random.below(100) as usize, 1 + random.below(most) as usize);
    text.chars().cycle().skip(from).take(count).collect()
}

/// Returns a text of a status, of which some have lines, quotation marks or a link.
fn text(random: &mut Random) -> String {
    let mut text = excerpt(if random.one_in(8) { ENGLISH } else { JAPANESE }, 120, random);
    if random.one_in(4) {
        text.push('\n');
        text += &excerpt(JAPANESE, 20, random);
    }
    if random.one_in(20) {
        text = format!("\"{text}\"");
    }
    if random.one_in(3) {
        text += &format!(" http://t.co/{:x}", random.below(1 << 40));
    }
    text
}

fn screen_name(random: &mut Random) -> String {
    format!("{}{}", excerpt("ayuu0123yuttarikunsayakaharimao", 9, random), random.below(1000))
}

/// Returns a count: most are small, a few very large.
fn count(random: &mut Random) -> u64 {
    let bits = random.below(18);
    random.below(1 << bits)
}

fn user(random: &mut Random) -> User {
    User {
        id: random.below(2_600_000_000),
        name: excerpt(JAPANESE, 12, random),
        screen_name: screen_name(random),
        location: if random.one_in(2) { String::new() } else { excerpt(JAPANESE, 12, random) },
        description: excerpt(JAPANESE, 150, random),
        followers_count: count(random),
        friends_count: count(random),
        verified: random.one_in(50),
        statuses_count: count(random),
    }
}

fn status(random: &mut Random) -> Status {
    let (hashtags, user_mentions) = (random.below(2), random.below(3));
    let indices = |random: &mut Random| (random.below(70) as u32, 70 + random.below(70) as u32);
    let mention = |random: &mut Random| UserMention {
        id: random.below(2_600_000_000),
        name: excerpt(JAPANESE, 12, random),
        screen_name: screen_name(random),
        indices: indices(random),
    };
    Status {
        created_at: format!("Sun Aug 31 00:29:{:02} +0000 2014", random.below(60)),
        id: 505_874_900_000_000_000 + random.below(25_000_000_000),
        text: text(random),
        in_reply_to_status_id: random.one_in(5).then(|| 505_874_700_000_000_000 + random.below(200_000_000_000)),
        user: user(random),
        entities: Entities {
            hashtags: (0..hashtags)
                .map(|_| Hashtag { text: excerpt(JAPANESE, 8, random), indices: indices(random) })
                .collect(),
            user_mentions: (0..user_mentions).map(|_| mention(random)).collect(),
        },
        retweet_count: count(random),
        favorite_count: count(random),
        favorited: false,
        retweeted: false,
    }
}

pub(crate) fn twitter() -> SearchResults {
    let mut random = Random::new(8);
    SearchResults { statuses: (0..100).map(|_| status(&mut random)).collect() }
}
