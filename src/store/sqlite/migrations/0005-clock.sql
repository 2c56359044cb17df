-- How far the store's clock was ahead of its machine's when this row was written; see src/bus/store-clock.ts.
ALTER TABLE log ADD COLUMN ahead_ms INTEGER NOT NULL DEFAULT 0;
