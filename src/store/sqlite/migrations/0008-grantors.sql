-- A session has its authority of whoever registered it: the operator, or a token. A token has an id that a later token of
-- the same name does not have.
ALTER TABLE tokens ADD COLUMN id TEXT NOT NULL DEFAULT '';
UPDATE tokens SET id = 'tok_' || substr(hash, 1, 16) || CASE
  WHEN EXISTS (SELECT 1 FROM tokens t WHERE t.hash = tokens.hash AND t.num < tokens.num) THEN '_' || num ELSE '' END;
CREATE UNIQUE INDEX tokens_by_id ON tokens (id);

-- Nobody wrote down who registered the sessions that are there. A token's live on its machine, so those on the machine of
-- a token are taken for that token's, of two the younger's; but on the hub's own machine they are the operator's. It is
-- the safe guess: at worst a session registers anew.
ALTER TABLE sessions ADD COLUMN grantor TEXT NOT NULL DEFAULT 'operator';
UPDATE sessions SET grantor = coalesce(
  (SELECT t.id FROM tokens t WHERE json_extract(t.token, '$.machine') = sessions.machine ORDER BY t.num DESC LIMIT 1),
  'operator'
)
WHERE machine <> (SELECT machine FROM sessions WHERE id = 'operator');
CREATE INDEX sessions_by_token ON sessions (grantor, gone) WHERE grantor <> 'operator';

-- Whoever registers finds its own sessions again, and nobody else's.
DROP INDEX sessions_by_client;
CREATE UNIQUE INDEX sessions_by_client ON sessions (grantor, machine, client_id) WHERE client_id IS NOT NULL;
