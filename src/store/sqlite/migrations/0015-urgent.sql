-- Unread mail that may ring comes before older mail that may not, and is found without passing that: by a facet of each
-- channel that it was sent to. An event whose row is damaged gets none.
INSERT INTO facets (facet, event)
SELECT e.body ->> 'urgency' || ' ' || p.channel, p.event
FROM postings p JOIN events e ON e.id = p.event
WHERE p.is_lifecycle = 0
  AND CASE WHEN json_valid(e.body) THEN e.body ->> 'urgency' IN ('now', 'idle') AND e.body ->> 'held' IS NULL END
ORDER BY 1, 2;
