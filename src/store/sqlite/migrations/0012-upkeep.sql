-- What upkeep looks for, so that a piece of it need not pass what is to stay.
CREATE INDEX claims_by_expiry ON claims (expires_at);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE gone = 1;
