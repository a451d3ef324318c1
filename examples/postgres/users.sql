-- A million users, in a table of its own.
CREATE TABLE chunkwire_users (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    balance numeric(12, 2) NOT NULL,
    active boolean NOT NULL,
    tags text[] NOT NULL,
    settings jsonb,
    created_at timestamptz NOT NULL
);

INSERT INTO chunkwire_users
SELECT
    n,
    (ARRAY['Ada', 'Grace', 'Edsger', 'Barbara', 'Alan'])[n % 5 + 1] || ' ' || n,
    'user' || n || '@example.com',
    n % 100000 / 100.0,
    n % 3 > 0,
    (ARRAY['a', 'b', 'c'])[1 : n % 4],
    CASE WHEN n % 2 = 0 THEN jsonb_build_object('theme', 'dark', 'n', n) END,
    timestamptz '2020-01-01 00:00:00Z' + n * interval '1 minute'
FROM generate_series(1, 1000000) AS n;

CREATE INDEX ON chunkwire_users (created_at DESC, id);
ANALYZE chunkwire_users;
