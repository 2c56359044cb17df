-- A row holds the columns that something is looked up by, and the thing itself as JSON. JSON keeps every string exact:
-- SQLite's own text can not hold a lone surrogate, and one of the drivers cuts text at a NUL.

-- One row: what the events alone do not tell, and the clock that never runs backwards. It is as of the event `newest`:
-- those after it follow without a gap and count themselves, so that a commit of events alone leaves this row alone.
CREATE TABLE log (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  newest INTEGER NOT NULL,
  at INTEGER NOT NULL,
  events INTEGER NOT NULL,
  pruned_up_to INTEGER NOT NULL,
  indexed_up_to INTEGER NOT NULL,
  claim_token INTEGER NOT NULL
) STRICT;
INSERT INTO log VALUES (1, 0, 0, 0, 0, 0, 0);

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  sender TEXT NOT NULL,
  thread TEXT,
  level INTEGER NOT NULL,
  -- Until it has been marked as expired for whom it was unread.
  expires_at INTEGER,
  body TEXT NOT NULL,
  -- CRC-32 of id, time and body. A page's b-tree can be well-formed and its content still be damaged.
  crc INTEGER NOT NULL
) STRICT;
CREATE INDEX events_by_type ON events (type);
CREATE INDEX events_by_sender ON events (sender);
CREATE INDEX events_by_thread ON events (thread) WHERE thread IS NOT NULL;
-- The other levels are common: whoever asks for them walks the log and finds them.
CREATE INDEX events_actionable ON events (level) WHERE level = 2;
CREATE INDEX events_expiring ON events (expires_at) WHERE expires_at IS NOT NULL;

-- One row per event and channel, none per recipient. Lifecycle stands in the key and the sender in the row, so that
-- looking for unread mail skips both without touching the events.
CREATE TABLE postings (
  channel TEXT NOT NULL,
  is_lifecycle INTEGER NOT NULL,
  event INTEGER NOT NULL,
  sender TEXT NOT NULL,
  level INTEGER NOT NULL,
  -- 1: kept from inboxes until the operator continues its chain.
  held INTEGER NOT NULL,
  PRIMARY KEY (channel, is_lifecycle, event)
) STRICT, WITHOUT ROWID;
-- What wants somebody is rare on a busy channel and common in the whole log: neither index alone finds it (0.7 s).
CREATE INDEX postings_actionable ON postings (channel, event) WHERE level = 2;

-- The words of each event, cut and lowered by the bus's own rule and joined by blanks: every word is one token here.
-- No text is kept (content='') and no positions (detail=none): a search asks which events have all the words.
CREATE VIRTUAL TABLE words USING fts5 (
  text, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '_'"
);

CREATE TABLE sessions (
  num INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  codename TEXT NOT NULL UNIQUE,
  machine TEXT NOT NULL,
  client_id TEXT,
  repo TEXT,
  -- 1 once it has ended. Part of the indexes, so that the living are found without passing the dead.
  gone INTEGER NOT NULL,
  ended_at INTEGER,
  seen_at INTEGER NOT NULL,
  -- How far it has consumed: the highest id that it acknowledged or proved to have read.
  cursor INTEGER NOT NULL,
  session TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_by_client ON sessions (machine, client_id) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX sessions_by_living_name ON sessions (name) WHERE gone = 0;
CREATE INDEX sessions_by_name ON sessions (name);
CREATE INDEX sessions_by_seen ON sessions (gone, seen_at DESC, id);
CREATE INDEX sessions_by_repo ON sessions (repo, gone, seen_at DESC, id);
CREATE INDEX sessions_by_machine ON sessions (machine, gone, seen_at DESC, id);

-- Repos, machines, roles and topics that some session has or had.
CREATE TABLE known (
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
  session INTEGER NOT NULL REFERENCES sessions (num) ON DELETE CASCADE,
  channel TEXT NOT NULL,
  -- Nothing up to this id waits for the session here. It moves on as far as it can with each proof of reading.
  position INTEGER NOT NULL,
  -- 0 once it is followed no more; the position stays for another time.
  following INTEGER NOT NULL,
  -- The session's own, repeated for the index.
  gone INTEGER NOT NULL,
  PRIMARY KEY (session, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_by_channel ON subscriptions (channel, gone, session) WHERE following = 1;

-- A session's history with one event: from the first offer on.
CREATE TABLE deliveries (
  session INTEGER NOT NULL REFERENCES sessions (num) ON DELETE CASCADE,
  event INTEGER NOT NULL,
  leased INTEGER NOT NULL,
  done INTEGER NOT NULL,
  route TEXT,
  offered_at INTEGER,
  proof TEXT,
  consumed_at INTEGER,
  answered_by INTEGER,
  -- How it ended without being read: held or expired.
  outcome TEXT,
  PRIMARY KEY (session, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_event ON deliveries (event);
CREATE INDEX deliveries_leased ON deliveries (session, event) WHERE leased = 1;

-- Receipts of sessions that were forgotten with mail unread.
CREATE TABLE lost (
  event INTEGER NOT NULL,
  session TEXT NOT NULL,
  name TEXT NOT NULL,
  num INTEGER PRIMARY KEY
) STRICT;
CREATE INDEX lost_by_event ON lost (event);

CREATE TABLE state (
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  entry TEXT NOT NULL,
  UNIQUE (key, version)
) STRICT;
-- The version in force of each key that is not deleted.
CREATE TABLE present_state (
  key TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
  area TEXT NOT NULL,
  path TEXT NOT NULL,
  session INTEGER NOT NULL REFERENCES sessions (num) ON DELETE CASCADE,
  token INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  claim TEXT NOT NULL,
  PRIMARY KEY (area, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_session ON claims (session);

CREATE TABLE tokens (
  num INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  revoked INTEGER NOT NULL,
  token TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked = 0;
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash) WHERE revoked = 0;

CREATE TABLE kept (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The oldest first, so that forgetting needs no index by age.
CREATE TABLE keys (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  at INTEGER NOT NULL,
  results TEXT NOT NULL,
  UNIQUE (scope, key)
) STRICT;
