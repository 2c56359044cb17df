-- For whom a message waits in the place of this session, by its id: it was taken over from one that had ended. For the session
-- that took it over that is itself, and the row makes it wait for that one whatever channels it follows.
ALTER TABLE deliveries ADD COLUMN taken_by TEXT;
CREATE INDEX deliveries_taken ON deliveries (session, taken_by, event) WHERE taken_by IS NOT NULL;
