-- An event's row becomes all that a commit writes of it: three pages less to sync (postings, and keys with their index).
-- Postings and keys, too, are filled in behind the commit, up to `log.indexed_up_to`. Until then the writer holds them in
-- memory, and makes them anew from the events' rows where it starts.

-- Of a commit that was this one event: ["scope", "key", "fingerprint"]. It moves to `keys` with the indexes.
ALTER TABLE events ADD COLUMN key TEXT;

DELETE FROM postings WHERE event > (SELECT indexed_up_to FROM log);

CREATE TABLE keys_by_name (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- What the commit gave, or the one event that it was.
  results TEXT,
  event INTEGER,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
INSERT INTO keys_by_name SELECT scope, key, fingerprint, at, results, NULL FROM keys;
DROP TABLE keys;
ALTER TABLE keys_by_name RENAME TO keys;
CREATE INDEX keys_by_time ON keys (at);
