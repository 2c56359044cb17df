-- What lists show, apart from what they do not: 500 values of the longest were 131 MB, read to list their keys.
ALTER TABLE present_state ADD COLUMN about TEXT NOT NULL DEFAULT '';
UPDATE present_state SET about = (
  SELECT json_remove(entry, '$.value') FROM state
  WHERE state.key = present_state.key AND state.version = present_state.version
);

-- A session that follows one topic after the other keeps a row of each.
CREATE INDEX subscriptions_followed ON subscriptions (session) WHERE following = 1;
