-- Why a session says what it says next (`loops.ts`), as JSON. Null where it was shown nothing yet.
ALTER TABLE sessions ADD COLUMN talk TEXT;
