-- What each holder has of what all share. The totals are kept, so that no write has to add up what is there.
CREATE TABLE shares (
  holder TEXT PRIMARY KEY,
  state_bytes INTEGER NOT NULL DEFAULT 0,
  answer_bytes INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The sizes of the versions in `state`, beside them: a row of `state` may be long, and this one is changed when its version
-- is no longer in force. What was written before this step counts in nobody's share.
CREATE TABLE state_sizes (
  num INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  holder TEXT,
  bytes INTEGER NOT NULL,
  -- 1: a later version is there.
  past INTEGER NOT NULL
) STRICT;
INSERT INTO state_sizes (key, version, holder, bytes, past)
SELECT key, version, NULL, length(CAST(entry AS BLOB)), version < (SELECT max(version) FROM state s WHERE s.key = state.key)
FROM state ORDER BY rowid;
CREATE INDEX state_sizes_by_key ON state_sizes (key, version, bytes);
CREATE INDEX state_sizes_past ON state_sizes (holder) WHERE past = 1 AND holder IS NOT NULL;

-- Answers that are kept for a retry. Those that are an event of the log take nothing here.
ALTER TABLE keys ADD COLUMN holder TEXT;
ALTER TABLE keys ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX keys_by_holder ON keys (holder, at, scope, key) WHERE holder IS NOT NULL;
