-- What has happened to this file that a person should know of: see log-generation.ts.
CREATE TABLE incidents (
  num INTEGER PRIMARY KEY,
  -- By the machine's date: the store's clock was not there yet.
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
