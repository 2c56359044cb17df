-- What events are found by moves out of the commit: four indexes were four more pages to sync for each event (a sixth of
-- its processor's time). `facets` is filled behind the commit, together with the words, up to `log.indexed_up_to`.
DROP INDEX events_by_type;
DROP INDEX events_by_sender;
DROP INDEX events_by_thread;
DROP INDEX events_actionable;
DROP INDEX postings_actionable;

CREATE TABLE facets (
  -- 'type T', 'sender ID', 'thread T', 'actionable', 'actionable CHANNEL'
  facet TEXT NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (facet, event)
) STRICT, WITHOUT ROWID;

INSERT INTO facets
SELECT 'type ' || type, id FROM events WHERE id <= (SELECT indexed_up_to FROM log)
UNION ALL
SELECT 'sender ' || sender, id FROM events WHERE id <= (SELECT indexed_up_to FROM log)
UNION ALL
SELECT 'thread ' || thread, id FROM events WHERE thread IS NOT NULL AND id <= (SELECT indexed_up_to FROM log)
UNION ALL
SELECT 'actionable', id FROM events WHERE level = 2 AND id <= (SELECT indexed_up_to FROM log)
UNION ALL
SELECT 'actionable ' || channel, event FROM postings WHERE level = 2 AND event <= (SELECT indexed_up_to FROM log)
ORDER BY 1, 2;

ALTER TABLE postings DROP COLUMN level;
