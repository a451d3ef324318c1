-- What the primary begins with: a role that may copy it, one that may read, and a table.
CREATE ROLE replicator REPLICATION LOGIN PASSWORD 'replicator';
CREATE ROLE reader LOGIN PASSWORD 'reader';
CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz NOT NULL, note text NOT NULL);
INSERT INTO events SELECT n, timestamptz '2026-01-01Z' + n * interval '1 second', 'event ' || n
    FROM generate_series(1, 100000) n;
GRANT SELECT ON events TO reader;
