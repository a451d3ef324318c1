// The users of chunkwire's server/src/users.rs, as a program would hold them that had them from a database.

/** The user at an index from 0 on. */
export function userAt(i) {
  const id = i + 1;
  const [first, mailFirst] = FIRST[i % 32];
  const [last, mailLast] = LAST[(7 * (i % 32) + (Math.floor(i / 32) % 32)) % 32];
  const s = (9627 + 6133 * (i % 9900)) % 9900;
  return {
    id,
    name: `${first} ${last}`,
    email: `${mailFirst}.${mailLast}${id}@example.com`,
    age: 18 + ((18 + 37 * (i % 63)) % 63),
    score: (100 * Math.floor(s / 99) + (s % 99) + 1) / 100,
    active: i % 3 !== 2,
  };
}

/** First names: as written, and in their mail form. */
const FIRST = [
  ["Ada", "ada"],
  ["Alan", "alan"],
  ["Grace", "grace"],
  ["Edsger", "edsger"],
  ["Barbara", "barbara"],
  ["Donald", "donald"],
  ["Margaret", "margaret"],
  ["Dennis", "dennis"],
  ["Radia", "radia"],
  ["Ken", "ken"],
  ["Frances", "frances"],
  ["Linus", "linus"],
  ["Hedy", "hedy"],
  ["Tim", "tim"],
  ["Karen", "karen"],
  ["Claude", "claude"],
  ["Emmy", "emmy"],
  ["Kurt", "kurt"],
  ["Sofia", "sofia"],
  ["José", "jose"],
  ["Zoë", "zoe"],
  ["Niklaus", "niklaus"],
  ["Mary", "mary"],
  ["Vint", "vint"],
  ["Jean", "jean"],
  ["Leslie", "leslie"],
  ["Annie", "annie"],
  ["Yukihiro", "yukihiro"],
  ["Anita", "anita"],
  ["Bjarne", "bjarne"],
  ["Lynn", "lynn"],
  ["Søren", "soren"],
];

/** Last names: as written, and in their mail form. */
const LAST = [
  ["Lovelace", "lovelace"],
  ["Turing", "turing"],
  ["Hopper", "hopper"],
  ["Dijkstra", "dijkstra"],
  ["Liskov", "liskov"],
  ["Knuth", "knuth"],
  ["Hamilton", "hamilton"],
  ["Ritchie", "ritchie"],
  ["Perlman", "perlman"],
  ["Thompson", "thompson"],
  ["Allen", "allen"],
  ["Torvalds", "torvalds"],
  ["Lamarr", "lamarr"],
  ["Lee", "lee"],
  ["Jones", "jones"],
  ["Shannon", "shannon"],
  ["Noether", "noether"],
  ["Gödel", "godel"],
  ["Núñez", "nunez"],
  ["Wirth", "wirth"],
  ["Cerf", "cerf"],
  ["Bartik", "bartik"],
  ["Lamport", "lamport"],
  ["Åström", "astrom"],
  ["Matsumoto", "matsumoto"],
  ["Borg", "borg"],
  ["Conway", "conway"],
  ["Łoś", "los"],
  ["Erdős", "erdos"],
  ["Rossi", "rossi"],
  ["Kim", "kim"],
  ["Müller", "muller"],
];
